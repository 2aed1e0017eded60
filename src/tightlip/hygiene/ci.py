"""CI files: a secret belongs into the platform's store, and never into the file or onto the log."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tightlip.hygiene import tree
from tightlip.hygiene.naming import is_leak
from tightlip.hygiene.problem import Problem
from tightlip.hygiene.tree import NotYaml, Scalar

GITHUB, GITLAB, CIRCLE, BITBUCKET, AZURE = "GitHub Actions", "GitLab CI", "CircleCI", "Bitbucket", "Azure Pipelines"
_FILES = (
    (re.compile(r"(?:^|.*/)\.github/workflows/[^/]+\.ya?ml"), GITHUB),
    (re.compile(r"(?:^|.*/)action\.ya?ml"), GITHUB),
    (re.compile(r"(?:^|.*/)\.gitlab-ci\.ya?ml|\.gitlab/.*\.ya?ml"), GITLAB),
    (re.compile(r"\.circleci/config\.ya?ml"), CIRCLE),
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
_NAMED = ("env", "environment", "with", "variables", "inputs", "parameters")
"""Below these, keys are names and their values are handed on."""
_RUN = ("run", "script", "before_script", "after_script", "command", "bash", "powershell", "pwsh", "inlineScript")
_SENSITIVE = r"\$\{?\w*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIAL)\w*\}?"
_ECHO = re.compile(
    rf"\b(?:echo|printf|Write-Host|Write-Output|print)\b[^\n|>;&]*?(?:\$\{{\{{\s*secrets\.\w+|{_SENSITIVE})"
    r"(?P<rest>[^\n]*)",
)
_ON_LOG = re.compile(r"(?:^|[;&\n]\s*)(?:printenv|env|set -x|set -o xtrace)\s*(?:$|[;&\n])", re.MULTILINE)
_MASKING = re.compile(r"::add-mask::|--password-stdin|>>?\s*\S|\||<<<")
"""What takes the text elsewhere than to the log."""
_HEAD = re.compile(r"github\.(?:event\.pull_request\.head|head_ref)|refs/pull/")
_FROM_STORE = re.compile(r"secrets\.\w+")
_TARGETS = ("pull_request_target", "workflow_run")
_ARTIFACT = re.compile(r"(?:^|[\s/])\.env(?:\.(?!example|sample|template)\w+)?(?:$|\s)")


def platform(path: str) -> str:
    """Return whose file this is, by its path; nothing for another file."""
    return next((name for form, name in _FILES if form.fullmatch(path)), "")


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield what is wrong with a CI file. Raises `NotYaml`."""
    whose = platform(path)
    for node in tree.documents(data):
        scalars = list(tree.walk(node))
        for it in scalars:
            yield from _literal(path, it, whose)
            yield from _printed(path, it)
        if whose == GITHUB:
            yield from _from_strangers(path, scalars)
            yield from _artifact(path, scalars)
        if whose in (AZURE, CIRCLE):
            yield from _pairs(path, scalars, whose)


def _literal(path: str, it: Scalar, whose: str) -> Iterator[Problem]:
    named = [key for key in it.path[:-1] if not key.isdigit()]
    if any(key in _NAMED for key in named) and is_leak(_name(it), it.value):
        yield Problem(f"{path}:{it.line}", f"{_name(it)} is written out: it belongs into {_STORES[whose]}")


def _name(it: Scalar) -> str:
    """Return the key of a value; of `{value: ..., description: ...}`, as GitLab has it, the key of both."""
    return it.path[-2] if it.path[-1] == "value" and len(it.path) > 1 else it.key


def _pairs(path: str, scalars: list[Scalar], whose: str) -> Iterator[Problem]:
    """Yield variables that are a list of `{name: ..., value: ...}`."""
    by_parent: dict[tuple[str, ...], dict[str, Scalar]] = {}
    for it in scalars:
        by_parent.setdefault(it.path[:-1], {})[it.path[-1] if it.path else ""] = it
    for parent, keys in by_parent.items():
        name, value = keys.get("name"), keys.get("value")
        if name and value and any(key in _NAMED for key in parent) and is_leak(name.value, value.value):
            yield Problem(f"{path}:{value.line}", f"{name.value} is written out: it belongs into {_STORES[whose]}")


def _printed(path: str, it: Scalar) -> Iterator[Problem]:
    if not any(key in _RUN for key in it.path):
        return
    is_block = "\n" in it.value  # it begins on the line after its mark
    for number, line in enumerate(it.value.split("\n")):
        where = f"{path}:{it.line + number + is_block}"
        found = _ECHO.search(line)
        if found and not _MASKING.search(line):
            yield Problem(
                where, "a secret is printed: the log may show it, in another form than the one that is masked"
            )
        elif _ON_LOG.search(line.strip()) and not _MASKING.search(line):
            yield Problem(where, "all variables, or all commands with their values, are printed onto the log")


def _from_strangers(path: str, scalars: list[Scalar]) -> Iterator[Problem]:
    """Yield a checkout of a stranger's code in a workflow that has this repository's secrets."""
    triggers = [it for it in scalars if it.path and it.path[0] in ("on", "true")]
    names = {word for it in triggers for word in (*it.path, it.value) if word in _TARGETS}
    if not names:
        return
    for it in scalars:
        if it.path and it.path[-1] in ("ref", "run", "repository") and _HEAD.search(it.value):
            secrets = any(_FROM_STORE.search(other.value) for other in scalars)
            what = "and has secrets" if secrets else "with a token that may write here"
            trigger = min(names)
            yield Problem(f"{path}:{it.line}", f"on {trigger}, a stranger's code is checked out and run, {what}")


def _artifact(path: str, scalars: list[Scalar]) -> Iterator[Problem]:
    uploads = {it.path[:-1] for it in scalars if it.path and it.path[-1] == "uses" and "upload-artifact" in it.value}
    for it in scalars:
        if it.path[-2:] == ("with", "path") and it.path[:-2] in uploads and _ARTIFACT.search(it.value):
            yield Problem(
                f"{path}:{it.line}", "a .env file is uploaded as an artifact, which every reader can download"
            )


__all__ = ["NotYaml", "look", "platform"]
