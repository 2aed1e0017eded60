"""Where known secrets come from: a module for each kind, named like it with - as _, found by that name.

Each has a docstring, which is told of it, and one function `secrets(where)`, which yields `Known` and raises
`UsageError` with one clear line: what, where, and what to do next; never with a value, nor from an exception whose text
may hold one (`raise ... from None`). A source that has nothing at all raises it, too: a scan for nothing looks clean.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.known.secret import Known, Where

if TYPE_CHECKING:
    from types import ModuleType

_KIND = re.compile("[a-z][a-z0-9-]*")


def kinds() -> dict[str, str]:
    """Return what each kind is, in a line, by its name."""
    names = sorted(name.removesuffix(".py") for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py"))
    return {
        name.replace("_", "-"): (_module(name).__doc__ or "").partition("\n")[0] for name in names if name[0] != "_"
    }


def where_of(text: str) -> Where:
    """Read `KIND:WHERE`. Raises `UsageError`, which does not show the text: it may be a secret in the wrong place."""
    kind, colon, where = text.partition(":")
    if not colon or not where:
        raise UsageError("a known secret is given as KIND:WHERE, such as dotenv:.env, and never as the value itself")
    if not _KIND.fullmatch(kind) or not find_spec(f"{__name__}.{_module_name(kind)}"):
        from difflib import get_close_matches

        names = list(kinds())
        close = get_close_matches(kind, names, n=1)
        meant = f", did you mean {close[0]}?" if close else ""
        raise UsageError(f"KIND of KIND:WHERE is one of {', '.join(names)}{meant}")
    return Where(kind, where)


def secrets(where: Where) -> Iterator[Known]:
    """Yield what a source has. Raises `UsageError`."""
    found: Iterator[Known] = _module(_module_name(where.kind)).secrets(where.where)
    for known in found:
        known.source = known.source or str(where)
        yield known


def _module_name(kind: str) -> str:
    return kind.replace("-", "_")


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
