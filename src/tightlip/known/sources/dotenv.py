"""The values of a .env file, as programs read it: `dotenv:.env`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

from tightlip.errors import UsageError
from tightlip.known.asking import library, some
from tightlip.known.contents import assignments
from tightlip.known.reading import content, text
from tightlip.known.secret import Known
from tightlip.known.unread import Unread


def secrets(where: str) -> Iterator[Known]:
    """Yield the values of a file; of one with `${...}` in it, as it is written and as it is read.

    Raises `UsageError`, also where the file gives nothing a value.
    """
    source = f"dotenv:{where}"
    with library("dotenv", source):
        import dotenv.main  # noqa: F401 - asked for before anything is read
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # it warns of lines that are no assignments
    written = text(source, content(source, where))
    error = UsageError(f"{source}: no line of it gives a name a value (NAME=VALUE); is this the right file?")
    yield from some(_values(written), error)


def _values(written: str) -> Iterator[Known]:
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    read = dotenv_values(stream=StringIO(written))
    for binding in parse_stream(StringIO(written)):
        if binding.error:
            yield from _unclear(binding.original.string, binding.original.line)
        elif binding.key is not None:
            for each in dict.fromkeys((binding.value, read.get(binding.key))):
                if each is not None:
                    yield Known(binding.key, each.encode("utf-8", "surrogatepass"))


def _unclear(written: str, first: int) -> Iterator[Known]:
    """Yield what each line seems to say where the reader gave up, say at a quote, and that this is not sure.

    Parameters: `first`, the number of the first of these lines.
    """
    if "=" not in written:
        return
    yield Unread(f"line {first}", "what begins there is read in different ways; close its quotes", is_current=True)
    for name, value in assignments(written.encode("utf-8", "surrogatepass").split(b"\n")):
        yield Known(name, value[1:] if value[:1] in (b"'", b'"') else value)
