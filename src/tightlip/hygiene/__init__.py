"""How secrets are kept out of a repository: what git ignores, `.env` files and their examples, CI files, images, state.

One idea a file, each a `look` that yields problems (problem.py). Nothing is changed but by gitignore.py's `add`, and no
value is in any problem.
"""
