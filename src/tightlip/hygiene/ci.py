"""CI files: a secret belongs into the platform's store, and never into the file or onto the log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tightlip.hygiene import printed, strangers, tree
from tightlip.hygiene.naming import is_leak
from tightlip.hygiene.problem import Problem
from tightlip.hygiene.tree import NotYaml, Scalar

GITHUB, GITLAB, CIRCLE, BITBUCKET, AZURE = "GitHub Actions", "GitLab CI", "CircleCI", "Bitbucket", "Azure Pipelines"
_FILES = (
    (re.compile(r"(?:^|.*/)\.github/workflows/[^/]+\.ya?ml"), GITHUB),
    (re.compile(r"(?:^|.*/)action\.ya?ml"), GITHUB),
    (re.compile(r"(?:^|.*/)[^/]*\.gitlab-ci\.ya?ml|\.gitlab/.*\.ya?ml"), GITLAB),
    (re.compile(r"\.circleci/.*\.ya?ml"), CIRCLE),
    (re.compile(r"bitbucket-pipelines\.ya?ml"), BITBUCKET),
    (re.compile(r"(?:^|.*/)azure-pipelines[^/]*\.ya?ml|\.azure-pipelines/.*\.ya?ml"), AZURE),
)
_STORES = {
    GITHUB: "${{ secrets.NAME }}",
    GITLAB: "a masked variable of Settings > CI/CD",
    CIRCLE: "a context, or an environment variable of the project",
    BITBUCKET: "a secured repository variable",
    AZURE: "a secret variable, or a variable group from Key Vault",
}
_NAMED = ("env", "environment", "with", "variables", "inputs", "parameters", "secrets", "credentials")
"""Below these, keys are names and their values are handed on."""
_VALUES = ("value", "default")
"""Keys of `{value: ..., description: ...}`, which is named by the key above."""
_FROM_STORE = re.compile(r"secrets\.(?!GITHUB_TOKEN\b)\w+|^inherit$", re.MULTILINE)
_ARTIFACT = re.compile(r"(?:^|[\s/])\.env(?:\.(?!example|sample|template)\w+)?(?:$|\s)")
_UPLOADED = "a .env file is uploaded as an artifact, which every reader can download"
_INCLUDED = ("include", "local")


def platform(path: str) -> str:
    """Return whose file this is, by its path; nothing for another file."""
    return next((name for form, name in _FILES if form.fullmatch(path)), "")


def includes(data: bytes) -> list[str]:
    """Return what a file of GitLab includes of its repository: paths, with `*` and `**`. Raises `NotYaml`."""
    scalars = [it for node in tree.documents(data) for it in tree.walk(node)]
    named = (it.value for it in scalars if "include" in it.path and it.key in _INCLUDED)
    return [it.lstrip("/") for it in named if "://" not in it and "$" not in it]


def look(path: str, data: bytes, whose: str = "") -> Iterator[Problem]:
    """Yield what is wrong with a CI file. Raises `NotYaml`.

    Parameters: `whose`, the platform, where the path does not tell.
    """
    whose = whose or platform(path)
    for node in tree.documents(data):
        scalars = list(tree.walk(node))
        has_secrets = whose != GITHUB or any(_FROM_STORE.search(it.value) for it in scalars)
        for it in scalars:
            yield from _literal(path, it, whose)
            yield from printed.look(path, it, has_secrets=has_secrets)
        if whose == GITHUB:
            yield from strangers.look(path, scalars)
        if whose in (AZURE, CIRCLE):
            yield from _pairs(path, scalars, whose)
        yield from _artifact(path, scalars, whose)


def _literal(path: str, it: Scalar, whose: str) -> Iterator[Problem]:
    named = [key for key in it.path[:-1] if not key.isdigit()]
    if any(key in _NAMED for key in named) and is_leak(_name(it), it.value):
        yield Problem(f"{path}:{it.line}", f"{_name(it)} is written out: it belongs into {_STORES[whose]}")


def _name(it: Scalar) -> str:
    return it.path[-2] if it.path[-1] in _VALUES and len(it.path) > 1 else it.key


def _pairs(path: str, scalars: Sequence[Scalar], whose: str) -> Iterator[Problem]:
    """Yield variables that are a list of `{name: ..., value: ...}`."""
    for name, value in tree.pairs(scalars):
        if any(key in _NAMED for key in name.path) and is_leak(name.value, value.value):
            yield Problem(f"{path}:{value.line}", f"{name.value} is written out: it belongs into {_STORES[whose]}")


def _artifact(path: str, scalars: Sequence[Scalar], whose: str) -> Iterator[Problem]:
    uploads = {it.path[:-1] for it in scalars if it.path[-1:] == ("uses",) and "upload-artifact" in it.value}
    for it in scalars:
        is_github = whose == GITHUB and it.path[-2:] == ("with", "path") and it.path[:-2] in uploads
        is_gitlab = whose == GITLAB and it.path[-3:-1] == ("artifacts", "paths")
        if (is_github or is_gitlab) and _ARTIFACT.search(it.value):
            yield Problem(f"{path}:{it.line}", _UPLOADED)


__all__ = ["NotYaml", "includes", "look", "platform"]
