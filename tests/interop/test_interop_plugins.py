"""detect-secrets' plugins look at what is scanned, where the user's own file wants them, and cannot fail unnoticed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import tightlip
from tightlip.cli import main
from tightlip.engine import Scanner
from tightlip.interop.plugins import Plugged, process, scanner
from tightlip.interop.plugins.process import Plugins

pytest.importorskip("detect_secrets")
ACME = "acme_" + "0f9e8d7c6b5a4938"
KEY = "".join(("AK", "IA", "QYLPMN5H", "HHFPZAM2"))
RULE = "detect-secrets-acme-key"
CUSTOM = """
import os, re, sys, time

from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector


class AcmeDetector(RegexBasedDetector):
    secret_type = "Acme Key"
    denylist = (re.compile("acme_[0-9a-f]{16}"),)


class Unruly(BasePlugin):
    secret_type = "Unruly"

    def analyze_string(self, string):
        print(string)
        print(string, file=sys.stderr)
        for word, does in (
            ("please raise", lambda: int(string)),
            ("please leave", lambda: sys.exit(string)),
            ("please die", lambda: os._exit(1)),
            ("please wait", lambda: time.sleep(60)),
        ):
            if word in string:
                does()
        return []
"""


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str


Run = Callable[..., Done]


@pytest.fixture
def custom(tmp_path: Path) -> Path:
    """A file with plugins, outside of the repository."""
    file = tmp_path / "home" / "acme_plugins.py"
    file.write_text(CUSTOM, "utf-8")
    return file


@pytest.fixture
def configure(tmp_path: Path) -> Callable[[str], Path]:
    """Write the user's own configuration."""

    def configure(text: str) -> Path:
        file = Path(os.environ["XDG_CONFIG_HOME"]) / "tightlip.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    return configure


@pytest.fixture
def acme(custom: Path, configure: Callable[[str], Path]) -> None:
    configure(f"detect_secrets: {{plugins: [AWSKeyDetector], custom: ['{custom}']}}\n")


