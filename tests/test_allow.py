"""What a pragma allows, and what it does not."""

from __future__ import annotations

import string
from pathlib import Path
from zlib import crc32

import pytest

import tightlip
from plain_git import commit, git, scanner
from tightlip.scan import scan_text

VALUE = "k1tt3n" + "-b0wl-77"


@pytest.mark.parametrize(
    "text",
    [
        'password = "{}"  # tightlip: allow',
        'password = "{}"  # tightlip:allow',
        'password = "{}"  // tightlip: allow=password-assignment only used by the tests',
        'password = "{}"  # tightlip: allow=other-rule,password-assignment',
        '# tightlip: allow\npassword = "{}"',
        '  // tightlip: allow=password-assignment a reason\n  password = "{}"',
        '<!-- tightlip: allow -->\npassword = "{}"',
        'REM tightlip: allow\r\npassword = "{}"\r\n',
        'password = "{}"  # gitleaks:allow',
        'password = "{}"  # pragma: allowlist secret',
        '# pragma: allowlist nextline secret\npassword = "{}"',
    ],
)
def test_a_pragma_on_the_line_or_alone_above_it_allows(text: str) -> None:
    report = scan_text(text.format(VALUE))
    assert (len(report.findings), report.allowed) == (0, 1)


@pytest.mark.parametrize(
    "text",
    [
        'password = "{}"  # tightlip: allow=other-rule',
        'password = "{}"  # tightlip: allowed',
        'x = 1  # tightlip: allow\npassword = "{}"',
        '# tightlip: allow\n\npassword = "{}"',
        'password = "{}"\n# tightlip: allow',
        'password = "{}"  # nosec',
    ],
)
def test_a_pragma_elsewhere_or_for_another_rule_does_not(text: str) -> None:
    report = scan_text(text.format(VALUE))
    assert (len(report.findings), report.allowed) == (1, 0)


def test_a_pragma_over_what_is_critical_and_surely_a_secret_is_told(tmp_path: Path) -> None:
    where = tmp_path / "r"
    git(tmp_path, "init", "-q", "-b", "main", "r")
    commit(where, "a.py", f"t = '{checked('9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1K')}'  # tightlip: allow\n")

    files, history, again = (
        tightlip.scan_files([where / "a.py"], scanner=scanner()),
        *(tightlip.scan_history(where, scanner=scanner(), cache=True) for _ in range(2)),
    )
    for report in (files, history, again):
        assert report.allowed == 1
        assert report.notes == ("comments allow what is critical and surely a secret, 1 time; see --no-allow",)


def test_a_pragma_over_something_less_is_not() -> None:
    assert scan_text(f'password = "{VALUE}"  # tightlip: allow').notes == ()


def checked(body: str) -> str:
    """A token of GitHub's with a checksum that is right."""
    number, digits = crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[digit] + digits
    return f"{'ghp' + '_'}{body}{digits:0>6}"
