"""Vault's protocol, on a real OpenBao: the same API, and a free server that PyPI has."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpdouble import Answer, Asked, serving, standing_in
from vaultservers import ROOT, free_port, psql

from tightlip.errors import UsageError
from tightlip.known import sources
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    import trustme

hvac = pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")

pytestmark = pytest.mark.xdist_group("vault")

DOCS = Path(__file__).parents[3] / "docs" / "known-sources.md"


@pytest.fixture
def root(bao_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[hvac.Client]:
    """Whoever set up the vault. tightlip is logged in with the same token until a test says otherwise."""
    monkeypatch.setenv("VAULT_ADDR", bao_address)
    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    client = hvac.Client(bao_address, ROOT)
    yield client
    client.adapter.close()


@pytest.fixture
def put(root: hvac.Client, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a secret in KV 2. Each test has a folder of its own: `team/`, the name of the test, `/`."""

    def keep(path: str, **values: object) -> None:
        root.secrets.kv.v2.create_or_update_secret(f"team/{request.node.name}/{path}", values)

    return keep


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> str:
    return f"secret/team/{request.node.name}"


def known(where: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(f"vault:{where}")))


def told(where: str) -> list[tuple[str, str | None, bytes]]:
    return [(each.name.rpartition("/")[2], each.version, each.value) for each in known(where)]


def complaint(where: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(where)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"vault:{where}: ")
    return text


def test_a_secret_and_all_below_it_are_read(put: Callable[..., None], folder: str) -> None:
    put("app", password="the one")
    put("app/deep/er", password="the other")
    put("app2", password="a neighbour")

    assert told(f"{folder}/app") == [("app#password", "1", b"the one"), ("er#password", "1", b"the other")]


def test_each_leaf_of_a_value_is_a_secret(put: Callable[..., None], folder: str) -> None:
    put("app", db={"users": [{"password": "first"}, {"password": "second"}]}, pin=123456, on=True)

    assert told(folder) == [
        ("app#db.users.0.password", "1", b"first"),
        ("app#db.users.1.password", "1", b"second"),
        ("app#pin", "1", b"123456"),
    ]


def test_earlier_versions_are_read_too_and_only_the_last_is_current(put: Callable[..., None], folder: str) -> None:
    for password in ("first", "second", "third"):
        put("app", password=password)

    found = known(folder)

    assert [(each.version, each.value, each.is_current) for each in found] == [
        ("1", b"first", False),
        ("2", b"second", False),
        ("3", b"third", True),
    ]
    assert all(each.created and each.created.tzinfo for each in found)
    assert all(each.source == f"vault:{folder}" for each in found)


def test_a_deleted_or_destroyed_version_is_named_as_not_read(
    put: Callable[..., None], folder: str, root: hvac.Client
) -> None:
    for password in ("first", "second", "third"):
        put("app", password=password)
    path = f"{folder.removeprefix('secret/')}/app"
    root.secrets.kv.v2.destroy_secret_versions(path, [1])
    root.secrets.kv.v2.delete_secret_versions(path, [2])

    found = known(folder)

    assert [(each.version, each.why) for each in found if isinstance(each, Unread)] == [
        ("1", "destroyed"),
        ("2", "deleted"),
    ]
    assert [each.value for each in found if not isinstance(each, Unread)] == [b"third"]


def test_names_that_an_address_must_escape_are_found(put: Callable[..., None], folder: str) -> None:
    put("a b/c?d#e%20/été", password="found")

    assert [each.value for each in known(folder)] == [b"found"]


def test_version_1_of_the_engine_is_told_by_the_vault_itself(root: hvac.Client, folder: str) -> None:
    root.sys.enable_secrets_engine("kv", "engine/of/one", options={"version": "1"})
    root.secrets.kv.v1.create_or_update_secret("app/db", {"password": "kept"}, mount_point="engine/of/one")

    assert [(each.name, each.version, each.value) for each in known("engine/of/one/app")] == [
        ("engine/of/one/app/db#password", None, b"kept")
    ]
    assert [each.value for each in known("engine/of/one")] == [b"kept"]


