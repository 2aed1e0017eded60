"""The login to a vault that sources and rotation share, on an OpenBao of its own: what it does to it ends with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import vaultservers
from httpdouble import Answer, Asked, serving
from vaultservers import ROOT

import tightlip
from tightlip.errors import UsageError
from tightlip.known import sources
from tightlip.known.secret import Known
from tightlip.model import Secret
from tightlip.rotate import vault as keeper
from tightlip.rotate.places import named

hvac = pytest.importorskip("hvac", reason="needs hvac: pip install 'tightlip[vault]'")

pytestmark = pytest.mark.xdist_group("vaultlogin")


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[hvac.Client]:
    """Whoever set up a vault that is nobody else's. tightlip is logged in with the same token."""
    with vaultservers.openbao() as address:
        monkeypatch.setenv("VAULT_ADDR", address)
        monkeypatch.setenv("VAULT_TOKEN", ROOT)
        client = hvac.Client(address, ROOT)
        yield client
        client.adapter.close()


def known(where: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(f"vault:{where}")))


def complaint(where: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(where)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"vault:{where}: ")
    return text


def test_a_vault_that_is_sealed_is_one_clear_line(root: hvac.Client) -> None:
    root.sys.seal()

    assert complaint("secret/app").endswith("is sealed or not ready; unseal it, or try again later")


def test_a_vault_that_wants_to_be_asked_slowly_is_asked_slowly(root: hvac.Client) -> None:
    for number in range(12):
        root.secrets.kv.v2.create_or_update_secret(f"app/{number}", {"password": f"kept {number}"})
    root.adapter.post("/v1/sys/quotas/rate-limit/slow", json={"rate": 20, "interval": "1s"})

    assert len(known("secret/app/")) == 12


