"""Azure's own clients against a small double of the documented protocol, reached as the real hosts are.

The double asks for a login with the 401 that a Key Vault sends, gives tokens as Microsoft's login does, and has pages.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpdouble import Answer, Asked, standing_in

from tightlip.errors import UsageError
from tightlip.known import sources
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    import trustme

pytest.importorskip("azure.keyvault.secrets", reason="needs Azure's client: pip install 'tightlip[azure]'")
pytest.importorskip("azure.identity", reason="needs Azure's client: pip install 'tightlip[azure]'")

http_challenge_cache = importlib.import_module("azure.keyvault.secrets._shared.http_challenge_cache")

VALUE = "a value in a message"
PASSWORD = "of " + "the tests"
TOKEN = "a.token.for-the-vault"
TENANT = "11111111-2222-3333-4444-555555555555"
LOGIN = "login.microsoftonline.com"


def microsoft(asked: Asked) -> Answer:
    """Answer as Microsoft's login does."""
    base = f"https://{LOGIN}/{TENANT}"
    if asked.path.endswith("/discovery/instance"):
        alias = {"preferred_network": LOGIN, "preferred_cache": LOGIN, "aliases": [LOGIN]}
        endpoint = f"{base}/v2.0/.well-known/openid-configuration"
        return Answer(200, {"tenant_discovery_endpoint": endpoint, "metadata": [alias]})
    if asked.path.endswith("/openid-configuration"):
        return Answer(
            200,
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
            },
        )
    if PASSWORD.replace(" ", "+").encode() not in asked.body:
        return Answer(401, {"error": "invalid_client", "error_description": VALUE})
    return Answer(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": TOKEN})


@pytest.fixture
def azure(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Callable[[Asked], Answer]], None]]:
    """Let a function answer for the vault. A service principal of the tests is logged in."""
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", "tests")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", PASSWORD)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    http_challenge_cache.clear()
    answering: list[Callable[[Asked], Answer]] = []

    def answer(asked: Asked) -> Answer:
        if asked.host == LOGIN:
            return microsoft(asked)
        assert asked.host == "myvault.vault.azure.net"
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            challenge = f'Bearer authorization="https://{LOGIN}/{TENANT}", resource="https://vault.azure.net"'
            return Answer(401, b"", {"WWW-Authenticate": challenge})
        return answering[-1](asked)

    with standing_in(answer, authority) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        yield answering.append


def vault(kept: dict[str, list[str | None]]) -> Callable[[Asked], Answer]:
    """Answer as a Key Vault does, two secrets a page: by name, the value of each version, None for a disabled one."""
    base = "https://myvault.vault.azure.net/secrets"

    def answering(asked: Asked) -> Answer:
        _, _, *rest = asked.path.rstrip("/").split("/")
        if not rest:
            first = int(asked.query.get("$skiptoken", 0))
            page = [{"id": f"{base}/{name}", "attributes": {"enabled": True}} for name in kept][first : first + 2]
            more = f"{base}?api-version=7.5&$skiptoken={first + 2}" if first + 2 < len(kept) else None
            return Answer(200, {"value": page, "nextLink": more})
        name, version = rest
        if version == "versions":
            versions = [
                {
                    "id": f"{base}/{name}/v{at}",
                    "attributes": {"enabled": value is not None, "created": 1_760_000_000 + at},
                }
                for at, value in enumerate(kept[name], 1)
            ]
            return Answer(200, {"value": versions, "nextLink": None})
        value = kept[name][int(version[1:]) - 1]
        if value is None:
            return Answer(403, {"error": {"code": "Forbidden", "message": VALUE}})
        return Answer(200, {"value": value, "id": f"{base}/{name}/{version}", "attributes": {"enabled": True}})

    return answering


def known(where: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(f"azure-kv:{where}")))


def complaint(where: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(where)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"azure-kv:{where}: ")
    assert not {part for part in (VALUE, PASSWORD, TOKEN) if part in text}
    return text


