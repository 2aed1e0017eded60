"""Google's own client against a small double of the documented REST protocol, reached as the real host is."""

from __future__ import annotations

import base64
import json
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

pytest.importorskip("google.cloud.secretmanager_v1", reason="needs Google's client: pip install 'tightlip[gcp]'")
google_crc32c = pytest.importorskip("google_crc32c", reason="needs google-crc32c: pip install 'tightlip[gcp]'")

VALUE = "a value in a message"


@pytest.fixture(scope="session")
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text.decode()


@pytest.fixture
def hosts() -> list[str]:
    """The hosts that are asked."""
    return []


@pytest.fixture
def google(
    authority: trustme.CA,
    ca_file: Path,
    private_key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hosts: list[str],
) -> Iterator[Callable[[Callable[[Asked], Answer]], None]]:
    """Let a function answer for Google. A service account of the tests is logged in."""
    account = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "1",
        "private_key": private_key,
        "client_email": "tests@project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    answering: list[Callable[[Asked], Answer]] = []

    def answer(asked: Asked) -> Answer:
        hosts.append(asked.host)
        assert asked.headers["authorization"].startswith("Bearer ")
        return answering[-1](asked)

    with standing_in(answer, authority) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        yield answering.append
    assert set(hosts) <= {"secretmanager.googleapis.com"}


def manager(kept: dict[str, list[tuple[str, bytes]]], wrong: str = "") -> Callable[[Asked], Answer]:
    """Answer as Secret Manager does, two secrets a page: by name, the state and the value of each version."""

    def answering(asked: Asked) -> Answer:
        _, _, project, rest = asked.path.lstrip("/").split("/", 3)
        assert project in {"project", "7"}
        if rest == "secrets":
            first = int(asked.query.get("pageToken", 0))
            names = [{"name": f"projects/7/secrets/{name}"} for name in kept][first : first + 2]
            return Answer(200, {"secrets": names, "nextPageToken": str(first + 2) if first + 2 < len(kept) else ""})
        _, name, _, *number = rest.split("/")
        if not number:
            versions = [
                {
                    "name": f"projects/7/secrets/{name}/versions/{at}",
                    "state": state,
                    "createTime": f"2026-01-0{at}T00:00:00.123456789Z",
                }
                for at, (state, _) in enumerate(kept[name], 1)
            ]
            return Answer(200, {"versions": versions[::-1]})
        at = int(number[0].removesuffix(":access"))
        value = kept[name][at - 1][1]
        checksum = google_crc32c.value(value) ^ (name == wrong)
        payload = {"data": base64.b64encode(value).decode(), "dataCrc32c": str(checksum)}
        return Answer(200, {"name": asked.path, "payload": payload})

    return answering


def known(where: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(f"gcp-sm:{where}")))


def complaint(where: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(where)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"gcp-sm:{where}: ")
    assert VALUE not in text
    return text


def test_all_secrets_of_a_project_are_read_with_their_versions(google: Callable[..., None]) -> None:
    google(
        manager(
            {
                "db": [
                    ("DESTROYED", b""),
                    ("ENABLED", b"old"),
                    ("ENABLED", b'{"password": "new"}'),
                    ("DISABLED", b"off"),
                ],
                "a": [("ENABLED", b"1")],
                "b": [("ENABLED", b"\x00\xff")],
            }
        )
    )

    found = known("project")

    assert {(each.name, each.version): each.value for each in found if not isinstance(each, Unread)} == {
        ("db", "2"): b"old",
        ("db#password", "3"): b"new",
        ("a", "1"): b"1",
        ("b", "1"): b"\x00\xff",
    }
    assert [(each.version, each.why) for each in found if isinstance(each, Unread)] == [
        ("4", "disabled"),
        ("1", "destroyed"),
    ]
    assert {each.name for each in found if each.is_current} == {"db#password", "a", "b"}
    assert all(each.created and each.created.tzinfo for each in found if not isinstance(each, Unread))


def test_a_prefix_chooses(google: Callable[..., None]) -> None:
    google(manager({"app-db": [("ENABLED", b"mine")], "other": [("ENABLED", b"not asked for")]}))

    assert [each.value for each in known("project/app-")] == [b"mine"]
    assert "has no secret whose name begins so" in complaint("project/nothing")


