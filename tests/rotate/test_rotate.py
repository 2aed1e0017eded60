"""`tightlip rotate`: the steps, and a new value in a real SOPS file, a real vault (OpenBao) and a `.env` file."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from terminal import at_terminal, needs_terminal
from tightlip import builtin, rules
from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.model import Secret
from tightlip.notation import expand
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.rotate import dotenv as dotenv_file
from tightlip.rotate import forms
from tightlip.rotate import sops as sops_file
from tightlip.rotate.places import named
from tightlip.rotate.providers import AT_ONCE, every
from tightlip.rotate.providers import provider as provider_of
from tightlip.rotate.replacing import replacement
from tightlip.rotate.runbook import Rotation, lines
from tightlip.scan import scan_history

GitCommand = Callable[..., str]
Capture = pytest.CaptureFixture[str]
PASSWORD = expand("[A-Za-z0-9]{24}", "rotate")[0]
BIN = os.path.dirname(sys.executable)


def found(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=BIN)


needs_sops = pytest.mark.skipif(not found("sops"), reason="there is no sops")
needs_bao = pytest.mark.skipif(not found("bao"), reason="there is no bao")


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{BIN}")


@pytest.fixture
def leaked(repo: Path, git: GitCommand, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in whose history a password stands that no provider has issued."""
    (repo / "settings.py").write_text(f'DATABASE_PASSWORD = "{PASSWORD}"\n', "utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    monkeypatch.chdir(repo)
    return repo


def runbook(folder: Path) -> str:
    (file,) = folder.glob("rotation-*.md")
    return file.read_text("utf-8")


def test_the_steps_are_told_in_order_and_nothing_is_written(leaked: Path, capsys: Capture) -> None:
    before = sorted(leaked.iterdir())
    assert main(["rotate", "1"]) == 0
    out = capsys.readouterr().out
    titles = re.findall(r"^## \d\. (.+)$", out, re.MULTILINE)
    assert titles == ["Create a new one", "Store it", "Deploy it", "Verify", "Revoke the old one"]
    assert "let it take both" in out
    assert PASSWORD not in out
    assert sorted(leaked.iterdir()) == before


def test_the_steps_know_the_provider(repo: Path, git: GitCommand, token: str, capsys: Capture) -> None:
    (repo / ".env").write_text(f"GITHUB_TOKEN={token}\n", "utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    assert main(["rotate", "1", str(repo)]) == 0
    out = capsys.readouterr().out
    assert "Old and new are valid side by side" in out
    assert "| tightlip verify github-pat-classic --value-from-stdin" in out
    assert re.search(r"^  tightlip revoke [0-9a-f]{8}$", out, re.MULTILINE)
    assert token not in out


def test_the_steps_are_right_markdown(leaked: Path, capsys: Capture) -> None:
    assert main(["rotate", "1"]) == 0
    out = capsys.readouterr().out
    assert "\n\n\n" not in out
    assert out.count("```") % 2 == 0


def test_a_place_with_a_quote_in_it_is_quoted_for_the_shell(leaked: Path) -> None:
    (leaked / "it's.env").write_text(f"A={PASSWORD}\n", "utf-8")
    assert main(["rotate", "1", "--into", "dotenv:it's.env#A"]) == 0
    command = next(line for line in runbook(leaked).splitlines() if "--confirm" in line)
    done = subprocess.run(["sh", "-c", f'tightlip() {{ echo "$4"; }}; {command}'], capture_output=True, check=True)
    assert done.stdout == b"dotenv:it's.env#A\n"


def test_every_provider_is_one_of_the_rules_and_says_what_it_allows() -> None:
    names = {it.rule.provider for it in rules.read(builtin.folder())}
    assert set(every()) <= names
    for name, it in every().items():
        assert it.at_once in AT_ONCE, name
        assert it.source.startswith("https://"), name


STEPS = {
    "several": ("GitHub", ["Do not end the old one yet", "Both work meanwhile"], ["what still has the old one fails"]),
    "grace": ("Stripe", ["Do not end the old one yet", "Both work meanwhile"], ["what still has the old one fails"]),
    "one": (
        "Telegram",
        ["works until the old one ends", "what still has the old one fails", "the new one took its place in step 1"],
        ["Do not end the old one yet", "Both work meanwhile", "works until step 5"],
    ),
    "unknown": ("Numverify", ["Look up whether old and new are valid", "if they are"], ["Both work meanwhile"]),
    "own": ("", ["Do not end the old one yet", "so that it takes both"], ["what still has the old one fails"]),
}


@pytest.mark.parametrize(("provider", "said", "unsaid"), STEPS.values(), ids=STEPS)
def test_the_steps_promise_no_more_than_the_provider_allows(
    leaked: Path, provider: str, said: list[str], unsaid: list[str]
) -> None:
    report = scan_history(leaked)
    finding = replace(report.findings[0], provider=provider)
    rotation = Rotation(finding, provider_of(provider), can_ask=False, can_ask_alone=False, can_revoke=False)
    text = "\n".join(lines(rotation, redactor(report, PLAIN)))
    assert [it for it in said if it not in text] == []
    assert [it for it in unsaid if it in text] == []


# --- .env


@pytest.fixture
def env(leaked: Path) -> Path:
    file = leaked / ".env"
    file.write_text(f"# the shop\nA=1\nexport DATABASE_PASSWORD='{PASSWORD}' # of the shop\nB=2\n", "utf-8")
    file.chmod(0o640)
    return file


INTO = "dotenv:.env#DATABASE_PASSWORD"


def test_a_new_value_takes_the_place_of_the_old_one_which_is_kept(env: Path, capsys: Capture) -> None:
    assert main(["rotate", "1", "--into", INTO]) == 0
    out, err = capsys.readouterr()
    lines = env.read_text("utf-8").splitlines()
    new = re.fullmatch(r"export DATABASE_PASSWORD=([0-9a-f]{64}) # of the shop", lines[2])
    assert new
    assert lines[:2] == ["# the shop", "A=1"]
    assert lines[3:] == [f"export DATABASE_PASSWORD_PREVIOUS={PASSWORD}", "B=2"]
    if os.name == "posix":
        assert stat.S_IMODE(env.stat().st_mode) == 0o640
    for text in (out, err, runbook(env.parent)):
        assert PASSWORD not in text
        assert new[1] not in text
    assert out.startswith(f"{INTO} has a new value; the old one is DATABASE_PASSWORD_PREVIOUS in the same file.")
    assert f"- [x] `{INTO}` has the new value since " in runbook(env.parent)
    assert not list(env.parent.glob("*.new*"))


def test_readers_of_such_files_agree_on_what_is_written(env: Path) -> None:
    dotenv = pytest.importorskip("dotenv")
    assert main(["rotate", "1", "--into", INTO, "--form", "base64:24"]) == 0
    read = dotenv.dotenv_values(env)
    assert read["DATABASE_PASSWORD_PREVIOUS"] == PASSWORD
    assert len(read["DATABASE_PASSWORD"]) == 32
    assert (read["A"], read["B"]) == ("1", "2")
    shell = subprocess.run(
        ["sh", "-c", '. ./.env && printf %s "$DATABASE_PASSWORD"'], cwd=env.parent, capture_output=True, check=True
    )
    assert shell.stdout.decode() == read["DATABASE_PASSWORD"]


def test_a_rotation_is_confirmed_when_the_old_one_is_dead(env: Path, capsys: Capture) -> None:
    before = env.read_text("utf-8")
    main(["rotate", "1", "--into", INTO])
    assert main(["rotate", "--confirm", "--into", INTO]) == 0
    after = env.read_text("utf-8")
    assert "PREVIOUS" not in after
    assert PASSWORD not in after
    assert len(after.splitlines()) == len(before.splitlines())
    assert main(["rotate", "--confirm", "--into", INTO]) == 2
    assert "nothing is to be confirmed" in capsys.readouterr().err


def test_a_second_rotation_waits_for_the_first_to_be_confirmed(env: Path, capsys: Capture) -> None:
    main(["rotate", "1", "--into", INTO])
    env.write_text(
        env.read_text("utf-8")
        .replace("DATABASE_PASSWORD=", "X=")
        .replace("DATABASE_PASSWORD_PREVIOUS=", f"DATABASE_PASSWORD={PASSWORD}\nDATABASE_PASSWORD_PREVIOUS="),
        "utf-8",
    )
    before = env.read_bytes()
    assert main(["rotate", "1", "--into", INTO, "--runbook", "two.md"]) == 2
    assert f"do that first: tightlip rotate --confirm --into {INTO}" in capsys.readouterr().err
    assert env.read_bytes() == before
    assert not (env.parent / "two.md").exists()


def test_a_place_that_holds_another_value_stays_as_it_is(env: Path, capsys: Capture) -> None:
    env.write_text("DATABASE_PASSWORD=something-else\n", "utf-8")
    assert main(["rotate", "1", "--into", INTO]) == 2
    assert "holds another value than the one that was found" in capsys.readouterr().err
    assert env.read_text("utf-8") == "DATABASE_PASSWORD=something-else\n"
    assert not list(env.parent.glob("rotation-*"))


def test_a_file_that_git_tracks_gets_no_new_value(leaked: Path, git: GitCommand, capsys: Capture) -> None:
    (leaked / ".env").write_text(f"DATABASE_PASSWORD={PASSWORD}\n", "utf-8")
    git("add", "-f", ".env")
    assert main(["rotate", "1", "--into", INTO]) == 2
    assert "is tracked by git, and the new value would be committed" in capsys.readouterr().err


def test_a_runbook_that_a_full_disk_cuts_off_does_not_stay(tmp_path: Path) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "from tightlip.cli.rotate import _write\n"
        "_write('book.md', ['# a line'])"
    )
    done = subprocess.run([sys.executable, "-Bc", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "book.md: cannot be written: File too large" in done.stderr
    assert not (tmp_path / "book.md").exists()


def test_a_runbook_that_is_there_is_not_written_over(env: Path, capsys: Capture) -> None:
    (env.parent / "mine.md").write_text("ticks", "utf-8")
    before = env.read_bytes()
    assert main(["rotate", "1", "--into", INTO, "--runbook", "mine.md"]) == 2
    assert (env.parent / "mine.md").read_text("utf-8") == "ticks"
    assert env.read_bytes() == before


STANDS = {
    "twice": f"DATABASE_PASSWORD={PASSWORD}\nDATABASE_PASSWORD={PASSWORD}\n",
    "nowhere": "A=1\n",
    "escaped": f'DATABASE_PASSWORD="{PASSWORD}\\n"\n',
    "escaped-in-single-quotes": f"DATABASE_PASSWORD='{PASSWORD}\\'\n",
    "followed-at-once": f"DATABASE_PASSWORD='{PASSWORD}'#more\n",
    "run-in-a-shell": f'DATABASE_PASSWORD="{PASSWORD}`date`"\n',
    "expanded": f'DATABASE_PASSWORD="{PASSWORD}$A"\n',
    "over-lines": f'DATABASE_PASSWORD="{PASSWORD}\nmore"\n',
}


@pytest.mark.parametrize("text", STANDS.values(), ids=STANDS)
def test_a_line_that_could_mean_several_things_is_refused(env: Path, text: str, capsys: Capture) -> None:
    env.write_text(text, "utf-8")
    assert main(["rotate", "1", "--into", INTO]) == 2
    out, err = capsys.readouterr()
    assert PASSWORD not in out + err
    assert env.read_text("utf-8") == text


def rotated(arguments: list[str], value: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tightlip", "rotate", *arguments, "--value-from-stdin"]
    return subprocess.run(command, input=value, capture_output=True, timeout=120, check=False)


@pytest.mark.parametrize("new", ["plain-value", "with space and #", 'with "quotes" and $dollar', "schlüssel ✓"])
def test_a_value_from_standard_input_is_written_as_it_is(env: Path, new: str) -> None:
    dotenv = pytest.importorskip("dotenv")
    done = rotated(["1", "--into", INTO], f"{new}\n".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert new.encode() not in done.stdout
    assert dotenv.dotenv_values(env)["DATABASE_PASSWORD"] == new


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (b"", b"there is no value on standard input"),
        (b"  \n", b"there is no value on standard input"),
        (b"it's", b"cannot be written so that every reader takes it"),
        (b"two\nlines", b"cannot be written so that every reader takes it"),
        (b"back\\slash", b"cannot be written so that every reader takes it"),
        (PASSWORD.encode(), b"the value on standard input is the old one"),
    ],
    ids=["nothing", "blanks", "a-quote", "lines", "a-backslash", "the-old-one"],
)
def test_a_value_that_cannot_be_written_changes_nothing(env: Path, new: bytes, why: bytes) -> None:
    before = env.read_bytes()
    done = rotated(["1", "--into", INTO], new)
    assert done.returncode == 2
    assert why in done.stderr
    assert env.read_bytes() == before
    assert not list(env.parent.glob("rotation-*"))


def test_what_a_provider_issues_is_not_made_up(repo: Path, git: GitCommand, token: str, capsys: Capture) -> None:
    (repo / "a").write_text(f"GITHUB_TOKEN={token}\n", "utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    (repo / ".env").write_text(f"TOKEN={token}\n", "utf-8")
    assert main(["rotate", "1", str(repo), "--into", f"dotenv:{repo / '.env'}#TOKEN"]) == 2
    assert "GitHub issues this kind of secret: create one there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["1", "--into", "file:.env#A"], "is no place: sops:FILE#KEY, vault:PATH#KEY, dotenv:FILE#KEY"),
        (["1", "--into", "dotenv:.env"], "is no place"),
        (["1", "--into", "dotenv:.env#A B"], "is no key"),
        (["1", "--into", "dotenv:.env#A.B"], "has no nested keys"),
        (["1", "--into", "dotenv:missing#A"], "missing: cannot be read"),
        (["1", "--form", "hex:32"], "name the place"),
        (["--confirm"], "name the place"),
        (["1", "--confirm", "--into", INTO], "--confirm takes a place and nothing else"),
        ([], "name a finding"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, list) else "",
)
def test_a_wrong_call_is_one_clear_line(leaked: Path, capsys: Capture, arguments: list[str], why: str) -> None:
    assert main(["rotate", *arguments]) == 2
    err = capsys.readouterr().err
    assert why in err
    assert len(err.splitlines()) == 1


BEFORE = {
    "a-comment": "#DATABASE_PASSWORD={value}\n",
    "another-key": "OLD_DATABASE_PASSWORD={value}\n",
    "a-comment-of-the-old-one": "#DATABASE_PASSWORD_PREVIOUS={value}\n",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_a_line_that_ends_like_the_one_that_is_meant_stays_as_it_is(env: Path, before: str) -> None:
    before = before.format(value=PASSWORD)
    env.write_text(f"{before}DATABASE_PASSWORD={PASSWORD}\nB=2\n", "utf-8")
    assert main(["rotate", "1", "--into", INTO]) == 0
    lines = env.read_text("utf-8").splitlines()
    assert lines[0] == before.strip()
    assert re.fullmatch("DATABASE_PASSWORD=[0-9a-f]{64}", lines[1])
    assert lines[2:] == [f"DATABASE_PASSWORD_PREVIOUS={PASSWORD}", "B=2"]

    assert main(["rotate", "--confirm", "--into", INTO]) == 0
    assert env.read_text("utf-8").splitlines() == [*lines[:2], "B=2"]


def test_a_value_that_changed_while_the_new_one_was_typed_is_left_alone(env: Path) -> None:
    place = named(INTO)
    held = dotenv_file.read(place)
    env.write_text("DATABASE_PASSWORD=theirs\n", "utf-8")
    with pytest.raises(UsageError, match="somebody else has written there meanwhile"):
        dotenv_file.put(place, held, Secret(b"ours"))
    assert env.read_text("utf-8") == "DATABASE_PASSWORD=theirs\n"


def test_a_file_that_somebody_writes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text("A=1\n", "utf-8")

    def write() -> None:
        with replacement(str(file)) as copy:
            copy.write_text("A=2\n", "utf-8")
            file.write_text("A=3\n", "utf-8")

    with pytest.raises(UsageError, match="somebody else has written there meanwhile"):
        write()
    assert file.read_text("utf-8") == "A=3\n"
    assert [it.name for it in tmp_path.glob("*.env")] == ["a.env"]


@pytest.mark.skipif(os.name != "posix", reason="links need a right on Windows")
def test_a_link_stays_one_and_what_it_leads_to_gets_the_value(env: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.env"
    env.rename(kept)
    env.symlink_to(kept)
    assert main(["rotate", "1", "--into", INTO]) == 0
    assert env.is_symlink()
    assert PASSWORD in kept.read_text("utf-8").splitlines()[3]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="root alone gives files away")
def test_a_file_stays_its_owner_s(env: Path) -> None:
    os.chown(env, 12345, 54321)
    assert main(["rotate", "1", "--into", INTO]) == 0
    status = env.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 54321, 0o640)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_the_steps_are_ours_alone_since_they_say_where_a_live_secret_is(env: Path) -> None:
    assert main(["rotate", "1", "--into", INTO]) == 0
    (file,) = env.parent.glob("rotation-*.md")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_value_that_is_too_long_is_refused_and_not_cut(env: Path) -> None:
    before = env.read_bytes()
    done = rotated(["1", "--into", INTO], b"a" * ((1 << 20) + 1))
    assert (done.returncode, b"longer than any value" in done.stderr) == (2, True)
    assert env.read_bytes() == before


@needs_terminal
def test_at_a_terminal_the_value_is_asked_for_and_nothing_is_written_where_none_comes(env: Path) -> None:
    before = env.read_bytes()
    code, shown = at_terminal(["rotate", "1", "--into", INTO, "--value-from-stdin"], "\x04", waits_for="not shown:")
    assert (code, "there is no value on standard input" in shown) == (2, True)
    assert "Traceback" not in shown
    assert env.read_bytes() == before


@needs_terminal
def test_at_a_terminal_the_value_is_not_shown(env: Path) -> None:
    new = expand("[A-Za-z0-9]{24}", "typed")[0]
    arguments = ["rotate", "1", "--into", INTO, "--value-from-stdin"]
    code, shown = at_terminal(arguments, f"{new}\n", waits_for="not shown:")
    assert (code, new in shown) == (0, False)
    assert f"DATABASE_PASSWORD={new} " in env.read_text("utf-8")


# --- forms


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("hex:16", r"[0-9a-f]{32}"),
        ("base64:30", r"[A-Za-z0-9+/]{40}"),
        ("alphanumeric:24", r"[A-Za-z0-9]{24}"),
        ("like-old", r"sk_[a-z]{4}-[A-Z]{8}[0-9]{8}/[a-z]{8}"),
    ],
)
def test_a_value_has_the_form_that_is_wanted_and_is_another_each_time(form: str, pattern: str) -> None:
    old = Secret(b"sk_live-ABCDEFGH12345678/abcdefgh")
    made = {forms.made(form, old).reveal().decode() for _ in range(50)}
    assert len(made) == 50
    for value in made:
        assert re.fullmatch(pattern.replace("sk_", "[a-z]{2}_"), value)


@pytest.mark.parametrize(
    ("old", "pattern"),
    [
        ("56cb6357a400a0cbdc5464491c7581c0", "[0-9a-f]{32}"),
        ("56CB6357-A400-A0CB-DC54-64491C7581C0", "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
        ("12345678901234567890123456789012", "[0-9]{32}"),
        ("56cb6357a400a0cbdc5464491c7581cz", "[0-9]{2}[a-z]{2}[0-9]{4}[a-z].*[a-z]{2}"),
    ],
    ids=["hex", "hex-in-groups", "digits", "not-hex"],
)
def test_what_was_hexadecimal_stays_so(old: str, pattern: str) -> None:
    for _ in range(50):
        assert re.fullmatch(pattern, forms.made("like-old", Secret(old.encode())).reveal().decode())


@pytest.mark.parametrize(
    "form", ["hex:4", "alphanumeric:12", "base64:0", "hex:9999", "hex:", "word", "like-old", "hex:٣٢"]
)
def test_a_form_that_could_be_guessed_or_is_none_is_refused(form: str) -> None:
    with pytest.raises(UsageError):
        forms.made(form, Secret(b"short-1"))


# --- SOPS


@pytest.fixture
def age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key of age, and its recipient."""
    pyrage = pytest.importorskip("pyrage")
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "keys.txt"
    file.write_text(f"{identity}\n", "utf-8")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(file))
    return str(identity.to_public())


def encrypted(folder: Path, name: str, text: str, age: str, *options: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    subprocess.run(
        ["sops", "encrypt", "--age", age, *options, "-i", str(file.absolute())], check=True, capture_output=True
    )
    return file


def decrypted(file: Path, kind: str = "json") -> object:
    command = ["sops", "decrypt", "--output-type", kind, str(file)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


FILES = {
    "yaml": (
        "prod.yaml",
        f"db:\n  user: shop\n  password: {PASSWORD}\nother: 1\n",
        "db.password",
        "db.password_previous",
    ),
    "json": ("prod.json", json.dumps({"DB": {"PASSWORD": PASSWORD}}), "DB.PASSWORD", "DB.PASSWORD_PREVIOUS"),
    "env": ("prod.env", f"A=1\nPASSWORD={PASSWORD}\n", "PASSWORD", "PASSWORD_PREVIOUS"),
    "env-alone": (".env", f"A=1\nPASSWORD={PASSWORD}\n", "PASSWORD", "PASSWORD_PREVIOUS"),
    "like-an-option": ("-prod.yaml", f"password: {PASSWORD}\n", "password", "password_previous"),
    "ini": ("prod.ini", f"[db]\npassword = {PASSWORD}\n", "db.password", "db.password_previous"),
}


def at(made: object, key: str) -> object:
    for name in key.split("."):
        assert isinstance(made, dict)
        made = made.get(name)
    return made


@needs_sops
@pytest.mark.parametrize("which", FILES)
def test_a_sops_file_gets_the_new_value_and_keeps_the_old_one(
    leaked: Path, age: str, capsys: Capture, which: str
) -> None:
    name, text, key, previous = FILES[which]
    file = encrypted(leaked, name, text, age)
    assert main(["rotate", "1", "--into", f"sops:{name}#{key}", "--form", "alphanumeric:40"]) == 0
    made = decrypted(file)
    new = at(made, key)
    assert isinstance(new, str)
    assert re.fullmatch("[A-Za-z0-9]{40}", new)
    assert at(made, previous) == PASSWORD
    content = file.read_text("utf-8")
    out, err = capsys.readouterr()
    for shown in (content, out, err, runbook(leaked)):
        assert PASSWORD not in shown
        assert new not in shown
    assert not list(leaked.glob("*.new*"))

    assert main(["rotate", "--confirm", "--into", f"sops:{name}#{key}"]) == 0
    made = decrypted(file)
    assert (at(made, key), at(made, previous)) == (new, None)


@needs_sops
def test_a_key_that_the_file_leaves_unencrypted_gets_no_value(leaked: Path, age: str, capsys: Capture) -> None:
    text = f"password: {PASSWORD}\nother: 1\n"
    file = encrypted(leaked, "prod.yaml", text, age, "--encrypted-regex", "^password$")
    before = file.read_bytes()
    assert main(["rotate", "1", "--into", "sops:prod.yaml#password"]) == 2
    assert "leave password_previous unencrypted; nothing was written" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert not list(leaked.glob("*.new*"))


@needs_sops
def test_a_value_is_never_an_argument_of_sops(
    leaked: Path, age: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in on the PATH writes down how it is called, and calls the real one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    real, log = shutil.which("sops"), tmp_path / "calls"
    (folder / "sops").write_text(f'#!/bin/sh\necho "$@" >> {log}\nenv >> {log}\nexec {real} "$@"\n', "utf-8")
    (folder / "sops").chmod(0o755)
    file = encrypted(leaked, "prod.yaml", f"password: {PASSWORD}\n", age)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert main(["rotate", "1", "--into", "sops:prod.yaml#password"]) == 0
    calls = log.read_text("utf-8")
    new = at(decrypted(file), "password")
    assert "set --value-stdin" in calls
    assert PASSWORD not in calls
    assert str(new) not in calls


@needs_sops
def test_a_sops_file_that_changed_while_the_new_value_was_typed_is_left_alone(leaked: Path, age: str) -> None:
    file = encrypted(leaked, "prod.yaml", f"password: {PASSWORD}\n", age)
    place = named("sops:prod.yaml#password")
    held = sops_file.read(place)
    encrypted(leaked, "prod.yaml", "password: theirs\n", age)
    before = file.read_bytes()
    with pytest.raises(UsageError, match="somebody else has written there meanwhile"):
        sops_file.put(place, held, Secret(b"ours"))
    assert file.read_bytes() == before


@needs_sops
@pytest.mark.parametrize("at_call", [3, 5, 6])
@pytest.mark.skipif(os.name != "posix", reason="a stand-in is a script")
def test_a_crash_in_between_loses_nothing(
    leaked: Path, age: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_call: int
) -> None:
    """A stand-in for sops does what it is told, and then kills tightlip."""
    file = encrypted(leaked, "prod.yaml", f"password: {PASSWORD}\n", age)
    before = file.read_bytes()
    folder = tmp_path / "bin"
    folder.mkdir()
    real, count = shutil.which("sops"), tmp_path / "count"
    (folder / "sops").write_text(
        f'#!/bin/sh\n{real} "$@"\ncode=$?\necho >> {count}\n'
        f"[ $(wc -l < {count}) -ge {at_call} ] && kill -9 $PPID\nexit $code\n",
        "utf-8",
    )
    (folder / "sops").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    command = [sys.executable, "-m", "tightlip", "rotate", "1", "--into", "sops:prod.yaml#password"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == -9
    assert file.read_bytes() == before
    left = [it.read_text("utf-8") for it in leaked.iterdir() if it.is_file() and it.name != "settings.py"]
    assert all(PASSWORD not in text for text in left), "what is left behind is encrypted"


@needs_sops
@pytest.mark.skipif(os.name != "posix", reason="a stand-in is a script")
def test_where_the_steps_cannot_be_ticked_off_it_says_that_the_value_is_new(
    leaked: Path, age: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A stand-in for sops puts a folder in the place of the runbook."""
    file = encrypted(leaked, "prod.yaml", f"password: {PASSWORD}\n", age)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sops").write_text(
        "#!/bin/sh\nfor it in rotation-*.md; do [ -f $it ] && rm $it && mkdir $it; done\n"
        f'exec {shutil.which("sops")} "$@"\n',
        "utf-8",
    )
    (folder / "sops").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert main(["rotate", "1", "--into", "sops:prod.yaml#password"]) == 2
    err = capsys.readouterr().err
    assert "sops:prod.yaml#password has a new value; the old one is password_previous in the same file; but " in err
    assert at(decrypted(file), "password_previous") == PASSWORD


@needs_sops
@pytest.mark.parametrize("trouble", ["plain", "no-key", "changed", "no-such-key", "missing"])
def test_a_sops_file_that_cannot_be_read_is_one_clear_line(
    leaked: Path, age: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    file = encrypted(leaked, "prod.yaml", f"password: {PASSWORD}\nother: abc\n", age)
    key = "password"
    if trouble == "plain":
        file.write_text(f"password: {PASSWORD}\n", "utf-8")
    elif trouble == "no-key":
        monkeypatch.setenv("SOPS_AGE_KEY_FILE", os.devnull)
    elif trouble == "changed":
        made = yaml.safe_load(file.read_text("utf-8"))
        del made["other"]
        file.write_text(yaml.safe_dump(made), "utf-8")
    elif trouble == "no-such-key":
        key = "nothing"
    else:
        file.unlink()
    assert main(["rotate", "1", "--into", f"sops:prod.yaml#{key}"]) == 2
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert err.startswith("tightlip: error: ")
    assert PASSWORD not in out + err


def test_without_sops_it_says_where_to_get_it(leaked: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    (leaked / "prod.yaml").write_text("a: b\n", "utf-8")
    git = os.path.dirname(shutil.which("git") or "")
    monkeypatch.setenv("PATH", git)
    if shutil.which("sops"):
        pytest.skip("sops is beside git")
    assert main(["rotate", "1", "--into", "sops:prod.yaml#a"]) == 2
    assert "there is no sops program on the PATH" in capsys.readouterr().err


# --- a vault


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A vault in memory, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, home = f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("bao")
    command = [str(found("bao")), "server", "-dev", "-dev-root-token-id=root", f"-dev-listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": str(home)}
    ) as server:
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield address
        finally:
            server.kill()


@pytest.fixture
def vault(bao: str, monkeypatch: pytest.MonkeyPatch) -> object:
    hvac = pytest.importorskip("hvac")
    monkeypatch.setenv("VAULT_ADDR", bao)
    monkeypatch.setenv("VAULT_TOKEN", "root")
    client = hvac.Client(url=bao, token="root")
    for _ in range(100):
        try:
            client.secrets.kv.v2.create_or_update_secret(
                path="shop", secret={"password": PASSWORD, "user": "ada"}, mount_point="secret"
            )
            break
        except hvac.exceptions.VaultError:
            time.sleep(0.1)
    return client.secrets.kv.v2


@needs_bao
def test_a_vault_gets_a_version_with_the_new_value(leaked: Path, vault: object, capsys: Capture) -> None:
    assert main(["rotate", "1", "--into", "vault:secret/shop#password"]) == 0
    out, err = capsys.readouterr()
    now = vault.read_secret_version(path="shop", mount_point="secret", raise_on_deleted_version=True)  # type: ignore[attr-defined]
    version = now["data"]["metadata"]["version"]
    before = vault.read_secret_version(  # type: ignore[attr-defined]
        path="shop", version=version - 1, mount_point="secret", raise_on_deleted_version=True
    )
    new = now["data"]["data"]["password"]
    assert re.fullmatch("[0-9a-f]{64}", new)
    assert now["data"]["data"]["user"] == "ada"
    assert before["data"]["data"]["password"] == PASSWORD
    assert f"the old one is version {version - 1} of the path" in out
    for shown in (out, err, runbook(leaked)):
        assert new not in shown
        assert PASSWORD not in shown

    assert main(["rotate", "--confirm", "--into", "vault:secret/shop#password"]) == 0
    assert f"vault kv destroy -mount=secret -versions={version - 1} shop" in capsys.readouterr().out


@needs_bao
def test_a_vault_that_somebody_else_has_written_to_meanwhile_is_left_alone(leaked: Path, vault: object) -> None:
    from tightlip.rotate import vault as keeper

    place = named("vault:secret/shop#password")
    held = keeper.read(place)
    vault.create_or_update_secret(path="shop", secret={"password": "theirs"}, mount_point="secret")  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="somebody else has written there meanwhile"):
        keeper.put(place, held, Secret(b"ours"))
    assert keeper.read(place).value == Secret(b"theirs")


@needs_bao
@pytest.mark.parametrize(
    ("place", "token", "why"),
    [
        ("vault:secret/nowhere#a", "root", "there is no such path"),
        ("vault:nothing/shop#a", "root", "has no right at this path"),
        ("vault:secret/shop#nothing", "root", "has no text under that key"),
        ("vault:shop#a", "root", "name the mount and the path in it"),
        ("vault:secret/shop#password", "wrong", "the token is not valid"),
        ("vault:secret/shop#password", "", "no token; set VAULT_TOKEN"),
    ],
)
def test_a_vault_that_cannot_be_read_is_one_clear_line(
    leaked: Path, vault: object, capsys: Capture, monkeypatch: pytest.MonkeyPatch, place: str, token: str, why: str
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", token)
    assert main(["rotate", "1", "--into", place]) == 2
    err = capsys.readouterr().err
    assert why in err
    assert len(err.splitlines()) == 1


def test_a_vault_that_is_not_there_is_one_clear_line(
    leaked: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("hvac")
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:1")
    monkeypatch.setenv("VAULT_TOKEN", "root")
    assert main(["rotate", "1", "--into", "vault:secret/shop#password"]) == 2
    assert "cannot be asked: no connection" in capsys.readouterr().err
