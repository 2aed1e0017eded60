"""The index that the hook asks."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from knownvalues import value

from tightlip import config, hooks
from tightlip.cli import main
from tightlip.config import found as places
from tightlip.config.complaint import ConfigError
from tightlip.errors import UsageError
from tightlip.known import index, indexed
from tightlip.known.candidates import candidates, is_candidate
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

PLAIN, SPECIAL = value(21), "pa$$" + value(22, 8) + "<&{}"
Stage = Callable[[str, str | bytes], None]


@pytest.fixture
def index_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """An index of two values that the user's own configuration names."""
    team = tmp_path / "team.txt"
    team.write_text(f"{PLAIN}\n{SPECIAL}\nof two words 1a2b\n")
    path = Path(places.user()).parent / "tightlip-known.json"
    assert main(["known", "index", f"lines:{team}"]) == 0
    told = capsys.readouterr().out
    assert "knows 2 secrets" in told
    assert "or it has blanks: line 3" in told
    Path(places.user()).write_text(f"known: ['{path}']\n")
    return path


@pytest.fixture
def commit(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], tuple[int, str]]:
    """Do as a commit does; return the hook's exit code and what it says."""

    def commit() -> tuple[int, str]:
        monkeypatch.chdir(repo)
        code = hooks.main(["pre-commit"])
        told = capsys.readouterr()
        assert PLAIN not in told.out + told.err
        return code, told.out + told.err

    return commit


WRITTEN = {
    "in prose": f"as discussed, it is {PLAIN}.",
    "given to a name": f"thing={PLAIN}",
    "in quotes": f"f('{PLAIN}')",
    "in an address": f"amqp://user:{PLAIN}@host/path",
    "in JSON": json.dumps({"a": [PLAIN]}),
    "in base64": b64encode(PLAIN.encode()).decode(),
    "in base64 with a name": "auth: " + b64encode(f"user:{PLAIN}".encode()).decode(),
    "in hexadecimal": PLAIN.encode().hex(),
    "with other characters, in quotes": f'x = "{SPECIAL}"',
    "with other characters, in an address": "https://user:" + quote(SPECIAL, safe="") + "@host",
    "with other characters, on a line": f"KEY={SPECIAL}\n",
}


@pytest.mark.usefixtures("index_file")
@pytest.mark.parametrize("way", WRITTEN)
def test_a_commit_with_a_known_secret_is_stopped(way: str, stage: Stage, commit: Callable[[], tuple[int, str]]) -> None:
    stage("notes.txt", f"one line\n{WRITTEN[way]}\nand another\n")
    code, told = commit()
    assert code == 1
    assert "known secret (the index of" in told


