"""Jobs of platforms: the environment of each, a clone as its runner makes it, and the command as a job calls it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from forge import SECRET, Done, Forge, Ids, Job

from tightlip.cli import main

_PLATFORMS = re.compile(
    "(GITHUB|GITEA|CI|GITLAB|BITBUCKET|BUILD|SYSTEM|AGENT|TF|GIT|JENKINS|CHANGE|BRANCH|TAG|CIRCLE|BUILDKITE)_"
)


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if (_PLATFORMS.match(name) and not name.startswith(("GIT_A", "GIT_C"))) or name == "CIRCLECI":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "BUILDKITE", "CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ada Example")
            patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        made = Forge(tmp_path_factory.mktemp("begun") / "forge")
        made.commit("main", "a.txt", "a\n")
        made.commit("main", "b.txt", "b\n")
    return made


@pytest.fixture
def forge(begun: Forge, tmp_path: Path) -> Forge:
    """A platform whose main has two commits."""
    return begun.copied(tmp_path / "forge")


@pytest.fixture
def ids(forge: Forge) -> Callable[..., Ids]:
    """Put two commits on feature, of which one holds a secret or nothing, one more on main, and open a request."""

    def ids(*, secret: bool = True, keep: bool = True) -> Ids:
        forge.commit("feature", "conf/x.env", f"TOKEN={SECRET if secret else 'read from the vault'}\n")
        forge.commit("feature", "y.txt" if keep else "conf/x.env", "y\n" if keep else None)
        forge.commit("main", "c.txt", "c\n")
        return Ids(forge.at["main"], forge.at["feature"], forge.request())

    return ids


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Job:
    """Run `tightlip ci` in a clone, with the environment of a job."""

    def job(where: Path, env: dict[str, str], *arguments: str) -> Done:
        with monkeypatch.context() as patch:
            patch.chdir(where)
            for name, value in env.items():
                patch.setenv(name, value)
            code = main(["ci", *arguments])
        out, err = capfd.readouterr()
        assert SECRET not in out + err
        return Done(code, out, err)

    return job
