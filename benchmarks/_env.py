"""Environments for the benchmarks: one per tool, in the user's cache, never in the repository or the system's own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def cache() -> Path:
    """Return the folder that the benchmarks keep things in between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tightlip-benchmarks"


def installed(name: str, *requirements: str, fresh: bool = False) -> Path:
    """Return the script folder of the environment `name` that has `requirements`; made once unless `fresh`."""
    folder = cache() / "venvs" / name
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    stamp = folder / "requirements.txt"
    wanted = "\n".join([sys.version, *requirements])
    if fresh or not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing {' '.join(requirements)}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True, symlinks=os.name != "nt")
        _pip(scripts, "install", "--upgrade", "pip")  # an old one writes scripts that start more slowly
        _pip(scripts, "install", *requirements)
        stamp.write_text(wanted)
    return scripts


def version(scripts: Path, package: str) -> str:
    """Return the version of `package` in an environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run([scripts / "python", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def packaged_binary(scripts: Path, package: str, name: str) -> Path | None:
    """Return the program `name` inside the installed `package`, which its console script starts; None if not there."""
    code = f"import {package}, os; print(os.path.join(os.path.dirname({package}.__file__), 'bin'))"
    done = subprocess.run([scripts / "python", "-c", code], check=True, capture_output=True, text=True)
    found = Path(done.stdout.strip()) / (name + (".exe" if os.name == "nt" else ""))
    return found if found.is_file() else None


def tightlip() -> Path:
    """Build this checkout's wheel, install it into an environment of its own, and return the script folder."""
    scripts = installed("build", "build")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [scripts / "python", "-m", "build", "--wheel", "--outdir", folder, ROOT],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return installed("tightlip", str(next(Path(folder).glob("*.whl"))), fresh=True)


def _pip(scripts: Path, *args: str) -> None:
    command = [scripts / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", *args]
    subprocess.run(command, check=True, stdout=sys.stderr)
