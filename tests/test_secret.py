"""A secret is never seen by accident, and is recognised again without being kept."""

from __future__ import annotations

import logging
import pickle

import pytest

import tightlip
from tightlip.finding import prepare_fingerprints
from tightlip.fingerprint import fingerprint
from tightlip.model import Secret

VALUE = "k1tt3n" + "-b0wl-77-and-m0re"
SECRET = Secret(VALUE.encode())


def test_it_is_masked_wherever_python_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("found %s and %r", SECRET, SECRET)
    shown = [repr(SECRET), str(SECRET), f"{SECRET}", repr([SECRET]), caplog.text, repr(pickle.dumps(SECRET))]
    assert not [text for text in shown if VALUE in text]


def test_it_is_masked_in_the_repr_of_findings_and_reports() -> None:
    report = tightlip.scan_text(f'password = "{VALUE}"')
    assert len(report.findings) == 1
    assert VALUE not in repr(report)
    assert report.findings[0].secret.reveal() == VALUE.encode()


def test_a_long_value_shows_how_it_begins_and_a_short_one_nothing() -> None:
    assert SECRET.redacted() == "k1tt******** (23 characters)"
    assert Secret(b"hunter2").redacted() == "******** (7 characters)"


def test_a_fingerprint_is_the_same_for_the_same_value_and_rule() -> None:
    assert fingerprint("a", b"value") == fingerprint("a", b"value")
    assert len({fingerprint("a", b"value"), fingerprint("b", b"value"), fingerprint("a", b"other")}) == 3


def test_many_fingerprints_made_at_once_are_those_made_one_by_one(token: str, other: str) -> None:
    report = tightlip.scan_text(f"token = {token}\ntoken = {other}\n")
    fingerprint.cache_clear()
    prepare_fingerprints(report.findings)
    assert fingerprint.cache_info().currsize == len(report.findings) == 2
    made = [finding.fingerprint for finding in report.findings]
    fingerprint.cache_clear()
    assert [finding.fingerprint for finding in report.findings] == made


def test_a_fingerprint_never_changes_between_releases() -> None:
    assert fingerprint("password-assignment", b"value") == "efffe7f4480e27d3f28a"
