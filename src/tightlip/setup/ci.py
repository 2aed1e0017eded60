"""The CI file that calls `tightlip ci` for each change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from tightlip import __version__
from tightlip.setup.offer import Note, Offer, Wishes, create

GITHUB, GITLAB = "github", "gitlab"
_FILES = {GITHUB: ".github/workflows/tightlip.yml", GITLAB: ".gitlab-ci.yml"}
_SIGNS = ("tightlip ci", "tightlip/tightlip@", "tightlip-hook", "tightlip scan")
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
    if _is_called(wishes.top):
        return
    name = _FILES[platform]
    if os.path.lexists(os.path.join(wishes.top, name)):
        yield Note(f"{name} is there and does not call tightlip; add the job of docs/ci/{platform}.md")
        return
    content = _JOBS[platform].format(branch=_branch(wishes), version=__version__)
    yield Offer(
        f"Write {name}", f"wrote {name}", tuple(content.splitlines()), partial(_write, wishes.top, name, content)
    )


def _write(top: str, name: str, content: str) -> None:
    create(top, name, content.encode())


def _platform(wishes: Wishes) -> str:
    if os.path.isdir(os.path.join(wishes.top, ".github")):
        return GITHUB
    if os.path.isfile(os.path.join(wishes.top, ".gitlab-ci.yml")):
        return GITLAB
    address = wishes.git.run("config", "--get", "remote.origin.url", fine=(1,)).decode("utf-8", "replace")
    return next((name for name in (GITHUB, GITLAB) if name in address), "")


def _is_called(top: str) -> bool:
    """Whether a CI file calls tightlip already."""
    folder = os.path.join(top, ".github", "workflows")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    paths = [*(os.path.join(folder, name) for name in names), os.path.join(top, ".gitlab-ci.yml")]
    return any(sign in _text(path) for path in paths for sign in _SIGNS)


def _text(path: str) -> str:
    if os.path.islink(path) or not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(1 << 20)


def _branch(wishes: Wishes) -> str:
    """Return the default branch, as far as it is known, in quotation marks where YAML needs them."""
    asked = ("symbolic-ref", "--quiet", "--short")
    head = wishes.git.run(*asked, "refs/remotes/origin/HEAD", fine=(1, 128)) or wishes.git.run(
        *asked, "HEAD", fine=(1,)
    )
    name = head.decode("utf-8", "replace").strip().removeprefix("origin/") or "main"
    return name if name.replace("-", "").replace("/", "").isalnum() else "'" + name.replace("'", "''") + "'"
