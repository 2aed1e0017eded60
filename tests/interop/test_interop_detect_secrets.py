"""detect-secrets' baselines are read in every version, and what is exported detect-secrets takes for its own."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha1
from pathlib import Path

import pytest

import tightlip
from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.interop import detect_secrets
from tightlip.scan import scan_files

KEY = "AKI" + "A" + "QYLPMN5HHHFPZAM2"
GITHUB = "ghp" + "_" + "9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"
STRIPE = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def tool(*args: str, cwd: Path) -> str:
    """Run detect-secrets."""
    command = [sys.executable, "-m", "detect_secrets", *args]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def folder(repo: Path, git, monkeypatch: pytest.MonkeyPatch) -> Path:  # type: ignore[no-untyped-def]  # noqa: ANN001
    pytest.importorskip("detect_secrets")
    (repo / "app.py").write_text(f"key = '{KEY}'\n\ntoken = '{GITHUB}'\n", "utf-8")
    (repo / "pay.py").write_text(f"stripe = '{STRIPE}'\n", "utf-8")
    git("add", ".")
    monkeypatch.chdir(repo)
    return repo


def write(folder: Path, content: object) -> str:
    file = folder / ".secrets.baseline"
    file.write_text(json.dumps(content), "utf-8")
    return str(file)


def test_what_detect_secrets_wrote_is_matched_to_findings(folder: Path, scanner: tightlip.Scanner) -> None:
    baseline = json.loads(tool("scan", cwd=folder))
    for entry in baseline["results"]["app.py"]:
        entry["is_secret"] = entry["type"] == "AWS Access Key"
    read = detect_secrets.read(write(folder, baseline))
    report = scan_files(["app.py", "pay.py"], scanner=scanner)
    result = detect_secrets.judgements(read, report.findings)

    matched = {(it.occurrence.path, it.occurrence.line, it.foreign.kind, it.foreign.is_secret) for it in result.both}
    assert {
        ("app.py", 1, "AWS Access Key", True),
        ("app.py", 3, "GitHub Token", False),
        ("pay.py", 1, "Stripe Access Key", None),
    } <= matched
    assert result.ours == ()
    assert result.theirs == ()


def test_paths_may_be_counted_from_elsewhere(folder: Path, scanner: tightlip.Scanner) -> None:
    read = detect_secrets.read(write(folder, json.loads(tool("scan", cwd=folder))))
    report = scan_files([folder / "app.py", folder / "pay.py"], scanner=scanner)

    assert detect_secrets.judgements(read, report.findings).both == ()
    assert detect_secrets.judgements(read, report.findings, top=str(folder)).ours == ()


def test_detect_secrets_knows_what_was_exported(folder: Path, scanner: tightlip.Scanner) -> None:
    (folder / "out").write_text(detect_secrets.exported(scan_files(["app.py", "pay.py"], scanner=scanner)), "utf-8")
    exported = json.loads((folder / "out").read_text("utf-8"))["results"]
    tool("scan", "--baseline", "out", cwd=folder)
    again = json.loads((folder / "out").read_text("utf-8"))["results"]

    def identities(results: dict[str, list[dict[str, str]]]) -> set[tuple[str, str, str]]:
        return {(path, it["type"], it["hashed_secret"]) for path, every in results.items() for it in every}

    assert {kind for _, kind, _ in identities(exported)} == {"AWS Access Key", "GitHub Token", "Stripe Access Key"}
    assert identities(exported) <= identities(again)


def test_detect_secrets_audits_what_was_exported(folder: Path, scanner: tightlip.Scanner) -> None:
    (folder / "out").write_text(detect_secrets.exported(scan_files(["app.py", "pay.py"], scanner=scanner)), "utf-8")
    audited = json.loads(tool("audit", "--report", "out", cwd=folder))["results"]

    assert {(it["filename"], line) for it in audited for line in it["lines"]} == {
        *(("app.py", "1"), ("app.py", "3"), ("pay.py", "1"))
    }


def test_what_is_exported_holds_no_value_and_is_the_same_each_time(folder: Path, scanner: tightlip.Scanner) -> None:
    texts = {detect_secrets.exported(scan_files(["pay.py", "app.py"], scanner=scanner)) for _ in range(2)}

    assert len(texts) == 1
    assert not any(value in text for text in texts for value in (KEY, GITHUB, STRIPE))


def test_what_was_exported_is_read_again(folder: Path, scanner: tightlip.Scanner) -> None:
    report = scan_files(["app.py", "pay.py"], scanner=scanner)
    (folder / "out").write_text(detect_secrets.exported(report), "utf-8")
    result = detect_secrets.judgements(detect_secrets.read("out"), report.findings)

    assert len(result.both) == len(report.findings)
    assert result.theirs == ()


DIGEST = sha1(KEY.encode()).hexdigest()  # noqa: S324 - what such a file holds
OLD = {"hashed_secret": DIGEST, "line_number": 1, "type": "AWS Access Key", "is_secret": False}


@pytest.mark.parametrize(
    "baseline",
    [
        {
            "exclude_regex": "x",
            "plugins_used": [{"name": "AWSKeyDetector"}],
            "results": {"a": [OLD]},
            "version": "0.9.1",
        },
        {
            "custom_plugin_paths": [],
            "exclude": {"files": "x", "lines": None},
            "plugins_used": [{"name": "AWSKeyDetector"}],
            "results": {"a": [OLD]},
            "version": "0.14.3",
            "word_list": {"file": None, "hash": None},
        },
        {
            "version": "1.0.3",
            "plugins_used": [{"name": "AWSKeyDetector"}],
            "filters_used": [{"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["x"]}],
            "results": {"a": [OLD | {"filename": "a", "is_verified": True}]},
            "generated_at": "2021-01-01T00:00:00Z",
        },
    ],
)
def test_every_version_is_read(tmp_path: Path, baseline: object) -> None:
    read = detect_secrets.read(write(tmp_path, baseline))

    assert [(it.path, it.kind, it.line, it.sha1, it.is_secret) for it in read.findings] == [
        ("a", "AWS Access Key", 1, DIGEST, False)
    ]
    assert [(it.paths, it.regexes) for it in read.allows] == [(("x",), ())]
    assert [note for note in read.left if note.lost] == []


def test_a_slim_baseline_has_no_lines(folder: Path, scanner: tightlip.Scanner) -> None:
    read = detect_secrets.read(write(folder, json.loads(tool("scan", "--slim", cwd=folder))))
    result = detect_secrets.judgements(read, scan_files(["app.py", "pay.py"], scanner=scanner).findings)

    assert {it.foreign.kind for it in result.both} >= {"AWS Access Key", "Stripe Access Key"}
    assert {it.kind for it in result.theirs} == {"GitHub Token"}  # its hash is that of every token of the kind


def test_programs_that_a_baseline_names_are_told_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", "utf-8")
    read = detect_secrets.read(
        write(
            tmp_path,
            {
                "version": "1.5.0",
                "plugins_used": [
                    {"name": "Mine", "path": f"file://{tmp_path}/plugin.py"},
                    {"name": "IPPublicDetector"},
                    {"name": "Unheard"},
                ],
                "filters_used": [{"path": f"file://{tmp_path}/plugin.py::is_it"}, {"path": "os.system"}],
                "results": {},
            },
        )
    )

    assert not (tmp_path / "ran").exists()
    assert [note.what.split()[0] for note in read.left if note.lost] == ["plugin", "plugin", "filter", "filter"]
    assert [note.what for note in read.left if not note.lost] == ["plugin IPPublicDetector"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"results": 3}',
        '{"results": {"a": [3]}}',
        '{"results": {"a": [{"hashed_secret": 3}]}}',
        '{"results": {"a": [{"hashed_secret": "' + "0" * 40 + '", "line_number": -1}]}}',
        '{"results": {"a": [{"hashed_secret": "' + "0" * 40 + '", "line_number": 1e999}]}}',
        '{"results": {}, "plugins_used": "x"}',
    ],
)
def test_what_is_no_baseline_is_one_clear_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "b"
    file.write_text(content, "utf-8")

    with pytest.raises(UsageError) as error:
        detect_secrets.read(str(file))
    assert "\n" not in str(error.value)


def test_the_command_lists_what_both_know_and_shows_no_value(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline = json.loads(tool("scan", cwd=folder))
    baseline["results"] |= {"../elsewhere": [OLD | {"type": "AWS Access Key"}]}
    write(folder, baseline)

    assert main(["import", "detect-secrets"]) == 0
    out = capsys.readouterr().out
    assert "app.py:1 " in out
    assert "../elsewhere:1 AWS Access Key, a file that is not here" in out
    assert not any(value in out for value in (KEY, GITHUB, STRIPE))


def test_what_was_judged_no_secret_is_let_stay(folder: Path) -> None:
    baseline = json.loads(tool("scan", cwd=folder))
    for entry in baseline["results"]["app.py"]:
        entry["is_secret"] = entry["line_number"] == 1
    write(folder, baseline)

    Path(".tightlipignore").write_text("# ours\nbuild/", "utf-8")
    for _ in range(2):
        assert main(["import", "detect-secrets", "--ignore", ".tightlipignore"]) == 0
    first, second, third = Path(".tightlipignore").read_text("utf-8").splitlines()
    assert (first, second) == ("# ours", "build/")
    assert third.startswith("8b4a66963bc3f3727707  # judged no secret as ")
