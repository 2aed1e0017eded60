"""What compressed files and archives begin with. What reads them is loaded for one only."""

from __future__ import annotations

GZIP, BZIP2, XZ, ZIP, TAR = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"PK\x03\x04", b"ustar"
TAR_AT = 257
"""Where the mark of tar stands."""
_FIRST = (GZIP, BZIP2, XZ, ZIP)


def is_container(text: bytes) -> bool:
    """Whether a text begins like a compressed file or an archive."""
    return text.startswith(_FIRST) or is_tar(text)


def is_tar(text: bytes) -> bool:
    """Whether a text begins like a tar archive."""
    return text.startswith(TAR, TAR_AT)
