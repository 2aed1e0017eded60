"""Learn how likely a value that is given to a name is a secret, and write what was learned into the package.

`python benchmarks/training.py DATA.jsonl.gz FOLDER... [--check]`, where tightlip is installed from this checkout, and
scikit-learn beside it. DATA holds labelled candidates as `quality.py` reads them; each FOLDER, code that holds no
secrets, such as checked-out projects: its words are those that the table of letters is made of, and whatever the
generic rules' patterns find in it counts as no secret. Prints what a cross-validation says, in which no repository is
in both parts; `--check` prints only.

Only numbers that describe values are learned from: no value, path or name of the data enters the weights.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import GroupKFold
from sklearn.tree._tree import Tree

import _corpus
from tightlip import builtin
from tightlip.engine import assignment, confirm
from tightlip.engine.assignment import features, names, ngrams
from tightlip.engine.assignment.lead import read as read_lead
from tightlip.engine.compiled import Compiled
from tightlip.engine.compiling import compile_rules
from tightlip.rules import load_rules, rule_set

MODULE = '''\
"""What benchmarks/training.py learned, and wrote: nothing here is changed by hand. Python keeps it ready to use."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tightlip.engine.assignment.scorer import Node

NUMBERS = (
{names})
"""What describes a value, in order."""
BIAS = {bias}
TREES: tuple[Node, ...] = (
{trees})
'''
"""The module of what was learned."""
TARGET = Path(assignment.__file__).parent
WEIGHTS = {"T": 1.0, "F": 3.0, "X": 0.3, "code": 0.6, "human": 0.4, "T, elsewhere": 0.2, "none, elsewhere": 0.15}
"""What an example counts for, by its kind: data has few of the values that are none, and code has many of them."""
TREES, DEPTH = 100, 4
FOLDS = 8
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TEXTS = {".c", ".h", ".md", ".py", ".rst", ".txt", ".js", ".go", ".java", ".rb"}
_LARGEST = 1 << 20
_COMMON = 12
"""A word in so many files is one."""


class Place(NamedTuple):
    """Where a value stands in a text."""

    text: bytes
    start: int
    end: int


class Example(NamedTuple):
    """A value that some generic rule finds."""

    source: str
    """The repository or folder: all of one are in one part of a cross-validation."""
    kind: str
    numbers: list[float]

    @property
    def is_secret(self) -> bool:
        """Whether it is one."""
        return self.kind in {"T", "human", "T, elsewhere"}


def files(folders: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """Yield the text files below folders that are not too large, and their content."""
    for folder in folders:
        for parent, _, inside in sorted(os.walk(folder)):
            for name in sorted(inside):
                path = Path(parent, name)
                if path.is_file() and not path.is_symlink() and path.stat().st_size < _LARGEST:
                    data = path.read_bytes()
                    if b"\0" not in data:
                        yield path, data


def letters(folders: Iterable[Path]) -> bytes:
    """Return the table of letters, made of the words of source text; a word counts by the files that have it."""
    counts: Counter[str] = Counter()
    for path, data in files(folders):
        if path.suffix in _TEXTS:
            words = _WORD.findall(data.decode("utf-8", "replace"))
            counts.update({word.lower() for word in words if 2 < len(word) < 16})
    return ngrams.table({word: math.log2(count) for word, count in counts.items() if count >= _COMMON})


def generic() -> Compiled:
    """Return the rules that the filter judges, compiled."""
    loaded = load_rules(Path(builtin.folder(), "generic"), with_builtin=False)
    return compile_rules(rule_set(rule for rule in loaded.rules if "assignment" in rule.filters))


def found(rules: Compiled, text: bytes, path: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the generic rules' patterns find values, whatever comes of them."""
    seen = set()
    for index, ends in rules.split(rules.prefilter.candidates(text))[0].items():
        if rules.applies(index, path):
            pattern = rules.pattern(rules.rules[index].pattern)
            for match in confirm.matches(pattern, rules.reach_of(index), text, ends):
                if match.span("secret") not in seen:
                    seen.add(match.span("secret"))
                    yield match.span("secret")


def labelled(rules: Compiled, rows: Iterable[_corpus.Row], dice: random.Random) -> Iterator[Example]:
    """Yield the labelled values that generic rules find, and people's passwords in the place of some."""
    for row in rows:
        if not row.counts or row.group == "Private key":
            continue
        text = row.text.encode()
        first, last = (len(row.text[:place].encode()) for place in (row.start, row.end))
        for start, end in found(rules, text, row.path.encode()):
            common = min(end, last) - max(start, first)
            if 2 * common <= max(last - first, end - start):
                continue
            if (numbers := assignment.describe(text, start, end)) is not None:
                yield Example(row.repo, row.label, numbers)
                yield from elsewhere(Place(text, start, end), row.label, row.repo, dice)
            if row.label == "T" and row.group in {"Password", "Secret"}:
                yield from _by_people(row.repo, text, start, end, dice)
            break


SYNTAXES = (
    'os.getenv("{name}", "{value}")',
    'process.env.{name} || "{value}";',
    "ENV.fetch('{name}', '{value}')",
    'System.getenv("{name}") ?: "{value}"',
    'env::var("{name}").unwrap_or("{value}".into())',
    'config("{name}", default="{value}")',
    '#define {name} "{value}"',
    "ENV {name} {value}",
    "| {name} | {value} |",
    "set -gx {name} {value}",
    "{name} {value}",
    "{name}: |\n  {value}",
    'variable "{name}" {{\n  default = "{value}"\n}}',
    '"{name}","{value}"',
    "<name>{name}</name>\n<value>{value}</value>",
    '{name} = "{value}"',
    '- name: {name}\n  value: "{value}"',
    '{name} = (\n    "{value}"\n)',
    '"{name}": {{\n  "type": "string",\n  "value": "{value}"\n}}',
    '{{"value": "{value}", "name": "{name}"}}',
    "ENV.fetch('{name}') {{ '{value}' }}",
    "$ENV{{{name}}} // '{value}'",
    'env::var("{name}").unwrap_or_else(|_| "{value}".into())',
    'char {name}[] = "{value}";',
    'std::string {name}{{"{value}"}};',
    'public string {name} {{ get; set; }} = "{value}";',
    'Dim {name} As String = "{value}"',
    "$env:{name} = '{value}'",
    'buildConfigField "String", "{name}", "\\"{value}\\""',
    'client.login("deploy", "{value}")',
    'ssh.connect("10.0.0.7", 22, "deploy", "{value}")',
    'find_element("name", "{name}").send_keys("{value}")',
    "curl -u deploy:{value} https://shop.internal/",
    "the {name} is {value}",
)
"""Syntaxes that labelled lines have few of: a value is as much of a secret in one as in another."""
_PLAIN = re.compile(r"[^\s\"'`<>{}|,;\\\\]{4,200}")


def elsewhere(place: Place, kind: str, source: str, dice: random.Random) -> Iterator[Example]:
    """Yield the same name and value in another syntax."""
    text, start, end = place
    value = text[start:end].decode("utf-8", "replace")
    lead = next((lead for lead in read_lead(text, start, end) if names.read(lead.name).kind), None)
    name = lead.name.split()[-1].strip("$@-.") if lead and lead.form == "given" else ""
    if name and _PLAIN.fullmatch(value):
        before, _, after = dice.choice(SYNTAXES).format(name=name, value="\0").partition("\0")
        moved, at = f"{before}{value}{after}\n".encode(), len(before.encode())
        if (numbers := assignment.describe(moved, at, at + end - start)) is not None:
            yield Example(source, "T, elsewhere" if kind == "T" else "none, elsewhere", numbers)


def _by_people(source: str, text: bytes, start: int, end: int, dice: random.Random) -> Iterator[Example]:
    """The same place with a password such as people choose: the data has random letters in their stead."""
    value = _password(dice).encode()
    numbers = assignment.describe(text[:start] + value + text[end:], start, start + len(value))
    if numbers is not None:
        yield Example(source, "human", numbers)


_PEOPLES_WORDS = """
    summer winter spring autumn dragon monkey tiger eagle falcon rocket planet coffee cheese pizza banana orange
    purple silver golden shadow thunder hunter master ninja pirate wizard knight castle river mountain ocean
    sunshine rainbow butterfly welcome qwerty london paris berlin tokyo chicago boston jordan michael jessica
    charlie daniel andrew batman superman football hockey guitar piano letmein trustno iloveyou princess flower
    bubbles horse battery staple correct kitten puppy chicken turtle penguin
"""
"""What passwords that people choose are made of."""
_WORDS = _PEOPLES_WORDS.split()
_ALIKE = str.maketrans("aeios", "43105")
"""Digits that people write in the place of letters."""


def _password(dice: random.Random) -> str:
    """A password such as people choose: words, with digits and a sign, or with letters that look like others."""
    word = dice.choice(_WORDS)
    number = dice.choice(
        [str(dice.randrange(10, 100)), str(dice.randrange(1950, 2031)), str(dice.randrange(100, 10000))]
    )
    sign = dice.choice("!@#$%&*?._-")
    alike = word.translate(_ALIKE)
    several = dice.choice("-_.#!").join(dice.sample(_WORDS, 3))
    other, few = dice.choice(_WORDS), str(dice.randrange(10))
    drawn = "".join(dice.choices(string.ascii_letters + string.digits + "!@#$%^*+-_=?.~", k=dice.randint(8, 18)))
    forms = [
        drawn,
        several + dice.choice(["", number[:2]]),
        word + few,
        word + other.title() + number[:2],
        dice.choice(["My", "The", "Our", "Big", "Old"])
        + other.title()
        + dice.choice(["Is", "Has", "Eats"])
        + number[:2]
        + word.title()
        + dice.choice(["", sign]),
        dice.choice("-_.@").join([word, other, number[:2]]),
        word.title() + dice.choice("_-.#") + other.title() + dice.choice("_-.#") + number[:2],
        word.title() + number + sign,
        word + number,
        word.title() + sign + number,
        f"{word}{dice.choice('-_.')}{dice.choice(_WORDS)}{dice.choice('-_.')}{number}",
        alike + dice.choice(["", sign, number]),
        f"{word.title()}{dice.choice(_WORDS).title()}{number}{sign}",
        dice.choice("-_. ").join([alike, dice.choice(_WORDS).translate(_ALIKE), number[:2], dice.choice(_WORDS)]),
        dice.choice("-_.").join(dice.sample(_WORDS, 4)),
    ]
    return dice.choice(forms)


def unlabelled(rules: Compiled, folders: Iterable[Path], dice: random.Random) -> Iterator[Example]:
    """Yield what generic rules find in code that holds no secrets, each once."""
    seen: set[tuple[float, ...]] = set()
    for folder in folders:
        for path, data in files([folder]):
            below = path.relative_to(folder)
            for start, end in found(rules, data, os.fsencode(below)):
                numbers = assignment.describe(data, start, end)
                if numbers is not None and tuple(numbers) not in seen:
                    seen.add(tuple(numbers))
                    source = f"{folder}/{below.parts[0]}"
                    yield Example(source, "code", numbers)
                    yield from elsewhere(Place(data, start, end), "code", source, dice)


def learn(examples: list[Example]) -> GradientBoostingClassifier:
    """Fit decision trees, each to what those before it leave unexplained."""
    model = GradientBoostingClassifier(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=0.1, subsample=0.7, min_samples_leaf=8, random_state=1
    )
    counts = [WEIGHTS[example.kind] for example in examples]
    numbers = np.array([example.numbers for example in examples])
    return model.fit(numbers, [example.is_secret for example in examples], sample_weight=counts)


def validate(examples: list[Example]) -> np.ndarray:
    """Return the chance of each example by what was learned from other repositories alone."""
    numbers = np.array([example.numbers for example in examples])
    sources = [example.source for example in examples]
    chances = np.zeros(len(examples))
    for known, asked in GroupKFold(FOLDS).split(numbers, groups=sources):
        chances[asked] = learn([examples[at] for at in known]).predict_proba(numbers[asked])[:, 1]
    return chances


def source(model: GradientBoostingClassifier) -> str:
    """Return what was learned as the package keeps it; engine/assignment/scorer.py says how it is read."""
    share = float(model.init_.class_prior_[1])
    trees = "".join(f"    {_nested(tree.tree_, 0, model.learning_rate)},\n" for (tree,) in model.estimators_)
    names = "".join(f'    "{name}",\n' for name in features.NAMES)
    return MODULE.format(names=names, bias=round(math.log(share / (1 - share)), 6), trees=trees)


def _nested(tree: Tree, node: int, rate: float) -> object:
    """A tree's node: a number to add, or which number is asked, its bound, and the ways on below and above it."""
    if tree.children_left[node] < 0:
        return round(rate * float(tree.value[node][0][0]), 5)
    ways = (tree.children_left[node], tree.children_right[node])
    at, most = int(tree.feature[node]), round(float(tree.threshold[node]), 6)
    return (at, most, *(_nested(tree, way, rate) for way in ways))


def report(examples: list[Example], chances: np.ndarray) -> None:
    """Print how many of each kind are taken for secrets, by the least chance."""
    totals = Counter(example.kind for example in examples)
    print("| least | " + " | ".join(f"{kind} of {count}" for kind, count in totals.items()) + " |")
    print("|---|" + "---:|" * len(totals))
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        taken = Counter(example.kind for example, chance in zip(examples, chances, strict=True) if chance >= least)
        print(f"| {least} | " + " | ".join(str(taken[kind]) for kind in totals) + " |")


def main() -> None:
    """Learn, validate and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--check", action="store_true", help="write nothing")
    args = parser.parse_args()
    table = letters(args.folders)
    (TARGET / "letters.bin").write_bytes(table)
    rules = generic()
    dice = random.Random(1)
    examples = [*labelled(rules, _corpus.read(args.data), dice), *unlabelled(rules, args.folders, dice)]
    report(examples, validate(examples))
    if not args.check:
        (TARGET / "trees.py").write_text(source(learn(examples)), "ascii")


if __name__ == "__main__":
    main()
