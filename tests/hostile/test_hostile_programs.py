"""Nothing that a repository holds or configures runs a program."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.engine import Scanner

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]

# What a repository can name in its configuration for git to run; EVIL stands for the program.
TRAPS = {
    "core.fsmonitor": "EVIL",
    "core.hooksPath": "HOOKS",
    "core.pager": "EVIL",
    "pager.diff-index": "EVIL",
    "pager.rev-list": "EVIL",
    "core.editor": "EVIL",
    "core.askPass": "EVIL",
    "core.sshCommand": "EVIL",
    "core.gitProxy": "EVIL",
    "core.alternateRefsCommand": "EVIL",
    "credential.helper": "!EVIL",
    "diff.external": "EVIL",
    "diff.evil.command": "EVIL",
    "diff.evil.textconv": "EVIL",
    "diff.tool": "EVIL",
    "merge.evil.driver": "EVIL",
    "filter.evil.clean": "EVIL",
    "filter.evil.smudge": "EVIL",
    "filter.evil.process": "EVIL",
    "gpg.program": "EVIL",
    "gpg.ssh.program": "EVIL",
    "gpg.x509.program": "EVIL",
    "uploadpack.packObjectsHook": "EVIL",
    "remote.origin.url": "ext::EVIL",
    "remote.origin.uploadpack": "EVIL",
    "remote.origin.vcs": "evil",
    "sequence.editor": "EVIL",
    "interactive.diffFilter": "EVIL",
    "alias.diff-index": "!EVIL",
    "alias.cat-file": "!EVIL",
    "alias.rev-list": "!EVIL",
    "submodule.sub.update": "!EVIL",
}


SETTINGS = {
    "core.repositoryFormatVersion": "1",
    "extensions.partialClone": "origin",
    "remote.origin.promisor": "true",
    "protocol.ext.allow": "always",
    "protocol.file.allow": "always",
    "protocol.evil.allow": "always",
    "protocol.allow": "always",
    "log.showSignature": "true",
    "diff.evil.binary": "true",
    "diff.evil.cachetextconv": "true",
    "core.untrackedCache": "true",
}


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the traps are programs of POSIX")


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """The file that is there once a trap has gone off."""
    return tmp_path / "canary"


@pytest.fixture
def evil(tmp_path: Path, canary: Path) -> Path:
    """A folder of programs, and hooks, that leave the canary."""
    folder = tmp_path / "evil"
    names = (
        "evil",
        "git",
        "git-remote-evil",
        "post-index-change",
        "pre-commit",
        "pre-auto-gc",
        "reference-transaction",
    )
    for name in names:
        program = folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {name} $* >> {shlex.quote(str(canary))}\n", "utf-8")
        program.chmod(0o755)
    return folder


@pytest.fixture
def trapped(repo: Path, evil: Path, git: Git, stage: Stage) -> Path:
    """A repository with every trap that content can lay: attributes, a signature, a submodule, a missing object."""
    attributes = "* diff=evil filter=evil merge=evil\n"
    stage("a.txt", "a\n")
    stage("sub/b.txt", "b\n")
    stage(".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ext::evil\n\tupdate = !evil\n')
    stage(".gitattributes", attributes)
    git("commit", "-qm", "before")
    commit = git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\n", 1
    )
    signed = git("hash-object", "-t", "commit", "-w", "--stdin", input=f"{commit}\n".encode())
    git("update-ref", "HEAD", signed)
    stage("a.txt", "staged\n")
    stage("missing.txt", "missing\n")
    oid = git("rev-parse", ":missing.txt")
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    for name, value in SETTINGS.items():
        git("config", name, value)
    return repo


def armed(value: str, evil: Path) -> str:
    return value.replace("EVIL", str(evil / "evil")).replace("HOOKS", str(evil))


@pytest.fixture
def arm(trapped: Path, evil: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lay one of the traps."""

    def arm(name: str) -> None:
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{evil}")
        if name.startswith("remote.origin."):
            git("config", "remote.origin.url", str(trapped))
        git("config", name, armed(TRAPS[name], evil))

    return arm


