"""`--known` on the three kinds of scan, as a person calls them."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from knownvalues import value

from tightlip.cli import knowing, main
from tightlip.engine import Scanner
from tightlip.known.fit import fitting
from tightlip.known.search import KnownScanner
from tightlip.known.secret import Known
from tightlip.known.unread import Unread
from tightlip.scan import scan_files, scan_history

VALUE = value(11, more="/&\"'")
PLAIN = value(12)
Run = Callable[..., tuple[int, dict[str, list[dict[str, object]]]]]
PLANTED = {
    "exact.txt": VALUE.encode(),
    "json.txt": json.dumps({"a": VALUE}).encode(),
    "url.txt": quote(VALUE, safe="").encode(),
    "html.txt": html.escape(VALUE).encode(),
    "base64.txt": b64encode(b"user:" + VALUE.encode() + b"@host"),
    "hex.txt": VALUE.encode().hex().encode(),
    "utf16.txt": f"a = {VALUE}\n".encode("utf-16"),
    "binary.bin": b"\x00\x01\x02\x03\xff" + VALUE.encode("utf-16-le") + b"\x00\x80\xff\x01",
}


@pytest.fixture
def secrets_file(tmp_path: Path) -> Path:
    path = tmp_path / "team.txt"
    path.write_text(f"{VALUE}\n{PLAIN}\nshort\n")
    return path


@pytest.fixture
def told(repo: Path, secrets_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a scan with the team's values; return its exit code and its report."""

    def told(command: str, *arguments: str) -> tuple[int, dict[str, list[dict[str, object]]]]:
        monkeypatch.chdir(repo)
        code = main([command, "--report", "json", "--known", f"lines:{secrets_file}", *arguments])
        written = capsys.readouterr()
        assert VALUE not in written.out + written.err
        assert PLAIN not in written.out + written.err
        return code, json.loads(written.out)

    return told


def known_in(report: dict[str, list[dict[str, object]]]) -> dict[str, set[str]]:
    """Where each known secret was found, by the name that is told."""
    found: dict[str, set[str]] = {}
    for finding in report["findings"]:
        name = str(finding["name"])
        if "known secret " in name:
            places: list[dict[str, str]] = finding["occurrences"]  # type: ignore[assignment]
            found.setdefault(name.partition("known secret ")[2].partition(" of ")[0], set()).update(
                it["path"] for it in places
            )
    return found


@pytest.fixture
def planted(put: Callable[[str, str | bytes], Path]) -> None:
    for name, content in PLANTED.items():
        put(name, content)


@pytest.mark.usefixtures("planted")
class TestEachForm:
    def test_is_found_in_files(self, told: Run) -> None:
        code, report = told("scan", ".")
        assert code == 1
        assert {os.path.basename(path) for path in known_in(report)["line 1"]} == set(PLANTED)

    def test_is_found_in_what_is_staged(self, told: Run, git: Callable[..., str]) -> None:
        git("add", "--all")
        code, report = told("scan-staged")
        assert code == 1
        assert known_in(report)["line 1"] == set(PLANTED)

    def test_is_found_in_history(self, told: Run, git: Callable[..., str]) -> None:
        git("add", "--all")
        git("commit", "-qm", "files")
        git("rm", "-q", *PLANTED)
        git("commit", "-qm", "gone")
        code, report = told("scan-history")
        assert code == 1
        assert known_in(report)["line 1"] == set(PLANTED)

    def test_is_found_in_a_packed_history_of_versions(
        self, told: Run, git: Callable[..., str], put: Callable[[str, str | bytes], Path]
    ) -> None:
        git("add", "--all")
        git("commit", "-qm", "files")
        for version in range(6):
            put(
                "long.txt",
                f"{version}\n" + "some line of text\n" * 300 + (PLAIN if version == 3 else "") + "\nend\n" * 50,
            )
            git("add", "--all")
            git("commit", "-qm", str(version))
        git("gc", "-q")
        assert known_in(told("scan-history")[1]) == {"line 1": set(PLANTED), "line 2": {"long.txt"}}


def test_a_value_is_found_in_messages_names_and_refs(
    told: Run, git: Callable[..., str], stage: Callable[[str, str | bytes], None]
) -> None:
    stage(f"backup-{PLAIN}.txt", "nothing in it")
    git("commit", "-qm", f"Use {PLAIN}")
    git("branch", f"try/{PLAIN}")
    _, report = told("scan-history", "-v")
    (finding,) = [it for it in report["findings"] if "line 2" in str(it["name"])]
    places: list[dict[str, str]] = finding["occurrences"]  # type: ignore[assignment]
    assert {place["part"] for place in places} >= {"path", "commit"} if "part" in places[0] else True
    assert finding["severity"] == "critical"
    assert finding["confidence"] == 1.0


