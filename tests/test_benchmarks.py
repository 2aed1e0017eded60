"""The benchmarks of what is found count what they say they count."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"

Load: TypeAlias = Callable[[str], ModuleType]
Rows: TypeAlias = Callable[..., list[Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a script of the benchmarks, as it imports its neighbours."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def import_it(name: str) -> ModuleType:
        return importlib.import_module(name)

    before = set(sys.modules)
    yield import_it
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and BENCHMARKS.samefile(
            Path(sys.modules[name].__file__).parent
        ):
            del sys.modules[name]


def candidate(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "repo": "00000000",
        "file_ext": ".py",
        "category": "Password",
        "label": "T",
        "line": "one\ntwo = value",
        "value_start": 10,
        "value_end": 15,
        "context_before": ["before", "it"],
        "context_after": ["after"],
    }
    return fields | changes


@pytest.fixture
def rows(load: Load, tmp_path: Path) -> Rows:
    def read(*candidates: dict[str, object]) -> list[Any]:
        file = tmp_path / "rows.jsonl.gz"
        with gzip.open(file, "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in candidates)
        return load("_corpus").read(file)

    return read


def test_a_row_knows_the_lines_of_its_value(rows: Rows) -> None:
    (row,) = rows(candidate())
    assert row.text[row.start : row.end] == "value"
    assert (row.first, row.last) == (4, 4)


def test_a_row_that_is_labelled_as_a_whole_is_on_all_its_lines(rows: Rows) -> None:
    (row,) = rows(candidate(value_start=None, value_end=None))
    assert (row.first, row.last) == (3, 4)


@pytest.mark.parametrize(
    ("category", "group"),
    [
        ("Token:UUID", "UUID"),
        ("Auth:Bearer Authorization", "HTTP auth header"),
        ("Key:Nonce", "Key"),
        ("Auth:Salt", "Salt/Nonce"),
        ("Dropbox App secret:Password", "Password"),
        ("AWS S3 Bucket", "Identifier"),
    ],
)
def test_a_row_of_several_categories_is_in_the_first_group_that_fits(load: Load, category: str, group: str) -> None:
    assert load("_corpus").group(category) == group


def test_each_row_becomes_a_file_that_holds_its_text(load: Load, rows: Rows, tmp_path: Path) -> None:
    first, second = rows(candidate(), candidate(file_ext=""))
    tree = tmp_path / "tree"
    tree.mkdir()
    load("_corpus").unfold([first, second], tree)
    assert (tree / "0" / "source.py").read_text() == first.text
    assert (tree / "1" / "source").read_text() == second.text


def test_a_peer_finds_a_row_only_on_the_lines_of_its_value(load: Load, rows: Rows) -> None:
    quality, some = load("quality"), rows(candidate(), candidate(), candidate())
    places = [(some[0].path, 4, 4, "rule"), (some[1].path, 5, 5, "rule"), (some[2].path, 1, 9, "rule")]
    assert quality.on_lines(some, places) == {0, 2}


def test_an_f_row_counts_as_often_as_its_weight_says(load: Load, rows: Rows) -> None:
    score = load("_score").score(rows(candidate(), candidate(), candidate(label="F"), candidate(label="X")), {0, 2, 3})
    assert (score.true, score.false, score.open) == (1, 1, 1)
    assert score.f1() == pytest.approx(1 / 2)
    assert score.f1(3) == pytest.approx(1 / 3)
    assert score.weight(1 / 3) == pytest.approx(3)


def test_the_weight_is_found_that_gives_the_peers_what_they_are_known_to_have(load: Load, rows: Rows) -> None:
    score = load("_score")
    known = score.FULL["detect-secrets"]
    measured = score.Score(1000, 2000, 100, 4000, 0, 0)
    weight = score.fitted({"detect-secrets": measured})
    assert measured.f1(weight) == pytest.approx(known, abs=0.001)


def test_an_alarm_is_counted_once_for_each_line_and_apart_outside_of_tests(load: Load) -> None:
    count = load("sweep").lines_of(
        [("src/a.py", 3), ("src/a.py", 3), ("src/a.py", 4), ("tests/b.py", 1), ("latest/c", 1)]
    )
    assert count == (4, 3)
