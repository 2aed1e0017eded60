"""What is compressed or archived: values are found in it, and left, as a new archive would not be the same file."""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.engine.decode import containers, magic
from tightlip.engine.decode.budget import DEPTH, Budget, Spent
from tightlip.purge.forms import zipped
from tightlip.purge.forms.finder import Finder
from tightlip.purge.forms.form import Form
from tightlip.purge.forms.widetext import wide_text


def inside(finder: Finder, data: bytes) -> tuple[list[Form], list[str]]:
    """Return the forms in what an archive holds, one for each value and file, and what of it could not be searched."""
    budget = Budget()
    found: list[Form] = []
    if magic.is_container(data):
        try:
            for form in _inside(finder, data, budget):
                if form not in found:
                    found.append(form)
        except Spent:
            pass  # the budget says what was missed
    return found, list(budget.missed)


def is_packed(data: bytes) -> bool:
    """Whether bytes are compressed or a zip archive, and do not only begin so. A tar archive is not compressed."""
    if not magic.is_container(data) or magic.is_tar(data):
        return False
    try:
        return next(containers.decoded(data, Budget()), None) is not None
    except Spent:
        return True


def _inside(finder: Finder, data: bytes, budget: Budget, outer: tuple[str, ...] = ()) -> Iterator[Form]:
    if len(outer) >= DEPTH:
        budget.tell(f"more than {DEPTH} archives in each other")
        return
    seen = _as_they_are(data) if not outer else frozenset[str]()
    for decoded in containers.decoded(data, budget):
        budget.take(len(decoded.text))
        steps = (*outer, *decoded.steps)
        budget.chain = steps
        if not decoded.is_tight and steps[-1] not in seen:  # tar holds its files as they are
            yield from (Form(which, "inside " + ": ".join(steps), 0, 0) for which in _values(finder, decoded.text))
        if magic.is_container(decoded.text):
            yield from _inside(finder, decoded.text, budget, steps)
        budget.chain = outer


def _as_they_are(data: bytes) -> frozenset[str]:
    """Return the steps to those files of a zip archive that are searched with the archive itself."""
    files = zipped.members(data) if data.startswith(magic.ZIP) else None
    packed = {file.name for file in files or () if not file.is_stored}
    return frozenset(f"zip:{file.name}" for file in files or () if file.name not in packed)


def _values(finder: Finder, data: bytes) -> list[int]:
    """Return which values are in bytes."""
    text = wide_text(data)
    both = (data,) if text is None else (data, text.text)
    return sorted({hit.form.which for part in both if finder.may_be_in(part) for hit in finder.hits(part)})
