"""Who can read: a real OpenBao with policies, roles and tokens, and moto's AWS; and what `tightlip checkup` tells."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from vaultservers import ROOT

from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.known.access import aws, vault
from tightlip.known.access.policy import reads, rules

if TYPE_CHECKING:
    import hvac

VALUE = "q8Vt3" + "Zr7Lm2Xw9Pk"
DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture
def root(bao_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[hvac.Client]:
    """A vault with three secrets below secret/read, and some who can read them."""
    hvac = pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")
    monkeypatch.setenv("VAULT_ADDR", bao_address)
    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    root = hvac.Client(bao_address, ROOT)
    for name in ("db", "api", "deep/one"):
        root.secrets.kv.v2.create_or_update_secret(f"read/{name}", {"password": VALUE})
    root.sys.create_or_update_policy("r-all", 'path "secret/data/read/*" { capabilities = ["read"] }')
    root.sys.create_or_update_policy("r-db", 'path "secret/data/read/db" { capabilities = ["read"] }')
    root.sys.create_or_update_policy("r-not-db", 'path "secret/data/read/db" { capabilities = ["deny"] }')
    root.sys.create_or_update_policy("r-else", 'path "secret/data/else/*" { capabilities = ["read"] }')
    for method in ("approle", "userpass"):
        if f"{method}/" not in root.sys.list_auth_methods()["data"]:
            root.sys.enable_auth_method(method)
    root.auth.approle.create_or_update_approle("r-ci", token_policies=["r-all"])
    root.auth.approle.create_or_update_approle("r-half", token_policies=["r-all", "r-not-db"])
    root.auth.approle.create_or_update_approle("r-other", token_policies=["r-else"])
    root.auth.userpass.create_or_update_user("r-ada", VALUE, policies=["r-db"])
    root.secrets.identity.create_or_update_entity_by_name("r-eve", policies=["r-db"])
    yield root
    root.adapter.close()


def test_policies_and_who_has_them_are_told_with_how_much_they_read(root: hvac.Client) -> None:
    root.auth.token.create(policies=["r-all"], ttl="1h", display_name="nightly")

    found = vault.access("secret/read")

    told = [re.sub(r"\d{4}-\d\d-\d\d", "DAY", it) for it in found.readers]
    assert found.untold == ()
    assert [it for it in told if " r-" in it or "nightly" in it] == [
        "the policy r-all: 3 of 3",
        "the policy r-db: 1 of 3",
        "AppRole r-ci of auth/approle: 3 of 3, by r-all",
        "AppRole r-half of auth/approle: 2 of 3, by r-all",
        "entity r-eve: 1 of 3, by r-db",
        "token token-nightly of auth/token/create, until DAY: 3 of 3, by r-all",
        "user r-ada of auth/userpass: 1 of 3, by r-db",
    ]
    assert "the policy root: everything" in told


def can_read(client: hvac.Client, path: str) -> bool:
    import hvac

    try:
        client.secrets.kv.v2.read_secret_version(path, raise_on_deleted_version=True)
    except hvac.exceptions.Forbidden:
        return False
    return True


def test_what_is_told_is_what_the_vault_does(root: hvac.Client) -> None:
    import hvac

    for role, readable in (("r-ci", 3), ("r-half", 2)):
        id_ = root.auth.approle.read_role_id(role)["data"]["role_id"]
        secret = root.auth.approle.generate_secret_id(role)["data"]["secret_id"]
        client = hvac.Client(root.url)
        client.auth.approle.login(id_, secret)
        could = [name for name in ("db", "api", "deep/one") if can_read(client, f"read/{name}")]
        client.adapter.close()
        assert len(could) == readable


READ, LIST, DENY = (f'{{ capabilities = ["{it}"] }}' for it in ("read", "list", "deny"))
NAMES = ("a", "b", "a/x", "a/y", "ab", "a+", "a*b", "axb", "+a/x", "d/e/f")
POLICIES = {
    "prefix": f'path "secret/data/*" {READ}',
    "plus-in-a-part": f'path "secret/data/a+" {READ}',
    "plus": f'path "secret/data/+" {READ}',
    "pluses": f'path "secret/+/+/x" {READ}',
    "plus-first": f'path "+/data/a/x" {READ}',
    "star-within": f'path "secret/data/a*b" {READ}',
    "plus-and-star": f'path "secret/data/+/x*" {READ}',
    "plus-at-a-name": f'path "secret/data/+a/x" {READ}',
    "exact-before-plus": f'path "secret/data/a/+" {READ} path "secret/data/a/x" {LIST}',
    "star-before-plus": f'path "secret/data/a*" {LIST} path "secret/data/+/x" {READ}',
    "deny-by-plus": f'path "secret/data/+/x" {DENY} path "secret/data/a/*" {READ}',
    "deny-in-a-prefix": f'path "secret/*" {READ} path "secret/data/+/x" {DENY}',
    "the-same-twice": f'path "secret/data/a/x" {READ} path "secret/data/a/x" {DENY}',
    "both-capabilities": f'path "secret/data/a/x" {READ} path "secret/data/a/x" {LIST}',
    "two-pluses": f'path "secret/data/+/x" {READ} path "secret/data/a/+" {DENY}',
    "plus-star-and-star": f'path "secret/data/+/*" {READ} path "secret/data/a*" {DENY}',
    "slash-first": f'path "/secret/data/a/x" {READ}',
    "slash-last": f'path "secret/data/a/" {READ}',
    "all-and-none": f'path "*" {READ} path "secret/*" {DENY}',
    "two-stars": f'path "secret/data/**" {READ}',
    "deep": f'path "secret/data/+/+/*" {READ} path "secret/data/d/e/f" {DENY}',
    "short": 'path "secret/data/a/x" { policy = "sudo" }',
    "escape": f'path "secret/data/\\u0061/x" {READ}',
    "comment-in-a-rule": 'path "secret/data/a/x" { comment = "} capabilities = [" capabilities = ["read"] }',
    "parameters": 'path "secret/data/*" { denied_parameters = { "capabilities" = ["x"] } capabilities = ["read"] }',
    "lines": 'path "secret/data/a/x"\n{ # capabilities = ["deny"]\ncapabilities = ["read"]\n}',
    "json": '{"path": [{"secret/data/a/x": {"capabilities": ["read"]}}, {"secret/data/b": {"policy": "read"}}]}',
    "sudo": 'path "secret/data/a/x" { capabilities = ["list", "sudo"] }',
    "nothing": 'path "secret/data/a/x" {}',
}


def test_what_policies_let_read_is_what_a_real_vault_gives(root: hvac.Client) -> None:
    import hvac

    for name in NAMES:
        root.secrets.kv.v2.create_or_update_secret(name, {"password": VALUE})
    for title, text in POLICIES.items():
        root.sys.create_or_update_policy(f"d-{title}", text)
        token = root.auth.token.create(policies=[f"d-{title}"], no_default_policy=True)["auth"]["client_token"]
        client = hvac.Client(root.url, token)
        could = [name for name in NAMES if can_read(client, name)]
        client.adapter.close()
        assert [name for name in NAMES if reads(rules(text), f"secret/data/{name}")] == could, title


def test_a_token_that_may_see_little_says_what_it_was_not_told_and_who_can_ask(
    root: hvac.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = root.auth.token.create(policies=["r-db"], ttl="5m")["auth"]["client_token"]
    monkeypatch.setenv("VAULT_TOKEN", token)

    found = vault.access("secret/read/db")

    assert found.readers == ()
    assert ("policies", "vault policy list") in found.untold
    assert vault.audit("vault:secret/read/db") is None
    monkeypatch.setenv("VAULT_TOKEN", "none")
    with pytest.raises(UsageError, match="the token is not valid"):
        vault.access("secret/read/db")


def test_the_policy_of_the_documentation_is_enough_and_reads_no_value(
    root: hvac.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hvac

    (written,) = re.findall(r"^```hcl\n(.*?)^```", (DOCS / "checkup.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    root.sys.create_or_update_policy("r-checkup", written)
    token = root.auth.token.create(policies=["r-checkup"], ttl="5m")["auth"]["client_token"]
    monkeypatch.setenv("VAULT_TOKEN", token)

    assert vault.access("secret/read").untold == ()
    assert vault.audit("vault:secret/read") == []
    client = hvac.Client(root.url, token)
    assert not can_read(client, "read/db")
    client.adapter.close()


@pytest.fixture
def checkup(
    repo: Path, git: Callable[..., str], put: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    """Run it in a repository with a schedule, and return its lines by their titles."""
    put(".tightlip.yaml", "rotation: {every: 90d}\n")
    git("add", "--all")
    git("commit", "-q", "-m", "first")

    def checkup(*sources: str) -> dict[str, Any]:
        known = [word for source in sources for word in ("--known", source)]
        capsys.readouterr()
        main(["checkup", str(repo), "--json", "--no-history", "--jobs", "1", *known])
        out = capsys.readouterr().out
        assert VALUE not in out
        return {it["title"]: it for it in json.loads(out)["lines"]}

    return checkup


def test_of_databases_it_is_told_who_can_have_a_user(root: hvac.Client) -> None:
    root.sys.enable_secrets_engine("database", "dbs")
    for name in ("app", "report"):
        root.secrets.database.create_role(name, "none", ["select 1"], mount_point="dbs")
    root.sys.create_or_update_policy("r-users", 'path "dbs/creds/app" { capabilities = ["read"] }')

    assert "the policy r-users: 1 of 2" in vault.access("dbs").readers
    assert "the policy r-users: 1 of 1" in vault.access("dbs/app").readers
    assert "the policy r-users: 1 of 1" in vault.access("dbs/creds/app").readers
    assert not [it for it in vault.access("dbs/report").readers if "r-users" in it]


def test_a_review_tells_of_a_vault(root: hvac.Client, checkup: Callable[..., dict[str, Any]]) -> None:
    found = checkup("vault:secret/read")

    assert sorted(found["Secrets are rotated in time"]["evidence"]) == [
        "vault:secret/read/api: 0 days old, 90 allowed",
        "vault:secret/read/db: 0 days old, 90 allowed",
        "vault:secret/read/deep/one: 0 days old, 90 allowed",
    ]
    line = found["Who can read vault:secret/read is known"]
    assert line["state"] == "ok"
    assert "AppRole r-ci of auth/approle: 3 of 3, by r-all" in line["evidence"]
    audited = found["The vault writes down who reads what"]
    assert (audited["state"], audited["summary"]) == ("warn", "it has no audit device")


def test_a_review_by_a_small_token_tells_what_it_could_not_see(
    root: hvac.Client, checkup: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = root.auth.token.create(policies=["r-db"], ttl="5m")["auth"]["client_token"]
    monkeypatch.setenv("VAULT_TOKEN", token)

    found = checkup("vault:secret/read/db")

    assert found["The age of every secret is known"]["evidence"][0] == (
        "vault:secret/read/db: its age is not known, 90 allowed: the token may not read its metadata"
    )
    line = found["Who can read vault:secret/read/db is known"]
    assert line["state"] == "warn"
    assert "not told: policies" in line["evidence"]
    assert "vault policy list" in line["mend"]
    assert found["The vault writes down who reads what"]["mend"] == "ask somebody who may: vault audit list"


@pytest.fixture
def clients(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Give clients of an AWS that has nothing in it yet."""
    import urllib.request

    boto3 = pytest.importorskip("boto3", reason="needs boto3: pip install 'tightlip[aws]'")
    urllib.request.urlopen(f"{moto_address}/moto-api/reset", b"", timeout=30).close()  # noqa: S310 - on loopback
    for name, value in {"ACCESS_KEY_ID": "nobody", "SECRET_ACCESS_KEY": "of the tests", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_address)
    made = []

    def client(service: str) -> object:
        made.append(boto3.client(service, region_name="eu-west-1"))
        return made[-1]

    yield client
    for each in made:
        each.close()


