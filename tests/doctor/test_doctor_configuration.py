"""The configuration: whether it loads, and what of it looks for less."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from doctoring import Doctor

Commit = Callable[[dict[str, str]], None]

pytestmark = pytest.mark.usefixtures("healthy")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("disable: [\n", ".tightlip.yaml:2: not YAML"),
        ("extends: [gone.yaml]\n", ".tightlip.yaml:1: `extends[0]` names gone.yaml, which is not there"),
        ("extends: ['package:nobody_has_it/a.yaml']\n", "names the package nobody_has_it, which is not installed here"),
        ("\nrules: [rules/]\n", ".tightlip.yaml:2: `rules[0]` is not there"),
        ("min_confidense: high\n", "did you mean min_confidence"),
    ],
    ids=["not-yaml", "extends", "package", "rules", "key"],
)
def test_a_configuration_that_does_not_load_is_told_with_its_line(
    text: str, says: str, commit: Commit, doctor: Doctor
) -> None:
    commit({".tightlip.yaml": text})

    done = doctor()

    assert done.code == 1
    (evidence,) = done.seen("the configuration cannot be read, and nothing is scanned")
    assert says in evidence
    assert [it.area for it in done.told if it.what.startswith("not looked for")] == ["allows", "baseline"]


def test_a_rule_file_that_cannot_be_used_is_told_with_its_line(commit: Commit, doctor: Doctor) -> None:
    commit({".tightlip.yaml": "rules: [mine.yaml]\n", "mine.yaml": "rules:\n  - id: mine\n"})

    done = doctor()

    assert done.code == 1
    (evidence,) = done.seen("a rule file cannot be used")
    assert "mine.yaml:2" in evidence


def test_settings_about_no_rule_are_told(commit: Commit, doctor: Doctor) -> None:
    commit(
        {
            "a.py": "x = 1\n",
            ".tightlip.yaml": (
                "disable: [github-pat-clasic, github-*]\n"
                "override:\n  no-such-rule: {severity: low}\n"
                "allow:\n  - {rules: [none-*], paths: [a.py], reason: a test}\n"
            ),
        }
    )

    done = doctor()

    assert done.seen("about no rule") == [
        ".tightlip.yaml:1 (disable[0]): github-pat-clasic",
        ".tightlip.yaml:3 (override.no-such-rule.severity): no-such-rule",
        ".tightlip.yaml:5 (allow[0]): none-*",
    ]
    assert "did you mean github-pat-classic" in done.of("configuration", "mend")[0].how


def test_what_looks_for_less_is_told_and_need_not_be_mended(commit: Commit, doctor: Doctor) -> None:
    commit({".tightlip.yaml": "disable: [github-pat-classic]\nmin_confidence: high\n"})

    done = doctor()

    assert done.code == 0
    assert done.seen("critical rules are off") == [".tightlip.yaml:1 (disable[0]): 1 rule, github-pat-classic"]
    assert done.seen("fairly sure") == [".tightlip.yaml:2 (min_confidence): 0.8, and medium is 0.5"]


def test_a_critical_rule_that_is_made_less_severe_than_what_is_reported_is_told(commit: Commit, doctor: Doctor) -> None:
    commit({".tightlip.yaml": "min_severity: high\noverride: {github-pat-classic: {severity: low}}\n"})

    assert doctor().seen("critical rules are off") == [".tightlip.yaml:1 (min_severity): 1 rule, github-pat-classic"]


def test_the_users_and_the_organisations_files_are_named(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIGHTLIP_CONFIG", str(tmp_path / "gone.yaml"))

    done = doctor()

    assert done.seen("the organisation's configuration") == [f"{tmp_path / 'gone.yaml'} (not there)"]
    assert done.seen("the user's configuration")
    assert "TIGHTLIP_CONFIG names it" in done.of("configuration", "mend")[0].evidence
