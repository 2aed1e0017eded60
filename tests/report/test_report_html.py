"""The page: what its markup, its data and its policy hold. What a browser makes of it is in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import OTHER_TOKEN, PASSWORD, TOKEN, UNSCANNED, at, committed, finding, history, password, report, staged

from tightlip.finding import Finding, Report, TakenOut, Unscanned
from tightlip.report.document import document
from tightlip.report.html import policy, write
from tightlip.report.html.data import data
from tightlip.report.html.order import rotation
from tightlip.report.html.plain import MOST
from tightlip.report.html.shell import argument
from tightlip.report.masked import Masked
from tightlip.report.options import PLAIN, Options

PARTS = files("tightlip.report.html") / "parts"
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&quot;'\"\x00\u202e\u2028\x1b[2J"


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, text: str) -> None:
        self.texts.setdefault(self._open, []).append(text)


def written(made: Report, options: Options = PLAIN) -> str:
    out = io.StringIO()
    write(made, out, options)
    return out.getvalue()


def embedded(text: str) -> Any:  # noqa: ANN401 - JSON
    """The data in the page, as its script reads it."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def evil() -> Report:
    places = [committed(EVIL, n, author=EVIL, email=EVIL, message_subject=EVIL, refs=(EVIL,)) for n in range(1, 4)]
    one = finding(TOKEN, *places, reasons=(EVIL,), name=EVIL, provider=EVIL, remediation=(EVIL,), told_as=EVIL)
    return replace(history(one, unscanned=(Unscanned(EVIL, EVIL),), notes=(EVIL,)), target=EVIL)


