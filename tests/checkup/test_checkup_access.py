"""`tightlip checkup`: who can read what SOPS encrypts, today and in the history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from checking import Said
from sealing import Sealing, new_key

Call = Callable[..., str]
Checkup = Callable[..., Said]
NAMED = "Encrypted files name who can read them"
AGREE = "Encrypted files are for those whom .sops.yaml names"
REMOVED = "Who was removed from an encrypted file cannot read what is in it"

pytestmark = pytest.mark.usefixtures("well")


@pytest.fixture
def sealing(repo: Path, git: Call, tmp_path: Path) -> Sealing:
    """A file for Ada and Eve, a year old."""
    sealing = Sealing(repo, git, [new_key(), new_key()], tmp_path / "keys.txt")
    sealing.rule(*sealing.keys)
    sealing.new("secrets/a.yaml", "db: one-two-three\napi: four-five-six\n")
    return sealing


@pytest.fixture
def ada(sealing: Sealing) -> str:
    return sealing.keys[0].public


@pytest.fixture
def eve(sealing: Sealing) -> str:
    return sealing.keys[1].public


def remove_eve(sealing: Sealing) -> None:
    sealing.rule(sealing.keys[0])
    sealing.sops("updatekeys", "--yes", "secrets/a.yaml")


def test_without_encrypted_files_there_is_nobody_to_tell_of(checkup: Checkup) -> None:
    said = checkup("--no-history")

    assert (said.line(NAMED)["state"], said.line(NAMED)["summary"]) == ("ok", "SOPS encrypts no file here")


def test_recipients_are_told_with_the_number_of_files(checkup: Checkup, sealing: Sealing, ada: str, eve: str) -> None:
    sealing.rule(sealing.keys[0])
    sealing.new("secrets/b.yaml", "key: one-two-three\n")
    sealing.rule(*sealing.keys)
    sealing.commit(1)

    said = checkup("--no-history")

    assert sorted(said.line(NAMED)["evidence"]) == sorted([f"{ada}: 2 files", f"{eve}: 1 file"])
    assert said.line(AGREE)["evidence"] == [f"secrets/b.yaml: {eve} cannot"]
    assert AGREE in said.failed()


def test_who_is_only_in_the_file_and_not_in_the_rule_is_told_until_updatekeys(
    checkup: Checkup, sealing: Sealing, eve: str
) -> None:
    sealing.rule(sealing.keys[0])
    sealing.commit(1)
    before = checkup("--no-history")
    remove_eve(sealing)
    sealing.commit(0)

    assert before.line(AGREE)["evidence"] == [f"secrets/a.yaml: {eve} can read it all the same"]
    assert before.line(AGREE)["mend"] == "sops updatekeys secrets/a.yaml"
    assert checkup("--no-history").line(AGREE)["state"] == "ok"


def test_who_was_removed_still_has_the_data_key(checkup: Checkup, sealing: Sealing, eve: str) -> None:
    had = sealing.commit(50)
    remove_eve(sealing)
    sealing.commit(40)
    sealing.sops("set", "secrets/a.yaml", '["db"]', '"seven-eight"')
    sealing.commit(30)

    line = checkup("--no-history").line(REMOVED)

    assert line["state"] == "warn"
    assert line["evidence"] == [
        f"secrets/a.yaml: {eve} could until {had}, and knows the data key, which has not changed since"
    ]
    assert line["mend"].startswith("sops rotate --in-place secrets/a.yaml; then rotate the values")


def test_after_sops_rotate_the_values_that_did_not_surely_change_are_named(
    checkup: Checkup, sealing: Sealing, eve: str
) -> None:
    had = sealing.commit(50)
    remove_eve(sealing)
    sealing.commit(40)
    sealing.sops("rotate", "--in-place", "secrets/a.yaml")
    sealing.commit(30)
    both = checkup("--no-history").line(REMOVED)["evidence"]
    sealing.sops("set", "secrets/a.yaml", '["db"]', '"seven-eight"')
    sealing.sops("set", "secrets/a.yaml", '["new"]', '"nine-ten"')
    sealing.commit(20)
    one = checkup("--no-history").line(REMOVED)["evidence"]
    sealing.sops("set", "secrets/a.yaml", '["api"]', '"eleven-twelve"')
    sealing.commit(10)

    assert both == [f"secrets/a.yaml: {eve} could until {had}, and db, api may not have changed since"]
    assert one == [f"secrets/a.yaml: {eve} could until {had}, and api may not have changed since"]
    assert checkup("--no-history").line(REMOVED)["state"] == "ok"


def test_a_shallow_clone_cannot_tell_who_was_removed(
    checkup: Checkup, sealing: Sealing, git: Call, tmp_path: Path
) -> None:
    sealing.commit(50)
    remove_eve(sealing)
    sealing.commit(40)
    git("clone", "-q", "--depth", "1", f"file://{sealing.repo}", str(tmp_path / "shallow"))

    line = checkup(str(tmp_path / "shallow"), "--no-history").line(REMOVED)

    assert (line["state"], line["summary"]) == ("not_checked", "of 1 file it is not known")
    assert "git fetch --unshallow" in line["mend"]


def test_a_sops_yaml_that_cannot_be_read_is_no_all_clear(checkup: Checkup, sealing: Sealing, put: Call) -> None:
    sealing.commit(1)
    put(".sops.yaml", "creation_rules: 1\n")

    assert checkup("--no-history").line(AGREE)["state"] == "not_checked"


def test_a_vault_that_is_not_asked_is_a_warning_with_its_own_command(checkup: Checkup) -> None:
    said = checkup("--no-history", "--known", "azure-kv:no vault", "--known", "github:ada/shop")

    assert said.line("Who can read github:ada/shop is known")["mend"] == "gh api repos/ada/shop/collaborators"
    line = said.line("Who can read azure-kv:no vault is known")
    assert (line["state"], line["mend"].startswith("az role assignment list")) == ("warn", True)
    assert said.line("The age of secrets of azure-kv:no vault")["state"] == "not_checked"
    assert said.code == 3
