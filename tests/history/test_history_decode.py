"""A secret in another form is seen by every way of scanning, in whichever version of a file it comes to be whole."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from gzip import compress
from pathlib import Path

import pytest
from handmade_deltas import Edit, follow
from secrets_made_up import hidden, prose, token

import tightlip
from tightlip.engine import Scanner, rulecache
from tightlip.engine.batch import Batch
from tightlip.engine.suspect import Suspicion
from tightlip.model import Secret

GitCommand = Callable[..., str]
PROSE = "".join(map(prose, range(200)))


@pytest.mark.parametrize("number", range(11))
def test_the_hook_the_history_and_files_alike_show_it(repo: Path, git: GitCommand, number: int) -> None:
    (repo / "a.txt").write_text(PROSE, "utf-8")
    git("add", "a.txt")
    git("commit", "-qm", "before")
    (repo / "a.txt").write_text(PROSE[:3000] + hidden(number) + PROSE[3000:], "utf-8")
    git("add", "a.txt")
    staged = tightlip.scan_staged(repo)
    git("commit", "-qm", "with it")
    (repo / "a.txt").write_text(PROSE[:3000] + hidden(number) + PROSE[3000:] + "more\n", "utf-8")
    git("commit", "-qam", "after")
    git("repack", "-adfq")

    for report in (
        staged,
        tightlip.scan_history(repo),
        tightlip.scan_history(repo, base="HEAD~2"),
        tightlip.scan_files([repo]),
    ):
        (finding,) = report.findings
        assert finding.secret == Secret(token(number % 7).encode())
        assert finding.occurrences[0].line > 40
        assert report.complete


def test_an_archive_is_seen_in_a_history_and_what_cannot_be_read_is_told(repo: Path, git: GitCommand) -> None:
    whole = compress(f"{PROSE}{token(1)}\n{PROSE}".encode())
    (repo / "a.gz").write_bytes(whole)
    (repo / "b.gz").write_bytes(whole[:-8] + b"wrong" + whole[-3:])
    git("add", ".")
    git("commit", "-qm", "archives")
    git("repack", "-adfq")
    report = tightlip.scan_history(repo)

    assert {found.decoded_through for found in report.findings} == {("gzip",)}
    assert report.unscanned == (("b.gz", "gzip: it is damaged"),)
    assert report.unscanned == tightlip.scan_history(repo, reachable_only=True).unscanned


def test_what_a_secret_was_decoded_from_is_not_shown(repo: Path, git: GitCommand, tmp_path: Path) -> None:
    from io import StringIO

    from tightlip.report import json, text

    code = b64encode(token(3).encode()).decode()
    (repo / f"{code}.txt").write_text(f"x = {code}\n", "utf-8")
    git("add", ".")
    git("commit", "-qm", f"add {code}")
    report = tightlip.scan_history(repo)
    assert report.findings
    for write in (json.write, text.write):
        out = StringIO()
        write(report, out)
        assert code.rstrip("=") not in out.getvalue()


def test_a_blob_that_was_clean_to_an_older_engine_is_looked_at_again(
    repo: Path, git: GitCommand, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "a.txt").write_text(PROSE, "utf-8")
    git("add", ".")
    git("commit", "-qm", "clean")
    seen: list[bytes] = []
    add = Batch.add
    monkeypatch.setattr(Batch, "add", lambda batch, text, spans=None: (seen.append(text), add(batch, text, spans)))
    tightlip.scan_history(repo, scanner=scanner, cache=True)
    seen.clear()
    tightlip.scan_history(repo, scanner=scanner, cache=True)
    assert seen == []

    monkeypatch.setattr(rulecache, "VERSION", rulecache.VERSION + 1)
    tightlip.scan_history(repo, scanner=scanner, cache=True)
    assert PROSE.encode() in seen


def seen_in(scanner: Scanner, text: bytes, versions: list[list[Edit]]) -> list[tuple[bool, bool]]:
    """By version: whether the scanner finds something in it, and whether what changed makes it suspicious."""
    followed = follow(scanner, text, versions)
    return [(bool(scanner.scan(version).matches), looked.suspicious) for version, looked in followed]


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("at", [0, 10, 700, 1500, 2100])
def test_a_long_run_that_changes_far_from_the_secret_is_decoded_as_a_whole(
    scanner: Scanner, at: int, *, wrapped: bool
) -> None:
    code = b64encode(compress(f"{token(5)}\n{PROSE[:4000]}".encode(), mtime=0))
    if wrapped:
        code = b"\n".join(code[place : place + 76] for place in range(0, len(code), 76)) + b"\n"
    text = PROSE.encode() + b"\nx: " + code + b"\n\n" + PROSE.encode()
    place = text.index(code) + at
    broken: list[Edit] = [(0, place), b"!!", (place + 2, len(text))]
    mended: list[Edit] = [(0, place), text[place : place + 2], (place + 2, len(text))]
    far: list[Edit] = [b"first\n", (0, len(text))]

    seen = seen_in(scanner, text, [broken, mended, far])
    assert seen[0] == seen[2] == seen[3] == (True, True)
    assert seen[1][1] or not seen[1][0]


def test_a_mark_is_followed_and_looked_at_again_where_a_change_is_near(scanner: Scanner) -> None:
    quote = b'\\"'
    value = token(2).encode()
    text = PROSE.encode() + b'x: "{' + quote + b"key" + quote + b": " + quote + value[:-1] + b' a1"' + PROSE.encode()
    at = text.index(value[:-1]) + len(value) - 1
    whole: list[Edit] = [(0, at), value[-1:] + quote, (at, len(text))]
    seen = seen_in(scanner, text, [[(0, len(text)), b"\nend"], whole, [b"start\n", (0, len(text) + 3)]])

    assert [found for found, _ in seen] == [False, False, True, True]
    assert [suspicious for _, suspicious in seen][2:] == [True, True]


def test_verdicts_over_what_decodes_are_remembered_and_forgotten_without_a_difference(scanner: Scanner) -> None:
    suspicion = Suspicion(scanner.compiled, scanner.min_confidence)
    chance = random.Random(1)
    for _ in range(150):
        text = f"{prose(chance.randrange(5))}{hidden(chance.randrange(20))[chance.randrange(3) :]}".encode()
        assert suspicion.whole(text).suspicious or not scanner.scan(text).matches
