"""Where a value stands, and how."""

from __future__ import annotations

from typing import NamedTuple


class Form(NamedTuple):
    """One way in which a value stands somewhere.

    `which` is the index of the value. `name` is `plain`, `latin-1`, `utf-16`, `utf-32`, `base64`, `hex`, `base64 of
    utf-16`, `hex of utf-16`, `percent`, `html`, `quoted-printable`, `escaped`, `split`, `split over lines`, or one of
    these after `utf-16: `; or `inside ` and what is compressed: then the place is all of it. `start` and `end` are in
    bytes.
    """

    which: int
    name: str
    start: int
    end: int
