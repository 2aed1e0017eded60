"""What stands before a value: the name that it is given to, and how.

The patterns of generic rules only say that a word such as `password` or `token` stands somewhere before a value. This
reads what lies between them, in the syntax of whatever file it is.
"""

from __future__ import annotations

from tightlip.engine.around import AFTER
from tightlip.engine.assignment import syntaxes
from tightlip.model import Value
from tightlip.patterns import IGNORECASE, VERBOSE, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import regex

REACH = 200
"""The most bytes before a value that are read."""


class Lead(Value):
    """How a value is given to a name.

    `form` is the syntax, one of `syntaxes.FORMS`; `name` is what the value is given to: `DB_PASSWORD`, `client.secret`;
    `operator` is what stands between the two: `=`, `:`, `=>`, `==`, `,` or nothing; `quote` is the quotation mark that
    opens the value, if there is one; `call` is the function that the value is an argument of: `Some`, `getenv`.
    """

    __slots__ = ("call", "form", "name", "operator", "quote")

    def __init__(self, form: str, name: str, operator: str, quote: str, call: str) -> None:
        self.form = form
        self.name = name
        self.operator = operator
        self.quote = quote
        self.call = call


def read(text: bytes, start: int, end: int) -> Iterator[Lead]:
    """Yield all that can be read before the value from `start` to `end`, the likeliest first, and what stands after."""
    before = text[max(0, start - REACH) : start].decode("utf-8", "replace")
    lowered = before.lower()
    for form in syntaxes.FORMS:
        if _may_be(form, lowered) and (found := _read(syntaxes.BACKWARDS[form], before)):
            yield _lead(form, found)
    after = text[end : end + AFTER].decode("utf-8", "replace")
    if (
        lowered.rstrip(syntaxes.BLANKS).endswith((":", "="))
        and _read(syntaxes.UNNAMED, before)
        and (found := _read(syntaxes.NAMED_AFTER, after))
    ):
        yield Lead("pair", found["name"], "value", "", "")
    if found := _read(syntaxes.COMPARED_AFTER, after):
        yield Lead("given", found["name"], "==", before[-1:], "")


def _read(source: str, text: str) -> regex.Match[str] | None:
    return pattern(source, VERBOSE | IGNORECASE).match(text)


def _may_be(form: str, lowered: str) -> bool:
    """Whether a syntax has what it cannot be without; `lowered` is what stands before the value, in small letters."""
    if not lowered.rstrip(syntaxes.BLANKS).endswith((*syntaxes.ENDS.get(form, ("",)), *syntaxes.OTHER_MARKS)):
        return False
    return any(part in lowered for part in syntaxes.NEEDS.get(form, ("",)))


def _lead(form: str, found: regex.Match[str]) -> Lead:
    groups = found.groupdict(default="")
    name = "password" if form in syntaxes.OF_PASSWORDS else groups.get("name") or groups.get("name2", "")
    call = groups.get("call", "").strip(" (\n\t{")
    return Lead(form, name, _operator(groups.get("operator", "")), groups.get("quote", ""), call)


def _operator(found: str) -> str:
    """What stands between a name and a value, without what stands around it; a comma for what is no more than that."""
    return found.strip(" \t\"',") or ("," if found else "")