def test_what_a_rule_finds_as_well_is_one_finding(told: Run, put: Callable[[str, str | bytes], Path]) -> None:
    put("settings.py", f'DB_PASSWORD = "{PLAIN}"\nURL = "postgres://app:{PLAIN}@db.internal/app"\n')
    _, report = told("scan", ".")
    (finding,) = report["findings"]
    assert "known secret line 2" in str(finding["name"])
    assert finding["rule"] != "known-secret"
    assert len(finding["occurrences"]) == 2  # type: ignore[arg-type]


def test_a_value_that_no_rule_knows_has_a_rule_of_its_own(told: Run, put: Callable[[str, str | bytes], Path]) -> None:
    put("notes.txt", f"as discussed, it is {PLAIN} from now on\n")
    _, report = told("scan", ".")
    assert [finding["rule"] for finding in report["findings"]] == ["known-secret"]


def test_nothing_else_is_found(told: Run, put: Callable[[str, str | bytes], Path]) -> None:
    put("notes.txt", f"{PLAIN[:-1]} and {PLAIN[1:]} and short and {PLAIN.swapcase()}\n")
    code, report = told("scan", ".")
    assert not known_in(report)
    assert code == 0


def test_what_is_left_out_is_said(
    repo: Path, secrets_file: Path, capsys: pytest.CaptureFixture[str], put: Callable[[str, str | bytes], Path]
) -> None:
    put("a.txt", "nothing\n")
    main(["scan", str(repo), "--known", f"lines:{secrets_file}"])
    told = capsys.readouterr().out
    assert "2 known values searched for, 1 left out" in told
    assert "fewer than 8 bytes: line 3" in told


@pytest.mark.parametrize(
    ("text", "said"), [(f"it is {PLAIN}, {PLAIN}", "1 of 2"), ("nothing", "0 of 2")], ids=["1", "0"]
)
def test_how_many_were_found_is_said(
    repo: Path,
    secrets_file: Path,
    capsys: pytest.CaptureFixture[str],
    put: Callable[[str, str | bytes], Path],
    text: str,
    said: str,
) -> None:
    put("a.txt", f"{text}\n")
    main(["scan", str(repo), "--known", f"lines:{secrets_file}"])
    assert f"{said} known values found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        pytest.param("lines:empty", 2, "lines:empty: ", id="an empty file"),
        pytest.param("dotenv:empty", 2, "dotenv:empty: ", id="an empty dotenv file"),
        pytest.param("command:echo -n", 2, "command:echo: ", id="a silent program"),
        pytest.param("lines:short", 3, "none of 2 is searched for", id="short values only"),
    ],
)
def test_a_search_for_nothing_is_not_clean(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "short").write_text("hunter2\nchangeme\n")
    (tmp_path / "scanned").write_text("nothing\n")
    assert main(["scan", "scanned", "--known", given]) == code
    written = capsys.readouterr()
    assert said in written.out + written.err


def test_what_only_moved_is_not_new(
    told: Run, git: Callable[..., str], stage: Callable[[str, str | bytes], None]
) -> None:
    stage("a.txt", f"one\nit is {PLAIN}\n")
    git("commit", "-qm", "it")
    git("mv", "a.txt", "b.txt")
    stage("b.txt", f"one\ntwo\nit is {PLAIN}\n")
    assert told("scan-staged")[0] == 0


def test_a_scan_that_was_interrupted_does_not_say_that_known_values_were_searched_for(tmp_path: Path) -> None:
    report = replace(scan_files([tmp_path]), interrupted=True)
    known = fitting([Known("P", PLAIN.encode(), source="lines:-"), Unread("Q", "no permission", is_current=True)])
    told = knowing.added(report, known, pytest.fail, Scanner(), None)
    assert not told.notes
    assert [it.what for it in told.unscanned] == ["known secret Q of "]


