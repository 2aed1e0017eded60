"""`.env` files are read as python-dotenv reads them, and their examples are compared with them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.git.plumbing import Git
from tightlip.hygiene import committed, dotenv, modes

Put = Callable[[str, str | bytes], Path]

TEXT = """\
# comment
A=1
export B=two words # not of it
C="quoted # of it"
D='single'
E=
F="over
two lines"
G=has#hash
  H = spaced
not a pair
# I=old-value-of-it
J="a \\" quote"
"""


def test_keys_and_values_are_those_that_python_dotenv_has() -> None:
    reference = pytest.importorskip("dotenv").dotenv_values(stream=io.StringIO(TEXT.replace("not a pair\n", "")))

    found = {pair.key: pair.value for pair in dotenv.pairs(TEXT.encode())}

    assert set(found) == set(reference)
    assert {key: value for key, value in found.items() if key != "J"} == {
        k: v for k, v in reference.items() if k != "J"
    }


def test_an_example_has_the_keys_and_comments_and_no_value() -> None:
    made = dotenv.emptied(TEXT.encode()).decode()

    assert [pair.key for pair in dotenv.pairs(made.encode())] == list("ABCDEFGHJ")
    assert all(not pair.value for pair in dotenv.pairs(made.encode()))
    assert "# comment" in made
    assert not any(
        word in made for word in ("two", "quoted", "single", "lines", "hash", "spaced", "old-value", "not a")
    )


@pytest.mark.parametrize(
    ("name", "is_env", "is_example"),
    [
        (".env", True, False),
        ("app/.env.local", True, False),
        ("prod.env", True, False),
        (".envrc", True, False),
        (".env.example", True, True),
        ("app/.env.dist", True, True),
        ("example.env", True, True),
        ("environment.py", False, False),
        (".environment", False, False),
    ],
)
def test_files_are_known_by_their_names(name: str, *, is_env: bool, is_example: bool) -> None:
    assert (dotenv.is_env(name), dotenv.is_env(name) and dotenv.is_example(name)) == (is_env, is_example)


def test_an_example_with_real_values_is_told_by_key_and_line_and_dummies_are_not() -> None:
    real = "q8Vt3" + "Zr7Lm2Xw9Pk"
    example = (
        f"DB_PASSWORD={real}\nSTRIPE_SECRET_KEY=sk_test_...\nSESSION_SECRET=\nJWT_SECRET=changeme\n"
        f"DATABASE_URL=postgresql://user:password@localhost:5432/app\nURL=postgres://app:{real}@db/app\n"
        "TOKEN=<your token>\nTOKEN_URL=https://example.org/token\nNOT_NAMED=of-the-local-file\nPORT=5432\n"
    )

    found = list(dotenv.real_values(".env.example", example.encode(), {"of-the-local-file": (".env",)}))

    assert [it.where for it in found] == [".env.example:1", ".env.example:6", ".env.example:9"]
    assert real not in str(found)
    assert "of-the-local-file" not in str(found)


def test_keys_that_an_example_lacks_are_told() -> None:
    (found,) = dotenv.missing(
        "app/.env", b"A=1\nB=2\nC=3\n", {"app/.env.example": b"A=\n", ".env.example": b"B=\nC=\n"}
    )

    assert found.where == "app/.env.example"
    assert found.what == "it lacks B, C, which app/.env has"


def test_an_env_file_that_was_committed_once_is_told_with_both_ends_and_the_keys_that_still_hold(
    repo: Path, stage: Put, git: Callable[..., str]
) -> None:
    value = "q8Vt3" + "Zr7Lm2Xw9Pk"
    stage("app/.env", f"DB_PASSWORD={value}\nOLD=gone-since-then\n")
    git("commit", "-q", "-m", "first")
    stage(".env.example", "DB_PASSWORD=\n")
    stage("x.txt", "x\n")
    git("commit", "-q", "-m", "other")
    git("rm", "-q", "app/.env")
    git("commit", "-q", "-m", "gone")
    commits = git("log", "--format=%H").split()

    (found,) = committed.look(Git(str(repo)), {value: (".env",)})

    assert (found.path, found.live) == ("app/.env", ("DB_PASSWORD",))
    assert (found.first[:10], found.last[:10]) == (commits[2][:10], commits[0][:10])
    assert value not in str(found)


def test_files_of_keys_that_others_can_read_are_told(tmp_path: Path) -> None:
    for name, mode in (("a.pem", 0o644), ("b.pem", 0o600), (".env", 0o640), (".env.example", 0o644), ("c.txt", 0o644)):
        (tmp_path / name).write_text("x=1\n")
        (tmp_path / name).chmod(mode)
    (tmp_path / "public.pem").write_text("-----BEGIN CERTIFICATE-----\n")

    found = list(modes.look(str(tmp_path), ["a.pem", "b.pem", ".env", ".env.example", "c.txt", "public.pem"]))

    assert [it.where for it in found] == ["a.pem", ".env"]


BODY = "MIIEvQIBADANBgkqhkiG9w0\nq8Vt3Zr7Lm2Xw9PkAbCdEfGh=="
KEY = f"-----BEGIN {'PRIVATE'} KEY-----\n{BODY}\n-----END {'PRIVATE'} KEY-----"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"A=don't\nB='not closed\nC=3\n", {"A": "don't", "B": "not closed", "C": "3"}),
        (f"A={KEY}\nB=2\n".encode(), {"A": KEY, "B": "2"}),
        (b"A=`a\nb`\nB=2\n", {"A": "a\nb", "B": "2"}),
        ("A=1\r\nB=2\r\n".encode("utf-16"), {"A": "1", "B": "2"}),
        ("\ufeffA=1\n".encode(), {"A": "1"}),
        (b'A="x\r\ny"\r\nB=2\r\n', {"A": "x\r\ny", "B": "2"}),
    ],
    ids=["no-end", "pem", "backticks", "utf-16", "bom", "crlf"],
)
def test_files_are_read_as_people_write_them(data: bytes, expected: dict[str, str]) -> None:
    assert {pair.key: pair.value for pair in dotenv.pairs(data)} == expected


@pytest.mark.parametrize(
    "text",
    [f"A={KEY}\n", "A=MIIEvQIBADANBgkqhkiG9w0\nq8Vt3Zr7Lm2Xw9PkAbCdEfGh==\n", "A=x\nq8Vt3Zr7Lm2Xw9PkAbCdEfGh=\n"],
    ids=["pem", "two-marks", "one-mark"],
)
def test_lines_of_a_value_are_not_taken_for_names_in_an_example(text: str) -> None:
    assert dotenv.emptied(text.encode()).decode().strip() == "A="


def test_a_script_of_direnv_counts_for_the_secrets_that_it_holds() -> None:
    value = "q8Vt3" + "Zr7Lm2Xw9Pk"

    assert dotenv.held("a/.envrc", b"export PATH=bin:$PATH\nexport STAGE=dev\n") == 0
    assert dotenv.held("a/.envrc", f"export STAGE=dev\nexport API_KEY={value}\n".encode()) == 1
    assert dotenv.held("a/.env", b"STAGE=dev\n") == 1


def test_a_file_with_a_line_break_in_its_name_is_known() -> None:
    assert dotenv.is_env("a/x\ny.env")
