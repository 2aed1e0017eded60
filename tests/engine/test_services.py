"""A credential whose form does not say whose it is: the names before it do."""

from __future__ import annotations

import pytest

from tightlip.engine.compiling import compile_rules
from tightlip.engine.services import Services
from tightlip.rule import Rule
from tightlip.rules import rule_set

VALUE = "a1" * 10


def rule(name: str, form: str = "[a-z0-9]{20}") -> Rule:
    return Rule(name, name, name, "high", 0.9, "", ("Revoke it.",), service=(name,), token=form)


def services(*rules: Rule) -> Services:
    compiled = compile_rules(rule_set([rule_with_pattern(), *rules]))
    return compiled.services


def rule_with_pattern() -> Rule:
    return Rule("other", "other", "", "high", 0.9, "other_(?P<secret>[a-z]{9})", ("Revoke it.",))


SERVICES = services(rule("acme"), rule("acmecloud"), rule("bolt"), rule("brief", "[a-z0-9]{8,12}"))


def whose(before: str, value: str = VALUE) -> str:
    found = SERVICES.of((before + value).encode(), len(before.encode()), value.encode())
    return found.id if found else ""


@pytest.mark.parametrize(
    "before",
    [
        "ACME_KEY=",
        "acme.key: ",
        "acme-key = ",
        "acmeKey = '",
        "the key of acme, key=",
        "[acme]\nkey=",
        "[acme]\nurl=x\nkey=",
    ],
)
def test_a_service_is_named_in_the_name_on_the_line_or_on_the_two_before(before: str) -> None:
    assert whose(before) == "acme"


def test_a_service_named_three_lines_before_does_not_count() -> None:
    assert whose("[acme]\na=b\nc=d\nkey=") == ""


def test_a_service_named_within_a_word_does_not_count() -> None:
    assert whose("pacmen_key=") == ""


def test_the_nearer_name_wins() -> None:
    assert whose("acme bolt key=") == "bolt"
    assert whose("bolt acme key=") == "acme"


@pytest.mark.parametrize(
    "before", ["acme_cloud_key=", "acmeCloudKey=", "AcmeCloud.key=", "acme-cloud-key=", "ACME_CLOUD_KEY="]
)
def test_the_longer_name_wins_however_its_words_are_parted(before: str) -> None:
    assert whose(before) == "acmecloud"


def test_the_form_must_fit_the_whole_value() -> None:
    assert whose("acme_key=", VALUE + "a") == ""
    assert whose("acme_key=", VALUE[1:]) == ""
    assert whose("brief_key=", VALUE) == ""
    assert whose("acme brief key=", VALUE) == "acme"


def test_without_rules_by_name_no_service_is_found() -> None:
    assert services().of(b"acme_key=" + VALUE.encode(), 9, VALUE.encode()) is None
