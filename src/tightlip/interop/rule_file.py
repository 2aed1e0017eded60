"""Rules of other scanners as a rule file of tightlip's, proved: it is loaded, and finds what was made up for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tightlip import examples, necessary, rules
from tightlip.engine import Scanner
from tightlip.errors import RuleError
from tightlip.interop import made_up, translate
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignRule, NotCarried
from tightlip.rule import Requires, Rule

_SCHEMA = "# yaml-language-server: $schema=https://github.com/tightlip/tightlip/raw/main/patterns/rules.schema.json\n"
_REMEDIATION = (
    "Make it worthless where it was issued; where services depend on it, deploy its successor first.",
    "Keep the successor in a secret store, and out of files that are committed.",
    "Look in the issuer's log for use that you do not know.",
)
_ANYWHERE = 10_000
"""Lines, for a rule that must match anywhere in the file."""
_MOST_ID = 80


class Written(NamedTuple):
    """A rule file, and how it differs from what it was made of."""

    text: str
    """Empty where there is no rule."""
    rules: int
    left: tuple[NotCarried, ...]
    names: Mapping[str, tuple[str, ...]] = {}
    """By the other scanner's id of a rule: the ids of what it became."""


@dataclass(slots=True)
class _Made:
    """A rule on its way into the file."""

    source: ForeignRule
    rule: Rule
    text: str = ""
    """Its example, in the notation of rule files."""
    path: str = ""
    left: list[NotCarried] = field(default_factory=list)


def write(foreign: Foreign, title: str, taken: Iterable[str] = ()) -> Written:
    """Return a rule file of the rules, and all that could not be carried over, the reader's complaints among it.

    Parameters: `title`, a line for the file's first comment; `taken`, ids that rules may not have.
    """
    left = list(foreign.left)
    made: list[_Made] = []
    names = _ids(foreign.rules, set(taken), left)
    for rule, name in zip(foreign.rules, names, strict=True):
        allows = [*rule.allows, *(it for it in foreign.allows if not it.rules or rule.id in it.rules)]
        made += _made(rule, name, allows, left)
    _require(made, left)
    every = {one.rule.id: one for one in made}
    kept = [one for one in made if _has_example(one, every, left)]
    while kept:
        text = _yaml(kept, title)
        bad = _unusable(text, left)
        if not bad:
            notes = dict.fromkeys([*left, *(note for one in kept for note in one.left)])
            return Written(text, len(kept), tuple(notes), _names(kept))
        kept = [one for one in kept if one.rule.id not in bad]
    return Written("", 0, tuple(dict.fromkeys(left)))


def _names(made: Iterable[_Made]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in made:
        found[one.source.id] = (*found.get(one.source.id, ()), one.rule.id)
    return found


def slug(text: str) -> str:
    """Return a text as the id of a rule, as far as that is possible."""
    return "-".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text[: _MOST_ID * 2]).lower()))[
        :_MOST_ID
    ]


def _ids(every: Sequence[ForeignRule], taken: set[str], left: list[NotCarried]) -> list[str]:
    found = []
    for rule in every:
        wanted = slug(rule.id) or "rule"
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name)
        if name != rule.id:
            why = "another rule has that id" if name != wanted else "an id is of small letters, digits and hyphens"
            left.append(NotCarried(f"rule {rule.id}", f"is called {name} now: {why}", lost=False))
        found.append(name)
    return found


