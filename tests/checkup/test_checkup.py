"""`tightlip checkup`: each line says what is so, where that is seen and what mends it, and never a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from checking import Said

from tightlip.checkup import AREAS
from tightlip.cli import main

Call = Callable[..., str]
Checkup = Callable[..., Said]
REAL = "q8Vt3" + "Zr7Lm2Xw9Pk"
TREE, HISTORY = "No secret is in the files that git tracks", "No secret is in the history"
IGNORED, KEYS = "Git ignores .env files", "Git ignores keys, credentials and state"

pytestmark = pytest.mark.usefixtures("well")


def test_where_all_is_well_every_line_is_in_order(checkup: Checkup) -> None:
    said = checkup()

    assert said.code == 0, [it for it in said.document["lines"] if it["state"] != "ok"]
    assert said.document["counts"] == {"ok": len(said.document["lines"]), "warn": 0, "fail": 0, "not_checked": 0}
    assert [it["area"] for it in said.document["lines"]] == sorted(
        (it["area"] for it in said.document["lines"]), key=list(AREAS).index
    )


def test_a_secret_in_the_files_and_one_in_the_history_are_told(
    checkup: Checkup, stage: Call, git: Call, token: str, other: str
) -> None:
    stage("old.py", f"x = '{other}'\n")
    git("commit", "-q", "--no-verify", "-m", "old")
    git("rm", "-q", "old.py")
    stage("new.py", f"x = '{token}'\n")
    git("commit", "-q", "--no-verify", "-m", "new")

    said = checkup()

    assert (said.code, said.failed()) == (1, [TREE, HISTORY])
    assert said.line(TREE)["evidence"] == ["new.py:1: github-pat-classic (critical)"]
    assert len(said.line(HISTORY)["evidence"]) == 2
    assert token not in str(said)
    assert other not in str(said)


def test_what_is_allowed_or_known_is_in_order(checkup: Checkup, stage: Call, git: Call, token: str, other: str) -> None:
    stage("a.py", f"x = '{token}'  # tightlip: allow\n")
    stage("b.py", f"x = '{other}'\n")
    git("commit", "-q", "--no-verify", "-m", "both")
    assert main(["baseline", "create"]) in (0, 1)

    assert checkup().failed() == []


def test_without_the_history_its_lines_are_not_checked_and_that_is_no_failure(checkup: Checkup) -> None:
    said = checkup("--no-history")

    assert said.code == 0
    assert said.line(HISTORY)["state"] == "not_checked"
    assert said.line(HISTORY)["summary"] == "--no-history"


def test_env_files_are_looked_at_from_every_side(checkup: Checkup, put: Call, stage: Call, git: Call) -> None:
    stage("app/.env", f"DB_PASSWORD={REAL}\nNEW=1\n")
    stage("app/.env.example", f"DB_PASSWORD={REAL}\n")
    git("commit", "-q", "--no-verify", "-m", "both")
    Path("app/.env").chmod(0o644)

    said = checkup()

    assert said.code == 1
    assert said.line("No .env file is tracked in clear")["evidence"] == [
        "app/.env: git tracks it, in clear, with 2 values"
    ]
    (ever,) = said.line("No .env file was ever committed in clear")["evidence"]
    assert re.fullmatch(r"app/.env: first in \w{10} 2026-01-02, last .*; still in a local file: DB_PASSWORD", ever)
    assert said.line("Examples of .env files hold no real value")["evidence"] == [
        "app/.env.example:1: DB_PASSWORD has the very value that app/.env has"
    ]
    assert said.line("Examples of .env files have every key")["state"] == "warn"
    assert said.line("Git tracks no key or state that it is told to ignore")["evidence"][0].startswith("app/.env:")
    assert REAL not in str(said)


def test_fix_adds_to_gitignore_what_it_lacks_once_and_nothing_else(checkup: Checkup, stage: Call, git: Call) -> None:
    stage(".gitignore", b"a\r\n*.pem\r\n")
    git("commit", "-q", "--no-verify", "-m", "less")
    before = checkup()

    first, second = checkup("--fix"), checkup("--fix")

    assert (before.line(IGNORED)["state"], before.line(KEYS)["state"]) == ("fail", "warn")
    assert before.line(IGNORED)["mend"] == "tightlip checkup --fix"
    assert ".env" in first.document["fixed"]
    assert "*.pem" not in first.document["fixed"]
    assert second.document["fixed"] == []
    assert (first.code, second.code) == (0, 0)
    assert git("status", "--porcelain") == "M .gitignore"
    assert b"\n" not in Path(".gitignore").read_bytes().replace(b"\r\n", b"")


def test_ci_images_and_manifests_are_told_with_file_and_line(checkup: Checkup, stage: Call) -> None:
    stage(".github/workflows/a.yml", f"on: push\nenv:\n  API_KEY: {REAL}\n")
    stage("Dockerfile", f"FROM x\nENV API_KEY={REAL}\n")
    stage("compose.yaml", f"services:\n  a:\n    environment:\n      API_KEY: {REAL}\n")
    stage("x/terraform.tfstate", "{}\n")
    stage("k8s/a.yaml", f"apiVersion: v1\nkind: Secret\ndata:\n  key: {REAL}\n")

    said = checkup("--no-history")

    where = {
        "CI files use the platform's secret store": ".github/workflows/a.yml:3: ",
        "Images are built without secrets": "Dockerfile:2: ",
        "Compose files hold no secret": "compose.yaml:4: ",
        "Terraform's state and secrets are not in git": "x/terraform.tfstate: ",
        "Kubernetes Secrets are not in clear": "k8s/a.yaml:4: ",
    }
    assert set(where) <= set(said.failed())
    assert {
        title: said.line(title)["evidence"][0].startswith(start) for title, start in where.items()
    } == dict.fromkeys(where, True)
    assert REAL not in str(said)


def test_a_file_that_must_be_encrypted_and_a_hook_that_is_missing_are_told(
    checkup: Checkup, stage: Call, well: Path
) -> None:
    stage(".sops.yaml", "creation_rules:\n  - path_regex: ^conf/\n    age: age1x\n")
    stage("conf/a.yaml", "user: ada\n")
    assert main(["uninstall"]) == 0

    said = checkup("--no-history")

    assert said.failed() == ["Files that must be encrypted are", "Hooks look at every commit"]
    assert said.line("Files that must be encrypted are")["evidence"] == [
        "conf/a.yaml:1: sops-not-encrypted: .sops.yaml:2 says that it must be"
    ]
    assert said.line("Hooks look at every commit")["mend"].startswith("tightlip install")


def test_what_git_crypt_has_encrypted_is_no_secret_though_it_is_plaintext_on_disk(
    checkup: Checkup, stage: Call, git: Call, put: Call, token: str
) -> None:
    stage(".gitattributes", "*.conf filter=git-crypt\n")
    git("config", "filter.git-crypt.clean", "printf '\\000GITCRYPT\\000'; cat >/dev/null; printf 'xxxx'")
    stage("a.conf", f"key = {token}\n")
    stage("b.conf", b"\0GITCRYPT\0xyz")
    git("config", "--unset", "filter.git-crypt.clean")
    git("commit", "-q", "--no-verify", "-m", "sealed")

    assert checkup().failed() == []


def test_a_configuration_that_cannot_be_read_leaves_lines_unchecked_and_is_no_all_clear(
    checkup: Checkup, put: Call
) -> None:
    put(".tightlip.yaml", "nothing: 1\n")

    said = checkup("--no-history")

    assert said.code == 3
    assert said.document["complete"] is False
    assert said.line("Secrets: the rest of it")["state"] == "not_checked"


def test_every_form_says_the_same_and_no_value(
    stage: Call, token: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stage("a.py", f"x = '{token}'\n")
    stage("<b>|`x`.env", f"PASSWORD={REAL}\n")
    forms = ("text", "json", "markdown", "html")

    code = main(["checkup", "--no-history", *(w for it in forms for w in ("--report", f"{it}:{tmp_path / it}"))])

    made = {it: (tmp_path / it).read_text() for it in forms}
    assert code == 1
    assert capsys.readouterr().out == ""
    for form, text in made.items():
        assert token not in text, form
        assert REAL not in text, form
        assert "No secret is in the files that git tracks" in text, form
        assert "a.py:1" in text, form
    assert "<b>" not in made["html"]
    assert "&lt;b&gt;" in made["html"]
    assert "<script" not in made["html"]
    assert "default-src 'none'" in made["html"]
    assert not re.search(r"(?<!`)<b>", made["markdown"])
    assert json.loads(made["json"])["counts"]["fail"] >= 2


def test_the_page_is_well_formed(stage: Call, tmp_path: Path) -> None:
    from html.parser import HTMLParser

    stage("a&<i>.env", f"PASSWORD={REAL}\n")
    main(["checkup", "--no-history", "--report", f"html:{tmp_path / 'a'}"])
    waiting: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "meta":
                waiting.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert waiting.pop() == tag

    Parser().feed((tmp_path / "a").read_text())

    assert waiting == []


def test_quiet_gives_one_line_for_each_thing_to_mend(stage: Call, capsys: pytest.CaptureFixture[str]) -> None:
    stage("prod.env", f"PASSWORD={REAL}\n")
    capsys.readouterr()

    main(["checkup", "--no-history", "-q"])

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("No .env file is tracked in clear; 1 problem; prod.env: ") for line in lines)
    assert all(line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/nowhere"], "/nowhere"),
        (["--json", "--report", "text"], "give one of them"),
        (["--report", "sarif"], "is not a format"),
    ],
    ids=["no-folder", "two-forms", "no-form"],
)
def test_wrong_use_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    code = main(["checkup", *arguments])

    assert code == 2
    assert said in capsys.readouterr().err
