"""`package:name/file.yaml`: a file of an installed package, whose code does not run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tightlip import config
from tightlip.config.complaint import ConfigError


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that must not be imported."""
    folder = tmp_path / "site" / "acme_policy"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise SystemExit('this code has run')\n")
    (folder / "base.yaml").write_text("extends: [more/inner.yaml]\nmin_severity: high\n")
    (folder / "more").mkdir()
    (folder / "more" / "inner.yaml").write_text("baseline: known.json\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def load(top: Path, text: str) -> config.settings.Config:  # type: ignore[name-defined]
    (top / ".tightlip.yaml").write_text(text)
    return config.load(str(top))


def test_its_file_counts_and_its_code_does_not_run(package: Path, tmp_path: Path) -> None:
    settings = load(tmp_path, "extends: ['package:acme_policy/base.yaml']\n")
    assert (settings.min_severity, settings.baseline) == ("high", "known.json")
    assert settings.files == (
        "package:acme_policy/more/inner.yaml",
        "package:acme_policy/base.yaml",
        ".tightlip.yaml",
    )
    assert "acme_policy" not in sys.modules


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("package:acme_policy/none.yaml", "names package:acme_policy/none.yaml, which is not there"),
        ("package:acme_polisy/base.yaml", "names the package acme_polisy, which is not installed here"),
        ("package:acme_policy.more/inner.yaml", "must be package:NAME/FILE"),
        ("package:acme_policy", "must be package:NAME/FILE"),
        ("package:acme_policy/../secret.yaml", "leads out of its own place"),
        ("package:acme_policy//etc/passwd", "must be a path beside this file"),
        ("package:sys/base.yaml", "names the package sys, which is not installed here"),
    ],
)
def test_what_is_not_there_or_leads_out_of_it_is_told(package: Path, tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"extends: ['{name}']\n")
    assert f".tightlip.yaml:1: `extends[0]` {problem}" in str(caught.value)
