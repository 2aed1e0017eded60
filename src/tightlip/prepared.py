"""The built-in rules as they were when tightlip was built: read, checked, and cut down to what a prefilter looks for.

`hatch_build.py` puts them into the wheel, so that the first run after an upgrade reads no YAML and parses no pattern.
They are used only while the rule files, and the code that reads these, are byte for byte what they were made of. A
checkout has none, and everything is made from the rule files.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from tightlip import builtin, necessary, rules, sample
from tightlip.necessary import Necessary
from tightlip.rule import Requires, Rule
from tightlip.rules import RuleSet

MADE_BY = (
    *("asking.py", "builtin.py", "errors.py", "model.py", "notation.py", "prepared.py", "request.py", "rule.py"),
    *("rulenode.py", "rules.py", "sample.py"),
)
"""The modules that decide what is prepared, beside those of `necessary`."""
_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_SAMPLES = 8
_DIGEST = 64
"""So many characters at the start of the file are a digest of what it was made of and of all that follows."""


class Prepared(NamedTuple):
    """What the file holds."""

    rules: tuple[Rule, ...] = ()
    """The built-in rules; none where there is no file, or not the right one."""
    parts: Mapping[str, Necessary] = {}
    samples: Mapping[str, tuple[bytes, ...]] = {}
    """Both by the pattern."""


def load_rules(*paths: str) -> RuleSet:
    """Load the built-in rules and those of `paths` (files or folders). Raises what `rules.load_rules` raises."""
    if not (known := load().rules):
        return rules.load_rules(*paths)
    return rules.rule_set([*known, *(loaded.rule for path in paths for loaded in rules.read(path))])


def part(pattern: str) -> Necessary:
    """Return what every match of `pattern` contains, as `necessary.of` does."""
    return load().parts.get(pattern) or necessary.of(pattern)


def samples(pattern: str) -> Sequence[bytes]:
    """Return texts that contain a match of `pattern`, the same every time."""
    dice = random.Random(pattern)  # noqa: S311 - the texts are to be the same
    return load().samples.get(pattern) or sample.samples(pattern, dice, _SAMPLES)


@cache
def load() -> Prepared:
    """Return what is in the file, or nothing where it is not there, is damaged, or was made of something else."""
    try:
        with open(builtin.prepared(), "rb") as file:
            digest, body = file.read(_DIGEST).decode("ascii"), file.read()
        if digest != _digest(body):
            return Prepared()
    except (OSError, UnicodeDecodeError):
        return Prepared()
    found = json.loads(body)
    return Prepared(
        tuple(map(_rule, found["rules"])),
        {pattern: _part(*row) for pattern, row in found["parts"].items()},
        {pattern: _bytes(texts) for pattern, texts in found["samples"].items()},
    )


def write(path: str) -> None:
    """Write the file. Raises `RuleError` for a rule that cannot be used, and `OSError`."""
    loaded = rules.load_rules().rules
    patterns = {rule.pattern for rule in loaded if rule.pattern}
    parts = {
        pattern: necessary.of(pattern) for pattern in sorted(patterns | {rule.path for rule in loaded if rule.path})
    }
    texts = {pattern: [text.decode("latin-1") for text in samples(pattern)] for pattern in sorted(patterns)}
    rows = {pattern: [_text(value) for value in found] for pattern, found in parts.items()}
    body = json.dumps({"rules": list(map(_row, loaded)), "parts": rows, "samples": texts}, ensure_ascii=False).encode()
    with open(path, "wb") as file:
        file.write(_digest(body).encode("ascii") + body)


def _digest(body: bytes) -> str:
    """Of what was prepared, and of all files that it was made of, with their names."""
    found = sha256(body)
    for folder, file in _sources():
        with open(os.path.join(folder, file), "rb") as stream:
            content = stream.read()
        found.update(f"\0{file.replace(os.sep, '/')}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def _sources() -> Iterator[tuple[str, str]]:
    """Yield the rule files and the code that reads them, each as the folder that it is named from, and its name."""
    shipped = builtin.folder()
    yield from ((shipped, os.path.relpath(file, shipped)) for file in rules.files(shipped))
    necessary_files = sorted(name for name in os.listdir(os.path.join(_PACKAGE, "necessary")) if name.endswith(".py"))
    yield from ((_PACKAGE, name) for name in (*MADE_BY, *(os.path.join("necessary", name) for name in necessary_files)))


def _text(value: Any) -> Any:  # noqa: ANN401 - what JSON can say
    """A value of a part, its bytes as characters."""
    return [item.decode("latin-1") for item in value] if isinstance(value, tuple) else value


def _part(expressions: list[str], caseless: bool, literals: list[str], *widths: int) -> Necessary:  # noqa: FBT001 - a row
    return Necessary(_bytes(expressions), caseless, _bytes(literals), *widths)


def _bytes(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(text.encode("latin-1") for text in texts)


def _rule(row: dict[str, Any]) -> Rule:
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    found["requires"] = found["requires"] and Requires(**found["requires"])
    return Rule(**found)


def _row(rule: Rule) -> dict[str, Any]:
    return {**rule.as_dict(), "requires": rule.requires and rule.requires.as_dict()}
