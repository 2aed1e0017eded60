"""`verify` and `revoke` blocks that a rule file may not have: what could send a value to the wrong place."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tightlip import lint, rules
from tightlip.errors import RuleError

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "patterns" / "rules.schema.json").read_text("utf-8"))
GOOD = {
    "source": "https://acme.example/docs",
    "url": "https://api.acme.example/me",
    "headers": {"Authorization": "Bearer {{secret}}"},
    "live": [{"status": 200}],
    "revoked": [{"status": [401, 403], "json": {"error.code": ["gone", 7, None, True]}, "text": "gone"}],
}
END = {key: value for key, value in GOOD.items() if key not in {"live", "revoked"}} | {"done": [{"status": 204}]}


def written(tmp_path: Path, **blocks: object) -> Path:
    rule = {
        "id": "acme-key",
        "name": "Acme key",
        "severity": "high",
        "confidence": "high",
        "pattern": r"\b(?P<secret>acme_[0-9a-f]{32})\b",
        "remediation": ["Revoke it."],
        "examples": {"match": ["«acme_[0-9a-f]{32}»"]},
    }
    file = tmp_path / "acme.yaml"
    file.write_text(yaml.safe_dump({"provider": "Acme", "rules": [rule | blocks]}, allow_unicode=True), "utf-8")
    return file


def is_valid(file: Path) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(file.read_text("utf-8")))


def test_a_block_that_is_right_loads(tmp_path: Path) -> None:
    file = written(tmp_path, verify=GOOD, revoke=END)
    (loaded,) = rules.read_file(file)
    assert loaded.verify
    assert loaded.revoke
    assert (loaded.verify.method, loaded.revoke.method) == ("GET", "DELETE")
    assert loaded.verify.answers[1].json == (("error.code", ("gone", 7, None, True)),)
    assert is_valid(file)


def test_a_revocation_may_say_what_else_it_ends(tmp_path: Path) -> None:
    file = written(tmp_path, revoke=END | {"also": "Its sessions end too."})
    (loaded,) = rules.read_file(file)
    assert loaded.revoke
    assert loaded.revoke.also == "Its sessions end too."
    assert is_valid(file)


def test_an_answer_that_proves_nothing_says_why(tmp_path: Path) -> None:
    unknown = {"unknown": [{"status": 202, "why": "it may take a while"}]}
    order = {key: value for key, value in END.items() if key != "done"}
    file = written(tmp_path, verify=GOOD | unknown, revoke=order | unknown)
    (loaded,) = rules.read_file(file)
    assert loaded.verify
    assert loaded.revoke
    assert loaded.verify.answers[-1] == loaded.revoke.answers[0] == ("unknown", (202,), (), "", "it may take a while")
    assert is_valid(file)


def test_an_order_whose_end_no_answer_speaks_of_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, revoke={key: value for key, value in END.items() if key != "done"})
    with pytest.raises(RuleError, match="needs the key `done`"):
        rules.read_file(file)
    assert not is_valid(file)


BAD = {
    "no-source": ({"source": None}, "`verify` needs the key `source`"),
    "no-url": ({"url": None}, "`verify` needs the key `url`"),
    "no-live": ({"live": None}, "`verify` needs the key `live`"),
    "another-key": ({"redirects": True}, "`redirects` is not a key that is known here"),
    "ends-what": ({"also": "Its sessions end too."}, "`also` is not a key that is known here"),
    "plain-http": ({"url": "http://api.acme.example/me"}, "`url` must be https, to a host that the rule names"),
    "a-file": ({"url": "file:///etc/passwd"}, "`url` must be https, to a host that the rule names"),
    "a-password": ({"url": "https://a:b@acme.example/"}, "`url` must be https, to a host that the rule names"),
    "the-value-as-host": (
        {"url": "https://{{secret}}.acme.example/", "value_in_url": "so"},
        "`url` must be https, to a host that the rule names",
    ),
    "a-companion-as-host": (
        {"url": "https://{{shop}}.acme.example/", "companions": {"shop": {"rule": "acme-shop", "within": 1}}},
        "`url` must be https, to a host that the rule names",
    ),
    "value-in-url": (
        {"url": "https://acme.example/{{secret}}"},
        "`url` has the value in it; `value_in_url` must say why it cannot be sent in another way",
    ),
    "value-in-second-url": (
        {"url": ["https://acme.example/", "https://acme.example/{{secret}}"]},
        "`url` has the value in it; `value_in_url` must say why it cannot be sent in another way",
    ),
    "the-value-as-url": (
        {"url": "{{secret}}", "value_in_url": "so"},
        "`url` is the value itself, so `hosts` must say where it may lead",
    ),
    "any-host": ({"url": "{{secret}}", "value_in_url": "so", "hosts": ["."]}, "`hosts` must be hosts"),
    "a-whole-domain": ({"url": "{{secret}}", "value_in_url": "so", "hosts": [".com"]}, "`hosts` must be hosts"),
    "no-value": ({"headers": {"Accept": "*/*"}}, "`verify` never names {{secret}}"),
    "unknown-name": (
        {"headers": {"Authorization": "{{secret}}{{other}}"}},
        "`verify` names {{other}}, which is no companion",
    ),
    "a-host-header": ({"headers": {"Host": "{{secret}}"}}, "`Host` is no header that a rule may set"),
    "a-broken-header": ({"headers": {"A": "{{secret}}\nB: c"}}, "`A` must be one line of printable ASCII"),
    "a-method": ({"method": "DELETE"}, "`method` must be one of GET, HEAD, POST"),
    "a-body-of-a-get": ({"json": '{"a": "{{secret}}"}'}, "may have one body"),
    "two-bodies": ({"method": "POST", "json": "{}", "form": {"a": "b"}}, "may have one body"),
    "no-json": ({"method": "POST", "json": "{"}, "`json` must be JSON"),
    "too-often": ({"revoked": [{"status": 429}]}, "`status` says nothing about a secret with 429"),
    "their-trouble": ({"revoked": [{"status": 500}]}, "`status` says nothing about a secret with 500"),
    "any-answer": ({"live": [{}]}, "`live` must say what the answer is like"),
    "unknown-and-not-why": ({"unknown": [{"status": 404}]}, "`unknown` must say `why` the answer proves nothing"),
    "why-and-no-answer": ({"unknown": [{"why": "so"}]}, "`unknown` must say what the answer is like"),
    "why-of-what-is-known": ({"live": [{"status": 200, "why": "so"}]}, "`why` is not a key that is known here"),
    "why-over-lines": (
        {"unknown": [{"status": 404, "why": "a\nb"}]},
        "`why` must be one line of printable ASCII",
    ),
    "companion-secret": (
        {"companions": {"secret": {"rule": "acme-shop", "within": 1}}},
        "`secret` must be named in small letters, digits and _, and not as `secret`",
    ),
}


@pytest.mark.parametrize(("changes", "why"), BAD.values(), ids=BAD)
def test_a_block_that_could_do_harm_is_refused(tmp_path: Path, changes: dict[str, object], why: str) -> None:
    block = {key: value for key, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(RuleError) as error:
        rules.read_file(written(tmp_path, verify=block))
    assert why in str(error.value)
    assert "rule acme-key" in str(error.value)


def test_lint_tells_of_a_companion_that_no_rule_finds(tmp_path: Path) -> None:
    block = GOOD | {"companions": {"shop": {"rule": "acme-shop", "within": 1}}}
    loaded = rules.read_file(written(tmp_path, verify=block))
    (found,) = (it for it in lint.check(loaded) if it.check == "lost-companion")
    assert (found.severity, found.problem) == (
        "error",
        "`verify` needs what the rule acme-shop finds, and there is none",
    )


def test_what_a_rule_declares_does_not_change_what_it_finds(tmp_path: Path) -> None:
    before = rules.rule_set(it.rule for it in rules.read_file(written(tmp_path)))
    after = rules.rule_set(it.rule for it in rules.read_file(written(tmp_path, verify=GOOD, revoke=END)))
    assert before == after, "so nothing is scanned anew for it"
