"""Git: every call of it, hardened, and what tightlip reads through it."""
