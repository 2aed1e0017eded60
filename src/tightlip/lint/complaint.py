"""What a check finds, and how grave it is."""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING = "error", "warning"
"""An error: the rule does not do what it says. A warning: it could be better, or somebody should look."""


class Found(NamedTuple):
    """What is wrong with a rule, before it is said where the rule is."""

    severity: str
    key: str
    """Of the rule file; the complaint is about what stands under it."""
    problem: str
    advice: str
    line: int = 0
    """Where it is known better than by the key."""


class Complaint(NamedTuple):
    """What is wrong, where, and what to do."""

    file: str
    line: int
    rule: str
    check: str
    severity: str
    problem: str
    advice: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        rule = f"rule {self.rule}: " if self.rule else ""
        return f"{where}{self.severity}: {rule}{self.problem} ({self.check}): {self.advice}"
