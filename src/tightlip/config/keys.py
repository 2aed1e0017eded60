"""What each key of a file means: from nodes to settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tightlip.config import expressions, found, globs
from tightlip.config.places import Disk, Refused
from tightlip.config.settings import Allow, Choice, Config, DetectSecrets, Origin, Override, RuleFile, Schedule
from tightlip.model import HIGH, LOW, MEDIUM

if TYPE_CHECKING:
    from tightlip.config.node import Node
    from tightlip.config.places import Place

SEVERITIES = ("critical", "high", "medium", "low")
_LEVELS = {"high": HIGH, "medium": MEDIUM, "low": LOW}
_OF_A_RULE = {"high": 0.9, "medium": 0.6, "low": 0.3}
"""What the levels stand for in a rule, as in rule files."""
_KINDS = ("provider", "severity")
_IN_IDS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-*?")
_SHORTEST_COMMIT, _LONGEST_COMMIT = 7, 64
_SHORTEST_STOPWORD = 3


class Draft:
    """A configuration while it is put together: what comes later counts more."""

    def __init__(self, top: str | None = None) -> None:
        """Parameters: `top`, the top folder of the repository on disk."""
        self.top = top
        self.rules: dict[str, RuleFile] = {}
        self.choices: list[Choice] = []
        self.overrides: dict[str, Override] = {}
        self.min_confidence: float | None = None
        self.min_severity = "low"
        self.max_file_size: int | None = None
        self.baseline: str | None = None
        self.allow: list[Allow] = []
        self.detect_secrets: DetectSecrets | None = None
        self.known: list[str] = []
        self.rotation: Schedule | None = None
        self.origins: dict[str, Origin] = {}
        self.files: list[str] = []

    def config(self) -> Config:
        """Return it whole."""
        return Config(
            rules=tuple(self.rules.values()),
            choices=tuple(self.choices),
            overrides=self.overrides,
            min_confidence=self.min_confidence,
            min_severity=self.min_severity,
            max_file_size=self.max_file_size,
            baseline=self.baseline,
            allow=tuple(self.allow),
            detect_secrets=self.detect_secrets,
            known=tuple(dict.fromkeys(self.known)),
            rotation=self.rotation,
            origins=self.origins,
            files=tuple(self.files),
        )


def add(draft: Draft, keys: dict[str, Node], place: Place) -> None:
    """Add what a file says to what those before it have said. Raises `ConfigError`."""
    for name, take in _TAKEN.items():
        if name in keys:
            take(draft, keys[name], place)


def _rules(draft: Draft, node: Node, place: Place) -> None:
    for item in node.items():
        draft.rules |= _rule_files(item, place)


def _rule_files(node: Node, place: Place) -> dict[str, RuleFile]:
    found: dict[str, RuleFile] = {}
    try:
        for file in place.beside(node.text()).rule_files():
            path, content = (file.path, None) if isinstance(file, Disk) else ("", file.read())
            found[file.identity] = RuleFile(file.name, path, content, node.origin)
    except Refused as error:
        raise node.error(str(error)) from None
    return found


def _disable(draft: Draft, node: Node, _: Place) -> None:
    draft.choices += [Choice(on=False, pattern=_pattern(item), origin=item.origin) for item in node.items()]


def _enable(draft: Draft, node: Node, _: Place) -> None:
    draft.choices += [Choice(on=True, pattern=_pattern(item), origin=item.origin) for item in node.items()]


def _pattern(node: Node) -> str:
    """A glob of rule ids, or of one of their other properties: `provider:git*`."""
    text = node.text()
    kind, colon, rest = text.partition(":")
    if not colon:
        return _id_glob(node)
    if kind not in _KINDS or not rest:
        raise node.error("must be the id of a rule, a glob such as aws-*, provider:NAME or severity:LEVEL")
    if kind == "severity" and rest not in SEVERITIES:
        raise node.error(f"must name a severity: {', '.join(SEVERITIES)}")
    return text.lower()


def _id_glob(node: Node) -> str:
    text = node.text()
    if not _IN_IDS.issuperset(text.lower()):
        raise node.error("must be the id of a rule, or a glob of ids: small letters, digits, hyphens, * and ?")
    if text != text.lower():
        raise node.error("must be in small letters, as ids of rules are")
    return text


def _override(draft: Draft, node: Node, _: Place) -> None:
    for rule, given in node.pairs().items():
        if "*" in rule or "?" in rule or rule != rule.lower():
            raise given.error("must be the id of one rule, as tightlip rules list has it")
        keys = given.mapping(("severity", "confidence", "enabled"))
        now = draft.overrides.get(rule, Override())
        if "severity" in keys:
            now = now._replace(severity=keys["severity"].one_of(SEVERITIES))
        if "confidence" in keys:
            now = now._replace(confidence=keys["confidence"].level(_OF_A_RULE))
        if "enabled" in keys:
            draft.choices.append(Choice(on=keys["enabled"].flag(), pattern=rule, origin=keys["enabled"].origin))
        if now != Override():
            draft.overrides[rule] = now
        draft.origins |= {f"override.{rule}.{key}": keys[key].origin for key in keys if key != "enabled"}


def _min_confidence(draft: Draft, node: Node, _: Place) -> None:
    draft.min_confidence = node.level(_LEVELS)
    draft.origins["min_confidence"] = node.origin


def _min_severity(draft: Draft, node: Node, _: Place) -> None:
    draft.min_severity = node.one_of(SEVERITIES)
    draft.origins["min_severity"] = node.origin


def _limits(draft: Draft, node: Node, _: Place) -> None:
    for key, value in node.mapping(("max_file_size",)).items():
        draft.max_file_size = value.size()
        draft.origins[f"limits.{key}"] = value.origin


def _baseline(draft: Draft, node: Node, place: Place) -> None:
    text = node.text()
    is_users_own = isinstance(place, Disk) and place.root is None
    if not is_users_own and (os.path.isabs(text) or ".." in text.replace("\\", "/").split("/")):
        raise node.error("must be a file in the repository, counted from its top")
    if not is_users_own and draft.top is not None:
        try:
            Disk(os.path.join(draft.top, text), draft.top)
        except Refused as error:
            raise node.error(str(error)) from None
    draft.baseline = text
    draft.origins["baseline"] = node.origin


def _path(node: Node) -> str:
    text = node.text()
    pattern = globs.glob(text.encode("utf-8", "surrogatepass"))
    if pattern.is_negative:
        raise node.error("must not begin with !: an entry allows what all its conditions hold for")
    if pattern.matcher is None:
        raise node.error("is no glob that anything can match: it ends in \\, has a [ without its ], or is too long")
    return text


def _commit(node: Node) -> str:
    text = node.word().lower()
    if not _SHORTEST_COMMIT <= len(text) <= _LONGEST_COMMIT or text.strip("0123456789abcdef"):
        raise node.error(f"must be the id of a commit, or at least its first {_SHORTEST_COMMIT} hexadecimal digits")
    return text


def _stopword(node: Node) -> str:
    text = node.text()
    if len(text) < _SHORTEST_STOPWORD:
        raise node.error(f"must have at least {_SHORTEST_STOPWORD} characters: a shorter text is in too many secrets")
    return text


_CONDITIONS: dict[str, Callable[[Node], str]] = {
    "rules": _id_glob,
    "paths": _path,
    "values": expressions.checked,
    "lines": expressions.checked,
    "commits": _commit,
    "stopwords": _stopword,
}


def _allow(draft: Draft, node: Node, _: Place) -> None:
    for item in node.items():
        keys = item.mapping((*_CONDITIONS, "reason"))
        if "reason" not in keys:
            raise item.error("has no `reason`: say why this may stay")
        given = {key: tuple(map(check, keys[key].items())) for key, check in _CONDITIONS.items() if key in keys}
        if empty := next((key for key, values in given.items() if not values), ""):
            raise keys[empty].error("is empty: leave it out, or say what it is about")
        if not given:
            raise item.error(f"has no condition, and would allow everything: give one of {', '.join(_CONDITIONS)}")
        draft.allow.append(Allow(reason=" ".join(keys["reason"].text().split()), origin=item.origin, **given))


def _detect_secrets(draft: Draft, node: Node, place: Place) -> None:
    """Take plugins, which are programs, from the user's or the organisation's file itself and from no other."""
    if not _is_users_own(place, draft.top):
        raise node.error("runs programs: only your own configuration, or the organisation's, may have it")
    keys = node.mapping(("plugins", "custom"))
    now = draft.detect_secrets or DetectSecrets()
    names = tuple(item.text() for item in keys["plugins"].items()) if "plugins" in keys else ()
    custom = tuple(_program(item, draft.top) for item in keys["custom"].items()) if "custom" in keys else ()
    if not names and not custom:
        raise node.error("names no plugin: give plugins, custom, or both")
    draft.detect_secrets = DetectSecrets(
        tuple(dict.fromkeys(now.plugins + names)), tuple(dict.fromkeys(now.custom + custom))
    )
    draft.origins |= {f"detect_secrets.{key}": value.origin for key, value in keys.items()}


def _known(draft: Draft, node: Node, place: Place) -> None:
    """Take indexes of known secrets from the user's or the organisation's file itself and from no other."""
    if not _is_users_own(place, draft.top):
        raise node.error("names an index of secrets: only your own configuration, or the organisation's, may have it")
    for item in node.items():
        path = os.path.expanduser(item.text())
        if not os.path.isabs(path):
            raise item.error("must be an absolute path, of a file that `tightlip known index` made")
        if _is_below(os.path.realpath(path), draft.top):
            raise item.error("is in the repository that is scanned, where no index of secrets belongs")
        draft.known.append(path)
    draft.origins["known"] = node.origin


def _rotation(draft: Draft, node: Node, place: Place) -> None:
    """Take a schedule from any file, and vaults from the user's or the organisation's file itself alone."""
    from tightlip.config import rotation

    draft.rotation = rotation.joined(draft.rotation, node, is_users_own=_is_users_own(place, draft.top))
    draft.origins |= {f"rotation.{key}": value.origin for key, value in node.pairs().items()}


def _is_users_own(place: Place, top: str | None) -> bool:
    """Whether it is the user's own file; or the organisation's, which a variable may not find in the repository."""
    path = os.path.realpath(place.path)
    if not isinstance(place, Disk) or place.root is not None:
        return False
    is_organisations = path == os.path.realpath(found.organisation() or os.devnull) and not _is_below(path, top)
    return is_organisations or path == os.path.realpath(found.user())


def _program(node: Node, top: str | None) -> str:
    path = os.path.expanduser(node.text())
    if not os.path.isabs(path):
        raise node.error("must be an absolute path")
    if not os.path.isfile(path):
        raise node.error("is no file")
    if _is_below(os.path.realpath(path), top):
        raise node.error("is in the repository that is scanned, and no program in that is run")
    return path


def _is_below(path: str, top: str | None) -> bool:
    return top is not None and path.startswith(os.path.realpath(top).rstrip(os.sep) + os.sep)


_TAKEN: dict[str, Callable[[Draft, Node, Place], None]] = {
    "rules": _rules,
    "disable": _disable,
    "enable": _enable,
    "override": _override,
    "min_confidence": _min_confidence,
    "min_severity": _min_severity,
    "limits": _limits,
    "baseline": _baseline,
    "allow": _allow,
    "detect_secrets": _detect_secrets,
    "known": _known,
    "rotation": _rotation,
}
KEYS = ("extends", *_TAKEN)
"""Every key that a file may have."""
