"""Rules of kingfisher's, in YAML, and its baselines.

https://mongodb.github.io/kingfisher/rules/overview
"""

from __future__ import annotations

from tightlip.errors import UsageError
from tightlip.interop import reading
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignFinding, ForeignRule
from tightlip.interop.reading import Table, number, string, strings, table, tables, whole

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
_BASELINES = {"repositories", "ExactFindings"}
"""Of version 2, and of version 1."""
_KINDS = {"min_digits": "0-9", "min_uppercase": "A-Z", "min_lowercase": "a-z"}
_LONGEST = 1000
"""Characters of a secret that are looked at."""
_CONFIDENCES = ("low", "medium", "high")


def read(path: str) -> Foreign:
    """Read a file of rules, or a baseline. Raises `UsageError` where it cannot be read at all."""
    found = Foreign()
    top = reading.yaml(path)
    if _BASELINES & top.keys():
        return _baseline(path, top, found)
    if "rules" not in top:
        raise UsageError(f"{path}: neither a file of kingfisher's rules, which has `rules`, nor a baseline")
    for key in top:
        if key != "rules":
            found.leave(key, "not a key of such a file", lost=False)
    for entry in tables(top["rules"], f"{path}: rules"):
        found.rules.append(_rule(path, entry, found))
    return found


def _baseline(path: str, top: Table, found: Foreign) -> Foreign:
    """Read a baseline: where findings are, and a hash of them that only kingfisher can make."""
    for repository in tables(top.get("repositories"), f"{path}: repositories"):
        for entry in tables(repository.get("findings"), f"{path}: findings"):
            found.findings.append(_known(path, entry, "path", "line"))
    if "ExactFindings" in top:
        old = table(top["ExactFindings"], f"{path}: ExactFindings")
        for entry in tables(old.get("matches"), f"{path}: matches"):
            found.findings.append(_known(path, entry, "filepath", "linenum"))
    return found


def _known(path: str, entry: Table, name: str, line: str) -> ForeignFinding:
    if not (file := string(entry.get(name), f"{path}: {name}")):
        raise UsageError(f"{path}: a finding has no `{name}`")
    kind = string(entry.get("rule_id"), f"{path}: rule_id") or "a finding"
    return ForeignFinding(file.replace("\\", "/"), kind, whole(entry.get(line), f"{path}: {line}"))


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
    special = string(entry.get("special_chars"), f"{where}: special_chars")
    classes = _KINDS | ({"min_special_chars": "".join(map(_escaped, special))} if special else {})
    few = []
    for key in entry:
        if key in classes:
            few.append(_fewer(whole(entry[key], f"{where}: {key}"), classes[key]))
        elif key not in ("ignore_if_contains", "special_chars"):
            found.leave(
                f"{what}: pattern_requirements.{key}", "tightlip has nothing of the kind; write it as a pattern"
            )
    words = tuple(it for it in strings(entry.get("ignore_if_contains"), f"{where}: ignore_if_contains") if it)
    regexes = tuple(it for it in few if it)
    return (
        *([ForeignAllow("ignore_if_contains", stopwords=words)] if words else []),
        *([ForeignAllow("pattern_requirements", regexes=regexes)] if regexes else []),
    )


def _fewer(least: int, inside: str) -> str:
    """Return what matches a secret with fewer than some characters of a kind; nothing where that cannot be."""
    if not least:
        return ""
    more = f"(?:[{inside}][^{inside}]{{0,{_LONGEST}}}){{0,{least - 1}}}" if least > 1 else ""
    return f"^[^{inside}]{{0,{_LONGEST}}}{more}$"


def _escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
