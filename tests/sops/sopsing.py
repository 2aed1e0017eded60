"""What tests of sops share."""

from __future__ import annotations

from typing import NamedTuple

import pyrage

from tightlip.finding import Report


class Key(NamedTuple):
    private: str
    public: str


def new_key() -> Key:
    identity = pyrage.x25519.Identity.generate()
    return Key(str(identity), str(identity.to_public()))


def said(report: Report) -> list[str]:
    assert report.unscanned == ()
    mine = ("sops-", "git-crypt-", "ansible-")
    return sorted(
        f"{it.rule} {place.path}:{place.line}"
        for it in report.findings
        if it.rule.startswith(mine)
        for place in it.occurrences
    )
