"""Whatever the user, the repository or its attributes say about diffs, what is staged is seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]
Found = Callable[..., list[str]]

SETTINGS = (
    *("color.ui=always", "color.diff=always", "diff.colorMoved=zebra", "diff.wsErrorHighlight=all"),
    *("diff.external=false", "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.srcPrefix=x/"),
    *("diff.orderFile=nowhere/to/be/found", "diff.relative=true", "diff.renames=copies", "diff.renames=false"),
    *(
        "diff.renameLimit=1",
        "diff.algorithm=patience",
        "diff.context=0",
        "diff.interHunkContext=9",
        "diff.dirstat=lines",
    ),
    *("diff.ignoreSubmodules=all", "diff.submodule=log", "diff.suppressBlankEmpty=true", "diff.wordRegex=."),
    *("diff.autoRefreshIndex=false", "diff.noIndex=true", "diff.tool=false", "diff.statGraphWidth=1"),
    *("core.quotePath=true", "core.quotePath=false", "core.abbrev=4", "core.pager=false", "core.ignoreCase=true"),
    *(
        "core.autocrlf=true",
        "core.eol=crlf",
        "core.whitespace=trailing-space",
        "core.fileMode=false",
        "core.symlinks=false",
    ),
    *("core.bigFileThreshold=1", "core.preloadIndex=false", "core.untrackedCache=true", "core.trustctime=false"),
    *("core.fsmonitor=true", "core.commitGraph=false", "core.warnAmbiguousRefs=true", "core.sparseCheckout=true"),
    *("index.version=4", "index.sparse=true", "index.threads=2", "feature.manyFiles=true", "feature.experimental=true"),
    *("log.showSignature=true", "log.showRoot=false", "format.pretty=oneline", "status.renames=false"),
    *(
        "submodule.recurse=true",
        "i18n.logOutputEncoding=UTF-16",
        "pack.threads=1",
        "gc.auto=1",
        "advice.detachedHead=false",
    ),
    *(
        "core.useReplaceRefs=true",
        "core.precomposeUnicode=true",
        "trace2.normalTarget=2",
        "safe.bareRepository=explicit",
    ),
)
VARIABLES = {
    "GIT_DIFF_OPTS": "--unified=0",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_TRACE": "1",
    "GIT_TRACE2_EVENT": "2",
    "GIT_TRACE_SETUP": "2",
    "GIT_FLUSH": "1",
    "GIT_PAGER_IN_USE": "1",
    "GIT_INDEX_VERSION": "4",
    "GIT_NO_REPLACE_OBJECTS": "0",
    "GIT_OPTIONAL_LOCKS": "1",
    "GIT_DEFAULT_HASH": "sha256",
    "LC_ALL": "de_DE.UTF-8",
    "LANGUAGE": "de",
    "TERM": "dumb",
    # These tie git to another repository, and count only where none is named.
    "GIT_DIR": "/nowhere",
    "GIT_INDEX_FILE": "/nowhere",
    "GIT_WORK_TREE": "/nowhere",
    "GIT_OBJECT_DIRECTORY": "/nowhere",
    "GIT_COMMON_DIR": "/nowhere",
    "GIT_NAMESPACE": "other",
    "GIT_PREFIX": "sub/",
    "GIT_GRAFT_FILE": "/nowhere",
}
ATTRIBUTES = (
    *("-diff", "binary", "-text -diff -merge", "diff=custom", "export-ignore", "filter=lfs", "linguist-generated"),
    *("text eol=crlf", "ident", "-whitespace"),
)


@pytest.fixture
def changed(token: str, git: Git, stage: Stage) -> list[str]:
    """Stage a rename with a new line, a change and a new file, each with a secret, and return their places."""
    stage("old.txt", "line\n" * 20)
    stage("sub/dir/a.txt", "line\n")
    git("commit", "-qm", "before")
    git("mv", "old.txt", "new.txt")
    stage("new.txt", "line\n" * 20 + f"{token}\n")
    stage("sub/dir/a.txt", f"line\nx = {token}\n")
    stage("sub/ü.txt", token)
    return ["new.txt:21:1", "sub/dir/a.txt:2:5", "sub/ü.txt:1:1"]


def test_no_setting_of_the_repository_hides_what_is_staged(
    changed: list[str], repo: Path, git: Git, found: Found
) -> None:
    def seen(setting: str) -> list[list[str]]:
        name, value = setting.split("=", 1)
        git("config", name, value)
        places = [found(), found(repo / "sub" / "dir")]
        git("config", "--unset", name)
        return places

    assert {setting: seen(setting) for setting in SETTINGS} == {setting: [changed] * 2 for setting in SETTINGS}


def test_no_setting_of_the_user_hides_what_is_staged(
    changed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Found
) -> None:
    file = tmp_path / "gitconfig"
    for setting in SETTINGS:
        subprocess.run(["git", "config", "--file", file, *setting.split("=", 1)], check=True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))

    assert found() == changed


def test_no_setting_in_the_environment_hides_what_is_staged(
    changed: list[str], monkeypatch: pytest.MonkeyPatch, found: Found
) -> None:
    for number, setting in enumerate(SETTINGS):
        name, value = setting.split("=", 1)
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(SETTINGS)))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", " ".join(f"'{setting}'" for setting in SETTINGS))

    assert found() == changed


def test_no_variable_in_the_environment_hides_what_is_staged(changed: list[str], found: Found) -> None:
    def seen(name: str, value: str) -> list[str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(name, value)
            return found()

    assert {name: seen(name, value) for name, value in VARIABLES.items()} == dict.fromkeys(VARIABLES, changed)


@pytest.mark.parametrize("where", ["repository", "sub folder", "info/attributes", "user", "unstaged"])
def test_no_attribute_hides_what_is_staged(
    where: str, changed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, git: Git, put: Put, found: Found
) -> None:
    config, file = tmp_path / "gitconfig", tmp_path / "attributes"
    config.write_text(f"[core]\n\tattributesFile = {file.as_posix()}\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    name = {"sub folder": "sub/dir/.gitattributes", "info/attributes": ".git/info/attributes", "user": str(file)}

    def seen(attributes: str) -> list[str]:
        put(name.get(where, ".gitattributes"), f"* {attributes}\n")
        if where in ("repository", "sub folder"):
            git("add", name.get(where, ".gitattributes"))
        assert git("check-attr", "--all", "sub/dir/a.txt")
        return found()

    assert {attributes: seen(attributes) for attributes in ATTRIBUTES} == dict.fromkeys(ATTRIBUTES, changed)


@pytest.mark.skipif(sys.platform == "win32", reason="the driver is a program of POSIX")
def test_a_textconv_driver_changes_nothing(
    changed: list[str], token: str, git: Git, stage: Stage, found: Found
) -> None:
    stage(".gitattributes", "*.txt diff=upper\n")
    git("config", "diff.upper.textconv", "tr a-z A-Z <")
    git("config", "diff.upper.binary", "true")
    git("config", "diff.upper.cachetextconv", "true")
    assert token not in git("diff", "--cached", "--text")

    assert found() == changed


def test_a_working_tree_encoding_is_none_of_the_index(
    token: str, git: Git, put: Put, stage: Stage, found: Found
) -> None:
    stage(".gitattributes", "*.ps1 text working-tree-encoding=UTF-16LE-BOM eol=CRLF\n")
    put("a.ps1", b"\xff\xfe" + f"first\r\n{token}\r\n".encode("utf-16-le"))
    git("add", "a.ps1")

    assert found() == ["a.ps1:2:1"]


def test_a_replace_ref_hides_nothing(changed: list[str], git: Git, put: Put, found: Found) -> None:
    clean = git("hash-object", "-w", put("clean", "nothing\n"))
    for path in ("new.txt", "sub/dir/a.txt", "sub/ü.txt"):
        git("replace", git("rev-parse", f":{path}"), clean)
    assert git("show", ":new.txt") == "nothing"

    assert found() == changed
