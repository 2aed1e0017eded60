"""`tightlip checkup`: how old secrets are in histories that are no straight line of honest commits."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from checking import Said
from sealing import Sealing, new_key

from tightlip.git.plumbing import Git

Call = Callable[..., str]
Checkup = Callable[..., Said]
IN_TIME = "Secrets are rotated in time"
KNOWN = "The age of every secret is known"
REMOVED = "Who was removed from an encrypted file cannot read what is in it"

pytestmark = pytest.mark.usefixtures("well")


@pytest.fixture
def sealing(repo: Path, git: Call, tmp_path: Path) -> Sealing:
    sealing = Sealing(repo, git, [new_key()], tmp_path / "keys.txt")
    sealing.rule(*sealing.keys)
    return sealing


def ages(said: Said) -> list[str]:
    """Return how old secrets are that are late or in time, without what is allowed."""
    return [it.partition(",")[0] for it in said.line(IN_TIME)["evidence"]]


def test_a_file_with_another_name_is_as_old_as_it_was(checkup: Checkup, sealing: Sealing, git: Call) -> None:
    sealing.new("secrets/a.yaml", "db: one-two-three\napi: four-five-six\n")
    sealing.commit(400)
    git("mv", "secrets/a.yaml", "secrets/b.yaml")
    sealing.commit(40)
    sealing.sops("set", "secrets/b.yaml", '["api"]', '"seven-eight"')
    git("mv", "secrets/b.yaml", "c.yaml")
    sealing.commit(30)
    sealing.new("secrets/a.yaml", "other: one-two-three\n")
    sealing.commit(20)

    said = checkup("--no-history")

    assert ages(said) == ["sops:c.yaml#db: 400 days old"]
    assert said.line(IN_TIME)["summary"] == "1 of 3 secrets not, 2 surely"


def test_what_a_merge_brought_is_as_old_as_the_merge(checkup: Checkup, sealing: Sealing, git: Call, repo: Path) -> None:
    file = repo / "secrets/a.yaml"
    sealing.new("secrets/a.yaml", "db: one-two-three\napi: one-two-three\nmerged: one-two-three\n")
    sealing.commit(400)
    git("checkout", "-q", "-b", "side")
    sealing.sops("set", "secrets/a.yaml", '["api"]', '"four-five"')
    sealing.commit(300)
    git("checkout", "-q", "main")
    sealing.sops("set", "secrets/a.yaml", '["db"]', '"four-five"')
    sealing.commit(200)
    on_main = file.read_bytes()
    git("merge", "-q", "--no-commit", "--strategy=ours", "side")
    file.write_bytes(on_main)
    sealing.sops("set", "secrets/a.yaml", '["merged"]', '"four-five"')
    sealing.commit(150)
    sealing.sops("set", "secrets/a.yaml", '["new"]', '"six"')
    sealing.commit(10)

    assert ages(checkup("--no-history")) == [
        "sops:secrets/a.yaml#api: 400 days old",
        "sops:secrets/a.yaml#db: 200 days old",
        "sops:secrets/a.yaml#merged: 150 days old",
    ]


def test_a_commit_that_was_made_anew_tells_two_days(checkup: Checkup, sealing: Sealing) -> None:
    sealing.age("a.age", b"one")
    sealing.commit(1, written=400)

    said = checkup("--no-history")

    assert said.line(KNOWN)["evidence"] == [
        "age:a.age: 1 to 400 days old, 90 allowed: its commit was made anew, as by a rebase"
    ]


def test_a_commit_of_a_day_to_come_does_not_make_a_file_young(checkup: Checkup, sealing: Sealing) -> None:
    sealing.age("a.age", b"one")
    sealing.commit(-20_000)
    sealing.age("b.age", b"one")
    sealing.git("add", "b.age")

    said = checkup("--no-history")

    assert said.line(KNOWN)["evidence"] == [
        "age:a.age: 0 days old or more, 90 allowed: its commit has no day that can be",
        "age:b.age: 0 days old or more, 90 allowed: no commit has it yet",
    ]


def test_where_older_versions_are_not_there_nobody_is_said_to_be_gone(
    checkup: Checkup, sealing: Sealing, git: Call, tmp_path: Path
) -> None:
    sealing.new("secrets/a.yaml", "db: one-two-three\n")
    sealing.commit(40)
    sealing.sops("set", "secrets/a.yaml", '["db"]', '"four"')
    sealing.commit(30)
    git("config", "uploadpack.allowFilter", "true")
    git("clone", "-q", "--filter=blob:none", f"file://{sealing.repo}", str(tmp_path / "partial"))

    line = checkup(str(tmp_path / "partial"), "--no-history").line(REMOVED)

    assert line["state"] == "not_checked"
    assert "git fetch --refetch --no-filter" in line["mend"]


def sealed_by_hand(number: int, values: int) -> bytes:
    """Return what looks like a file of SOPS, in which everything is new each time."""

    def value(n: int) -> str:
        data, iv, tag = (b64encode(f"{number:0{size}}{n:04}".encode()).decode() for size in (8, 28, 12))
        return f"ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:str]"

    lines = [f"key{n}: {value(n)}" for n in range(values)]
    return "\n".join([*lines, "sops:", f"  mac: {value(9999)}", "  version: 3.11.0", ""]).encode()


def imported(git: Call, repo: Path, files: list[list[tuple[str, bytes]]]) -> None:
    """Make a commit for each list of files, one a day, the last of them today."""
    out = []
    for number, changed in enumerate(files):
        when = 1_790_000_000 - 86_400 * (len(files) - number)
        out.append(f"commit refs/heads/main\ncommitter a <a@example.com> {when} +0000\ndata 1\nx\n".encode())
        if not number:
            out.append(b"from refs/heads/main^0\n")
        for name, data in changed:
            out.append(f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n")
    git("fast-import", "--quiet", input=b"".join(out))
    git("reset", "-q", "--hard", "main")


def test_a_file_that_is_encrypted_anew_a_thousand_times_is_no_trouble(checkup: Checkup, git: Call, repo: Path) -> None:
    imported(git, repo, [[("a.yaml", sealed_by_hand(number, 20))] for number in range(1_100)])

    said = checkup("--no-history")

    (first, *_) = said.line(KNOWN)["evidence"]
    assert first.startswith("sops:a.yaml#key0: ")
    assert "not all of its history is here, or it is too long" in first


def test_many_long_names_are_no_trouble(checkup: Checkup, git: Call, repo: Path) -> None:
    folder = "/".join(["x" * 250] * 14)
    imported(git, repo, [[(f"{folder}/{number}.yaml", sealed_by_hand(number, 1)) for number in range(300)]])

    said = checkup("--no-history")

    assert said.line(KNOWN)["summary"] == "300 secrets"


def test_git_is_not_talked_into_following_one_name(checkup: Checkup, sealing: Sealing, git: Call) -> None:
    for name in ("log.follow", "submodule.recurse", "diff.renames", "log.showRoot"):
        git("config", name, "false" if name == "log.showRoot" else "true")
    sealing.new("secrets/a.yaml", "db: one-two-three\n")
    sealing.commit(400)

    assert ages(checkup("--no-history")) == ["sops:secrets/a.yaml#db: 400 days old"]
    assert Git(str(sealing.repo)).run("config", "log.follow").strip() == b"true"
