"""A scan finds the same whether packs are read here or by git, in whatever form the objects lie there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from outcomes import Scan, in_objects
from secrets_made_up import key, pair, password, prose, token
from streams import Git, Stream, git_in, new

from tightlip import sweep
from tightlip.engine import Scanner
from tightlip.git import edges, listing
from tightlip.git.packs import deltas, read


def lines(number: int, *inserted: str) -> str:
    """A file of many lines, with something in the middle."""
    body = [prose(number * 100 + line) for line in range(60)]
    return "".join([*body[:30], *(f"{text}\n" for text in inserted), *body[30:]])


def story() -> Stream:
    """Secrets of every kind that come, move, change, go and come back, on two branches and in their merge."""
    out = Stream()
    out.commit({f"d{number % 3}/{number}.txt": lines(number) for number in range(8)})
    out.commit({"d0/0.txt": lines(0, token(1)), "d1/1.txt": lines(1, password(1)), "key.pem": key(1)})
    out.commit({"d0/0.txt": lines(0, "x", token(1), token(2)), ".npmrc": f"//r/:_authToken={token(3)}\n"})
    out.commit({"moved.txt": lines(0, "x", token(1), token(2)), "d0/0.txt": None}, message=f"with {token(4)} in it")
    side = out.commit({"d2/2.txt": lines(2, pair(1)), "wide.txt": lines(5, token(5)).encode("utf-16")})
    side = out.commit(
        {"d2/2.txt": lines(2, pair(1), "more"), "wide.txt": lines(5, "y", token(5)).encode("utf-16")}, [side]
    )
    main = out.commit({"d1/1.txt": lines(1), f"{token(6)}/name.txt": "in a folder's name"}, [4])
    main = out.commit({"d1/1.txt": lines(1, password(1)), "ok.txt": f"{token(7)} # tightlip: allow\n"}, [main])
    merge = out.commit({"evil.txt": lines(7, token(8)), "d2/2.txt": lines(2, pair(1), "merged")}, [main, side])
    out.commit({"key.pem": key(1).replace("\n", "\r\n"), "moved.txt": lines(0)}, [merge])
    out.tag("v1", merge, f"tagged with {token(9)}")
    out.commit({"lost.txt": lines(3, token(10))}, [main])
    return out


REFS = {"refs/heads/main": 10, "refs/heads/side": 6, "refs/remotes/origin/main": 8}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The story in a repository, in a pack."""
    where = tmp_path / "told"
    run = new(where)
    story().take_in(run, refs=REFS)
    return where


Form = Callable[[Path, Git], object]


def loose(where: Path, run: Git) -> None:
    (pack,) = (where / ".git/objects/pack").glob("*.pack")
    for file in (pack, pack.with_suffix(".idx")):
        shutil.move(file, where / file.name)
    run("unpack-objects", "-q", input=(where / pack.name).read_bytes())


def by_id(where: Path, run: Git) -> None:
    """Deltas of bases by their ids."""
    names = run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    (pack,) = (where / ".git/objects/pack").glob("*.pack")
    run("pack-objects", "-q", "--no-delta-base-offset", where / ".git/objects/pack/pack", input=names.encode())
    for file in (pack, pack.with_suffix(".idx")):
        file.unlink()


def several(where: Path, run: Git) -> None:
    """Several packs, which share objects; and a loose one."""
    everything = run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    for start in range(4):
        run("pack-objects", "-q", where / ".git/objects/pack/pack", input="\n".join(everything[start::3]).encode())
    run("hash-object", "-w", "--stdin", input=lines(9, token(11)).encode())


def multi(where: Path, run: Git) -> None:
    several(where, run)
    run("multi-pack-index", "write")


def marked(where: Path, run: Git) -> None:
    (pack,) = (where / ".git/objects/pack").glob("*.pack")
    pack.with_suffix(".keep").touch()
    pack.with_suffix(".promisor").touch()


def cruft(where: Path, run: Git) -> None:
    run("hash-object", "-w", "--stdin", input=lines(9, token(11)).encode())
    run("repack", "-q", "--cruft", "-d")
    assert list((where / ".git/objects/pack").glob("*.mtimes"))


def borrowed(where: Path, run: Git) -> None:
    """The objects lie in another store, found through a third, by a relative path, beside one with an odd name."""
    stores = where / ".git" / "stores"
    odd = stores / 'odd "name"\n\u00e9'
    for store in (stores / "near", stores / "far", odd):
        (store / "pack").mkdir(parents=True)
        (store / "info").mkdir()
    for file in (where / ".git/objects/pack").iterdir():
        shutil.move(file, stores / "far" / "pack" / file.name)
    oid = run("hash-object", "-w", "--stdin", input=lines(9, token(11)).encode())
    shutil.move(where / ".git/objects" / oid[:2], odd / oid[:2])
    (stores / "near/info/alternates").write_text("../far\n")
    quoted = str(odd).replace('"', '\\"').replace("\n", "\\n")
    (where / ".git/objects/info").mkdir(exist_ok=True)
    (where / ".git/objects/info/alternates").write_text(f'# a comment\n../stores/near\n"{quoted}"\n')


