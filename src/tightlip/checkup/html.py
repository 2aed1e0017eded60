"""The review as one page for the browser: no script, nothing from elsewhere, nothing of the repository is markup."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from typing import TextIO

from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line
from tightlip.checkup.review import Review
from tightlip.report.options import Options
from tightlip.report.visible import visible

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #d0d7de}
article{margin:.8rem 0}article p{margin:0}.state{display:inline-block;min-width:6.5rem;font-weight:600}
.ok .state{color:#116329}.warn .state{color:#7d4e00}.fail .state{color:#a40e26}.unchecked .state{color:#57606a}
.said{color:#57606a}ul{margin:.2rem 0 .2rem 6.5rem;padding-left:1rem}code{font-size:.9em;overflow-wrap:anywhere}
.mend{margin-left:6.5rem!important}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}.ok .state{color:#3fb950}
.warn .state{color:#d29922}.fail .state{color:#ff7b72}.said,.unchecked .state{color:#9198a1}h2{border-color:#3d444d}}
"""
_STATES = {
    OK: ("ok", "in order"),
    WARN: ("warn", "warning"),
    FAIL: ("fail", "to mend"),
    UNCHECKED: ("unchecked", "not checked"),
}
_MOST = 200


def write(review: Review, out: TextIO, options: Options) -> None:
    """Write it, in ASCII."""
    del options
    out.writelines(it.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n" for it in _page(review))


def _page(review: Review) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(review.summary)} - tightlip checkup</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{_text(review.summary)}</h1><p><code>{_text(review.repository)}</code></p>"
    yield from (f"<p>Added to .gitignore: <code>{_text(line)}</code></p>" for line in review.fixed)
    for title, lines in review.areas():
        yield f"<section><h2>{_text(title)}</h2>"
        for line in lines:
            yield from _line(line)
        yield "</section>"
    yield "</body></html>"


def _line(line: Line) -> Iterator[str]:
    name, word = _STATES[line.state]
    said = f' <span class="said">{_text(line.summary)}</span>' if line.summary else ""
    yield f'<article class="{name}"><p><span class="state">{word}</span>{_text(line.title)}{said}</p>'
    if line.evidence:
        yield "<ul>"
        yield from (f"<li><code>{_text(it)}</code></li>" for it in line.evidence[:_MOST])
        if len(line.evidence) > _MOST:
            yield f"<li>and {len(line.evidence) - _MOST:,} more</li>"
        yield "</ul>"
    if line.mend:
        yield f'<p class="mend"><code>{_text(line.mend)}</code></p>'
    yield "</article>"


def _text(text: str) -> str:
    return escape(visible(text))
