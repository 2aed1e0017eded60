"""The hooks: whether one stops a commit that adds a secret, whether it would run, and what no hook here sees."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tightlip import policy
from tightlip.config.complaint import ConfigError
from tightlip.config.repository import reader, within
from tightlip.doctor import managers
from tightlip.doctor.told import MEND, NOTE, OK, Told
from tightlip.git import hookfolder, version
from tightlip.git.hookfolder import HUSKY, LEFTHOOK, LEFTHOOK_ENTRY, OTHER, OWN, PRE_COMMIT, PRE_COMMIT_ENTRY, PREK
from tightlip.git.repo import commits_at

if TYPE_CHECKING:
    from tightlip.doctor.here import Here
    from tightlip.doctor.managers import Configured
    from tightlip.git.hookfolder import Call, Folder, Hook
    from tightlip.git.plumbing import Git

_COMMIT, _MERGE, _PREPARED, _MESSAGE, _PUSH = hookfolder.EVENTS
_UNSEEN = {
    _MESSAGE: "commit messages",
    _PREPARED: "messages that a merge or squash takes over",
    _PUSH: "what is pushed",
}
"""What nothing looks at where such a hook is missing."""
_COMMAND = "command"
_NODE = ("node_modules/.bin/lefthook", "node_modules/lefthook/bin/index.js")
"""Where lefthook's hook finds it too, from the top."""
_RECORDED = re.compile(r"^(?:program|python)=(.+)$", re.MULTILINE)
"""What a hook of tightlip's own tries first."""


class _Runs(NamedTuple):
    """What of tightlip a hook runs."""

    hook: Hook
    calls: list[Call]
    through: str
    """The file that says so, where it is not the hook itself."""


def look(here: Here) -> Iterator[Told]:
    """Tell what is installed, whether it would run, and what it would not see."""
    if here.git is None:
        return
    if here.top is None:
        yield from _server(here.git, hookfolder.folder(here.git, None))
        return
    folder = hookfolder.folder(here.git, here.top)
    yield from _folder(folder, here.top)
    there = [_runs(hook, here.top) for hook in hookfolder.hooks(folder.path).values()]
    covered = set(hookfolder.configured(here.git, version.number(version.said(here.git))))
    for event in sorted(covered):
        yield Told(OK, f"git's configuration has a {event} hook that calls tightlip", "git config --get-regexp ^hook")
    for runs in there:
        if runs.calls:
            covered.add(runs.hook.event)
            yield from _told(runs, here.top)
    if _COMMIT not in covered and folder.scope and not os.path.isdir(folder.path):
        return  # it is told already that none runs
    if _COMMIT not in covered:
        yield _uncovered(here.top, folder, next((it.hook for it in there if it.hook.event == _COMMIT), None))
    else:
        yield from _merges(here.top, folder, there, covered)
        yield from _unseen(covered)


def _server(git: Git, folder: Folder) -> Iterator[Told]:
    """Tell whether something looks at what is pushed to a repository without a working tree."""
    runs = [_runs(hook, folder.path) for hook in hookfolder.hooks(folder.path, hookfolder.RECEIVING).values()]
    covered = [it for it in runs if it.calls]
    for it in covered:
        yield from _told(it, folder.path)
    if not covered:
        evidence = f"no {' or '.join(hookfolder.RECEIVING)} hook in {folder.path} calls tightlip"
        how = f"tightlip install --server {shlex.quote(os.path.dirname(folder.own))}"
        yield Told(NOTE, "nothing looks at what is pushed to this repository", evidence, how)
    elif (problem := _unread(git)) and not any("--config" in it.hook.text for it in covered):
        how = "give the hook --config FILE until its correction is pushed"
        yield Told(MEND, "nothing can be pushed: the default branch's configuration cannot be read", problem, how)


def _unread(git: Git) -> str:
    """Return why what the default branch says cannot be read; nothing where it can."""
    commit = commits_at(git, ["HEAD"])[0]
    try:
        policy.Policy(policy.Place(git, None, reader(git, commit) if commit else None))
    except ConfigError as error:
        return str(error)
    return ""


