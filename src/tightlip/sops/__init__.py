"""Files that must be encrypted, and are or are not.

concern.py tells, on every commit, whether any may have to be. creation.py reads `.sops.yaml`, attributes.py asks for
.gitattributes, document.py reads what SOPS wrote, check.py compares, other.py knows what else encrypts. staged.py,
files.py and past.py find files in the index, on disk and in commits; earlier.py follows one back through renames.
"""