def test_a_token_that_has_expired_is_one_clear_line(root: hvac.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = root.auth.token.create(policies=["root"], ttl="1s")["auth"]["client_token"]
    monkeypatch.setenv("VAULT_TOKEN", token)
    time.sleep(1.5)

    text = complaint("secret/app")

    assert "the token is not valid" in text
    assert token not in text


@pytest.mark.parametrize("token", ["of the t€sts", "of the\ntests"], ids=["not ASCII", "a line break"])
def test_a_token_that_can_be_none_is_not_sent_or_shown(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    asked: list[Asked] = []
    with serving(lambda request: Answer(200 if asked.append(request) else 404)) as address:
        monkeypatch.setenv("VAULT_ADDR", address)
        monkeypatch.setenv("VAULT_TOKEN", token)

        text = complaint("secret/app")

    assert text.endswith("the token has characters that no token has, such as a line break")
    assert not asked


def test_only_folders_that_can_be_listed_make_a_scan_complete(
    root: hvac.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.secrets.kv.v2.create_or_update_secret("app/one", {"password": "kept"})
    root.secrets.kv.v2.create_or_update_secret("app/deep/two", {"password": "not to be seen"})
    root.sys.create_or_update_policy(
        "narrow",
        """path "secret/metadata/app/" { capabilities = ["list"] }
           path "secret/+/app/one" { capabilities = ["read"] }""",
    )
    monkeypatch.setenv("VAULT_TOKEN", root.auth.token.create(policies=["narrow"], ttl="5m")["auth"]["client_token"])

    found = known("secret/app/")

    assert [each.value for each in found if each.value] == [b"kept"]
    assert [each.name for each in found if not each.value and each.is_current] == ["secret/app/deep/"]


@pytest.mark.parametrize("where", ["database", "database/creds/app"])
def test_dynamic_users_are_not_made_and_that_is_said(root: hvac.Client, where: str) -> None:
    root.sys.enable_secrets_engine("database")

    assert "dynamic users are made for whoever asks" in complaint(where)


def slow(is_asked: threading.Event, ended: list[str]) -> Callable[[Asked], Answer]:
    """Answer as a vault does, but never list a folder. Notes who ends the token that an AppRole gave."""

    def answering(asked: Asked) -> Answer:
        if asked.path == "/v1/auth/approle/login":
            return Answer(200, {"auth": {"client_token": "of-this-run"}})
        if asked.path.startswith("/v1/sys/internal/ui/mounts/"):
            return Answer(200, {"data": {"path": "secret/", "type": "kv", "options": {"version": "2"}}})
        if asked.path == "/v1/auth/token/revoke-self":
            ended.append(asked.headers["x-vault-token"])
            return Answer(204)
        is_asked.set()
        time.sleep(30)
        return Answer(404, {"errors": []})

    return answering


@pytest.mark.skipif(sys.platform == "win32", reason="^C is another thing there")
def test_an_interrupted_run_hands_back_its_token(tmp_path: Path) -> None:
    is_asked, ended = threading.Event(), list[str]()
    with serving(slow(is_asked, ended)) as address:
        env = os.environ | {
            "PYTHONPATH": str(Path(tightlip.__file__).parents[1]),
            "VAULT_ADDR": address,
            "VAULT_ROLE_ID": "role",
            "VAULT_SECRET_ID": "secret",
        }
        command = [sys.executable, "-m", "tightlip", "known", "list", "vault:secret/app/"]
        with subprocess.Popen(command, env=env, cwd=tmp_path, stderr=subprocess.PIPE) as run:
            assert is_asked.wait(60)
            run.send_signal(signal.SIGINT)
            _, said = run.communicate(timeout=60)

    assert run.returncode == 130
    assert ended == ["of-this-run"]
    assert b"Traceback" not in said


def test_an_answer_that_drips_does_not_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tightlip.known.web._WHOLE", 1)
    monkeypatch.setenv("VAULT_TOKEN", ROOT)

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                connection.sendall(b" ")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("VAULT_ADDR", f"http://127.0.0.1:{listening.getsockname()[1]}")
        server = threading.Thread(target=drip)
        server.start()

        assert "larger than 32 MB or takes longer than" in complaint("secret/app")
        server.join()


class TestRotation:
    def test_the_mount_of_a_path_may_have_several_parts(self, root: hvac.Client) -> None:
        root.sys.enable_secrets_engine("kv", "team/kv", options={"version": "2"})
        root.secrets.kv.v2.create_or_update_secret("app/db", {"password": "old", "user": "u"}, mount_point="team/kv")
        place = named("vault:team/kv/app/db#password")

        held = keeper.read(place)
        keeper.put(place, held, Secret(b"new"))

        assert held.value == Secret(b"old")
        now = root.secrets.kv.v2.read_secret_version("app/db", mount_point="team/kv", raise_on_deleted_version=True)
        assert now["data"]["data"] == {"password": "new", "user": "u"}
        assert "-mount=team/kv -versions=1 app/db" in keeper.confirm(place)

    def test_an_engine_that_keeps_no_versions_is_one_clear_line(self, root: hvac.Client) -> None:
        root.sys.enable_secrets_engine("kv", "old", options={"version": "1"})
        root.secrets.kv.v1.create_or_update_secret("app", {"password": "old"}, mount_point="old")

        with pytest.raises(UsageError, match="the engine at 'old' keeps no old versions"):
            keeper.read(named("vault:old/app#password"))

    def test_a_token_that_may_only_read_changes_nothing(
        self, root: hvac.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root.secrets.kv.v2.create_or_update_secret("app", {"password": "old"})
        root.sys.create_or_update_policy("reads", 'path "secret/data/app" { capabilities = ["read"] }')
        monkeypatch.setenv("VAULT_TOKEN", root.auth.token.create(policies=["reads"], ttl="5m")["auth"]["client_token"])
        place = named("vault:secret/app#password")

        with pytest.raises(UsageError, match="the token may read there and not write"):
            keeper.put(place, keeper.read(place), Secret(b"new"))

    def test_a_vault_s_token_and_a_new_value_go_to_no_other_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[Asked] = []

        def answering(request: Asked) -> Answer:
            return Answer(307, b"", {"Location": f"{elsewhere}{request.path}"})

        with (
            serving(lambda request: Answer(200 if asked.append(request) else 404)) as elsewhere,
            serving(answering) as address,
        ):
            monkeypatch.setenv("VAULT_ADDR", address)
            monkeypatch.setenv("VAULT_TOKEN", ROOT)

            with pytest.raises(UsageError, match=r"sends the request on to the host '127\.0\.0\.1', which is not"):
                keeper.read(named("vault:secret/app#password"))
        assert not asked
