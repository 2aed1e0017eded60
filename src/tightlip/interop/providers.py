"""Programs that print what git-secrets is to look for: run only where the user's own configuration names them.

None that a repository names or holds is ever run: not by a relative path, not through git's aliases, not from its
folder. What AWS's own provider prints is read here, without a program.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from configparser import ConfigParser, Error
from typing import NamedTuple

from tightlip.interop.git_secrets import Setting, escaped

_SECONDS, _MOST_BYTES = 30, 1 << 20
_AWS = ["git", "secrets", "--aws-provider"]
_AWS_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


class Provided(NamedTuple):
    """What a provider gave."""

    patterns: tuple[str, ...]
    problem: str = ""
    """Why it gave nothing."""


def ask(provider: Setting, top: str) -> Provided:
    """Return the patterns of a provider. Parameters: `top`, the folder of the repository: no program in it is run."""
    try:
        words = shlex.split(provider.value)
    except ValueError:
        return Provided((), "its quotes do not pair")
    if words == _AWS or (words[:3] == _AWS and provider.is_own):
        return _of_aws(*words[3:4])
    program = shutil.which(words[0]) if words else None
    if problem := _problem(provider, program, top):
        return Provided((), problem)
    return _run([program or "", *words[1:]])


def _problem(provider: Setting, program: str | None, top: str) -> str:
    """Say why a program is not run; nothing where it may be."""
    if not provider.is_own:
        return "a repository's configuration names it, and such a program is never run"
    if program is None:
        return "there is no such program"
    if os.path.basename(program).startswith("git"):
        return "git would run what a repository says"
    if not os.path.isabs(program) or _is_below(program, top):
        return "a program in the repository, which is never run"
    return ""


def _run(command: list[str]) -> Provided:
    try:
        # Not in the repository, from which Python and others would take their modules.
        done = subprocess.run(
            command,
            cwd=os.path.expanduser("~"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return Provided((), f"it cannot be run, or took more than {_SECONDS} seconds")
    if done.returncode:
        return Provided((), f"it failed with exit code {done.returncode}")
    if len(done.stdout) > _MOST_BYTES:
        return Provided((), "it printed more than a megabyte")
    lines = done.stdout.decode("utf-8", "replace").replace("\r", "").split("\n")
    return Provided(tuple(line for line in lines if line))


def _is_below(path: str, top: str) -> bool:
    real = os.path.realpath(path)
    return bool(top) and real.startswith(os.path.realpath(top).rstrip(os.sep) + os.sep)


def _of_aws(file: str = "") -> Provided:
    """Return the keys in AWS's file of credentials, of every profile."""
    path = file or os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.expanduser("~/.aws/credentials")
    if not os.path.isfile(path):
        return Provided(())
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        with open(path, encoding="utf-8") as stream:
            parser.read_string(stream.read(_MOST_BYTES))
    except (OSError, UnicodeDecodeError, Error):
        return Provided((), "the file of credentials cannot be read")
    values = [section[key].strip("\"' ") for section in parser.values() for key in _AWS_KEYS if section.get(key)]
    return Provided(tuple(escaped(value) for value in dict.fromkeys(values) if value))
