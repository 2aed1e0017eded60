from __future__ import annotations

import gzip
import json
import pickle
import textwrap
from base64 import b64encode

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from knownvalues import value

from tightlip.known.forms import forms
from tightlip.known.literals import GramPrefilter, databases
from tightlip.known.search import KnownScanner
from tightlip.known.secret import Known
from tightlip.known.telling import title

VALUES = [value(seed, more="/+&\"<'$"[seed % 7]) for seed in range(40)]
PEM = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(value(seed, 64) for seed in range(12)) + "\n-----END PRIVATE KEY-----"


def scanner(*values: str, literals_only: bool = False) -> KnownScanner:
    known = [Known(f"KEY{number}", it.encode(), source="lines:-") for number, it in enumerate(values)]
    return KnownScanner(known, literals_only=literals_only)


@pytest.fixture(scope="module", params=[False, True], ids=["hyperscan", "without"])
def many(request: pytest.FixtureRequest) -> KnownScanner:
    return scanner(*VALUES, PEM, literals_only=request.param)


@pytest.mark.parametrize("number", [*range(0, 40, 5), 40])
def test_each_form_of_each_value_is_found_as_the_value(many: KnownScanner, number: int) -> None:
    sought = [*VALUES, PEM][number].encode()
    for form in forms(sought):
        matches = many.scan(b"something = '" + form + b"' # and more\n").matches
        assert [match.secret.reveal() for match in matches] == [sought], form


def test_a_match_is_where_the_form_stands(many: KnownScanner) -> None:
    form = b64encode(VALUES[3].encode())
    (match,) = many.scan(b"one\ntwo: " + form + b"\n").matches
    assert (match.line, match.column) == (2, 6)
    assert match.encoded is not None
    assert match.encoded.reveal() in form


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_value_with_one_character_changed_is_no_match(many: KnownScanner, number: int) -> None:
    changed = VALUES[number][:9] + "_" + VALUES[number][10:]
    assert not many.scan(
        f"key = {changed}\n{changed.encode().hex()}\n{b64encode(changed.encode()).decode()}".encode()
    ).matches


def test_what_is_decoded_is_searched_too(many: KnownScanner) -> None:
    packed = gzip.compress(b"a text with " + VALUES[4].encode())
    assert [match.secret.reveal() for match in many.scan(packed).matches] == [VALUES[4].encode()]
    twice = b64encode(b64encode(b"user:" + VALUES[4].encode() + b"@host/and/more/of/it"))
    assert [match.secret.reveal() for match in many.scan(b"x = " + twice).matches] == [VALUES[4].encode()]


def test_a_file_in_utf_16_is_searched(many: KnownScanner) -> None:
    assert len(many.scan(f"a\nkey = {VALUES[6]}\n".encode("utf-16")).matches) == 1


def test_a_short_value_stands_by_itself_and_not_in_a_longer_word() -> None:
    ours = scanner("Tr0ub4dor")
    assert ours.scan(b'x = "Tr0ub4dor"').matches
    assert not ours.scan(b"x = aTr0ub4dor").matches
    assert not ours.scan(b"x = Tr0ub4dor3").matches
    assert ours.scan(b"x = " + b64encode(b"a longer text, " + b"Tr0ub4dor" + b", and more")).matches


@pytest.mark.parametrize("before", ["\\n", "\\t", "%3D", "\\u0022"])
def test_what_is_escaped_before_a_short_value_is_no_longer_word(before: str) -> None:
    assert scanner("Tr0ub4dor").scan(f'x = "it is{before}Tr0ub4dor"'.encode()).matches


LINES = {
    "indented, as in YAML": textwrap.indent(PEM, "        "),
    "in another way, on Windows": textwrap.indent(PEM, "\t").replace("\n", "\r\n"),
    "folded by YAML": yaml.safe_dump({"a": {"b": PEM}}, width=50),
    "in double quotes of YAML": yaml.safe_dump({"a": PEM}, default_style='"'),
    "in a comment": textwrap.indent(PEM, "# "),
    "in a comment of C": textwrap.indent(PEM, " * "),
    "quoted in a mail": textwrap.indent(PEM, "> "),
    "in a difference": textwrap.indent(PEM, "+"),
    "as a list of lines": json.dumps(PEM.split("\n"), indent=2),
    "as literals": "\n".join(f'    "{line}\\n" +' for line in PEM.splitlines()),
    "in JSON in JSON in JSON": json.dumps(json.dumps(json.dumps(PEM))),
    "on one line": PEM.replace("\n", " "),
    "without the last line end": PEM.strip(),
}


@pytest.mark.parametrize("way", LINES)
def test_a_value_of_several_lines_is_found_however_they_are_written(way: str, *, many: KnownScanner) -> None:
    (match,) = many.scan(f"before:\n{LINES[way]}\nbehind".encode()).matches
    assert match.secret.reveal() == PEM.encode()


def test_a_value_of_several_lines_of_which_one_differs_is_no_match(many: KnownScanner) -> None:
    lines = PEM.splitlines()
    lines[4] = lines[4].swapcase()
    assert not many.scan(textwrap.indent("\n".join(lines), "  ").encode()).matches


def test_a_value_within_another_is_told_once() -> None:
    (match,) = scanner(VALUES[0], VALUES[0] + "-and-more").scan(f"x = {VALUES[0]}-and-more".encode()).matches
    assert match.secret.reveal().endswith(b"-and-more")


def test_the_name_tells_version_and_whether_it_is_in_use() -> None:
    old = Known("db#password", b"x", version="3", source="vault:secret/db", is_current=False)
    new = Known("DB", b"x", source="dotenv:.env")
    assert title([old]) == "known secret db#password (version 3, superseded) of vault:secret/db"
    assert title([new, old]) == "known secret DB of dotenv:.env, also db#password of vault:secret/db"


def test_another_process_makes_the_same_of_what_it_is_sent(many: KnownScanner) -> None:
    sent = pickle.loads(pickle.dumps(scanner(VALUES[0])))  # noqa: S301 - as through the pipe
    assert [match.rule.name for match in sent.scan(VALUES[0].encode()).matches] == ["known secret KEY0 of lines:-"]
    assert VALUES[0] not in repr(sent)


def test_what_identifies_the_rules_says_nothing_of_the_values() -> None:
    assert scanner(VALUES[0]).rules_hash == scanner(VALUES[1]).rules_hash


@given(st.lists(st.binary(min_size=8, max_size=16), min_size=1, max_size=20, unique=True), st.binary(max_size=40))
def test_without_hyperscan_the_same_literals_are_found(literals: list[bytes], between: bytes) -> None:
    rows = [[literal] for literal in literals]
    text = between.join(literals)
    found = GramPrefilter(rows, {}, len(rows)).candidates(text)
    for index, literal in enumerate(literals):
        ends = [at + len(literal) for at in range(len(text)) if text.startswith(literal, at)]
        assert found.get(index) == ends


def test_a_thousand_values_are_all_found_again() -> None:
    rows = [[f.encode() for f in (value(seed), value(seed)[::-1])] for seed in range(1000)]
    database, apart, unsure = databases(rows)
    assert not database or not (apart and unsure)


def test_a_secret_of_several_versions_is_named_once() -> None:
    versions = [Known("db", b"x", version=it, source="vault:app") for it in ("2", "1")]
    assert title([*versions, Known("KEY", b"x", source="dotenv:.env")]) == (
        "known secret db (version 2) of vault:app, also KEY of dotenv:.env"
    )
