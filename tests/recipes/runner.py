"""A runner of GitHub's, as far as action.yml needs one: it runs the steps of the action in a folder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from recipes import ACTION, load

BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""What `shell: bash` is: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#defaultsrunshell"""
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
SOURCE = ("GITHUB_", "RUNNER_", "INPUT_", "GIT_DIR", "CI", "PYTHON")


class Done(NamedTuple):
    """What the steps did, up to the first that failed."""

    code: int
    printed: str
    outputs: dict[str, str]
    summary: str


def definition() -> dict[str, dict[str, dict[str, str]]]:
    """Return what action.yml says."""
    return load(ACTION.read_text("utf-8"))  # type: ignore[return-value]


def steps() -> list[dict[str, object]]:
    """Return the steps of the action."""
    return definition()["runs"]["steps"]  # type: ignore[return-value]


class Runner(NamedTuple):
    """A machine: a folder for the job's own things, a checkout of the action, and what is to be scanned."""

    temp: Path
    action: Path
    workspace: Path
    event: dict[str, str]

    def run(self, **inputs: str) -> Done:
        """Run the action. Parameters: `inputs`, with underscores for hyphens; the others are what they are without."""
        given = {name: str(about["default"]) for name, about in definition()["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        output, summary = self.temp / "output", self.temp / "summary"
        output.write_text("")
        summary.write_text("")
        printed, code = "", 0
        for step in steps():
            script = self.temp / "step.sh"
            script.write_text(str(step["run"]), "utf-8")
            env = {name: INPUT.sub(lambda it: given[it[1]], value) for name, value in dict(step["env"]).items()}  # type: ignore[call-overload]
            done = subprocess.run(
                [*BASH, str(script)],
                cwd=self.workspace,
                env=self._environment() | env | {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                check=False,
            )
            printed, code = printed + done.stdout, done.returncode
            if code:
                break
        written = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
        return Done(code, printed, written, summary.read_text("utf-8"))

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SOURCE)}
        return (
            kept
            | {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_ACTION_PATH": str(self.action)}
            | {"GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temp)}
            | self.event
        )
