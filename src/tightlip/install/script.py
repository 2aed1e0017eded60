"""What is in a hook: POSIX sh, which git brings along on Windows, too."""

from __future__ import annotations

import os
import re
import shlex
import stat
from typing import NamedTuple

from tightlip.git import hookfolder
from tightlip.git.hookfolder import MARK

ASIDE = ".before-tightlip"
"""The end of the name of what was there before, which a hook runs first."""

_MADE = re.compile(r"^# folders made for it: (\d+)$", re.MULTILINE)
_READING = frozenset(("pre-push", "pre-receive"))
"""The hooks that git tells something on standard input, which everything that they run must get."""

_HEAD = """\
#!/bin/sh
{mark}
# Made by `tightlip install`; `tightlip uninstall` takes it out, and puts back what was here before.
"""
_FOLDERS = "# folders made for it: {folders}\n"
_BODY = """\
program={program}
python={python}

# What a shell says of a program that it cannot start, and the Python below where it has no tightlip.
lost() {{ [ "$1" -eq 126 ] || [ "$1" -eq 127 ]; }}
{reading}
# What was here before: where it fails, all stops.
first() {{
    hook=$1
    shift
    if [ -f "$hook" ] && [ -x "$hook" ]; then
        {feed}"$hook" "$@" || exit $?
    fi
}}
case $0 in */*) here=${{0%/*}} ;; *) here=. ;; esac
first "$here/{event}{aside}" "$@"
{common}
for it in "$program" tightlip-hook; do
    if command -v "$it" >/dev/null 2>&1; then
        {feed}"$it" {command} "$@"
        code=$?
        lost "$code" || exit "$code"
    fi
done
for it in "$python" python3 python; do
    if command -v "$it" >/dev/null 2>&1; then
        {feed}"$it" -c 'import sys
sys.path = [it for it in sys.path if it]  # not the folder that this runs in, which is the repository
try:
    from tightlip.hooks import main
except ImportError:
    sys.exit(127)
sys.exit(main())' {command} "$@"
        code=$?
        lost "$code" || exit "$code"
    fi
done
echo "tightlip: the {event} hook does not find tightlip, so nothing was looked at, and git stops here." >&2
echo "tightlip: it is not at $program and not on the PATH: install it and run tightlip install, or remove $0" >&2
exit 2
"""
_READ = """
input=$(cat && echo .) || exit $?
input=${input%.}
"""
_FEED = "printf '%s' \"$input\" 2>/dev/null | "
_COMMON = """\
common=$(git rev-parse --git-common-dir) || exit $?
first "$common/hooks/{event}" "$@"
"""
_PASSING = """\
# Git looks here for every repository's hooks: this one is only handed on.
common=$(git rev-parse --git-common-dir) || exit $?
hook=$common/hooks/{event}
if [ -f "$hook" ] && [ -x "$hook" ]; then
    exec "$hook" "$@"
fi
exit 0
"""


class Program(NamedTuple):
    """What a hook runs, if it is still there; otherwise what is on the PATH."""

    hook: str
    """Where `tightlip-hook` is; empty where only Python is known."""
    python: str
    """The Python that tightlip is installed for."""


def calling(event: str, command: str, program: Program, *, everywhere: bool, folders: int) -> bytes:
    """Return a hook that calls tightlip.

    Parameters: `command`, what `tightlip-hook` is asked for; `everywhere`, whether git runs it for all repositories, so
    that it has to run theirs; `folders`, how many folders are made for it.
    """
    reads = event in _READING
    body = _BODY.format(
        program=_quoted(program.hook or "tightlip-hook"),
        python=_quoted(program.python),
        event=event,
        aside=ASIDE,
        command=command,
        reading=_READ if reads else "",
        feed=_FEED if reads else "",
        common=_COMMON.format(event=event) if everywhere else "",
    )
    return os.fsencode(_head(folders) + body)


def passing(event: str, folders: int) -> bytes:
    """Return a hook that only hands on to the repository's own. Parameters: as of `calling`."""
    return os.fsencode(_head(folders) + _PASSING.format(event=event))


def ours(path: str) -> str | None:
    """Return the text of a hook that tightlip made; None for anything else. A link is somebody else's doing."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
    except OSError:
        return None
    found = hookfolder.hook("", path)
    return found.text if found and found.made_by == hookfolder.OWN else None


def folders(text: str) -> int:
    """Return how many folders were made for a hook."""
    found = _MADE.search(text)
    return int(found[1]) if found else 0


def _head(folders: int) -> str:
    return _HEAD.format(mark=MARK) + (_FOLDERS.format(folders=folders) if folders else "")


def _quoted(path: str) -> str:
    return shlex.quote(path.replace(os.sep, "/"))
