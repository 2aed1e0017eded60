"""What a commit leaves as it was need not be looked at: nothing new is ever passed over so."""

from __future__ import annotations

import base64
import random
import time

import pytest

from tightlip.engine import Scanner

TOKEN, OTHER = "ghp" + "_1nXy7dWq9LrTk2MvB5sZc8JpA4fHg0R3kz5w", "ghp" + "_Zq8LmT2xVr6NcWy4BdKs0JpXh7FgR1aUe9o5"
PASSWORD = "hJ7" + "kQ2wXm9"
FILLER = "".join(f"    row_{number} = compute(row_{number - 1}, scale={number})\n" for number in range(60))
"""Lines in which nothing is, so many that what stands before and after them does not see each other."""
ENCODED = base64.b64encode(f'api_token = "{TOKEN}"\n'.encode()).decode()


def lines(*parts: str) -> bytes:
    return "".join(parts).encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([FILLER], [FILLER, "x = 1\n"], id="nothing is anywhere"),
        pytest.param([f"t = '{TOKEN}'\n", FILLER], [f"t = '{TOKEN}'\n", FILLER, "x = 1\n"], id="a change far below"),
        pytest.param([FILLER, f"t = '{TOKEN}'\n"], ["x = 1\n", FILLER, f"t = '{TOKEN}'\n"], id="a change far above"),
        pytest.param(
            [f"t = '{TOKEN}'\n", FILLER, "y\n"], ["y\n", FILLER, f"t = '{TOKEN}'\n", FILLER, "y\n"][2:], id="lines went"
        ),
        pytest.param([f"a = '{ENCODED}'\n", FILLER], [f"a = '{ENCODED}'\n", FILLER, "x = 1\n"], id="what decodes"),
    ],
)
def test_what_stands_as_it_was_is_nothing_new(scanner: Scanner, old: list[str], new: list[str]) -> None:
    assert scanner.brings_nothing(lines(*new), lines(*old), b"a.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([FILLER], [FILLER, f"t = '{TOKEN}'\n"], id="a token comes"),
        pytest.param([f"t = '{TOKEN}'\n"], [f"t = '{OTHER}'\n"], id="another takes its place"),
        pytest.param([f"x = '{PASSWORD}'\n"], [f"password = '{PASSWORD}'\n"], id="only its name changes"),
        pytest.param([f"t = 'b{TOKEN}'\n"], [f"t = '{TOKEN}'\n"], id="what stood before it goes"),
        pytest.param(
            ["# for example\n", f"password = '{PASSWORD}'\n"], [f"password = '{PASSWORD}'\n"], id="what said otherwise"
        ),
        pytest.param([FILLER, f"t = '{TOKEN[:20]}"], [FILLER, f"t = '{TOKEN}"], id="the end of the file goes on"),
        pytest.param([f"a = '{ENCODED[:-40]}'\n", FILLER], [f"a = '{ENCODED}'\n", FILLER], id="what decodes to one"),
        pytest.param(["a = '' + ", FILLER], [f"a = '{TOKEN[:9]}' + \\\n'{TOKEN[9:]}'\n", FILLER], id="in two pieces"),
        pytest.param([FILLER], [FILLER, "\0", f"t = '{TOKEN}'\n"], id="a text that is not plain"),
    ],
)
def test_what_is_new_or_could_be_is_looked_at(scanner: Scanner, old: list[str], new: list[str]) -> None:
    assert not scanner.brings_nothing(lines(*new), lines(*old), b"a.py")


def test_a_file_of_very_many_hits_takes_no_longer_than_to_look_at_them(scanner: Scanner) -> None:
    many = lines(*(f"t='ghp_{number:06d}{TOKEN[10:]}'\n" for number in range(40_000)))
    begun = time.process_time()
    scanner.brings_nothing(many + FILLER.encode() + b"x = 1\n", many + FILLER.encode(), b"a.py")
    assert time.process_time() - begun < 3


def test_whatever_is_edited_no_secret_is_passed_over(scanner: Scanner) -> None:
    pieces = [
        f"token = '{TOKEN}'\n",
        f"GITHUB = {OTHER}\n",
        f'{{"password": "{PASSWORD}"}}\n',
        f"blob = '{ENCODED}'\n",
        f"key = '{TOKEN[:12]}' + '{TOKEN[12:]}'\n",
        'cookie: "session"\n',
        "AWS_ACCESS_KEY_ID=AKIA" + "Z7Q2M4N6P8R3T5V7\n",
        "aws_secret = " + "q9Zk3Lx7Vt1Nw5Ry8Bm2Dc6Hf4Js0Pg7Ua3Ei9Xo\n",
        "\n",
        *(f"    value_{number} = compute({number})\n" for number in range(8)),
        FILLER[:2500],
    ]
    dice = random.Random(7)
    passed = 0
    for _ in range(400):
        old = dice.choices(pieces, k=dice.randint(2, 9))
        new = list(old)
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(new))
            change = dice.randrange(4)
            if change == 0:
                new.insert(at, dice.choice(pieces))
            elif change == 1:
                new[at] = ""
            elif change == 2:
                cut = dice.randrange(len(new[at]) + 1)
                new[at] = new[at][:cut] + dice.choice(["x", "", "'", "\n", " "]) + new[at][cut:]
            else:
                new.append(new.pop(at))
        before, after = lines(*old), lines(*new)
        if scanner.brings_nothing(after, before, b"conf/app.py"):
            passed += 1
            found, known = (
                {(match.rule.id, match.secret) for match in scanner.scan(text, b"conf/app.py").matches}
                for text in (after, before)
            )
            assert found <= known, after
    assert passed > 40
