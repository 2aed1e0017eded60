"""What is wrong, or could be better, with rules that load: what the loader does not refuse and examples do not show.

Checks of a rule by itself are in alone.py, checks of rules beside each other in together.py, each in a table. What can
be read off a pattern is in dead.py and ends.py, which stand on byteclass.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tightlip import examples, rules, written
from tightlip.engine import Scanner
from tightlip.errors import RuleError
from tightlip.lint import alone, together
from tightlip.lint.complaint import ERROR, WARNING, Complaint, Found
from tightlip.rules import LoadedRule

__all__ = ["ERROR", "WARNING", "Complaint", "check", "read"]


def read(files: Iterable[str]) -> tuple[list[LoadedRule], list[Complaint]]:
    """Read rule files; what cannot be loaded becomes complaints, and the other files are read all the same."""
    loaded: list[LoadedRule] = []
    complaints: list[Complaint] = []
    for file in files:
        blanks = written.blanks(file)
        complaints += [_blank(file, line, key) for line, key in blanks]
        try:
            loaded += [] if blanks else rules.read_file(file)
        except RuleError as error:
            complaints.append(_refused(error))
    return loaded, complaints


def check(checked: Sequence[LoadedRule], others: Sequence[LoadedRule] = ()) -> list[Complaint]:
    """Return the complaints about rules, in the order of their places.

    Parameters: `others`, rules that are used beside them, and are not complained of.
    """
    if not checked:
        return []
    every = [*others, *checked]
    try:
        scanner = Scanner(rules.rule_set(loaded.rule for loaded in every), min_confidence=0.0)
    except RuleError as error:
        place = next((it for it in checked if it.rule.id == error.rule), None)
        return [_refused(error, place)]
    found = [*_alone(checked), *_together(together.company(checked, every, scanner)), *_examples(checked, scanner)]
    return sorted(found, key=lambda it: (it.file, it.line, it.check))


def _alone(checked: Sequence[LoadedRule]) -> Iterator[Complaint]:
    for name, look in alone.CHECKS.items():
        for loaded in checked:
            yield from (_complaint(name, loaded, found) for found in look(loaded))


def _together(company: together.Company) -> Iterator[Complaint]:
    for name, look in together.CHECKS.items():
        yield from (_complaint(name, loaded, found) for loaded, found in look(company))


def _examples(checked: Sequence[LoadedRule], scanner: Scanner) -> Iterator[Complaint]:
    for failure in examples.check(checked, scanner):
        what = f"an example does not hold: {'; '.join(failure.stages)}"
        advice = "tightlip rules test tells more"
        yield Complaint(failure.file, failure.line, failure.rule, "examples", ERROR, what, advice)


def _complaint(name: str, loaded: LoadedRule, found: Found) -> Complaint:
    keys = written.rules_of(loaded.file).get(loaded.line)
    line = found.line or (keys.lines.get(found.key) if keys else None) or loaded.line
    return Complaint(loaded.file, line, loaded.rule.id, name, found.severity, found.problem, found.advice)


def _refused(error: RuleError, place: LoadedRule | None = None) -> Complaint:
    file, line = (place.file, place.line) if place else (error.file, error.line)
    advice = "see docs/RULES.md for what a rule may have"
    return Complaint(file, line, error.rule, "loads", ERROR, error.problem, advice)


def _blank(file: str, line: int, key: str) -> Complaint:
    what = f"`{key}` still has a blank ({written.BLANK})"
    return Complaint(file, line, "", "blank", ERROR, what, "fill it in")
