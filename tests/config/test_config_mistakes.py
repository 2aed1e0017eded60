"""A mistake is told on one line: file, line, key, what is wrong, what was meant."""

from __future__ import annotations

import os
import pickle
import sys
import time
from pathlib import Path

import pytest

from tightlip import config
from tightlip.config.complaint import ConfigError
from tightlip.errors import TightlipError

SECRET = "hunter2" + "-k1tt3n"


def complaint(top: Path, text: str | bytes, name: str = ".tightlip.yaml") -> str:
    (top / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        config.load(str(top))
    assert isinstance(caught.value, TightlipError)
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "min_confidense: 1",
            ".tightlip.yaml:1: `min_confidense` is not a key that is known here, did you mean min_confidence?",
        ),
        (
            "\nlimits:\n  max_size: 1",
            ":3: `limits.max_size` is not a key that is known here, did you mean max_file_size?",
        ),
        ("min_confidence: 2", ":1: `min_confidence` must be high, medium, low or a number from 0 to 1"),
        ("min_confidence: .nan", ":1: `min_confidence` must be high, medium, low or a number from 0 to 1"),
        ("min_confidence: true", ":1: `min_confidence` must be high, medium, low or a number from 0 to 1"),
        ("min_severity: hihg", ":1: `min_severity` must be one of critical, high, medium, low, did you mean high?"),
        ("disable: aws-*", ":1: `disable` must be a list, such as [one, another]"),
        ("disable: [AWS-key]", ":1: `disable[0]` must be in small letters, as ids of rules are"),
        ("disable: ['aws[']", ":1: `disable[0]` must be the id of a rule, or a glob of ids"),
        (
            "disable: ['tag:x']",
            ":1: `disable[0]` must be the id of a rule, a glob such as aws-*, provider:NAME or severity:LEVEL",
        ),
        ("disable: ['severity:bad']", ":1: `disable[0]` must name a severity"),
        ("disable: [3]", ":1: `disable[0]` must be a text"),
        ("override: {aws-*: {}}", ":1: `override.aws-*` must be the id of one rule"),
        ("override: {a: {enabled: 1}}", ":1: `override.a.enabled` must be true or false"),
        (
            "override: {a: {sverity: low}}",
            ":1: `override.a.sverity` is not a key that is known here, did you mean severity?",
        ),
        ("limits: {max_file_size: 0}", "must be a number of bytes from 1 on"),
        ("limits: {max_file_size: 3 parsecs}", "must be a number of bytes from 1 on"),
        ("baseline: ../known", ":1: `baseline` must be a file in the repository"),
        ("baseline: /etc/known", ":1: `baseline` must be a file in the repository"),
        ("baseline: [a]", ":1: `baseline` must be a text"),
        ("a: 1\na: 2", "`a` is given twice"),
        ("- a", ".tightlip.yaml:1: must be a mapping of keys to values"),
        ("a: [1", ".tightlip.yaml:2: not YAML: "),
        ("a: \x01", ".tightlip.yaml: not YAML: a character that YAML does not allow"),
        (b"a: \xff", ".tightlip.yaml: is not UTF-8"),
        ("#" * (1 << 20) + "\n", ".tightlip.yaml: is larger than 1 MiB"),
        ("extends: [none.yaml]", ":1: `extends[0]` names none.yaml, which is not there"),
        ("extends: none.yaml", ":1: `extends` must be a list"),
        ("extends: [.tightlip.yaml]", ":1: `extends[0]` goes round in a circle: .tightlip.yaml -> .tightlip.yaml"),
        ("rules: [none]", ":1: `rules[0]` is not there"),
        ("allow: [{paths: [x]}]", ":1: `allow[0]` has no `reason`: say why this may stay"),
        ("allow: [{paths: [x], reason: ' '}]", ":1: `allow[0].reason` must be a text"),
        ("allow: [{reason: x}]", ":1: `allow[0]` has no condition, and would allow everything"),
        ("allow: [{paths: [], reason: x}]", ":1: `allow[0].paths` is empty"),
        ("allow: [{path: [x], reason: x}]", ":1: `allow[0].path` is not a key that is known here, did you mean paths?"),
        ("allow: [{paths: ['a['], reason: x}]", ":1: `allow[0].paths[0]` is no glob that anything can match"),
        ("allow: [{paths: ['!a'], reason: x}]", ":1: `allow[0].paths[0]` must not begin with !"),
        ("allow: [{commits: [abc], reason: x}]", ":1: `allow[0].commits[0]` must be the id of a commit"),
        ("allow: [{stopwords: [ab], reason: x}]", ":1: `allow[0].stopwords[0]` must have at least 3 characters"),
        (
            f"allow: [{{values: ['({SECRET}'], reason: x}}]",
            ":1: `allow[0].values[0]` is not a regular expression: missing )",
        ),
        (f"allow: [{{values: ['{SECRET}|'], reason: x}}]", ":1: `allow[0].values[0]` matches the empty text"),
        (
            f"allow: [{{lines: ['{SECRET * 100}'], reason: x}}]",
            ":1: `allow[0].lines[0]` is longer than 1,000 characters",
        ),
        ("allow: [{values: ['(?:(?:(?:a{1000}){1000}){1000}){1000}'], reason: x}]", "cannot be compiled"),
        ("allow: [{values: ['(?x) a {1000}'], reason: x}]", "has (?x)"),
        (f"allow: [{{values: ['{'(' * 900}'], reason: x}}]", "takes too long, or that is not possible"),
    ],
)
def test_of_yaml(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert message in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.tightlip]\na = 1\n", "pyproject.toml:2: `tool.tightlip.a` is not a key that is known here"),
        ("[tool.tightlip]\nlimits.max_size = 1\n", ":2: `tool.tightlip.limits.max_size` is not a key"),
        ("[tool.tightlip]\nmin_severity = 2020-01-01\n", ":2: `tool.tightlip.min_severity` must be a text"),
        ("[tool]\ntightlip = 3\n", ":2: `tool.tightlip` must be a mapping of keys to values"),
        (
            "[tool.tightlip]\n[[tool.tightlip.allow]]\nreason='a'\npaths=['a']\n[[tool.tightlip.allow]]\npaths=['a']\n",
            "pyproject.toml:5: `tool.tightlip.allow[1]` has no `reason`",
        ),
        ("[tool.tightlip]\na = \n", "pyproject.toml:2: not TOML: Invalid value"),
        ("[tool.tightlip]\n" + "a." * 400 + "b = 1\n", "pyproject.toml:2: not used: a key of more than 300 parts"),
        ("[tool.tightlip]\nx = {" + "a . 'b'." * 200 + "c = 1}", ":2: not used: a key of more than 300 parts"),
        ("[tool.tightlip]\na = " + "[" * 50_000, "pyproject.toml: not used: its values are too deep in each other"),
    ],
)
def test_of_toml(tmp_path: Path, text: str, message: str) -> None:
    assert message in complaint(tmp_path, text, "pyproject.toml")


