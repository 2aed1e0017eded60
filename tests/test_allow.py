"""What a pragma allows, and what it does not."""

from __future__ import annotations

import pytest

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
