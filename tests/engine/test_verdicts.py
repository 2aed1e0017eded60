"""What a match came to is remembered, by all that the verdict can depend on and for no longer than there is room."""

from __future__ import annotations

import pytest

from tightlip.engine import Scanner, confirm

VALUE = "hJ7" + "kQ2wXm9z"


@pytest.mark.parametrize(
    ("known", "other"),
    [
        pytest.param(f'password = "{VALUE}"\n', f'password_policy = "{VALUE}"\n', id="the name before it"),
        pytest.param(f'password = "{VALUE}"\n', f'password = "{VALUE}")\n', id="what follows it"),
        pytest.param(f'password = "{VALUE}"\n', f'password = "{VALUE}Zz"\n', id="its length"),
    ],
)
def test_the_same_value_elsewhere_is_judged_anew(known: str, other: str) -> None:
    scanner, fresh = Scanner(min_confidence=0.0), Scanner(min_confidence=0.0)
    scanner.scan(known.encode())

    after, alone = ([match.as_dict() for match in it.scan(other.encode()).matches] for it in (scanner, fresh))

    assert after == alone


def test_a_second_look_gives_the_same(scanner: Scanner) -> None:
    text = f'x = 1\npassword = "{VALUE}"\n'.encode()
    assert [match.as_dict() for match in scanner.scan(text).matches] == [
        match.as_dict() for match in scanner.scan(text).matches
    ]


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "_MOST_VERDICTS", 3)
    scanner = Scanner()
    text = "".join(f'password_{number} = "{VALUE}{number}"\n' for number in range(20)).encode()

    assert len(scanner.scan(text).matches) == 20
    assert len(scanner.compiled.verdicts) <= 3


def test_a_value_that_is_long_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "_LONGEST_REMEMBERED", 4)
    scanner = Scanner()

    assert scanner.scan(f'password = "{VALUE}"\n'.encode()).matches
    assert not scanner.compiled.verdicts
