"""What an audit is made of: the lines around a value, the order, the statistics."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tightlip.audit import context, statistics
from tightlip.audit.item import Item, Spot, items
from tightlip.audit.queue import Queue
from tightlip.audit.recovered import recovered
from tightlip.baseline.entry import STATES, Entry, Judgement
from tightlip.baseline.file import Baseline
from tightlip.engine import Outcome, Scanner
from tightlip.finding import Report
from tightlip.git.plumbing import Git
from tightlip.model import Blob
from tightlip.report.masked import Masked
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.tally import Tally

KEY = "\n".join(
    [
        "-----BEGIN RSA PRIV" + "ATE KEY-----",
        "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu",
        "KUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQJAIJLixBy2qpFoS4DSmoEm",
        "",
        "-----END RSA PRIV" + "ATE KEY-----",
    ]
)


@pytest.fixture
def around(scanner: Scanner, tmp_path: Path) -> Callable[[bytes], list[tuple[int, str]]]:
    """Return the lines around the first secret of a text."""

    def around(data: bytes) -> list[tuple[int, str]]:
        tally = Tally(scanner)
        tally.scan(Blob(data, b"a.txt"))
        report = tally.report("files", str(tmp_path))
        (first, *_) = items([report])
        spot = Spot(report, first.finding, first.finding.occurrences[0])
        file = tmp_path / "a.txt"
        file.write_bytes(data)
        text = context.Texts(Git(os.curdir), str(tmp_path)).of(spot)
        assert text is not None
        return [(line.number, line.text) for line in context.around(text, spot, redactor(report, PLAIN))]

    return around


def test_a_value_of_many_lines_is_one_mask(around: Callable[[bytes], list[tuple[int, str]]]) -> None:
    shown = around(f"one\ntwo\nkey = '''{KEY}''' # end\nlast\n".encode())

    assert shown[:2] == [(1, "one"), (2, "two")]
    assert shown[-1] == (8, "last")
    assert not any(line and line in text for line in KEY.split("\n") for _, text in shown)
    assert len(shown) == 5


def test_of_a_long_line_only_the_part_around_the_value_is_shown(
    around: Callable[[bytes], list[tuple[int, str]]], token: str
) -> None:
    ((number, text),) = around(f"{'a ' * 50_000}'{token}'{' b' * 50_000}".encode())

    assert number == 1
    assert "'********'" in text
    assert text.startswith("...")
    assert text.endswith("...")
    assert len(text) < 150


def test_a_value_in_utf16_is_masked(around: Callable[[bytes], list[tuple[int, str]]], token: str) -> None:
    assert around(f"\ufeffé\r\nTOKEN = '{token}'\r\n".encode("utf-16-le")) == [(1, "é"), (2, "TOKEN = '********'")]


def test_a_value_after_bytes_that_are_not_utf8_is_masked(
    around: Callable[[bytes], list[tuple[int, str]]], token: str
) -> None:
    ((_, text),) = around(b"\xff\xfe\xc3! TOKEN = '" + token.encode() + b"'\n")

    assert token[4:12] not in text
    assert text.endswith("TOKEN = '********'")


def test_lines_that_have_moved_since_show_no_value(scanner: Scanner, token: str) -> None:
    tally = Tally(scanner)
    tally.scan(Blob(f"TOKEN = '{token}'\n".encode(), b"a.txt"))
    report = tally.report("files", ".")
    spot = Spot(report, report.findings[0], report.findings[0].occurrences[0])

    (line,) = context.around(f"x = 1; TOKEN = '{token}'\n".encode(), spot, redactor(report, PLAIN))

    assert token[:8] not in line.text
    assert token[-8:] not in line.text


class Walk:
    """A queue of three, of which some are done."""

    def __init__(self) -> None:
        self.names: dict[Item, str] = {Item(()): name for name in "abc"}
        self.done: set[str] = set()
        self.queue = Queue(list(self.names), lambda it: self.names[it] not in self.done, self.names.__getitem__)

    def judge(self) -> None:
        self.done.add(self.at)
        self.queue.on()

    @property
    def at(self) -> str:
        return self.names[self.queue.current] if self.queue.current else ""


def test_after_the_last_the_ones_left_out_before_come() -> None:
    walk = Walk()
    walk.queue.next()
    seen = []
    for _ in "abc":
        seen.append(walk.at)
        walk.judge()

    assert seen == ["b", "c", "a"]
    assert walk.at == ""
    assert not walk.queue.next()


def test_skipping_goes_round() -> None:
    walk = Walk()
    seen = []
    for _ in range(4):
        seen.append(walk.at)
        walk.queue.skip()

    assert seen == ["a", "b", "c", "a"]


def test_the_last_one_that_is_left_can_be_skipped() -> None:
    walk = Walk()
    walk.done |= {"b", "c"}
    walk.queue.skip()

    assert walk.at == "a"
    assert walk.queue.position == (1, 1)


def test_a_search_for_nothing_that_is_there_changes_nothing() -> None:
    walk = Walk()

    assert not walk.queue.seek("z")
    assert walk.queue.seek("B")
    assert (walk.at, walk.queue.position) == ("b", (1, 1))
    assert walk.queue.seek("")
    assert (walk.at, walk.queue.position) == ("b", (2, 3))


def entries(rule: str, *states: str) -> list[Entry]:
    return [Entry(f"{number:020x}", rule, "a.py", judgement=Judgement(state)) for number, state in enumerate(states)]


def rows(*every: Sequence[Entry]) -> list[statistics.Row]:
    return statistics.rows(Baseline(("0" * 32,), tuple(entry for some in every for entry in some)))


def test_rules_are_counted_the_worst_first() -> None:
    good, bad, unknown = (
        entries("good", *STATES),
        entries("bad", "false-alarm", "test-value"),
        entries("new", "unjudged"),
    )
    every = rows(good, unknown, bad)

    assert every == [("bad", 0, 1, 1, 0), ("good", 3, 1, 1, 1), ("new", 0, 0, 0, 1)]
    assert [row.precision for row in every] == [0, 0.6, None]
    assert statistics.total(every) == ("total", 3, 2, 2, 2)
    assert statistics.total([]) == ("total", 0, 0, 0, 0)


def test_a_value_that_is_known_at_several_places_counts_once() -> None:
    one = [Entry("0" * 20, "rule", path, is_place=True, judgement=Judgement("revoked")) for path in ("a", "b")]

    assert rows(one) == [("rule", 1, 0, 0, 0)]


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)]
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    """The last is the example of Newcombe 1998, the others the closed form z²/(n+z²)."""
    assert statistics.wilson(hits, of) == pytest.approx((low, high), abs=0.0001)


def test_the_most_urgent_comes_first_and_each_value_once(shop: Path, scanner: Scanner) -> None:
    tally = Tally(scanner)
    for name in ("a.py", "b.py"):
        tally.scan(Blob((shop / name).read_bytes(), name.encode()))
    report: Report = tally.report("files", ".")

    every = items([report, report])

    assert [len(item.found) for item in every] == [2, 2]
    assert [len(item.spots(None)) for item in every] == [2, 1]


def test_a_text_that_has_changed_is_scanned_once_for_all_of_its_values(
    scanner: Scanner, tmp_path: Path, token: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = f"a = '{token}'\nb = '{other}'\n".encode()
    tally = Tally(scanner)
    tally.scan(Blob(data, b"a.txt"))
    report = tally.report("files", str(tmp_path))
    findings = [
        replace(it, secret=Masked("********", it.fingerprint), told_as=it.fingerprint) for it in report.findings
    ]
    (tmp_path / "a.txt").write_bytes(b"x" + data.replace(b"\nb", b"\nxb"))
    scan, paths = scanner.scan, list[bytes]()

    def counting(data: bytes, path: bytes = b"") -> Outcome:
        paths.append(path)
        return scan(data, path)

    monkeypatch.setattr(scanner, "scan", counting)
    hidden = replace(report, findings=tuple(findings))
    again = recovered(hidden, context.Texts(Git(os.curdir), str(tmp_path)), scanner)

    assert {it.secret.reveal() for it in again.findings} == {token.encode(), other.encode()}
    assert paths == [b"a.txt"]
