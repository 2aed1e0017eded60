"""What gitleaks and betterleaks know of findings: ignore files, and gitleaks' JSON report, which is also its baseline.

https://github.com/gitleaks/gitleaks#gitleaksignore; betterleaks 2 lists a SHA-256 of each value in place of places.
"""

from __future__ import annotations

import re

from tightlip.errors import UsageError
from tightlip.interop import reading
from tightlip.interop.foreign import Foreign, ForeignFinding
from tightlip.interop.reading import string, table, whole
from tightlip.model import Secret

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HIDDEN = re.compile(r"(?:REDACTED|.*\.\.\.)?", re.DOTALL)


def read_ignore(path: str) -> Foreign:
    """Read an ignore file: `file:rule:line`, `commit:file:rule:line`, or the SHA-256 of a value.

    Nobody says in it whether what is ignored is a secret.
    """
    found = Foreign()
    # `splitlines` would also end a line at what is none to gitleaks.
    for number, line in enumerate(reading.text(path).replace("\r\n", "\n").split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if _SHA256.fullmatch(text):
            found.findings.append(ForeignFinding("", "a value", sha256=text, ignored=True))
            continue
        parts = text.split(":")
        if len(parts) not in (3, 4) or not parts[-1].isascii() or not parts[-1].isdigit() or len(parts[-1]) > 9:
            found.leave(f"{path}:{number}", "neither file:rule:line nor commit:file:rule:line")
            continue
        commit = parts[0] if len(parts) == 4 else ""
        if commit and not _COMMIT.fullmatch(commit):
            found.leave(f"{path}:{number}", "its first part is no commit")
            continue
        place, rule, at = parts[-3:]
        found.findings.append(ForeignFinding(place.replace("\\", "/"), rule, int(at), commit, ignored=True))
    return found


def read_report(path: str) -> Foreign:
    """Read a JSON report. A value in it stays wrapped; where gitleaks redacted it, the place is all there is."""
    content = reading.json_file(path)
    if not isinstance(content, list):
        raise UsageError(f"{path}: not a report of gitleaks, which is a list of findings")
    found = Foreign()
    for number, item in enumerate(content, 1):
        what = f"{path}: finding {number}"
        entry = table(item, what)
        place = string(entry.get("File"), f"{what}: File").replace("\\", "/")
        value = string(entry.get("Secret"), f"{what}: Secret")
        if not place:
            found.leave(what, "it names no file")
            continue
        found.findings.append(
            ForeignFinding(
                path=place,
                kind=string(entry.get("RuleID"), f"{what}: RuleID"),
                line=whole(entry.get("StartLine"), f"{what}: StartLine"),
                commit=string(entry.get("Commit"), f"{what}: Commit"),
                secret=None if _HIDDEN.fullmatch(value) else Secret(value.encode("utf-8", "surrogatepass")),
            )
        )
    return found