@pytest.mark.usefixtures("index_file")
def test_a_scan_of_what_is_staged_tells_what_stopped_the_commit(
    repo: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage("notes.txt", f"it is {PLAIN}\n")
    assert main(["scan-staged", str(repo)]) == 1
    assert "known secret (the index of" in capsys.readouterr().out


@pytest.mark.usefixtures("index_file")
def test_a_scan_of_what_is_staged_names_what_an_index_knows_too(
    repo: Path, tmp_path: Path, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage("notes.txt", f"it is {PLAIN}\n")
    assert main(["scan-staged", str(repo), "-q", "--known", f"lines:{tmp_path / 'team.txt'}"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert "known secret line 1 of lines:" in line


@pytest.mark.usefixtures("index_file")
def test_a_repository_does_not_choose_what_the_hook_asks(
    put: Callable[[str, str | bytes], Path], stage: Stage, commit: Callable[[], tuple[int, str]]
) -> None:
    put(".tightlip.yaml", "disable: [known-secret]\n")
    stage("notes.txt", f"it is {PLAIN}\n")
    assert commit()[0] == 1


@pytest.mark.usefixtures("index_file")
def test_a_message_with_a_known_secret_is_stopped(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo)
    message = tmp_path / "message"
    message.write_text(f"Use {PLAIN}\n")
    assert hooks.main(["commit-msg", str(message)]) == 1
    message.write_text("Use another\n")
    assert hooks.main(["commit-msg", str(message)]) == 0


@pytest.mark.usefixtures("index_file")
def test_a_file_in_utf_16_is_asked_about(stage: Stage, commit: Callable[[], tuple[int, str]]) -> None:
    stage("notes.txt", f"one line\n{PLAIN}\n".encode("utf-16"))
    assert commit()[0] == 1


@pytest.mark.usefixtures("index_file")
def test_nothing_else_stops_a_commit(stage: Stage, commit: Callable[[], tuple[int, str]]) -> None:
    stage("notes.txt", "\n".join(value(seed) for seed in range(100, 120)) + f"\n{PLAIN[:-1]}x\n")
    assert commit() == (0, "")


@pytest.mark.usefixtures("index_file")
def test_what_was_there_before_stops_no_commit(
    stage: Stage, git: Callable[..., str], commit: Callable[[], tuple[int, str]]
) -> None:
    stage("notes.txt", f"it is {PLAIN}\n")
    git("commit", "-qm", "it", "--no-verify")
    stage("notes.txt", f"it is {PLAIN}\nand another line\n")
    assert commit()[0] == 0
    stage("other.txt", f"it is {PLAIN}\n")
    assert commit()[0] == 1


@pytest.mark.usefixtures("index_file")
def test_whole_files_that_are_named_are_not_asked_about(
    stage: Stage,
    put: Callable[[str, str | bytes], Path],
    repo: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put("old.txt", f"it is {PLAIN}\n")
    stage("new.txt", "nothing\n")
    monkeypatch.chdir(repo)
    assert hooks.main(["pre-commit", "old.txt", "new.txt"]) == 0
    stage("new.txt", f"it is {PLAIN}\n")
    assert hooks.main(["pre-commit", "old.txt", "new.txt"]) == 1
    assert "new.txt:1:7" in capsys.readouterr().out


@pytest.mark.usefixtures("index_file")
def test_the_policy_of_the_repository_holds(
    stage: Stage, put: Callable[[str, str | bytes], Path], commit: Callable[[], tuple[int, str]]
) -> None:
    put(".tightlipignore", "# recorded\nnotes.txt\n")
    stage("notes.txt", f"it is {PLAIN}\n")
    assert commit()[0] == 0


def test_the_index_holds_no_value_and_no_name(index_file: Path) -> None:
    content = index_file.read_bytes()
    row = json.loads(content)
    assert sorted(row) == ["format", "hashes", "lengths", "made", "salt"]
    assert len(row["hashes"]) == 2 * 2 * 5
    assert b"line" not in content
    assert PLAIN.encode() not in content


def test_two_indexes_of_the_same_value_have_nothing_in_common() -> None:
    one, other = (json.loads(index.indexed([Known("A", PLAIN.encode())])[0]) for _ in range(2))
    assert one["salt"] != other["salt"]
    assert one["hashes"] != other["hashes"]


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_the_index_is_for_its_owner_alone(
    index_file: Path, stage: Stage, commit: Callable[[], tuple[int, str]]
) -> None:
    assert stat.S_IMODE(index_file.stat().st_mode) == 0o600
    index_file.chmod(0o622)
    stage("a.txt", "nothing")
    code, told = commit()
    assert code == 2
    assert "others can write" in told


def written(**other: object) -> bytes:
    """An index, but for one field."""
    row = {"format": 1, "made": "2026-11-29", "salt": "00" * 16, "lengths": [20], "hashes": "0102030405"}
    return json.dumps(row | other).encode()


NO_INDEX = {
    "nothing": b"",
    "an empty object": b"{}",
    "a list": b"[1]",
    "bytes": b"\xff",
    "cut off": written()[:-9],
    "deep": b"[" * 100_000,
    "a later format": written(format=2),
    "a salt of another length": written(salt="00"),
    "half a hash": written(hashes="010203"),
    "no hash": written(hashes=""),
    "an endless length": written(lengths=[float("inf")]),
    "a long length": written(lengths=[1 << 40]),
    "lengths as text": written(lengths="20"),
    "a day that holds control characters": written(made="\x1b[31m"),
}


def test_an_index_as_it_should_be_is_read(
    index_file: Path, stage: Stage, commit: Callable[[], tuple[int, str]]
) -> None:
    index_file.write_bytes(written())
    stage("a.txt", "nothing")
    assert commit() == (0, "")


@pytest.mark.parametrize("content", NO_INDEX.values(), ids=NO_INDEX)
def test_what_is_no_index_gets_one_clear_line(
    index_file: Path, stage: Stage, commit: Callable[[], tuple[int, str]], content: bytes
) -> None:
    index_file.write_bytes(content)
    stage("a.txt", "nothing")
    code, told = commit()
    assert code == 2
    assert told.count("\n") == 1
    assert "no index of known secrets" in told


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_the_place_of_an_index_does_not_hold_up_the_hook(
    index_file: Path, stage: Stage, commit: Callable[[], tuple[int, str]]
) -> None:
    index_file.unlink()
    os.mkfifo(index_file, 0o600)
    stage("a.txt", "nothing")
    code, told = commit()
    assert code == 2
    assert "no index of known secrets" in told


def test_an_index_that_is_gone_is_told(index_file: Path, stage: Stage, commit: Callable[[], tuple[int, str]]) -> None:
    index_file.unlink()
    stage("a.txt", "nothing")
    code, told = commit()
    assert code == 2
    assert "tightlip known index" in told


def test_no_index_is_written_into_a_repository(repo: Path) -> None:
    (repo / "link.json").symlink_to(repo.parent / "elsewhere.json")
    for name in ("deep/known.json", "link.json"):
        with pytest.raises(UsageError, match="not for others"):
            index.write(str(repo / name), b"{}")


def test_nothing_is_left_of_an_index_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "known.json").mkdir()
    with pytest.raises(UsageError, match=r"known\.json cannot be written"):
        index.write(str(tmp_path / "known.json"), b"{}")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("known")] == ["known.json"]


def test_an_index_of_nothing_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "team.txt").write_text("a phrase of 5 words\nhunter2\n")
    assert main(["known", "index", f"lines:{tmp_path / 'team.txt'}", "--output", str(tmp_path / "it.json")]) == 2
    assert "none of these secrets can be in an index" in capsys.readouterr().err
    assert not (tmp_path / "it.json").exists()


def test_a_secret_that_is_not_to_be_had_makes_an_index_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [Known("A", PLAIN.encode()), Unread("B", "no permission", is_current=True)]
    monkeypatch.setattr("tightlip.known.sources.secrets", lambda _: iter(given))
    assert main(["known", "index", "lines:-", "--output", str(tmp_path / "it.json")]) == 3
    told = capsys.readouterr().out
    assert "knows 1 secret" in told
    assert "known secret B" in told
    assert "no permission" in told


def test_a_repository_cannot_name_an_index(repo: Path, index_file: Path) -> None:
    (repo / ".tightlip.yaml").write_text(f"known: ['{index_file}']\n")
    with pytest.raises(ConfigError, match="only your own configuration"):
        config.load(str(repo))


def test_an_index_in_the_repository_is_not_asked(repo: Path) -> None:
    Path(places.user()).parent.mkdir(parents=True, exist_ok=True)
    Path(places.user()).write_text(f"known: ['{repo}/known.json']\n")
    with pytest.raises(ConfigError, match="where no index"):
        config.load(str(repo))


def test_more_than_can_be_asked_about_is_told(
    index_file: Path, stage: Stage, commit: Callable[[], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed, "MOST", 3)
    stage("notes.txt", "\n".join(value(seed) for seed in range(100, 110)))
    code, told = commit()
    assert code == 3
    assert "values in it that look like secrets were too many" in told


def test_names_of_a_program_are_no_candidates() -> None:
    source = b"\n".join(
        [
            b"def some_function2(first_argument, *, second_argument=None): return self.other_module.CONSTANT_NAME",
            b"from package.module import Class1 as Other # https://example.org/a/path/of/some_file.html",
            b"version = '1.22.333' if strict else 'release-2024-01-31'",
        ]
    )
    assert not candidates(source, frozenset(range(8, 256)))


def test_checksums_are_no_candidates() -> None:
    digest = b64encode(bytes(range(64))).decode()
    lines = [
        f'"integrity": "sha512-{digest}",',
        f"golang.org/x/text v0.3.0 h1:{b64encode(bytes(range(32))).decode()}",
        f'checksum = "{bytes(range(32)).hex()}"',
        f"--hash=sha256:{bytes(range(32)).hex()} \\",
    ]
    assert not candidates("\n".join(lines).encode(), frozenset(range(8, 256)))


def test_of_a_file_that_is_no_text_few_are_candidates() -> None:
    noise = random.Random(1).randbytes(1 << 20)
    found = candidates(noise + b"\0password\0" + PLAIN.encode() + b"\0" + noise, frozenset(range(8, 256)))
    assert PLAIN.encode() in found
    assert len(found) < 50


def test_operators_of_a_script_without_blanks_are_no_candidates() -> None:
    script = b"!0!==l.disabled&&e.a12b?f(!1===g||0!==h.x9z):i+j=k;" * 40
    found = candidates(script + b'm="' + SPECIAL.encode() + b'"', frozenset(range(8, 256)))
    assert SPECIAL.encode() in found
    assert len(found) < 5


@pytest.mark.parametrize("seed", range(20))
def test_what_a_vault_makes_is_a_candidate(seed: int) -> None:
    assert is_candidate(value(seed).encode())
    assert is_candidate(value(seed, 32).encode().hex().encode())


def loaded(repo: Path) -> set[str]:
    """The modules that a commit loads."""
    code = "import sys; from tightlip import hooks; hooks.main(['pre-commit']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_hook_without_an_index_loads_none_of_it(stage: Stage, repo: Path) -> None:
    stage("a.txt", "nothing")
    assert not {name for name in loaded(repo) if "known" in name}


@pytest.mark.usefixtures("index_file")
def test_a_hook_with_an_index_loads_nothing_of_a_search(stage: Stage, repo: Path) -> None:
    stage("a.txt", "nothing")
    names = loaded(repo)
    assert "tightlip.known.indexed" in names
    assert not names & {"numpy", "tightlip.known.search", "tightlip.known.forms"}
