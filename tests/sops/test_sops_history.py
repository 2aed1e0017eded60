"""A history tells what its own `.sops.yaml` said must be encrypted and was not, version by version."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sopsing import said

from tightlip import hooks
from tightlip.cli import main
from tightlip.engine import Scanner
from tightlip.finding import Report
from tightlip.scan import scan_history, scan_staged

Call = Callable[..., str]
Stage = Callable[[str, "str | bytes"], None]
Patch = pytest.MonkeyPatch
CLEAR = "user: ada\npassword: hunter2-of-ada\n"
VAULT = "$ANSIBLE_VAULT;1.1;AES256\n61626364\n65666768\n"


@pytest.fixture
def commit(git: Call) -> Callable[[str], str]:
    def commit(subject: str) -> str:
        git("commit", "-q", "-m", subject)
        return git("rev-parse", "HEAD").strip()

    return commit


@pytest.fixture
def history(repo: Path, scanner: Scanner) -> Callable[..., Report]:
    def history(**scope: object) -> Report:
        return scan_history(repo, scanner=scanner, **scope)  # type: ignore[arg-type]

    return history


def commits(report: Report, rule: str) -> list[tuple[str | None, str]]:
    return [(at.commit, at.path) for it in report.findings if it.rule == rule for at in it.occurrences]


SCOPES = [{}, {"branches": ["HEAD"]}, {"reachable_only": True}, {"max_count": 50}]


@pytest.mark.parametrize("scope", SCOPES, ids=["whole", "branch", "reachable", "count"])
def test_a_version_in_clear_is_told_with_the_commit_that_brought_it(
    scope: dict[str, object], rules: Call, stage: Stage, commit: Call, encrypt: Call, history: Callable[..., Report]
) -> None:
    rules()
    stage("README.md", "hello\n")
    commit("first")
    stage("secrets/a.yaml", CLEAR)
    bad = commit("in clear")
    encrypt("secrets/a.yaml", CLEAR)
    commit("sealed")

    report = history(**scope)

    assert said(report) == ["sops-not-encrypted secrets/a.yaml:1"]
    assert commits(report, "sops-not-encrypted") == [(bad, "secrets/a.yaml")]
    assert [it.in_head for it in report.findings] == [False]


def test_a_version_that_another_one_in_clear_replaced_is_not_taken_out_by_it(
    rules: Call, stage: Stage, commit: Call, encrypt: Call, history: Callable[..., Report]
) -> None:
    rules()
    stage("secrets/a.yaml", CLEAR)
    commit("in clear")
    stage("secrets/a.yaml", CLEAR + "more: 1\n")
    commit("more")
    assert [(it.in_head, it.taken_out) for it in history().findings] == [(True, None)] * 2

    encrypt("secrets/a.yaml", CLEAR)
    sealed = commit("sealed")

    assert [(it.in_head, it.taken_out and it.taken_out[0]) for it in history().findings] == [(False, sealed)] * 2


def test_the_configuration_of_the_commit_counts_and_not_that_of_today(
    rules: Call, stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    stage("other/a.yaml", CLEAR)
    commit("before there were rules, and never encrypted")
    rules()
    stage("secrets/a.yaml", CLEAR)
    bad = commit("in clear")
    rules(path_regex="^other/")
    stage("secrets/b.yaml", CLEAR + "more: 1\n")
    commit("another rule")

    report = history()

    assert said(report) == ["sops-not-encrypted other/a.yaml:1", "sops-not-encrypted secrets/a.yaml:1"]
    assert (bad, "secrets/a.yaml") in commits(report, "sops-not-encrypted")


def test_a_version_that_was_in_clear_before_there_was_any_rule_is_told_when_the_file_is_encrypted_later(
    rules: Call, stage: Stage, commit: Call, encrypt: Call, history: Callable[..., Report]
) -> None:
    stage("secrets/a.yaml", CLEAR)
    bad = commit("in clear")
    rules()
    encrypt("secrets/a.yaml", CLEAR)
    commit("sealed")

    report = history()

    assert commits(report, "encrypted-file-once-in-clear") == [(bad, "secrets/a.yaml")]
    assert said(report) == []


def test_a_version_before_with_other_keys_was_no_plaintext_of_it(
    rules: Call, stage: Stage, commit: Call, encrypt: Call, history: Callable[..., Report]
) -> None:
    stage("secrets/a.yaml", "replicas: 2\nimage: nginx\n")
    commit("no secrets")
    rules()
    encrypt("secrets/a.yaml", CLEAR)
    commit("sealed")

    assert history().findings == ()


def test_plaintext_after_the_encrypted_file_is_told_without_any_rule(
    rules: Call, stage: Stage, commit: Call, encrypt: Call, git: Call, history: Callable[..., Report]
) -> None:
    rules(path_regex="^elsewhere/")
    stage("keys/sops.yaml", "x: 1\n")
    commit("first")
    rules()
    encrypt("secrets/a.yaml", CLEAR)
    commit("sealed")
    rules(path_regex="^elsewhere/")
    stage("secrets/a.yaml", CLEAR)
    bad = commit("opened")

    report = history()

    assert commits(report, "sops-plaintext-again") == [(bad, "secrets/a.yaml")]


def test_a_vault_of_ansible_that_was_opened_is_told(stage: Stage, commit: Call, history: Callable[..., Report]) -> None:
    stage("group_vars/vault.yml", VAULT)
    commit("sealed")
    stage("group_vars/vault.yml", CLEAR)
    commit("opened")

    assert said(history()) == ["ansible-vault-plaintext-again group_vars/vault.yml:1"]


def test_git_crypt_goes_by_the_attributes_of_the_commit(
    stage: Stage, commit: Call, git: Call, history: Callable[..., Report]
) -> None:
    stage("a.key", "hunter2-of-ada\n")
    commit("before")
    stage("deep/.gitattributes", "*.key filter=git-crypt\n")
    stage("deep/b.key", "hunter2-of-bob\n")
    stage("deep/c.key", b"\0GITCRYPT\0\1\2\3\xff")
    bad = commit("in clear")
    git("rm", "-q", "deep/.gitattributes")
    stage("deep/d.key", "hunter2-of-dan\n")
    commit("no attributes")

    report = history()

    assert commits(report, "git-crypt-not-encrypted") == [(bad, "deep/b.key")]


def test_from_a_folder_of_the_repository_git_crypt_is_asked_about_the_same_files(
    repo: Path, stage: Stage, commit: Call, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(".gitattributes", "/a.key filter=git-crypt\n")
    stage("a.key", "hunter2-of-ada\n")
    (repo / "other").mkdir()
    monkeypatch.chdir(repo / "other")
    before = scan_staged(scanner=scanner)
    monkeypatch.chdir(repo)
    commit("in clear")
    monkeypatch.chdir(repo / "other")

    assert said(before) == said(scan_history(scanner=scanner)) == ["git-crypt-not-encrypted a.key:1"]


def test_what_is_there_when_git_crypt_comes_is_told(stage: Stage, commit: Call, history: Callable[..., Report]) -> None:
    stage("a.key", "hunter2-of-ada\n")
    stage("other.txt", "nothing\n")
    commit("before")
    stage(".gitattributes", "*.key filter=git-crypt\n")
    commit("attributes")

    assert said(history()) == ["git-crypt-not-encrypted a.key:1"]


def test_the_same_file_elsewhere_is_not_one_that_must_be_encrypted(
    rules: Call, stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    rules()
    stage("secrets/a.yaml", CLEAR)
    stage("open/a.yaml", CLEAR)
    bad = commit("twice")

    assert commits(history(), "sops-not-encrypted") == [(bad, "secrets/a.yaml")]


def test_links_and_what_a_merge_takes_over_are_not_told(
    rules: Call, stage: Stage, commit: Call, git: Call, repo: Path, history: Callable[..., Report]
) -> None:
    rules()
    stage("x", "1\n")
    commit("first")
    (repo / "secrets").mkdir()
    (repo / "secrets/link.yaml").symlink_to("../x")
    git("add", ".")
    commit("a link")
    git("checkout", "-q", "-b", "side")
    stage("secrets/a.yaml", CLEAR)
    bad = commit("in clear")
    git("checkout", "-q", "-")
    stage("y", "1\n")
    commit("other")
    git("merge", "-q", "--no-edit", "side")

    assert commits(history(), "sops-not-encrypted") == [(bad, "secrets/a.yaml")]


def test_what_was_in_clear_before_a_range_is_not_told_in_it(
    rules: Call, stage: Stage, commit: Call, encrypt: Call, git: Call, history: Callable[..., Report]
) -> None:
    rules()
    sealed = encrypt("secrets/b.yaml", "password: hunter2-of-ada\nuser: ada\n")
    stage("secrets/b.yaml", sealed.replace("user: ENC", "user: x # ENC", 1))
    stage("secrets/a.yaml", CLEAR)
    start = commit("in clear")
    git("update-index", "--chmod=+x", "secrets/a.yaml")
    stage("secrets/b.yaml", sealed.replace("user: ENC", "user: x # ENC", 1) + "\n")
    commit("nothing new")
    assert history(revisions=[f"{start}..HEAD"]).findings == ()

    stage("secrets/a.yaml", CLEAR + "more: 1\n")
    bad = commit("more")

    assert commits(history(revisions=[f"{start}..HEAD"]), "sops-not-encrypted") == [(bad, "secrets/a.yaml")]


def test_a_bare_repository_tells_the_same(
    rules: Call, stage: Stage, commit: Call, git: Call, tmp_path: Path, scanner: Scanner
) -> None:
    rules()
    stage(".gitattributes", "*.key filter=git-crypt\n")
    stage("a.key", "hunter2-of-ada\n")
    stage("secrets/a.yaml", CLEAR)
    commit("in clear")
    git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))

    found = said(scan_history(tmp_path / "bare.git", scanner=scanner))

    assert found == ["git-crypt-not-encrypted a.key:1", "sops-not-encrypted secrets/a.yaml:1"]


def test_a_second_scan_with_the_cache_tells_the_same(
    rules: Call, stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    rules()
    stage("secrets/a.yaml", "\n" + CLEAR)
    commit("in clear")
    first = history(cache=True)

    again = history(cache=True)

    assert first.findings == again.findings
    assert said(again) == ["sops-not-encrypted secrets/a.yaml:2"]


def test_a_configuration_that_only_an_old_commit_has_broken_demanded_nothing_then(
    rules: Call, stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    stage(".sops.yaml", "creation_rules:\n- path_regex: '*.yaml'\n")
    stage("secrets/a.yaml", CLEAR)
    broken = commit("bad expression")
    stage(".sops.yaml", "creation_rules: [\n")
    stage("other/b.yaml", CLEAR + "b: 1\n")
    commit("bad YAML")
    rules()
    repaired = commit("repaired")

    report = history()

    assert report.unscanned == ()
    assert commits(report, "sops-not-encrypted") == [(broken, "secrets/a.yaml")], "it was there when it was repaired"
    assert repaired not in str(report.findings)


def test_what_git_crypt_was_to_have_is_told_though_the_configuration_is_broken(
    stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    stage(".gitattributes", "secrets/* filter=git-crypt\n")
    stage(".sops.yaml", "creation_rules:\n- path_regex: ^secrets/\n  encrypted_regex: '*x'\n")
    stage("secrets/a.yaml", CLEAR)
    bad = commit("bad")
    stage(".sops.yaml", "creation_rules: []\n")
    commit("repaired")

    assert commits(history(), "git-crypt-not-encrypted") == [(bad, "secrets/a.yaml")]


TOO_MUCH = {
    "size": "creation_rules: []\n#" + "x" * (4 << 20),
    "expression": f"creation_rules:\n- path_regex: '{'x' * 3000}'\n",
}


@pytest.mark.parametrize("content", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_configuration_of_an_old_commit_that_only_we_cannot_use_is_no_all_clear(
    content: str, rules: Call, stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    stage(".sops.yaml", content)
    stage("secrets/a.yaml", CLEAR)
    commit("too much")
    rules()
    commit("less")

    (missed,) = history().unscanned

    assert "whether 1 file must be encrypted is not known: .sops.yaml" in missed.why


def test_a_push_of_a_broken_configuration_is_no_all_clear_though_a_later_commit_repairs_it(
    rules: Call, stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    stage("README.md", "hello\n")
    start = commit("first")
    stage(".sops.yaml", "creation_rules: [\n")
    stage("secrets/a.yaml", CLEAR)
    commit("bad")
    rules()
    commit("repaired")

    (missed,) = history(revisions=[f"{start}..HEAD"]).unscanned

    assert "whether 1 file must be encrypted is not known: .sops.yaml: it is no YAML" in missed.why


def test_the_same_configuration_in_another_folder_is_about_other_files(
    rules: Call, stage: Stage, commit: Call, git: Call, history: Callable[..., Report]
) -> None:
    stage("deep/secrets/a.yaml", CLEAR)
    bad = commit("before")
    rules()
    commit("at the top, where it is not about it")
    git("mv", ".sops.yaml", "deep/.sops.yaml")
    commit("moved")

    assert commits(history(), "sops-not-encrypted") == [(bad, "deep/secrets/a.yaml")]


def test_all_versions_of_a_file_are_judged_though_not_all_fit_into_memory(
    rules: Call, stage: Stage, commit: Call, encrypt: Call, history: Callable[..., Report], monkeypatch: Patch
) -> None:
    monkeypatch.setattr("tightlip.sops.past.KEPT", 100)
    for number in range(3):
        stage("secrets/a.yaml", CLEAR + f"more: {number}\n")
        commit("in clear")
    rules()
    encrypt("secrets/a.yaml", CLEAR + "more: 9\n")
    commit("sealed")
    rules(path_regex="^elsewhere/")
    stage("secrets/a.yaml", CLEAR)
    commit("opened")

    rows = [it.rule for it in history().findings]

    assert sorted(rows) == ["encrypted-file-once-in-clear"] * 3 + ["sops-plaintext-again"]


def test_more_in_clear_than_memory_may_hold_is_no_all_clear(
    rules: Call, stage: Stage, commit: Call, history: Callable[..., Report], monkeypatch: Patch
) -> None:
    monkeypatch.setattr("tightlip.sops.past.MOST", 40)
    rules()
    for number in range(3):
        stage("secrets/a.yaml", CLEAR + f"more: {number}\n")
        commit("in clear")

    report = history()

    assert len(report.findings) == 0
    assert [it.what for it in report.unscanned] == ["3 versions of files that must be encrypted"]


def test_a_configuration_that_cannot_be_read_is_no_all_clear(
    stage: Stage, commit: Call, history: Callable[..., Report]
) -> None:
    stage(".sops.yaml", "creation_rules:\n- path_regex: '(?=x)'\n")
    stage("secrets/a.yaml", CLEAR)
    commit("bad")

    (missed,) = history().unscanned

    assert "whether 1 file must be encrypted is not known: .sops.yaml:2: path_regex: it has something" in missed.why
    assert "hunter2" not in str(missed)


def test_a_push_that_brings_plaintext_is_refused(
    rules: Call,
    stage: Stage,
    commit: Call,
    git: Call,
    encrypt: Call,
    repo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rules()
    commit("rules")
    git("init", "-q", "--bare", str(tmp_path / "other.git"))
    git("remote", "add", "origin", str(tmp_path / "other.git"))
    git("push", "-q", "origin", "HEAD:refs/heads/main")
    old = git("rev-parse", "HEAD").strip()
    stage("secrets/a.yaml", CLEAR)
    commit("in clear")
    encrypt("secrets/a.yaml", CLEAR)
    new = commit("sealed")
    monkeypatch.chdir(repo)
    line = f"HEAD {new} refs/heads/main {old}\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line)))

    code = hooks.main(["pre-push", "origin", str(tmp_path / "other.git")])
    printed = capsys.readouterr()

    assert code == hooks.FINDINGS
    assert "secrets/a.yaml:1" in printed.out + printed.err
    assert "hunter2" not in printed.out + printed.err


def test_a_history_without_a_sign_of_encryption_is_not_gone_through(
    stage: Stage, commit: Call, history: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(".gitattributes", "*.txt text\n")
    stage("secrets.yaml", "a: 1\n")
    commit("nothing")
    monkeypatch.setattr("tightlip.sops.past.scan", lambda *_, **__: pytest.fail("the history is gone through"))

    assert history().findings == ()


def test_what_was_in_clear_can_be_purged_by_the_report(
    rules: Call,
    stage: Stage,
    commit: Call,
    encrypt: Call,
    repo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rules()
    stage("secrets/a.yaml", CLEAR)
    commit("in clear")
    sealed = encrypt("secrets/a.yaml", CLEAR)
    stage("secrets/a.yaml", sealed.replace("user: ENC", "user: adalovelace # ENC", 1))
    commit("half sealed")
    encrypt("secrets/a.yaml", CLEAR)
    commit("sealed")
    monkeypatch.chdir(repo)
    report, plan = str(tmp_path / "report.json"), str(tmp_path / "plan.json")
    assert main(["scan-history", "--no-cache", "--report", f"json:{report}"]) == 1

    assert main(["purge", "--findings", report, "--plan", plan]) == 0

    printed = capsys.readouterr().out
    assert "1. A file that .sops.yaml says must be encrypted is not: user********" in printed
    assert "2. A value of an encrypted file that must be encrypted is not: ********" in printed
    assert "hunter2" not in printed
    assert "adalovelace" not in printed


def test_a_damaged_history_is_told_and_what_can_be_read_is_judged(
    rules: Call, stage: Stage, commit: Call, git: Call, repo: Path, history: Callable[..., Report]
) -> None:
    rules()
    commit("rules")
    rules(path_regex="^secrets/.")
    stage("secrets/inner/a.yaml", CLEAR)
    commit("in clear")
    tree = git("rev-parse", "HEAD:secrets/inner").strip()
    rules(path_regex="^secrets/.+")
    commit("other rules")
    git("rm", "-q", "-r", "secrets")
    commit("removed")
    stage("secrets/b.yaml", CLEAR + "b: 1\n")
    bad = commit("another one in clear")
    damaged = repo / ".git/objects" / tree[:2] / tree[2:]
    damaged.chmod(0o600)
    damaged.unlink()

    report = history()

    assert report.unscanned
    assert (bad, "secrets/b.yaml") in commits(report, "sops-not-encrypted")
