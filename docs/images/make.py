"""Makes the pictures of the README from what tightlip really prints: `.venv/bin/python docs/images/make.py`."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tightlip import demo, notation

WIDTH = 92
HERE = Path(__file__).resolve().parent
FONT_FACES = re.compile(
    r"\s*@font-face \{.*?\}", re.DOTALL
)  # they would be fetched from elsewhere; any monospace font does
BIN = Path(sys.executable).parent


def run(folder: Path, command: str) -> str:
    """Run a command as a person at a terminal would and return what it prints, colours included."""
    env = os.environ | {
        "FORCE_COLOR": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    env |= {"GIT_AUTHOR_NAME": "Dana", "GIT_AUTHOR_EMAIL": "dana@shop.example"}
    env |= {"GIT_COMMITTER_NAME": "Dana", "GIT_COMMITTER_EMAIL": "dana@shop.example"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout.decode("utf-8")


def draw(name: str, title: str, shown: str) -> None:
    """Draw terminal output into a file beside this one."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(shown))
    svg = console.export_svg(title=title, unique_id=name)
    svg = FONT_FACES.sub("", svg).replace("<svg ", '<svg xml:space="preserve" ', 1)
    (HERE / f"{name}.svg").write_bytes(svg.encode())


def commit(folder: Path) -> str:
    """Return what a person sees who is about to commit a secret."""
    key = notation.expand("sk_¦live_[0-9A-Za-z]{24}", "picture")[0]
    (folder / ".git" / "hooks").mkdir(exist_ok=True)
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexec tightlip-hook pre-commit\n", "utf-8")
    hook.chmod(0o755)
    file = folder / "shop.py"
    file.write_text(f'STRIPE_KEY = "{key}"\n{file.read_text("utf-8")}', "utf-8")
    return "$ git commit -am 'Take payments'\n" + run(folder, "git commit -am 'Take payments'")


def history(folder: Path) -> str:
    """Return the first two secrets of the report on the demo's history."""
    head, first, second, *_ = re.split(r"\n(?=\x1b\[\S*● )", run(folder, "tightlip scan-history"))
    return f"$ tightlip scan-history\n{head}\n{first}\n{second}\n..."


def main() -> None:
    """Draw both pictures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop"
        demo.make(folder)
        draw("history", "the history of the demo repository", history(folder))
        draw("commit", "a commit that would have added a secret", commit(folder))


if __name__ == "__main__":
    main()
