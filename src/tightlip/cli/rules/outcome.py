"""What came of testing, linting or measuring rules, printed or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from tightlip.cli.rules.text import style_of, write_line
from tightlip.report.style import BOLD, CYAN, DIM, GREEN, RED, YELLOW, count, duration, size
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.engine import Scanner
    from tightlip.examples import Failure
    from tightlip.lint import Complaint
    from tightlip.report.options import Options
    from tightlip.ruledocs import Difference
    from tightlip.rules import LoadedRule
    from tightlip.throughput import Measured, Speed

_GIGA = 1e9


def write_stages(rules: Sequence[LoadedRule], scanner: Scanner, out: TextIO, options: Options) -> None:
    """Write for each example how far each secret in it came."""
    from tightlip.examples import stages

    style = style_of(options)
    for loaded in rules:
        for kind, examples in (("match", loaded.match), ("no_match", loaded.no_match)):
            for example in examples:
                for stage in stages(loaded, example, scanner):
                    place = f" at {stage.start}-{stage.end}" if stage.end else ""
                    where = style.paint(f"{visible(loaded.file)}:{example.line}:", DIM)
                    write_line(out, f"{where} {style.paint(loaded.rule.id, CYAN)} {kind}{place}: {visible(str(stage))}")


def write_failures(failures: Sequence[Failure], rules: Sequence[LoadedRule], out: TextIO, options: Options) -> None:
    """Write each example that failed, and how many there were."""
    style = style_of(options)
    for failure in failures:
        write_line(out, visible(str(failure)))
    examples = sum(len(loaded.match) + len(loaded.no_match) for loaded in rules)
    what = f"{count(examples, 'example')} of {count(len(rules), 'rule')}"
    if failures:
        failed = f"{style.symbol('stop')} {len(failures):,} of {what} failed"
        write_line(out, style.paint(failed, BOLD, RED))
    else:
        write_line(out, style.paint(f"{style.symbol('fine')} {what}: all as they should be", GREEN))


def write_tuples_json(found: Sequence[Failure] | Sequence[Complaint], out: TextIO) -> None:
    """Write failures or complaints as a JSON array."""
    write_line(out, json.dumps([it._asdict() for it in found], indent=2))


def write_complaints(complaints: Sequence[Complaint], rules: int, out: TextIO, options: Options) -> None:
    """Write each complaint; only errors where few details are wanted."""
    style = style_of(options)
    for it in complaints:
        if it.severity == "error" or options.detail >= 0:
            place = f"{visible(it.file)}:{it.line}:" if it.line else f"{visible(it.file)}:"
            severity = (
                style.paint(it.severity, BOLD, RED) if it.severity == "error" else style.paint(it.severity, YELLOW)
            )
            rule = f"rule {visible(it.rule)}: " if it.rule else ""
            check = style.paint(f"({it.check})", DIM)
            write_line(out, f"{place} {severity}: {rule}{visible(it.problem)} {check}")
            write_line(out, f"    {visible(it.advice)}")
    errors = sum(it.severity == "error" for it in complaints)
    told = f"{count(rules, 'rule')}: {count(errors, 'error')}, {count(len(complaints) - errors, 'warning')}"
    write_line(
        out, style.paint(f"{style.symbol('stop' if errors else 'fine')} {told}", *((BOLD, RED) if errors else (GREEN,)))
    )


def write_differences(found: Sequence[Difference], rules: int, out: TextIO, options: Options, *, checked: bool) -> None:
    """Write which pages are not as they should be, or were not until now."""
    style = style_of(options)
    words = {} if checked else {"missing": "new", "stale": "changed", "left over": "removed"}
    for page, what in found:
        write_line(out, f"{visible(page)}: {words.get(what, what)}")
    wrong = checked and found
    state = f"{count(len(found), 'page')} to be written anew" if wrong else "all pages are as they should be"
    told = f"{count(rules, 'rule')}: {state}"
    write_line(
        out, style.paint(f"{style.symbol('stop' if wrong else 'fine')} {told}", *((BOLD, RED) if wrong else (GREEN,)))
    )


def write_speeds(measured: Measured, limit: float, top: int, out: TextIO, options: Options) -> None:
    """Write what the slowest rules cost, and all together."""
    style = style_of(options)
    head = ("", "GB/S", "HITS/MB", "MATCHES", "SECRETS", "CONFIRM", "RULE")
    rows = [_speed(it, measured.size, limit) for it in measured.speeds[:top]]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [[*map(str.rjust, row[:-1], widths), row[-1]] for row in (head, *rows)]
    for number, line in enumerate(lines):
        if options.detail >= 0 or number:
            text = "  ".join(line)
            write_line(
                out, style.paint(text, DIM) if not number else style.paint(text, RED) if line[0].strip() else text
            )
    slow = sum(measured.size / it.alone.seconds < limit for it in measured.speeds)
    rate = measured.size / measured.together.seconds / _GIGA
    hits = _per_million(measured.together.hits, measured.size)
    whole = f"{count(len(measured.speeds), 'rule')} together: {rate:.2f} GB/s, {hits} hits/MB"
    taken = duration(sum(it.confirmed.seconds for it in measured.speeds))
    write_line(out, f"{whole}, {taken} for confirming, on {count(measured.files, 'file')} of {size(measured.size)}")
    told = f"{count(slow, 'rule')} below {limit / _GIGA:g} GB/s alone"
    write_line(
        out, style.paint(f"{style.symbol('stop' if slow else 'fine')} {told}", *((BOLD, RED) if slow else (GREEN,)))
    )


def _speed(speed: Speed, size: int, limit: float) -> tuple[str, ...]:
    rate = size / speed.alone.seconds
    confirmed = speed.confirmed
    return (
        "slow" if rate < limit else "",
        f"{rate / _GIGA:.2f}",
        _per_million(speed.alone.hits, size),
        f"{confirmed.matches:,}",
        f"{confirmed.secrets:,}",
        f"{confirmed.seconds * 1000:.2f} ms",
        speed.rule,
    )


def _per_million(number: int, size: int) -> str:
    return f"{number / size * 1_000_000:.2f}"


def write_speeds_json(measured: Measured, limit: float, out: TextIO) -> None:
    """Write what all rules cost as JSON."""
    document = {
        "files": measured.files,
        "bytes": measured.size,
        "together": measured.together._asdict(),
        "rules": [
            {
                "rule": it.rule,
                "bytes_per_second": round(measured.size / it.alone.seconds),
                "slow": measured.size / it.alone.seconds < limit,
                "hits": it.alone.hits,
                "matches": it.confirmed.matches,
                "secrets": it.confirmed.secrets,
                "confirming_seconds": it.confirmed.seconds,
            }
            for it in measured.speeds
        ],
    }
    write_line(out, json.dumps(document, indent=2))
