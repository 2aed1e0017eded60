"""What is exported passes detect-secrets' own hook, keeps what somebody labelled, and changes for a reason only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tightlip.cli import parser
from tightlip.errors import UsageError
from tightlip.interop import detect_secrets_export

pytest.importorskip("detect_secrets")
KEY = "".join(("AK", "IA", "QYLPMN5H", "HHFPZAM2"))
GITHUB = "".join(("gh", "p_", "9mWk2LpQ7xRt5VbN", "8cYs3HdF6gJz1K", "aE4", "uTq"))
STRIPE = "".join(("sk_", "li", "ve_", "4eC39HqLyjWD", "arjtT1zdp7dc"))
PASSWORD = "".join(("Wr0ng", "h0rse", "batt3ry"))
VALUES = (KEY, GITHUB, STRIPE, PASSWORD)
NAME = ".secrets.baseline"
COMMANDS = ("export", "import", "baseline", "scan")


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str


Run = Callable[..., Done]


@pytest.fixture
def run(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in the repository; no value may be in what it prints."""
    monkeypatch.chdir(repo)

    def run(name: str, *arguments: str) -> Done:
        code = parser.run(name, arguments, COMMANDS)
        out = "".join(capsys.readouterr())
        assert not any(value in out for value in VALUES)
        return Done(code, out)

    return run


@pytest.fixture
def shop(put: Callable[[str, str], Path], git: Callable[..., str]) -> None:
    """A repository with four secrets, to which detect-secrets gives more types than that."""
    put("app.py", f"key = '{KEY}'\n\ntoken = '{GITHUB}'\n")
    put("api/pay.py", f"stripe = '{STRIPE}'\n")
    put("pw.py", f"password = '{PASSWORD}'\n")
    git("add", "--all")
    git("commit", "-q", "-m", "first")


def hook(git: Callable[..., str], repo: Path) -> subprocess.CompletedProcess[str]:
    """Run detect-secrets' own hook over every file that git tracks."""
    git("add", "--all")
    program = "from detect_secrets.pre_commit_hook import main; raise SystemExit(main())"
    command = [sys.executable, "-c", program, "--baseline", NAME, *git("ls-files").splitlines()]
    return subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)


def results(repo: Path) -> dict[tuple[str, str], Any]:
    """The labels, by file and type."""
    text = (repo / NAME).read_text("utf-8")
    assert not any(value in text for value in VALUES)
    found = json.loads(text)["results"]
    return {(path, it["type"]): it.get("is_secret") for path, every in found.items() for it in every}


def label(repo: Path, **labels: bool) -> None:
    """Label all entries of some files, as `detect-secrets audit` does."""
    content = json.loads((repo / NAME).read_text("utf-8"))
    for name, is_secret in labels.items():
        for entry in content["results"][f"{name}.py"]:
            entry["is_secret"] = is_secret
    (repo / NAME).write_text(f"{json.dumps(content, indent=2)}\n", "utf-8")


@pytest.mark.usefixtures("shop")
def test_the_hook_of_detect_secrets_passes_and_changes_nothing(repo: Path, run: Run, git: Callable[..., str]) -> None:
    run("baseline", "create")
    assert "entries added" in run("export", "detect-secrets").out

    before = (repo / NAME).read_bytes()
    done = hook(git, repo)
    assert (done.returncode, done.stdout) == (0, "")
    assert (repo / NAME).read_bytes() == before
    assert set(results(repo)) >= {
        ("app.py", "AWS Access Key"),
        ("app.py", "GitHub Token"),
        ("api/pay.py", "Stripe Access Key"),
        ("pw.py", "Secret Keyword"),
    }


@pytest.mark.usefixtures("shop")
def test_the_hook_still_stops_what_is_new(
    repo: Path, run: Run, git: Callable[..., str], put: Callable[[str, str], Path]
) -> None:
    run("export", "detect-secrets")
    put("new.py", f"stripe = '{STRIPE[:-1]}0'\n")

    assert hook(git, repo).returncode == 1


