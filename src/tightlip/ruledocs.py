"""A Markdown page for each rule, and an index of them. The same rules give the same text, on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePath
from typing import NamedTuple
from urllib.parse import urlsplit

from tightlip import byteclass, necessary, written
from tightlip.engine.filters import FILTERS
from tightlip.errors import UsageError
from tightlip.model import HIGH, MEDIUM
from tightlip.necessary.parsed import ASSERTIONS, REPEATS, Node, parse, sre, width
from tightlip.request import Request
from tightlip.rule import Example, Rule
from tightlip.rules import LoadedRule
from tightlip.wholefile import AREA, FOUND

INDEX = "README.md"
_MARK = "<!-- Written by `tightlip rules docs` from the rule files: change those, not this. -->"
_MOST_WORDS = 400
"""Characters; a longer description of a pattern is harder to read than the pattern."""
_MOST_LITERALS = 8
_HAS_CODE = re.compile(r"(`+[^`]*`+)")


class Difference(NamedTuple):
    """A page that is not as it would be written now."""

    page: str
    what: str
    """`missing`, `stale` or `left over`."""


def pages(rules: Sequence[LoadedRule]) -> dict[str, str]:
    """Return the text of every page by its file's name, the index among them."""
    names = {loaded.rule.id: loaded.rule.name for loaded in rules}
    made = {f"{loaded.rule.id}.md": _page(loaded, names) for loaded in rules}
    return {INDEX: _index(rules), **made}


def differences(folder: str, rules: Sequence[LoadedRule]) -> list[Difference]:
    """Return what in a folder is not as it should be. Files that were not written by this are left out."""
    wanted = pages(rules)
    there = {name: text for name, text in _there(folder).items() if name in wanted or text.startswith(_MARK)}
    found = [Difference(name, "missing") for name in wanted.keys() - there.keys()]
    found += [Difference(name, "left over") for name in there.keys() - wanted.keys()]
    found += [Difference(name, "stale") for name in wanted.keys() & there.keys() if wanted[name] != there[name]]
    return sorted(found)


def write(folder: str, rules: Sequence[LoadedRule]) -> list[Difference]:
    """Write the pages that are missing or stale, remove those that are left over, and return which these were.

    Raises `UsageError` where the folder cannot be written to, or a page would take the place of a file of one's own.
    """
    wanted = pages(rules)
    changed = differences(folder, rules)
    there = _there(folder)
    for name, what in changed:
        if what == "stale" and not there[name].startswith(_MARK):
            raise UsageError(f"{Path(folder, name)} is not a page of rules docs: move it away first")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, what in changed:
            if what == "left over":
                Path(folder, name).unlink()
            else:
                Path(folder, name).write_text(wanted[name], "utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{folder}: cannot write the pages: {error.strerror}") from None
    return changed


def _there(folder: str) -> dict[str, str]:
    return {file.name: file.read_text("utf-8", "replace") for file in sorted(Path(folder).glob("*.md"))}


def _index(rules: Sequence[LoadedRule]) -> str:
    lines = [_MARK, "", "# What is looked for", ""]
    ordered = sorted(rules, key=lambda it: (_area(it), it.rule.provider.lower(), it.rule.provider))
    providers = {loaded.rule.provider for loaded in rules if loaded.rule.provider}
    of = f" of {len(providers):,} providers" if len(providers) > 1 else ""
    lines += [f"{len(rules):,} rules{of}, by area and provider.", ""]
    for area, of_area in groupby(ordered, _area):
        lines += [f"## {area}", ""]
        for provider, of_provider in groupby(of_area, lambda it: it.rule.provider):
            links = [f"[{_prose(it.rule.name)}]({it.rule.id}.md)" for it in of_provider]
            lines.append(f"- {_prose(provider) or 'any provider'}: {', '.join(links)}")
        lines.append("")
    return "\n".join(lines)


def _area(loaded: LoadedRule) -> str:
    return AREA if loaded.rule.is_of_files else PurePath(loaded.file).parent.name


def _page(loaded: LoadedRule, names: Mapping[str, str]) -> str:
    rule = loaded.rule
    sections = {
        **(_of_files(rule) if rule.is_of_files else _of_values(loaded, names)),
        "What to do": [f"{number}. {_prose(step)}" for number, step in enumerate(rule.remediation, 1)],
        "Does it still work?": _asked(loaded),
        "References": [f"- <{reference}>" for reference in rule.references],
    }
    lines = [_MARK, "", f"# {_prose(rule.name)}", "", *_facts(loaded)]
    for title, content in sections.items():
        lines += ["", f"## {title}", "", *content] if content else []
    return "\n".join(lines) + "\n"


def _of_files(rule: Rule) -> dict[str, list[str]]:
    more = "Which files are looked at, and what may stay in clear: [files that must be encrypted](../sops.md)."
    return {"What is found": [FOUND[rule.id], "", more]}


def _of_values(loaded: LoadedRule, names: Mapping[str, str]) -> dict[str, list[str]]:
    rule, source = loaded.rule, written.rules_of(loaded.file)[loaded.line]
    return {
        "What it looks like": _form(rule),
        "How it is judged": _judged(rule, names),
        "Examples that are found": _examples(loaded.match, source.match),
        "Examples that are not": _examples(loaded.no_match, source.no_match),
    }


