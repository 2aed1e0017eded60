"""The baseline: findings that are known and judged, in one file that a repository keeps.

file.py reads and writes it, entry.py says what is in it, place.py where it is; matching.py takes out of a report what
it knows, making.py turns findings into entries, and changes.py says what a commit does to it.
"""
