"""What is installed: Python, git, what makes scans quick, the cache of compiled rules, the user's configuration."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tightlip import __version__, cachefolder
from tightlip.config import found
from tightlip.doctor.told import MEND, NOTE, OK, Told, apart
from tightlip.errors import GitError
from tightlip.git import version
from tightlip.report.style import count, size

if TYPE_CHECKING:
    from tightlip.doctor.here import Here

_NEEDS = (
    ((2, 25), "scan-history needs 2.25 (rev-parse --show-object-format)"),
    ((2, 30), "purge needs 2.30 (rev-parse --end-of-options)"),
    ((2, 31), "git-secrets --install needs 2.31 (rev-parse --path-format)"),
)
"""The first version of git that has what a command asks it for."""
_QUICK = (
    ("hyperscan", "without it every rule's literals are searched for one by one: slower", "pip install hyperscan"),
    ("isal", "without it objects are inflated with zlib: histories are slower", "pip install isal"),
)
_NATIVE = (
    "tightlip.engine._runs",
    "tightlip.git._listing",
    "tightlip.git.packs._deltas",
    "tightlip.purge.rewriting._trees",
)
_COMPILE = "install a C compiler and Python's headers, then pip install --force-reinstall --no-cache-dir tightlip"
_EXTRAS = (
    ("textual", "tightlip audit shows no screen without it", "pip install textual"),
    ("detect_secrets", "its plugins do not run without it", "pip install detect-secrets"),
)
_RULES = re.compile(r"(?:rules|patterns)-[0-9a-f]{8}")


def look(_: Here) -> Iterator[Told]:
    """Tell what is there, and what scans would be quicker with."""
    where = os.path.dirname(os.path.abspath(sys.modules["tightlip"].__file__ or ""))
    yield Told(OK, f"tightlip {__version__}", where)
    yield Told(OK, f"{platform.python_implementation()} {platform.python_version()}", sys.executable)
    yield from _git()
    for name, what, how in _QUICK:
        yield _installed(name, what, how)
    yield from _native()
    yield from _cache()
    for name, what, how in _EXTRAS:
        yield _installed(name, what, how)
    yield from _configuration()


def _git() -> Iterator[Told]:
    try:
        said = version.said()
    except GitError as error:
        yield Told(MEND, "git cannot be run", *apart(error))
        return
    missing = [what for least, what in _NEEDS if version.number(said) < least]
    if missing:
        yield Told(MEND, "git is too old", f"{said}; {'; '.join(missing)}", "install a newer git")
    else:
        yield Told(OK, said, shutil.which("git") or "")


def _installed(name: str, what: str, how: str) -> Told:
    shown = name.replace("_", "-")
    try:
        is_there = find_spec(name) is not None
    except (ImportError, ValueError):
        is_there = False
    return Told(OK, f"{shown} is installed") if is_there else Told(NOTE, f"{shown} is not installed", what, how)


def _native() -> Iterator[Told]:
    missing = [name for name in _NATIVE if not _loads(name)]
    if missing:
        evidence = f"{', '.join(missing)}: the same is done in Python, which takes longer on a large history"
        yield Told(NOTE, "native parts are not compiled", evidence, _COMPILE)
    else:
        yield Told(OK, "native parts are compiled", count(len(_NATIVE), "module"))


def _loads(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _cache() -> Iterator[Told]:
    folder = cachefolder.path()
    if not cachefolder.is_usable() or not os.access(folder, os.W_OK):
        is_open = os.path.isdir(folder) and os.access(folder, os.W_OK)
        what = "others can write to the cache folder" if is_open else "the cache folder cannot be written"
        how = f"chmod go-w {folder}" if is_open else "export TIGHTLIP_CACHE=FOLDER, one that only you can write"
        yield Told(MEND, f"{what}, so that every run compiles the rules anew", folder, how)
        return
    files = {entry.name: entry.stat().st_size for entry in os.scandir(folder) if entry.is_file()}
    rules = {name for name in files if _RULES.fullmatch(name)}
    total = f"{folder}: {count(len(rules), 'file')} of compiled rules, {size(sum(files.values()))} in all"
    if any(name.startswith("rules-") for name in rules):
        yield Told(OK, "the rules are compiled", total)
    else:
        yield Told(NOTE, "the rules are not compiled yet: the next run does it", total, "tightlip scan-staged")


def _configuration() -> Iterator[Told]:
    for name, path in (("organisation", found.organisation()), ("user", found.user())):
        if path:
            yield Told(OK, f"the {name}'s configuration", path + ("" if os.path.exists(path) else " (not there)"))
