"""Sources that read files, keyrings and what programs print, with the real sops, age and keyring."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from knownvalues import value

from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.known.secret import Known
from tightlip.known.sources import secrets, where_of

VALUE, OTHER = value(31), value(32)
Encrypt = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, and a PATH on which the environment's own programs are."""
    path = tmp_path / "here"
    path.mkdir()
    monkeypatch.chdir(path)
    for name in ("SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY", "AGE_IDENTITY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    return path


def given(text: str) -> dict[str, str]:
    """What a source gives, by name."""
    return {known.name: known.value.decode() for known in secrets(where_of(text))}


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A new age key in the file where sops looks for it; returns its recipient."""
    pyrage = pytest.importorskip("pyrage")
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "home" / ".config" / "sops" / "age" / "keys.txt"
    path.parent.mkdir(parents=True)
    path.write_text(f"# made for a test\n{identity}\n")
    return str(identity.to_public())


@pytest.fixture
def sealed(here: Path, key: str) -> Encrypt:
    """Write a file that sops encrypts."""
    program = shutil.which("sops")
    if program is None:
        pytest.skip("there is no sops")

    def sealed(name: str, content: str, *options: str) -> Path:
        path = here / "secrets" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        subprocess.run([program, "--encrypt", "--age", key, *options, "--in-place", str(path)], check=True)
        assert VALUE not in path.read_text()
        return path

    return sealed


class TestDotenv:
    def test_values_are_those_that_programs_read(self, here: Path) -> None:
        (here / ".env").write_text(f"# it\nexport A='{VALUE}'\nB=\"two\\nlines of it\"\nC=plain # said\nD\nE=\n")
        assert given("dotenv:.env") == {"A": VALUE, "B": "two\nlines of it", "C": "plain", "E": ""}

    def test_a_value_of_others_is_known_as_written_and_as_read(self, here: Path) -> None:
        (here / ".env").write_text(f"A={VALUE}\nURL=https://u:${{A}}@host\n")
        found = [known.value.decode() for known in secrets(where_of("dotenv:.env")) if known.name == "URL"]
        assert found == ["https://u:${A}@host", f"https://u:{VALUE}@host"]

    def test_a_file_that_is_not_there_is_told(self) -> None:
        with pytest.raises(UsageError, match=r"dotenv:\.nv: No such file"):
            given("dotenv:.nv")

    def test_the_line_that_is_no_text_is_told_and_not_shown(self, here: Path) -> None:
        (here / ".env").write_bytes(f"A=1\nB={VALUE}".encode() + b"\xff\n")
        with pytest.raises(UsageError, match="line 2 is not UTF-8") as caught:
            given("dotenv:.env")
        assert VALUE not in str(caught.value)


class TestSops:
    def test_leaves_that_are_encrypted_are_known(self, sealed: Encrypt) -> None:
        sealed("a.yaml", f"db:\n  password: {VALUE}\n  host_unencrypted: db.example.org\nkeys: [first, {OTHER}]\n")
        assert given("sops:secrets/a.yaml") == {
            "secrets/a.yaml#db.password": VALUE,
            "secrets/a.yaml#keys.0": "first",
            "secrets/a.yaml#keys.1": OTHER,
        }

    def test_a_rule_for_what_is_encrypted_holds(self, sealed: Callable[..., Path]) -> None:
        sealed("a.json", json.dumps({"token": VALUE, "name": OTHER}), "--encrypted-regex", "^token$")
        assert given("sops:secrets/a.json") == {"secrets/a.json#token": VALUE}

    def test_every_kind_of_file_in_a_folder_is_read(self, sealed: Encrypt, here: Path) -> None:
        sealed("a.env", f"A={VALUE}\n")
        sealed("b.ini", f"[part]\nname={VALUE}\n")
        sealed("c.pem", f"-----BEGIN IT-----\n{VALUE}\n-----END IT-----\n")
        (here / "secrets" / "readme.yaml").write_text("not: sealed\n")
        assert given("sops:secrets/") == {
            "a.env#A": VALUE,
            "b.ini#part.name": VALUE,
            "c.pem": f"-----BEGIN IT-----\n{VALUE}\n-----END IT-----",
        }

    def test_without_the_key_it_is_said_what_to_do(self, sealed: Encrypt, tmp_path: Path) -> None:
        sealed("a.yaml", f"a: {VALUE}\n")
        (tmp_path / "home" / ".config" / "sops" / "age" / "keys.txt").unlink()
        with pytest.raises(UsageError, match="sops has no key for it; is SOPS_AGE_KEY_FILE set"):
            given("sops:secrets/a.yaml")

    def test_a_file_that_somebody_changed_is_told(self, sealed: Encrypt) -> None:
        path = sealed("a.yaml", f"a: {VALUE}\nb_unencrypted: one\n")
        path.write_text(path.read_text().replace("one", "two"))
        with pytest.raises(UsageError, match="its checksum is wrong"):
            given("sops:secrets/a.yaml")

    def test_what_is_not_encrypted_is_told(self, here: Path) -> None:
        (here / "a.yaml").write_text("a: b\n")
        for where in ("sops:a.yaml", "sops:."):
            with pytest.raises(UsageError, match="encrypted by sops"):
                given(where)

    def test_without_the_program_it_is_said_where_to_get_it(
        self, sealed: Encrypt, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        sealed("a.yaml", f"a: {VALUE}\n")
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UsageError, match="no program sops on the PATH; install it"):
            given("sops:secrets/a.yaml")


class TestAge:
    @pytest.mark.parametrize("armored", [False, True], ids=["binary", "armored"])
    def test_values_of_a_file_are_known(self, here: Path, key: str, armored: bool) -> None:  # noqa: FBT001
        self.seal(here / "team.env.age", f"A={VALUE}\nB='{OTHER}'\n", key, armored=armored)
        assert given("age:team.env.age") == {"team.env.age#A": VALUE, "team.env.age#B": OTHER}

    def test_a_file_of_no_kind_is_one_secret(self, here: Path, key: str) -> None:
        self.seal(here / "token.age", f"{VALUE}\n", key)
        assert given("age:token.age") == {"token.age": VALUE}

    def test_another_identity_can_be_named(self, here: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seal(here / "token.age", f"{VALUE}\n", key)
        (here / "other").write_text("# nothing in it\n")
        monkeypatch.setenv("AGE_IDENTITY", str(here / "other"))
        with pytest.raises(UsageError, match="holds no age key"):
            given("age:token.age")

    def test_what_no_key_opens_is_told(self, here: Path, key: str) -> None:
        import pyrage

        self.seal(here / "token.age", VALUE, str(pyrage.x25519.Identity.generate().to_public()))
        (here / "broken.age").write_bytes(b"age-encryption.org/v1\n-> X25519 nothing\n")
        (here / "armor.age").write_bytes(b"-----BEGIN AGE ENCRYPTED FILE-----\nabc\n-----END AGE ENCRYPTED FILE-----\n")
        for name in ("token", "broken", "armor"):
            with pytest.raises(UsageError, match="none of your age keys opens it"):
                given(f"age:{name}.age")

    @staticmethod
    def seal(path: Path, content: str, key: str, *, armored: bool = False) -> None:
        import pyrage

        recipient = pyrage.x25519.Recipient.from_str(key)
        path.write_bytes(pyrage.encrypt(content.encode(), [recipient], armored=armored))


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


class TestKubernetes:
    def test_secrets_in_a_manifest_are_known(self, here: Path) -> None:
        docker = json.dumps({"auths": {"registry": {"password": OTHER}}})
        (here / "all.yaml").write_text(
            "kind: ConfigMap\ndata: {not: this}\n---\nkind: List\nitems:\n"
            "- kind: Secret\n  metadata: {name: db, namespace: prod}\n"
            f"  data: {{password: {encoded(VALUE)}, docker: {encoded(docker)}}}\n"
            f"  stringData: {{plain: {OTHER}}}\n"
        )
        assert given("kubernetes:all.yaml") == {
            "prod/db#plain": OTHER,
            "prod/db#password": VALUE,
            "prod/db#docker#auths.registry.password": OTHER,
        }
        assert given("kubernetes:.") == given("kubernetes:all.yaml")

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("kind: [", "line 2 is no YAML"),
            ("kind: Pod", "no manifest of kind Secret"),
            ("- " * 9000, "nested|no manif"),
        ],
        ids=["broken", "another", "deep"],
    )
    def test_what_is_no_manifest_is_told(self, here: Path, content: str, told: str) -> None:
        (here / "all.yaml").write_text(content + "\n")
        with pytest.raises(UsageError, match=told):
            given("kubernetes:all.yaml")


class TestCommand:
    def program(self, text: str) -> str:
        return f"command:{shlex.join([sys.executable, '-c', f'print({text!r})'])}"

    def test_each_line_is_a_value(self) -> None:
        assert given(self.program(f"{VALUE}\n{OTHER}=")) == {"line 1": VALUE, "line 2": OTHER + "="}

    def test_assignments_and_json_have_names(self) -> None:
        assert given(self.program(f"A={VALUE}\nexport B='{OTHER}'")) == {"A": VALUE, "B": OTHER}
        assert given(self.program(json.dumps({"a": [VALUE]}))) == {"a.0": VALUE}

    def test_no_shell_is_in_between(self, here: Path) -> None:
        assert given("command:echo $HOME > file") == {"line 1": "$HOME > file"}

    def test_arguments_are_not_told(self) -> None:
        (known,) = secrets(where_of(f"command:echo {VALUE}"))
        assert known.source == "command:echo"
        with pytest.raises(UsageError, match="exit code 3") as caught:
            given(f"command:{shlex.join([sys.executable, '-c', 'raise SystemExit(3)', VALUE])}")
        assert VALUE not in str(caught.value)

    def test_a_program_that_is_not_there_is_told(self) -> None:
        with pytest.raises(UsageError, match="command:there-is-none: it cannot be run: No such file"):
            given("command:there-is-none at all")


class TestKeyring:
    def test_a_password_is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keyring = pytest.importorskip("keyring")
        backend = pytest.importorskip("keyring.backend")

        class Backend(backend.KeyringBackend):  # type: ignore[misc, name-defined]
            priority = 1

            def get_password(self, service: str, username: str) -> str | None:
                return VALUE if (service, username) == ("https://host/app", "me") else None

            def set_password(self, service: str, username: str, password: str) -> None: ...

        before = keyring.get_keyring()
        keyring.set_keyring(Backend())
        try:
            assert given("keyring:https://host/app/me") == {"https://host/app/me": VALUE}
            with pytest.raises(UsageError, match="has no password"):
                given("keyring:app/you")
        finally:
            keyring.set_keyring(before)

    def test_a_name_without_a_user_is_told(self) -> None:
        with pytest.raises(UsageError, match="keyring:SERVICE/USER"):
            given("keyring:app")


def test_the_list_shows_names_and_no_values(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / ".env").write_text(f"TOKEN={VALUE}\nMODE=production\n")
    assert main(["known", "list", "dotenv:.env"]) == 0
    assert capsys.readouterr().out == (
        "TOKEN  16 to 31 bytes  dotenv:.env\n"
        "MODE  8 to 15 bytes  dotenv:.env  not searched for: it is a common value\n"
        "1 secret searched for, 1 not\n"
    )


def test_the_list_tells_which_secrets_are_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "staging.env").write_text(f"TOKEN={VALUE}\n")
    (here / "production.env").write_text(f"KEY={VALUE}\n")
    assert main(["known", "list", "dotenv:staging.env", "dotenv:production.env"]) == 0
    _, second, _ = capsys.readouterr().out.splitlines()
    assert second == "KEY  16 to 31 bytes  dotenv:production.env  the same value as TOKEN of dotenv:staging.env"


def test_a_list_with_a_secret_that_was_not_to_be_had_is_not_complete(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "secret.yaml").write_text("kind: Secret\nmetadata: {name: app}\ndata: {KEY: '%'}\n")
    assert main(["known", "list", "kubernetes:secret.yaml"]) == 3
    assert "not to be had" in capsys.readouterr().out


def test_the_kinds_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["known"]) == 0
    told = capsys.readouterr().out
    assert "dotenv" in told
    assert "The values of a .env file" in told


def test_a_known_secret_has_a_source_as_the_user_wrote_it(here: Path) -> None:
    (here / "a.txt").write_text(VALUE)
    found: list[Known] = list(secrets(where_of("lines:a.txt")))
    assert [one.source for one in found] == ["lines:a.txt"]
