"""Rules of kingfisher's, in YAML.

https://mongodb.github.io/kingfisher/rules/overview
"""

from __future__ import annotations

from tightlip.errors import UsageError
from tightlip.interop import reading
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignRule
from tightlip.interop.reading import Table, number, string, strings, table, tables

_KNOWN = {
    *("name", "id", "pattern", "min_entropy", "confidence", "visible", "examples", "negative_examples", "references"),
    *("pattern_requirements", "depends_on_rule", "categories", "description"),
}
_CALLS = "it sends the secret to a server, and tightlip asks none"
_NOT_CARRIED = {
    "validation": _CALLS,
    "revocation": f"{_CALLS}; `tightlip incident` says what to do",
    "prevalidated": "tightlip does not ask whether a secret works",
    "tls_mode": _CALLS,
}
_CONFIDENCES = ("low", "medium", "high")


def read(path: str) -> Foreign:
    """Read a file of rules. Raises `UsageError` where it cannot be read at all."""
    found = Foreign()
    top = reading.yaml(path)
    if "rules" not in top:
        raise UsageError(f"{path}: not a file of kingfisher's rules, which has `rules`")
    for key in top:
        if key != "rules":
            found.leave(key, "not a key of such a file", lost=False)
    for entry in tables(top["rules"], f"{path}: rules"):
        found.rules.append(_rule(path, entry, found))
    return found


def _rule(path: str, entry: Table, found: Foreign) -> ForeignRule:
    name = string(entry.get("id"), f"{path}: rules.id")
    if not name:
        raise UsageError(f"{path}: a rule has no id")
    what, where = f"rule {name}", f"{path}: rule {name}"
    confidence = string(entry.get("confidence"), f"{where}: confidence") or "medium"
    if confidence not in _CONFIDENCES:
        raise UsageError(f"{where}: confidence must be low, medium or high")
    for key in entry:
        if key in _NOT_CARRIED:
            found.leave(f"{what}: {key}", _NOT_CARRIED[key])
        elif key not in _KNOWN:
            found.leave(f"{what}: {key}", "not a key that kingfisher documents", lost=False)
    for one in tables(entry.get("depends_on_rule"), f"{where}: depends_on_rule"):
        other = string(one.get("rule_id"), f"{where}: rule_id")
        found.leave(f"{what}: depends_on_rule {other}", "it is there to validate with, and tightlip asks no server")
    return ForeignRule(
        id=name,
        name=string(entry.get("name"), f"{where}: name"),
        pattern=string(entry.get("pattern"), f"{where}: pattern"),
        group_name="TOKEN",
        entropy=number(entry.get("min_entropy"), f"{where}: min_entropy"),
        confidence=confidence,
        reported=entry.get("visible") is not False,
        references=strings(entry.get("references"), f"{where}: references"),
        allows=_requirements(where, what, entry.get("pattern_requirements"), found),
    )


def _requirements(where: str, what: str, value: object, found: Foreign) -> tuple[ForeignAllow, ...]:
    if value is None:
        return ()
    entry = table(value, f"{where}: pattern_requirements")
    for key in entry:
        if key != "ignore_if_contains":
            found.leave(
                f"{what}: pattern_requirements.{key}", "tightlip asks for entropy, and for no kinds of characters"
            )
    words = tuple(it for it in strings(entry.get("ignore_if_contains"), f"{where}: ignore_if_contains") if it)
    return (ForeignAllow("ignore_if_contains", stopwords=words),) if words else ()
