"""Dates as a person writes them, read by git.

Git reads a date out of anything: of a revision that is mistyped, "v1.3", it makes the 1st of March, and of a word that
it does not know, the present. A scan that began there would pass over everything and look clean. So each word is looked
at before git is asked.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git

_UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
_WORDS = frozenset(
    {
        *_UNITS,
        *(f"{unit}s" for unit in _UNITS),
        *("now", "today", "yesterday", "noon", "midnight", "tea", "never", "last", "ago", "am", "pm", "at", "and"),
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("t", "z", "utc", "gmt", "cet", "cest", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "jst"),
    }
)
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    *("december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
"""Of these git knows a beginning of three letters or more."""
_LEAST = 3
_DIGITS = re.compile(
    r"\d{4}-\d\d?-\d\d?|\d{4}/\d\d?/\d\d?|\d{4}\.\d\d?\.\d\d?|\d\d?[-./]\d\d?[-./]\d{4}"  # a day
    r"|@?\d{9,10}( [+-]\d{4})?|(19|20)\d\d|\d\d?:\d\d"  # seconds since 1970, a year, a time of the day
)
_DAY = re.compile(r"\d{4}-\d\d?-\d\d?")


def moment(git: Git, text: str) -> int | None:
    """Return what a date is in seconds since 1970; None for what is no date. A day alone stands for its beginning.

    Raises `UsageError` for one in the future: nothing would be scanned.
    """
    if not _is_date(text):
        return None
    exact = f"{text} 00:00" if _DAY.fullmatch(text) else re.sub("(?i)today", "midnight", text)
    seconds = int(git.run("rev-parse", f"--since={exact}").strip().removeprefix(b"--max-age="))
    if seconds > time.time() + 1:
        raise UsageError(f"{text!r} is in the future, so that nothing would be scanned")
    return seconds


def _is_date(text: str) -> bool:
    words = re.findall("[a-z]+", text.lower())
    if not re.fullmatch(r"[\w ,.:/@+-]+", text, re.ASCII) or not all(map(_is_known, words)):
        return False
    return bool(_DIGITS.match(text)) or bool({*words} - {"at", "and", "t", "z"})


def _is_known(word: str) -> bool:
    return word in _WORDS or (len(word) >= _LEAST and any(name.startswith(word) for name in _NAMES))