@pytest.mark.parametrize("command", ["scan-staged", "scan-history"])
def test_a_key_that_a_small_change_makes_whole_is_new(
    tmp_path: Path,
    git: Callable[..., str],
    stage: Callable[[str, str | bytes], None],
    repo: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    lines = ["-----BEGIN IT-----", *(value(seed, 64) for seed in range(40, 70)), "-----END IT-----"]
    (tmp_path / "team.json").write_text(json.dumps({"KEY": "\n".join(lines) + "\n"}))
    text = "a:\n" + "".join(f"      {line}\n" for line in lines)
    around = "some: line\n" * 500
    stage("a.yaml", around + text.replace(lines[20], "TO-COME") + around)
    git("commit", "-qm", "nearly")
    stage("a.yaml", around + text + around)
    if command == "scan-history":
        git("commit", "-qm", "all of it")
        git("gc", "-q")
    assert main([command, str(repo), "-q", "--known", f"command:cat {tmp_path / 'team.json'}"]) == 1
    assert "a.yaml:502:7: critical: known secret KEY of command:cat" in capsys.readouterr().out


def test_a_comment_that_allows_it_is_told(
    repo: Path, secrets_file: Path, capsys: pytest.CaptureFixture[str], put: Callable[[str, str | bytes], Path]
) -> None:
    put("a.py", f'x = f("{PLAIN}")  # tightlip: allow\n')
    assert main(["scan", str(repo), "--known", f"lines:{secrets_file}"]) == 0
    assert "comments allow what is critical and surely a secret" in capsys.readouterr().out


def test_a_cache_of_what_is_clean_hides_no_known_secret(
    told: Run,
    git: Callable[..., str],
    stage: Callable[[str, str | bytes], None],
    repo: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage("notes.txt", f"as discussed, it is {PLAIN} from now on\n")
    git("commit", "-qm", "notes")
    for _ in range(2):
        assert main(["scan-history", str(repo)]) == 0  # and all of it is remembered as clean
        capsys.readouterr()
    assert told("scan-history")[0] == 1


def test_a_scan_for_known_secrets_leaves_no_word_for_the_next(
    told: Run, git: Callable[..., str], stage: Callable[[str, str | bytes], None], cache: Path, repo: Path
) -> None:
    stage("notes.txt", "nothing known\n")
    git("commit", "-qm", "notes")
    scanner = KnownScanner([Known("OTHER", value(99).encode(), source="lines:-")])
    stage("more.txt", f"it is {PLAIN} from now on\n")
    git("commit", "-qm", "more")
    assert not scan_history(repo, scanner=scanner, cache=True).findings
    assert told("scan-history")[0] == 1
    assert scan_history(repo, scanner=KnownScanner([Known("P", PLAIN.encode(), source="lines:-")]), cache=True).findings


def test_several_processes_find_the_same(
    told: Run, git: Callable[..., str], put: Callable[[str, str | bytes], Path]
) -> None:
    for number in range(40):
        put(f"{number}.bin", os.urandom(60_000) + (PLAIN.encode() if number % 13 == 1 else b""))
    git("add", "--all")
    git("commit", "-qm", "much")
    git("gc", "-q")
    assert known_in(told("scan-history", "--jobs", "2")[1]) == {"line 2": {"1.bin", "14.bin", "27.bin"}}


def test_standard_input_is_scanned_for_both(secrets_file: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tightlip", "scan", "-", "--known", f"lines:{secrets_file}", "-q"],
        input=f"note: {PLAIN} it is\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "-:1:7: critical: known secret line 2" in done.stdout


def test_standard_input_is_not_read_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "-", "--known", "lines:-"]) == 2
    assert "can be read once" in capsys.readouterr().err


def test_the_policy_of_the_repository_holds(
    told: Run, put: Callable[[str, str | bytes], Path], git: Callable[..., str]
) -> None:
    put("docs/notes.txt", f"as discussed, it is {PLAIN} from now on\n")
    put("notes.txt", f"as discussed, it is {PLAIN} from now on\n")
    put(".tightlipignore", "# old\n/docs/\n")
    git("add", "--all")
    _, report = told("scan-staged")
    assert known_in(report) == {"line 2": {"notes.txt"}}


@pytest.mark.parametrize(
    "configuration",
    [
        "disable: [known-secret]",
        "disable: ['severity:critical']",
        "override: {known-secret: {severity: low, confidence: 0.1}}\nmin_severity: high",
    ],
    ids=["the rule off", "its severity off", "not severe"],
)
def test_a_repository_does_not_choose_what_was_asked_for(
    told: Run, put: Callable[[str, str | bytes], Path], git: Callable[..., str], configuration: str
) -> None:
    put(".tightlip.yaml", configuration + "\n")
    put("notes.txt", f"as discussed, it is {PLAIN} from now on\n")
    git("add", "--all")
    code, report = told("scan-staged")
    assert code == 1
    assert [(finding["rule"], finding["severity"]) for finding in report["findings"]] == [("known-secret", "critical")]
