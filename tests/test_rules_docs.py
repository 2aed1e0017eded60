"""`tightlip rules docs`: a page for each rule, the same on every machine, and docs/rules/ as they should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tightlip import builtin, ruledocs, rules
from tightlip.cli import main
from tightlip.cli.rules import choose
from tightlip.engine import Scanner

ROOT = Path(__file__).resolve().parent.parent
Capture = pytest.CaptureFixture[str]
RULE = r"""
provider: Acme
rules:
  - id: acme-pass
    name: Acme [pass]
    severity: high
    confidence: high
    pattern: '(?i)acme(?:_|-)pass=(?P<secret>p-[0-9a-z]{10,20}(?:\.x|y)?)(?![0-9a-z])'
    entropy: 2.5
    max_length: 40
    filters: [placeholder, words]
    allow: ['^p-test']
    path: '\.env$'
    requires: {rule: acme-id, within: 3}
    remediation: ['Revoke it at `<host>/keys`.', 'Ask for <another>.']
    references: [https://acme.example/passes]
    examples:
      match:
        - {path: .env, text: "acid42\nacme_pass=«p-[0-9a-z]{10}»"}
      no_match: ['acme_pass=``x``']
  - id: acme-id
    name: Acme id
    severity: low
    confidence: low
    pattern: '\b(?P<secret>acid[0-9]{2})\b'
    remediation: [Nothing.]
    examples:
      match: ['«acid42»']
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "acme.yaml").write_text(RULE, "utf-8")
    return str(folder)


def test_the_pages_in_docs_are_those_of_the_built_in_rules() -> None:
    found = ruledocs.differences(str(ROOT / "docs" / "rules"), [*choose.named([]), *choose.of_files()])
    assert found == [], "write them anew with: tightlip rules docs docs/rules"


def test_no_page_holds_what_its_rule_finds() -> None:
    scanner = Scanner()
    pages = ruledocs.pages(list(rules.read(builtin.folder())))
    found = {name: scanner.scan(text.encode(), f"docs/rules/{name}".encode()).matches for name, text in pages.items()}
    assert [name for name, matches in found.items() if name.removesuffix(".md") in {it.rule.id for it in matches}] == []


def test_a_page_says_all_there_is_to_a_rule(own: str) -> None:
    page = ruledocs.pages(list(rules.read(own)))["acme-pass.md"]
    for text in (
        *("# Acme \\[pass\\]\n", "| provider | Acme |", "| severity | high |", "| confidence | high (0.9) |"),
        *("| defined in | `shop/acme.yaml` |", "Only in files whose path matches `\\.env$`."),
        "It is `p-`, then 10 to 20 of `[0-9A-Za-z]`, then perhaps `.x` or `y`.",
        "has one of these in it, in any case, is looked at:\n\n- `acme-pass=p-`\n- `acme_pass=p-`\n",
        *("- Its entropy is at least 2.5 bits per byte.", "- It is no longer than 40 bytes."),
        *("- It has no match of `^p-test`.", "- Filter `words`: An identifier or a piece of prose."),
        "- It counts only where this is within 3 lines: [Acme id](acme-id.md).",
        "In `.env`:\n\n```text\nacid42\nacme_pass=«p-[0-9a-z]{10}»\n```\n",
        *("```text\nacme_pass=``x``\n```\n", "1. Revoke it at `<host>/keys`.\n2. Ask for \\<another>.\n"),
        "- <https://acme.example/passes>\n",
    ):
        assert text in page


def test_the_index_has_every_rule_by_area_and_provider(own: str) -> None:
    index = ruledocs.pages(list(rules.read(own)))["README.md"]
    assert "\n2 rules, by area and provider.\n" in index
    assert "## shop\n\n- Acme: [Acme \\[pass\\]](acme-pass.md), [Acme id](acme-id.md)\n" in index


def test_pages_are_written_once_and_then_as_they_should_be(own: str, tmp_path: Path, capsys: Capture) -> None:
    pages = tmp_path / "pages"
    assert main(["rules", "docs", str(pages), own]) == 0
    assert capsys.readouterr().out.splitlines() == [
        *("README.md: new", "acme-id.md: new", "acme-pass.md: new"),
        "✓ 2 rules: all pages are as they should be",
    ]
    assert main(["rules", "docs", str(pages), own, "--check"]) == 0
    assert capsys.readouterr().out == "✓ 2 rules: all pages are as they should be\n"


def test_a_check_tells_what_is_missing_stale_or_left_over_and_writes_nothing(
    own: str, tmp_path: Path, capsys: Capture
) -> None:
    pages = tmp_path / "pages"
    main(["rules", "docs", str(pages), own])
    (pages / "acme-old.md").write_text((pages / "acme-id.md").read_text("utf-8"), "utf-8")
    (pages / "acme-id.md").unlink()
    (pages / "notes.md").write_text("Mine.\n", "utf-8")
    with (pages / "acme-pass.md").open("a", encoding="utf-8") as page:
        page.write("More.\n")
    capsys.readouterr()
    assert main(["rules", "docs", str(pages), own, "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        *("acme-id.md: missing", "acme-old.md: left over", "acme-pass.md: stale"),
        "✖ 2 rules: 3 pages to be written anew",
    ]
    assert main(["rules", "docs", str(pages), own]) == 0
    assert sorted(file.name for file in pages.iterdir()) == ["README.md", "acme-id.md", "acme-pass.md", "notes.md"]


def test_a_file_of_ones_own_is_never_overwritten(own: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "README.md").write_text("Mine.\n", "utf-8")
    assert main(["rules", "docs", str(tmp_path / "pages"), own]) == 2
    assert "README.md is not a page of rules docs: move it away first" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "pages").iterdir()] == ["README.md"]
