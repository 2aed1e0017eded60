"""A report as a person's own template has it."""

from __future__ import annotations

import builtins
import io
import json
from typing import TYPE_CHECKING

import pytest
from reports import TOKEN, at, finding, history, report

from tightlip.errors import UsageError
from tightlip.report import FORMATS, Options
from tightlip.report.template import loaded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tightlip.finding import Report


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """Write a report as a template has it."""

    def written(template: str, made: Report | None = None, name: str = "t.txt", *, show: bool = False) -> str:
        path = tmp_path / name
        path.write_text(template, "utf-8")
        out = io.StringIO()
        options = Options(template=str(path), show_secrets=show)
        FORMATS["template"](made or report("files", finding()), out, options)
        return out.getvalue()

    return written


def test_it_gets_what_the_json_report_holds(written: Callable[..., str]) -> None:
    made = history()
    out = io.StringIO()
    FORMATS["json"](made, out, Options())
    template = """{"schema_version": {{ schema_version | tojson }}, "tool": {{ tool | tojson }},
        "scan": {{ scan | tojson }}, "findings": {{ findings | tojson }}}"""
    assert json.loads(written(template, made)) == json.loads(out.getvalue())


def test_values_are_redacted_unless_they_may_be_shown(written: Callable[..., str]) -> None:
    assert written("{{ findings[0].secret }}") == finding().secret.redacted()
    assert written("{{ findings[0].secret }}", show=True) == TOKEN


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_what_the_encoding_of_the_stream_lacks_is_escaped(encoding: str, tmp_path: Path) -> None:
    file, out = tmp_path / "t.txt", io.TextIOWrapper(io.BytesIO(), encoding)
    file.write_text("Ключ {{ findings[0].reasons[0] }}", "utf-8")
    FORMATS["template"](report("files", finding(reasons=("a\ud83d",))), out, Options(template=str(file)))
    out.flush()


def test_loops_filters_and_macros_work(written: Callable[..., str]) -> None:
    template = """
{% macro place(it) %}{{ it.path }}:{{ it.line }}{% endmacro %}
{% set seen = namespace(places=0) %}
{% for severity, some in findings | groupby("severity") %}
{% for one in some %}
{% for it in one.occurrences %}
{% set seen.places = seen.places + 1 %}
{{ loop.index }} {{ severity }} {{ place(it) }}
{% endfor %}
{% endfor %}
{% endfor %}
{{ seen.places }} {{ scan.scanned | dictsort | map("first") | join(",") }}
"""
    made = report("files", finding(TOKEN, at("b.py"), at("a.py")))
    assert written(template, made).splitlines() == ["", "1 critical a.py:3", "2 critical b.py:3", "2 blobs,bytes"]


@pytest.mark.parametrize("name", ["r.html", "r.HTM", "r.xml", "r.html.j2", "r.svg.jinja"])
def test_markup_is_escaped_where_the_template_makes_it(name: str, written: Callable[..., str]) -> None:
    made = report("files", finding(TOKEN, at("<script>")))
    assert written("{{ findings[0].occurrences[0].path }}", made, name) == "&lt;script&gt;"
    assert written("{{ findings[0].occurrences[0].path }}", made, "r.md") == "<script>"


def test_it_may_include_its_neighbours_and_nothing_above(written: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "head.txt").write_text("head of {{ scan.kind }}")
    assert written("{% include 'head.txt' %}") == "head of files"
    (tmp_path.parent / "above.txt").write_text("above")
    with pytest.raises(UsageError, match="this template cannot be used"):
        written("{% include '../above.txt' %}")


INSIDE = [
    "''.__class__",
    "findings.__class__",
    "findings['__class__']",
    "findings.append",
    "scan.keys",
    "scan.scanned.items()",
    "''.join(['a'])",
    "''.format",
    "'{0.__class__}'.format(1)",
    "(1).real",
    "(true).__class__",
    "lipsum.__globals__",
    "cycler.__init__.__globals__",
    "joiner.__class__",
    "namespace.__init__",
    "self.__class__",
    "self._TemplateReference__context",
    "findings | attr('append')",
    "range.__self__",
    "dict.__base__",
]


@pytest.mark.parametrize("expression", INSIDE)
def test_no_attribute_of_a_python_object_is_in_reach(expression: str, written: Callable[..., str]) -> None:
    with pytest.raises(UsageError, match=r"t\.txt:1: this template cannot be used: "):
        written(f"{{{{ {expression} }}}}")


@pytest.mark.parametrize("attribute", ["__class__", "__init__", "_iterable", "_undefined"])
def test_nor_is_what_jinja_keeps_to_itself(attribute: str, written: Callable[..., str]) -> None:
    with pytest.raises(UsageError, match=r"t\.txt:2: "):
        written(f"{{% for it in findings %}}\n{{{{ loop.{attribute} }}}}{{% endfor %}}")


def test_attributes_that_a_filter_asks_for_are_keys_too(written: Callable[..., str]) -> None:
    assert written("{{ findings | map(attribute='rule') | join }}") == "github-pat-classic"
    with pytest.raises(UsageError, match="has no attribute '__class__'"):
        written("{{ findings | map(attribute='__class__') | join }}")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a\n{% for x in findings %}", "t.txt:2: this template cannot be used: Unexpected end of template"),
        ("a\nb\n{{ finding }}", "t.txt:3: this template cannot be used: 'finding' is undefined"),
        ("{{ findings | sortt }}", "t.txt:1: this template cannot be used: No filter named 'sortt'."),
        ("\n{{ 1 / 0 }}", "t.txt:2: this template cannot be used: ZeroDivisionError"),
        ("{{ findings[0].secret | int('x') + none }}", "t.txt:1: this template cannot be used: TypeError"),
        ("{{ range(10 ** 9) | length }}", "t.txt:1: this template cannot be used: OverflowError"),
    ],
    ids=["no end", "undefined", "no filter", "arithmetic", "types", "a range without end"],
)
def test_what_is_wrong_is_told_with_the_line(template: str, said: str, written: Callable[..., str]) -> None:
    with pytest.raises(UsageError) as told:
        written(template)
    assert said in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.__suppress_context__


def test_what_is_wrong_in_a_neighbour_is_told_with_its_name(written: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "head.txt").write_text("\n{% if %}")
    with pytest.raises(UsageError, match=r"head\.txt:2: this template"):
        written("{% include 'head.txt' %}")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        loaded(str(tmp_path / "t"))


def test_without_jinja_it_is_said_how_to_get_it(written: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name.partition(".")[0] == "jinja2":
            raise ModuleNotFoundError("no", name="jinja2")
        return real(name, *rest)  # type: ignore[arg-type]

    for name in ("tightlip.report.sandbox", "jinja2"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    monkeypatch.delattr("tightlip.report.sandbox", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError, match=r"pip install 'tightlip\[template\]'"):
        written("")


def test_on_a_terminal_an_escape_from_the_repository_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    (tmp_path / "t").write_text("a\n{{ findings[0].occurrences[0].path }}\n")
    out = Terminal()
    made = report("files", finding(TOKEN, at("\x1b[2Jx")))
    FORMATS["template"](made, out, Options(template=str(tmp_path / "t")))
    assert out.getvalue() == "a\n\\x1b[2Jx\n"
