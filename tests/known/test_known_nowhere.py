"""No value is in any file, output, log, list of processes, environment, core dump or exception."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from knownvalues import value

from tightlip.known.forms import forms

VALUES = [value(50, 24, "/+&é"), value(51, 24, "/+&é"), value(52, 24)]
"""The last one stands as it is in any notation, and may be a part of a name."""
TRACES = {form for it in VALUES for form in forms(it.encode())}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks at /proc")


class Watch(threading.Thread):
    """Looks at what the system tells everybody of this process's children, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid, self._done = pid, threading.Event()
        self.seen: dict[int, set[str]] = {}
        self.text = b""
        self.cores: set[str] = set()

    def run(self) -> None:
        while not self._done.is_set():
            for pid in descendants(self._pid):
                for name in ("cmdline", "environ", "comm"):
                    self._look(pid, name)
                self._limits(pid)
            time.sleep(0.004)

    def _look(self, pid: int, name: str) -> None:
        try:
            content = Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            return
        if content and content not in self.text:
            self.text += content + b"\0"
            self.seen.setdefault(pid, set()).add(name)

    def _limits(self, pid: int) -> None:
        try:
            lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
        except OSError:
            return
        self.cores.update(line.split("size")[1].strip() for line in lines if line.startswith("Max core"))

    def stop(self) -> None:
        self._done.set()
        self.join()


def descendants(pid: int) -> list[int]:
    found, parents = [pid], {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


def traces_in(data: bytes) -> list[bytes]:
    return [form for form in TRACES if form in data]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where everything goes that a program may write."""
    path = tmp_path / "everything"
    for name in ("home", "cache", "config", "data", "state", "runtime", "tmp", "cwd"):
        (path / name).mkdir(parents=True)
    return path


@pytest.fixture
def planted(git: Callable[..., str], put: Callable[[str, str | bytes], Path]) -> None:
    for number, (form, through) in enumerate(forms(VALUES[0].encode()).items()):
        put(f"{number}-{len(through)}.txt", b"x = " + form + b"\n")
    put(f"dir/{VALUES[2]}.txt", f"y = {VALUES[1]}")
    for number in range(8):
        put(f"more/{number}.bin", os.urandom(50_000))
    git("add", "--all")
    git("commit", "-qm", f"It is {VALUES[1]}", "--author", f"{VALUES[2]} <ada@example.org>")
    git("branch", f"try/{VALUES[2]}")
    git("tag", "-am", f"And {VALUES[1]}", "v1")
    git("gc", "-q")


def environment(home: Path) -> dict[str, str]:
    """All that may be written goes below `home`, but for the compiled rules, which tests share and these look at."""
    source = str(Path(__file__).parents[2] / "src")
    names = {f"XDG_{name.upper()}_HOME": str(home / name) for name in ("cache", "config", "data", "state")}
    return {
        **{
            name: it
            for name, it in os.environ.items()
            if name in {"PATH", "GIT_CONFIG_GLOBAL", "LANG", "TIGHTLIP_CACHE"}
        },
        **names,
        "PYTHONPATH": os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH", "")))),
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "XDG_RUNTIME_DIR": str(home / "runtime"),
        "TIGHTLIP_DEBUG": "1",
    }


def run(home: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[bytes], Watch]:
    """Run tightlip with the values on standard input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tightlip", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home / "cwd",
        env=environment(home),
    )
    watch = Watch(process.pid)
    watch.start()
    try:
        out, err = process.communicate("\n".join(VALUES).encode(), timeout=120)
    finally:
        watch.stop()
    return subprocess.CompletedProcess(arguments, process.returncode, out, err), watch


FORMATS = ("text", "json", "jsonl", "sarif", "html", "markdown", "junit", "csv", "gitlab", "github")


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("command", ["scan", "scan-staged", "scan-history"])
def test_no_value_is_anywhere(home: Path, repo: Path, cache: Path, git: Callable[..., str], command: str) -> None:
    if command == "scan-staged":
        git("update-ref", "-d", "HEAD")  # so that all is staged
    reports = [part for name in FORMATS for part in ("--report", f"{name}:{home}/cwd/report.{name}")]
    done, watch = run(home, command, str(repo), "--known", "lines:-", "-v", "--report", "text", *reports)
    assert done.returncode == 1, done.stderr
    assert b"known secret line 1" in done.stdout
    assert not traces_in(done.stdout + done.stderr)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {f"report.{name}" for name in FORMATS} <= {path.name for path in files}
    for path in [*files, *(path for path in cache.rglob("*") if path.is_file())]:
        assert not traces_in(path.read_bytes()), path
        assert not traces_in(os.fsencode(path)), path
    assert any("cmdline" in names for names in watch.seen.values())
    assert not traces_in(watch.text)
    assert "0                    0                    bytes" in watch.cores


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(b"A=%s\n\xff\xfe", id="no UTF-8"),
        pytest.param(b'A="%s\nB=1', id="an open quote"),
    ],
)
@pytest.mark.parametrize("kind", ["dotenv", "kubernetes", "age", "sops"])
def test_no_error_shows_a_value(home: Path, repo: Path, kind: str, given: bytes) -> None:
    path = home / "cwd" / f"it.{'yaml' if kind == 'kubernetes' else 'env'}"
    path.write_bytes(given % VALUES[0].encode())
    done, _ = run(home, "scan", str(repo), "--known", f"{kind}:{path}")
    assert not traces_in(done.stdout + done.stderr)
    assert b"Traceback" not in done.stderr


def test_a_bug_while_values_are_held_shows_none(home: Path, repo: Path) -> None:
    (home / "cwd" / "sitecustomize.py").write_text(
        """import tightlip.known.search as search
def forms(value):
    raise RuntimeError(value)
search.forms = forms
"""
    )
    source = environment(home)["PYTHONPATH"]
    done = subprocess.run(
        [sys.executable, "-m", "tightlip", "scan", str(repo), "--known", "lines:-"],
        input="\n".join(VALUES).encode(),
        capture_output=True,
        check=False,
        cwd=home / "cwd",
        env={**environment(home), "PYTHONPATH": f"{home / 'cwd'}{os.pathsep}{source}"},
    )
    assert done.returncode == 2
    assert b"RuntimeError" in done.stderr
    assert not traces_in(done.stdout + done.stderr)


_LIMITS = """
import ctypes, resource
from tightlip.known.guard import close_memory
close_memory()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_nothing_of_this_process_gets_into_a_core_dump(tmp_path: Path) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            _LIMITS,
        ],
        capture_output=True,
        text=True,
        check=True,
        env=environment(tmp_path),
    )
    assert told.stdout.strip() == "(0, 0) 0"
