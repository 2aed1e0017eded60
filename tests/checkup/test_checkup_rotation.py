"""`tightlip checkup`: how old secrets are, against the schedule that the configuration has."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from checking import Said
from sealing import Sealing, new_key

from tightlip.cli import main

Call = Callable[..., str]
Checkup = Callable[..., Said]
WRITTEN = "How often secrets are rotated is written down"
IN_TIME = "Secrets are rotated in time"
KNOWN = "The age of every secret is known"
VALUE = "q8Vt3" + "Zr7Lm2Xw9Pk"

pytestmark = pytest.mark.usefixtures("well")


@pytest.fixture
def sealing(repo: Path, git: Call, tmp_path: Path) -> Sealing:
    sealing = Sealing(repo, git, [new_key()], tmp_path / "keys.txt")
    sealing.rule(*sealing.keys)
    return sealing


def own(text: str) -> None:
    file = Path(os.environ["XDG_CONFIG_HOME"]) / "tightlip.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")


def test_a_schedule_that_nobody_wrote_down_is_a_warning_with_the_line_that_mends_it(
    checkup: Checkup, git: Call
) -> None:
    git("rm", "-q", "--force", ".tightlip.yaml")
    before = checkup("--no-history")

    mend = before.line(WRITTEN)["mend"]
    assert (before.code, before.line(WRITTEN)["state"]) == (0, "warn")
    assert mend == "printf '\\nrotation: {every: 90d}\\n' >> .tightlip.yaml"
    os.system(mend)  # noqa: S605 - what is told to be typed
    assert checkup("--no-history").line(WRITTEN)["summary"] == "every 90 days; .tightlip.yaml"


def test_where_the_configuration_is_in_pyproject_the_line_is_for_that(checkup: Checkup, repo: Path) -> None:
    (repo / ".tightlip.yaml").unlink()
    (repo / "pyproject.toml").write_text('[tool.tightlip]\nmin_severity = "low"\n')

    os.system(checkup("--no-history").line(WRITTEN)["mend"])  # noqa: S605 - what is told to be typed

    assert checkup("--no-history").line(WRITTEN)["summary"] == "every 90 days; pyproject.toml"


def test_without_a_schedule_the_oldest_secrets_are_told(checkup: Checkup, repo: Path, sealing: Sealing) -> None:
    (repo / ".tightlip.yaml").unlink()
    sealing.new("secrets/a.yaml", "key: " + VALUE)
    sealing.commit(400)

    said = checkup("--no-history")

    assert said.line(WRITTEN)["evidence"] == ["sops:secrets/a.yaml#key: 400 days old or more"]
    assert IN_TIME not in str(said)


def test_each_value_of_a_sops_file_is_as_old_as_its_ciphertext(checkup: Checkup, sealing: Sealing) -> None:
    sealing.new("secrets/a.yaml", f"db:\n  password: {VALUE}\napi: one-two-three\n")
    sealing.commit(400)
    sealing.sops("set", "secrets/a.yaml", '["api"]', '"four-five-six"')
    sealing.commit(30)

    said = checkup("--no-history")

    assert (said.code, said.failed()) == (1, [IN_TIME])
    (late,) = said.line(IN_TIME)["evidence"]
    assert late.startswith("sops:secrets/a.yaml#db.password: 400 days old, 90 allowed; last changed on 20")
    assert said.line(IN_TIME)["summary"] == "1 of 2 secrets not, 1 surely"
    assert "sops edit secrets/a.yaml" in said.line(IN_TIME)["mend"]
    assert said.line(KNOWN)["state"] == "ok"
    assert VALUE not in str(said)


def test_what_was_encrypted_anew_as_a_whole_is_neither_late_nor_fine(checkup: Checkup, sealing: Sealing) -> None:
    sealing.new("secrets/a.yaml", f"db: {VALUE}\napi: one-two-three\n")
    sealing.commit(400)
    sealing.sops("rotate", "--in-place", "secrets/a.yaml")
    sealing.commit(10)

    said = checkup("--no-history")

    assert said.failed() == []
    assert said.line(KNOWN)["state"] == "warn"
    assert [it.partition(",")[0] for it in said.line(KNOWN)["evidence"]] == [
        "sops:secrets/a.yaml#api: 10 to 400 days old",
        "sops:secrets/a.yaml#db: 10 to 400 days old",
    ]
    assert IN_TIME not in [it["title"] for it in said.document["lines"]]


def test_a_value_that_changed_after_that_is_as_old_as_its_change(checkup: Checkup, sealing: Sealing) -> None:
    sealing.new("secrets/a.yaml", f"db: {VALUE}\napi: one-two-three\n")
    sealing.commit(400)
    sealing.sops("rotate", "--in-place", "secrets/a.yaml")
    sealing.commit(100)
    sealing.sops("set", "secrets/a.yaml", '["api"]', '"four-five-six"')
    sealing.commit(20)

    said = checkup("--no-history")

    assert said.line(IN_TIME)["evidence"][0].startswith("sops:secrets/a.yaml#db: 100 to 400 days old, 90 allowed")
    assert said.line(IN_TIME)["summary"] == "1 of 2 secrets not, 1 surely"


def test_a_value_that_was_in_clear_before_is_as_old_as_the_file(checkup: Checkup, sealing: Sealing, repo: Path) -> None:
    (repo / "secrets").mkdir()
    (repo / "secrets/a.yaml").write_text("db: not-a-secret-yet\n")
    sealing.commit(300)
    sealing.sops("encrypt", "--in-place", "secrets/a.yaml")
    sealing.commit(5)

    assert (
        checkup("--no-history")
        .line(KNOWN)["evidence"][0]
        .startswith("sops:secrets/a.yaml#db: 5 to 300 days old, 90 allowed: ")
    )


def test_a_file_that_came_into_the_repository_late_is_as_old_as_it_says(
    checkup: Checkup, sealing: Sealing, repo: Path
) -> None:
    sealing.new("secrets/a.json", '{"db": "one-two-three"}')
    path = repo / "secrets/a.json"
    text = path.read_text()
    at = text.index('"lastmodified": "') + len('"lastmodified": "')
    path.write_text(f"{text[:at]}2020-01-01{text[at + 10 :]}")
    sealing.commit(3)

    (late,) = checkup("--no-history").line(IN_TIME)["evidence"]
    assert late.endswith("last changed on 2020-01-01")


def test_the_first_pattern_that_matches_counts(checkup: Checkup, sealing: Sealing, put: Call) -> None:
    put(
        ".tightlip.yaml",
        "rotation:\n  every: 1y\n  schedule:\n"
        "    - {secrets: ['sops:*#db.*'], every: 30d}\n    - {secrets: ['sops:secrets/a.yaml#*'], every: 60d}\n",
    )
    sealing.new("secrets/a.yaml", "db:\n  password: one-two-three\napi: one-two-three\n")
    sealing.new("secrets/b.yaml", "key: one-two-three\n")
    sealing.commit(50)

    said = checkup("--no-history")

    assert [it.partition(";")[0] for it in said.line(IN_TIME)["evidence"]] == [
        "sops:secrets/a.yaml#db.password: 50 days old, 30 allowed"
    ]
    assert said.line(WRITTEN)["summary"] == "every 365 days, 2 entries for some; .tightlip.yaml"


@pytest.mark.parametrize(
    "said",
    ["every: 2y", "every: 90d, schedule: [{secrets: ['*'], every: 2y}]"],
    ids=["every", "pattern"],
)
def test_a_repository_cannot_allow_more_than_the_users_own_schedule(
    checkup: Checkup, sealing: Sealing, put: Call, said: str
) -> None:
    own("rotation: {every: 1y, schedule: [{secrets: ['sops:*#db'], every: 30d}]}\n")
    put(".tightlip.yaml", f"rotation: {{{said}}}\n")
    sealing.new("secrets/a.yaml", "db: one-two-three\napi: one-two-three\n")
    sealing.commit(400)

    late = checkup("--no-history").line(IN_TIME)["evidence"]

    assert [it.partition("#")[2].partition(";")[0] for it in late][-1] == "db: 400 days old, 30 allowed"
    assert late[0].partition("#")[2].startswith("api: 400 days old")


def test_a_repository_can_allow_less(checkup: Checkup, sealing: Sealing, put: Call) -> None:
    own("rotation: {every: 1y}\n")
    put(".tightlip.yaml", "rotation: {schedule: [{secrets: ['sops:*'], every: 30d}]}\n")
    sealing.new("secrets/a.yaml", "db: one-two-three\n")
    sealing.commit(40)

    assert "40 days old, 30 allowed" in checkup("--no-history").line(IN_TIME)["evidence"][0]


def test_a_schedule_that_silences_everything_is_told(checkup: Checkup, put: Call) -> None:
    put(".tightlip.yaml", "rotation: {every: 99y, schedule: [{secrets: ['sops:*'], every: 50y}]}\n")

    line = checkup("--no-history").line(WRITTEN)

    assert line["state"] == "warn"
    assert line["evidence"] == ["sops:*: every 18,250 days", "all others: every 36,135 days"]


def test_a_repository_with_thousands_of_patterns_is_refused(checkup: Checkup, put: Call) -> None:
    many = ", ".join(f"'*{number}*'" for number in range(201))
    put(".tightlip.yaml", f"rotation: {{schedule: [{{secrets: [{many}], every: 50d}}]}}\n")

    said = checkup("--no-history")

    assert said.code == 3
    assert "has more than 200 patterns" in said.line("Rotation: the rest of it")["summary"]


def test_what_the_schedule_does_not_name_is_not_fine(checkup: Checkup, sealing: Sealing, put: Call) -> None:
    put(".tightlip.yaml", "rotation: {schedule: [{secrets: ['vault:*'], every: 30d}]}\n")
    sealing.new("secrets/a.yaml", "key: one-two-three\n")
    sealing.commit(1)

    assert checkup("--no-history").line(KNOWN)["evidence"] == [
        "sops:secrets/a.yaml#key: 1 day old; the schedule says nothing of it"
    ]


def test_a_file_that_is_encrypted_as_a_whole_is_only_known_to_be_old(checkup: Checkup, sealing: Sealing) -> None:
    for name, days in (("old.age", 200), ("new.age", 100)):
        sealing.age(name, b"one")
        sealing.commit(days)
    sealing.age("new.age", b"two")
    sealing.commit(1)

    said = checkup("--no-history")

    assert [it.partition(",")[0] for it in said.line(IN_TIME)["evidence"]] == ["age:old.age: 200 days old"]
    (unknown,) = said.line(KNOWN)["evidence"]
    assert unknown.startswith("age:new.age: 1 to 100 days old, 90 allowed: age encrypts the file as a whole")


def test_a_shallow_clone_does_not_make_secrets_young(
    sealing: Sealing, tmp_path: Path, git: Call, checkup: Checkup
) -> None:
    sealing.new("secrets/a.yaml", "key: one-two-three\n")
    sealing.commit(400)
    sealing.new("secrets/b.yaml", "key: one-two-three\n")
    sealing.commit(1)
    git("clone", "-q", "--depth", "1", f"file://{sealing.repo}", str(tmp_path / "shallow"))

    said = checkup(str(tmp_path / "shallow"), "--no-history")

    assert [it.partition(",")[0] for it in said.line(KNOWN)["evidence"]] == [
        "sops:secrets/a.yaml#key: 1 day old or more",
        "sops:secrets/b.yaml#key: 1 day old or more",
    ]
    assert "git fetch --unshallow" in said.line(KNOWN)["evidence"][0]


def test_before_the_first_commit_a_file_is_as_old_as_it_says(
    sealing: Sealing, git: Call, checkup: Checkup, tmp_path: Path
) -> None:
    sealing.new("secrets/a.yaml", "key: one-two-three\n")
    git("checkout", "-q", "--orphan", "nothing")
    git("add", "--all", "--force")

    assert checkup("--no-history").line(IN_TIME)["evidence"] == ["sops:secrets/a.yaml#key: 0 days old, 90 allowed"]


def test_a_source_that_keeps_no_dates_is_not_known_and_a_command_is_not_run(checkup: Checkup, tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    said = checkup("--no-history", "--known", f"command:touch {ran}", "--known", "dotenv:.env", "--known", "gitlab:a/b")

    assert said.line(KNOWN)["state"] == "warn"
    assert [it.partition(":")[2].partition(":")[0] for it in said.line(KNOWN)["evidence"]] == ["touch", ".env", "a/b"]
    assert str(ran) not in str(said)
    assert not ran.exists()


def test_a_repositorys_own_file_can_name_no_vault(checkup: Checkup, put: Call) -> None:
    put(".tightlip.yaml", "rotation: {every: 90d, known: ['vault:secret/shop']}\n")

    said = checkup("--no-history")

    assert said.code == 3
    assert "only your own configuration" in said.line("Rotation: the rest of it")["summary"]


def test_the_users_own_file_can(checkup: Checkup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:1")
    monkeypatch.setenv("VAULT_TOKEN", "none")
    pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")
    own("rotation: {known: ['vault:secret/shop']}\n")

    said = checkup("--no-history")

    assert said.code == 3
    assert "cannot be asked" in said.line("The age of secrets of vault:secret/shop")["summary"]


def test_a_mistake_in_known_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    assert main(["checkup", "--known", "vualt:secret/shop"]) == 2
    assert "did you mean vault?" in capsys.readouterr().err


def test_a_key_of_a_file_that_is_a_secret_itself_is_hidden(
    checkup: Checkup, sealing: Sealing, token: str, stage: Call
) -> None:
    stage("a.py", f"x = '{token}'\n")
    sealing.new("secrets/a.yaml", f"{token}: one-two-three\n")
    sealing.commit(400)

    said = checkup("--no-history")

    assert "sops:secrets/a.yaml#" in said.line(IN_TIME)["evidence"][0]
    assert token not in str(said)


@pytest.mark.parametrize("when", ["", "99999999999999", "-5", "x"], ids=["none", "future", "past", "word"])
def test_a_commit_whose_time_cannot_be_is_no_trouble(checkup: Checkup, sealing: Sealing, git: Call, when: str) -> None:
    sealing.new("secrets/a.yaml", "key: one-two-three\n")
    sealing.commit(400)
    lines = [
        f"{line.rpartition('>')[0]}> {when} +0000" if line.startswith("committer ") else line
        for line in git("cat-file", "commit", "HEAD").split("\n")
    ]
    made = git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", input="\n".join(lines).encode())
    git("update-ref", "refs/heads/main", made)

    said = checkup("--no-history")

    assert said.line(IN_TIME)["evidence"] == ["sops:secrets/a.yaml#key: 0 days old, 90 allowed"]


def test_files_of_sops_outside_of_the_repository_are_told_as_a_whole_and_those_in_it_once(
    checkup: Checkup, sealing: Sealing, tmp_path: Path
) -> None:
    sealing.new("secrets/a.yaml", "key: one-two-three\n")
    sealing.commit(5)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.yaml").write_bytes((sealing.repo / "secrets/a.yaml").read_bytes())
    (outside / "c.txt").write_text("nothing\n")
    os.mkfifo(outside / "d.yaml")

    said = checkup("--no-history", "--known", f"sops:{outside}", "--known", "sops:secrets", "--known", "sops:no-such")

    assert said.line(IN_TIME)["evidence"] == ["sops:secrets/a.yaml#key: 5 days old, 90 allowed"]
    (told,) = said.line(KNOWN)["evidence"]
    assert told.startswith(f"sops:{outside}/b.yaml: 0 days old or more, 90 allowed: SOPS says when the file was last")
    assert said.line("The age of secrets of sops:no-such")["state"] == "not_checked"


def test_names_that_are_options_or_programs_are_arguments_of_what_is_told(
    checkup: Checkup, sealing: Sealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing.new("secrets/$(touch x).yaml", "key: one-two-three\n")
    sealing.commit(400)

    assert "sops edit 'secrets/$(touch x).yaml'" in checkup("--no-history").line(IN_TIME)["mend"]
    monkeypatch.chdir(sealing.repo.parent)
    assert f"sops edit '{sealing.repo}/secrets/$(touch x).yaml'" in checkup("repo").line(IN_TIME)["mend"]


def test_a_sops_file_is_one_whatever_its_name(checkup: Checkup, sealing: Sealing, put: Call) -> None:
    sealing.new("secrets/tls.pem", "one-two-three\n")
    put("notes.txt", "ENC[AES256_GCM,data:...] is what SOPS writes\n")
    sealing.commit(400)

    (late,) = checkup("--no-history").line(IN_TIME)["evidence"]
    assert late.startswith("sops:secrets/tls.pem#data: 400 days old")
