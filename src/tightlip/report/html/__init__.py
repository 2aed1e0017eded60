"""The report as one page for a browser, to read and to hand on: it asks nothing of any server and works from a disk.

What it says is in it as JSON; a script of its own makes the page of that, with text and never with markup. Where
scripts may not run, a plain list is there instead. Its policy lets nothing run or load but this script and this style,
by their hashes. The page is ASCII, so that no encoding can change it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, TextIO

from tightlip.report.html.data import data
from tightlip.report.html.order import rotation
from tightlip.report.html.plain import plain
from tightlip.report.options import PLAIN, Options
from tightlip.report.style import count
from tightlip.report.visible import visible
from tightlip.report.wording import is_empty, published

if TYPE_CHECKING:
    from tightlip.finding import Report
    from tightlip.report.document import Document

_SCRIPTS = ("dom", "data", "filter", "summary", "timeline", "list", "detail", "print", "page")
"""In this order: each uses what is before it."""
_NOT_IN_A_SCRIPT = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&"}


def write(report: Report, out: TextIO, options: Options = PLAIN) -> str | None:
    """Write the page, with the secrets redacted whatever the options say: it is made to be handed on."""
    out.write(page(published(report, options)) + "\n")
    return "the page holds no values; use --report json:FILE for these" if options.show_secrets else None


def page(made: Document) -> str:
    """Return the page of a document."""
    order = rotation(made)
    style, early, script = _part("page.css"), _part("early.js"), _script()
    return Template(_part("page.html")).substitute(
        policy=policy(style, early, script),
        title=_ascii(escape(f"{_headline(made, len(order))} - {visible(made.target)} - tightlip")),
        style=style,
        early=early,
        plain=_ascii(plain(made, order)),
        data=_json(data(made, order)),
        script=script,
    )


def policy(style: str, *scripts: str) -> str:
    """Return what the page may do (https://www.w3.org/TR/CSP3/): run these scripts and this style, and nothing else."""
    run = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; script-src {run}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _headline(made: Document, number: int) -> str:
    if number:
        return count(number, "secret")
    return "Nothing was scanned" if is_empty(made) else "No secrets"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(value: object) -> str:
    """Return JSON in ASCII that has no mark which could end a script or begin a comment."""
    return json.dumps(value, separators=(",", ":")).translate(_NOT_IN_A_SCRIPT)


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _script() -> str:
    """Return the one script: its files, in a scope of their own."""
    return "\n".join(['"use strict";', "(() => {", *(_part(f"{name}.js") for name in _SCRIPTS), "})();"])


def _part(name: str) -> str:
    return (files(__package__) / "parts" / name).read_text("utf-8").strip()
