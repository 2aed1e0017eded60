"""What the page says where its script may not run: the same, as plain lists."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tightlip.report.style import count
from tightlip.report.visible import visible
from tightlip.report.wording import headline, missed, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tightlip.report.document import Document, Told
    from tightlip.report.html.order import Secret

MOST = 300
"""Secrets that are listed. The data has all of them, and so has a report in JSON."""
_MOST_PLACES = 5


def plain(made: Document, order: Sequence[Secret]) -> str:
    """Return the markup, with every text escaped."""
    return "\n".join(_lines(made, order))


def _lines(made: Document, order: Sequence[Secret]) -> Iterator[str]:
    yield f"<h1>{_text(headline(made))}</h1>"
    yield f"<p>A scan of <code>{_text(made.target)}</code> with tightlip {_text(made.version)}.</p>"
    if not made.complete:
        yield f"<p><strong>The scan is not complete: {_text(missed(made))}.</strong></p>"
        missing = (f"<code>{_text(what)}</code>: {_text(why)}" for what, why in made.unscanned)
        yield from _listed("ul", _most(missing, len(made.unscanned)))
    yield from _listed("ul", map(_text, made.notes))
    if order:
        yield "<h2>Secrets, in the order in which to rotate them</h2>"
        yield from _listed("ol", _most(map(_secret, order), len(order)))
        yield "<h2>How to make them worthless</h2>"
        yield from _steps([secret.findings[0] for secret in order[:MOST]])


def _most(items: Iterable[str], number: int) -> Iterator[str]:
    yield from (item for item, _ in zip(items, range(MOST), strict=False))
    if number > MOST:
        yield f"and {number - MOST:,} more, which the page lists where its script may run"


def _secret(secret: Secret) -> str:
    told = secret.findings[0]
    shown = [f"<code>{_text(where(it))}</code>" for it in told.occurrences[:_MOST_PLACES]]
    if (left := len(told.occurrences) - _MOST_PLACES) > 0:
        shown.append(f"and {count(left, 'more place')}")
    return (
        f"<strong>{_text(told.severity)}: {_text(told.name)}</strong> <code>{_text(told.secret)}</code><br>"
        f"{', '.join(shown)}<br>{_text('; '.join(secret.why))}; fingerprint <code>{_text(told.fingerprint)}</code>"
    )


def _steps(every: Iterable[Told]) -> Iterator[str]:
    for told in {told.rule: told for told in every if told.remediation}.values():
        yield f"<h3>{_text(told.name)}</h3>"
        yield from _listed("ol", map(_text, told.remediation))


def _listed(tag: str, items: Iterable[str]) -> Iterator[str]:
    every = [f"<li>{item}</li>" for item in items]
    if every:
        yield from (f"<{tag}>", *every, f"</{tag}>")


def _text(text: str) -> str:
    return escape(visible(text))
