"""What is allowed in vain is told, with file and line, and what is of use is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from doctoring import Doctor

from tightlip.fingerprint import fingerprint

Commit = Callable[[dict[str, str]], None]
Put = Callable[[str, str | bytes], Path]
Git = Callable[..., str]

NOTHING = "a comment that allows nothing"
FOREIGN = "another scanner's comment"
PATTERN = "a path in .tightlipignore that is no tracked file's"
FINGERPRINT = "a fingerprint in .tightlipignore that no finding has"
ENTRY = "an `allow` entry of the configuration that allows nothing"
RULE = "github-pat-classic"

pytestmark = pytest.mark.usefixtures("healthy")


def test_a_comment_beside_a_secret_is_of_use_and_one_beside_nothing_is_told(
    commit: Commit, doctor: Doctor, token: str
) -> None:
    commit(
        {
            "used.py": f"x = '{token}'  # tightlip: allow\n",
            "above.py": f"# tightlip: allow={RULE}\n# tightlip: allow=other\nx = '{token}'\n",
            "src/unused.py": "import os\n\nx = os.environ['X']  # tightlip: allow the old one\n",
            "unused.css": "/* tightlip: allow */\n",
        }
    )

    done = doctor()

    assert done.code == 1
    assert done.seen(NOTHING) == ["above.py:2", "src/unused.py:3", "unused.css:1"]


@pytest.mark.parametrize(
    "line",
    [
        "`# tightlip: allow` beside it allows it\n",
        "text = 'x = 1  # tightlip: allow'\n",
        "Say tightlip: allow where it stands.\n",
    ],
    ids=["in-backticks", "in-quotes", "in-prose"],
)
def test_what_only_speaks_of_a_comment_is_none(line: str, commit: Commit, doctor: Doctor) -> None:
    commit({"a.py": line})

    assert doctor().code == 0


def test_an_archive_holds_no_comment(put: Put, git: Git, doctor: Doctor) -> None:
    put("a.bin", b"PK\3\4\0\7 stored as it is\n# tightlip: allow\n")
    git("add", "a.bin")

    assert doctor().seen(NOTHING) == []


def test_what_is_in_the_middle_of_a_merge_is_told_once(commit: Commit, git: Git, doctor: Doctor, repo: Path) -> None:
    for branch in ("main", "other"):
        git("checkout", "-q", "-B", branch, "main")
        git("commit", "-q", "--allow-empty", "-m", branch)
    commit({"a.py": "x = 1\n"})
    git("checkout", "-q", "main")
    commit({"a.py": "x = 2\n"})
    with pytest.raises(CalledProcessError):
        git("merge", "-q", "other")
    (repo / "a.py").unlink()

    assert doctor().seen("could not be scanned") == ["a.py: it is tracked, and not in the working tree"]


def test_a_comment_for_another_scanner_is_told_and_need_not_be_mended(
    commit: Commit, doctor: Doctor, token: str
) -> None:
    commit(
        {
            "used.py": f"x = '{token}'  # gitleaks:allow\n",
            "unused.py": (
                "x = 1  # pragma: allowlist secret\n# pragma: allowlist nextline secret\nx = 2  # gitleaks:allow\n"
            ),
        }
    )

    done = doctor()

    assert done.code == 0
    assert done.seen(FOREIGN) == [
        "unused.py:1 (pragma: allowlist secret)",
        "unused.py:2 (pragma: allowlist nextline secret)",
        "unused.py:3 (gitleaks:allow)",
    ]


def test_a_file_that_is_left_out_whole_is_not_searched_for_comments(commit: Commit, doctor: Doctor) -> None:
    commit({"vendor/a.py": "x = 1  # tightlip: allow\n", ".tightlipignore": "vendor/\n"})

    assert doctor().code == 0


def test_a_comment_in_a_file_of_two_bytes_a_character_has_its_line(
    stage: Callable[[str, bytes], None], doctor: Doctor
) -> None:
    stage("wide.txt", "a\nb\n# tightlip: allow\n".encode("utf-16"))

    assert doctor().seen(NOTHING) == ["wide.txt:3"]


def test_each_line_of_the_ignore_file_that_is_of_no_use_is_told(commit: Commit, doctor: Doctor, token: str) -> None:
    known = fingerprint(RULE, token.encode())
    commit(
        {
            "a.py": f"x = '{token}'\n",
            "docs/b.md": "text\n",
            ".tightlipignore": f"docs/\ngone/\n!docs/b.md\n*.md\n*.nothing\n{known}\n0123456789abcdef0123\n",
        }
    )

    done = doctor()

    assert done.seen(PATTERN) == [".tightlipignore:2", ".tightlipignore:5"]
    assert done.seen(FINGERPRINT) == [".tightlipignore:7"]


def test_a_path_of_a_submodule_is_of_use(repo: Path, commit: Commit, git: Git, doctor: Doctor, tmp_path: Path) -> None:
    commit({".tightlipignore": "/third/party/\n"})
    oid = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{oid},third/party")

    assert doctor().code == 0


def test_a_path_that_only_files_outside_of_git_have_is_told_and_need_not_be_mended(
    commit: Commit, put: Put, doctor: Doctor
) -> None:
    commit({".tightlipignore": "/.env\n", ".gitignore": ".env\n"})
    put(".env", "A=1\n")

    done = doctor()

    assert done.code == 0
    assert done.seen("which git does not track") == [".tightlipignore:1"]


def test_each_entry_of_the_configuration_that_is_of_no_use_is_told_with_its_line(
    commit: Commit, doctor: Doctor, token: str
) -> None:
    commit(
        {
            "a.py": f"x = '{token}'  # of the docs\n",
            ".tightlip.yaml": (
                "allow:\n"
                f"  - {{rules: [{RULE}], reason: of use}}\n"
                "  - {lines: [of the docs], reason: of use}\n"
                "  - {lines: [nowhere], reason: stale}\n"
                "  - {paths: ['a.*'], reason: of use}\n"
                "  - {paths: [gone], reason: stale}\n"
                f"  - {{rules: [{RULE}], paths: [b.py], reason: stale}}\n"
            ),
        }
    )

    done = doctor()

    assert done.seen(ENTRY) == [
        ".tightlip.yaml:4 (allow[2])",
        ".tightlip.yaml:6 (allow[4])",
        ".tightlip.yaml:7 (allow[5])",
    ]


def test_an_entry_of_the_users_own_file_is_for_other_repositories_too(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    organisation = tmp_path / "organisation.yaml"
    organisation.write_text("allow:\n  - {paths: [gone], reason: elsewhere}\n")
    monkeypatch.setenv("TIGHTLIP_CONFIG", str(organisation))

    assert doctor().code == 0


def test_what_only_the_history_needs_is_known_once_that_is_looked_at(
    commit: Commit, git: Git, doctor: Doctor, token: str, other: str
) -> None:
    commit({"old/a.py": f"x = '{token}'\n", "b.py": f"x = '{other}'\n"})
    brought = git("rev-parse", "HEAD")
    git("rm", "-q", "-r", "old")
    commit(
        {
            "b.py": "x = 1\n",
            ".tightlipignore": f"old/\nnever/\n{fingerprint(RULE, token.encode())}\n",
            ".tightlip.yaml": (
                "allow:\n"
                f"  - {{commits: ['{brought}'], reason: rotated}}\n"
                "  - {commits: ['0123456789'], reason: nobody knows it}\n"
            ),
        }
    )

    now, ever = doctor(), doctor("--history")

    assert now.seen(PATTERN) == [".tightlipignore:1", ".tightlipignore:2"]
    assert now.seen(FINGERPRINT) == [".tightlipignore:3"]
    assert now.seen("not looked for") == [".tightlip.yaml:2 (allow[0])", ".tightlip.yaml:3 (allow[1])"]
    assert ever.seen(PATTERN) == [".tightlipignore:2"]
    assert ever.seen(FINGERPRINT) == []
    assert ever.seen(ENTRY) == [".tightlip.yaml:3 (allow[1])"]
    assert ever.seen("not looked for") == []


def test_where_not_everything_can_be_scanned_no_entry_is_called_stale(commit: Commit, doctor: Doctor) -> None:
    commit({"large.txt": "x" * 100, ".tightlip.yaml": "limits: {max_file_size: 99}\n", ".tightlipignore": "0" * 20})

    done = doctor()

    assert done.code == 0
    assert done.seen("but not everything could be scanned") == [".tightlipignore:1"]
    assert done.seen("this could not be scanned") == ["large.txt: its 100 bytes are over the limit of 99"]


@pytest.mark.parametrize("is_folder", ["", "a.py/b.py"], ids=["gone", "a-folder-now"])
def test_a_tracked_file_that_is_not_there_may_be_what_an_entry_is_about(
    is_folder: str, commit: Commit, doctor: Doctor, repo: Path, put: Put, token: str
) -> None:
    commit({"a.py": f"x = '{token}'\n", ".tightlipignore": fingerprint(RULE, token.encode())})
    (repo / "a.py").unlink()
    if is_folder:
        put(is_folder, "x = 1\n")

    done = doctor()

    assert done.code == 0
    assert done.seen("but not everything could be scanned") == [".tightlipignore:1"]


def test_from_a_folder_of_the_repository_it_tells_the_same(
    commit: Commit, doctor: Doctor, repo: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(
        {
            "src/a.py": f"x = '{token}'\n",
            "b.py": "x = 1  # tightlip: allow\n",
            ".tightlipignore": "/src/\n/gone\n",
            ".tightlip-baseline.yaml": 'version: 1\nsalt: "0123456789abcdef"\nfindings:\n',
            ".gitattributes": ".tightlip-baseline.yaml merge=union\n",
        }
    )
    above = doctor()
    monkeypatch.chdir(repo / "src")

    assert doctor() == above
    assert above.seen(NOTHING) == ["b.py:1"]
    assert above.seen(PATTERN) == [".tightlipignore:2"]


@pytest.mark.parametrize(
    ("file", "where"),
    [
        ({"a.py": "x = '{}'  # tightlip: allow for a demo\n"}, "a.py:1"),
        ({"a.py": "x = '{}'\n", ".tightlipignore": "# for a demo\na.py\n"}, ".tightlipignore:2"),
        (
            {"a.py": "x = '{}'\n", ".tightlip.yaml": "allow:\n  - {{paths: [a.py], reason: for a demo}}\n"},
            ".tightlip.yaml:2 (allow[0])",
        ),
    ],
    ids=["comment", "ignore-file", "configuration"],
)
def test_what_allows_a_critical_secret_that_is_surely_one_is_told(
    file: dict[str, str], where: str, commit: Commit, doctor: Doctor, token: str
) -> None:
    commit({name: text.format(token) for name, text in file.items()})

    done = doctor()

    assert done.code == 0
    assert done.seen("a critical secret that is surely one") == [
        f"{where} allows {RULE} in a.py:1, because: for a demo"
    ]
