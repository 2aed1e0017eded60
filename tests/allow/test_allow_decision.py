"""What allows a finding, with its reason, and what has allowed nothing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip import config
from tightlip.allow import decision
from tightlip.allow.allowed import Allowed
from tightlip.allow.decision import Allows
from tightlip.config.complaint import ConfigError
from tightlip.config.settings import Config
from tightlip.engine import Scanner
from tightlip.fingerprint import fingerprint
from tightlip.rule import Match

VALUE = "k1tt3n" + "-b0wl-77"
LINE = f'password = "{VALUE}"'
RULE = "password-assignment"

Ask = Callable[..., Allowed | None]


def configured(entry: str) -> Config:
    return config.load(None, read={".tightlip.yaml": f"allow: [{entry}]\n".encode()}.get)


@pytest.fixture
def hit(scanner: Scanner) -> Callable[[str], tuple[bytes, Match]]:
    """Return what is found in a text: the text as it was searched, and the first match."""

    def hit(text: str) -> tuple[bytes, Match]:
        outcome = scanner.scan(text.encode(), b"src/app.py")
        return outcome.text, outcome.matches[0]

    return hit


@pytest.fixture
def ask(hit: Callable[[str], tuple[bytes, Match]]) -> Ask:
    def ask(allows: Allows, text: str = LINE, path: bytes = b"src/app.py", commit: str | None = None) -> Allowed | None:
        return allows.why(*hit(text), path, commit)

    return ask


def test_nothing_allows_by_itself(ask: Ask) -> None:
    allows = Allows()
    assert ask(allows) is None
    assert allows.path_is_ignored(b"src/app.py") is None
    assert allows.unused() == []


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("{}  # tightlip: allow", 1, ""),
        ("{}  # tightlip: allow=password-assignment  the test account", 1, "the test account"),
        ("{}  // tightlip: allow: the test account", 1, "the test account"),
        ("{}  /* tightlip: allow the test account */", 1, "the test account"),
        ("\n<!-- tightlip: allow - the test account -->\n{}", 2, "the test account"),
        ("{{# tightlip: allow the test account #}}\n{}", 1, "the test account"),
        ("<%-- tightlip: allow the test account --%>\n{}", 1, "the test account"),
        ("{{{{!-- tightlip: allow the test account --}}}}\n{}", 1, "the test account"),
        ("(* tightlip: allow the test account *)\n{}", 1, "the test account"),
        ("#| tightlip: allow the test account |#\n{}", 1, "the test account"),
        ("--[[ tightlip: allow the test account ]]\n{}", 1, "the test account"),
        (":: tightlip: allow the test account\r\n{}", 1, "the test account"),
        ("@REM tightlip: allow the test account\r\n{}", 1, "the test account"),
        ("dnl tightlip: allow the test account\n{}", 1, "the test account"),
        ("; tightlip: allow the test account\n{}", 1, "the test account"),
        ("/* tightlip: allow the test account */ {}", 1, "the test account"),
        ("# tightlip: allow=password-assignment one\n# tightlip: allow=other two\n{}", 1, "one"),
        ("{}  # gitleaks:allow", 1, "gitleaks:allow"),
        ("# pragma: allowlist nextline secret\n{}", 1, "pragma: allowlist nextline secret"),
    ],
)
def test_a_pragma_is_told_with_its_line_and_reason(ask: Ask, text: str, where: int, reason: str) -> None:
    assert ask(Allows(), text.format(LINE)) == Allowed("pragma", f"src/app.py:{where}", reason)


def test_a_reason_never_holds_the_secret(ask: Ask) -> None:
    allowed = ask(Allows(), f"# tightlip: allow {LINE}")
    assert allowed == Allowed("pragma", "src/app.py:1", "")


@pytest.mark.parametrize(
    "conditions",
    [
        "rules: [password-*]",
        "rules: [other, password-assignment]",
        "paths: ['*.py']",
        "paths: [src/]",
        "paths: [/src/**]",
        "values: ['^k[0-9]tt']",
        "lines: ['^password = ']",
        "commits: [0123456, abcdef0]",
        "stopwords: [K1TT3N]",
        "rules: [password-*], paths: ['*.py'], values: ['77$'], lines: [pass], commits: [abcdef0], stopwords: [b0wl]",
    ],
)
def test_an_entry_of_the_configuration_allows_where_all_its_conditions_hold(ask: Ask, conditions: str) -> None:
    allows = Allows(configured(f"{{{conditions}, reason: made up}}"))
    allowed = ask(allows, commit="abcdef0123" * 4)
    assert allowed == Allowed("configured", ".tightlip.yaml:allow[0]", "made up")
    assert allows.used == {".tightlip.yaml:allow[0]": 1}


@pytest.mark.parametrize(
    "conditions",
    [
        "rules: [other-*]",
        "rules: [password-*], paths: [lib/]",
        "paths: [/app.py]",
        "values: [password]",
        "lines: ['^first']",
        "commits: [0123456]",
        "stopwords: [kitten]",
        "rules: [password-*], paths: ['*.py'], values: ['88$']",
    ],
)
def test_and_nowhere_else(ask: Ask, conditions: str) -> None:
    allows = Allows(configured(f"{{{conditions}, reason: made up}}"))
    assert ask(allows, f"first\n{LINE}\nlast", commit="abcdef0123" * 4) is None
    assert [allowed.where for allowed in allows.unused()] == [".tightlip.yaml:allow[0]"]


def test_without_pragmas_and_lines_no_text_is_needed(hit: Callable[[str], tuple[bytes, Match]]) -> None:
    allows = Allows(configured("{rules: [password-*], reason: made up}"))
    _, match = hit(f"{LINE}  # tightlip: allow")
    assert not allows.needs_text
    assert allows.why(b"", match, b"a", pragmas=False) == Allowed("configured", ".tightlip.yaml:allow[0]", "made up")
    assert Allows().why(f"{LINE}  # tightlip: allow".encode(), match, b"a", pragmas=False) is None
    assert Allows(configured("{lines: [password], reason: made up}")).needs_text


def test_without_a_commit_a_commit_is_no_match(ask: Ask) -> None:
    assert ask(Allows(configured("{commits: [abcdef0], reason: made up}"))) is None


def test_a_fingerprint_allows_wherever_the_secret_moves(ask: Ask) -> None:
    content = f"{fingerprint(RULE, VALUE.encode())}  # rotated\n{'0' * 20}\n".encode()
    allows = Allows(ignorefile=content)
    allowed = Allowed("fingerprint", ".tightlipignore:1", "rotated")
    assert ask(allows, path=b"elsewhere") == allowed
    assert ask(allows, f"\n\n{LINE}") == allowed
    assert ask(allows, LINE.replace("77", "78")) is None
    assert [unused.where for unused in allows.unused()] == [".tightlipignore:2"]


def test_whole_files_are_left_out_by_either_file() -> None:
    allows = Allows(
        configured("{paths: [docs/], reason: prose}, {paths: [src/], rules: [a], reason: x}"),
        b"# recorded\n*.json\n!live.json\n",
    )
    assert allows.path_is_ignored(b"tests/a.json") == Allowed("path", ".tightlipignore:2", "recorded")
    assert allows.path_is_ignored(b"docs/a/b.md") == Allowed("configured", ".tightlip.yaml:allow[0]", "prose")
    assert allows.path_is_ignored(b"src/a.py") is None
    assert allows.path_is_ignored(b"live.json") is None
    assert [unused.where for unused in allows.unused()] == [".tightlip.yaml:allow[1]"]


def test_the_file_is_read_from_the_top_or_from_a_revision(tmp_path: Path) -> None:
    (tmp_path / ".tightlipignore").write_text("a\n")
    assert decision.load(str(tmp_path), None).path_is_ignored(b"a") is not None
    assert decision.load(str(tmp_path), None, {".tightlipignore": b"b"}.get).path_is_ignored(b"a") is None
    assert decision.load(None, None).unused() == []
    assert decision.load(str(tmp_path / "none"), None).unused() == []


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (tmp_path / "outside").write_text("*\n")
    (top / ".tightlipignore").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match=r"\.tightlipignore: leads out of the repository through a symbolic link"):
        decision.load(str(top), None)


def test_what_covers_a_live_secret_is_marked(scanner: Scanner, token: str) -> None:
    text = f"token = '{token}'  # tightlip: allow"
    outcome = scanner.scan(text.encode(), b"a.py")
    match = max(outcome.matches, key=lambda match: match.confidence)
    critical = match.but(rule=match.rule.but(severity="critical"), confidence=0.9)
    for found, covers in (
        (critical, True),
        (critical.but(confidence=0.7), False),
        (match.but(rule=match.rule.but(severity="high")), False),
    ):
        allowed = Allows().why(outcome.text, found, b"a.py")
        assert allowed is not None
        assert allowed.covers_live is covers


def test_counts_of_other_processes_are_added(ask: Ask) -> None:
    allows = Allows(configured("{paths: ['*.py'], reason: made up}"))
    other = pickle.loads(pickle.dumps(allows))  # noqa: S301 - our own
    assert ask(other) is not None
    allows.add(other.used)
    assert allows.unused() == []


def test_a_very_long_line_is_looked_at_near_the_secret(hit: Callable[[str], tuple[bytes, Match]]) -> None:
    allows = Allows(configured("{lines: ['near by'], reason: made up}"))
    text, match = hit(f"{'x ' * 100_000}near by {LINE};{' y' * 100_000}")
    assert allows.why(text, match, b"a") is not None
