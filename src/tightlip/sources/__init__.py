"""Where blobs come from, other than a repository's objects: one file a source."""
