"""The CI file that calls `tightlip ci` for each change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial

from tightlip import __version__
from tightlip.hygiene import content
from tightlip.setup.offer import Note, Offer, Wishes, create

GITHUB, GITLAB = "github", "gitlab"
_FILES = {GITHUB: ".github/workflows/tightlip.yml", GITLAB: ".gitlab-ci.yml"}
_USUAL = ("main", "master")
_SIGNS = ("tightlip ci", "tightlip/tightlip@", "tightlip-hook", "tightlip scan")
_HOST = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?([^/:\s]+)[:/]", re.IGNORECASE)
_PLAIN = re.compile(r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z_][\w./-]*", re.ASCII | re.IGNORECASE)
_MEANS = re.compile(r"[]+!]")
"""What means something in a filter of branches, as far as a branch's name may have it."""
_JOBS = {
    GITHUB: """\
name: Secrets
on:
  push:
    branches: [{branch}]
  pull_request:
  merge_group:
permissions:
  contents: read
jobs:
  secrets:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          fetch-depth: 0 # the history: without it nobody can say what is new
          persist-credentials: false
      - uses: tightlip/tightlip@v{version}
""",
    GITLAB: """\
tightlip:
  stage: test
  image: python:3.13
  variables:
    GIT_DEPTH: "0" # the history: without it nobody can say what is new
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_PIPELINE_SOURCE == "schedule" # the whole history
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS
      when: never # the merge request's pipeline does it
    - if: $CI_COMMIT_BRANCH && $CI_PIPELINE_SOURCE == "push"
  script:
    - pip install --quiet git+https://github.com/tightlip/tightlip@v{version}
    - tightlip ci
""",
}


def offers(wishes: Wishes) -> Iterator[Offer | Note]:
    """Yield what writes the file of the platform that the repository is on. Raises `GitError`."""
    platform = wishes.platform or _platform(wishes)
    if not platform:
        yield Note("no CI file: it is not known where this repository is; name it: --ci github, or --ci gitlab")
        return
    if _is_called(wishes.top, platform):
        return
    name = _FILES[platform]
    if os.path.lexists(os.path.join(wishes.top, name)):
        yield Note(f"{name} is there and does not call tightlip; add the job of docs/ci/{platform}.md")
        return
    text = _JOBS[platform].format(branch=_branch(wishes), version=__version__)
    yield Offer(
        f"Write {name}", f"wrote {name}", tuple(text.splitlines()), partial(create, wishes.top, name, text.encode())
    )


def _platform(wishes: Wishes) -> str:
    if os.path.isdir(os.path.join(wishes.top, ".github")):
        return GITHUB
    if os.path.isfile(os.path.join(wishes.top, ".gitlab-ci.yml")):
        return GITLAB
    address = wishes.git.run("config", "--get", "remote.origin.url", fine=(1,)).decode("utf-8", "replace")
    host = found[1].lower() if (found := _HOST.match(address)) else ""
    return next((name for name in (GITHUB, GITLAB) if name in host), "")


def _is_called(top: str, platform: str) -> bool:
    """Whether a CI file of a platform calls tightlip already."""
    paths = [_FILES[GITLAB]]
    if platform == GITHUB:
        folder = os.path.dirname(_FILES[GITHUB])
        names = os.listdir(os.path.join(top, folder)) if os.path.isdir(os.path.join(top, folder)) else []
        paths = [f"{folder}/{name}" for name in names]
    return any(sign.encode() in _read(top, path) for path in paths for sign in _SIGNS)


def _read(top: str, path: str) -> bytes:
    try:
        return content.read(top, path)
    except content.Unread:
        return b""


def _branch(wishes: Wishes) -> str:
    """Return the default branch, as far as it is known, in quotation marks where YAML needs them."""
    name = (
        _named(wishes, "refs/remotes/origin/HEAD").removeprefix("origin/") or _usual(wishes) or _named(wishes, "HEAD")
    )
    name = _MEANS.sub(r"\\\g<0>", name or _USUAL[0])
    return name if _PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"


def _named(wishes: Wishes, ref: str) -> str:
    """Return the branch that a symbolic ref names; nothing where it names none."""
    output = wishes.git.run("symbolic-ref", "--quiet", "--short", ref, fine=(1, 128))
    return output.decode("utf-8", "replace").strip()


def _usual(wishes: Wishes) -> str:
    """Return a branch with a usual name that is there."""
    refs = [f"refs/{kind}/{name}" for name in _USUAL for kind in ("heads", "remotes/origin")]
    there = wishes.git.run("for-each-ref", "--format=%(refname)", *refs).decode().split()
    return next((name for name in _USUAL if any(ref.endswith(f"/{name}") for ref in there)), "")
