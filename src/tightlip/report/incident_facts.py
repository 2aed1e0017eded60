"""What an incident report says, line by line, for the text and the Markdown to put into their form."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tightlip.model import MEDIUM
from tightlip.report.block import place, short
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.finding import Occurrence
    from tightlip.incident import Author, Commit, Held, Incident
    from tightlip.report.redact import Redactor


class Name(str):
    """A text of unknown origin in what is tightlip's own: a path, a ref, a person, a subject."""

    __slots__ = ()


Paragraph = tuple[str, ...]
"""Pieces of text; those that are a `Name` may hold anything."""


class Fact(NamedTuple):
    """A label, and what there is to say."""

    label: str
    paragraphs: list[Paragraph]


class Step(NamedTuple):
    """Something to do."""

    what: Paragraph
    commands: tuple[str, ...] = ()
    is_done: bool = False


class Facts:
    """The facts and steps of one incident."""

    def __init__(self, incident: Incident, hide: Redactor, most: int) -> None:
        """Parameters: `most`, how many things of a kind are named."""
        self._incident, self._hide, self._most = incident, hide, most

    def all(self) -> Iterator[Fact]:
        """Yield what the history says."""
        yield from self._past()
        yield Fact("places", self._places())
        yield Fact("reached by", self._reached())
        yield Fact("pushed", self._pushed())
        yield from self._now()
        yield Fact("encoded", self._encoded())
        yield Fact("same value", self._same())
        if self._incident.inside:
            text = "some places are in submodules; run this there for what reaches the value and has it"
            yield Fact("submodules", [(text,)])

    def _past(self) -> Iterator[Fact]:
        known = self._incident
        if not known.first:
            yield Fact("first", [("no commit and no annotated tag brought it in",)])
        else:
            yield Fact("first", self.commit(known.first))
        if known.last:
            how = "the last before it was taken out" if known.taken_out else ""
            how = "which still has it" if known.still_there else how
            is_first = known.first is not None and known.last.id == known.first.id
            same: list[Paragraph] = [(f"the same{', ' if how else ''}{how}",)]
            yield Fact("last", same if is_first else self.commit(known.last, how))
        if known.taken_out:
            yield Fact("taken out", self.commit(known.taken_out))
        yield Fact("exposed", self._exposed())
        yield Fact("authors", [self._listed([self._author(author) for author in known.authors]) or ("unknown",)])

    def commit(self, commit: Commit, how: str = "") -> list[Paragraph]:
        """Return a commit, when and whose it is, and its subject."""
        who = _who(commit.author, commit.email)
        what = "tag " if commit.kind == "tag" else ""
        by: Paragraph = (" by ", Name(self._hide.prose(who))) if who else ()
        on = f" on {commit.date[:10]}" if commit.date else ""
        line = (f"{what}{short(commit.id)}{on}", *by, *([f", {how}"] if how else []))
        return [line, *([('"', Name(self._hide.prose(commit.subject)), '"')] if commit.subject else [])]

    def _author(self, author: Author) -> Paragraph:
        times = f" ({author.commits:,} commits)" if author.commits > 1 else ""
        return (Name(self._hide.prose(_who(author.name, author.email) or "no name")), times)

    def _exposed(self) -> list[Paragraph]:
        known = self._incident
        start = known.first.date if known.first else ""
        if not start:
            return [("since when is not known: nothing that has a date brought it in",)]
        if known.still_there:
            return [(f"since {start[:10]}, {_days(start, known.made)} to this day, and still there",)]
        lines: list[Paragraph] = []
        if known.taken_out:
            end = known.taken_out.date
            lines.append((f"in the files from {start[:10]} until {end[:10]}, {_days(start, end)}",))
        return [*lines, (f"in the history since {start[:10]}, {_days(start, known.made)} to this day",)]

    def _places(self) -> list[Paragraph]:
        where: dict[str, dict[str, None]] = {}
        for it in self._incident.places:
            where.setdefault(self._place(it), {})[it.commit or ""] = None
        if not where:
            return [("none in the history",)]
        lines: list[Paragraph] = [
            (Name(text), self._by(list(filter(None, commits)))) for text, commits in list(where.items())[: self._most]
        ]
        return lines + self._more(len(where), "place")

    def _place(self, it: Occurrence) -> str:
        return place(it, self._hide)

    def _by(self, commits: Sequence[str]) -> str:
        more = f" and {len(commits) - self._most:,} more" if len(commits) > self._most else ""
        return f", in {', '.join(map(short, commits[: self._most]))}{more}" if commits else ""

    def _more(self, number: int, noun: str) -> list[Paragraph]:
        left = number - self._most
        return [(f"and {count(left, f'more {noun}')} (-v, or --report json)",)] if left > 0 else []

    def _reached(self) -> list[Paragraph]:
        tracking = set(self._incident.pushed.by)
        kinds = {"branches": "refs/heads/", "tags": "refs/tags/", "notes": "refs/notes/"}
        left = [name for name in self._incident.reached_by if name not in tracking]
        lines = [self._refs("remote-tracking branches", sorted(tracking))]
        for kind, start in kinds.items():
            lines.append(self._refs(kind, [name for name in left if name.startswith(start)]))
            left = [name for name in left if not name.startswith(start)]
        lines.append(self._refs("other refs", left))
        kept = " (a stash has it)" if self._incident.stashed else "; git has it still, until it cleans up"
        return [line for line in lines if line] or [(f"no branch, no tag and no other ref{kept}",)]

    def _refs(self, kind: str, names: Sequence[str]) -> Paragraph:
        listed = self._listed([(self._ref(name),) for name in names])
        return (f"{kind}: ", *listed) if names else ()

    def _ref(self, name: str) -> Name:
        starts = ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/notes/")
        return Name(self._hide.name(next((name.removeprefix(it) for it in starts if name.startswith(it)), name)))

    def _pushed(self) -> list[Paragraph]:
        pushed, lines = self._incident.pushed, list[Paragraph]()
        public = "what was pushed counts as public to all who can read there"
        if pushed.by:
            lines.append(
                (
                    "yes: ",
                    *self._listed([(self._ref(it),) for it in pushed.by]),
                    f" {'reach' if len(pushed.by) > 1 else 'reaches'} it; {public}",
                )
            )
        if pushed.formerly:
            names = self._listed([(self._ref(it),) for it in pushed.formerly])
            lines.append(("yes: ", *names, f" had it once, as the reflog says; {public}"))
        if pushed.is_bare:
            lines.append(("this is a bare repository: all who can read it can have the value",))
        if not pushed.remotes:
            lines.append(("no remote is configured here",))
        elif not lines:
            names = self._listed([(Name(self._hide.name(it)),) for it in pushed.remotes])
            lines.append(("no remote-tracking branch reaches it; remotes: ", *names))
        if not pushed.is_known:
            lines.append(("nothing here can show that it was not pushed elsewhere, or copied",))
        return lines

    def _now(self) -> Iterator[Fact]:
        """Yield what has it at this moment."""
        known = self._incident
        paths = self._paths(known.held_by("head"))
        if known.in_head or paths:
            yield Fact("HEAD", [("still has it: ", *paths) if paths else ("its history has it",)])
        else:
            yield Fact("HEAD", [("cannot be read" if known.in_head is None else "does not have it",)])
        refs = known.held_by("branch", "remote", "tag", "ref")
        yield Fact("still in", [self._listed([(self._ref(it.name),) for it in refs]) or ("no branch and no tag",)])
        for label, where in (("index", "index"), ("working tree", "files")):
            own = self._paths([it for it in known.held_by(where) if not it.name])
            without = "there is none" if known.pushed.is_bare else "does not have it"
            yield Fact(label, [("has it: ", *own) if own else (without,)])
        for label, where in (("stashes", "stash"), ("notes", "notes")):
            yield Fact(label, self._each(known.held_by(where)))
        yield Fact("worktrees", self._each([it for it in known.held_by("index", "files") if it.name]))

    def _each(self, held: Sequence[Held]) -> list[Paragraph]:
        lines: list[Paragraph] = []
        for it in held[: self._most]:
            what = "the index of " if it.where == "index" else ""
            lines.append((what, self._ref(it.name), ": ", *self._paths([it])))
        return (lines or [("none has it",)]) + self._more(len(held), "of them")

    def _paths(self, held: Iterable[Held]) -> Paragraph:
        paths = dict.fromkeys(path for it in held for path in it.paths)
        return self._listed([(Name(self._hide.name(path)) if path else "the object itself",) for path in paths])

    def _listed(self, items: Sequence[Paragraph]) -> Paragraph:
        pieces = [piece for item in items[: self._most] for piece in (", ", *item)][1:]
        more = [f" and {len(items) - self._most:,} more"] if len(items) > self._most else []
        return (*pieces, *more)

    def _encoded(self) -> list[Paragraph]:
        lines: list[Paragraph] = [(f"beneath {' > '.join(map(visible, it))}",) for it in self._incident.through]
        return lines or [("it stands as it is",)]

    def _same(self) -> list[Paragraph]:
        others = self._incident.findings[1:]
        lines: list[Paragraph] = [(f"{it.mark}, fingerprint {it.finding.fingerprint}",) for it in others[: self._most]]
        return (lines or [("no other finding has it",)]) + self._more(len(others), "finding")

    def steps(self) -> Iterator[Step]:
        """Yield what to do once it is rotated."""
        known = self._incident
        yield self._take_out()
        if known.stashed:
            yield Step(("Drop the stashes that have it, or clean what is in them.",))
        if known.found:
            yield self._purge()
        yield Step(("Tell the people: who owns the secret, who can read the repository, who brought it in.",))
        since = known.first.date[:10] if known.first and known.first.date else "the day it was made"
        yield Step((f"Look into the provider's logs for use you do not know, from {since} until it was rotated.",))
        yield Step(("Close: note who rotated it and when, and scan again.",), (f"tightlip scan-history{self._repo()}",))

    def _take_out(self) -> Step:
        paths = self._paths(self._incident.held_by("head", "branch", "index", "files"))
        if not paths:
            return Step(
                ("The files of HEAD, of branches and of working trees do not have it: nothing to take out.",),
                is_done=True,
            )
        how = "; read it from an environment variable or a secret store instead."
        return Step(("Take it out of HEAD, the branches and the working trees that have it: ", *paths, how))

    def _purge(self) -> Step:
        what = (
            "Purge it from the history, if it has to go: clones and forks keep it, so that this comes after rotating."
        )
        plan = f"tightlip purge{self._repo()} --plan plan.json"
        if not self._incident.findings:
            return Step((what,), (f"{plan} --values-from -",))
        finding = self._incident.findings[0].finding
        less = " --min-confidence low" if finding.confidence < MEDIUM else ""
        scan = f"tightlip scan-history{self._repo()}{less} --report json:report.json"
        return Step((what,), (scan, f"{plan} --findings report.json --select {finding.fingerprint}"))

    def _repo(self) -> str:
        target = self._incident.report.target
        return "" if target == os.curdir else f" {shlex.quote(visible(self._hide.name(target)))}"


def _who(name: str, email: str) -> str:
    return f"{name} <{email}>".strip() if email else name


def _days(start: str, end: str) -> str:
    try:
        days = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).days
    except ValueError:
        return "nobody knows how long"
    return count(max(days, 0), "day")
