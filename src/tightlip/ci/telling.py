"""What a job leaves where its platform shows it: in the log, beside the changed files, on the page of the build.

A log is read by the platform for commands, so what comes from a repository is never one: GitHub is told to look for
none in the text, and the marks of Azure are taken apart.
- GitHub: https://docs.github.com/actions/reference/workflow-commands-for-github-actions (stop-commands; a summary has
  at most 1 MiB a step)
- Azure: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands (logissue, uploadsummary)
- Buildkite: https://buildkite.com/docs/agent/cli/reference/annotate
- GitLab: https://docs.gitlab.com/user/application_security/secret_detection/
- Bitbucket looks for tests' results in `test-results`: https://support.atlassian.com/bitbucket-cloud/docs/test-reporting-in-pipelines/
"""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tightlip.report import FORMATS
from tightlip.report.redact import redactor
from tightlip.report.remark import escaped, put

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tightlip.ci.edits import Edit
    from tightlip.finding import Report
    from tightlip.report import Options

FILES = {
    "gitlab": ("gitlab", "gl-secret-detection-report.json"),
    "bitbucket": ("junit", "test-results/tightlip-junit.xml"),
    "jenkins": ("junit", "tightlip-junit.xml"),
    "circleci": ("junit", "tightlip-junit.xml"),
}
"""The format and the file that a platform picks up."""
_LARGEST = 1 << 20
"""The most bytes of a summary or an annotation."""
_SECONDS = 60
_MARKS = re.compile("#(?=#)")
_OF_GITHUB = {"%": "%25", "\r": "%0D", "\n": "%0A"}, {":": "%3A", ",": "%2C"}
_OF_AZURE = {"%": "%AZP25", "\r": "%0D", "\n": "%0A"}, {";": "%3B", "]": "%5D"}
"""What is written otherwise in a command; and what more in its properties."""


class Told(NamedTuple):
    """What is told."""

    report: Report
    edits: Sequence[Edit]
    options: Options
    """How the log looks."""


def log(name: str, told: Told, out: TextIO) -> None:
    """Write what belongs into the log. Parameters: `name`, of the platform."""
    _LOGS.get(name, _text)(told, out)


def publish(name: str, told: Told, out: TextIO, environ: Mapping[str, str]) -> str:
    """Put a summary on the page of the build, where the platform has one, and return what went wrong."""
    return _PAGES[name](told, out, environ) if name in _PAGES else ""


def _text(told: Told, out: TextIO) -> None:
    FORMATS["text"](told.report, out, told.options)


def _github(told: Told, out: TextIO) -> None:
    FORMATS["github"](told.report, out, told.options)
    edits = _edits(told, _OF_GITHUB)
    out.writelines(f"::warning file={path},title=tightlip::{text}\n" for path, text in edits)
    end = secrets.token_hex(16)
    out.write(f"::stop-commands::{end}\n")
    _text(told, out)
    out.write(f"::{end}::\n")


def _azure(told: Told, out: TextIO) -> None:
    FORMATS["azure"](told.report, out, told.options)
    edits = _edits(told, _OF_AZURE)
    out.writelines(f"##vso[task.logissue type=warning;sourcepath={path};]{text}\n" for path, text in edits)
    plain = io.StringIO()
    _text(told, plain)
    put((_MARKS.sub("# ", line) for line in plain.getvalue().split("\n")[:-1]), out)


def _edits(told: Told, escapes: tuple[dict[str, str], dict[str, str]]) -> list[tuple[str, str]]:
    hide = redactor(told.report.with_known(), told.options)
    in_text, besides = escapes
    in_property = in_text | besides
    return [(escaped(hide.name(it.path), in_property), escaped(hide.name(it.what), in_text)) for it in told.edits]


def _markdown(told: Told) -> bytes:
    out = io.StringIO()
    FORMATS["markdown"](told.report, out, told.options)
    return out.getvalue().encode("utf-8", "replace")


def _summary(told: Told, out: TextIO, environ: Mapping[str, str]) -> str:
    del out
    file = environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return ""
    text = _markdown(told)
    try:
        if len(text) + (os.path.getsize(file) if os.path.exists(file) else 0) > _LARGEST:
            return "the summary does not fit into what GitHub takes of a step; the log has all of it"
        with open(file, "ab") as summary:
            summary.write(text)
    except OSError as error:
        return f"GITHUB_STEP_SUMMARY cannot be written: {error.strerror}"
    return ""


def _upload(told: Told, out: TextIO, environ: Mapping[str, str]) -> str:
    folder = environ.get("AGENT_TEMPDIRECTORY")
    try:
        file, path = tempfile.mkstemp(prefix="tightlip-", suffix=".md", dir=folder or None)
        with os.fdopen(file, "wb") as summary:
            summary.write(_markdown(told))
    except OSError as error:
        return f"the summary cannot be written: {error.strerror}"
    out.write(f"##vso[task.uploadsummary]{escaped(os.path.abspath(path), _OF_AZURE[0])}\n")
    return ""


def _annotate(told: Told, out: TextIO, environ: Mapping[str, str]) -> str:
    """Give Buildkite's agent the summary of what is wrong, if its program is there."""
    del out
    program = shutil.which("buildkite-agent", path=environ.get("PATH"))
    if (told.report.complete and not told.report.findings) or not program or not os.path.isabs(program):
        return ""
    command = [program, "annotate", "--style", "error", "--context", "tightlip"]
    try:
        done = subprocess.run(
            command, input=_markdown(told)[:_LARGEST], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "buildkite-agent did not take the annotation; the log has all of it"
    return f"buildkite-agent annotate ended with {done.returncode}; the log has all of it" if done.returncode else ""


_LOGS: dict[str, Callable[[Told, TextIO], None]] = {"github": _github, "azure": _azure}
_PAGES: dict[str, Callable[[Told, TextIO, Mapping[str, str]], str]] = {
    "github": _summary,
    "azure": _upload,
    "buildkite": _annotate,
}
