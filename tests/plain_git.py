"""A repository made with plain git, for tests of whole scans."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import tightlip

TOKEN = "ghp" + "_" + "9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"
OTHER = "ghp" + "_" + "2RtY8uIo5PaSd9FgH3jKl7ZxCv1BnM6qWe4X"


@functools.cache
def scanner() -> tightlip.Scanner:
    """Return one for all tests: the rules are compiled once."""
    return tightlip.Scanner()


def git(where: Path, *args: str) -> str:
    """Run git there and return what it prints."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", "-C", str(where), *who, *args], check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit(where: Path, name: str, text: str) -> None:
    """Write a file and commit it."""
    (where / name).write_text(text)
    git(where, "add", "--all")
    git(where, "commit", "--quiet", f"--message=change {name}")
