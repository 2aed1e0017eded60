"""A process that runs detect-secrets' plugins: asked, watched, and ended when it takes too long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from threading import Timer
from typing import Any, NamedTuple

from tightlip.errors import UsageError

SECONDS = 20.0
"""That a text may take, and as many again for each MiB of it."""
_START_SECONDS = 60.0
_WORKER = os.path.join(os.path.dirname(__file__), "worker.py")
_MISSING = "detect-secrets is not installed here: pip install 'tightlip[detect-secrets]'"


class Row(NamedTuple):
    """What a plugin finds."""

    plugin: str
    kind: str
    """The type of secret, in the plugin's words."""
    line: int
    value: str
    """Bytes that are not UTF-8 are kept as surrogate escapes."""


class Looked(NamedTuple):
    """What the plugins made of a text."""

    rows: list[Row]
    failed: str = ""
    """Why it was not looked at, or not by all."""


def is_installed() -> bool:
    """Whether detect-secrets is there to be run."""
    return find_spec("detect_secrets") is not None


def needed(what: str) -> None:
    """Raise `UsageError` where detect-secrets is not installed. Parameters: `what` needs it, in words."""
    if not is_installed():
        raise UsageError(f"{what}, and {_MISSING}")


class Process:
    """A worker, started anew after it had to be ended. Parameters: `folder`, the one that it runs in."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._running: subprocess.Popen[bytes] | None = None
        self._end: Callable[[], object] = bool

    def ask(self, request: dict[str, Any], text: bytes = b"", seconds: float = _START_SECONDS) -> dict[str, Any]:
        """Return the answer, or under `wrong` why there is none. Parameters: `seconds`, that it may take."""
        process = self._started()
        late = Timer(seconds, process.kill)
        late.start()
        line = b""
        try:
            if process.stdin and process.stdout:
                with suppress(BrokenPipeError):
                    process.stdin.write(json.dumps(request).encode() + b"\n" + text)
                    process.stdin.flush()
                line = process.stdout.readline()
        finally:
            is_late = not late.is_alive()
            late.cancel()
        if line.endswith(b"\n"):
            found: dict[str, Any] = json.loads(line)
            return found
        self.close()
        return {"wrong": f"it took more than {seconds:.0f} seconds" if is_late else "the process ended by itself"}

    @property
    def runs(self) -> bool:
        """Whether it was started, and did not have to be ended."""
        return self._running is not None

    def close(self) -> None:
        """End it."""
        self._running = None
        self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._running is None:
            self._running = subprocess.Popen(
                [sys.executable, _WORKER],
                cwd=self._folder,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._end = weakref.finalize(self, _ended, self._running)
        return self._running


def _environment() -> dict[str, str]:
    """Return the variables of this process, without folders for modules that depend on where it runs."""
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(os.path.isabs, folders))}


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with process:  # closes the pipes, and waits
        pass


class Plugins:
    """The plugins that a configuration wants, ready to look at texts. Raises `UsageError` where they cannot be had."""

    def __init__(self, names: tuple[str, ...], custom: tuple[str, ...]) -> None:
        needed("your configuration wants plugins of detect-secrets")
        self.made_of = names, custom
        # Not in the repository, from which Python would take modules.
        self._process = Process(os.path.expanduser("~"))
        said = self._load()
        if "wrong" in said:
            raise UsageError(f"detect_secrets, in your configuration: {said['wrong']}")
        self.kinds: list[str] = said["plugins"]
        self._left = 3
        """How often it may yet take too long: more would have a scan last for ever."""

    def look(self, path: str, text: bytes) -> Looked:
        """Return what they find in a text. Parameters: `path`, by which some of them know what kind of file it is."""
        if not self._left:
            return Looked([], "detect-secrets' plugins took too long too often, and were given up")
        if not self._process.runs and "wrong" in (again := self._load()):
            return Looked([], f"detect-secrets' plugins: {again['wrong']}")
        said = self._process.ask({"path": path, "size": len(text)}, text, SECONDS * (1 + (len(text) >> 20)))
        self._left -= not self._process.runs
        if "wrong" in said:
            return Looked([], f"detect-secrets' plugins: {said['wrong']}")
        failed = f"detect-secrets' plugins: {', '.join(said['failed'])} failed" if said["failed"] else ""
        return Looked([Row(*row) for row in said["rows"]], failed)

    def _load(self) -> dict[str, Any]:
        names, custom = self.made_of
        return self._process.ask({"load": names, "custom": custom})