def test_a_namespace_is_where_its_secrets_are(root: hvac.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    root.adapter.post("/v1/sys/namespaces/division")
    inside = hvac.Client(root.url, ROOT, namespace="division")
    inside.sys.enable_secrets_engine("kv", "secret", options={"version": "2"})
    inside.secrets.kv.v2.create_or_update_secret("app", {"password": "of the division"})
    inside.adapter.close()
    monkeypatch.setenv("BAO_NAMESPACE", "division")

    assert [each.value for each in known("secret/app")] == [b"of the division"]


def test_openbao_s_own_variables_come_first(
    put: Callable[..., None], folder: str, bao_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("app", password="kept")
    monkeypatch.setenv("BAO_ADDR", bao_address)
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:1")

    assert told(folder) == [("app#password", "1", b"kept")]


def test_the_token_that_a_login_left_behind_is_used(
    put: Callable[..., None], folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put("app", password="kept")
    monkeypatch.delenv("VAULT_TOKEN")
    (tmp_path / "home" / ".vault-token").write_text(ROOT + "\n")

    assert told(folder) == [("app#password", "1", b"kept")]


@pytest.fixture
def role(root: hvac.Client, folder: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AppRole with the least policy that the documentation names, in place of the token."""
    if "approle/" not in root.sys.list_auth_methods()["data"]:
        root.sys.enable_auth_method("approle")
    policy = DOCS.read_text().partition("```hcl\n")[2].partition("```")[0]
    root.sys.create_or_update_policy("team", policy.replace("myapp", folder.removeprefix("secret/")))
    root.auth.approle.create_or_update_approle("ci", token_policies=["team"], token_ttl="5m")
    monkeypatch.setenv("VAULT_ROLE_ID", root.auth.approle.read_role_id("ci")["data"]["role_id"])
    monkeypatch.setenv("VAULT_SECRET_ID", root.auth.approle.generate_secret_id("ci")["data"]["secret_id"])
    monkeypatch.delenv("VAULT_TOKEN")
    yield
    root.sys.disable_auth_method("approle")


def test_an_approle_with_the_least_policy_reads_and_leaves_no_token_behind(
    role: None, put: Callable[..., None], folder: str, root: hvac.Client
) -> None:
    put("app", password="kept")
    put("app", password="changed")
    before = root.list("auth/token/accessors")["data"]["keys"]

    assert told(folder) == [("app#password", "1", b"kept"), ("app#password", "2", b"changed")]
    assert set(root.list("auth/token/accessors")["data"]["keys"]) <= set(before)


def test_an_approle_s_token_is_handed_back_when_nobody_reads_on(
    role: None, put: Callable[..., None], folder: str, root: hvac.Client
) -> None:
    put("app", password="kept", other="too")
    before = root.list("auth/token/accessors")["data"]["keys"]

    found = sources.secrets(sources.where_of(f"vault:{folder}"))
    next(found)
    assert not set(root.list("auth/token/accessors")["data"]["keys"]) <= set(before)
    found.close()  # type: ignore[attr-defined]

    assert set(root.list("auth/token/accessors")["data"]["keys"]) <= set(before)


def test_a_wrong_secret_id_is_refused_in_one_line(role: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_SECRET_ID", "a secret id that is wrong")

    text = complaint("secret/team")

    assert text.endswith("the vault refused the AppRole; see VAULT_ROLE_ID and VAULT_SECRET_ID")
    assert "that is wrong" not in text


@pytest.fixture
def as_policy(root: hvac.Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go on with a token that may only what a policy says."""

    def become(policy: str) -> None:
        root.sys.create_or_update_policy("narrow", policy)
        monkeypatch.setenv("VAULT_TOKEN", root.auth.token.create(policies=["narrow"], ttl="5m")["auth"]["client_token"])

    return become


def test_what_the_token_may_not_read_is_named_and_the_rest_is_read(
    put: Callable[..., None], folder: str, as_policy: Callable[[str], None]
) -> None:
    put("app", password="mine")
    put("other", password="not mine")
    path = folder.removeprefix("secret/")
    as_policy(f"""
        path "secret/metadata/{path}/*" {{ capabilities = ["read", "list"] }}
        path "secret/data/{path}/app" {{ capabilities = ["read"] }}
    """)

    found = known(f"{folder}/")

    assert [each.value for each in found if not isinstance(each, Unread)] == [b"mine"]
    assert [(each.name, each.why) for each in found if isinstance(each, Unread)] == [
        (f"{folder}/other", "the token may not read it")
    ]


def test_without_the_metadata_there_is_the_current_version_and_a_word_of_the_others(
    put: Callable[..., None], folder: str, as_policy: Callable[[str], None]
) -> None:
    put("app", password="old")
    put("app", password="new")
    as_policy(f'path "secret/data/{folder.removeprefix("secret/")}/app" {{ capabilities = ["read"] }}')

    found = known(f"{folder}/app")

    assert [(each.version, each.value) for each in found if not isinstance(each, Unread)] == [("2", b"new")]
    assert [each.why for each in found if isinstance(each, Unread)] == [
        "the token may not read its metadata, so there may be earlier versions",
        "the token may not list what is in it",
    ]


def test_a_wrong_token_is_one_clear_line(root: hvac.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "a token that is wrong")

    text = complaint("secret/team")

    assert "the token is not valid" in text
    assert "that is wrong" not in text


def test_a_token_with_a_line_break_is_not_shown(root: hvac.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "a token\nthat is wrong")

    text = complaint("secret/team")

    assert "the token has characters that no token has" in text
    assert "that is wrong" not in text


def test_no_token_at_all_says_how_to_give_one(root: hvac.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_TOKEN")

    assert "no token; set VAULT_TOKEN" in complaint("secret/team")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        pytest.param("nowhere/app", "or has no right at this path", id="no such mount"),
        pytest.param("secret/nothing/here", "there is nothing at this path", id="no such secret"),
        pytest.param("secret/data/app", "leave out the data/", id="a path of the API"),
        pytest.param("sys/app", "the engine at 'sys' is 'system'", id="an engine without values"),
        pytest.param("/", "write vault:MOUNT/PATH", id="no path"),
    ],
)
def test_a_path_that_leads_nowhere_is_one_clear_line(root: hvac.Client, where: str, words: str) -> None:
    assert words in complaint(where)


def test_nothing_that_a_library_logs_holds_a_value_or_the_token(
    put: Callable[..., None], folder: str, lines: pytest.LogCaptureFixture
) -> None:
    put("app", password="never to be logged")
    lines.clear()

    assert known(folder)

    assert "never to be logged" not in lines.text
    assert ROOT not in lines.text
    assert logging.getLogger("urllib3").level == logging.NOTSET


def test_no_connection_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("VAULT_TOKEN", ROOT)

    assert "the vault at '127.0.0.1' cannot be asked: no connection" in complaint("secret/team")


def test_an_address_that_is_none_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "not an address")
    monkeypatch.setenv("VAULT_TOKEN", ROOT)

    assert "the address is no URL; write https://HOST" in complaint("secret/team")


def test_a_certificate_counts_only_when_its_authority_is_named(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, ca_file: Path
) -> None:
    def answering(asked: Asked) -> Answer:
        assert asked.host == "vault.example.org"
        assert asked.headers["x-vault-token"] == ROOT
        return Answer(200, {"data": {"path": "pki/", "type": "pki"}})

    with standing_in(answering, authority) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("VAULT_ADDR", "https://vault.example.org")
        monkeypatch.setenv("VAULT_TOKEN", ROOT)
        assert "the server's certificate is not trusted" in complaint("secret/team")

        monkeypatch.setenv("VAULT_CACERT", str(ca_file.with_name("missing")))
        assert "a file that VAULT_CACERT or VAULT_CLIENT_CERT names cannot be read" in complaint("pki/team")

        monkeypatch.setenv("VAULT_CACERT", str(ca_file))
        assert "the engine at 'pki' is 'pki'" in complaint("pki/team")


VALUE = "a value in a message"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Answer(500, {"errors": [VALUE]}), "answers with an error (500)", id="500"),
        pytest.param(Answer(503, {"errors": [VALUE]}), "is sealed or not ready", id="sealed"),
        pytest.param(Answer(429, {"errors": [VALUE]}, {"Retry-After": "0"}), "asks to be left alone", id="429"),
        pytest.param(Answer(418, {"errors": [VALUE]}), "answers with an error (unexpected)", id="418"),
        pytest.param(Answer(500, [VALUE]), "does not answer as a vault does", id="a list for an error"),
        pytest.param(Answer(500, {"errors": [{"a": VALUE}]}), "does not answer as a vault does", id="odd errors"),
        pytest.param(Answer(200, f"<html>{VALUE}".encode()), "does not answer as a vault does", id="no JSON"),
        pytest.param(Answer(200, b"[" * 200_000), "does not answer as a vault does", id="deep JSON"),
        pytest.param(Answer(200, {"data": [VALUE]}), "does not say what is mounted", id="a list for data"),
        pytest.param(Answer(200, b" " * (33 << 20)), "the answer is larger than 32 MB", id="huge"),
        pytest.param(
            Answer(307, VALUE.encode(), {"Location": "http://localhost:1/v1/elsewhere"}),
            "sends the request on to the host 'localhost', which is not followed",
            id="another host",
        ),
    ],
)
def test_a_server_that_answers_oddly_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, words: str
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    with serving(lambda asked: answer) as address:
        monkeypatch.setenv("VAULT_ADDR", address)

        text = complaint("secret/team")

    assert words in text
    assert VALUE not in text


