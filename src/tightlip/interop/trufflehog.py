"""trufflehog's custom detectors, in YAML.

https://docs.trufflesecurity.com/custom-detectors
"""

from __future__ import annotations

from tightlip.errors import UsageError
from tightlip.interop import reading
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignRule
from tightlip.interop.reading import Table, number, string, strings, table, tables

_KNOWN = {
    *("name", "description", "keywords", "regex", "primary_regex_name", "entropy", "verify", "validations"),
    *("exclude_words", "exclude_regexes_capture", "exclude_regexes_match"),
}
_CALLS = "it sends the secret to a server, and tightlip asks none"


def read(path: str) -> Foreign:
    """Read a file of detectors. Raises `UsageError` where it cannot be read at all."""
    found = Foreign()
    top = reading.yaml(path)
    if "detectors" not in top:
        raise UsageError(f"{path}: no custom detectors of trufflehog's, which are under `detectors`")
    for key in top:
        if key != "detectors":
            found.leave(key, "it says what to scan, and tightlip is told that where it is called")
    for entry in tables(top["detectors"], f"{path}: detectors"):
        found.rules += _rules(path, entry, found)
    return found


def _rules(path: str, entry: Table, found: Foreign) -> list[ForeignRule]:
    """Return a rule for each regex; the first, or the one that is named, is reported where the others match too."""
    name = string(entry.get("name"), f"{path}: detectors.name")
    if not name:
        raise UsageError(f"{path}: a detector has no name")
    what, where = f"detector {name}", f"{path}: detector {name}"
    regexes = table(entry.get("regex"), f"{where}: regex")
    _tell(where, what, entry, found)
    primary = string(entry.get("primary_regex_name"), f"{where}: primary_regex_name") or next(iter(regexes), "")
    if primary not in regexes:
        raise UsageError(f"{where}: primary_regex_name must name one of its regexes")
    ids = {key: name if len(regexes) == 1 else f"{name}-{key}" for key in regexes}
    return [
        ForeignRule(
            id=ids[key],
            name=string(entry.get("description"), f"{where}: description") or name,
            pattern=string(regex, f"{where}: regex.{key}"),
            keywords=tuple(it for it in strings(entry.get("keywords"), f"{where}: keywords") if it),
            entropy=number(entry.get("entropy"), f"{where}: entropy") if key == primary else 0.0,
            allows=_allows(where, entry) if key == primary else (),
            requires=tuple((ids[other], None) for other in regexes if other != key) if key == primary else (),
            reported=key == primary,
        )
        for key, regex in regexes.items()
    ]


def _tell(where: str, what: str, entry: Table, found: Foreign) -> None:
    for key in entry:
        if key not in _KNOWN:
            found.leave(f"{what}: {key}", "not a key that trufflehog documents", lost=False)
    for one in tables(entry.get("verify"), f"{where}: verify"):
        found.leave(f"{what}: verify {string(one.get('endpoint'), f'{where}: verify.endpoint')}", _CALLS)
    if entry.get("validations"):
        found.leave(f"{what}: validations", "tightlip asks for entropy, and for no kinds of characters")


def _allows(where: str, entry: Table) -> tuple[ForeignAllow, ...]:
    words, capture, match = (
        tuple(it for it in strings(entry.get(key), f"{where}: {key}") if it)
        for key in ("exclude_words", "exclude_regexes_capture", "exclude_regexes_match")
    )
    every = (
        ForeignAllow("exclude_words", stopwords=words),
        ForeignAllow("exclude_regexes_capture", regexes=capture),
        ForeignAllow("exclude_regexes_match", regexes=match, target="match"),
    )
    return tuple(it for it in every if it.stopwords or it.regexes)
