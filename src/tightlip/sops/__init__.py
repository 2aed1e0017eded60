"""Files that must be encrypted, and are or are not.

creation.py reads `.sops.yaml`, document.py what SOPS wrote, check.py compares the two, other.py knows what else
encrypts. staged.py and files.py find files in the index and on disk; earlier.py looks for plaintext in the history.
"""
