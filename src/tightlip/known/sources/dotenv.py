"""The values of a .env file, as programs read it: `dotenv:.env`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

from tightlip.known.asking import library
from tightlip.known.reading import content, text
from tightlip.known.secret import Known


def secrets(where: str) -> Iterator[Known]:
    """Yield the values of a file; of one with `${...}` in it, as it is written and as it is read."""
    source = f"dotenv:{where}"
    with library("dotenv", source):
        from dotenv import dotenv_values
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # it warns of lines that are no assignments
    written = text(source, content(source, where))
    read = dotenv_values(stream=StringIO(written))
    for name, value in dotenv_values(stream=StringIO(written), interpolate=False).items():
        for each in dict.fromkeys((value, read.get(name))):
            if each is not None:
                yield Known(name, each.encode("utf-8", "surrogatepass"))
