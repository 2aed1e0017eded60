"""What two reports have in common, where there is much of it."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest
from reports import at, report

from hostile import masked, with_many_findings
from tightlip.finding import Finding, Unscanned
from tightlip.report.difference import Side, compare

MANY = 20_000


def test_a_secret_in_many_places_that_all_moved_takes_no_time() -> None:
    old, new = (Side("r.json", report("files", in_many_places(folder))) for folder in ("a", "b"))
    start = perf_counter()
    (kept,) = compare(old, new).moved
    assert perf_counter() - start < 5
    assert kept.moved[MANY - 1][1].path == f"b/{MANY - 1:05}"
    assert (len(kept.moved), kept.more, kept.gone) == (MANY, (), ())


def test_much_that_was_not_looked_at_takes_no_time() -> None:
    missed = tuple(Unscanned(f"other/{n}", "Permission denied") for n in range(MANY // 4))
    start = perf_counter()
    made = compare(Side("r.json", with_many_findings(MANY // 4)), Side("r.json", report("files", unscanned=missed)))
    assert perf_counter() - start < 5
    assert (len(made.fixed), made.unseen) == (MANY // 4, ())


@pytest.mark.parametrize("what", ["a.zip", "a.zip!b.zip", "a.zip!b.zip!dir", "a.zip!b.zip!dir/c.env", ".", "./a.zip"])
def test_what_is_in_something_that_was_not_scanned_is_not_fixed(what: str) -> None:
    found = replace(masked(1), occurrences=(at("a.zip!b.zip!dir/c.env"),))
    missed = (Unscanned(what, "an entry is encrypted"), Unscanned("a", "it is a link"))
    made = compare(Side("r.json", report("files", found)), Side("r.json", report("files", unscanned=missed)))
    assert (made.fixed, len(made.unseen)) == ((), 1)


def in_many_places(folder: str) -> Finding:
    return replace(masked(1), occurrences=tuple(at(f"{folder}/{n:05}", n + 1) for n in range(MANY)))
