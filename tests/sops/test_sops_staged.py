"""What .sops.yaml says must be encrypted is not committed in clear; what is encrypted is never a finding."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sopsing import Key, new_key, said

from tightlip import hooks
from tightlip.cli import main
from tightlip.engine import Scanner
from tightlip.scan import scan_files, scan_staged

Call = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Told = Callable[[], list[str]]

FILES = {
    "secrets/a.yaml": "user: ada\ndb:\n  password: hunter2-of-ada\n  ports: [1, 2]\n# of 2024\n",
    "secrets/a.json": '{"user": "ada", "db": {"password": "hunter2-of-ada", "n": [1, true, null, ""]}}\n',
    "secrets/a.env": "# of 2024\nUSER=ada\nPASSWORD=hunter2-of-ada\nEMPTY=\n",
    "secrets/a.ini": "[db]\nuser = ada\npassword = hunter2-of-ada\n",
    "secrets/a.txt": "hunter2-of-ada\n",
}
IDS = ["yaml", "json", "dotenv", "ini", "binary"]
SECRET = "hunter2-of-ada"


@pytest.mark.parametrize(("name", "text"), FILES.items(), ids=IDS)
def test_a_file_that_must_be_encrypted_is_told_in_clear_and_not_when_sops_has_encrypted_it(
    name: str, text: str, rules: Call, stage: Stage, encrypt: Call, sops: Call, told: Told
) -> None:
    rules()
    stage(name, text)
    before = told()

    encrypt(name, text)

    assert before == [f"sops-not-encrypted {name}:1"]
    assert json.loads(sops("filestatus", name)) == {"encrypted": True}
    assert told() == []


@pytest.mark.parametrize(("name", "text"), FILES.items(), ids=IDS)
def test_no_rule_at_all_finds_anything_in_what_sops_writes(
    name: str, text: str, rules: Call, encrypt: Call, repo: Path, scanner: Scanner
) -> None:
    rules()
    encrypt(name, text)

    assert scan_staged(repo, scanner=scanner).findings == ()
    assert scan_files([repo], scanner=scanner).findings == ()


@pytest.mark.parametrize(("name", "text"), list(FILES.items())[:4], ids=IDS[:4])
def test_one_value_put_back_in_clear_is_told_by_its_line(
    name: str, text: str, rules: Call, encrypt: Call, stage: Stage, told: Told, git: Call
) -> None:
    rules()
    sealed = encrypt(name, text)
    git("commit", "-q", "-m", "sealed")

    stage(name, re.sub(r'(password"?[ :="]+)ENC\[[^]]*\]', rf"\1{SECRET}", sealed, count=1, flags=re.IGNORECASE))

    lines = [n for n, line in enumerate(sealed.split("\n"), 1) if "password" in line.lower()]
    assert told() == [f"sops-leaf-in-clear {name}:{lines[0]}"]


def test_an_encrypted_file_that_is_plaintext_again_is_told_without_any_rule(
    rules: Call, encrypt: Call, stage: Stage, told: Told, git: Call
) -> None:
    rules()
    encrypt("secrets/a.yaml", FILES["secrets/a.yaml"])
    git("commit", "-q", "-m", "sealed")
    rules(path_regex="^elsewhere/")

    stage("secrets/a.yaml", FILES["secrets/a.yaml"])

    assert told() == ["sops-plaintext-again secrets/a.yaml:1"]


def test_the_plaintext_beside_its_encrypted_file_is_told(rules: Call, encrypt: Call, stage: Stage, told: Told) -> None:
    rules(path_regex=r"\.enc$")
    encrypt("production.env.enc", FILES["secrets/a.env"], "--input-type", "dotenv", "--output-type", "dotenv")

    stage("production.env", FILES["secrets/a.env"])

    assert told() == ["sops-plaintext-again production.env:1"]


def test_a_file_that_is_decrypted_and_renamed_is_told(
    rules: Call, encrypt: Call, stage: Stage, told: Told, git: Call
) -> None:
    rules(path_regex=r"\.enc\.yaml$")
    encrypt("a.enc.yaml", FILES["secrets/a.yaml"])
    git("commit", "-q", "-m", "sealed")
    git("rm", "-q", "a.enc.yaml")

    stage("a.yaml", FILES["secrets/a.yaml"])

    assert told() == ["sops-plaintext-again a.yaml:1"]


def test_a_file_beside_an_encrypted_one_that_has_other_keys_is_not_its_plaintext(
    rules: Call, encrypt: Call, stage: Stage, told: Told
) -> None:
    rules(path_regex=r"\.enc\.yaml$")
    encrypt("values.enc.yaml", "password: hunter2-of-ada\ntoken: x\n")
    stage("values.yaml", "replicas: 2\nimage: nginx\n")
    assert told() == []

    stage("values.yaml", "password: hunter2-of-ada\nimage: nginx\n")

    assert told() == ["sops-plaintext-again values.yaml:1"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda text: re.sub(r"    mac: .*\n", "", text), "sops-mac-missing"),
        (lambda text: re.sub(r"(    mac: )ENC.*\n", r"\1gone\n", text), "sops-mac-missing"),
        (lambda text: re.sub(r"    age:\n(?:  .*\n)*?    lastmod", "    lastmod", text), "sops-recipient-missing"),
    ],
    ids=["no-mac", "a-mac-that-is-none", "no-recipient"],
)
def test_metadata_that_lacks_something_is_told(
    change: Callable[[str], str], rule: str, rules: Call, encrypt: Call, stage: Stage, told: Told
) -> None:
    rules()
    sealed = encrypt("secrets/a.yaml", "password: hunter2-of-ada\n")

    stage("secrets/a.yaml", change(sealed))

    assert told() == [f"{rule} secrets/a.yaml:1"]


def test_a_recipient_of_the_rule_that_the_file_lacks_is_told(rules: Call, encrypt: Call, key: Key, told: Told) -> None:
    rules()
    encrypt("secrets/a.yaml", "password: hunter2-of-ada\n")
    rules(age=f"{key.public},{new_key().public}")

    assert told() == ["sops-recipient-missing secrets/a.yaml:1"]


@pytest.mark.parametrize(
    "look_alike",
    [
        "ENC[AES256_GCM,data:hunter2-of-ada]",
        "ENC[AES256_GCM,data:aHVudGVyMg==,iv:AAAA,tag:AAAA,type:str]",
        "ENC[AES256_GCM,data:hunter2 of ada,iv:{iv},tag:{tag},type:str]",
        "ENC[AES256_GCM,data:aHVudGVyMg==,iv:{iv},tag:{tag},type:secret]",
        "x ENC[AES256_GCM,data:aHVudGVyMg==,iv:{iv},tag:{tag},type:str]",
    ],
    ids=["data-only", "short", "no-base64", "no-type", "something-before"],
)
def test_what_only_looks_encrypted_is_told(
    look_alike: str, rules: Call, encrypt: Call, stage: Stage, told: Told
) -> None:
    rules()
    sealed = encrypt("secrets/a.yaml", "password: hunter2-of-ada\nuser: ada\n")
    forged = look_alike.format(iv="A" * 43 + "=", tag="A" * 22 + "==")

    stage("secrets/a.yaml", re.sub(r"(?<=password: )ENC.*", f"'{forged}'", sealed, count=1))

    assert told() == ["sops-leaf-in-clear secrets/a.yaml:1"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("encrypted_regex", "^(password|token)$"),
        ("encrypted_suffix", "word"),
        ("unencrypted_regex", "^(user|plain)"),
        ("unencrypted_suffix", "_plain"),
        ("encrypted_comment_regex", "^ seal"),
        ("unencrypted_comment_regex", "^ ?open"),
    ],
)
def test_what_the_rule_leaves_in_clear_is_what_sops_leaves_in_clear(
    option: str, value: str, rules: Call, encrypt: Call, stage: Stage, told: Told
) -> None:
    text = (
        "user: ada\nplain_plain: 1\n# seal it\npassword: hunter2-of-ada\n# open it\nother:\n  token: abc\n"
        "  list:\n    - password: x\n    - 5\ntail: end # seal this\n"
        "after: 1\n# seal\n\ngap: 1\nin:\n  t: 1\n  # seal no\nout: 1\nl:\n  # seal\n  - a\n  - b\n"
    )
    rules(**{option: value})
    sealed = encrypt("secrets/a.yaml", text)
    assert told() == []

    whole = sealed.partition("\nsops:")
    by_hand = re.sub(r"ENC\[[^]]*\]", "again", whole[0])
    stage("secrets/a.yaml", by_hand + "".join(whole[1:]))

    lines = [
        n for n, line in enumerate(whole[0].split("\n"), 1) if "ENC[" in line and not line.lstrip().startswith("#")
    ]
    assert told() == sorted(f"sops-leaf-in-clear secrets/a.yaml:{n}" for n in lines)
    stage("secrets/a.yaml", text)
    assert told() == ["sops-not-encrypted secrets/a.yaml:1"]


def test_a_file_without_any_value_that_the_rule_encrypts_may_be_in_clear(rules: Call, stage: Stage, told: Told) -> None:
    rules(encrypted_regex="^password$")
    stage("secrets/a.yaml", "user: ada\n")

    assert told() == []


def test_the_first_rule_that_matches_counts_and_the_nearest_file(
    rules: Call, stage: Stage, told: Told, key: Key
) -> None:
    stage(
        ".sops.yaml",
        f"creation_rules:\n  - path_regex: ^secrets/open\n    encrypted_regex: ^nothing$\n  - path_regex: ^secrets/\n"
        f"    age: {key.public}\n",
    )
    rules(path_regex=r"^only/", where="secrets/inner/")
    for name in ("secrets/open.yaml", "secrets/shut.yaml", "secrets/inner/a.yaml", "secrets/inner/only/a.yaml"):
        stage(name, "password: hunter2-of-ada\n")

    assert told() == ["sops-not-encrypted secrets/inner/only/a.yaml:1", "sops-not-encrypted secrets/shut.yaml:1"]


def test_a_rule_for_every_file_says_how_and_not_what(rules: Call, stage: Stage, told: Told) -> None:
    rules(path_regex="")
    stage("README.md", "hello\n")
    stage("src/app.yaml", "password: hunter2-of-ada\n")
    stage("k8s/secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  password: hunter2-of-ada\n")

    assert told() == ["sops-not-encrypted k8s/secret.yaml:1"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("secrets/README.md", "how to\n"),
        ("secrets/.gitkeep", "\n"),
        ("secrets/app.env.example", "PASSWORD=\n"),
        ("secrets/key.age", "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----\n"),
        ("secrets/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n61626364\n65666768\n"),
        (
            "secrets/sealed.yaml",
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {a: b}}\n",
        ),
    ],
    ids=["readme", "keep", "example", "age", "ansible", "sealed-secret"],
)
def test_what_is_encrypted_otherwise_or_is_no_secret_is_in_order(
    name: str, content: str, rules: Call, stage: Stage, told: Told
) -> None:
    rules()
    stage(name, content)

    assert told() == []


def test_an_ansible_vault_that_is_plaintext_again_is_told(stage: Stage, git: Call, told: Told) -> None:
    stage("group_vars/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n61626364\n65666768\n")
    git("commit", "-q", "-m", "sealed")

    stage("group_vars/vault.yml", "password: hunter2-of-ada\n")

    assert told() == ["ansible-vault-plaintext-again group_vars/vault.yml:1"]


def test_a_file_that_git_crypt_must_encrypt_is_told_in_clear(stage: Stage, told: Told) -> None:
    stage(".gitattributes", "*.key filter=git-crypt diff=git-crypt\n")
    stage("a.key", "hunter2-of-ada\n")
    stage("b.key", b"\0GITCRYPT\0\1\2\3\xff")

    assert told() == ["git-crypt-not-encrypted a.key:1"]


def test_the_hook_stops_the_commit_and_shows_no_value(
    rules: Call, stage: Stage, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules()
    stage("secrets/a.yaml", "user: ada\npassword: correct-horse-battery\n")
    monkeypatch.chdir(repo)

    code = hooks.main(["pre-commit"])
    printed = capsys.readouterr().out

    assert code == hooks.FINDINGS
    assert "secrets/a.yaml:1" in printed
    assert "A file that .sops.yaml says must be encrypted is not" in printed
    assert "correct-horse" not in printed


def test_what_was_in_clear_before_is_told_only_when_it_changes(
    rules: Call, stage: Stage, told: Told, git: Call
) -> None:
    rules()
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")
    git("commit", "-q", "-m", "clear")
    git("update-index", "--chmod=+x", "secrets/a.yaml")
    assert told() == []

    stage("secrets/a.yaml", "password: hunter2-of-bob\n")

    assert told() == ["sops-not-encrypted secrets/a.yaml:1"]


def test_a_comment_or_a_listed_path_allows_it(
    rules: Call, stage: Stage, repo: Path, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    rules()
    stage("secrets/a.yaml", "# tightlip: allow=sops-not-encrypted a test's\npassword: hunter2-of-ada\n")
    assert told() == []
    stage("secrets/b.yaml", "password: hunter2-of-ada\n")
    stage(".tightlipignore", "secrets/b.yaml\n")
    monkeypatch.chdir(repo)

    assert hooks.main(["pre-commit"]) == hooks.CLEAN


def test_the_configuration_knows_the_rules(
    rules: Call, stage: Stage, repo: Path, monkeypatch: pytest.MonkeyPatch, put: Call
) -> None:
    rules()
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")
    monkeypatch.chdir(repo)
    put(".tightlip.yaml", "disable: [sops-*]\n")

    assert main(["config", "check"]) == 0
    assert hooks.main(["pre-commit"]) == hooks.CLEAN


def test_a_scan_of_files_tells_the_same(rules: Call, stage: Stage, repo: Path, scanner: Scanner) -> None:
    rules()
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")

    found = said(scan_files([repo / "secrets"], scanner=scanner))

    assert found == [f"sops-not-encrypted {repo}/secrets/a.yaml:1"]


@pytest.mark.parametrize(
    "said",
    [b"creation_rules: 5\n", b"a: [\n", b"\xff\n", b"creation_rules:\n- path_regex: '(?=x)'\n"],
    ids=["no-list", "no-yaml", "no-text", "no-expression"],
)
def test_a_configuration_that_cannot_be_read_is_no_all_clear(
    said: bytes, stage: Stage, repo: Path, scanner: Scanner
) -> None:
    stage(".sops.yaml", said)
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")

    report = scan_staged(repo, scanner=scanner)

    assert [missed.what for missed in report.unscanned] == [".sops.yaml"]
    assert "hunter2" not in str(report.unscanned)


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]\nsops: *a\n",
        "{" * 5000,
        '{"sops": ' + "[" * 5000,
        "sops:\n" + "".join(" " * n + "- a:\n" for n in range(0, 400, 2)) + " " * 400 + "b\n",
        "\ud800sops: x".encode("utf-8", "surrogatepass").decode("latin-1"),
        "sops_mac=\nsops_\nsops_version",
        "[sops]\nmac\n[sops",
    ],
    ids=["aliases", "braces", "brackets", "deep", "surrogate", "dotenv", "ini"],
)
def test_hostile_files_are_told_in_clear_and_nothing_breaks(
    content: str, rules: Call, stage: Stage, repo: Path, scanner: Scanner
) -> None:
    rules()
    for end in ("yaml", "json", "env", "ini", "txt"):
        stage(f"secrets/a.{end}", content)

    report = scan_staged(repo, scanner=scanner)

    found = [place.path for it in report.findings if it.rule == "sops-not-encrypted" for place in it.occurrences]
    assert sorted(found) == [f"secrets/a.{end}" for end in ("env", "ini", "json", "txt", "yaml")]


def test_a_private_age_key_is_told_anywhere(stage: Stage, found: Callable[[], list[str]], key: Key) -> None:
    stage("secrets/keys.txt", f"# created: 2026\n{key.private}\n")

    assert found() == ["secrets/keys.txt:2:1"]


@pytest.mark.parametrize(
    ("name", "text", "sealed"),
    [
        ("secrets/a.env", "# seal\nA=hunter2\nB=x\n# open\n# seal\n\nC=y\nD=4 # seal\n", ["A", "C"]),
        ("secrets/a.ini", "; seal\n[s]\na=hunter2\n; seal\nb=x\nc : y\nd=z\n", ["a", "c"]),
    ],
    ids=["dotenv", "ini"],
)
def test_comments_of_dotenv_and_ini_count_as_they_do_for_sops(
    name: str, text: str, sealed: list[str], rules: Call, encrypt: Call, stage: Stage, told: Told
) -> None:
    rules(encrypted_comment_regex="seal")
    found = encrypt(name, text)
    assert re.findall(r"^(\w+) ?= ?ENC", found.split("sops")[0], re.MULTILINE) == sealed
    assert told() == []

    stage(name, re.sub(r"ENC\[[^]]*\]", "again", found, count=2))

    lines = [n for n, line in enumerate(found.split("\n"), 1) if "ENC[" in line][:2]
    assert told() == sorted(f"sops-leaf-in-clear {name}:{n}" for n in lines)


def test_a_file_in_clear_that_only_moves_is_not_told_again(
    rules: Call, stage: Stage, told: Told, git: Call, repo: Path
) -> None:
    rules()
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")
    git("commit", "-q", "-m", "clear")
    git("mv", "secrets/a.yaml", "secrets/b.yaml")
    assert told() == []
    (repo / "open").mkdir()
    git("mv", "secrets/b.yaml", "open/b.yaml")
    git("commit", "-q", "-m", "moved out")

    git("mv", "open/b.yaml", "secrets/c.yaml")

    assert told() == ["sops-not-encrypted secrets/c.yaml:1"]


def test_a_file_that_is_decrypted_under_quite_another_name_is_told(
    rules: Call, encrypt: Call, stage: Stage, told: Told, git: Call
) -> None:
    rules()
    encrypt("secrets/a.yaml", FILES["secrets/a.yaml"])
    git("commit", "-q", "-m", "sealed")
    git("rm", "-q", "secrets/a.yaml")

    stage("elsewhere/a.yaml", FILES["secrets/a.yaml"])

    assert told() == ["sops-plaintext-again elsewhere/a.yaml:1"]


@pytest.mark.parametrize("name", ["roles/web/vars/main.yml", "config.yml", "app.json"])
def test_a_vault_is_told_whatever_it_is_called(name: str, stage: Stage, git: Call, told: Told) -> None:
    stage(name, "$ANSIBLE_VAULT;1.1;AES256\n61626364\n65666768\n")
    git("commit", "-q", "-m", "sealed")

    stage(name, "password: hunter2-of-ada\n")

    assert told() == [f"ansible-vault-plaintext-again {name}:1"]


def test_attributes_of_an_inner_folder_and_names_that_sops_leaves_in_clear_count_for_git_crypt(
    stage: Stage, git: Call, told: Told
) -> None:
    stage("inner/.gitattributes", "* filter=git-crypt\n.gitattributes !filter\n")
    git("commit", "-q", "-m", "attributes")
    stage("inner/.env", "A=b\n")
    stage("inner/README.md", "hunter2-of-ada\n")
    stage("outer.md", "hello\n")

    assert told() == ["git-crypt-not-encrypted inner/.env:1", "git-crypt-not-encrypted inner/README.md:1"]


def test_a_secret_in_a_list_of_manifests_is_told(rules: Call, stage: Stage, told: Told) -> None:
    rules()
    item = "- apiVersion: v1\n  kind: Secret\n  stringData:\n    password: hunter2-of-ada\n"
    stage("secrets/a.yaml", f"apiVersion: v1\nkind: List\nitems:\n{item}")

    assert told() == ["sops-not-encrypted secrets/a.yaml:1"]


def test_what_helm_secrets_decrypts_is_told(rules: Call, encrypt: Call, stage: Stage, told: Told, git: Call) -> None:
    rules(path_regex=r"secrets\.yaml$")
    encrypt("helm/secrets.yaml", FILES["secrets/a.yaml"])
    git("commit", "-q", "-m", "sealed")

    stage("helm/secrets.yaml.dec", FILES["secrets/a.yaml"])

    assert told() == ["sops-plaintext-again helm/secrets.yaml.dec:1"]


def test_sarif_says_what_such_a_rule_finds(
    rules: Call, stage: Stage, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules()
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")
    monkeypatch.chdir(repo)

    main(["scan-staged", "--report", "sarif"])

    (rule,) = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["fullDescription"]["text"].startswith("A rule of the nearest `.sops.yaml` says")
    assert "external/cwe/cwe-312" in rule["properties"]["tags"]


def test_a_baseline_knows_such_a_finding_and_says_when_it_is_stale(
    rules: Call, stage: Stage, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules()
    stage("secrets/a.yaml", "password: hunter2-of-ada\n")
    monkeypatch.chdir(repo)
    assert main(["baseline", "create"]) == 0
    assert main(["scan", "."]) == 0
    (repo / "secrets/a.yaml").write_text("password: \n")
    capsys.readouterr()

    assert main(["baseline", "check"]) == 1
    assert "sops-not-encrypted" in capsys.readouterr().out