def test_everything_the_report_says_is_in_the_data() -> None:
    made = history(unscanned=UNSCANNED, notes=("a note",), allowed=2, baselined=3)
    told = document(made, PLAIN)
    read = embedded(written(made))
    texts, lists = read["texts"], read["lists"]

    found = {}
    for _, *findings in read["secrets"]:
        for rule, severity, confidence, reasons, fingerprint, value, through, head, out, date, places in findings:
            del out, date
            found[fingerprint] = (
                *read["rules"][rule][:3],
                *(read["severities"][severity], confidence, tuple(texts[it] for it in lists[reasons]), texts[value]),
                *(tuple(texts[it] for it in lists[through]), head, len(places) // 6),
            )

    assert found == {
        it.fingerprint: (
            *(it.rule, it.name, it.provider, it.severity, it.confidence, it.reasons, it.secret),
            *(it.decoded_through, None if it.in_head is None else int(it.in_head), len(it.occurrences)),
        )
        for it in told.findings
    }
    assert read["scan"]["unscanned"] == [list(it) for it in UNSCANNED]
    assert (read["scan"]["notes"], read["scan"]["allowed"], read["scan"]["baselined"]) == (["a note"], 2, 3)
    assert not read["scan"]["complete"]


def test_a_place_has_its_path_position_and_commit() -> None:
    read = embedded(written(history(finding(TOKEN, committed("a/b.py", 7, 9)))))
    (path, line, column, part, commit, blob) = read["secrets"][0][1][10]
    who, date, subject, refs = read["commits"][commit][1:]

    assert (read["paths"][path][0], line, column, read["parts"][part], blob) == ("a/b.py", 7, 9, "content", -1)
    assert [read["texts"][it] for it in (who, date, subject)] == [
        "Ada Lovelace <ada@example.org>",
        "2021-03-04T09:30:00+01:00",
        "Add the deploy script",
    ]
    assert [read["texts"][it] for it in read["lists"][refs]] == ["main", "v1.0"]


def test_a_text_that_comes_often_is_there_once() -> None:
    one, two = (
        history(finding(TOKEN, *(committed("a/long/path", n) for n in range(1, 1 + many)))) for many in (1, 500)
    )
    assert len(written(two)) - len(written(one)) < 500 * 20


@pytest.mark.parametrize("options", [PLAIN, Options(show_secrets=True)], ids=["redacted", "asked to show"])
def test_no_value_is_in_it_whatever_is_asked_for(options: Options) -> None:
    out = io.StringIO()
    said = write(staged(finding(TOKEN, at(f"keys/{TOKEN}")), password()), out, options)

    assert TOKEN not in out.getvalue()
    assert PASSWORD not in out.getvalue()
    assert (said is not None) is options.show_secrets


def test_it_is_ascii_and_the_same_for_the_same_report() -> None:
    assert written(evil()).isascii()
    assert written(staged(finding(), password())) == written(staged(password(), finding()))


def test_nothing_of_a_repository_is_markup() -> None:
    harmless, hostile = Page(written(history(finding()))), Page(written(evil()))
    own = ("script", "img", "style", "meta", "iframe", "a", "svg", "title")

    assert [tag for tag, _ in hostile.tags if tag in own] == [tag for tag, _ in harmless.tags if tag in own]
    assert not {"\x00", "\x1b", "\u202e", "\u2028"} & set(written(evil()))
    assert embedded(written(evil()))["scan"]["notes"] == [
        EVIL.replace("\x00", r"\x00").replace("\u202e", r"\u202e").replace("\u2028", r"\u2028").replace("\x1b", r"\x1b")
    ]


def test_the_data_has_no_mark_that_could_end_it() -> None:
    found = re.search(r'id="data">(.*?)</script>', written(evil()), re.DOTALL)
    assert found
    assert not set("<>&") & set(found[1])


def test_its_policy_lets_only_its_own_script_and_style_run() -> None:
    page = Page(written(history()))
    metas = [attributes for tag, attributes in page.tags if tag == "meta" and "http-equiv" in attributes]
    data_script = next(text for text in page.texts["script"] if text.startswith("{"))
    scripts = [text for text in page.texts["script"] if text is not data_script]

    assert [meta["content"] for meta in metas] == [policy(page.texts["style"][0], *scripts)]
    assert "default-src 'none'" in policy("", "")
    digest = base64.b64encode(hashlib.sha256(page.texts["style"][0].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in str(metas[0]["content"])


def test_no_element_has_a_style_or_a_handler_or_asks_for_anything() -> None:
    asks = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping"}
    for tag, attributes in Page(written(history())).tags:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
        assert not [name for name in attributes if name == "style" or name.startswith("on") or name in asks]
        assert (attributes.get("href") or "#").startswith("#")


def test_its_script_never_makes_markup_of_text() -> None:
    script = "".join((PARTS / name).read_text("utf-8") for name in scripts())
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch("):
        assert word not in script
    assert "http://" not in script.replace("http://www.w3.org/2000/svg", "")


def scripts() -> list[str]:
    return [it.name for it in PARTS.iterdir() if it.name.endswith(".js")]


def test_every_part_of_the_script_is_in_the_page() -> None:
    text = written(staged())
    for name in scripts():
        assert (PARTS / name).read_text("utf-8").strip() in text


def test_without_scripts_there_is_a_list_that_says_what_is_not_complete() -> None:
    text = written(history(unscanned=UNSCANNED)).partition("<main")[2].partition("</main>")[0]

    assert "The scan is not complete: 2 things were not scanned." in text
    assert "<code>huge.bin</code>: larger than 512 MB" in text
    assert "GitHub personal access token (classic)" in text
    assert "deploy/env.sh:3:14" in text
    assert "Revoke the token at" in text


def test_the_plain_list_has_a_few_hundred_and_counts_the_others() -> None:
    many = [finding(told_as=f"{n:020x}", secret=Masked("ghp_********", str(n))) for n in range(MOST + 20)]
    text = written(history(*many)).partition("<main")[2].partition("</main>")[0]

    assert text.count("fingerprint <code>") == MOST
    assert "and 20 more, which the page lists" in text


def test_a_value_that_two_rules_find_is_one_secret() -> None:
    made = document(staged(finding(), finding(rule="generic-secret", severity="low"), password()), PLAIN)
    assert [[told.rule for told in secret.findings] for secret in rotation(made)] == [
        ["github-pat-classic", "generic-secret"],
        ["password-assignment"],
    ]


def test_what_is_rotated_first_is_severe_then_sure_then_easy_to_get_at_then_old() -> None:
    def one(
        name: str, date: str = "2022-02-02T00:00:00Z", refs: tuple[str, ...] = ("main",), **more: object
    ) -> Finding:
        made = {"secret": Masked("ghp_********", name), "told_as": name, "severity": "high", "in_head": False} | more
        return finding(TOKEN, committed("a", date=date, refs=refs), **made)

    made = history(
        one("newer"),
        one("unsure", confidence=0.6, in_head=True),
        one("older", "2020-02-02T00:00:00Z"),
        one("unreachable", "2010-02-02T00:00:00Z", refs=()),
        one("medium", severity="medium", in_head=True),
        one("in head", "2023-02-02T00:00:00Z", in_head=True),
        one("critical", severity="critical", confidence=0.85),
    )
    assert [secret.findings[0].fingerprint for secret in rotation(document(made, PLAIN))] == [
        *("critical", "in head", "older", "newer", "unreachable", "unsure", "medium")
    ]


def test_it_says_what_speaks_for_the_place_in_the_order() -> None:
    kept, gone = committed("a", refs=("main", "v1")), committed("b", date="2022-05-05T00:00:00Z", refs=())
    out = TakenOut("ab" * 20, "2023-01-02T00:00:00Z")
    made = history(finding(TOKEN, kept, gone, in_head=True), finding(OTHER_TOKEN, gone, in_head=False, taken_out=out))

    assert [secret.why for secret in rotation(document(made, PLAIN))] == [
        (
            "critical severity, high confidence",
            "HEAD still has it",
            "reached by 2 branches and tags",
            "there since 2021-03-04",
            "in 2 places",
        ),
        (
            "critical severity, high confidence",
            "taken out on 2023-01-02, but in the history for good",
            "reached by no branch or tag",
            "there since 2022-05-05",
        ),
    ]
    assert rotation(document(staged(finding()), PLAIN))[0].why[1] == "about to be committed"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("../shop", "../shop"),
        ("my shop", "'my shop'"),
        ("$(id)`id`;'", "'$(id)`id`;'\"'\"''"),
        ("-rf", "./-rf"),
        ("a\x1b[2J\n", r"$'a\033\1332J\012'"),
        ("caf\udce9", r"$'caf\351'"),
        ("\u202egpj", r"$'\342\200\256gpj'"),
    ],
    ids=["plain", "space", "substitution", "option", "control", "not utf-8", "bidirectional"],
)
def test_a_path_is_one_word_of_a_command(path: str, word: str) -> None:
    assert argument(path) == word


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_an_argument_is_printable_and_no_option(path: str) -> None:
    word = argument(path)
    assert word.isprintable()
    if not word.startswith("$'"):
        (read,) = shlex.split(word)
        assert read.removeprefix("./") == path.removeprefix("./")
        assert not read.startswith("-")


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("path", [EVIL.replace("\x00", ""), "a\nb", "caf\udce9\udcff", "it's", "\\033 $HOME", "-x\x07"])
def test_a_shell_reads_the_path_back(path: str) -> None:
    done = subprocess.run(["bash", "-c", f"printf %s {argument(path)}"], capture_output=True, check=True)
    assert done.stdout.decode("utf-8", "surrogateescape").removeprefix("./") == path


def test_commands_name_the_repository_that_was_scanned() -> None:
    for target, repo in ((".", ""), ("../my shop", " '../my shop'"), ("caf\udce9", r" $'caf\351'")):
        made = document(replace(history(), target=target), PLAIN)
        scan: Any = data(made, rotation(made))["scan"]
        assert scan["repo"] == repo


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


STYLE = (PARTS / "page.css").read_text("utf-8")
THEMES = [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r"{[^{}]*--ground:[^{}]*}", STYLE)]


@pytest.mark.parametrize("colours", THEMES, ids=["light", "dark by system", "dark by choice", "paper"])
def test_every_colour_of_text_can_be_read_on_every_ground(colours: dict[str, str]) -> None:
    texts = ("text", "muted", "accent", "critical", "high", "medium", "low")
    grounds = ("ground", "surface", "raised", "wash", "warn-ground")
    low = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text in texts
        for ground in grounds
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert low == {}
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


def test_the_dark_colours_are_the_same_by_system_and_by_choice() -> None:
    assert len(THEMES) == 4
    assert THEMES[1] == THEMES[2]


@pytest.mark.parametrize(
    "made",
    [report("files"), report("text"), staged(), history(), report("history", unscanned=UNSCANNED)],
    ids=["no finding", "a text", "staged", "history", "nothing and incomplete"],
)
def test_every_kind_of_report_makes_a_page(made: Report) -> None:
    assert embedded(written(made))["scan"]["kind"] == made.kind