def statement(principal: object, action: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"} | more


@pytest.mark.xdist_group("aws")
def test_resource_policies_tell_who_reads_and_whether_that_is_anybody(
    clients: Callable[[str], Any], checkup: Callable[..., dict[str, Any]]
) -> None:
    manager = clients("secretsmanager")
    role = "arn:aws:iam::123456789012:role/app"
    said = {
        "shop/none": None,
        "shop/role": statement({"AWS": [role]}, "secretsmanager:Get*"),
        "shop/writes": statement({"AWS": role}, "secretsmanager:PutSecretValue"),
        "shop/denied": statement("*", "*", Effect="Deny"),
        "shop/open": statement("*", ["secretsmanager:*"]),
        "shop/within": statement({"AWS": "*"}, "*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    }
    for name, each in said.items():
        manager.create_secret(Name=name, SecretString=VALUE)
        if each:
            policy = json.dumps({"Version": "2012-10-17", "Statement": [each]})
            manager.put_resource_policy(SecretId=name, ResourcePolicy=policy)

    assert aws.access("shop/").readers == (
        f"shop/role: {role}",
        "shop/open: anybody",
        "shop/within: anybody under a condition",
    )
    found = checkup("aws-sm:shop/")
    assert found["No policy of aws-sm:shop/ lets everybody read"]["evidence"] == ["shop/open"]
    line = found["Who can read aws-sm:shop/ is known"]
    assert (line["state"], line["evidence"][0]) == (
        "warn",
        "not told: what IAM's own policies let users and roles read",
    )
    assert "simulate-principal-policy" in line["mend"]


@pytest.mark.xdist_group("aws")
def test_access_keys_are_told_with_their_last_use_and_without_their_middle(
    clients: Callable[[str], Any], checkup: Callable[..., dict[str, Any]]
) -> None:
    iam, parameters = clients("iam"), clients("ssm")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    parameters.put_parameter(Name="/shop/token", Value=VALUE, Type="SecureString")

    found = checkup("aws-ssm:/shop/")

    line = found["Access keys of IAM are in use"]
    assert line["state"] == "ok"
    (told,) = line["evidence"]
    assert re.fullmatch(rf"ada: AKIA\.\.\.{key['AccessKeyId'][-4:]}, made \d{{4}}-\d\d-\d\d, never used", told)
    assert key["AccessKeyId"] not in str(found)
    assert found["Who can read aws-ssm:/shop/ is known"]["mend"].startswith("aws iam simulate-principal-policy")


def test_an_auth_method_that_is_not_looked_through_is_not_passed_over(
    root: hvac.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(vault._HOLDERS, "jwt")  # this OpenBao has none that is really unknown
    root.sys.enable_auth_method("jwt", path="r-jwt")
    try:
        found = vault.access("secret/read")
    finally:
        root.sys.disable_auth_method("r-jwt")

    assert [(it.what, it.command) for it in found.untold] == [
        ("who logs in by jwt at auth/r-jwt", "vault path-help auth/r-jwt/")
    ]