@pytest.mark.parametrize("where", ["myvault", "https://myvault.vault.azure.net/"])
def test_all_secrets_of_a_vault_are_read_with_their_versions(azure: Callable[..., None], where: str) -> None:
    azure(vault({"db": ["old", None, '{"password": "new"}'], "a": ["1"], "b": ["2"]}))

    found = known(where)

    assert {(each.name, each.version): each.value for each in found if not isinstance(each, Unread)} == {
        ("db", "v1"): b"old",
        ("db#password", "v3"): b"new",
        ("a", "v1"): b"1",
        ("b", "v1"): b"2",
    }
    assert [(each.name, each.version, each.why) for each in found if isinstance(each, Unread)] == [
        ("db", "v2", "disabled")
    ]
    assert {each.name for each in found if each.is_current} == {"db#password", "a", "b"}
    assert all(each.created and each.created.tzinfo for each in found if not isinstance(each, Unread))


def test_what_may_not_be_read_is_named(azure: Callable[..., None]) -> None:
    answering = vault({"db": ["not for you"]})
    refusal = Answer(403, {"error": {"code": "Forbidden", "message": VALUE}})
    azure(lambda asked: refusal if asked.path.rstrip("/").endswith("/v1") else answering(asked))

    [found] = known("myvault")

    assert isinstance(found, Unread)
    assert (found.name, found.why) == ("db", "this login may not read it")


def test_an_empty_vault_is_one_clear_line(azure: Callable[..., None]) -> None:
    azure(vault({}))

    assert complaint("myvault").endswith("the vault has no secrets")


def error(status: int) -> Answer:
    return Answer(status, {"error": {"code": VALUE, "message": VALUE}})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(error(403), "may not list the vault's secrets", id="403"),
        pytest.param(error(404), "answers with an error (404)", id="404"),
        pytest.param(error(501), "answers with an error (501)", id="501"),
        pytest.param(Answer(501, f"<html>{VALUE}".encode()), "answers with an error (501)", id="501 in HTML"),
        pytest.param(Answer(200, f"<html>{VALUE}".encode()), "no answer of a Key Vault", id="no JSON"),
        pytest.param(Answer(200, [VALUE]), "no answer of a Key Vault", id="a list"),
        pytest.param(Answer(200, b"[" * 200_000), "no answer of a Key Vault", id="deep JSON"),
        pytest.param(Answer(200, b" " * (33 << 20)), "the answer is larger than 32 MB", id="huge"),
        pytest.param(Answer(302, b"", {"Location": "https://localhost:1/"}), "which is not followed", id="elsewhere"),
    ],
)
def test_a_server_that_answers_oddly_is_one_clear_line(azure: Callable[..., None], answer: Answer, words: str) -> None:
    azure(lambda asked: answer)

    assert words in complaint("myvault")


def test_a_wrong_password_is_one_clear_line(
    azure: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "a wrong one")

    assert "Azure does not let this login in" in complaint("myvault")
    assert capfd.readouterr() == ("", "")


def test_a_certificate_that_nobody_vouches_for_is_one_clear_line(
    azure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")

    assert "the server's certificate is not trusted" in complaint("myvault")


def test_no_connection_is_one_clear_line(azure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert "the proxy gives no connection" in complaint("myvault")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AZURE_TOKEN_CREDENTIALS", "OddCredential"),
        ("AZURE_TENANT_ID", "no tenant/.."),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/there/is/none"),
    ],
)
def test_settings_that_cannot_be_used_are_one_clear_line(
    azure: Callable[..., None], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.setenv(name, value)

    assert "Azure" in complaint("myvault")


@pytest.mark.parametrize("where", ["http://myvault.vault.azure.net", "not a vault"])
def test_only_a_name_or_a_secure_address_is_a_vault(where: str) -> None:
    assert "write azure-kv:NAME" in complaint(where)


def test_nothing_that_a_library_logs_holds_a_value_or_a_password(
    azure: Callable[..., None], lines: pytest.LogCaptureFixture
) -> None:
    azure(vault({"db": ["never to be logged"]}))

    assert known("myvault")

    assert not {part for part in ("never to be logged", PASSWORD, TOKEN) if part in lines.text}
