"""`tightlip rules new`: a skeleton that is clean once its blanks are filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tightlip import builtin
from tightlip.cli import main
from tightlip.written import BLANK

Capture = pytest.CaptureFixture[str]
FILLED = (
    *("API key", "high", "high", r"\b(?P<secret>acme_[0-9a-f]{32})\b"),
    *(
        "Delete it at https://acme.example/keys.",
        "Make another.",
        "Look in the audit log.",
        "https://acme.example/docs",
    ),
    *("key = «acme_[0-9a-f]{32}»", "curl -H «acme_[0-9a-f]{32}»", "key = acme_[0-9a-f]{12}", "key = acme_$KEY"),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    few = str(Path(builtin.folder()) / "source")  # beside which it takes less time
    monkeypatch.setattr(builtin, "folder", lambda: few)
    return folder


def fill(file: Path, token: str) -> None:
    text = file.read_text("utf-8")
    for value in FILLED:
        text = text.replace(BLANK, value.replace("acme_", token).replace("API", token), 1)
    file.write_text(text, "utf-8")


def test_a_filled_in_skeleton_has_nothing_to_complain_of(here: Path, capsys: Capture) -> None:
    assert main(["rules", "new", "acme-api-key", "--provider", "Acme"]) == 0
    assert "acme.yaml: the rule acme-api-key has 12 blanks (___) to fill in" in capsys.readouterr().out
    fill(here / "acme.yaml", "acme_")
    assert main(["rules", "lint", "acme.yaml"]) == 0
    assert capsys.readouterr().out == "✓ 1 rule: 0 errors, 0 warnings\n"
    assert main(["rules", "test", "acme.yaml"]) == 0


def test_blanks_that_are_left_are_told_by_line(capsys: Capture) -> None:
    main(["rules", "new", "acme-api-key", "--provider", "Acme"])
    capsys.readouterr()
    assert main(["rules", "lint", "acme.yaml"]) == 1
    out = capsys.readouterr().out
    assert "acme.yaml:6: error: `name` still has a blank (___) (blank)" in out
    assert out.endswith("✖ 0 rules: 12 errors, 0 warnings\n")


def test_a_rule_is_added_to_a_file_that_is_there(here: Path, capsys: Capture) -> None:
    main(["rules", "new", "acme-api-key", "--provider", "Acme", "--output", "a.yaml"])
    main(["rules", "new", "acme-hook", "--provider", "Acme", "--output", "a.yaml"])
    main(["rules", "new", "other-key", "--provider", "Somebody Else", "--output", "a.yaml"])
    for token in ("acme_", "achk_", "othr_"):
        fill(here / "a.yaml", token)
    capsys.readouterr()
    assert main(["rules", "lint", "a.yaml"]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out == "✓ 3 rules: 0 errors, 0 warnings\n"
    assert main(["rules", "list", "--provider", "somebody", "-q", "--rules", "a.yaml"]) == 0
    assert capsys.readouterr().out == "other-key\n"


def test_a_skeleton_is_printed_on_request_and_nothing_is_written(here: Path, capsys: Capture) -> None:
    assert main(["rules", "new", "acme-api-key", "--provider", "Acme", "--output", "-"]) == 0
    assert "\nprovider: Acme\nrules:\n  - id: acme-api-key\n" in capsys.readouterr().out
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Acme Key", "'Acme Key' is no id of a rule: use small letters, digits and single hyphens, such as acme-key"),
        ("acme--key", "such as acme-key"),
        ("github-pat-classic", "there is a rule github-pat-classic already"),
    ],
)
def test_an_id_that_cannot_be_is_refused(name: str, told: str, here: Path, capsys: Capture) -> None:
    assert main(["rules", "new", name, "--provider", "Acme"]) == 2
    assert told in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_a_file_is_left_alone_where_a_rule_does_not_fit(here: Path, capsys: Capture) -> None:
    refused = {
        "notes.yaml": ("- one\n", "is no rule file"),
        "flow.yaml": ("provider: Acme\nrules: [{id: a}]\n", "does not end with its rules"),
        "acme.yaml": ("provider: Acme\nrules:\n  - id: acme-api-key\n", "has a rule acme-api-key already"),
        "akme.yaml": ("provider: Akme\nrules:\n  - id: akme-key\n", "did you mean that in place of 'Acme'?"),
    }
    for name, (text, told) in refused.items():
        (here / name).write_text(text, "utf-8")
        assert main(["rules", "new", "acme-api-key", "--provider", "Acme", "--output", name]) == 2
        assert told in capsys.readouterr().err
        assert (here / name).read_text("utf-8") == text


def test_a_provider_that_yaml_would_not_take_is_refused(capsys: Capture) -> None:
    assert main(["rules", "new", "acme-api-key", "--provider", "Acme: Inc"]) == 2
    assert "--provider: 'Acme: Inc' cannot stand in a rule file" in capsys.readouterr().err
