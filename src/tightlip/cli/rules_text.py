"""Rules and the outcome of their tests, printed: a table, everything about one, or JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import PurePath
from typing import TYPE_CHECKING, TextIO

from tightlip.report.levels import confidence_word
from tightlip.report.options import is_terminal
from tightlip.report.style import BOLD, CYAN, DIM, GREEN, RED, Style, count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.examples import Failure
    from tightlip.report.options import Options
    from tightlip.rules import LoadedRule


def area(loaded: LoadedRule) -> str:
    """Return the area of a rule: the folder of its file."""
    return PurePath(loaded.file).parent.name


def write_table(rules: Sequence[LoadedRule], out: TextIO, options: Options) -> None:
    """Write one line for each rule; only its id where few details are wanted."""
    style = _style(options)
    if options.detail < 0:
        for it in rules:
            _line(out, it.rule.id)
        return
    head = ("ID", "SEVERITY", "CONFIDENCE", "PROVIDER", "NAME")
    rows = [tuple(map(visible, _row(it))) for it in rules]
    *widths, last = (max(map(len, column)) for column in zip(head, *rows, strict=True))
    if is_terminal(out):
        last = max(shutil.get_terminal_size().columns - sum(widths) - 2 * len(widths), len(head[-1]))
    _line(out, style.paint("  ".join(map(str.ljust, head, (*widths, 0))), DIM))
    for row in rows:
        identifier, severity, *others, name = map(str.ljust, row, (*widths, 0))
        painted = (style.paint(identifier, CYAN), style.severity(severity.strip(), severity), *others)
        _line(out, "  ".join([*painted, style.shortened(name, last)]).rstrip())
    _line(out, style.paint(count(len(rules), "rule"), DIM))


def _row(loaded: LoadedRule) -> tuple[str, ...]:
    rule = loaded.rule
    return (rule.id, rule.severity, confidence_word(rule.confidence), rule.provider or "-", rule.name)


def write_details(rules: Sequence[LoadedRule], out: TextIO, options: Options) -> None:
    """Write everything about each rule."""
    style = _style(options)
    for number, loaded in enumerate(rules):
        rule = loaded.rule
        requires = f"{rule.requires.rule} within {rule.requires.within} lines" if rule.requires else ""
        fields = {
            "provider": rule.provider,
            "severity": style.severity(rule.severity, rule.severity),
            "confidence": f"{confidence_word(rule.confidence)} ({rule.confidence:g})",
            "path": rule.path,
            "entropy": f"at least {rule.entropy:g} bits a byte" if rule.entropy else "",
            "allow": "  ".join(rule.allow),
            "filters": ", ".join(rule.filters),
            "requires": requires,
            "longest": f"{rule.max_length:,} bytes" if rule.max_length else "",
            "examples": f"{len(loaded.match)} that match, {len(loaded.no_match)} that do not",
            "defined at": f"{loaded.file}:{loaded.line}",
            "pattern": rule.pattern,
        }
        _line(out, "\n" * bool(number) + f"{style.paint(rule.id, BOLD, CYAN)}  {style.paint(visible(rule.name), BOLD)}")
        for label, text in fields.items():
            if text:
                _line(out, style.verbatim(label, text if label == "severity" else visible(text)))
        for line in style.labelled("rotate", "") if rule.remediation else ():
            _line(out, line)
        for line in style.numbered(map(visible, rule.remediation), 4):
            _line(out, line)
        for label, reference in zip(("references", *[""] * len(rule.references)), rule.references, strict=False):
            _line(out, style.verbatim(label, visible(reference)))


def write_json(rules: Sequence[LoadedRule], out: TextIO) -> None:
    """Write the rules as a JSON array, without their examples."""
    document = [
        {
            **it.rule._asdict(),
            "requires": it.rule.requires and it.rule.requires._asdict(),
            "area": area(it),
            "file": it.file,
            "line": it.line,
        }
        for it in rules
    ]
    _line(out, json.dumps(document, indent=2))


def write_failures(failures: Sequence[Failure], rules: int, examples: int, out: TextIO, options: Options) -> None:
    """Write each example that failed, and how many there were."""
    style = _style(options)
    for failure in failures:
        _line(out, visible(str(failure)))
    what = f"{count(examples, 'example')} of {count(rules, 'rule')}"
    if failures:
        failed = f"{style.symbol('stop')} {len(failures):,} of {what} failed"
        _line(out, style.paint(failed, BOLD, RED))
    else:
        _line(out, style.paint(f"{style.symbol('fine')} {what}: all as they should be", GREEN))


def write_failures_json(failures: Sequence[Failure], out: TextIO) -> None:
    """Write the failures as a JSON array."""
    _line(out, json.dumps([failure._asdict() for failure in failures], indent=2))


def _style(options: Options) -> Style:
    return Style(options.color, options.unicode, options.width)


def _line(out: TextIO, line: str) -> None:
    encoding = out.encoding or "utf-8"
    out.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