def _made(source: ForeignRule, name: str, allows: Sequence[ForeignAllow], left: list[NotCarried]) -> list[_Made]:
    """Return the rules that one becomes: several where its secret is in several groups, none where it cannot be."""
    what = f"rule {source.id}"
    try:
        found = translate.rule_pattern(
            source.pattern,
            source.syntax,
            group=source.group,
            group_name=source.group_name,
            words=source.words,
            near=source.keywords,
        )
    except ValueError as error:
        left.append(NotCarried(what, f"its pattern {error}"))
        return []
    notes = [NotCarried(what, why, lost=False) for why in found.differences]
    notes += _keywords(source, found)
    allowed = _allowed(source, allows, notes)
    path = _path(source, allows, notes)
    if path is None:
        left += notes
        return []
    made = []
    for number, pattern in enumerate(found.patterns):
        rule = Rule(
            id=name if not number else f"{name}-group-{number + 1}",
            name=source.name or source.id,
            provider="",
            severity="high",
            confidence=rules.CONFIDENCES[source.confidence if source.reported else "low"],
            pattern=pattern,
            remediation=_REMEDIATION,
            path=path,
            entropy=min(8.0, max(0.0, source.entropy)),
            allow=tuple(allowed),
            references=source.references,
        )
        made.append(_Made(source, rule, left=[] if number else notes))
    if not source.reported:
        notes.append(
            NotCarried(what, "reported with --min-confidence low only: it is there for other rules", lost=False)
        )
    return made


def _keywords(source: ForeignRule, found: translate.Translated) -> list[NotCarried]:
    """Say where a rule's keywords, which must be in the file, are not in what its pattern matches."""
    if not source.keywords or any("keyword" in why for why in found.differences):
        return []
    words = [word.lower().encode() for word in source.keywords]
    literals = [literal for pattern in found.patterns for literal in necessary.of(pattern).literals]
    if all(any(word in literal or literal in word for word in words) for literal in literals):
        return []
    why = "a keyword had to be in the file; tightlip looks for the pattern alone, and may find more"
    return [NotCarried(f"rule {source.id}", why, lost=False)]


def _kinds(allow: ForeignAllow) -> list[str]:
    return [kind for kind in ("regexes", "stopwords", "paths", "commits") if getattr(allow, kind)]


def _is_split(allow: ForeignAllow) -> bool:
    """Whether each kind of its conditions counts by itself."""
    return not allow.together or len(_kinds(allow)) < 2


def _allowed(source: ForeignRule, allows: Sequence[ForeignAllow], notes: list[NotCarried]) -> list[str]:
    found: list[str] = []
    for allow in allows:
        what = f"rule {source.id}: {allow.what}" if allow in source.allows else allow.what
        if not _is_split(allow):
            kinds = " and ".join(_kinds(allow))
            notes.append(NotCarried(what, f"{kinds} must hold together, and tightlip's `allow` sees the secret alone"))
            continue
        if allow.commits:
            why = "a commit cannot be allowed; put `tightlip: allow` on the line, or make the secret worthless"
            notes.append(NotCarried(f"{what}: commits", why))
        if allow.stopwords:
            found.append(translate.words_pattern(allow.stopwords))
        if allow.regexes and (allow.target == "line" or (allow.target == "match" and not _secret_is_match(source))):
            why = f"matched against the {allow.target}, and tightlip's `allow` sees the secret alone"
            notes.append(NotCarried(f"{what}: regexes", why))
            continue
        for number, regex in enumerate(allow.regexes, 1):
            try:
                translated = translate.allow_pattern(regex, source.syntax)
            except ValueError as error:
                notes.append(NotCarried(f"{what}: regex {number}", str(error)))
                continue
            found += translated.patterns
    return list(dict.fromkeys(found))


def _secret_is_match(source: ForeignRule) -> bool:
    return source.group <= 0 and "(" not in re.sub(r"\\.|\(\?", "", source.pattern)


def _path(source: ForeignRule, allows: Sequence[ForeignAllow], notes: list[NotCarried]) -> str | None:
    """Return the pattern of paths that a rule looks at; None where it cannot be said and the rule is lost."""
    what = f"rule {source.id}"
    leave_out: list[str] = []
    for allow in allows:
        if not _is_split(allow):
            continue
        for number, path in enumerate(allow.paths, 1):
            try:
                translate.path_pattern("", [path], source.syntax)
            except ValueError as error:
                named = f"{what}: {allow.what}" if allow in source.allows else allow.what
                notes.append(NotCarried(f"{named}: path {number}", str(error)))
                continue
            leave_out.append(path)
    if not source.path and not leave_out:
        return ""
    try:
        found = translate.path_pattern(source.path, list(dict.fromkeys(leave_out)), source.syntax)
    except ValueError as error:
        notes.append(NotCarried(what, f"its path {error}"))
        return None
    notes += [NotCarried(f"{what}: path", why, lost=False) for why in found.differences]
    return found.patterns[0]