def test_a_tree_without_an_end_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def answering(asked: Asked) -> Answer:
        if "/internal/ui/mounts/" in asked.path:
            return Answer(200, {"data": {"path": "secret/", "type": "kv", "options": {"version": "2"}}})
        return Answer(200, {"data": {"keys": ["again/", "../../../sys/raw", "\x1b[2J"]}})

    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    with serving(answering) as address:
        monkeypatch.setenv("VAULT_ADDR", address)

        assert "more than 64 folders within each other" in complaint("secret/team")


def test_a_name_that_leads_out_of_its_folder_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[str] = []

    def answering(asked: Asked) -> Answer:
        asked_for.append(asked.path)
        if "/internal/ui/mounts/" in asked.path:
            return Answer(200, {"data": {"path": "secret/", "type": "kv", "options": {"version": "2"}}})
        if asked.query.get("list"):
            return Answer(200, {"data": {"keys": ["../../../sys/raw", "a/../b", "..", ""]}})
        return Answer(404, {"errors": []})

    monkeypatch.setenv("VAULT_TOKEN", ROOT)
    with serving(answering) as address:
        monkeypatch.setenv("VAULT_ADDR", address)

        found = known("secret/team")

    assert {each.why for each in found if isinstance(each, Unread)} == {"a name that cannot be asked for"}
    assert len(found) == 4
    assert all(path.startswith(("/v1/secret/", "/v1/sys/internal/ui/mounts/")) for path in asked_for)


