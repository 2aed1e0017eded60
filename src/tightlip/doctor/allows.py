"""What is allowed to stay: comments and entries that allow nothing any more, and those that allow what is dangerous."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tightlip.allow.allowed import CONFIGURED, FINGERPRINT, PATH
from tightlip.doctor.told import MEND, NOTE, OK, Told
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.allow.allowed import Allowed
    from tightlip.config.settings import Allow
    from tightlip.doctor.here import Here

_PACKAGE = "package:"
_WHAT = {
    PATH: ("a path in .tightlipignore that is no tracked file's", "take out the line"),
    FINGERPRINT: ("a fingerprint in .tightlipignore that no finding has", "take out the line"),
    CONFIGURED: ("an `allow` entry of the configuration that allows nothing", "take out the entry"),
}
_LOOK_BACK = "tightlip doctor --history"


def look(here: Here) -> Iterator[Told]:
    """Tell which comments and entries are of no use, and which cover something critical."""
    if here.git is None or here.top is None:
        return
    files, before = here.files, list[Told]()
    before += _comments(here)
    before += _covers(here)
    before += _entries(here)
    before += _unscanned(here)
    yield from before
    if not any(told.state == MEND for told in before):
        yield Told(OK, "nothing is allowed in vain", f"{count(files.kept.scanned['blobs'], 'file')} scanned")


def _comments(here: Here) -> Iterator[Told]:
    for path, pragma in here.files.unused:
        at = f"{path}:{pragma.line}"
        if pragma.is_own:
            yield Told(MEND, "a comment that allows nothing", at, "take the comment out")
        else:
            what = "another scanner's comment that allows nothing here"
            yield Told(NOTE, what, f"{at} ({pragma.text})", "take the comment out, unless that scanner still needs it")


def _covers(here: Here) -> Iterator[Told]:
    for allowed, rule, at in here.files.covers:
        reason = here.hide_prose(allowed.reason)
        said = f", because: {reason}" if reason else ", and no reason is given"
        evidence = f"{_at(here, allowed)} allows {rule} in {at}{said}"
        how = "if it is real, rotate it and take this out; tightlip scan --no-allow shows it"
        yield Told(NOTE, "a critical secret that is surely one is allowed", evidence, how)


def _entries(here: Here) -> Iterator[Told]:
    """Tell the entries that were of no use, of those that are about this repository alone."""
    here.allows.count_paths(_tracked(here))
    history = here.history
    if history is not None and _unused(here, PATH):
        from tightlip.doctor.history import paths

        here.allows.count_paths(paths(here))
    is_whole = here.files.kept.complete and (history is None or history.is_whole)
    unused = _unused(here)
    elsewhere = _untracked_only(here, unused)
    for allowed in unused:
        what, how = _WHAT[allowed.kind]
        evidence = _at(here, allowed)
        if allowed.where in elsewhere:
            yield Told(NOTE, "an entry about paths that only files have which git does not track", evidence)
        elif not is_whole:
            yield Told(NOTE, f"{what}, but not everything could be scanned", evidence)
        elif history is None and _is_about_commits(here, allowed):
            yield Told(NOTE, "an `allow` entry about commits: not looked for", evidence, _LOOK_BACK)
        elif history is None:
            yield Told(MEND, what, evidence, f"{how}; if the history is scanned, too, first ask {_LOOK_BACK}")
        else:
            yield Told(MEND, what, evidence, how)


def _unscanned(here: Here) -> Iterator[Told]:
    """Tell what could not be scanned."""
    for report in here.reports:
        for what, why in report.unscanned:
            yield Told(NOTE, "this could not be scanned, so that no entry is called stale", f"{what}: {why}")


def _tracked(here: Here) -> list[bytes]:
    """Return the tracked paths; one of a submodule's, for a pattern may be about the folder."""
    return [path + b"/any" * is_folder for path, is_folder in here.tracked]


def _unused(here: Here, kind: str = "") -> list[Allowed]:
    own = _own(here)
    every = (it for it in here.allows.unused() if it.kind != CONFIGURED or it.where in own)
    return [it for it in every if kind in ("", it.kind)]


def _own(here: Here) -> dict[str, Allow]:
    """Return the repository's own entries by their names: a user's or a package's are for other repositories, too."""
    every = here.policy.config.allow
    return {
        str(allow.origin): allow
        for allow in every
        if not os.path.isabs(allow.origin.file) and not allow.origin.file.startswith(_PACKAGE)
    }


def _untracked_only(here: Here, unused: Sequence[Allowed]) -> set[str]:
    """Return the names of those that are about files which git does not track, and `tightlip scan` scans."""
    if not unused or here.git is None:
        return set()
    here.allows.count_paths(here.git.run("ls-files", "-z", "--others", "--full-name", ":/").split(b"\0")[:-1])
    return {it.where for it in unused} & here.allows.used.keys()


def _is_about_commits(here: Here, allowed: Allowed) -> bool:
    allow = _own(here).get(allowed.where)
    return allow is not None and bool(allow.commits)


def _at(here: Here, allowed: Allowed) -> str:
    """Return where an entry stands, with its line."""
    allow = next((it for it in here.policy.config.allow if str(it.origin) == allowed.where), None)
    return f"{allow.origin.file}:{allow.origin.line} ({allow.origin.key})" if allow else allowed.where
