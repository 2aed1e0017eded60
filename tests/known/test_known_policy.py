"""Policies of Vault and OpenBao: what they let somebody read."""

from __future__ import annotations

import pytest

from tightlip.known.access.policy import reads, rules

READ = '{ capabilities = ["read"] }'


@pytest.mark.parametrize(
    ("policy", "path", "can"),
    [
        (f'path "secret/data/a" {READ}', "secret/data/a", True),
        (f'path "secret/data/a" {READ}', "secret/data/ab", False),
        (f'path "secret/data/a*" {READ}', "secret/data/ab/c", True),
        (f'path "secret/+/a" {READ}', "secret/data/a", True),
        (f'path "secret/+/a" {READ}', "secret/data/b/a", False),
        (f'path "*" {READ}', "secret/data/a", True),
        ('path "secret/*" { capabilities = ["list", "update"] }', "secret/data/a", False),
        ('path "secret/*" {\n  capabilities = [\n "list", # one\n "read",\n ]\n}', "secret/data/a", True),
        (f'# path "secret/*" {READ}', "secret/data/a", False),
        (f'/* path "secret/*" {READ} */ path "x//y" {READ}', "x//y", True),
        ('path "secret/*" { policy = "write" }', "secret/data/a", True),
        ('path "secret/*" { policy = "deny" }', "secret/data/a", False),
        ('{"path": {"secret/*": {"capabilities": ["read"]}}}', "secret/data/a", True),
        ('{"path": [{"secret/*": {"capabilities": ["read"]}}]}', "secret/data/a", True),
        ('"path" "secret/*" { "capabilities" = ["read"] }', "secret/data/a", True),
        (f'path "secret/data/{{{{identity.entity.name}}}}/*" {READ}', "secret/data/ada/x", True),
        (
            'path "secret/*" { allowed_parameters = { "a" = ["}"] } capabilities = ["read"] }',
            "secret/data/a",
            True,
        ),
        (f'path "secret/*" {READ} path "secret/data/a" {{ capabilities = ["deny"] }}', "secret/data/a", False),
        (f'path "secret/*" {READ} path "secret/data/a" {{ capabilities = ["deny"] }}', "secret/data/b", True),
        (
            f'path "secret/data/+/x" {READ} path "secret/data/a*" {{ capabilities = ["list"] }}',
            "secret/data/a/x",
            False,
        ),
        (f'path "secret/data/*" {READ} path "secret/data/*" {{ capabilities = ["deny"] }}', "secret/data/a", False),
        ("", "secret/data/a", False),
        ("[" * 100_000, "secret/data/a", False),
        ('path "secret/*" {', "secret/data/a", False),
        ('{"path": 1}', "secret/data/a", False),
    ],
    ids=[
        *("exact", "longer", "glob", "segment", "two-segments", "all", "no-read", "lines", "comment", "comment-c"),
        *("short-write", "short-deny", "json", "json-list", "quoted-keys", "template", "braces", "specific-denies"),
        *("specific-is-another", "later-wildcard-decides", "deny-of-the-same", "empty", "deep", "not-closed", "number"),
    ],
)
def test_a_policy_lets_somebody_read(policy: str, path: str, can: bool) -> None:  # noqa: FBT001
    assert reads(rules(policy), path) is can
