"""Packs, read in process: every object inflated once and resolved once, straight from the files."""
