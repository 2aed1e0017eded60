"""What may stay is said by the tree that is checked out, or by the base: and a change that edits it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from forge import SECRET, Forge, Ids, Job, github, pull_request

from tightlip.baseline.file import NAME
from tightlip.cli import main

Make = Callable[..., Ids]
IGNORES = "conf/\n"
OFF = "disable: [github-pat-classic]\n"
EDITS = "this change edits .tightlipignore, which says what is looked for, and may stay"


@pytest.fixture
def opened(forge: Forge, ids: Make, tmp_path: Path) -> Callable[[], tuple[Path, dict[str, str]]]:
    """Open the request with what feature has by then, and return its clone and environment."""

    def opened() -> tuple[Path, dict[str, str]]:
        made = ids()
        clone = forge.clone(tmp_path / "clone", made.merge)
        return clone, github(tmp_path, "pull_request", pull_request(made))

    return opened


Opened = Callable[[], tuple[Path, dict[str, str]]]


def test_what_the_base_lets_stay_may_stay(forge: Forge, opened: Opened, job: Job) -> None:
    forge.commit("main", ".tightlipignore", IGNORES)
    clone, env = opened()

    for policy in ("change", "base"):
        done = job(clone, env, "--policy", policy)
        assert done.code == 0
        assert "edits" not in done.out


def test_a_change_that_lets_its_own_secret_stay_is_told_beside_the_file(forge: Forge, opened: Opened, job: Job) -> None:
    forge.commit("feature", ".tightlipignore", IGNORES)
    clone, env = opened()

    done = job(clone, env)

    assert done.code == 0
    counts = "it counts in this scan (--policy base: what main says)"
    assert f"::warning file=.tightlipignore,title=tightlip::{EDITS}; {counts}" in done.out
    assert f"! {EDITS}" in done.out


def test_with_the_policy_of_the_base_a_change_cannot_switch_off_its_own_check(
    forge: Forge, opened: Opened, job: Job
) -> None:
    forge.commit("feature", ".tightlipignore", IGNORES)
    clone, env = opened()

    done = job(clone, env, "--policy", "base")

    assert done.code == 1
    assert f"{EDITS}; what main says counts" in done.out


def test_the_rules_of_the_base_are_read_from_the_base(forge: Forge, opened: Opened, job: Job) -> None:
    forge.commit("main", ".tightlip.yaml", OFF)
    forge.commit("feature", ".tightlip.yaml", "disable: []\n")
    clone, env = opened()

    strict, loose = job(clone, env), job(clone, env, "--policy", "base")

    assert (strict.code, loose.code) == (1, 0), strict.out + loose.out + loose.err
    assert "this change edits .tightlip.yaml" in loose.out


@pytest.fixture
def know(forge: Forge, capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Put the secret on a branch, and a file of known findings that has it."""

    def know(branch: str) -> None:
        forge.commit(branch, "conf/x.env", f"TOKEN={SECRET}\n")
        assert main(["baseline", "create", str(forge.where)]) == 0
        capfd.readouterr()
        forge.commit(branch, NAME, (forge.where / NAME).read_text("utf-8"))

    return know


def test_known_findings_that_a_change_adds_are_counted_and_told(
    forge: Forge, know: Callable[[str], None], opened: Opened, job: Job
) -> None:
    know("feature")
    clone, env = opened()

    by_change, by_base = job(clone, env), job(clone, env, "--policy", "base")

    assert (by_change.code, by_base.code) == (0, 1)
    for done in (by_change, by_base):
        assert f"edits {NAME}, the known findings (1 entry more)" in done.out


def test_a_known_finding_of_the_base_is_known(
    forge: Forge, know: Callable[[str], None], job: Job, tmp_path: Path
) -> None:
    know("main")
    forge.commit("main", "conf/x.env", None)
    head = forge.commit("feature", "conf/x.env", f"TOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", head)

    for policy in ("change", "base"):
        assert job(clone, {}, "--base", "origin/main", "--policy", policy).code == 0
    assert job(clone, {}, "--base", "origin/main", "--no-baseline").code == 1


def test_a_configuration_by_hand_and_no_allow_count_here_too(
    forge: Forge, opened: Opened, job: Job, tmp_path: Path
) -> None:
    forge.commit("main", ".tightlipignore", IGNORES)
    clone, env = opened()
    own = tmp_path / "own.yaml"
    own.write_text(OFF, "utf-8")

    assert job(clone, env, "--no-allow").code == 1
    assert job(clone, env, "--config", str(own)).code == 0
    assert job(clone, env, "--no-allow", "--exit-code", "0").code == 0


@pytest.mark.parametrize("policy", ["change", "base"])
def test_a_change_that_edits_what_an_option_names_is_told(policy: str, forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("main", "ours/strict.yaml", "min_confidence: high\n")
    forge.commit("feature", "ours/strict.yaml", "disable: [github-*]\n")
    forge.commit("feature", "x.env", f"TOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", forge.at["feature"])

    done = job(clone, {}, "--base=origin/main", f"--policy={policy}", "--config=ours/strict.yaml")

    assert done.code == 0
    assert "this change edits ours/strict.yaml, which an option names; it counts in this scan" in done.out
