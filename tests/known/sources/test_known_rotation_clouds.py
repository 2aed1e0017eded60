"""What Google's and Azure's vaults say of the age of secrets, and AWS where it refuses or is late."""

# ruff: noqa: F401, F811 - the fixtures of other modules are arguments here

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from httpdouble import Answer, Asked, serving
from test_known_azure import azure
from test_known_gcp import google, hosts, private_key

from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.known.rotation import rotations
from tightlip.known.sources import where_of

Answering = Callable[[Callable[[Asked], Answer]], None]
VALUE = "a value in a message"
OLD, NEW = 1_600_000_000, 1_760_000_000
"""Seconds: in 2020, and in 2025."""


def day(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def test_google_counts_from_the_newest_enabled_version_and_says_when_the_secret_ends(google: Answering) -> None:
    versions = {
        "db": [("1", "ENABLED", "2024-01-02T03:04:05Z"), ("2", "ENABLED", "2025-01-02T03:04:05.123456789Z")],
        "off": [("1", "DISABLED", "2024-01-02T03:04:05Z")],
    }

    def answering(asked: Asked) -> Answer:
        assert ":access" not in asked.path
        name = asked.path.rpartition("/secrets/")[2].partition("/")[0]
        if not asked.path.endswith("/versions"):
            secrets = [{"name": f"projects/7/secrets/{each}"} for each in versions]
            secrets[0]["expireTime"] = "2030-01-01T00:00:00Z"
            return Answer(200, {"secrets": secrets})
        if name == "refused":
            return Answer(403, {"error": {"code": 403, "message": VALUE}})
        listed = [
            {"name": f"projects/7/secrets/{name}/versions/{number}", "state": state, "createTime": made}
            for number, state, made in versions[name]
        ]
        return Answer(200, {"versions": listed})

    google(answering)
    db, off = rotations(where_of("gcp-sm:project"))

    assert (db.name, db.changed and db.changed.date().isoformat()) == ("project/db", "2025-01-02")
    assert db.expires == datetime(2030, 1, 1, tzinfo=timezone.utc)
    assert (off.changed, off.why) == (None, "no version is enabled")
    with pytest.raises(UsageError, match="no secret whose name begins so"):
        list(rotations(where_of("gcp-sm:project/nothing")))


def test_a_refusal_of_google_is_one_clear_line(google: Answering) -> None:
    google(lambda asked: Answer(403, {"error": {"code": 403, "message": VALUE}}))

    with pytest.raises(UsageError, match=r"they need roles/secretmanager.viewer"):
        list(rotations(where_of("gcp-sm:project")))


def test_azure_counts_from_the_newest_enabled_version_and_says_when_it_ends(azure: Answering) -> None:
    base = "https://myvault.vault.azure.net/secrets"
    listed = {
        "db": [
            {"enabled": True, "created": OLD, "exp": OLD + 5},
            {"enabled": True, "created": NEW, "exp": NEW + 5},
            {"enabled": False, "created": NEW + 1},
        ],
        "off": [{"enabled": False, "created": NEW}],
    }

    def answering(asked: Asked) -> Answer:
        name = asked.path.rpartition("/secrets")[2].strip("/").partition("/")
        if not name[0]:
            page = [{"id": f"{base}/{each}", "attributes": {"enabled": True}} for each in listed]
            return Answer(200, {"value": page, "nextLink": None})
        assert name[2] == "versions"
        found = [{"id": f"{base}/{name[0]}/v{n}", "attributes": it} for n, it in enumerate(listed[name[0]])]
        return Answer(200, {"value": found, "nextLink": None})

    azure(answering)
    db, off = rotations(where_of("azure-kv:myvault"))

    assert (db.name, db.changed, db.expires) == ("myvault/db", day(NEW), day(NEW + 5))
    assert (off.changed, off.why) == (None, "no version of it is enabled")


def test_a_refusal_of_azure_is_one_clear_line(azure: Answering) -> None:
    azure(lambda asked: Answer(403, {"error": {"code": "Forbidden", "message": VALUE}}))

    with pytest.raises(UsageError, match="it needs the role Key Vault Secrets User"):
        list(rotations(where_of("azure-kv:myvault")))


def test_github_says_when_each_secret_was_set_and_what_it_does_not_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repo: Path, put: Callable[..., Path]
) -> None:
    pytest.importorskip("requests", reason="needs requests: pip install 'tightlip[ci]'")
    base = "/repos/ada/shop"
    answers: dict[str, object] = {
        f"{base}/actions/secrets": {"secrets": [{"name": "OLD", "updated_at": "2020-01-02T03:04:05Z"}]},
        f"{base}/environments": {"environments": [{"name": "prod"}]},
        f"{base}/environments/prod/secrets": {"secrets": [{"name": "DB", "updated_at": "2020-02-03T04:05:06Z"}]},
        f"{base}/actions/organization-secrets": {"secrets": []},
    }
    put(".tightlip.yaml", "rotation: {every: 90d}\n")
    monkeypatch.setenv("GITHUB_TOKEN", "of-" + "the-tests")
    capsys.readouterr()
    with serving(lambda asked: Answer(200 if asked.path in answers else 404, answers.get(asked.path, {}))) as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        main(["checkup", str(repo), "--json", "--no-history", "--jobs", "1", "--known", "github:ada/shop"])

    lines = {it["title"]: it for it in json.loads(capsys.readouterr().out)["lines"]}
    late = lines["Secrets are rotated in time"]
    assert [it.partition(": ")[0] for it in late["evidence"]] == ["github:ada/shop/OLD", "github:ada/shop/prod/DB"]
    assert "gh secret set OLD --repo ada/shop; gh secret set DB --repo ada/shop --env prod" in late["mend"]
    assert lines["The age of every secret is known"]["evidence"] == [
        "github:ada/shop/dependabot/: its age is not known, 90 allowed: the token may not list them"
    ]


