"""`.sops.yaml`: which files are to be encrypted, for whom, and which of their values (`creation_rules`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tightlip.sops import concern, plainyaml, selection
from tightlip.sops.expression import BadExpression, matches
from tightlip.sops.selection import Selection

NAME = concern.NAME
_PROBES = ("README.md", "src/main.py", "Makefile")
"""What nobody encrypts: a rule that is about these says how to encrypt, and not what."""
_GROUPED = {"kms": "arn", "aws_kms": "arn", "gcp_kms": "resource_id", "hckms": "key_id"}
_MOST = 1000


class NoConfiguration(ValueError):
    """`.sops.yaml`, or what a file says of itself in its place, cannot be used.

    `file` is which, from the top; `too_much`, whether SOPS may use it all the same, as it is only a limit of ours that
    keeps us from that.
    """

    def __init__(self, file: str, why: str, line: int = 0, *, too_much: bool = False) -> None:
        self.file, self.why, self.line, self.too_much = file, why, line, too_much
        super().__init__(f"{file}:{line}: {why}" if line else f"{file}: {why}")


class Rule(NamedTuple):
    """One creation rule."""

    line: int
    path_regex: str
    selection: Selection
    recipients: frozenset[str]
    """Of age, PGP, AWS and GCP: what a document must have."""

    @property
    def demands(self) -> bool:
        """Whether the rule says that its files are to be encrypted, and not only how."""
        return bool(self.path_regex) and not any(matches(self.path_regex, name) for name in _PROBES)


class Configuration(NamedTuple):
    """A `.sops.yaml`."""

    folder: str
    """From the top, with / at its end; empty for the top."""
    rules: tuple[Rule, ...]

    @property
    def file(self) -> str:
        """Its path from the top."""
        return self.folder + NAME

    def rule(self, path: str) -> Rule | None:
        """Return the first rule whose `path_regex` matches a path, as SOPS does it. Raises `NoConfiguration`.

        Parameters: `path`, from the top.
        """
        name = path.removeprefix(self.folder)
        return next((it for it in self.rules if not it.path_regex or self._matches(it, name)), None)

    def _matches(self, rule: Rule, name: str) -> bool:
        try:
            return matches(rule.path_regex, name)
        except BadExpression as error:
            raise NoConfiguration(self.file, f"path_regex: {error}", rule.line, too_much=error.too_much) from None


class Read:
    """Each `.sops.yaml` that was read, also where that cannot be done: thousands of files may ask for the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Configuration | NoConfiguration] = {}

    def get(self, folder: str, oid: str, content: Callable[[], bytes]) -> Configuration:
        """Return what one says. Raises `NoConfiguration`.

        Parameters: `folder`, as of `read`; `oid`, what tells it from others of the folder; `content`, what is in it.
        """
        found = self._known.get((folder, oid))
        if found is None:
            try:
                found = read(content(), folder)
            except NoConfiguration as error:
                found = error
            self._known[folder, oid] = found
        if isinstance(found, NoConfiguration):
            raise NoConfiguration(found.file, found.why, found.line, too_much=found.too_much)
        return found


def read(data: bytes, folder: str = "") -> Configuration:
    """Read a file. Raises `NoConfiguration`. Parameters: `folder`, that it is in, from the top, with / at its end."""
    where = folder + NAME
    try:
        node = next(plainyaml.documents(data), None)
        said = plainyaml.loaded(node, once=True) if node else None
    except plainyaml.NotYaml as error:
        raise NoConfiguration(where, str(error), too_much=error.too_much) from None
    if node is None:
        return Configuration(folder, ())
    if not isinstance(said, dict):
        raise NoConfiguration(where, "it is no mapping")
    rules = said.get("creation_rules")
    if rules is None:
        return Configuration(folder, ())
    if not isinstance(rules, list):
        raise NoConfiguration(where, "creation_rules is no list")
    lines = list(_lines(node))
    every = zip(lines, rules[:_MOST], strict=False)
    return Configuration(folder, tuple(_rule(line, it) for line, it in every if isinstance(it, dict)))


def folders(path: str) -> Iterator[str]:
    """Yield the folders that may hold the `.sops.yaml` of a path, the nearest first, each with / at its end."""
    at = path.rfind("/")
    while at >= 0:
        yield path[: at + 1]
        at = path.rfind("/", 0, at)
    yield ""


def _lines(node: object) -> Iterator[int]:
    for key, value in getattr(node, "value", ()):
        if key.value == "creation_rules":
            yield from (item.start_mark.line + 1 for item in value.value)


def _rule(line: int, said: Mapping[str, object]) -> Rule:
    regex = said.get("path_regex")
    return Rule(line, regex if isinstance(regex, str) else "", selection.of(said), frozenset(_recipients(said)))


def _recipients(said: Mapping[str, object]) -> Iterator[str]:
    for kind in ("age", "pgp", "kms", "gcp_kms"):
        yield from (recipient(kind, word) for word in _words(said.get(kind)))
    groups = said.get("key_groups")
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict):
            yield from _of_group(group)


def _of_group(group: Mapping[str, object]) -> Iterator[str]:
    for kind in ("age", "pgp"):
        yield from (recipient(kind, word) for word in _words(group.get(kind)))
    for kind, key in _GROUPED.items():
        items = group.get(kind)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get(key), str):
                yield recipient(kind, item[key])


def _words(value: object) -> Iterator[str]:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            yield from filter(None, (word.strip() for word in text.replace("\n", ",").split(",")))


def recipient(kind: str, text: str) -> str:
    """Return a recipient in the one way that it is compared in."""
    text = text.strip()
    if kind == "pgp":
        return text.replace(" ", "").upper()[-16:]
    return text.partition("+")[0] if kind in ("kms", "aws_kms") else text