@pytest.mark.usefixtures("shop")
def test_a_second_export_changes_nothing_also_after_detect_secrets_wrote(repo: Path, run: Run) -> None:
    run("export", "detect-secrets")
    before = (repo / NAME).read_bytes()
    assert "nothing is new" in run("export", "detect-secrets").out
    assert (repo / NAME).read_bytes() == before

    subprocess.run([sys.executable, "-m", "detect_secrets", "scan", "--baseline", NAME], cwd=repo, check=True)
    theirs = (repo / NAME).read_bytes()
    assert "nothing is new" in run("export", "detect-secrets").out
    assert (repo / NAME).read_bytes() == theirs


@pytest.mark.usefixtures("shop")
def test_judgements_become_labels_and_labels_judgements(repo: Path, run: Run) -> None:
    run("export", "detect-secrets")
    label(repo, app=True, pw=False)
    assert "(1 unjudged, 1 false-alarm, 2 real)" in run("import", "detect-secrets").out
    (repo / NAME).unlink()

    run("export", "detect-secrets")
    labels = results(repo)
    assert {is_secret for (path, _), is_secret in labels.items() if path == "app.py"} == {True}
    assert labels["pw.py", "Secret Keyword"] is False
    assert labels["api/pay.py", "Stripe Access Key"] is None