@pytest.fixture
def found(
    repo: Path,
    put: Callable[..., Path],
    git: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., dict[str, Any]]:
    """Review what a double of AWS answers, and return the lines by their titles."""
    pytest.importorskip("boto3", reason="needs boto3: pip install 'tightlip[aws]'")
    for name, value in {"ACCESS_KEY_ID": "nobody", "SECRET_ACCESS_KEY": "tests", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    put(".tightlip.yaml", "rotation: {every: 90d}\n")
    git("add", "--all")
    git("commit", "-q", "-m", "first")

    def found(answers: dict[str, object], iam: dict[str, list[str]]) -> dict[str, Any]:
        def answering(asked: Asked) -> Answer:
            operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
            if operation:
                refusal = Answer(400, {"__type": "AccessDeniedException", "message": VALUE})
                return Answer(200, answers[operation]) if operation in answers else refusal
            operation = asked.body.decode().partition("Action=")[2].partition("&")[0]
            refusal = (
                f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{VALUE}</Message></Error></ErrorResponse>"
            )
            said = iam.get(operation, [refusal])
            body = (said.pop(0) if len(said) > 1 else said[0]).encode()
            return Answer(200 if operation in iam else 403, body, {"Content-Type": "text/xml"})

        with serving(answering) as address:
            monkeypatch.setenv("AWS_ENDPOINT_URL", address)
            capsys.readouterr()
            main(["checkup", str(repo), "--json", "--no-history", "--jobs", "1", "--known", "aws-sm:shop/"])
        out = capsys.readouterr().out
        assert VALUE not in out
        return {it["title"]: it for it in json.loads(out)["lines"]}

    return found


def test_a_rotation_that_did_not_happen_is_to_mend(found: Callable[..., dict[str, Any]]) -> None:
    secrets = [
        {"Name": "shop/late", "ARN": "arn:1", "RotationEnabled": True, "NextRotationDate": NEW},
        {"Name": "shop/old", "ARN": "arn:2", "LastRotatedDate": OLD},
        {"Name": "shop/dark", "ARN": "arn:3", "LastChangedDate": NEW},
    ]

    lines = found({"ListSecrets": {"SecretList": secrets}}, {})

    late = lines["Secrets are rotated in time"]
    assert late["state"] == "fail"
    assert late["evidence"][0] == "aws-sm:shop/late: its vault was to rotate it on 2025-10-09, and has not"
    assert late["evidence"][1].startswith("aws-sm:shop/old: ")
    assert late["evidence"][1].endswith("90 allowed; last changed on 2020-09-13")
    assert "aws secretsmanager rotate-secret --secret-id shop/late" in late["mend"]
    (unknown,) = lines["The age of every secret is known"]["evidence"]
    assert unknown.startswith("aws-sm:shop/dark: its age is not known, 90 allowed: these credentials may not list its")


def test_amazon_counts_from_the_current_version_and_not_from_the_last_tag(found: Callable[..., dict[str, Any]]) -> None:
    versions = [
        {"VersionId": "p" * 32, "VersionStages": ["AWSPREVIOUS"], "CreatedDate": NEW},
        {"VersionId": "c" * 32, "VersionStages": ["AWSCURRENT"], "CreatedDate": OLD},
    ]
    secret = {"Name": "shop/tagged", "ARN": "arn:1", "LastChangedDate": NEW, "LastRotatedDate": NEW}

    lines = found({"ListSecrets": {"SecretList": [secret]}, "ListSecretVersionIds": {"Versions": versions}}, {})

    (late,) = lines["Secrets are rotated in time"]["evidence"]
    assert late.endswith("last changed on 2020-09-13")


def test_without_a_schedule_it_is_to_mend_all_the_same(
    found: Callable[..., dict[str, Any]], put: Callable[..., Path]
) -> None:
    put(".tightlip.yaml", "")
    secret = {"Name": "shop/late", "ARN": "arn:1", "RotationEnabled": True, "NextRotationDate": NEW}

    lines = found({"ListSecrets": {"SecretList": [secret, {"Name": "shop/a", "ARN": "arn:2"}]}}, {})

    assert lines["How often secrets are rotated is written down"]["state"] == "warn"
    assert [it.partition(": ")[0] for it in lines["Secrets are rotated in time"]["evidence"]] == ["aws-sm:shop/late"]
    assert "The age of every secret is known" not in lines


def test_what_refuses_is_told_with_the_command(found: Callable[..., dict[str, Any]]) -> None:
    lines = found({"ListSecrets": {"SecretList": [{"Name": "shop/a", "ARN": "arn:1"}]}}, {})

    line = lines["Who can read aws-sm:shop/ is known"]
    assert line["evidence"][0] == "not told: the resource policy of shop/a, and maybe of others"
    assert "aws secretsmanager get-resource-policy --secret-id shop/a" in line["mend"]
    assert lines["Access keys of IAM are in use"]["summary"] == "AWS does not tell these credentials"


def test_a_key_that_nobody_uses_is_a_warning_on_every_page(found: Callable[..., dict[str, Any]]) -> None:
    def users(name: str, more: str = "") -> str:
        user = f"<member><UserName>{name}</UserName><Path>/</Path><UserId>1</UserId><Arn>a</Arn></member>"
        return f"<r><ListUsersResult><Users>{user}</Users>{more}</ListUsersResult></r>"

    def keys(*each: tuple[str, str]) -> str:
        listed = "".join(
            f"<member><AccessKeyId>AKIAEXAMPLEX{end}</AccessKeyId><Status>{status}</Status>"
            "<CreateDate>2020-01-01T00:00:00Z</CreateDate></member>"
            for end, status in each
        )
        return f"<r><ListAccessKeysResult><AccessKeyMetadata>{listed}</AccessKeyMetadata></ListAccessKeysResult></r>"

    used = "<AccessKeyLastUsed><LastUsedDate>2021-02-03T00:00:00Z</LastUsedDate></AccessKeyLastUsed>"
    iam = {
        "ListUsers": [users("ada", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"), users("eve")],
        "ListAccessKeys": [keys(("1111", "Active"), ("2222", "Inactive")), keys(("3333", "Active"))],
        "GetAccessKeyLastUsed": [f"<r><GetAccessKeyLastUsedResult>{used}</GetAccessKeyLastUsedResult></r>"],
    }

    line = found({"ListSecrets": {"SecretList": []}}, iam)["Access keys of IAM are in use"]

    assert (line["state"], line["summary"]) == ("warn", "2 of 3 keys not")
    assert line["evidence"] == [
        "ada: AKIA...1111, made 2020-01-01, last used 2021-02-03",
        "eve: AKIA...3333, made 2020-01-01, last used 2021-02-03",
    ]
    assert line["mend"].startswith("aws iam update-access-key --status Inactive")