def _folder(folder: Folder, top: str) -> Iterator[Told]:
    """Tell where git looks for hooks, and whether there are others where it does not."""
    if not folder.scope:
        yield Told(OK, "git looks for hooks in the repository's own folder", folder.path)
        return
    unset = f"git config --{folder.scope} --unset core.hooksPath"
    if folder.scope == _COMMAND:
        unset = "take core.hooksPath out of the environment: GIT_CONFIG_COUNT, GIT_CONFIG_PARAMETERS"
    evidence = folder.why
    if not os.path.isdir(folder.path):
        how = "npx husky" if managers.HUSKY_FOLDER in folder.path.split(os.sep) else unset
        yield Told(MEND, "git looks for hooks where there is no folder, so none runs", evidence, how)
    else:
        yield Told(OK, "git looks for hooks where core.hooksPath says", evidence)
    looked_at = hookfolder.hooks(folder.path)
    for hook in hookfolder.hooks(folder.own).values():
        in_place = looked_at.get(hook.event)
        hands_on = in_place is not None and in_place.made_by == OWN
        if folder.own != folder.path and not hands_on and _runs(hook, top).calls:
            what = "a hook that calls tightlip is where git does not look"
            yield Told(MEND, what, f"{hook.path}; {evidence}", f"{unset}, or move the hook there")


def _runs(hook: Hook, top: str) -> _Runs:
    if hook.made_by == OWN and (named := [word for it in _RECORDED.findall(hook.text) for word in _words(it)]):
        named.append("tightlip-hook")
        found_first = (it for it in named if hookfolder.is_there(it, top) and not _lost(it, top))
        return _Runs(hook, [hookfolder.Call(next(found_first, named[0]))], "")
    if hook.made_by in (OWN, OTHER) and (found := hookfolder.calls(hook.text)):
        return _Runs(hook, found, "")
    for path in hookfolder.beside(hook):
        runs_it = hook.made_by == HUSKY or os.access(path, os.X_OK)
        if runs_it and (found := hookfolder.calls(hookfolder.read(path) or "")):
            return _Runs(hook, found, path)
    configured = _configured(hook, top)
    calls = configured.events.get(hook.event, []) if configured else []
    return _Runs(hook, calls, configured.file if configured else "")


def _configured(hook: Hook, top: str) -> Configured | None:
    """Return what the file says that a framework's hook goes by."""
    if hook.made_by in (PRE_COMMIT, PREK):
        return managers.pre_commit(top, hook.file)
    return managers.lefthook(top) if hook.made_by == LEFTHOOK else None


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # somebody has written in it
        return []


def _told(runs: _Runs, top: str) -> Iterator[Told]:
    """Tell whether a hook that calls tightlip would run, and find it."""
    hook = runs.hook
    problems = list(_problems(runs, top))
    yield from problems
    if not problems:
        through = f", through {hook.made_by}" if hook.made_by not in (OWN, OTHER) else ""
        evidence = f"{hook.path}{f' and {runs.through}' if runs.through else ''}"
        yield Told(OK, f"the {hook.event} hook calls tightlip{through}", evidence)


def _problems(runs: _Runs, top: str) -> Iterator[Told]:
    hook = runs.hook
    if not hook.is_executable:
        yield Told(
            MEND, "a hook is not executable, so git passes over it", hook.path, f"chmod +x {shlex.quote(hook.path)}"
        )
    if hook.interpreter and not hookfolder.is_there(hook.interpreter, top):
        evidence = f"{hook.path} begins with #!{hook.interpreter}"
        how = "name one in its first line that is there" if hook.made_by == OTHER else _again(hook, top)
        yield Told(MEND, "a hook's interpreter is gone", evidence, how)
    if hook.runners and not any(hookfolder.is_there(it, top) for it in (*hook.runners, *_more(hook))):
        what = f"a hook does not find {hook.made_by}, which it is to run"
        yield Told(
            MEND, what, f"{hook.path}: {' or '.join(hook.runners)}", f"install {hook.made_by}, then {_again(hook, top)}"
        )
    for program in dict.fromkeys(call.program for call in runs.calls):
        if not hookfolder.is_there(program, top):
            how = "pipx install tightlip, or put its folder on the PATH that hooks have"
            yield Told(MEND, "a hook calls a program that is not there", f"{runs.through or hook.path}: {program}", how)
        elif lost := _lost(program, top):
            what = "a hook calls a program whose Python is gone"
            yield Told(MEND, what, f"{runs.through or hook.path}: {lost}", "install tightlip anew")


def _lost(program: str, top: str) -> str:
    """Return where a program is and what it is to be run by, where that is gone: a Python that was replaced."""
    path = hookfolder.path_of(program, top) if program else None
    by = hookfolder.interpreter(hookfolder.read(path) or "") if path else ""
    return "" if hookfolder.is_there(by, top) else f"{path} begins with #!{by}"


