"""Reports of repositories whose names and messages are an attack, and of ones that are too much."""

from __future__ import annotations

from reports import COMMIT, TOKEN, at, committed, finding, history, report

from tightlip.finding import Finding, Report, Unscanned
from tightlip.report.masked import Masked

EVIL = {
    "markup": "<script>alert(1)</script>]]><img src=x onerror=y>&amp;<!--",
    "markdown": (
        "![i](https://x.example/?q)[l](javascript:1) @octocat #12 !3 ~bug | a `b` ``c`` www.x.example _d_ **e** \\| <b>"
    ),
    "escape codes": "\x1b[2J\x1b]0;owned\x07\x9b1m\u202etxt.exe\u200b\x00",
    "new lines": "a\nb\r\nc\rd\x85e\u2028f\u2029g\x0bh\x0c",
    "commands of GitHub": (
        "x\n::error file=a::b\n::add-mask::z\n##[add-path]/evil ::stop-commands::t %0A::set-output name=a::b"
    ),
    "commands of Azure": (
        "x\n##vso[task.setvariable variable=a]b\n]##vso[task.complete result=Succeeded;] ;type=warning;%0D"
    ),
    "one mark more": "###[add-path]/evil ###vso[task.complete result=Failed]b ####",
    "formulas": '=HYPERLINK("https://x.example","y")',
    "halves of pairs": "a\ud83db\udc00c",
    "bytes": "caf\udce9\udcff\udc80",
    "quotes": "\"'`, ;\t\\",
    "braces": "{0}[a](1){{}}%SRCROOT%",
    "long": "x/" * 2000,
}


def everywhere(text: str, value: str = TOKEN, **more: object) -> Report:
    """A report that has a text wherever a repository can bring one in."""
    by: dict[str, object] = {"author": text, "email": text, "message_subject": text, "refs": (text,)}
    places = (
        committed(text, **by),
        at(text, part="path", commit=COMMIT, **by),
        at(text, part="ref", **by),
        at("", part="commit", commit=COMMIT, blob=COMMIT, **by),
        at(text),
    )
    made = [
        finding(value, *places, reasons=(text,), in_head=True),
        finding(value, *places[::-1], rule="other-rule", reasons=(text, text), in_head=False),
        finding(value, places[1], rule="third-rule", in_head=True),
    ]
    changed = {"unscanned": (Unscanned(text, text),), "notes": (text,), "target": text} | more
    target = changed.pop("target")
    made_of = history(*made, **changed)
    return Report(**{name: getattr(made_of, name) for name in made_of.__slots__} | {"target": target})


def with_many_places(number: int) -> Report:
    """A report of one secret in many places."""
    return report("files", finding(TOKEN, *(at(f"{n:05}.env", n + 1) for n in range(number))))


def masked(number: int, **changes: object) -> Finding:
    """A finding out of a saved report, whose fingerprint takes no time."""
    told = f"{number:020x}"
    secret = Masked("ghp_******** (40 characters)", told)
    return finding(TOKEN, at(f"src/{number % 977}/{number}.env"), **({"secret": secret, "told_as": told} | changes))


def with_many_findings(number: int, **changes: object) -> Report:
    """A report of many secrets."""
    return report("files", *(masked(n, **changes) for n in range(number)))
