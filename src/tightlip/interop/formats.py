"""Which reader takes which file of which scanner."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from tightlip.errors import UsageError
from tightlip.interop.foreign import Foreign

_REPORTS = (".json", ".jsonl", ".ndjson")


def read(scanner: str, files: Sequence[str]) -> Foreign:
    """Read files of a scanner, one of `SCANNERS`, as one. Raises `UsageError`."""
    known = SCANNERS[scanner]
    found = Foreign()
    for file in files or _usual(scanner):
        one = known(file)
        found.rules += one.rules
        found.allows += one.allows
        found.findings += [replace(it, source=os.path.basename(file)) for it in one.findings]
        found.left += one.left
    return found


def _usual(scanner: str) -> Sequence[str]:
    """Return the files that a scanner itself looks for in the current folder."""
    found = [name for name in USUAL[scanner] if os.path.exists(name)]
    if not found:
        missing = f"there is no {' or '.join(USUAL[scanner])} here" if USUAL[scanner] else "it has no usual file"
        raise UsageError(f"{missing}: name the files, as tightlip import {scanner} FILE")
    return found


def _gitleaks(path: str) -> Foreign:
    from tightlip.interop import gitleaks, gitleaks_findings

    if path.endswith(".toml"):
        return gitleaks.read(path)
    if path.endswith(".json"):
        return gitleaks_findings.read_report(path)
    if path.endswith("ignore"):
        return gitleaks_findings.read_ignore(path)
    raise UsageError(f"{path}: which file is it? A configuration ends in .toml, a report in .json, a list in ignore")


def _betterleaks(path: str) -> Foreign:
    return _reported(path, "betterleaks") if path.endswith(_REPORTS) else _gitleaks(path)


def _detect_secrets(path: str) -> Foreign:
    from tightlip.interop import detect_secrets

    return detect_secrets.read(path)


def _git_secrets(path: str) -> Foreign:
    from tightlip.git.repo import git_for
    from tightlip.interop import git_secrets

    return git_secrets.read(git_for(path))


def _kingfisher(path: str) -> Foreign:
    from tightlip.interop import gitleaks, kingfisher

    if path.endswith(_REPORTS):
        return _reported(path, "kingfisher")
    return gitleaks.read(path) if path.endswith(".toml") else kingfisher.read(path)


def _trufflehog(path: str) -> Foreign:
    from tightlip.interop import trufflehog

    return _reported(path, "trufflehog") if path.endswith(_REPORTS) else trufflehog.read(path)


def _reported(path: str, scanner: str) -> Foreign:
    from tightlip.interop import reported_findings

    return reported_findings.read(path, scanner)


SCANNERS: dict[str, Callable[[str], Foreign]] = {
    "gitleaks": _gitleaks,
    "betterleaks": _betterleaks,
    "detect-secrets": _detect_secrets,
    "git-secrets": _git_secrets,
    "kingfisher": _kingfisher,
    "trufflehog": _trufflehog,
}
USUAL: dict[str, Sequence[str]] = {
    "gitleaks": (".gitleaks.toml", ".gitleaksignore"),
    "betterleaks": (".betterleaks.toml", ".gitleaks.toml", ".betterleaksignore", ".gitleaksignore"),
    "detect-secrets": (".secrets.baseline",),
    "git-secrets": (".",),  # a repository: its settings are git's
    "kingfisher": (),
    "trufflehog": (),
}
"""The files that a scanner itself looks for."""
