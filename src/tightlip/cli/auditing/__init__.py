"""The screen of `tightlip audit`. Imported only when it starts: it needs Textual, which not everybody has."""
