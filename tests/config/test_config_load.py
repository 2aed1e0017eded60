"""What a configuration is made of: files, layers, and where each value comes from."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip import config, rules
from tightlip.cli import options
from tightlip.config import keys, repository
from tightlip.config.complaint import ConfigError
from tightlip.config.settings import Config, Override

Write = Callable[..., Path]
RULE = """\
rules:
  - id: acme-key
    name: Acme key
    severity: high
    confidence: high
    pattern: acme-(?P<secret>[a-z]{10})
    remediation: [Revoke it.]
    examples:
      match: ["acme-«[a-z]{10}»"]
"""


@pytest.fixture
def top(tmp_path: Path) -> Path:
    path = tmp_path / "top"
    path.mkdir()
    return path


@pytest.fixture
def write(top: Path) -> Write:
    """Write a file below the top."""

    def write(text: str, name: str = ".tightlip.yaml") -> Path:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def user(empty_home: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's file, in its folder."""
    folder = tmp_path / "home" / ".config"
    folder.mkdir()
    monkeypatch.setattr("tightlip.config.found.user", lambda: str(folder / "tightlip.yaml"))
    return folder / "tightlip.yaml"


def load(top: Path) -> Config:
    return config.load(str(top))


def complaint(top: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(top)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_without_a_file_everything_is_as_it_is(top: Path) -> None:
    assert load(top) == Config() == config.load(None)


def test_a_value_knows_where_it_stands(top: Path, write: Write) -> None:
    write("# first\nmin_confidence: high\nlimits:\n  max_file_size: 2 MiB\noverride:\n  a-b: {severity: low}\n")
    settings = load(top)
    assert settings.min_confidence == 0.8
    assert settings.max_file_size == 2 << 20
    assert settings.overrides == {"a-b": Override(severity="low")}
    assert {key: (str(at), at.line) for key, at in settings.origins.items()} == {
        "min_confidence": (".tightlip.yaml:min_confidence", 2),
        "limits.max_file_size": (".tightlip.yaml:limits.max_file_size", 4),
        "override.a-b.severity": (".tightlip.yaml:override.a-b.severity", 6),
    }
    assert settings.files == (".tightlip.yaml",)


def test_pyproject_says_the_same_as_yaml(top: Path, write: Write) -> None:
    path = write(
        'disable: ["provider:Git*", aws-*]\nenable: [aws-access-key-id]\nmin_severity: high\nbaseline: known.json\n'
        "override: {a-b: {confidence: low, enabled: false}}\n"
        'allow: [{paths: ["tests/**"], commits: [1234567], reason: made up}]\n'
    )
    from_yaml = load(top)
    path.unlink()
    write(
        '[project]\nname = "x"\n[tool.tightlip]\ndisable = ["provider:Git*", "aws-*"]\nenable = ["aws-access-key-id"]\n'
        'min_severity = "high"\nbaseline = "known.json"\n[tool.tightlip.override.a-b]\nconfidence = "low"\n'
        'enabled = false\n[[tool.tightlip.allow]]\npaths = ["tests/**"]\ncommits = [1234567]\nreason = "made up"\n',
        "pyproject.toml",
    )
    from_toml = load(top)

    def plain(settings: Config) -> object:
        choices = [(choice.on, choice.pattern) for choice in settings.choices]
        allow = [entry._replace(origin=from_yaml.allow[0].origin) for entry in settings.allow]
        return settings._replace(choices=(), allow=(), origins={}, files=()), choices, allow, set(settings.origins)

    assert plain(from_toml) == plain(from_yaml)
    assert [(str(at), at.line) for at in (from_toml.origins["baseline"], from_toml.allow[0].origin)] == [
        ("pyproject.toml:tool.tightlip.baseline", 7),
        ("pyproject.toml:tool.tightlip.allow[0]", 11),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '# see tool.tightlip\n[project]\nname = "x"\n',
        '[project]\ndependencies = ["tightlip"]\n',
        "[tool.tightlip-other]\na = 1\n",
    ],
)
def test_a_pyproject_that_only_names_tightlip_configures_nothing(top: Path, write: Write, text: str) -> None:
    write(text, "pyproject.toml")
    assert load(top) == Config()
    write("min_severity: high\n")
    assert load(top).min_severity == "high"


@pytest.mark.parametrize(
    "text",
    [
        "[tool]\ntightlip = {min_severity = 'high'}\n",
        "[tool . 'tightlip']\nmin_severity = 'high'\n",
        "tool = {tightlip = {min_severity = 'high'}}\n",
        "tool.tightlip.min_severity = 'high'\n",
    ],
)
def test_every_spelling_of_the_table_is_found(top: Path, write: Write, text: str) -> None:
    write(text, "pyproject.toml")
    assert load(top).min_severity == "high"


def test_both_files_are_one_mistake(top: Path, write: Write) -> None:
    write("min_severity: high\n")
    write("[tool.tightlip]\n", "pyproject.toml")
    assert complaint(top) == "pyproject.toml: has [tool.tightlip], and there is .tightlip.yaml too: keep one of them"


