"""`--verify`, `tightlip verify` and `tightlip revoke`: what is sent, when, and that a value is nowhere to be seen."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from providers import Providers, Said, Seen

import plain_git
from terminal import at_terminal, needs_terminal
from tightlip.cli import main
from tightlip.notation import expand

GitCommand = Callable[..., str]
Capture = pytest.CaptureFixture[str]
OWN = """
provider: Acme
rules:
  - id: acme-key
    name: Acme key
    severity: high
    confidence: high
    pattern: '\\b(?P<secret>acme_[0-9a-f]{32})\\b'
    remediation: [Revoke it.]
    verify:
      source: https://acme.example/docs
      url: https://api.acme.example/me
      headers: {Authorization: 'Bearer {{secret}}'}
      live: [{status: 200}]
      revoked: [{status: 401}]
    examples: {match: ['«acme_[0-9a-f]{32}»']}
"""
KEY = expand("acme_[0-9a-f]{32}", "verify")[0]


@pytest.fixture
def token() -> str:
    return expand("glpat-[0-9A-Za-z_-]{20}", "verify")[0]


@pytest.fixture
def other() -> str:
    return expand("glpat-[0-9A-Za-z_-]{20}", "other")[0]


@pytest.fixture
def folder(tmp_path: Path, token: str, other: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    (made / "one.env").write_text(f"GITLAB_TOKEN={token}\nAGAIN={token}\n", "utf-8")
    (made / "two.env").write_text(f"GITLAB_TOKEN={token}\nACME={KEY}\n", "utf-8")
    (made / "three.env").write_text(f"GITLAB_TOKEN={other}\n", "utf-8")
    monkeypatch.chdir(made)
    return made


DEAD = Said(401, {"error": "invalid_token", "error_description": "Token was revoked."})


def says(token: str) -> Callable[[Seen], Said]:
    """Say of one value that it works, and of any other that it was revoked."""

    def answer(seen: Seen) -> Said:
        sent = (seen.headers.get("private-token"), seen.headers.get("authorization"))
        return Said(200, {"active": True}) if token in sent or f"Bearer {token}" in sent else DEAD

    return answer


def lives(capsys: Capture) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for it in json.loads(capsys.readouterr().out)["findings"]:
        found.setdefault(it["rule"], []).append(it["live"])
    return {rule: sorted(live, key=str) for rule, live in found.items()}


def test_nothing_is_asked_unless_it_is_wanted(folder: Path, providers: Providers, capsys: Capture) -> None:
    assert main(["scan", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": [None, None]}
    assert providers.connected == []


def test_a_rule_that_is_named_is_asked_about_each_secret_once(
    folder: Path, providers: Providers, token: str, capsys: Capture
) -> None:
    providers.answer = says(token)
    assert main(["scan", "--verify", "gitlab-pat", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": ["live", "revoked"]}
    assert len(providers.seen) == 2


def test_the_reasons_say_what_the_provider_said(
    folder: Path, providers: Providers, token: str, capsys: Capture
) -> None:
    providers.answer = says(token)
    assert main(["scan", "--verify", "gitlab-pat"]) == 1
    out, err = capsys.readouterr()
    assert "its provider was asked: it still works" in " ".join(out.split())
    assert "its provider was asked: it works no more" in " ".join(out.split())
    assert err == "tightlip: asking the providers about 2 secrets (gitlab-pat)\n"


def test_what_was_answered_is_not_asked_again_for_some_hours(
    folder: Path, providers: Providers, token: str, capsys: Capture
) -> None:
    providers.answer = says(token)
    for _ in range(2):
        assert main(["scan", "--verify", "gitlab-pat", "--report", "json"]) == 1
        assert lives(capsys) == {"gitlab-pat": ["live", "revoked"]}
    assert len(providers.seen) == 2


def test_what_nobody_knows_is_asked_again(folder: Path, providers: Providers, capsys: Capture) -> None:
    providers.answer = lambda seen: Said(500)
    for _ in range(2):
        assert main(["scan", "one.env", "--verify", "gitlab-pat", "--report", "json"]) == 1
        assert lives(capsys) == {"gitlab-pat": ["unknown"]}
    assert len(providers.seen) == 2


def test_a_note_says_why_nobody_knows(folder: Path, providers: Providers, capsys: Capture) -> None:
    providers.answer = lambda seen: Said(500)
    main(["scan", "--verify", "gitlab-pat", "--report", "json"])
    notes = json.loads(capsys.readouterr().out)["scan"]["notes"]
    assert notes == ["whether each of 2 secrets works is not known: gitlab.com answered 500"]


def test_without_a_network_it_is_unknown(
    folder: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert main(["scan", "--verify", "gitlab-pat", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": ["unknown", "unknown"]}


def test_the_remembered_answers_hold_no_value_and_are_ours_alone(
    folder: Path, providers: Providers, token: str, cache: Path
) -> None:
    providers.answer = says(token)
    main(["scan", "--verify", "gitlab-pat", "-q"])
    file = cache / "verified"
    content = file.read_bytes()
    assert token.encode() not in content
    assert token[4:].encode() not in content
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known = json.loads(content)["known"]
    assert sorted(said for said, _ in known.values()) == ["live", "revoked"]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"key": 1}', b'{"key": "", "known": {}}', b"[" * 9999, b"\xff"],
    ids=["empty", "a-list", "a-number", "no-key", "deep", "no-text"],
)
def test_answers_that_are_damaged_are_as_none(
    folder: Path, providers: Providers, token: str, cache: Path, capsys: Capture, content: bytes
) -> None:
    (cache / "verified").write_bytes(content)
    providers.answer = says(token)
    assert main(["scan", "--verify", "gitlab-pat", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": ["live", "revoked"]}


def test_answers_that_claim_to_be_good_for_ever_are_not_believed(
    folder: Path, providers: Providers, token: str, cache: Path, capsys: Capture
) -> None:
    providers.answer = says(token)
    main(["scan", "--verify", "gitlab-pat", "-q"])
    file = cache / "verified"
    made = json.loads(file.read_text("utf-8"))
    made["known"] = {name: ["revoked", until] for name, until in zip(made["known"], (10**12, 10**400), strict=True)}
    file.write_text(json.dumps(made), "utf-8")
    capsys.readouterr()
    main(["scan", "--verify", "gitlab-pat", "--report", "json"])
    assert lives(capsys) == {"gitlab-pat": ["live", "revoked"]}


def test_all_is_every_built_in_rule_and_none_of_ones_own(
    folder: Path, providers: Providers, token: str, tmp_path: Path, capsys: Capture
) -> None:
    rules = tmp_path / "acme.yaml"
    rules.write_text(OWN, "utf-8")
    providers.answer = says(token)
    assert main(["scan", "--rules", str(rules), "--verify", "all", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": ["live", "revoked"], "acme-key": [None]}
    assert {seen.host for seen in providers.seen} == {"gitlab.com"}


def test_a_rule_of_ones_own_is_asked_where_it_is_named(
    folder: Path, providers: Providers, tmp_path: Path, capsys: Capture
) -> None:
    rules = tmp_path / "acme.yaml"
    rules.write_text(OWN, "utf-8")
    providers.answer = says(KEY)
    assert main(["scan", "--rules", str(rules), "--verify", "acme-key", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": [None, None], "acme-key": ["live"]}


def test_a_rule_that_a_repository_brings_cannot_ask(
    repo: Path, git: GitCommand, providers: Providers, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "acme.yaml").write_text(OWN, "utf-8")
    (repo / "tightlip.toml").write_text('rules = ["acme.yaml"]\n', "utf-8")
    (repo / "a.env").write_text(f"ACME={KEY}\n", "utf-8")
    monkeypatch.chdir(repo)
    code = main(["scan", "--verify", "acme-key", "."])
    assert code == 2
    assert "acme-key is no rule that says how to ask" in capsys.readouterr().err
    main(["scan", "--verify", "all", "."])
    assert providers.connected == []


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("pypi-api-token", "--verify: pypi-api-token is no rule that says how to ask"),
        ("gitlab-pta", "did you mean gitlab-pat"),
        (",", "--verify needs the ids of rules, or all"),
        ("gitlab-*", "--verify: gitlab-* is no rule that says how to ask"),
        ("*", "--verify: * is no rule that says how to ask"),
        ("ALL", "--verify: ALL is no rule that says how to ask"),
    ],
)
def test_a_rule_that_cannot_ask_is_refused_before_the_scan(
    folder: Path, providers: Providers, capsys: Capture, named: str, why: str
) -> None:
    assert main(["scan", "--verify", named]) == 2
    out, err = capsys.readouterr()
    assert why in err
    assert out == ""


@pytest.mark.parametrize("command", ["scan-staged", "hook"])
def test_a_hook_cannot_ask(command: str, repo: Path, capsys: Capture) -> None:
    arguments = [command, *(["pre-commit"] if command == "hook" else []), "--verify", "all"]
    assert main(arguments) == 2


AWS_ID, AWS_KEY = (expand(form, "verify")[0] for form in ("AKIA[A-Z2-7]{16}", "[A-Za-z0-9/+]{40}"))


def signed_by(key_id: str) -> Callable[[Seen], Said]:
    good = b"<GetCallerIdentityResult>"
    return lambda seen: Said(200, good) if f"Credential={key_id}/" in seen.headers["authorization"] else Said(403)


@pytest.mark.parametrize(
    ("text", "live"),
    [
        ("aws_access_key_id = {id}\naws_secret_access_key = {key}\n", "live"),
        ("aws_secret_access_key = {key}\naws_access_key_id = {id}\n", "live"),
        ("aws_access_key_id = {id}\n" + "\n" * 20 + "aws_secret_access_key = {key}\n", "unknown"),
        ("aws_secret_access_key = {key}\n", "unknown"),
        ("aws_access_key_id = {temporary}\naws_secret_access_key = {key}\n", "unknown"),
    ],
    ids=["id-first", "key-first", "far-away", "alone", "temporary"],
)
def test_an_id_and_a_key_that_stand_together_are_asked_about_together(
    tmp_path: Path, providers: Providers, capsys: Capture, text: str, live: str
) -> None:
    file = tmp_path / "credentials"
    file.write_text(text.format(id=AWS_ID, key=AWS_KEY, temporary=f"ASIA{AWS_ID[4:]}"), "utf-8")
    providers.answer = signed_by(AWS_ID)
    main(["scan", "--verify", "all", "--report", "json", str(file)])
    assert lives(capsys)["aws-secret-access-key"] == [live]
    assert len(providers.seen) == (live == "live")
    assert all(AWS_KEY not in str(seen) for seen in providers.seen), "the key signs, and is not sent"


def test_an_id_in_another_file_is_not_taken(tmp_path: Path, providers: Providers, capsys: Capture) -> None:
    (tmp_path / "a").write_text(f"aws_access_key_id = {AWS_ID}\n", "utf-8")
    (tmp_path / "b").write_text(f"aws_secret_access_key = {AWS_KEY}\n", "utf-8")
    main(["scan", "--verify", "all", "--report", "json", str(tmp_path / "a"), str(tmp_path / "b")])
    assert lives(capsys)["aws-secret-access-key"] == ["unknown"]


@pytest.fixture
def history(repo: Path, git: GitCommand, token: str) -> Path:
    (repo / ".env").write_text(f"GITLAB_TOKEN={token}\n", "utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    return repo


def test_a_history_is_asked_about_too(history: Path, providers: Providers, token: str, capsys: Capture) -> None:
    providers.answer = says(token)
    assert main(["scan-history", str(history), "--verify", "gitlab-pat", "--report", "json"]) == 1
    assert lives(capsys) == {"gitlab-pat": ["live"]}


def test_without_the_cache_it_is_asked_each_time(
    history: Path, providers: Providers, token: str, cache: Path, capsys: Capture
) -> None:
    providers.answer = says(token)
    for _ in range(2):
        main(["scan-history", str(history), "--verify", "all", "--no-cache", "--report", "json"])
        assert lives(capsys) == {"gitlab-pat": ["live"]}
    assert len(providers.seen) == 2
    assert not (cache / "verified").exists()


def test_the_remembered_answers_go_with_the_cache(
    history: Path,
    providers: Providers,
    token: str,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path / "own"))
    providers.answer = says(token)
    main(["scan-history", str(history), "--verify", "all", "-q"])
    assert main(["cache"]) == 0
    assert "of providers" in capsys.readouterr().out
    assert main(["cache", "clear"]) == 0
    assert "and what providers answered" in capsys.readouterr().out
    assert not (tmp_path / "own" / "verified").exists()


def test_one_finding_is_asked_about_anew(history: Path, providers: Providers, token: str, capsys: Capture) -> None:
    providers.answer = says(token)
    assert main(["verify", "1", str(history)]) == 0
    assert capsys.readouterr().out == "gitlab-pat: live\n"
    providers.answer = lambda seen: DEAD
    assert main(["verify", "gitlab-pat", str(history)]) == 0
    assert capsys.readouterr().out == "gitlab-pat: revoked\n"
    providers.answer = lambda seen: Said(502)
    assert main(["verify", "1", str(history)]) == 3
    assert capsys.readouterr().out == "gitlab-pat: unknown: gitlab.com answered 502\n"


def test_a_new_value_is_asked_about_before_it_is_used(providers: Providers, other: str) -> None:
    providers.answer = says(other)
    command = [sys.executable, "-m", "tightlip", "verify", "gitlab-pat", "--value-from-stdin"]
    done = subprocess.run(command, input=other.encode(), capture_output=True, timeout=60, check=True)
    assert done.stdout == b"gitlab-pat: live\n"


def hostile(token: str) -> dict[str, Said]:
    echo = token.encode()
    return {
        "the-value-again": Said(418, echo, {"X-Value": token}),
        "the-value-as-a-way": Said(302, b"", {"Location": f"https://evil.example/{token}"}),
        "the-value-as-a-break": Said(429, b"", {"Retry-After": token}),
    }


@pytest.mark.parametrize("which", hostile("x"))
@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "html", "sarif", "markdown", "junit", "gitlab"])
def test_a_value_is_nowhere_even_where_the_provider_repeats_it(
    folder: Path, providers: Providers, token: str, tmp_path: Path, cache: Path, capsys: Capture, which: str, form: str
) -> None:
    providers.answer = lambda seen: hostile(token)[which]
    assert main(["scan", "--verify", "all", "one.env", "--report", f"{form}:{tmp_path / 'report'}"]) == 1
    out, err = capsys.readouterr()
    assert token not in out + err
    for file in (*tmp_path.rglob("*"), cache / "verified"):
        if file.is_file() and file.suffix != ".env":
            assert token.encode() not in file.read_bytes(), file


def test_a_report_keeps_what_was_said_when_it_is_converted(
    folder: Path, providers: Providers, token: str, tmp_path: Path, capsys: Capture
) -> None:
    providers.answer = says(token)
    saved = tmp_path / "saved.json"
    main(["scan", "--verify", "all", "--report", f"json:{saved}"])
    capsys.readouterr()
    main(["report", "convert", str(saved), "--report", "json"])
    assert lives(capsys) == {"gitlab-pat": ["live", "revoked"]}


def revoking(token: str) -> Callable[[Seen], Said]:
    return lambda seen: Said(204 if (seen.method, seen.headers.get("private-token")) == ("DELETE", token) else 404)


@needs_terminal
def test_a_secret_is_revoked_after_its_rule_is_typed(history: Path, providers: Providers, token: str) -> None:
    providers.answer = revoking(token)
    code, shown = at_terminal(["revoke", "1", str(history)], "gitlab-pat\n")
    assert code == 0
    assert "gitlab-pat: the provider has revoked it" in shown
    assert "******** (26 characters)" in shown
    assert "It is sent to gitlab.com" in shown
    assert re.search(r"finding {2}[0-9a-f]{20}, rule gitlab-pat", shown)
    assert token not in shown
    assert [seen.target for seen in providers.seen] == ["/api/v4/personal_access_tokens/self"]


@needs_terminal
@pytest.mark.parametrize("typed", ["y\n", "yes\n", "\n", "gitlab-pa\n", "gitlab-pat2\n", "1\n"])
def test_nothing_else_confirms_it(history: Path, providers: Providers, token: str, typed: str) -> None:
    code, shown = at_terminal(["revoke", "1", str(history)], typed)
    assert code == 2
    assert "nothing was sent" in shown
    assert providers.connected == []


@needs_terminal
def test_a_name_that_could_mean_several_secrets_revokes_none(
    history: Path, git: GitCommand, providers: Providers, other: str
) -> None:
    (history / "b.env").write_text(f"GITLAB_TOKEN={other}\n", "utf-8")
    git("add", ".")
    git("commit", "-qm", "two")
    code, shown = at_terminal(["revoke", "gitlab-pat", str(history)], "gitlab-pat\n")
    assert code == 2
    assert "gitlab-pat found 2 secrets, name one: " in shown
    assert providers.connected == []


def test_without_a_terminal_nothing_is_revoked(history: Path, providers: Providers) -> None:
    command = [sys.executable, "-m", "tightlip", "revoke", "1", str(history)]
    done = subprocess.run(command, input=b"gitlab-pat\n", capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert b"wants to be confirmed at a terminal" in done.stderr
    assert providers.connected == []


def test_there_is_no_option_that_confirms(history: Path, providers: Providers) -> None:
    for option in ("--yes", "-y", "--force", "--confirm"):
        assert main(["revoke", "1", str(history), option]) == 2
    assert providers.connected == []


@needs_terminal
def test_a_revocation_that_the_provider_does_not_confirm_is_not_claimed(
    history: Path, providers: Providers, token: str
) -> None:
    providers.answer = lambda seen: Said(422)
    code, shown = at_terminal(["revoke", "1", str(history)], "gitlab-pat\n")
    assert code == 3
    assert "whether it is revoked is not known: gitlab.com answered 422" in shown


@needs_terminal
def test_an_order_that_is_taken_is_not_told_as_carried_out(repo: Path, git: GitCommand, providers: Providers) -> None:
    """GitHub takes it for any token, and one of another server stays alive."""
    value = plain_git.TOKEN
    (repo / ".env").write_text(f"GITHUB_TOKEN={value}\n", "utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    providers.answer = lambda seen: Said(202 if seen.target == "/credentials/revoke" else 404)
    code, shown = at_terminal(["revoke", "1", str(repo)], "github-pat-classic\n")
    assert code == 3
    assert "Deploy keys that were made with it" in shown
    assert "whether it is revoked is not known: api.github.com answered 202: the order is taken" in shown
    assert value not in shown


@needs_terminal
def test_what_was_remembered_of_a_revoked_secret_is_forgotten(
    history: Path, providers: Providers, token: str, capsys: Capture
) -> None:
    providers.answer = says(token)
    main(["scan-history", str(history), "--verify", "all", "-q"])
    providers.answer = revoking(token)
    at_terminal(["revoke", "1", str(history)], "gitlab-pat\n")
    providers.answer = lambda seen: DEAD
    capsys.readouterr()
    main(["scan-history", str(history), "--verify", "all", "--report", "json"])
    assert lives(capsys) == {"gitlab-pat": ["revoked"]}
