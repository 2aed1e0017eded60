"""A working copy with every hook that `tightlip install` writes, and the other side: made once, then copied."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import tightlip

SOURCE = Path(tightlip.__file__).parent.parent
TOKEN = "".join(("gh", "p_", "16C7e42F292c69", "12E7710c838347", "Ae", "4H2", "Y7G"))
"""A value with the form of a live token; made here, so that no file holds it."""
CLEAN = 'import os\n\nTOKEN = os.environ["TOKEN"]\n'
SECRET = f'TOKEN = "{TOKEN}"\n'
NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
_PROGRAM = """\
#!{python}
import sys
sys.path.insert(1, {source!r})
from {module} import main
sys.exit(main())
"""


class Ran(NamedTuple):
    """What a command did."""

    code: int
    text: str
    """Both of its outputs."""
    called: tuple[tuple[str, int], ...]
    """The hooks that git called, in order, each with its exit code."""

    @property
    def door(self) -> str:
        """The hook that stopped it; empty for none."""
        return next((hook for hook, code in self.called if code), "")


class World:
    """A folder that is a person's: `repo`, where they work, whose remote `origin` is the bare `server`.

    Parameters: `programs`, the folder that tightlip is installed in.
    """

    def __init__(self, folder: Path, programs: Path, cache: Path) -> None:
        self.folder, self.repo, self.server = folder, folder / "repo", folder / "server.git"
        self.here, self.programs, self.cache = self.repo, programs, cache
        """Where commands run, if they do not say."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "TIGHTLIP_", "PRE_COMMIT", "PYTHONPATH"))
        }
        who = {f"GIT_{it}_NAME": "Ada Example" for it in ("AUTHOR", "COMMITTER")}
        who |= {f"GIT_{it}_EMAIL": "ada@example.org" for it in ("AUTHOR", "COMMITTER")}
        who |= {f"GIT_{it}_DATE": "2026-01-02T03:04:05+00:00" for it in ("AUTHOR", "COMMITTER")}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
        self.env = (
            kept | who | alone | {"TIGHTLIP_CACHE": str(cache), "GIT_EDITOR": "false", "GIT_TERMINAL_PROMPT": "0"}
        )

    def run(self, *command: str | Path, where: Path | None = None, env: dict[str, str] | None = None) -> Ran:
        """Run a command; in `here`, if no other folder is named."""
        trace = self.folder / "trace"
        trace.unlink(missing_ok=True)
        done = subprocess.run(
            [str(word) for word in command],
            cwd=where or self.here,
            env=self.env | {"GIT_TRACE2_EVENT": str(trace)} | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=60,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, tuple(_called(trace)))
        told = [line for line in ran.text.splitlines() if "hook declined" not in line]  # git names the ref there
        assert not (ran.door and TOKEN in "\n".join(told)), "the value was printed"
        return ran

    def git(self, *words: str | Path, where: Path | None = None, env: dict[str, str] | None = None) -> Ran:
        """Run git as a person does, with all hooks."""
        return self.run("git", *words, where=where, env=env)

    def quietly(self, *words: str | Path, where: Path | None = None) -> str:
        """Run git past all hooks, which must succeed, and return what it prints."""
        done = self.run("git", *NO_HOOKS, *words, where=where)
        assert done.code == 0, done.text
        return done.text.strip()

    def tightlip(self, *words: str | Path, where: Path | None = None) -> str:
        """Run tightlip, which must succeed, and return what it prints."""
        done = self.run(self.programs / "tightlip", *words, where=where)
        assert done.code == 0, done.text
        return done.text

    def write(self, name: str, text: str, where: Path | None = None) -> None:
        """Write a file and stage it."""
        ((where or self.here) / name).write_text(text, "utf-8")
        self.quietly("add", "--", name, where=where)

    def put(self, name: str, text: str, message: str = "change") -> None:
        """Commit a file past all hooks, as somebody without them does."""
        self.write(name, text)
        self.quietly("commit", "-q", "-m", message)

    def editor(self, text: str) -> dict[str, str]:
        """Return the environment of an editor that puts a text before what is there."""
        path = self.folder / "editor"
        (self.folder / "typed").write_text(text + "\n", "utf-8")
        path.write_text(
            f'#!/bin/sh\ncat "{self.folder}/typed" "$1" > "{self.folder}/edited" && cat "{self.folder}/edited" > "$1"\n'
        )
        path.chmod(0o755)
        return {"GIT_EDITOR": str(path)}

    def objects(self) -> int:
        """Return how many objects the other side has, wherever they are."""
        told = self.quietly("count-objects", "-v", where=self.server).splitlines()
        counts = {name: int(value) for name, value in (line.split(": ") for line in told) if value.isdecimal()}
        return counts["count"] + counts["in-pack"]


def programs(folder: Path) -> Path:
    """Make the two programs, as an installation does, and return their folder."""
    folder.mkdir()
    for name, module in (("tightlip", "tightlip.cli"), ("tightlip-hook", "tightlip.hooks")):
        path = folder / name
        path.write_text(_PROGRAM.format(python=sys.executable, source=str(SOURCE), module=module), "utf-8")
        path.chmod(0o755)
    return folder


def made(folder: Path, programs: Path, cache: Path, form: str = "sha1") -> World:
    """Make a world: one commit that is on both sides, all hooks where people work, and none on the server."""
    world = World(folder, programs, cache)
    folder.mkdir()
    for path, more in ((world.repo, ()), (world.server, ("--bare",))):
        command = ("git", "init", "-q", "--template=", "-b", "main", f"--object-format={form}", *more, path)
        assert world.run(*command, where=folder).code == 0
    world.put("a.py", CLEAN, "first")
    world.quietly("remote", "add", "origin", "../server.git")
    world.quietly("push", "-q", "-u", "origin", "main")
    world.quietly("config", "receive.advertisePushOptions", "true", where=world.server)
    world.tightlip("install")
    return world


def copied(template: World, folder: Path) -> World:
    """Return a copy of a world, for one test to change."""
    shutil.copytree(template.folder, folder, symlinks=True)
    return World(folder, template.programs, template.cache)


def _called(trace: Path) -> list[tuple[str, int]]:
    """Return the hooks that git tells it called."""
    started: dict[tuple[str, int], str] = {}
    ended = dict[tuple[str, int], int]()
    for line in trace.read_text("utf-8").splitlines() if trace.exists() else ():
        event = json.loads(line)
        at = (event["sid"], event.get("child_id", -1))
        if event["event"] == "child_start" and event["child_class"] == "hook":
            started[at] = event["hook_name"]
        elif event["event"] == "child_exit" and at in started:
            ended[at] = event["code"]
    return [(hook, ended.get(at, 0)) for at, hook in started.items()]
