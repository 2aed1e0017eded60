"""What a CI file's scripts print: a log is read by many, and a platform masks a secret in one form only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tightlip.hygiene.naming import is_secret
from tightlip.hygiene.problem import Problem
from tightlip.hygiene.tree import Scalar

_RUN = ("run", "script", "before_script", "after_script", "command", "bash", "powershell", "pwsh", "inlineScript")
_ECHO = re.compile(r"\b(?:echo|printf|Write-Host|Write-Output|print)\b(?P<said>[^\n|>;&]*)(?=(?P<rest>[^\n]*))")
_PUT_IN = re.compile(r"\$\{\{\s*(?:secrets\.\w+|(?:inputs|env|github)\.([\w-]+))")
_VARIABLE = re.compile(r"\$(?:env:)?\{?(?:env:)?(\w+)(?!\w|:?\+)|\$\((\w+)\)")
"""`$NAME`, `${NAME}`, PowerShell's `$env:NAME`, Azure's `$(NAME)`; and not `${NAME:+set}`, which tells no value."""
_QUOTED = re.compile(r"(?<=\s)'[^'\"\n]*'(?=\s|$)")
"""In these, a shell puts nothing in the place of `$NAME`."""
_NEXT = re.compile(r";|&&|\|\|")
_PIPE = re.compile(r"\|")
_TO_FILE = re.compile(r"(?<![02-9&])>>?\s*(?!&\d|/dev/(?:stdout|stderr|tty))[^\s>&]|<<<")
_SHOW = re.compile(r"\s*(?:base64|tee|cat|rev|xxd|od|hexdump|tr|sed|cut|fold|sort)\b")
"""What prints, in another form, what it is given."""
_MASK = "::add-mask::"
_EVERYTHING = re.compile(r"(?:^|[;&]\s*)(?:printenv|env|export -p)\s*(?:$|[;&]|\|\s*(?:sort|cat|tee)\b)")
_TRACE = re.compile(r"(?:^|[;&]\s*)set\s+(?:-[a-z]*x[a-z]*|-[a-z]*o\s+xtrace)\b")
_NO_TRACE = re.compile(r"(?:^|[;&]\s*)set\s+\+[a-z]*x", re.MULTILINE)


def look(path: str, it: Scalar, *, has_secrets: bool) -> Iterator[Problem]:
    """Yield what a text of a CI file prints, where it is a script.

    Parameters: `has_secrets`, whether the file's variables may hold any.
    """
    if not any(key in _RUN for key in it.path):
        return
    is_block = "\n" in it.value  # it begins on the line after its mark
    lines = it.value.split("\n")
    for number, line in enumerate(lines):
        where = f"{path}:{it.line + number + is_block}"
        if _prints(line):
            what = "a secret is printed: the log may show it, in another form than the one that is masked"
            yield Problem(where, what)
        elif has_secrets and _EVERYTHING.search(line.strip()):
            yield Problem(where, "all variables, with their values, are printed onto the log")
        elif _TRACE.search(line.strip()) and _names(_NO_TRACE.split("\n".join(lines[number:]))[0]):
            yield Problem(where, "commands are printed onto the log, with the secrets that they are given")


def _prints(line: str) -> bool:
    return _MASK not in line and any(
        _names(_QUOTED.sub("", found["said"])) and not _goes_elsewhere(line[: found.start()], found["rest"])
        for found in _ECHO.finditer(line)
    )


def _names(text: str) -> bool:
    """Whether a script names a secret."""
    put_in = (found[1] for found in _PUT_IN.finditer(text))  # none of a name is one out of the store
    variables = (found[1] or found[2] for found in _VARIABLE.finditer(text))
    return any(name is None or is_secret(name) for name in put_in) or any(map(is_secret, variables))


def _goes_elsewhere(before: str, rest: str) -> bool:
    """Whether what a command prints goes elsewhere than to the log. Parameters: what is around it on its line."""
    if before.rfind("$(") > before.rfind(")") or before.count("`") % 2:
        return True  # it is put into a command
    rest = _NEXT.split(rest, maxsplit=1)[0]
    if _TO_FILE.search(rest):
        return True
    *_, last = _PIPE.split(rest)
    return "|" in rest and not _SHOW.match(last)