def test_a_list_of_aliases_that_stands_for_gigabytes_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    assert complaint(tmp_path, "\n".join(lines)).startswith(".tightlip.yaml:1: ")
    assert "is an alias (*name), which is not allowed" in complaint(tmp_path, "\n".join(lines))


def test_values_deep_in_each_other_are_refused(tmp_path: Path) -> None:
    assert ".tightlip.yaml" in complaint(tmp_path, "a: " + "[" * 100_000)
    assert ".tightlip.yaml" in complaint(tmp_path, "a: " + "[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../outside.yaml", "conf/../../outside.yaml", "~/outside.yaml", "link.yaml", "folder/outside.yaml"],
)
@pytest.mark.parametrize("key", ["extends", "rules"])
def test_a_repository_reads_nothing_outside_of_it(tmp_path: Path, key: str, name: str) -> None:
    top = tmp_path / "top"
    (top / "conf").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text(f"{SECRET}: x\n")
    (top / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (top / "folder").symlink_to(tmp_path)
    message = complaint(top, f"{key}: ['{name}']")
    assert message.startswith(f".tightlip.yaml:1: `{key}[0]` ")
    assert "only your own configuration may" in message or "through a symbolic link" in message


def test_nor_through_a_link_in_a_folder_of_rules(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "rules").mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text(SECRET)
    (top / "rules" / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "`rules[0]` leads out of the repository through a symbolic link" in complaint(top, "rules: [rules]")


@pytest.mark.parametrize("name", [".tightlip.yaml", "pyproject.toml"])
def test_nor_as_its_own_file(tmp_path: Path, name: str) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (tmp_path / "outside").write_text("[tool.tightlip]\n")
    (top / name).symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match="leads out of the repository through a symbolic link"):
        config.load(str(top))


def test_nor_as_its_baseline(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (top / "known.json").symlink_to(tmp_path / "outside.json")
    assert "`baseline` leads out of the repository through a symbolic link" in complaint(top, "baseline: known.json")


def test_nor_in_gits_own_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text(SECRET)
    (tmp_path / "link").symlink_to(".git/config")
    assert "is in git's own folder" in complaint(tmp_path, "extends: [.git/config]")
    assert "is in git's own folder" in complaint(tmp_path, "extends: [link]")


def test_the_users_own_file_may_name_any(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("min_severity: high\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mine.yaml").write_text("extends: [../outside.yaml]\n")
    assert config.load(None, file=str(tmp_path / "sub" / "mine.yaml")).min_severity == "high"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_makes_nobody_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    config.load(str(tmp_path))
    os.mkfifo(tmp_path / ".tightlip.yaml")
    with pytest.raises(ConfigError, match="is not an ordinary file"):
        config.load(str(tmp_path))


def test_an_expression_that_would_run_for_ever_ends(tmp_path: Path) -> None:
    from tightlip.config import expressions

    (tmp_path / ".tightlip.yaml").write_text("allow: [{values: ['^(a+)+$'], reason: x}]\n")
    config.load(str(tmp_path))
    began = time.monotonic()
    assert not expressions.finds("^(a+)+$", b"a" * 5000 + b"b")
    assert not expressions.finds("^(a+)+$", b"a" * 5000 + b"b")
    assert time.monotonic() - began < 3 * expressions.TIMEOUT
    expressions._slow.clear()


def test_files_without_end_are_refused(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.yaml").write_text(f"extends: [{number + 1}.yaml]\n")
    assert "is one of more than 50 files" in complaint(tmp_path, "extends: [0.yaml]")


def test_a_message_is_one_line_of_a_length_to_read(tmp_path: Path) -> None:
    assert len(complaint(tmp_path, f"{'k' * 100_000}: 1")) < 500
    assert "names a\\nb, which is not there" in complaint(tmp_path, 'extends: ["a\\nb"]')
    assert "a\\u202eb" in complaint(tmp_path, '"a\\u202eb": 1')


def test_a_mistake_of_another_process_is_told_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".tightlip.yaml").write_text("a: 1")
    with pytest.raises(ConfigError) as caught:
        config.load(str(tmp_path))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert str(again) == str(caught.value)
