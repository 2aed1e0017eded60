"""Plugins are programs: the user's own file names them, and a repository cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tightlip import config
from tightlip.config.complaint import ConfigError
from tightlip.config.settings import DetectSecrets

ONLY = "only your own configuration, or the organisation's, may have it"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    file = tmp_path / "plugin.py"
    file.write_text("", "utf-8")
    return file


def own(text: str) -> Path:
    file = Path(os.environ["XDG_CONFIG_HOME"]) / "tightlip.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_the_users_file_names_plugins(plugin: Path, repo: Path) -> None:
    own(f"detect_secrets: {{plugins: [AWSKeyDetector], custom: ['{plugin}']}}\n")

    settings = config.load(str(repo))
    assert settings.detect_secrets == DetectSecrets(("AWSKeyDetector",), (str(plugin),))
    assert str(settings.origins["detect_secrets.custom"]).endswith("tightlip.yaml:detect_secrets.custom")


def test_the_organisations_and_the_users_are_joined(
    tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "org.yaml").write_text("detect_secrets: {plugins: [JwtTokenDetector]}\n", "utf-8")
    monkeypatch.setenv("TIGHTLIP_CONFIG", str(tmp_path / "org.yaml"))
    own("detect_secrets: {plugins: [AWSKeyDetector, JwtTokenDetector]}\n")

    assert config.load(str(repo)).detect_secrets == DetectSecrets(("JwtTokenDetector", "AWSKeyDetector"))


@pytest.mark.parametrize("name", [".tightlip.yaml", "pyproject.toml"])
def test_a_repositorys_file_cannot(repo: Path, name: str) -> None:
    toml = '[tool.tightlip.detect_secrets]\nplugins = ["AWSKeyDetector"]\n'
    yaml = "detect_secrets: {plugins: [AWSKeyDetector]}\n"
    (repo / name).write_text(toml if name.endswith("toml") else yaml, "utf-8")

    with pytest.raises(ConfigError, match=ONLY):
        config.load(str(repo))


def test_a_file_of_a_revision_cannot() -> None:
    with pytest.raises(ConfigError, match=ONLY):
        config.load(None, read={".tightlip.yaml": b"detect_secrets: {plugins: [A]}\n"}.get)


def test_a_file_that_is_named_or_extended_cannot(tmp_path: Path, repo: Path) -> None:
    (tmp_path / "other.yaml").write_text("detect_secrets: {plugins: [AWSKeyDetector]}\n", "utf-8")
    with pytest.raises(ConfigError, match=ONLY):
        config.load(str(repo), file=str(tmp_path / "other.yaml"))
    own(f"extends: ['{tmp_path / 'other.yaml'}']\n")
    with pytest.raises(ConfigError, match=ONLY):
        config.load(str(repo))


def test_what_a_variable_names_in_the_repository_cannot(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "org.yaml").write_text("detect_secrets: {plugins: [AWSKeyDetector]}\n", "utf-8")
    monkeypatch.setenv("TIGHTLIP_CONFIG", str(repo / "org.yaml"))

    with pytest.raises(ConfigError, match=ONLY):
        config.load(str(repo))


def test_a_program_in_the_repository_is_refused_however_it_is_named(repo: Path, tmp_path: Path) -> None:
    (repo / "plugin.py").write_text("", "utf-8")
    (tmp_path / "link.py").symlink_to(repo / "plugin.py")
    for path in (repo / "plugin.py", tmp_path / "link.py"):
        own(f"detect_secrets: {{custom: ['{path}']}}\n")
        with pytest.raises(ConfigError, match="no program in that is run"):
            config.load(str(repo))
