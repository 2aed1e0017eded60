"""What vaults say of the age of secrets: moto's AWS, and real leases of users in a real PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from vaultservers import ROOT, psql

from tightlip.errors import UsageError
from tightlip.known.asking import moment
from tightlip.known.rotation import rotations
from tightlip.known.sources import where_of


def test_aws_says_what_is_changed_by_itself_and_when(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3", reason="needs boto3: pip install 'tightlip[aws]'")
    for name, value in {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "of the tests"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_address)
    client = boto3.client("secretsmanager", region_name="eu-west-1")
    client.create_secret(Name="kept/by-hand", SecretString="one")
    client.create_secret(Name="kept/by-itself", SecretString="two")
    client.rotate_secret(SecretId="kept/by-itself", RotationRules={"AutomaticallyAfterDays": 30})
    client.close()

    by_hand, by_itself = sorted(rotations(where_of("aws-sm:kept/")))

    assert (by_hand.name, by_hand.is_automatic, by_hand.due) == ("kept/by-hand", False, None)
    assert by_hand.changed
    assert (by_itself.name, by_itself.is_automatic) == ("kept/by-itself", True)
    assert by_itself.due
    assert timedelta(days=29) < by_itself.due - by_hand.changed < timedelta(days=31)


def test_aws_says_when_a_parameter_was_changed_and_only_of_secure_strings(
    moto_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3 = pytest.importorskip("boto3", reason="needs boto3: pip install 'tightlip[aws]'")
    for name, value in {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "of the tests"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_address)
    parameters = boto3.client("ssm", region_name="eu-west-1")
    parameters.put_parameter(Name="/tagged/token", Value="three", Type="SecureString")
    parameters.put_parameter(Name="/tagged/plain", Value="four", Type="String")

    [parameter] = rotations(where_of("aws-ssm:/tagged/"))

    assert (parameter.name, parameter.changed is not None) == ("/tagged/token", True)
    parameters.close()


def test_a_vault_tells_when_the_current_version_was_written_and_no_value_is_read(
    bao_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hvac = pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")
    root = hvac.Client(bao_address, ROOT)
    kv = root.secrets.kv.v2
    for name in ("aged/db", "aged/deep/one", "aged/gone"):
        kv.create_or_update_secret(name, {"password": "first"})
    kv.create_or_update_secret("aged/db", {"password": "second"})
    kv.delete_latest_version_of_secret("aged/gone")
    root.sys.enable_secrets_engine("kv", "old", options={"version": "1"})
    only = 'path "secret/metadata/aged/*" { capabilities = ["read", "list"] } path "old/*" { capabilities = ["list"] }'
    root.sys.create_or_update_policy("ages", only)
    monkeypatch.setenv("VAULT_ADDR", bao_address)
    monkeypatch.setenv("VAULT_TOKEN", root.auth.token.create(policies=["ages"], ttl="5m")["auth"]["client_token"])

    found = {it.name: it for it in rotations(where_of("vault:secret/aged/"))}

    about = kv.read_secret_metadata("aged/db")["data"]["versions"]["2"]["created_time"]
    assert sorted(found) == ["secret/aged/db", "secret/aged/deep/one"]
    assert found["secret/aged/db"].changed == moment(about)
    [none] = rotations(where_of("vault:old/thing"))
    assert (none.name, none.changed, none.why) == ("old/thing", None, "KV 1 keeps no dates")
    with pytest.raises(UsageError, match="no right at this path"):
        list(rotations(where_of("vault:other/")))
    root.adapter.close()


def test_a_static_role_tells_when_its_password_was_last_changed(
    bao_address: str, postgres_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hvac = pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")
    monkeypatch.setenv("VAULT_ADDR", bao_address)
    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    root = hvac.Client(bao_address, ROOT)
    root.sys.enable_secrets_engine("database", "kept")
    psql(postgres_port, "keeper", ROOT, "create role kept login password 'first'")
    root.secrets.database.configure(
        "pg",
        plugin_name="postgresql-database-plugin",
        allowed_roles=["*"],
        connection_url=f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{postgres_port}/postgres",
        username="keeper",
        password=ROOT,
        mount_point="kept",
    )
    root.secrets.database.create_static_role("app", "pg", "kept", [], rotation_period="86400s", mount_point="kept")

    [role] = rotations(where_of("vault:kept/app"))

    assert (role.name, role.is_automatic) == ("kept/static-creds/app", True)
    assert role.changed
    assert abs(datetime.now(timezone.utc) - role.changed) < timedelta(minutes=5)
    root.adapter.close()


def test_a_lease_tells_how_long_a_dynamic_user_lives_and_is_gone_when_revoked(
    bao_address: str, postgres_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hvac = pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")
    monkeypatch.setenv("VAULT_ADDR", bao_address)
    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    root = hvac.Client(bao_address, ROOT)
    root.sys.enable_secrets_engine("database", "leased")
    root.secrets.database.configure(
        "pg",
        plugin_name="postgresql-database-plugin",
        allowed_roles=["*"],
        connection_url=f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{postgres_port}/postgres",
        username="keeper",
        password=ROOT,
        mount_point="leased",
    )
    made = "create role \"{{name}}\" login password '{{password}}' valid until '{{expiration}}'"
    root.secrets.database.create_role("app", "pg", [made], default_ttl="1h", mount_point="leased")
    given = root.secrets.database.generate_credentials("app", mount_point="leased")
    user, password = given["data"]["username"], given["data"]["password"]
    assert psql(postgres_port, user, password, "select 1").stdout == "1\n"

    [lease] = rotations(where_of("vault:leased/creds/app"))

    assert lease.name == given["lease_id"]
    assert lease.changed
    assert lease.expires
    assert timedelta(minutes=59) < lease.expires - lease.changed < timedelta(minutes=61)
    at_once = {"lease_id": given["lease_id"], "sync": True}  # without that it is only queued
    root.adapter.put("/v1/sys/leases/revoke", json=at_once)
    assert list(rotations(where_of("vault:leased/"))) == []
    assert "authentication failed" in psql(postgres_port, user, password, "select 1").stderr
    root.sys.create_or_update_policy("roles", 'path "leased/*" { capabilities = ["read", "list"] }')
    narrow = root.auth.token.create(policies=["roles"], ttl="5m")["auth"]["client_token"]
    monkeypatch.setenv("VAULT_TOKEN", narrow)
    with pytest.raises(UsageError, match="it needs list and sudo on sys/leases/lookup/"):
        list(rotations(where_of("vault:leased/")))
    root.adapter.close()


def test_a_source_without_a_clock_says_so() -> None:
    with pytest.raises(UsageError, match=r"^gitlab: it does not say when secrets change"):
        rotations(where_of("gitlab:group/project"))
