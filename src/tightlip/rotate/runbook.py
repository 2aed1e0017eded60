"""The steps of a rotation in Markdown, in order: create, store, deploy, verify, revoke. No value is in it."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import NamedTuple

from tightlip.finding import Finding
from tightlip.report.block import place as spot
from tightlip.report.incident_markdown import code, plain
from tightlip.report.redact import Redactor
from tightlip.report.visible import visible
from tightlip.rotate.place import Place
from tightlip.rotate.providers import AT_ONCE, Provider

_MOST_SPOTS = 5
_ONE = "one"
_BOTH = ("several", "two", "grace")
"""Where the old value and the new one work at the same time."""


class Rotation(NamedTuple):
    """What is known of a rotation."""

    finding: Finding
    provider: Provider
    can_ask: bool
    """Whether the rule says how to ask if a secret works."""
    can_ask_alone: bool
    """Whether nothing but the value is needed for that."""
    can_revoke: bool
    place: Place | None = None
    """Where the value is kept; None where tightlip does not know."""
    kept: str = ""
    """Where the old value is, once the new one is written; nothing before."""
    date: str = ""
    """ISO 8601, when it was written."""


def lines(rotation: Rotation, hide: Redactor) -> Iterator[str]:
    """Yield the lines of the runbook."""
    finding = rotation.finding
    yield from (f"# Rotate: {plain(finding.name)}", "")
    yield f"- rule {code(finding.rule)}, {finding.severity}, fingerprint {code(finding.fingerprint)}"
    yield f"- old value {code(finding.secret.redacted())}"
    for it in finding.occurrences[:_MOST_SPOTS]:
        yield f"- found at {code(spot(it, hide))}"
    if (left := len(finding.occurrences) - _MOST_SPOTS) > 0:
        yield f"- and at {left:,} more places"
    until = "the old one ends" if rotation.provider.at_once == _ONE else "step 5"
    yield from ("", f"What has leaked works until {until}: do these without a break between them.", "")
    for number, (title, steps) in enumerate(_steps(rotation), 1):
        yield from (f"## {number}. {title}", "", *steps, *([""] if steps[-1] else []))
    yield from ("## What the rule says", "", *(f"- [ ] {plain(step)}" for step in finding.remediation))
    if rotation.provider.source:
        yield from ("", f"How many are valid at once: <{rotation.provider.source}>")


def _steps(rotation: Rotation) -> Iterator[tuple[str, list[str]]]:
    yield "Create a new one", [*_create(rotation)]
    yield "Store it", [*_store(rotation)]
    yield "Deploy it", [*_deploy(rotation)]
    yield "Verify", [*_verify(rotation)]
    yield "Revoke the old one", [*_revoke(rotation)]


def _create(rotation: Rotation) -> Iterator[str]:
    done = "x" if rotation.kept else " "
    who = f"At {plain(rotation.finding.provider)}" if rotation.finding.provider else "Where the value is checked"
    later = "" if rotation.provider.at_once == _ONE else " Do not end the old one yet."
    yield f"- [{done}] {who}, with no more rights than it needs.{later}"
    yield f"- {AT_ONCE[rotation.provider.at_once]}"
    if rotation.provider.note:
        yield f"- {plain(rotation.provider.note)}"


def _store(rotation: Rotation) -> Iterator[str]:
    if rotation.kept:
        yield f"- [x] {code(str(rotation.place))} has the new value since {rotation.date}; {plain(rotation.kept)}."
        return
    yield "- [ ] Where the old one is kept, with the old one beside it until step 5:"
    place = visible(str(rotation.place)) if rotation.place else "sops:FILE#KEY"
    command = f"tightlip rotate {rotation.finding.fingerprint[:8]} --into {quote(place)}"
    yield from _command(f"... | {command} --value-from-stdin" if rotation.finding.provider else command)


def _deploy(rotation: Rotation) -> Iterator[str]:
    if rotation.provider.at_once == _ONE:
        yield "- [ ] Everything that uses it at once: what still has the old one fails from step 1 on."
    elif rotation.provider.at_once in _BOTH:
        yield "- [ ] What uses it, one after the other. Both work meanwhile, so nothing stands still."
    elif rotation.finding.provider:
        yield "- [ ] What uses it: one after the other if they are valid side by side, and all at once if not."
    else:
        yield "- [ ] First what checks it, so that it takes both; then what sends it, one after the other."
    yield "- [ ] Look for every user of it: services, jobs, CI variables, people's machines."


def _verify(rotation: Rotation) -> Iterator[str]:
    if rotation.can_ask_alone:
        yield "- [ ] The new one works:"
        yield from _command(f"... | tightlip verify {rotation.finding.rule} --value-from-stdin")
    else:
        yield "- [ ] The new one works: try it with a call that changes nothing."
    yield "- [ ] Nothing uses the old one any more: look at its last use at the provider, and into your logs."


def _revoke(rotation: Rotation) -> Iterator[str]:
    name = rotation.finding.fingerprint[:8]
    if rotation.provider.at_once == _ONE:
        yield "- Nothing is left to do for it where the new one took its place in step 1."
    if rotation.can_revoke:
        yield "- [ ] At the provider, once and for good:"
        yield from _command(f"tightlip revoke {name}")
    else:
        yield "- [ ] At the provider, as the rule says below."
    if rotation.can_ask:
        yield "- [ ] It is not `live` any more:"
        yield from _command(f"tightlip verify {name}")
    if rotation.place:
        yield "- [ ] The old value goes out of its place:"
        yield from _command(f"tightlip rotate --confirm --into {quote(visible(str(rotation.place)))}")
    yield "- [ ] Then it may be purged from the history: `tightlip incident` says how."


def _command(command: str) -> Iterator[str]:
    yield from ("", "  ```sh", f"  {command}", "  ```", "")
