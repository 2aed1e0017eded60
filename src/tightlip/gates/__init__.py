"""The places beside the commit where a secret is stopped: a commit's message, a push, and the server that gets it."""