def _require(made: Sequence[_Made], left: list[NotCarried]) -> None:
    """Say in each rule which other one it requires, by the id that this one has now."""
    by_source: dict[str, str] = {}
    for one in made:
        by_source.setdefault(one.source.id, one.rule.id)
    for one in made:
        what = f"rule {one.source.id}: required"
        there = [(rule, lines) for rule, lines in one.source.requires if rule in by_source]
        left += [
            NotCarried(what, f"{rule} is not there, so this rule finds more than it should")
            for rule, _ in one.source.requires
            if rule not in by_source
        ]
        if not there:
            continue
        (rule, lines), *others = there
        one.rule = one.rule.but(
            requires=Requires(by_source[rule], min(_ANYWHERE, _ANYWHERE if lines is None else lines))
        )
        left += [NotCarried(what, f"a rule can require one other; {rule} is not asked for") for rule, _ in others]


def _has_example(one: _Made, every: Mapping[str, _Made], left: list[NotCarried]) -> bool:
    """Make up a text in which the rule finds its secret; without one it is lost, since nothing proves it."""
    if not _try_out(one):
        left.append(NotCarried(f"rule {one.source.id}", "no text could be made up that it finds a secret in"))
        return False
    partner = every.get(one.rule.requires.rule) if one.rule.requires else None
    if partner and _try_out(partner):
        one.text = f"{made_up.unmarked(partner.text)}\n{one.text}"
        if partner.path and made_up.fits(one.rule.path, partner.path):
            one.path = partner.path
    return True


def _try_out(one: _Made) -> bool:
    if not one.text and (found := made_up.example(one.rule)):
        one.text, one.path = found
    return bool(one.text)


def _yaml(made: Sequence[_Made], title: str) -> str:
    import yaml

    entries = []
    for one in made:
        rule = one.rule
        entry: dict[str, object] = {"id": rule.id, "name": rule.name, "severity": rule.severity}
        entry |= {"confidence": rule.confidence, "pattern": rule.pattern}
        for key in ("path", "entropy"):
            entry |= {key: getattr(rule, key)} if getattr(rule, key) else {}
        for key in ("allow", "references"):
            entry |= {key: list(getattr(rule, key))} if getattr(rule, key) else {}
        entry |= {"requires": rule.requires.as_dict()} if rule.requires else {}
        example: object = {"path": one.path, "text": one.text} if one.path else one.text
        entry |= {"remediation": list(rule.remediation), "examples": {"match": [example]}}
        entries.append(entry)
    body = yaml.safe_dump(
        {"rules": entries}, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False
    )
    return f"{_SCHEMA}# {title}\n{body}"


def _unusable(text: str, left: list[NotCarried]) -> set[str]:
    """Load the rules and scan their examples; return the ids of those that do not do what they say."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "rules.yaml")
        file.write_text(text, "utf-8", newline="\n")
        try:
            loaded = rules.read_file(file)
            scanner = Scanner(rules.rule_set(it.rule for it in loaded), min_confidence=0.0, literals_only=True)
        except RuleError as error:
            if not error.rule:
                raise
            left.append(NotCarried(f"rule {error.rule}", error.problem))
            return {error.rule}
        failures = examples.check(loaded, scanner)
    bad = set()
    for failure in failures:
        taken = [stage for stage in failure.stages if stage.startswith("place: taken")]
        if taken:  # it works; two of the file's rules find the same
            left.append(NotCarried(f"rule {failure.rule}", f"is {taken[0].removeprefix('place: ')}", lost=False))
        else:
            bad.add(failure.rule)
            left.append(NotCarried(f"rule {failure.rule}", f"does not find its example: {'; '.join(failure.stages)}"))
    return bad