@pytest.mark.parametrize("name", TRAPS)
def test_no_setting_of_a_repository_runs_a_program(
    name: str, arm: Callable[[str], None], canary: Path, scan_everything: Callable[[], str]
) -> None:
    arm(name)

    scan_everything()

    assert not canary.exists(), canary.read_text("utf-8")


def test_no_included_configuration_runs_a_program(
    trapped: Path, evil: Path, canary: Path, git: Git, put: Put, scan_everything: Callable[[], str]
) -> None:
    file = put("hidden/config", "")
    for name, value in TRAPS.items():
        git("config", "--file", str(file), name, armed(value, evil))
    git("config", "includeIf.gitdir:/**.path", str(file))
    git("config", "include.path", str(file))
    assert git("config", "diff.external") == str(evil / "evil")

    scan_everything()

    assert not canary.exists(), canary.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("core.fsmonitor", ["status"]),
        ("core.hooksPath", ["reset", "-q"]),
        ("diff.external", ["diff", "--cached"]),
        ("diff.evil.command", ["diff", "--cached"]),
        ("diff.evil.textconv", ["diff", "--cached"]),
        ("filter.evil.clean", ["hash-object", "--path=a.txt", "a.txt"]),
        ("filter.evil.smudge", ["cat-file", "--filters", "HEAD:a.txt"]),
        ("gpg.program", ["log", "-1"]),
        ("remote.origin.url", ["cat-file", "-p", ":missing.txt"]),
        ("remote.origin.vcs", ["cat-file", "-p", ":missing.txt"]),
        ("remote.origin.uploadpack", ["cat-file", "-p", ":missing.txt"]),
    ],
)
def test_the_traps_are_real(name: str, command: list[str], arm: Callable[[str], None], canary: Path, git: Git) -> None:
    arm(name)

    git(*command, check=False)

    assert canary.exists()


@pytest.mark.parametrize(
    "name",
    [
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "PAGER",
        "GIT_EDITOR",
        "GIT_ASKPASS",
        "SSH_ASKPASS",
        "GIT_SSH_COMMAND",
        "GIT_PROXY_COMMAND",
    ],
)
def test_no_variable_for_another_purpose_runs_a_program(
    name: str,
    trapped: Path,
    evil: Path,
    canary: Path,
    scan_everything: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, str(evil / "evil"))

    scan_everything()

    assert not canary.exists()


@pytest.mark.parametrize("entry", ["", ".", "bin"])
def test_a_git_in_the_working_tree_is_never_run(
    entry: str,
    trapped: Path,
    evil: Path,
    canary: Path,
    scan_everything: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for folder in (trapped, trapped / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "git").write_bytes((evil / "git").read_bytes())
        (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{os.environ['PATH']}")

    scan_everything()

    assert not canary.exists()


def test_a_bare_repository_hidden_in_the_content_runs_nothing(
    repo: Path, evil: Path, canary: Path, stage: Stage, scanner: Scanner
) -> None:
    stage("docs/a.txt", "a")
    bare = repo / "docs"
    subprocess.run(["git", "init", "-q", "--bare", bare], check=True)
    for name, value in TRAPS.items():
        subprocess.run(["git", "--git-dir", bare, "config", name, armed(value, evil)], check=True)
    subprocess.run(["git", "--git-dir", bare, "config", "core.worktree", repo], check=True)

    for scan in (tightlip.scan_staged, tightlip.scan_history):
        scan(bare, scanner=scanner)

    assert not canary.exists(), canary.read_text("utf-8")


def test_modules_in_the_working_tree_are_not_imported(
    tmp_path: Path, repo: Path, canary: Path, put: Put, stage: Stage, token: str
) -> None:
    for name in ("hyperscan", "regex", "yaml", "git", "re", "json", "dataclasses", "sitecustomize", "usercustomize"):
        put(f"{name}.py", f"open({str(canary)!r}, 'w').close()\n")
    stage("a.txt", token)
    script = tmp_path / "tightlip-hook"
    source = Path(tightlip.__file__).parent.parent
    script.write_text(
        f"import sys\nsys.path.insert(1, {str(source)!r})\nfrom tightlip.hooks import main\nsys.exit(main())\n", "utf-8"
    )

    done = subprocess.run([sys.executable, script, "pre-commit"], cwd=repo, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stderr
    assert not canary.exists()
