"""The file of known findings: what is written is read again, by anybody's YAML too, and what is broken is told."""

from __future__ import annotations

import random
from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.baseline.entry import STATES, UNJUDGED, Entry, Judgement
from tightlip.baseline.file import Baseline, parse
from tightlip.errors import UsageError

SALT = "5f" * 16
HEX = st.text("0123456789abcdef", min_size=20, max_size=20)
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ENTRIES = st.builds(
    Entry,
    id=HEX,
    rule=st.sampled_from(("github-pat-classic", "password-assignment")),
    path=TEXTS.filter(bool),
    hint=TEXTS,
    is_place=st.booleans(),
    is_history=st.booleans(),
    judgement=st.builds(Judgement, st.sampled_from(STATES), TEXTS, DAYS, TEXTS, DAYS),
)


def entry(number: int = 0, **changes: object) -> Entry:
    made: dict[str, object] = {
        "id": f"{number:020x}",
        "rule": "github-pat-classic",
        "path": "a.py",
        "hint": "ghp_********",
    }
    return Entry(**(made | changes))  # type: ignore[arg-type]


def judged(state: str = "false-alarm", day: int = 1) -> Judgement:
    return Judgement(state, "Ada", date(2026, 1, day), "an example")


def read(*lines: str) -> tuple[Entry, ...]:
    return parse("\n".join(("version: 1", f'salt: "{SALT}"', "findings:", *lines)).encode()).entries


@given(st.lists(ENTRIES, max_size=5, unique_by=lambda entry: entry.key))
@settings(deadline=None)
def test_what_is_written_is_read_again(entries: list[Entry]) -> None:
    written = Baseline((SALT,), tuple(entries))
    again = parse(written.text.encode())

    assert again.by_key() == written.by_key()
    assert again.salts == (SALT,)
    assert again.text == written.text


@given(st.lists(ENTRIES, max_size=3, unique_by=lambda entry: entry.key))
@settings(deadline=None)
def test_it_is_yaml_and_says_the_same_to_others(entries: list[Entry]) -> None:
    made = yaml.safe_load(Baseline((SALT,), tuple(entries)).text)

    assert (made["version"], made["salt"]) == (1, SALT)
    said = {(it["id"], it["state"], it.get("why", ""), it.get("until")) for it in made["findings"] or ()}
    assert said == {(it.id, it.judgement.state, it.judgement.why, it.judgement.until) for it in entries}


def test_an_entry_is_one_line_below_the_first_two_digits_of_its_id() -> None:
    lines = Baseline((SALT,), (entry(0xAB << 72), entry(1), entry(0xAB01 << 64))).text.splitlines()

    assert [line for line in lines if line[:5] in ("# 00", "# 01", "# ab", "# ac") or line[0] == "-"] == [
        "# 00",
        entry(1).line,
        "# 01",
        "# ab",
        entry(0xAB << 72).line,
        entry(0xAB01 << 64).line,
        "# ac",
    ]
    assert entry(1).line == (
        '- {id: "00000000000000000001", rule: github-pat-classic, path: "a.py", hint: "ghp_********", state: unjudged}'
    )


def test_neither_order_nor_anchors_nor_line_ends_nor_a_byte_order_mark_matter() -> None:
    written = Baseline((SALT,), tuple(entry(number << 70) for number in range(40)))
    lines = [line for line in written.text.splitlines() if line[0] != "#"]
    head, entries = lines[:3], lines[3:]
    random.Random(1).shuffle(entries)
    content = "\ufeff" + "\r\n".join([*head, "", *entries, *entries[:5], "# by hand"])

    assert parse(content.encode()).by_key() == written.by_key()


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_entries_about_the_same_the_judgement_counts_and_the_later_one(order: int) -> None:
    lines = [entry().line, entry(judgement=judged(day=2)).line, entry(judgement=judged("accepted")).line][::order]

    assert [it.judgement for it in read(*lines)] == [judged(day=2)]


def test_an_entry_for_a_place_and_one_for_the_secret_are_two() -> None:
    assert len(read(entry().line, entry(is_place=True).line, entry(path="b.py", is_place=True).line)) == 3


def test_both_salts_of_two_files_that_were_put_together_count() -> None:
    content = f'version: 1\nsalt: "{SALT}"\nsalt: "{"a0" * 16}"\nfindings:\n'

    assert parse(content.encode()).salts == (SALT, "a0" * 16)


def test_a_line_may_be_written_by_hand() -> None:
    (made,) = read(
        f"-   {{ state: revoked, id: {'0' * 20}, rule: 'x', why: 'it\\'s gone: \"a\", b' }}".replace("\\'", "''")
    )

    assert (made.id, made.judgement.state, made.judgement.why) == ("0" * 20, "revoked", 'it\'s gone: "a", b')


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("<<<<<<< HEAD", "conflict"),
        ("=======", "conflict"),
        (">>>>>>> topic", "conflict"),
        ("nonsense", "no entry"),
        ("version: 2", "version 1"),
        ("- {id: abc, rule: x, state: unjudged}", "20 hexadecimal digits"),
        (entry().line.replace("unjudged", "fine"), "must be one of unjudged"),
        (entry().line.replace("state: unjudged", ""), "no `state`"),
        (entry().line.replace("unjudged", "revoked, until: soon"), "`until` must be a day"),
        (entry().line.replace("unjudged", "revoked, until: 2026-02-30"), "`until` must be a day"),
        (entry().line.replace("state", "sate"), "a key is none of"),
        (entry().line[:-1], "not YAML"),
        (entry().line[:-10], "not YAML"),
        ("- [a, b]", "not YAML"),
        ("- {id: {a: b}}", "not YAML"),
        ("- &a *a", "not YAML"),
        (f"- {'[' * 5000}", "too long, or too deep"),
        (f"- {{why: '{'x' * 20000}'}}", "too long, or too deep"),
    ],
)
def test_what_is_broken_is_told_with_its_line_and_not_repeated(line: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        read(entry().line, line)

    assert str(caught.value).startswith(".tightlip-baseline.yaml:5: ")
    assert "\n" not in str(caught.value)
    assert line not in str(caught.value)


def test_entries_without_a_salt_are_of_no_use() -> None:
    with pytest.raises(UsageError, match="salt"):
        parse(entry().line.encode())


def test_what_is_no_text_is_told_with_its_line() -> None:
    with pytest.raises(UsageError, match=r"yaml:2: it is not UTF-8"):
        parse(b"version: 1\n# \xff\n")


def test_a_state_that_nobody_gave_is_unjudged() -> None:
    assert Judgement().state == UNJUDGED
    assert not Judgement().is_expired(date(2030, 1, 1))


def test_an_entry_holds_to_the_end_of_its_last_day() -> None:
    until = Judgement("accepted", until=date(2026, 1, 31))

    assert not until.is_expired(date(2026, 1, 31))
    assert until.is_expired(date(2026, 2, 1))


PIECES = st.sampled_from(
    [*entry().line, entry().line, "\n", "- {", "}", '"', ": ", ", ", "&a ", "*a", "!!x ", "\x00", "é", "id", "["]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text())
@settings(deadline=None)
def test_whatever_is_in_the_file_it_is_read_or_refused(text: str) -> None:
    try:
        parse(text.encode("utf-8", "surrogatepass"))
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - or there is none
