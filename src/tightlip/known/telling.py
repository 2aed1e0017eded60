"""What is told of a known secret that is found. The hook loads this, and nothing of a search."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.known.secret import Known

RULE = "known-secret"
"""The id of the rule of all findings; in the engine each value has a rule of its own, with a number behind it."""
REMEDIATION = (
    "Rotate it where it is kept, now: it is in use, and whoever reads this has it.",
    "Find out what it opened while it lay here, and who could read it.",
)
SUPERSEDED = (
    "Make sure that this version is revoked: that a newer one is in use does not say so.",
    "Find out what it opened while it lay here, and who could read it.",
)
_MOST_NAMED = 3


def title(same: Sequence[Known]) -> str:
    """Return what is told of a value. Parameters: `same`, every known secret that has it."""
    first = same[0]
    others = list(
        dict.fromkeys((it.name, it.source) for it in same if (it.name, it.source) != (first.name, first.source))
    )
    details = [f"version {first.version}"] if first.version else []
    details += [] if any(one.is_current for one in same) else ["superseded"]
    said = f"known secret {first.name}" + (f" ({', '.join(details)})" if details else "") + f" of {first.source}"
    said += "".join(f", also {name} of {source}" for name, source in others[:_MOST_NAMED])
    return said + (f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else "")


def remediation(same: Sequence[Known]) -> tuple[str, ...]:
    """Return what makes a value worthless."""
    return REMEDIATION if any(one.is_current for one in same) else SUPERSEDED
