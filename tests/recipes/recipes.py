"""What docs/ci/ and action.yml say, taken apart for the tests."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from documents import Block, blocks_of

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "ci"
PAGES = sorted(FOLDER.glob("*.md"))
ACTION = ROOT / "action.yml"
COMMAND = re.compile(r"\btightlip\"? ((?:ci|scan-history|baseline|install)\b.*)")


def blocks(language: str = "") -> list[Block]:
    """Return the blocks of all pages, or those in a language."""
    found = [block._replace(page=page.stem) for page in PAGES for block in blocks_of(page)]
    return [block for block in found if language in ("", block.language)]


def commands() -> list[str]:
    """Return what follows `tightlip` in every block, and in what the pages say in code."""
    spans = [span for page in PAGES for span in re.findall(r"`(tightlip [^`\n]+)`", page.read_text("utf-8"))]
    lines = [line for block in blocks() for line in block.text.splitlines()]
    return [it[1].removesuffix("'") for line in lines + spans for it in COMMAND.finditer(line)]


def load(text: str) -> dict[str, object]:
    """Return YAML as it is; `on` stays a word."""
    loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, with fewer booleans
    assert isinstance(loaded, dict)
    return loaded


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans: `on` is a word, as GitHub reads it."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, it) for tag, it in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
