"""What other scanners allow for all rules becomes `allow` of a configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tightlip import config
from tightlip.cli import main
from tightlip.interop import configuration

KEY = "0f9e8d7c" + "6b5a4938" + "271605fe" + "dcba9817"
CONFIG = r"""
[[rules]]
id = "acme"
regex = '''acme_([0-9a-f]{32})'''

[[rules.allowlists]]
regexTarget = "line"
regexes = ['''// docs$''']

[[allowlists]]
paths = ['''(^|/)fixtures/''', '''go\.sum$''']
commits = ["0123456789abcdef"]

[[allowlists]]
condition = "AND"
stopwords = ["0f9e"]
regexes = ['''817$''']

[[allowlists]]
targetRules = ["acme", "theirs"]
commits = ["fedcba9876543210"]
"""


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        (r"(^|/)fixtures/", "**/fixtures/"),
        (r"(?:^|/)fixtures/.*", "**/fixtures/"),
        (r"^vendor/", "/vendor/"),
        (r"go\.sum$", "**/*go.sum"),
        (r".*\.lock$", "**/*.lock"),
        (r"/tests?x", None),
        (r"/tests/", "**/tests/"),
        (r"^docs/[^/]+\.md$", "/docs/?*.md"),
        (r"secret", "**/*secret*"),
        (r"^a b", r"/a\ b*"),
        (r"(?i)readme", None),
        (r"a|b", None),
        (r".*", None),
    ],
)
def test_a_regular_expression_of_paths_is_a_pattern_where_that_says_the_same(path: str, pattern: str | None) -> None:
    if pattern is None:
        with pytest.raises(ValueError, match="path"):
            configuration.glob(path)
    else:
        assert configuration.glob(path) == [pattern]


def test_what_rule_files_cannot_say_goes_into_a_configuration(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo)
    Path(".gitleaks.toml").write_text(CONFIG, "utf-8")

    assert main(["import", "gitleaks", "--output", "a.yaml"]) == 3
    capsys.readouterr()
    assert main(["import", "gitleaks", "--allow", ".tightlip.yaml"]) == 0
    assert ".tightlip.yaml: 5 entries of what is allowed\n" in capsys.readouterr().out
    allow = config.load(str(repo)).allow
    assert [(it.rules, it.paths, it.values, it.lines, it.commits, it.stopwords) for it in allow] == [
        ((), ("**/fixtures/", "**/*go.sum"), (), (), (), ()),
        ((), (), (), (), ("0123456789abcdef",), ()),
        ((), (), (r"817\Z",), (), (), ("0f9e",)),
        (("acme",), (), (), (), ("fedcba9876543210",), ()),
        (("acme",), (), (), (r"// docs\Z",), (), ()),
    ]
    assert main(["import", "gitleaks", "--output", "b.yaml", "--allow", ".tightlip.yaml"]) == 2


def test_what_a_baseline_excludes(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo)
    baseline = {"version": "0.14.3", "exclude": {"files": r"^vendor/", "lines": "docs"}, "results": {}}
    Path(".secrets.baseline").write_text(json.dumps(baseline), "utf-8")

    assert main(["import", "detect-secrets"]) == 3
    assert "excluded: paths: is about all rules; --allow .tightlip.yaml takes it over" in capsys.readouterr().out
    assert main(["import", "detect-secrets", "--allow", ".tightlip.yaml"]) == 0
    assert [(it.paths, it.lines) for it in config.load(str(repo)).allow] == [(("/vendor/",), ()), ((), ("docs",))]


def test_what_cannot_be_said_is_told(
    repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo)
    baseline = {"version": "0.9", "exclude_regex": r"(?i)a.*b|c", "results": {}}
    Path(".secrets.baseline").write_text(json.dumps(baseline), "utf-8")

    assert main(["import", "detect-secrets", "--allow", ".tightlip.yaml"]) == 3
    assert "excluded: paths: says more of a path than" in capsys.readouterr().out
    assert not Path(".tightlip.yaml").exists()