def test_the_other_spelling_of_yaml_is_not_passed_over(top: Path, write: Write) -> None:
    write("min_severity: high\n", ".tightlip.yml")
    assert complaint(top) == ".tightlip.yml: is not read: name it .tightlip.yaml"


def test_the_repository_counts_more_than_the_user_and_the_user_more_than_the_organisation(
    top: Path, write: Write, user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = tmp_path / "organisation.yaml"
    organisation.write_text("min_severity: high\nmin_confidence: low\nbaseline: a\ndisable: [one-*]\n")
    monkeypatch.setenv("TIGHTLIP_CONFIG", str(organisation))
    user.write_text("min_confidence: high\nbaseline: b\nenable: [one-a]\n")
    write("baseline: c\ndisable: [one-a]\n")
    settings = load(top)
    assert (settings.min_severity, settings.min_confidence, settings.baseline) == ("high", 0.8, "c")
    assert [(choice.on, choice.pattern) for choice in settings.choices] == [
        (False, "one-*"),
        (True, "one-a"),
        (False, "one-a"),
    ]
    assert settings.files == (str(organisation), str(user), ".tightlip.yaml")
    assert settings.origins["min_severity"].file == str(organisation)


def test_an_organisations_file_that_is_named_must_be_there(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGHTLIP_CONFIG", str(tmp_path / "none.yaml"))
    assert complaint(top).endswith("none.yaml: is not there, and TIGHTLIP_CONFIG names it")


def test_the_users_file_is_where_the_platform_keeps_such_files(monkeypatch: pytest.MonkeyPatch) -> None:
    from tightlip.config import found

    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    monkeypatch.setenv("APPDATA", "/a")
    monkeypatch.setenv("HOME", "/h")
    for platform, path in (("linux", "/x/tightlip.yaml"), ("win32", os.path.join("/a", "tightlip.yaml"))):
        monkeypatch.setattr(sys, "platform", platform)
        assert found.user() == path
    monkeypatch.setattr(sys, "platform", "darwin")
    assert found.user().endswith("Library/Application Support/tightlip.yaml")


def test_a_file_comes_after_those_that_it_extends_and_each_counts_once(top: Path, write: Write) -> None:
    write("extends: [conf/a.yaml, conf/b.yaml]\nmin_severity: high\n")
    write("extends: [b.yaml]\nmin_severity: low\nbaseline: a\n", "conf/a.yaml")
    write("min_confidence: 0.25\nbaseline: b\ndisable: [x]\n", "conf/b.yaml")
    settings = load(top)
    assert settings.files == ("conf/b.yaml", "conf/a.yaml", ".tightlip.yaml")
    assert (settings.min_severity, settings.min_confidence, settings.baseline) == ("high", 0.25, "a")
    assert len(settings.choices) == 1


def test_a_file_that_is_named_counts_in_place_of_the_repositorys(top: Path, write: Write, tmp_path: Path) -> None:
    write("min_severity: high\n")
    other = tmp_path / "other.yaml"
    other.write_text("min_severity: medium\n")
    assert config.load(str(top), file=str(other)).min_severity == "medium"


def test_rules_are_files_and_folders_of_the_repository(top: Path, write: Write) -> None:
    write(RULE, "rules/acme.yaml")
    write(RULE.replace("acme", "other"), "rules/deeper/other.yml")
    write("nothing", "rules/README.md")
    write("rules: [rules]\n")
    files = load(top).rules
    assert [file.name for file in files] == ["rules/acme.yaml", "rules/deeper/other.yml"]
    assert [loaded.rule.id for file in files for loaded in rules.read(file.path)] == ["acme-key", "other-key"]


def test_from_a_revision_rules_come_with_their_content(write: Write, top: Path) -> None:
    files = {
        ".tightlip.yaml": b"extends: [conf/a.yaml]\n",
        "conf/a.yaml": b"rules: [../r.yaml]\n",
        "r.yaml": b"rules: []",
    }
    write("min_severity: high\n")
    settings = config.load(str(top), read=files.get)
    assert settings.files == ("conf/a.yaml", ".tightlip.yaml")
    assert settings.min_severity == "low"
    assert [(file.name, file.path, file.content) for file in settings.rules] == [("r.yaml", "", b"rules: []")]
    (written,) = repository.rule_paths(settings, str(top))
    assert Path(written).read_bytes() == b"rules: []"


def test_the_levels_are_those_of_rule_files_and_of_the_command_line() -> None:
    assert keys.SEVERITIES == rules.SEVERITIES
    assert keys._OF_A_RULE == rules.CONFIDENCES
    assert keys._LEVELS == options._CONFIDENCES


def test_dots_that_part_no_key_are_no_reason_to_refuse_a_file(top: Path, write: Write) -> None:
    dots = "." * 999
    text = f"# {dots}\n[tool.other]\na = '{'x.' * 999}'\nb = '''\n{dots}\n'''\n[tool.tightlip]\nmin_severity = 'high'\n"
    write(text, "pyproject.toml")
    assert load(top).min_severity == "high"
