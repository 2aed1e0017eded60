"""Rules, printed: a table, everything about one, or JSON."""

from __future__ import annotations

import json
import shutil
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, TextIO

from tightlip.report.levels import confidence_word
from tightlip.report.options import is_terminal
from tightlip.report.style import BOLD, CYAN, DIM, Style, count
from tightlip.report.visible import visible
from tightlip.wholefile import AREA, FOUND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tightlip.report.options import Options
    from tightlip.rule import Rule
    from tightlip.rules import LoadedRule


def area(loaded: LoadedRule) -> str:
    """Return the area of a rule: the folder of its file, where it has one."""
    return AREA if loaded.rule.is_of_files else PurePath(loaded.file).parent.name


def write_table(rules: Sequence[LoadedRule], out: TextIO, options: Options) -> None:
    """Write one line for each rule, under its area; only its id where few details are wanted."""
    style = style_of(options)
    if options.detail < 0:
        for it in rules:
            write_line(out, it.rule.id)
        return
    head = ("ID", "SEVERITY", "CONFIDENCE", "PROVIDER", "NAME")
    rows = [tuple(map(visible, _row(it))) for it in rules]
    *widths, last = (max(map(len, column)) for column in zip(head, *rows, strict=True))
    if is_terminal(out):
        last = max(shutil.get_terminal_size().columns - sum(widths) - 2 * len(widths), len(head[-1]))
    write_line(out, style.paint("  ".join(map(str.ljust, head, (*widths, 0))), DIM))
    for name, of_area in groupby(zip(rules, rows, strict=True), lambda pair: area(pair[0])):
        group = [row for _, row in of_area]
        write_line(out, f"\n{style.paint(visible(name), BOLD)}  {style.paint(count(len(group), 'rule'), DIM)}")
        for row in group:
            identifier, severity, *others, title = map(str.ljust, row, (*widths, 0))
            painted = (style.paint(identifier, CYAN), style.severity(severity.strip(), severity), *others)
            write_line(out, "  ".join([*painted, style.shortened(title, last)]).rstrip())
    write_line(out, "\n" + style.paint(_totals(rules), DIM))


def _totals(rules: Sequence[LoadedRule]) -> str:
    providers = {it.rule.provider for it in rules} - {""}
    areas = {area(it) for it in rules}
    return f"{count(len(rules), 'rule')}, {count(len(providers), 'provider')}, {count(len(areas), 'area')}"


def _row(loaded: LoadedRule) -> tuple[str, ...]:
    rule = loaded.rule
    return (rule.id, rule.severity, confidence_word(rule.confidence), rule.provider or "-", rule.name)


def write_details(rules: Sequence[LoadedRule], every: Mapping[str, LoadedRule], out: TextIO, options: Options) -> None:
    """Write everything about each rule. Parameters: `every`, all rules by their ids."""
    style = style_of(options)
    for number, loaded in enumerate(rules):
        rule = loaded.rule
        write_line(
            out, "\n" * bool(number) + f"{style.paint(rule.id, BOLD, CYAN)}  {style.paint(visible(rule.name), BOLD)}"
        )
        for label, text in _fields(loaded, every).items():
            if text:
                shown = style.severity(text, text) if label == "severity" else visible(text)
                write_line(out, style.verbatim(label, shown))
        for label, text in _listed("see" if rule.is_of_files else "format from", rule.references):
            write_line(out, style.verbatim(label, visible(text)))
        for line in style.labelled("do" if rule.is_of_files else "rotate", "") if rule.remediation else ():
            write_line(out, line)
        for line in style.numbered(map(visible, rule.remediation), 4):
            write_line(out, line)


def _fields(loaded: LoadedRule, every: Mapping[str, LoadedRule]) -> dict[str, str]:
    rule = loaded.rule
    partners = [other for other, it in every.items() if it.rule.requires and it.rule.requires.rule == rule.id]
    fields = {
        "provider": rule.provider,
        "area": area(loaded),
        "severity": rule.severity,
        "confidence": f"{confidence_word(rule.confidence)} ({rule.confidence:g})",
        "finds": FOUND.get(rule.id, "") if rule.is_of_files else "",
        "path": rule.path,
        "entropy": f"at least {rule.entropy:g} bits a byte" if rule.entropy else "",
        "filters": ", ".join(rule.filters),
        "requires": _partner(rule, every),
        "required by": ", ".join(partners),
        "longest": f"{rule.max_length:,} bytes" if rule.max_length else "",
        "examples": f"{len(loaded.match)} that match, {len(loaded.no_match)} that do not" if loaded.match else "",
        "defined at": f"{loaded.file}:{loaded.line}" if loaded.file else "",
        "service": ", ".join(rule.service),
        "token": rule.token,
        "pattern": rule.pattern,
        "allow": "  ".join(rule.allow),
    }
    return {label: " ".join(text.split("\n")) for label, text in fields.items()}


def _partner(rule: Rule, every: Mapping[str, LoadedRule]) -> str:
    if rule.requires is None:
        return ""
    name = f" ({every[rule.requires.rule].rule.name})" if rule.requires.rule in every else ""
    return f"{rule.requires.rule} within {count(rule.requires.within, 'line')}{name}"


def _listed(label: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from zip((label, *[""] * len(texts)), texts, strict=False)


def write_json(rules: Sequence[LoadedRule], out: TextIO) -> None:
    """Write the rules as a JSON array, without their examples."""
    document = [
        {
            **it.rule.as_dict(),
            "requires": it.rule.requires and it.rule.requires.as_dict(),
            "area": area(it),
            "file": it.file or None,
            "line": it.line or None,
            "about": "files" if it.rule.is_of_files else "values",
        }
        for it in rules
    ]
    write_line(out, json.dumps(document, indent=2))


def style_of(options: Options) -> Style:
    """Return the style of a stream."""
    return Style(options.color, options.unicode, options.width)


def write_line(out: TextIO, line: str) -> None:
    """Write a line; what the stream cannot show is escaped."""
    encoding = out.encoding or "utf-8"
    out.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
