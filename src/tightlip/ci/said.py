"""What a platform says of the change that a job runs for, before anything of it is looked up in the repository.

Every text here may be a stranger's: the name of a fork's branch, an edited event. An id is checked for its form before
git sees it, a name is only compared with the names of refs, and neither is printed as it is.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Environ: TypeAlias = Mapping[str, str]

_ID = re.compile("[0-9a-f]{7,64}")
_NAME = re.compile(r"(?!.*(\.\.|@\{))[^\x00-\x20\x7f~^:?*\[\\]{1,255}")
"""What git takes for a name of a ref (`git check-ref-format`), and no longer than a file's name may be."""
HEADS, TAGS = "refs/heads/", "refs/tags/"


class Kind(Enum):
    """What a job runs for."""

    REQUEST = "request"
    """A branch that somebody wants to be merged."""
    PUSH = "push"
    """A branch that went on, or that is new."""
    TAG = "tag"
    WHOLE = "whole"
    """No change: a schedule, or a person who wants a run."""


class Id(NamedTuple):
    """A commit that a platform names."""

    oid: str
    """Checked for its form only. Seven digits or more: Bitbucket shortens some."""
    of: str
    """Where the platform says so: `pull_request.base.sha`, `CI_COMMIT_SHA`."""


class Said(NamedTuple):
    """What a platform says."""

    what: str
    """In words: `GitHub pull request 7`."""
    kind: Kind
    heads: tuple[Id, ...] = ()
    """The end of the change, what counts most first; nothing for what is checked out."""
    bases: tuple[Id, ...] = ()
    """What the change is compared with. Each counts that the clone has."""
    otherwise: tuple[Id, ...] = ()
    """The same, where the clone has neither one of those nor the target, or all of them have the change already."""
    target: str = ""
    """The branch that a request goes to."""
    branch: str = ""
    """The branch of the head."""
    default: str = ""
    """The default branch, where the platform says."""
    tag: str = ""
    kept: str = ""
    """The ref in which the platform keeps a request's commits for good, as `refs/pull/7/head`."""


class Platform(NamedTuple):
    """A CI platform."""

    name: str
    """As in `--platform`."""
    title: str
    sign: str
    """The variable by which a job knows that it runs there."""
    said: Callable[[Environ], Said]
    """Tells the change. Raises `UsageError` where the platform's own words make no sense."""
    deeper: str
    """How a clone there gets all of the history, as something to do."""
    fuller: str = "clone without --filter"
    """How a clone there gets all of the objects."""


def sensible(said: Said) -> Said:
    """Return the same without names that no branch or tag can have."""
    return said._replace(
        target=_name(said.target), branch=_name(said.branch), default=_name(said.default), tag=_name(said.tag)
    )


def _name(text: str) -> str:
    return text if _NAME.fullmatch(text) else ""


def ids(environ: Environ, *names: str) -> tuple[Id, ...]:
    """Return the commits that variables name; zeros and what cannot be an id are left out."""
    return tuple(found for name in names if (found := an_id(environ.get(name), name)))


def an_id(value: object, of: str) -> Id | None:
    """Return what may be the id of a commit; None for anything else, and for the zeros that stand for no commit."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return Id(text, of) if _ID.fullmatch(text) and text.strip("0") else None


def short(ref: str, start: str = HEADS) -> str:
    """Return the name of a branch, or of another kind of ref, without its beginning."""
    return ref.removeprefix(start)


def number(value: object) -> str:
    """Return the number of a request with a space before it; nothing for what is none."""
    text = str(value)
    return f" {text}" if text.isascii() and text.isdigit() and len(text) <= 18 else ""
