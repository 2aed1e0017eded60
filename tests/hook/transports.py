"""Ways to a bare repository: a file, a path, git's own daemon, smart HTTP, and a command in place of ssh."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from world import World

HERE = "127.0.0.1"


class Way(NamedTuple):
    """How to push."""

    address: str
    env: dict[str, str]
    bodies: list[str]
    """How the bodies of HTTP requests were sent: chunked, or in one."""


@contextmanager
def by_file(world: World) -> Iterator[Way]:
    yield Way(world.server.as_uri(), {}, [])


@contextmanager
def by_path(world: World) -> Iterator[Way]:
    yield Way(str(world.server), {}, [])


@contextmanager
def by_ssh(world: World) -> Iterator[Way]:
    """What is asked of the other machine is run on this one, by a shell, as a server does."""
    script = world.folder / "ssh"
    script.write_text('#!/bin/sh\n[ "$1" = example.org ] || exit 9\nexec sh -c "$2"\n', "utf-8")
    script.chmod(0o755)
    env = {"GIT_SSH_COMMAND": f"'{script}'", "GIT_SSH_VARIANT": "simple"}
    yield Way(f"ssh://example.org{world.server}", env, [])


@contextmanager
def by_daemon(world: World) -> Iterator[Way]:
    with socket.socket() as found:
        found.bind((HERE, 0))
        port = found.getsockname()[1]
    path = subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()
    served = (f"--base-path={world.folder}", "--export-all", "--enable=receive-pack", "--reuseaddr")
    command = [str(Path(path) / "git-daemon"), *served, f"--listen={HERE}", f"--port={port}", str(world.folder)]
    with subprocess.Popen(command, env=world.env, stderr=subprocess.DEVNULL) as daemon:
        try:
            _wait(port)
            yield Way(f"git://{HERE}:{port}/server.git", {}, [])
        finally:
            daemon.terminate()


def _wait(port: int) -> None:
    """Wait until something answers at a port, for ten seconds."""
    end = time.monotonic() + 10
    while not _answers(port):
        assert time.monotonic() < end, "the daemon does not answer"
        time.sleep(0.02)


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex((HERE, port)) == 0


@contextmanager
def by_http(world: World) -> Iterator[Way]:
    bodies: list[str] = []
    with ThreadingHTTPServer((HERE, 0), _handler(world, bodies)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Way(f"http://{HERE}:{server.server_port}/server.git", {"no_proxy": HERE}, bodies)
        finally:
            server.shutdown()
            thread.join()


def _handler(world: World, bodies: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Hands each request to git http-backend, as a web server does."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            is_chunked = self.headers.get("Transfer-Encoding") == "chunked"
            bodies.append("chunked" if is_chunked else "in one")
            length = int(self.headers.get("Content-Length", "0"))
            self._answer(b"".join(self._chunks()) if is_chunked else self.rfile.read(length))

        def _chunks(self) -> Iterator[bytes]:
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

        def _answer(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            told = {
                "GIT_PROJECT_ROOT": str(world.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "ada",  # without one, git takes nothing in
                "REMOTE_ADDR": HERE,
            }
            done = subprocess.run(
                ["git", "http-backend"], input=body, env=world.env | told, capture_output=True, check=False
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = [line.partition(": ") for line in os.fsdecode(head).splitlines()]
            status = next((value for name, _, value in fields if name == "Status"), "200 OK")
            self.send_response(int(status.split()[0]))
            for name, _, value in fields:
                if name != "Status":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


WAYS: dict[str, Callable[[World], object]] = {
    "file": by_file,
    "path": by_path,
    "daemon": by_daemon,
    "http": by_http,
    "ssh": by_ssh,
}
