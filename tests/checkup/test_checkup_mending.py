"""What a line says that it was mended by does mend it, and what cannot be read is no all-clear."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from checking import Said

from tightlip.cli import main

Call = Callable[..., str]
Checkup = Callable[..., Said]
REAL = "q8Vt3" + "Zr7Lm2Xw9Pk"
IGNORED, TRACKED = "Git ignores .env files", "No .env file is tracked in clear"
MODES, ODD = "Only their owner can read files of keys", "Git tracks no key or state that it is told to ignore"
EVER, CI = "No .env file was ever committed in clear", "CI files use the platform's secret store"
NAMES = ["a b/.env", "$(touch x)/.env", "-x/.env", "x\ny.env", "é.env", *(f"{number}.env" for number in range(12))]
BASH = shutil.which("bash")

pytestmark = [pytest.mark.usefixtures("well"), pytest.mark.skipif(BASH is None, reason="there is no bash")]


def as_printed(command: str) -> None:
    assert BASH
    subprocess.run([BASH, "-c", command], check=True, stdout=subprocess.DEVNULL)


def test_env_files_of_any_name_and_number_are_taken_out_by_the_command_that_is_told(
    checkup: Checkup, stage: Call, git: Call
) -> None:
    for name in NAMES:
        stage(name, f"A={REAL}\n")
    before = checkup("--no-history")

    as_printed(before.line(TRACKED)["mend"].partition("; rotate")[0])

    assert len(before.line(TRACKED)["evidence"]) == len(NAMES)
    assert checkup("--no-history").line(TRACKED)["state"] == "ok"
    assert not os.path.exists("x")
    assert git("diff", "--cached", "--name-only") == ""


def test_env_files_that_git_would_take_are_told_and_fixed(checkup: Checkup, put: Call) -> None:
    for name in NAMES:
        put(name, f"A={REAL}\n")
    before = checkup("--no-history")

    after = checkup("--no-history", "--fix")

    assert before.line(IGNORED)["state"] == "fail"
    assert before.line(IGNORED)["mend"] == "tightlip checkup --fix"
    assert after.line(IGNORED)["state"] == "ok"


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_files_that_others_can_read_are_closed_by_the_command_that_is_told(
    checkup: Checkup, put: Call, well: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for name in NAMES:
        put(name, f"A={REAL}\n").chmod(0o644)
    if where == "elsewhere":
        monkeypatch.chdir(tmp_path)

    as_printed(checkup("--no-history", str(well)).line(MODES)["mend"])

    assert checkup("--no-history", str(well)).line(MODES)["state"] == "ok"


def test_a_command_for_a_repository_that_is_elsewhere_names_it(
    checkup: Checkup, stage: Call, well: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(".env", f"A={REAL}\n")
    monkeypatch.chdir(tmp_path)

    as_printed(checkup("--no-history", str(well)).line(TRACKED)["mend"].partition("; rotate")[0])

    assert checkup("--no-history", str(well)).line(TRACKED)["state"] == "ok"


def test_a_purge_as_it_is_told_ends_what_was_ever_committed(
    checkup: Checkup, stage: Call, git: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage("app/.env", f"A={REAL}\n")
    git("commit", "-q", "--no-verify", "-m", "in")
    git("rm", "-q", "app/.env")
    git("commit", "-q", "--no-verify", "-m", "out")
    command = checkup("--no-history").line(EVER)["mend"].partition("then: tightlip ")[2]

    assert main(command.split()) == 0
    assert main(["purge", "--apply", "purge.json", "--backup", str(tmp_path / "backup"), "--rotated", "ada"]) == 0

    assert checkup("--no-history").line(EVER)["state"] == "ok"


def test_only_keys_and_state_that_are_tracked_though_ignored_are_told(checkup: Checkup, stage: Call) -> None:
    stage(".gitignore", Path(".gitignore").read_text() + "configure\n")
    stage("configure", "x\n")
    stage("tests/public.pem", "-----BEGIN CERTIFICATE-----\n")
    stage("tests/server.pem", "x\n")

    said = checkup("--no-history").line(ODD)
    as_printed(said["mend"])

    assert said["evidence"] == ["tests/server.pem: git tracks it, although a pattern ignores it"]
    assert checkup("--no-history").line(ODD)["state"] == "ok"


def test_a_ci_file_that_cannot_be_read_is_not_in_order_and_nothing_to_mend_either(
    checkup: Checkup, stage: Call
) -> None:
    stage(".github/workflows/a.yml", "on: {push: [}\n")

    said = checkup("--no-history")

    assert (said.code, said.line(CI)["state"]) == (3, "not_checked")
    assert said.line(CI)["evidence"] == [".github/workflows/a.yml: it cannot be checked: it is no YAML"]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_not_in_order(checkup: Checkup, stage: Call) -> None:
    stage("Dockerfile", "FROM x\n")
    Path("Dockerfile").chmod(0)

    assert checkup("--no-history").line("Images are built without secrets")["state"] == "not_checked"


def test_a_tracked_env_file_counts_though_it_is_not_on_disk(checkup: Checkup, stage: Call) -> None:
    stage(".env", f"A={REAL}\n")
    Path(".env").unlink()

    assert checkup("--no-history").line(TRACKED)["evidence"] == [".env: git tracks it, in clear, with 1 value"]


def test_files_that_a_gitlab_file_includes_are_read(checkup: Checkup, stage: Call) -> None:
    stage(".gitlab-ci.yml", "include: [{local: /ci/*.yml}]\n")
    stage("ci/a.yml", "include: more/b.yml\n")
    stage("more/b.yml", f"variables: {{API_KEY: {REAL}}}\n")

    (said,) = checkup("--no-history").line(CI)["evidence"]

    assert said.startswith("more/b.yml:1: API_KEY is written out")


def test_links_in_a_tree_are_not_read_through(checkup: Checkup, well: Path, git: Call, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / ".env").write_text(f"A={REAL}\n")
    (outside / "Dockerfile").write_text(f"FROM x\nENV API_KEY={REAL}\n")
    (well / "app").mkdir()
    for name in (".env", "Dockerfile"):
        (well / "app" / name).write_text("\n")
    git("add", "-f", "app/Dockerfile")
    shutil.rmtree(well / "app")
    (well / "app").symlink_to(outside)
    (well / ".env").symlink_to(outside / ".env")
    os.mkfifo(well / "pipe.env")

    said = checkup("--no-history")

    assert said.line("Images are built without secrets")["state"] == "ok"
    assert said.line(MODES)["state"] == "ok"


def test_a_value_that_is_part_of_a_name_of_ours_leaves_no_gap_in_it(checkup: Checkup, stage: Call) -> None:
    stage(".gitignore", "x\n")
    value = "ed" + "25519"
    stage("app.py", f'db_password = "{value}"\n')

    text = str(checkup("--no-history").document)

    assert "id_ed25519: no pattern covers it" in text


def test_a_secret_in_the_name_of_a_file_is_not_shown(checkup: Checkup, put: Call, token: str) -> None:
    put(f"{token}/.env.staging", "A=1\n").chmod(0o644)

    said = checkup("--no-history")

    assert said.line(MODES)["evidence"][0].startswith("********/.env.staging")
    assert token not in str(said)