def replaced(where: Path, run: Git) -> None:
    oid = run("rev-parse", "main:key.pem")
    run("replace", oid, run("hash-object", "-w", "--stdin", input=b"nothing to see"))
    run("replace", "main~1", "main~2")


def older_index(where: Path, run: Git) -> None:
    (pack,) = (where / ".git/objects/pack").glob("*.pack")
    pack.with_suffix(".idx").unlink()
    run("index-pack", "--index-version=1", pack)


def large_offsets(where: Path, run: Git) -> None:
    (pack,) = (where / ".git/objects/pack").glob("*.pack")
    pack.with_suffix(".idx").unlink()
    run("index-pack", "--index-version=2,0x40", pack)


FORMS: dict[str, Form] = {
    "as it came": lambda *_: None,
    "deep deltas": lambda _, run: run("repack", "-adfq", "--depth=50", "--window=50", "--keep-unreachable"),
    "no deltas": lambda _, run: run("repack", "-adfq", "--window=0", "--keep-unreachable"),
    "large parts": lambda _, run: run("-c", "core.bigFileThreshold=100", "repack", "-adfq", "--keep-unreachable"),
    "loose": loose,
    "deltas by id": by_id,
    "several packs": several,
    "multi-pack-index": multi,
    "index 1": older_index,
    "large offsets": large_offsets,
    "kept and promised": marked,
    "cruft": cruft,
    "borrowed": borrowed,
    "replaced": replaced,
}


@pytest.mark.parametrize("form", FORMS)
def test_both_ways_find_the_same_and_all_there_is(
    form: str, told: Path, scan: Scan, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    FORMS[form](told, git_in(told))
    seen = scan(told)

    assert seen == scan(told, through_git=True)
    assert seen.unscanned == []
    assert seen.values >= in_objects(told, scanner)
    assert {token(number) for number in (1, 2, 3, 4, 5, 6, 8, 9, 10)} <= seen.secrets
    assert token(7) not in seen.secrets
    assert seen.allowed


def test_a_repository_of_sha_256_is_read_too(tmp_path: Path, scan: Scan, scanner: Scanner) -> None:
    run = new(tmp_path / "r", "--object-format=sha256")
    story().take_in(run, refs=REFS)
    run("repack", "-adfq", "--keep-unreachable", "--window=20")
    seen = scan(tmp_path / "r")

    assert seen == scan(tmp_path / "r", through_git=True)
    assert seen.values >= in_objects(tmp_path / "r", scanner)
    assert seen.unscanned == []


@pytest.mark.parametrize("form", ["as it came", "deep deltas"])
def test_without_native_code_the_same_is_found(
    form: str, told: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    FORMS[form](told, git_in(told))
    seen = scan(told)
    monkeypatch.setattr(edges, "Listing", listing.Listing)
    monkeypatch.setattr(read, "applied", deltas.applied)
    monkeypatch.setattr(sweep, "brought", deltas.brought)
    monkeypatch.setattr(sweep, "moved", deltas.moved)

    assert scan(told) == seen


def test_what_refs_reach_is_found_as_the_walk_along_commits_finds_it(told: Path, scan: Scan) -> None:
    """With everything reachable, each secret has the same places; only a folder's name has others."""
    git_in(told)("update-ref", "refs/heads/lost", run_id(told, "lost.txt"))
    git_in(told)("repack", "-adfq", "--window=30", "--depth=30")
    whole, walked = scan(told), scan(told, reachable_only=True)

    assert whole.without(token(6)) == walked.without(token(6))
    assert whole.values == walked.values
    assert (whole.unscanned, whole.allowed) == (walked.unscanned, walked.allowed)


def test_a_folder_whose_name_is_a_secret_is_in_head_while_a_file_is_in_it(told: Path, scan: Scan) -> None:
    assert scan(told).in_head(token(6)) == [True]
    run = git_in(told)
    run("update-ref", "refs/heads/main", "main~4")
    assert scan(told).in_head(token(6)) == [False]


def run_id(where: Path, name: str) -> str:
    """The commit that brought a file, though no ref reaches it."""
    run = git_in(where)
    objects = run("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)").splitlines()
    commits = [line.split()[1] for line in objects if line.startswith("commit")]
    return next(commit for commit in commits if name in run("ls-tree", "--name-only", commit).split())


def test_several_processes_find_what_one_does(told: Path, scan: Scan) -> None:
    run = git_in(told)
    run("repack", "-adfq", "--keep-unreachable")
    run("hash-object", "-w", "--stdin", input=lines(9, token(11)).encode())

    assert scan(told, jobs=2) == scan(told, jobs=1)


def test_an_empty_repository_and_one_with_an_empty_pack_hold_nothing(tmp_path: Path, scan: Scan) -> None:
    run = new(tmp_path / "r")
    empty = scan(tmp_path / "r")
    run("pack-objects", "-q", tmp_path / "r/.git/objects/pack/pack", input=b"")

    assert (empty.findings, empty.unscanned) == ([], [])
    assert scan(tmp_path / "r") == empty


def test_an_empty_pack_beside_another_changes_nothing(told: Path, scan: Scan) -> None:
    before = scan(told)
    git_in(told)("pack-objects", "-q", told / ".git/objects/pack/pack", input=b"")

    assert scan(told) == before
