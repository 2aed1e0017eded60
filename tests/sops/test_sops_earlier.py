"""A file that is encrypted today and was once committed in clear is told, with the first and the last such commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tightlip.git.plumbing import Git
from tightlip.git.repo import entries
from tightlip.sops import earlier
from tightlip.sops.earlier import Earlier

Call = Callable[..., str]


def look(repo: Path) -> list[Earlier]:
    git = Git(str(repo))
    return list(earlier.look(git, earlier.encrypted(git, entries(git, "HEAD"))))


def test_plaintext_under_an_earlier_name_is_told(
    rules: Call, stage: Call, git: Call, encrypt: Call, repo: Path
) -> None:
    rules()
    text = "".join(f"name{n}: value of {n}\n" for n in range(20))
    stage("settings.yaml", text)
    git("commit", "-q", "-m", "in clear")
    stage("settings.yaml", text + "more: 1\n")
    git("commit", "-q", "-m", "in clear again")
    (repo / "secrets").mkdir()
    git("mv", "settings.yaml", "secrets/a.yaml")
    git("commit", "-q", "-m", "moved")
    encrypt("secrets/a.yaml", text)
    git("commit", "-q", "-m", "sealed")
    commits = git("log", "--format=%H").split()

    (found,) = look(repo)

    assert (found.path, found.as_path, found.encrypted_with) == ("secrets/a.yaml", "settings.yaml", "SOPS")
    assert (found.first[:10], found.last[:10], found.number) == (commits[3][:10], commits[1][:10], 3)


def test_a_file_that_was_always_encrypted_is_not_told(rules: Call, git: Call, encrypt: Call, repo: Path) -> None:
    rules()
    encrypt("secrets/a.yaml", "a: 1\n")
    git("commit", "-q", "-m", "sealed")
    encrypt("secrets/a.yaml", "a: 2\n")
    git("commit", "-q", "-m", "sealed again")

    assert look(repo) == []