@pytest.fixture
def run(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in the repository; no value may be in what it prints."""
    monkeypatch.chdir(repo)

    def run(*arguments: str) -> Done:
        code = main(arguments)
        out = "".join(capsys.readouterr())
        assert ACME not in out
        assert KEY not in out
        return Done(code, out)

    return run


@pytest.mark.usefixtures("acme")
def test_a_plugin_of_the_user_finds_what_no_rule_finds(repo: Path, put: Callable[[str, str], Path], run: Run) -> None:
    put("a.py", f"# ö\nkeys = ['{ACME}']\n")

    done = run("scan", "--report", "json")
    (finding,) = json.loads(done.out)["findings"]
    assert (finding["rule"], finding["name"], finding["confidence"]) == (RULE, "Acme Key", 0.6)
    assert finding["reasons"] == ["detect-secrets' AcmeDetector finds it"]
    assert [(it["line"], it["column"], it["end_column"]) for it in finding["occurrences"]] == [(2, 10, 31)]
    assert done.code == 1


@pytest.mark.usefixtures("acme")
def test_what_a_rule_finds_itself_stays_the_rules(put: Callable[[str, str], Path], run: Run) -> None:
    put("a.py", f"key = '{KEY}'\n")

    assert run("scan", "-q").out.splitlines() == [
        "a.py:1:8: medium: AWS access key id [aws-access-key-id] AKIA******** (20 characters)"
    ]


@pytest.mark.usefixtures("acme")
def test_a_staged_file_is_looked_at_and_what_it_held_before_is_not_new(
    stage: Callable[[str, str], None], git: Callable[..., str], run: Run
) -> None:
    stage("a.py", f"x = '{ACME}'\n")
    assert RULE in run("scan-staged", "-q").out
    git("commit", "-q", "-m", "one")
    stage("a.py", f"import os\nx = '{ACME}'\n")
    assert run("scan-staged", "-q") == Done(0, "")
    stage("a.py", f"import os\nx = '{ACME}'\ny = '{ACME[:-1]}0'\n")
    assert run("scan-staged", "-q").out.startswith("a.py:3:6:")


@pytest.mark.usefixtures("acme")
def test_the_hook_looks_with_plugins_too(stage: Callable[[str, str], None], run: Run) -> None:
    stage("a.py", f"x = '{ACME}'\n")
    done = run("hook", "pre-commit")
    assert (done.code, RULE in done.out) == (1, True)


@pytest.mark.usefixtures("acme")
def test_what_plugins_find_can_be_known(put: Callable[[str, str], Path], git: Callable[..., str], run: Run) -> None:
    put("a.py", f"x = '{ACME}'\n")
    git("add", "a.py")
    assert run("baseline", "create").code == 0
    assert run("scan").code == 0


@pytest.mark.usefixtures("acme")
def test_a_history_is_looked_through_by_rules_and_by_plugins(
    put: Callable[[str, str], Path], git: Callable[..., str], run: Run
) -> None:
    for text in (f"x = '{ACME}'\nkey = '{KEY}'\n", "x = y\n"):
        put("a.py", text)
        git("add", ".")
        git("commit", "-q", "-m", "change")

    report = json.loads(run("scan-history", "--report", "json", "--no-cache").out)
    first = git("rev-list", "--max-parents=0", "HEAD")
    assert {(it["rule"], it["in_head"], it["occurrences"][0]["commit"]) for it in report["findings"]} == {
        ("aws-access-key-id", False, first),
        (RULE, False, first),
    }
    assert any("other refs reach" in note for note in report["scan"]["notes"])
    assert RULE in run("scan-history", "--max-count", "2", "-q").out
    assert run("scan-history", "HEAD~1..HEAD", "-q").code == 0


@pytest.mark.usefixtures("acme")
def test_pragmas_fingerprints_and_the_configuration_allow_what_a_plugin_finds(
    repo: Path, put: Callable[[str, str], Path], run: Run
) -> None:
    put("a.py", f"x = '{ACME}'  # tightlip: allow={RULE} of the manual\n")
    put("b.py", f"x = '{ACME}'  # pragma: allowlist secret\n")
    assert run("scan", "-q") == Done(0, "")
    put("a.py", f"x = '{ACME}'\n")
    put(".tightlip.yaml", f"disable: ['{RULE}']\n")
    assert run("scan", "-q") == Done(0, "")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("asks", "why"),
    [
        ("please raise", "detect-secrets' plugins: Unruly (ValueError) failed"),
        ("please leave", "detect-secrets' plugins: Unruly (SystemExit) failed"),
        ("please die", "detect-secrets' plugins: the process ended by itself"),
        ("please wait", "detect-secrets' plugins: it took more than 1 seconds"),
    ],
)
def test_a_plugin_that_fails_makes_the_scan_incomplete(
    put: Callable[[str, str], Path], run: Run, monkeypatch: pytest.MonkeyPatch, asks: str, why: str
) -> None:
    monkeypatch.setattr(process, "SECONDS", 1.0)
    put("a.txt", f"{asks} now\n")
    put("b.txt", "nothing\n")

    done = run("scan", "-q")
    assert done.code == 3
    assert done.out == f"a.txt: not scanned: {why}\n"


@pytest.mark.usefixtures("acme")
def test_plugins_that_take_too_long_each_time_are_given_up(
    put: Callable[[str, str], Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "SECONDS", 0.3)
    for number in range(5):
        put(f"{number}.txt", "please wait\n")

    assert run("scan", "-q").out.count("were given up") == 2


@pytest.mark.usefixtures("acme")
def test_the_text_of_utf_16_is_looked_at_and_a_binary_file_is_not(put: Callable[[str, bytes], Path], run: Run) -> None:
    put("a.txt", f"one\ntwo {ACME}\n".encode("utf-16"))
    put("b.bin", b"\0\1\2 please raise\n")

    done = run("scan", "-q")
    assert done.out.startswith("a.txt:2:5:")
    assert done.out.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{plugins: [NoSuchDetector]}", "detect-secrets has no plugin NoSuchDetector"),
        ("{plugins: []}", "names no plugin"),
        ("{custom: [relative.py]}", "must be an absolute path"),
        ("{custom: [/nowhere/at/all.py]}", "is no file"),
        ("{names: [a]}", "is not a key that is known here"),
        ("{custom: [BROKEN]}", "cannot be loaded: ZeroDivisionError is raised"),
        ("{custom: [EMPTY]}", "has no plugin in it"),
    ],
)
def test_a_mistake_is_one_clear_line(
    tmp_path: Path, configure: Callable[[str], Path], run: Run, text: str, told: str
) -> None:
    for name, content in (("BROKEN", "1 / 0\n"), ("EMPTY", "x = 1\n")):
        file = tmp_path / "home" / f"{name.lower()}.py"
        file.write_text(content, "utf-8")
        text = text.replace(name, f"'{file}'")
    configure(f"detect_secrets: {text}\n")

    done = run("scan")
    assert (done.code, done.out.count("\n")) == (2, 1)
    assert told in done.out


def test_where_detect_secrets_is_missing_one_line_says_what_to_install(
    configure: Callable[[str], Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure("detect_secrets: {plugins: [AWSKeyDetector]}\n")
    monkeypatch.setattr(process, "find_spec", lambda name: None)

    done = run("scan")
    assert (done.code, done.out.count("\n")) == (2, 1)
    assert "pip install 'tightlip[detect-secrets]'" in done.out


def test_names_may_be_globs(configure: Callable[[str], Path], put: Callable[[str, str], Path], run: Run) -> None:
    configure("detect_secrets: {plugins: ['*EntropyString']}\n")
    put("a.py", "value = '3f9a1c77be20d4586e1f9b0c2a7d8e5f4b6c1d90'\n")

    assert run("scan", "-q").code == 0  # it goes by nothing but how the value looks
    assert "[detect-secrets-hex-high-entropy-string]" in run("scan", "-q", "--min-confidence", "low").out


def test_modules_in_the_repository_are_not_run(
    repo: Path, put: Callable[[str, str], Path], run: Run, acme: None
) -> None:
    for name in ("detect_secrets.py", "json.py", "re.py", "acme_plugins.py"):
        put(name, f"open({str(repo / 'ran')!r}, 'w')\n")
    put("a.py", f"x = '{ACME}'\n")

    assert RULE in run("scan", "-q").out
    assert not (repo / "ran").exists()


def test_a_scan_without_the_key_imports_nothing_of_it(put: Callable[[str, str], Path], repo: Path) -> None:
    put("a.py", f"x = '{ACME}'\n")
    put(".tightlip.yaml", "min_confidence: high\n")
    code = (
        "import sys; from tightlip.cli import main; main(['scan', '-q']); "
        "sys.exit(any('interop' in name or 'detect_secrets' in name for name in sys.modules))"
    )
    env = os.environ | {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}

    assert subprocess.run([sys.executable, "-c", code], cwd=repo, env=env, check=False).returncode == 0


def test_the_beginning_of_a_token_stands_for_all_of_it(custom: Path) -> None:
    plugins = Plugins(("GitHubTokenDetector",), ())
    token = "".join(("gh", "p_", "9mWk2LpQ7xRt5VbN", "8cYs3HdF6gJz1K", "aE4", "uTq"))
    found = Plugged(Scanner(min_confidence=1.0), plugins)
    found.min_confidence = 0.5

    assert [it.secret.reveal() for it in found.scan(f"x = '{token}'\n".encode(), b"a.py").matches] == [token.encode()]


def test_the_rules_of_plugins_stand_behind_the_others(custom: Path) -> None:
    own = Scanner()
    rules = Plugged(own, Plugins(("AWSKeyDetector",), (str(custom),))).compiled.rules

    assert [rule.id for rule in rules] == [
        *(rule.id for rule in own.compiled.rules),
        *("detect-secrets-aws-access-key", RULE, "detect-secrets-unruly"),
    ]
    assert [rules[len(rules) - 2].id, rules.of(RULE).name] == [RULE, "Acme Key"]
    assert rules.of("aws-access-key-id").id == "aws-access-key-id"


def test_detect_secrets_is_not_loaded_into_this_process() -> None:
    spec = importlib.util.find_spec("tightlip.interop.plugins.worker")
    assert spec is not None
    assert "tightlip.interop.plugins.worker" not in sys.modules


@pytest.mark.usefixtures("acme")
def test_what_plugins_find_is_known_from_a_baseline_of_detect_secrets(
    repo: Path, put: Callable[[str, str], Path], git: Callable[..., str], run: Run
) -> None:
    put("a.py", f"x = '{ACME}'\n")
    git("add", "--all")
    git("commit", "-q", "-m", "first")
    entry = {"type": "Acme Key", "hashed_secret": hashlib.sha1(ACME.encode()).hexdigest(), "line_number": 1}  # noqa: S324 - theirs
    put(".secrets.baseline", json.dumps({"version": "1.5.0", "results": {"a.py": [entry | {"filename": "a.py"}]}}))

    assert "1 entry added" in run("import", "detect-secrets", "--history").out
    assert run("scan", "a.py").code == 0


def test_what_is_found_twice_is_taken_once_and_very_many_are_no_trouble() -> None:
    taken = scanner._Taken([(4, 9), (5, 12), (20, 21)])
    assert [taken.take(*it) for it in ((0, 4), (3, 5), (11, 12), (12, 20), (8, 30), (21, 22), (0, 1))] == [
        *(True, False, False, True, False, True, False)
    ]
    started = time.process_time()
    assert all(taken.take(at, at + 5) for at in range(100, 400_000, 10))
    assert time.process_time() - started < 2
