"""A platform made with plain git: a repository with requests, clones as jobs have them, and environments of jobs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import NamedTuple

ZEROS = "0" * 40
SECRET = "".join(("gh", "p_", "16C7e42F292c69", "12E7710c838347", "Ae", "4H2", "Y7G"))
OTHER = SECRET[:-4] + "9xQz"


def git(where: Path, *args: str) -> str:
    quick = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
    done = subprocess.run(["git", *quick, "-C", str(where), *args], check=True, capture_output=True, timeout=60)
    return done.stdout.decode("utf-8", "replace").strip()


class Forge:
    """The platform's repository. Each branch that goes on is a new file."""

    def __init__(self, where: Path) -> None:
        self.where = where
        subprocess.run(["git", "init", "-q", "--template=", "-b", "main", str(where)], check=True)
        with (where / ".git" / "config").open("a", encoding="utf-8") as config:
            config.write("[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n")
        self.at: dict[str, str] = {}

    def copied(self, to: Path) -> Forge:
        """Return another platform with the same repository, in less time than it takes to make it."""
        shutil.copytree(self.where, to)
        other = copy(self)
        other.where, other.at = to, dict(self.at)
        return other

    def commit(self, branch: str, name: str, text: str | None, *, message: str = "a change", since: str = "") -> str:
        """Write a file (None: remove it) on a branch, which begins at `since` if it is new, and return the commit."""
        if branch in self.at:
            if (self.where / ".git" / "HEAD").read_text("utf-8") != f"ref: refs/heads/{branch}\n":
                git(self.where, "checkout", "-q", branch)
        elif self.at:
            git(self.where, "checkout", "-q", "-b", branch, since or "main")
        path = self.where / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        git(self.where, "add", "--all")
        git(self.where, "commit", "-q", "--allow-empty", "-m", message)
        self.at[branch] = (self.where / ".git" / "refs" / "heads" / branch).read_text("utf-8").strip()
        return self.at[branch]

    def merged(self, head: str, base: str) -> str:
        """Return the platform's merge of both, which no branch has."""
        git(self.where, "checkout", "-q", "--detach", base)
        git(self.where, "merge", "-q", "--no-ff", "-m", "merged by the platform", head)
        return git(self.where, "rev-parse", "HEAD")

    def request(self, number: int = 7, branch: str = "feature", base: str = "main") -> str:
        """Open a request as GitHub keeps it, refs/pull/N/head and refs/pull/N/merge; return the merge."""
        merge = self.merged(self.at[branch], self.at[base])
        git(self.where, "update-ref", f"refs/pull/{number}/head", self.at[branch])
        git(self.where, "update-ref", f"refs/pull/{number}/merge", merge)
        return merge

    def clone(self, to: Path, commit: str, *refspecs: str, depth: int = 0) -> Path:
        """Clone as a runner does: fetch some refs, or all branches and tags, and check out a commit."""
        subprocess.run(["git", "init", "-q", "--template=", "-b", "unborn", str(to)], check=True)
        with (to / ".git" / "config").open("a", encoding="utf-8") as config:
            config.write(
                f'[remote "origin"]\n\turl = {self.where.as_uri()}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
            )
        wanted = refspecs or ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        deep = [f"--depth={depth}", "--no-tags"] if depth else []
        git(to, "fetch", "-q", *deep, "origin", *wanted, *([] if depth else [commit]))
        git(to, "checkout", "-q", "--detach", commit)
        return to


class Ids(NamedTuple):
    """What the environment of a request is made of."""

    base: str
    head: str
    merge: str


def github(tmp: Path, name: str, event: dict[str, object], sha: str = "") -> dict[str, str]:
    """The environment of a job, with its event in a file."""
    file = tmp / "event.json"
    file.write_text(json.dumps(event), "utf-8")
    summary = tmp / "summary.md"
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_SHA": sha,
        "GITHUB_STEP_SUMMARY": str(summary),
    }


def pull_request(ids: Ids, *, branch: str = "feature", base: str = "main", number: int = 7) -> dict[str, object]:
    """The event of a pull request, with what of it counts and some of what does not."""
    return {
        "action": "synchronize",
        "number": number,
        "pull_request": {
            "number": number,
            "commits": 2,
            "head": {"ref": branch, "sha": ids.head, "repo": {"fork": True}},
            "base": {"ref": base, "sha": ids.base},
        },
        "repository": {"default_branch": "main"},
    }


def pushed(before: str, after: str, ref: str = "refs/heads/feature", *, forced: bool = False) -> dict[str, object]:
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "forced": forced,
        "created": before == ZEROS,
        "deleted": False,
        "repository": {"default_branch": "main"},
    }


class Done(NamedTuple):
    code: int
    out: str
    err: str


Job = Callable[..., Done]
"""Runs `tightlip ci` in a clone, with the environment of a job and further arguments."""
