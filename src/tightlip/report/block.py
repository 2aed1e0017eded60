"""One secret, as a person reads it: what it is, where, why it was flagged, what makes it worthless, how to allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.report.comments import comment
from tightlip.report.levels import confidence_word, places
from tightlip.report.masked import Masked
from tightlip.report.style import BOLD, CYAN, DIM, INDENT, LABEL, RED, Style, listed
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Finding, Occurrence
    from tightlip.model import Secret
    from tightlip.report.options import Options
    from tightlip.report.redact import Redactor

_SHORT_ID, _SUBJECT, _MOST_PLACES, _MOST_REFS = 10, 100, 5, 5


class Page(NamedTuple):
    """What every block of a report shares."""

    kind: str
    style: Style
    hide: Redactor
    options: Options

    @property
    def verbose(self) -> bool:
        """Whether to show everything."""
        return self.options.detail > 0


def block(finding: Finding, page: Page, number: int, told: dict[str, int], seen: dict[Secret, int]) -> Iterator[str]:
    """Yield the lines of a finding.

    `told` and `seen` say which numbers already gave a rule's steps or held the same value; this one adds itself.
    """
    style = page.style
    mark = style.severity(finding.severity, f"{style.symbol('dot')} {finding.severity.upper()}")
    yield f"{mark}  {style.paint(visible(finding.name), BOLD)}  {style.paint(f'#{number} {finding.rule}', DIM)}"
    yield from _where(finding, page)
    before = seen.setdefault(finding.secret, number)
    yield style.verbatim("value", value(finding, page) + (f", the same as #{before}" if before < number else ""))
    yield from style.labelled("why", _why(finding, page))
    if page.kind == "history":
        yield from _history(finding, page)
    if page.verbose:
        yield style.verbatim("fingerprint", finding.fingerprint)
    yield from _rotate(finding, page, number, told)
    if page.kind != "history":
        yield from _allow(finding, page)


def place(occurrence: Occurrence, hide: Redactor) -> str:
    """Return where an occurrence is, in the form that editors and terminals open."""
    path = visible(hide.name(occurrence.path))
    if occurrence.part == "path":
        return f"{path} (in the name itself)"
    if occurrence.part == "ref":
        return f"{path} (in the name of the ref itself)"
    position = f"{occurrence.line}:{occurrence.column}"
    if occurrence.part in ("commit", "tag"):
        oid = occurrence.commit if occurrence.part == "commit" else None
        return f"{occurrence.part} {short(oid or occurrence.blob)}:{position} (its message or header)"
    nameless = f"object {short(occurrence.blob)}" if occurrence.blob else "<text>"
    return f"{path or nameless}:{position}"


def short(oid: str | None) -> str:
    """Return the start of an object id, enough to name it."""
    return visible((oid or "?")[:_SHORT_ID])


def value(finding: Finding, page: Page) -> str:
    """Return the secret as it may be shown."""
    if not page.options.show_secrets or isinstance(finding.secret, Masked):
        return visible(finding.secret.redacted())
    return visible(finding.secret.reveal().decode("utf-8", "surrogateescape"))


def _where(finding: Finding, page: Page) -> Iterator[str]:
    every = places(finding, page.kind)
    if page.kind == "history":
        of = f"  (first of {len(every):,} places)" if len(every) > 1 else ""
        yield f"{' ' * INDENT}{page.style.paint(place(every[0], page.hide), CYAN)}{of}"
        return
    most = len(every) if page.verbose else _MOST_PLACES
    for occurrence in every[:most]:
        yield " " * INDENT + page.style.paint(place(occurrence, page.hide), CYAN)
    if len(every) > most:
        yield f"{' ' * INDENT}and {len(every) - most:,} more places (-v shows them)"


def _why(finding: Finding, page: Page) -> str:
    through = " > ".join(finding.decoded_through)
    reasons = [*finding.reasons, *([f"decoded from {through}"] if through else [])]
    return f"{confidence_word(finding.confidence)} confidence: {visible(page.hide.name('; '.join(reasons)))}"


def _history(finding: Finding, page: Page) -> Iterator[str]:
    style, (first, *later) = page.style, finding.occurrences
    if first.commit:
        yield from style.labelled("introduced", f"{short(first.commit)} {_by(first, page)}", *_subject(first, page))
        refs = _refs(finding, page)
        if refs or finding.in_head is not None:  # another scanner does not tell
            yield from style.labelled("reached by", refs or "no branch and no tag")
    elif first.part == "ref":
        yield from style.labelled("introduced", "by whoever made that branch or tag; a push of it shows the name")
    else:
        yield from style.labelled(
            "introduced", f"by no commit that a branch or tag reaches: object {short(first.blob)}"
        )
    head = (style.paint("still has it", BOLD, RED),) if finding.in_head else ("does not have it",)
    if finding.in_head is None:
        head = ("not known",)
    yield from style.labelled("HEAD", *head)
    if finding.taken_out:
        commit, date = finding.taken_out
        yield from style.labelled("taken out", f"{short(commit)} on {visible(date[:10]) or '?'}")
    if page.verbose:
        details = (f"{place(it, page.hide)} in {short(it.commit or it.blob)} {_by(it, page)}" for it in later)
        yield from style.labelled("also at", *details)
    elif later:
        where = dict.fromkeys(place(occurrence, page.hide) for occurrence in later)
        yield from style.labelled("also at", listed(where, _MOST_PLACES))


def _by(occurrence: Occurrence, page: Page) -> str:
    if not occurrence.author:
        return ""
    email = f" <{occurrence.email}>" if occurrence.email else ""
    return f"on {visible((occurrence.date or '?')[:10])} by {visible(page.hide.prose(occurrence.author + email))}"


def _subject(occurrence: Occurrence, page: Page) -> list[str]:
    subject = page.style.shortened(visible(page.hide.prose(occurrence.message_subject or "")), _SUBJECT)
    return [f'"{subject}"'] if subject else []


def _refs(finding: Finding, page: Page) -> str:
    refs = dict.fromkeys(visible(page.hide.name(ref)) for occurrence in finding.occurrences for ref in occurrence.refs)
    return listed(refs, len(refs) if page.verbose else _MOST_REFS)


def _rotate(finding: Finding, page: Page, number: int, told: dict[str, int]) -> Iterator[str]:
    when = "if it was ever pushed or shared" if page.kind == "staged" else "now"
    before = told.setdefault(finding.rule, number)
    if before < number:
        yield from page.style.labelled("rotate", f"{when}, as #{before}")
    elif finding.remediation:
        yield from page.style.labelled("rotate", f"{when}:")
        yield from page.style.numbered(map(visible, finding.remediation), INDENT + LABEL)


def _allow(finding: Finding, page: Page) -> Iterator[str]:
    """Yield the pragma to paste, on a line of its own."""
    pragma = f"tightlip: allow={finding.rule} REASON"
    paths = [occurrence.path for occurrence in places(finding, page.kind) if occurrence.part == "content"]
    lines = dict.fromkeys(comment(path, pragma) for path in paths)
    for line in lines:
        how = "put this on the line above, with your reason:"
        if line is None:
            how = "this kind of file has no comments; put this on the same line, wherever the format bears it:"
        yield from page.style.labelled("false alarm", how)
        yield " " * (INDENT + LABEL) + page.style.paint(line or pragma, BOLD)