def _asked(loaded: LoadedRule) -> list[str]:
    """What can be asked, or told, to the provider."""
    rule, lines = loaded.rule, []
    if loaded.verify:
        lines.append(
            f"`tightlip scan --verify {rule.id}` asks {_hosts(loaded.verify)}, as "
            f"[documented](<{loaded.verify.source}>)."
        )
    if loaded.revoke:
        lines.append(
            f"`tightlip revoke` can have {_hosts(loaded.revoke)} make it worthless, as "
            f"[documented](<{loaded.revoke.source}>).{_prose(f' {loaded.revoke.also}'.rstrip())}"
        )
    return ["", *[text for line in lines for text in (line, "")]][1:-1] if lines else []


def _hosts(request: Request) -> str:
    """Return who is asked, in words."""
    hosts = dict.fromkeys(request.hosts or [urlsplit(url).netloc for url in request.urls])
    return ", ".join(map(_code, hosts))


def _facts(loaded: LoadedRule) -> list[str]:
    rule = loaded.rule
    word = "high" if rule.confidence >= HIGH else "medium" if rule.confidence >= MEDIUM else "low"
    facts = {
        "id": _code(rule.id),
        "provider": _prose(rule.provider) or "any",
        "severity": rule.severity,
        "confidence": f"{word} ({rule.confidence:g})",
        "defined in": _code(f"{_area(loaded)}/{PurePath(loaded.file).name}") if loaded.file else "the package `sops`",
    }
    return ["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in facts.items())]


def _form(rule: Rule) -> list[str]:
    if rule.service:
        return _by_service(rule)
    lines = [f"It is {_secret_in_words(rule)}."]
    literals = sorted(literal.decode("ascii", "replace") for literal in necessary.of(rule.pattern).literals)
    if len(literals) <= _MOST_LITERALS:
        lines += ["", "Only a text that has one of these in it, in any case, is looked at:", ""]
        lines += [f"- {_code(literal)}" for literal in literals]
    if rule.path:
        lines += ["", f"Only in files whose path matches {_code(rule.path)}."]
    return [*lines, "", "The whole pattern:", "", *_block(rule.pattern)]


def _by_service(rule: Rule) -> list[str]:
    lines = [f"It is {_secret_in_words(rule)}, given to a name, where one of these stands before it:", ""]
    lines += [f"- {_code(name)}" for name in rule.service]
    return [*lines, "", "The form of the whole value:", "", *_block(rule.token)]


def _judged(rule: Rule, names: Mapping[str, str]) -> list[str]:
    lines = [f"- Its entropy is at least {rule.entropy:g} bits per byte."] if rule.entropy else []
    lines += [f"- It is no longer than {rule.max_length:,} bytes."] if rule.max_length else []
    lines += [f"- It has no match of {_code(allow)}." for allow in rule.allow]
    lines += [f"- Filter {_code(name)}: {_prose(_first_line(FILTERS[name].__doc__))}" for name in rule.filters]
    if rule.requires:
        name = _prose(names.get(rule.requires.rule, rule.requires.rule))
        link = f"[{name}]({rule.requires.rule}.md)" if rule.requires.rule in names else name
        lines.append(f"- It counts only where this is within {rule.requires.within} lines: {link}.")
    return lines or ["What has the form counts."]


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


def _examples(examples: Sequence[Example], texts: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for example, text in zip(examples, texts, strict=True):
        lines += ["", f"In {_code(example.path)}:", ""] if example.path else [""] if lines else []
        lines += _block(text.rstrip("\n"))
    return lines[1:] if lines and not lines[0] else lines


def _block(text: str) -> list[str]:
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return [f"{fence}text", *text.replace("\r", "").split("\n"), fence]


def _code(text: str) -> str:
    ticks = "`" * (_longest_ticks(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _prose(text: str) -> str:
    """Escape what Markdown would take for markup, outside of code."""
    parts = _HAS_CODE.split(text)
    return "".join(part if at % 2 else re.sub(r"([<*_|\[\]\\])", r"\\\1", part) for at, part in enumerate(parts))


def _either(texts: Iterable[str]) -> str:
    *others, last = texts
    return f"{', '.join(others)} or {last}" if others else last


def _secret_in_words(rule: Rule) -> str:
    """Say what the secret consists of, where that is shorter than its pattern."""
    tree = parse(rule.pattern or rule.token)
    flags = tree.state.flags
    group: Sequence[Node] = tree
    if rule.pattern:
        group, flags = next(byteclass.group(tree, tree.state.groupdict["secret"], flags))
    words = ", then ".join(_words(group, flags))
    if words and len(words) <= _MOST_WORDS:
        return words
    low, high = width(group)
    return f"{_counted(low, high)} bytes, as the pattern says"


def _words(items: Iterable[Node], flags: int) -> Iterator[str]:
    literal = ""
    for op, value in items:
        if op is sre.LITERAL and 32 < value < 127:
            literal += chr(value)
            continue
        if op is sre.AT or op in ASSERTIONS:
            continue
        if literal:
            yield _code(literal)
            literal = ""
        yield _node_in_words((op, value), flags)
    if literal:
        yield _code(literal)


def _node_in_words(node: Node, flags: int) -> str:
    op, value = node
    if (named := byteclass.one(op, value, flags)) is not None:
        return f"one of {_code(byteclass.shown(named))}"
    inner = [", then ".join(_words(part, under)) for part, under in byteclass.parts(op, value, flags)]
    if op not in REPEATS:
        return _either(text or "nothing" for text in inner)
    low, high, body = value
    named = byteclass.one(body[0][0], body[0][1], flags) if len(body) == 1 else None
    if named is not None and high > 1:
        return f"{_counted(low, high)} of {_code(byteclass.shown(named))}"
    return f"perhaps {inner[0]}" if (low, high) == (0, 1) else f"{_counted(low, high)} times ({inner[0]})"


def _counted(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}" if low else f"at most {high:,}"
