"""What the scan of a whole history says where a part of the repository is damaged or missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from outcomes import Scan
from secrets_made_up import prose, token
from streams import Stream, new


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A history of loose objects: a token in each of five commits, each in a folder of its own."""
    run = new(tmp_path / "r")
    out = Stream()
    for number in range(1, 6):
        out.commit({f"d{number}/a.txt": f"{prose(number)}{token(number)}\n"}, message=f"number {number}")
    out.take_in(run, refs={"refs/heads/main": 5}, packed=False)
    return tmp_path / "r"


def spoil(where: Path, name: str, *, missing: bool) -> str:
    run = new(where)
    oid = run("rev-parse", name)
    file = where / ".git" / "objects" / oid[:2] / oid[2:]
    if missing:
        file.unlink()
    else:
        file.chmod(0o644)
        file.write_bytes(b"no zlib stream")
    return oid


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "HEAD",
        "HEAD~2",
        "HEAD~4",
        "HEAD^{tree}",
        "HEAD~2^{tree}",
        "HEAD:d3",
        "HEAD:d3/a.txt",
        "HEAD:d5",
        "HEAD:d5/a.txt",
    ],
)
def test_all_else_is_scanned_and_what_cannot_be_is_told(name: str, missing: bool, damaged: Path, scan: Scan) -> None:  # noqa: FBT001 - a parameter of the test
    oid = spoil(damaged, name, missing=missing)
    seen = scan(damaged)
    lost = {token(int(name[6]))} if name.endswith(".txt") else set()

    assert seen.secrets == {token(number) for number in range(1, 6)} - lost
    assert any(oid in f"{what} {why}" for what, why in seen.unscanned), seen.unscanned


def test_a_ref_that_leads_nowhere_is_told(damaged: Path, scan: Scan) -> None:
    heads = damaged / ".git" / "refs" / "heads"
    (heads / "nowhere").write_text("12" * 20 + "\n")
    assert any("nowhere" in f"{what} {why}" or "12" * 20 in f"{what} {why}" for what, why in scan(damaged).unscanned)

    (heads / "nowhere").write_text("no id\n")
    assert any("nowhere" in f"{what} {why}" for what, why in scan(damaged).unscanned)


@pytest.mark.parametrize("kind", ["blob", "commit"])
def test_a_tag_of_an_object_that_is_missing_is_told(kind: str, damaged: Path, scan: Scan) -> None:
    run = new(damaged)
    oid = (
        run("hash-object", "-w", "--stdin", input=b"tagged")
        if kind == "blob"
        else run("commit-tree", "HEAD^{tree}", "-m", "x")
    )
    run("tag", "--annotate", "--message", "a tag", "v1", oid)
    assert scan(damaged).unscanned == []
    (damaged / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    assert any(oid in f"{what} {why}" for what, why in scan(damaged).unscanned)


def test_a_shallow_clone_says_so(damaged: Path, scan: Scan, tmp_path: Path) -> None:
    new(damaged)("clone", "-q", "--depth=2", damaged.as_uri(), tmp_path / "shallow")
    seen = scan(tmp_path / "shallow")

    assert seen.secrets == {token(number) for number in range(1, 6)}  # the newest tree has them all
    assert any("git fetch --unshallow" in why for _, why in seen.unscanned)


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
def test_a_partial_clone_says_so(left_out: str, damaged: Path, scan: Scan, tmp_path: Path) -> None:
    run = new(damaged)
    run("config", "uploadpack.allowFilter", "true")
    run("clone", "-q", "--no-checkout", f"--filter={left_out}", damaged.as_uri(), tmp_path / "partial")
    seen = scan(tmp_path / "partial")

    assert seen.scanned["commits"] == 5
    assert any("partial clone" in why for _, why in seen.unscanned)


def test_a_store_that_is_borrowed_and_gone_is_told(damaged: Path, scan: Scan, tmp_path: Path) -> None:
    new(damaged)("clone", "-q", "--shared", damaged, tmp_path / "shared")
    before = scan(tmp_path / "shared")
    (tmp_path / "shared/.git/objects/info/alternates").write_text(f"{damaged}/.git/objects\n{tmp_path}/gone\n")
    after = scan(tmp_path / "shared")

    assert before.unscanned == []
    assert after.findings == before.findings
    assert any("gone" in f"{what} {why}" for what, why in after.unscanned)


def test_a_secret_that_spans_folders_is_found_in_a_path(tmp_path: Path, scan: Scan) -> None:
    """As in a mirror of a site, where each part of an address is a folder."""
    path = "/".join(("hooks." + "slack.com", "services", "T0" + "1AB2CD3EF", "B0" + "4GH5IJ6KL", token(3)[4:28]))
    run = new(tmp_path / "r")
    out = Stream()
    out.commit({f"{path}/index.html": "nothing"})
    out.take_in(run, refs={"refs/heads/main": 1})

    assert scan(tmp_path / "r").values == scan(tmp_path / "r", reachable_only=True).values


def test_a_name_is_told_once_however_many_objects_had_it(tmp_path: Path, scan: Scan) -> None:
    run = new(tmp_path / "r")
    out = Stream()
    for number in range(4):
        out.commit({f"{token(1)}.txt": prose(number)})
    out.take_in(run, refs={"refs/heads/main": 4})
    (found,) = scan(tmp_path / "r").findings

    assert found == scan(tmp_path / "r", reachable_only=True).findings[0]
    assert len(found[4]) == 1