def test_a_value_whose_checksum_is_wrong_is_named_as_not_read(google: Callable[..., None]) -> None:
    google(manager({"db": [("ENABLED", b"damaged")]}, wrong="db"))

    [found] = known("project")

    assert isinstance(found, Unread)
    assert (found.name, found.why) == ("db", "its checksum is wrong")


def test_what_may_not_be_read_is_named(google: Callable[..., None]) -> None:
    answering = manager({"db": [("ENABLED", b"not for you")]})
    google(lambda asked: Answer(403, {"error": {"message": VALUE}}) if "access" in asked.path else answering(asked))

    [found] = known("project")

    assert isinstance(found, Unread)
    assert (found.name, found.why) == ("db", "these credentials may not read it")


def error(status: int) -> Answer:
    return Answer(status, {"error": {"code": status, "message": VALUE, "status": VALUE}})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(error(401), "Google does not know who asks", id="401"),
        pytest.param(error(403), "may not list the project's secrets", id="403"),
        pytest.param(error(404), "there is no such project", id="404"),
        pytest.param(error(400), "or it has another name", id="400"),
        pytest.param(error(500), "Google answers with an error (500)", id="500"),
        pytest.param(Answer(500, f"<html>{VALUE}".encode()), "Google answers with an error (500)", id="500 in HTML"),
        pytest.param(Answer(200, f"<html>{VALUE}".encode()), "does not answer as it should", id="no JSON"),
        pytest.param(Answer(200, [VALUE]), "the project has no secret", id="a list"),
        pytest.param(Answer(200, {"secrets": VALUE}), "does not answer as it should", id="a text for a list"),
        pytest.param(Answer(200, b"[" * 200_000), "does not answer as it should", id="deep JSON"),
    ],
)
def test_a_server_that_answers_oddly_is_one_clear_line(google: Callable[..., None], answer: Answer, words: str) -> None:
    google(lambda asked: answer)

    assert words in complaint("project")


def test_a_request_is_not_sent_on_to_another_host(google: Callable[..., None], hosts: list[str]) -> None:
    google(lambda asked: Answer(302, b"", {"Location": "https://elsewhere.example/"}))

    assert "cannot be asked: the server sends the request on" in complaint("project")
    assert hosts == ["secretmanager.googleapis.com"]


def test_an_answer_without_an_end_is_one_clear_line(google: Callable[..., None]) -> None:
    google(lambda asked: Answer(200, b" " * (33 << 20)))

    assert "the answer is larger than 32 MB" in complaint("project")


def test_a_version_that_google_cannot_give_does_not_hide_the_others(google: Callable[..., None]) -> None:
    answering = manager({"a": [("ENABLED", b"its key is gone")], "b": [("ENABLED", b"kept")]})
    google(lambda asked: error(400) if "/a/versions/1" in asked.path else answering(asked))

    unread, read = known("project")

    assert isinstance(unread, Unread)
    assert (unread.name, unread.why, unread.is_current) == ("a", "Google cannot give it; is its key disabled?", True)
    assert (read.name, read.value) == ("b", b"kept")


def test_of_versions_that_are_all_disabled_the_newest_is_the_current_one(google: Callable[..., None]) -> None:
    google(manager({"a": [("DISABLED", b""), ("DISABLED", b""), ("DESTROYED", b"")], "b": [("DESTROYED", b"")]}))

    assert [(each.name, each.version) for each in known("project") if each.is_current] == [("a", "2")]


def test_without_credentials_it_says_how_to_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")

    assert "run `gcloud auth application-default login`" in complaint("project")


def test_credentials_that_are_no_file_are_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))

    assert "or see GOOGLE_APPLICATION_CREDENTIALS" in complaint("project")


def test_a_certificate_that_nobody_vouches_for_is_one_clear_line(
    google: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")

    assert "the server's certificate is not trusted" in complaint("project")


def test_no_connection_is_one_clear_line(google: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert "the proxy gives no connection" in complaint("project")


def test_nothing_that_the_library_logs_holds_a_value(
    google: Callable[..., None], lines: pytest.LogCaptureFixture
) -> None:
    google(manager({"db": [("ENABLED", b"never to be logged")]}))

    assert known("project")

    assert "never to be logged" not in lines.text
    assert base64.b64encode(b"never to be logged").decode() not in lines.text


def test_a_project_that_is_none_is_one_clear_line() -> None:
    assert "no project; write gcp-sm:PROJECT" in complaint("/secrets")
