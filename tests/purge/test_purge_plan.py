"""What a plan says before anything is done: paths, what is elsewhere, and what could not be searched to its end."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import purging
import pytest
from purging import TEXT, VALUE, commit, planned, tag, tree, write
from whole_repository import run

from tightlip.git.plumbing import Git
from tightlip.purge import places, plan, spots, targets, told
from tightlip.purge.proof import Proof, prove
from tightlip.purge.rewriting.paths import parsed

OTHER = VALUE[::-1]
MASK = "***REMOVED***"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    purging.be_quick(monkeypatch)
    purging.without_proven_backup(monkeypatch)


@pytest.fixture
def where(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet", "-b", "main", str(tmp_path / "repo"))
    return tmp_path / "repo"


def _history(where: Path, *trees: dict[bytes, bytes]) -> None:
    """Let main have a commit for each set of files, and after them one without any."""
    head: tuple[str, ...] = ()
    for files in (*trees, {b"README": b"words\n"}):
        head = (commit(where, _tree(where, files), *head),)
    run(where, "update-ref", "refs/heads/main", *head)


def _tree(where: Path, files: dict[bytes, bytes]) -> str:
    folders: dict[bytes, dict[bytes, bytes]] = {}
    entries = []
    for path, content in files.items():
        first, is_below, rest = path.partition(b"/")
        if is_below:
            folders.setdefault(first, {})[rest] = content
        else:
            entries.append(("100644", first, write(where, "blob", content)))
    entries += [("40000", name, _tree(where, inner)) for name, inner in folders.items()]
    return tree(where, *sorted(entries, key=lambda entry: entry[1] + b"/" * (entry[0] == "40000")))


def _paths(secret: dict[str, Any]) -> list[tuple[str, int]]:
    return [(row["path"], row["versions"]) for row in secret["paths"]]


def _text(made: dict[str, Any]) -> str:
    out = io.StringIO()
    told.tell_plan(made, "plan.json", "", out)
    assert TEXT not in out.getvalue()
    return out.getvalue()


# Paths.


def test_each_secret_has_the_paths_where_it_ever_stood_and_the_most_frequent_first(where: Path) -> None:
    _history(
        where,
        {b"config/old.env": VALUE},
        {b"config/prod.env": b"1 " + VALUE, b"b": OTHER, b"clean": b"x"},
        {b"config/prod.env": b"2 " + VALUE, b"a": VALUE + b" " + OTHER},
        {b"config/prod.env": b"2 " + VALUE, b"prod.env": b"2 " + VALUE, b"clean": b"y"},
    )
    first, second = planned(where, VALUE, OTHER)["secrets"]
    assert _paths(first) == [("config/prod.env", 2), ("a", 1), ("config/old.env", 1), ("prod.env", 1)]
    assert _paths(second) == [("a", 1), ("b", 1)]


def test_what_cannot_be_replaced_and_what_a_tag_leads_to_has_paths_too(where: Path) -> None:
    _history(where, {b"logs/a.gz": gzip.compress(VALUE * 9, mtime=0), b"text": VALUE})
    run(where, "update-ref", "refs/tags/t", tag(where, _tree(where, {b"tagged": VALUE}), "tree"))
    (secret,) = planned(where)["secrets"]
    assert _paths(secret) == [("logs/a.gz", 1), ("tagged", 1), ("text", 1)]


def test_a_path_is_told_without_a_value_also_where_a_folder_and_a_file_make_it_up(where: Path) -> None:
    _history(where, {b"key-" + VALUE + b"/a": b"x", VALUE + b".txt": VALUE, b"half/" + OTHER: b"words half/" + OTHER})
    first, second = planned(where, VALUE, b"half/" + OTHER)["secrets"]
    assert _paths(first) == [(f"{MASK}.txt", 1), (f"key-{MASK}", 1)]
    assert _paths(second) == [(MASK, 1)]


def test_a_path_that_is_not_utf_8_is_quoted_as_in_a_report(where: Path) -> None:
    _history(where, {b"caf\xe9/k": VALUE, "café/k".encode(): VALUE})
    made = planned(where)
    assert _paths(made["secrets"][0]) == [("café/k", 1), ('"caf\\351/k"', 1)]
    json.dumps(made, ensure_ascii=False).encode("utf-8")


def test_of_a_great_many_paths_the_first_are_listed_and_the_others_counted(where: Path) -> None:
    _history(where, {b"%03d" % number: VALUE for number in range(103)})
    made = planned(where)
    (secret,) = made["secrets"]
    assert [path for path, _ in _paths(secret)] == [f"{number:03}" for number in range(100)]
    assert secret["more_paths"] == 3
    assert "   at 000 (1 version), 001 (1 version), 002 (1 version), 003 (1 version) and 99 more\n" in _text(made)


def test_folders_that_are_in_each_other_without_number_are_not_all_walked(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spots, "_MOST", 50)
    inner = _tree(where, {b"key": VALUE})
    for _ in range(30):
        inner = tree(where, *(("40000", name, inner) for name in (b"a", b"b", b"c")))
    run(where, "update-ref", "refs/heads/main", commit(where, inner))
    (secret,) = planned(where)["secrets"]
    assert len(secret["paths"]) + secret["more_paths"] == 50


def test_the_plan_is_the_same_however_the_objects_are_stored(where: Path) -> None:
    _history(where, {b"a": VALUE, b"b/c": VALUE, b"d": _encrypted()}, {b"a": b"2 " + VALUE, b"d": _encrypted("e")})
    before = planned(where)
    run(where, "repack", "-q", "-a", "-d")
    assert planned(where) == before


# Elsewhere.


def _pointer(content: bytes) -> bytes:
    oid = sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def _keep(where: Path, content: bytes) -> str:
    """Keep a file as Git LFS does, and return its path in the git folder."""
    oid = sha256(content).hexdigest()
    path = where / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path.relative_to(where / ".git").as_posix()


def _elsewhere(made: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    return {row["kind"]: (row["count"], row["names"]) for row in made["elsewhere"]}


def test_files_of_git_lfs_are_searched_where_they_are_here_and_counted_where_they_are_not(where: Path) -> None:
    contents = [b"a large file", b"with " + VALUE, b"not here"]
    _history(where, {b"large/%d" % number: _pointer(content) for number, content in enumerate(contents)})
    _keep(where, contents[0])
    holding = _keep(where, contents[1])
    made = planned(where)
    assert _elsewhere(made) == {
        "paths of files that Git LFS keeps": (3, ["large/0", "large/1", "large/2"]),
        "files of Git LFS that are not here": (1, [sha256(contents[2]).hexdigest()]),
    }
    assert [row["file"] for row in made["files"]] == [holding]
    assert "Elsewhere: paths of files that Git LFS keeps (3): large/0, large/1, large/2; " in _text(made)


@pytest.mark.parametrize("content", [_pointer(b"x") + b"\n" * 1024, b"see: " + _pointer(b"x")])
def test_what_only_speaks_of_git_lfs_is_no_pointer(where: Path, content: bytes) -> None:
    _history(where, {b"a": content, b"b": VALUE})
    assert planned(where)["elsewhere"] == []


def test_submodules_of_the_whole_history_are_named(where: Path) -> None:
    inner = tree(where, ("160000", b"deep", "2" * 40), ("100644", b"x", write(where, "blob", VALUE)))
    old = commit(where, tree(where, ("40000", b"lib", inner), ("160000", b"sub-" + VALUE, "1" * 40)))
    run(where, "update-ref", "refs/heads/main", commit(where, _tree(where, {b"a": b"x"}), old))
    for name in ("lib/deep", "lib/deep/modules/more", "gone"):
        (where / ".git/modules" / name / "objects").mkdir(parents=True)
        (where / ".git/modules" / name / "HEAD").write_text("ref: refs/heads/main\n")
    assert _elsewhere(planned(where)) == {
        "submodules": (2, ["lib/deep", f"sub-{MASK}"]),
        "git folders of submodules": (3, ["modules/gone", "modules/lib/deep", "modules/lib/deep/modules/more"]),
    }


# What could not be searched.


def _encrypted(name: str = "keys.txt", **stored: bytes) -> bytes:
    """Return a zip archive in which one file is encrypted, or says so; the others are stored as they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file, content in stored.items():
            archive.writestr(zipfile.ZipInfo(file), content)
        archive.writestr(zipfile.ZipInfo(name), b"cannot be read")
    data = bytearray(out.getvalue())
    data[data.rfind(b"PK\x03\x04") + 6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _proof(where: Path, made: dict[str, Any] | None) -> Proof:
    values = [target.purged for target in targets.given(VALUE)]
    return prove(Git(str(where)), values, planned=plan.unsearched(made) if made else (), jobs=1)


def test_an_archive_that_cannot_be_searched_to_its_end_is_in_the_plan(where: Path) -> None:
    cut = gzip.compress(b"words " * 99, mtime=0)
    contents = [_encrypted(), _encrypted(TEXT), cut[:-4] + b"xxxx", gzip.compress(b"fine"), b"PK\x03\x04 is none"]
    _history(where, {b"%d" % number: content for number, content in enumerate(contents)} | {b"text": VALUE})
    oids = [write(where, "blob", content) for content in contents]
    made = planned(where)
    assert {row["what"]: row["why"] for row in made["unsearched"]} == {
        oids[0]: ["zip:keys.txt: it is encrypted"],
        oids[1]: [f"zip:{MASK}: it is encrypted"],
        oids[2]: ["gzip: it is damaged"],
    }
    assert f"Cannot be searched to its end: {oids[0]} (zip:keys.txt: it is encrypted); look into " in _text(made)


def test_where_no_value_is_looked_for_no_archive_has_to_be_searched(where: Path) -> None:
    _history(where, {b"a.zip": _encrypted(), b"gone": b"x"})
    survey = plan.survey(Git(str(where)), [], jobs=1, deleted=parsed([b"gone"]))
    assert plan.document(survey, survey.affected())["unsearched"] == []


def test_of_an_archive_with_much_that_cannot_be_searched_not_every_reason_is_given(where: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(14):
            archive.writestr(f"{number:02}", b"")
    data = out.getvalue().replace(b"PK\x03\x04\x14\0\0", b"PK\x03\x04\x14\0\1")
    _history(where, {b"a": data.replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1")})
    ((*why, last),) = (row["why"] for row in planned(where)["unsearched"])
    assert why == [f"zip:{number:02}: it is encrypted" for number in range(10)]
    assert last == "and 4 more"


def test_the_proof_holds_only_if_the_plan_has_named_what_could_not_be_searched(where: Path) -> None:
    oid = write(where, "blob", _encrypted())
    _history(where, {b"a.zip": _encrypted()})
    made = planned(where)
    planned_for, surprised = _proof(where, made), _proof(where, None)
    assert (planned_for.holds, surprised.holds) == (True, False)
    assert surprised.unplanned == (oid,)
    rows = [{"what": oid, "why": ["zip:keys.txt: it is encrypted"]}]
    assert planned_for.told()["unsearched"] == surprised.told()["unsearched"] == rows


def test_a_large_file_that_cannot_be_searched_to_its_end_is_in_plan_and_proof(
    where: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_AT_ONCE", 600)
    _history(where, {b"a": _pointer(_encrypted())})
    encrypted, long = _keep(where, _encrypted()), _keep(where, gzip.compress(bytes(range(256)) * 4096)[:900])
    made = planned(where)
    assert {row["what"]: row["why"] for row in made["unsearched"]} == {
        encrypted: ["zip:keys.txt: it is encrypted"],
        long: ["it is an archive of which only the first 64 MiB were unpacked"],
    }
    assert _proof(where, made).holds
    assert {*_proof(where, None).unplanned} == {encrypted, long}


@pytest.mark.parametrize("ids", ["sha1", "sha256"])
def test_an_archive_that_is_rewritten_is_known_by_its_new_id(tmp_path: Path, ids: str) -> None:
    where = tmp_path / ids
    run(tmp_path, "init", "--quiet", "-b", "main", f"--object-format={ids}", str(where))
    _history(where, {b"a.zip": _encrypted(text=b"key = " + VALUE)})
    run(where, "reset", "--quiet", "--hard")
    made, applied = purging.purge(where)
    (row,) = made["unsearched"]
    assert list(applied.proof.unsearched) == [row["becomes"]]
    assert (applied.proof.objects, applied.proof.holds) == ((), True)
    out = io.StringIO()
    told.tell_applied(applied, made, "Ada", out)
    assert f"Not searched to its end, as the plan has said: {row['becomes']} (zip:keys.txt: it is " in out.getvalue()
