"""The examples of the documentation are configuration that works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tightlip import config
from tightlip.config import found, keys
from tightlip.config.complaint import ConfigError

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
BLOCKS = [
    (kind, text)
    for name in ("configuration.md", "allow.md")
    for kind, text in re.findall(r"^```(yaml|toml)\n(.*?)^```", (DOCS / name).read_text(), re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_an_example_is_read(kind: str, text: str) -> None:
    files = {
        found.YAML if kind == "yaml" else found.TOML: text.replace("package:acme_policy/strict.yaml", "strict.yaml"),
        **dict.fromkeys(("strict.yaml", "conf/secrets.yaml", ".tightlip/rules"), ""),
    }
    settings = config.load(None, read=lambda name: files[name].encode() if name in files else None)
    assert settings.choices or settings.allow


def test_the_mistake_that_is_shown_is_told_so(tmp_path: Path) -> None:
    (tmp_path / found.YAML).write_text("disable: [aws-*]\nmin_confidense: high\n")
    with pytest.raises(ConfigError) as caught:
        config.load(str(tmp_path))
    assert f"tightlip: error: {caught.value}\n" in (DOCS / "configuration.md").read_text()


def test_every_key_is_documented() -> None:
    page = (DOCS / "configuration.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(keys.KEYS)
    conditions = re.findall(r"^\| `(\w+)` \|", (DOCS / "allow.md").read_text(), re.MULTILINE)
    assert conditions == list(keys._CONDITIONS)