def _more(hook: Hook) -> tuple[str, ...]:
    return _NODE if hook.made_by == LEFTHOOK else ()


def _again(hook: Hook, top: str) -> str:
    """Return the command that writes a hook anew."""
    return _install(hook.made_by, [hook.event], top)


def _install(made_by: str, events: list[str], top: str) -> str:
    if made_by in (PRE_COMMIT, PREK):
        return " ".join([f"{made_by} install", *(f"--hook-type {event}" for event in events)])
    if made_by == LEFTHOOK:
        return "lefthook install"
    if made_by == HUSKY:
        return "npx husky"
    return "tightlip install" if within(os.curdir, top) else f"tightlip install {shlex.quote(top)}"


def _uncovered(top: str, folder: Folder, hook: Hook | None) -> Told:
    """Tell that nothing looks at what is committed, and how that is mended with what there is."""
    what = "no hook stops a commit that adds a secret"
    path = os.path.join(folder.path, _COMMIT)
    if hook is not None:
        made = "" if hook.made_by == OTHER else f" (made by {hook.made_by})"
        configured = _configured(hook, top)
        problem = f", and {configured.file} cannot be read" if configured and configured.problem else ""
        evidence = f"{hook.path}{made} does not call tightlip{problem}"
        return Told(MEND, what, evidence, _add(hook.made_by, configured.file if configured else "", hook.path))
    by = {PRE_COMMIT: managers.pre_commit(top), LEFTHOOK: managers.lefthook(top), HUSKY: managers.husky(top)}
    for made_by, configured in by.items():
        if configured:
            install = _install(made_by, [_COMMIT, _MERGE], top)
            if _COMMIT in configured.events:
                evidence = f"{configured.file} has tightlip, and {made_by} is not installed: there is no {path}"
                return Told(MEND, what, evidence, install)
            evidence = f"{configured.file} does not have tightlip, and there is no {path}"
            return Told(MEND, what, evidence, f"{_add(made_by, configured.file, path)}; then {install}")
    return Told(MEND, what, f"there is no {path}", _install(OWN, [_COMMIT], top))


def _add(made_by: str, file: str, path: str) -> str:
    """Return how tightlip gets into what a hook runs."""
    if made_by in (PRE_COMMIT, PREK):
        return f"add to `repos` in {file or managers.PRE_COMMIT_FILES[0]}: {PRE_COMMIT_ENTRY}"
    if made_by == LEFTHOOK:
        return f"add to {file or managers.LEFTHOOK_FILES[0]}: {LEFTHOOK_ENTRY}"
    if made_by == HUSKY:
        return "echo 'tightlip-hook pre-commit' >> .husky/pre-commit"
    return f"add a line to {path}: tightlip-hook pre-commit || exit"


def _merges(top: str, folder: Folder, there: list[_Runs], covered: set[str]) -> Iterator[Told]:
    """Tell what a framework is asked for and not installed for, and whether merges are looked at."""
    commit = next((it.hook for it in there if it.hook.event == _COMMIT), None)
    made_by = commit.made_by if commit else OWN
    configured = _configured(commit, top) if commit else None
    present = {it.hook.event for it in there}
    missing = [event for event in hookfolder.EVENTS if configured and event in configured.asked - present]
    if configured and missing:
        what = f"{made_by} is to run tightlip in hooks that are not installed"
        evidence = f"{configured.file}: {', '.join(missing)}; there is none in {folder.path}"
        yield Told(MEND, what, evidence, _install(made_by, missing, top))
    if _MERGE not in covered and _MERGE not in missing:
        how = (
            f"add {_MERGE} to what {made_by} runs" if made_by in (LEFTHOOK, HUSKY) else _install(made_by, [_MERGE], top)
        )
        evidence = f"no {_MERGE} hook calls tightlip; git does not call pre-commit then"
        yield Told(NOTE, "a merge that git commits by itself is not looked at", evidence, how)


def _unseen(covered: set[str]) -> Iterator[Told]:
    missed = [words for event, words in _UNSEEN.items() if event not in covered]
    skipped = (
        "what git push --no-verify lets through" if _PUSH in covered else "what git commit --no-verify lets through"
    )
    yield Told(NOTE, "hooks do not see everything", ", ".join([*missed, skipped]), "in CI: tightlip ci")
