"""What is kept of a scan holds no secret, in whatever form a name may hold one."""

from __future__ import annotations

import pytest

from tightlip import recall
from tightlip.collect import Found, finding, place
from tightlip.model import Secret
from tightlip.rule import Match, Rule

RULE = Rule("a-rule", "a rule", "", "high", 0.9, "x", ("Rotate it.",))


@pytest.mark.parametrize("secret", ["plain-v4lue", 'quo"ted', "back\\slash", "t\tab", "ünï", "\udcff\udcfe-bytes"])
def test_a_name_that_holds_a_secret_is_not_kept(secret: str) -> None:
    value = secret.encode("utf-8", "surrogateescape")
    found = Found(b"a file", "12" * 20, "content", Match(RULE, Secret(value), 0, len(value), 0.9, ("why",)))
    named = found._replace(path=b"called-" + value)
    assert recall.stored([finding([found], [place(found)])], [[found]], {}) is not None
    assert recall.stored([finding([found], [place(found), place(named)])], [[found]], {}) is None