def test_passwords_that_the_vault_keeps_for_database_users_are_read_and_new_users_are_never_made(
    root: hvac.Client, postgres_port: int
) -> None:
    psql(postgres_port, "keeper", ROOT, "create role billing login password 'to be changed'")
    root.sys.enable_secrets_engine("database")
    root.secrets.database.configure(
        "pg",
        plugin_name="postgresql-database-plugin",
        allowed_roles=["*"],
        connection_url=f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{postgres_port}/postgres",
        username="keeper",
        password=ROOT,
    )
    root.secrets.database.create_static_role(
        "billing", "pg", "billing", ["alter role \"{{name}}\" with password '{{password}}'"], rotation_period=86400
    )
    root.secrets.database.create_role(
        "app", "pg", ["create role \"{{name}}\" login password '{{password}}' valid until '{{expiration}}'"]
    )
    users = psql(postgres_port, "keeper", ROOT, "select rolname from pg_roles order by 1").stdout

    [found] = known("database")

    assert found.name == "database/static-creds/billing#password"
    assert found.created
    assert [each.value for each in known("database/static-creds/billing")] == [found.value]
    assert psql(postgres_port, "billing", found.value.decode(), "select 1").stdout == "1\n"
    assert psql(postgres_port, "keeper", ROOT, "select rolname from pg_roles order by 1").stdout == users