@pytest.mark.usefixtures("shop")
def test_what_detect_secrets_own_audit_says_is_taken_over(repo: Path, run: Run, git: Callable[..., str]) -> None:
    run("export", "detect-secrets")
    git("add", "--all")
    asked = subprocess.run(
        [sys.executable, "-m", "detect_secrets", "audit", NAME],
        cwd=repo,
        input="n\n" + "y\n" * (len(results(repo)) - 2) + "s\n",  # "Should this string be committed?"
        env=os.environ | {"TERM": "dumb"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Should this string be committed" in asked.stdout

    labels = results(repo)
    assert list(labels.values()) == [True, *[False] * (len(labels) - 2), None]
    run("import", "detect-secrets")
    lines = [line for line in (repo / ".tightlip-baseline.yaml").read_text("utf-8").splitlines() if line[:2] == "- "]
    assert sorted(line.partition("state: ")[2].split(",")[0] for line in lines) == [
        *("false-alarm", "false-alarm", "real", "unjudged")
    ]


@pytest.mark.usefixtures("shop")
def test_a_label_in_the_file_stays_and_the_difference_is_told(repo: Path, run: Run, git: Callable[..., str]) -> None:
    run("export", "detect-secrets")
    label(repo, pw=False)
    run("import", "detect-secrets")
    label(repo, pw=True, app=True)

    done = run("export", "detect-secrets")
    assert "a label in it that is not what is judged here, and stays: pw.py:1 Secret Keyword" in done.out
    assert results(repo)["pw.py", "Secret Keyword"] is True
    assert results(repo)["app.py", "AWS Access Key"] is True
    assert hook(git, repo).returncode == 0


@pytest.mark.usefixtures("shop")
def test_settings_and_what_detect_secrets_alone_knows_stay(
    repo: Path, run: Run, put: Callable[[str, str], Path], git: Callable[..., str]
) -> None:
    put("hex.py", "value = '3f9a1c77be20d4586e1f9b0c2a7d8e5f4b6c1d90'\n")
    git("add", "--all")
    made = subprocess.run(
        [sys.executable, "-m", "detect_secrets", "scan", "--hex-limit", "2.5", "--exclude-files", "^vendor/", "hex.py"],
        cwd=repo,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    put(NAME, made)

    run("export", "detect-secrets")
    content = json.loads((repo / NAME).read_text("utf-8"))
    assert ("hex.py", "Hex High Entropy String") in results(repo)
    assert {"name": "HexHighEntropyString", "limit": 2.5} in content["plugins_used"]
    (excluded,) = (it["pattern"] for it in content["filters_used"] if it["path"].endswith("should_exclude_file"))
    assert excluded[0] == "^vendor/"
    assert hook(git, repo).returncode == 0


@pytest.mark.usefixtures("shop")
def test_a_line_that_moved_moves_in_the_file(
    repo: Path, run: Run, put: Callable[[str, str], Path], git: Callable[..., str]
) -> None:
    run("export", "detect-secrets")
    put("pw.py", f"import os\n\npassword = '{PASSWORD}'\n")
    run("export", "detect-secrets")

    assert json.loads((repo / NAME).read_text("utf-8"))["results"]["pw.py"][0]["line_number"] == 3
    assert hook(git, repo).returncode == 0


def test_what_one_side_alone_finds_is_told(
    repo: Path, run: Run, put: Callable[[str, str], Path], git: Callable[..., str]
) -> None:
    put("a.py", f"import os\npassword = '{PASSWORD}'\nvalue = '3f9a1c77be20d4586e1f9b0c2a7d8e5f4b6c1d90'\n")
    put("b.txt", f"see dop_{'v1_' + '3f9a1c77be20d458' * 4} there\n")
    git("add", "--all")

    out = run("export", "detect-secrets").out
    assert "found by detect-secrets alone, and not in it: a.py:3 Hex High Entropy String" in out
    assert "left out, since detect-secrets does not find it: b.txt:1 " in out


@pytest.mark.usefixtures("shop")
def test_plugins_and_filters_that_a_repository_holds_are_kept_and_not_run(repo: Path, run: Run) -> None:
    (repo / "evil.py").write_text(f"open({str(repo / 'ran')!r}, 'w')\n", "utf-8")
    run("export", "detect-secrets")
    content = json.loads((repo / NAME).read_text("utf-8"))
    content["plugins_used"].append({"name": "Evil", "path": f"file://{repo}/evil.py"})
    content["filters_used"].append({"path": f"file://{repo}/evil.py::evil"})
    content["filters_used"].append({"path": "os.system"})
    (repo / NAME).write_text(json.dumps(content), "utf-8")

    assert run("export", "detect-secrets").code == 0
    assert not (repo / "ran").exists()
    assert "evil.py" in (repo / NAME).read_text("utf-8")


@pytest.mark.usefixtures("shop")
def test_modules_in_the_repository_are_not_run(repo: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", *sys.path[1:]]))
    for name in ("detect_secrets.py", "json.py", "fnmatch.py"):
        (repo / name).write_text(f"open({str(repo / 'ran')!r}, 'w')\n", "utf-8")

    assert run("export", "detect-secrets").code == 0
    assert not (repo / "ran").exists()


@pytest.mark.usefixtures("shop")
def test_without_detect_secrets_types_are_what_they_are_taken_for(
    repo: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detect_secrets_export, "is_installed", lambda: False)

    assert "its hook may know better" in run("export", "detect-secrets").out
    assert set(results(repo)) == {
        ("app.py", "AWS Access Key"),
        ("app.py", "GitHub Token"),
        ("api/pay.py", "Stripe Access Key"),
        ("pw.py", "Secret Keyword"),
    }
    assert "nothing is new" in run("export", "detect-secrets").out


@pytest.mark.usefixtures("shop")
def test_it_may_go_to_standard_output(repo: Path, run: Run) -> None:
    assert "AWS Access Key" in run("export", "detect-secrets", "--output", "-").out
    assert not (repo / NAME).exists()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": "0.14.3", "results": {}}', '{"results": {"a": 3}}'])
def test_a_file_that_is_no_baseline_is_not_written_over(repo: Path, run: Run, content: str) -> None:
    (repo / NAME).write_text(content, "utf-8")

    with pytest.raises(UsageError) as error:
        run("export", "detect-secrets")
    assert "\n" not in str(error.value)
    assert (repo / NAME).read_text("utf-8") == content


def test_it_runs_from_any_folder_of_the_repository(
    repo: Path, shop: None, run: Run, monkeypatch: pytest.MonkeyPatch, git: Callable[..., str]
) -> None:
    monkeypatch.chdir(repo / "api")
    run("export", "detect-secrets")

    assert os.path.exists(repo / NAME)
    assert ("api/pay.py", "Stripe Access Key") in results(repo)
    assert hook(git, repo).returncode == 0


def test_a_value_that_holds_tightlips_is_there_by_its_own_hash(
    repo: Path, run: Run, put: Callable[[str, str], Path], git: Callable[..., str]
) -> None:
    put("app.py", f"api_key = 'Bearer:{GITHUB}'\n")
    git("add", "--all")
    run("export", "detect-secrets")

    assert set(results(repo)) == {("app.py", "Secret Keyword"), ("app.py", "GitHub Token")}
    assert hook(git, repo).returncode == 0
