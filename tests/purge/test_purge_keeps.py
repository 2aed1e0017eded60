"""What holds no value stays as it is, to the byte; and what has to change changes in that alone."""

from __future__ import annotations

from pathlib import Path

import purging
import pytest
import whole_repository as whole
from purging import TEXT, VALUE, WHO, commit, tag, tree, write
from whole_repository import run

from tightlip.errors import GitError, UsageError
from tightlip.git.plumbing import Git
from tightlip.purge import moves
from tightlip.purge.repository import backup
from tightlip.purge.repository.state import Refused

SIGNATURE = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n"
LATIN = "J\xfcrgen <j@example.org> 1112911993 -0930".encode("latin-1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    purging.be_quick(monkeypatch)
    purging.without_proven_backup(monkeypatch)


@pytest.fixture
def where(tmp_path: Path) -> Path:
    run(tmp_path, "init", "--quiet", "-b", "main", str(tmp_path / "repo"))
    return tmp_path / "repo"


def _content(where: Path, oid: str) -> bytes:
    return dict(purging.objects(where))[oid]


def _file(where: Path, content: bytes = b"a file\n") -> str:
    return tree(where, ("100644", b"a", write(where, "blob", content)))


def _stand(where: Path, oid: str) -> None:
    run(where, "reset", "--quiet", "--hard", oid)


def test_commits_change_in_their_ids_and_values_alone(where: Path) -> None:
    clean, dirty = _file(where), _file(where, VALUE)
    first = commit(where, clean, message=b"before\n")
    brought = commit(where, dirty, first, author=LATIN, headers=b"encoding ISO-8859-1\n", message=b"f\xfcr dich\n")
    taken = commit(where, clean, brought, committer=b" <> 0 +1400", headers=b"x-one 1\n two\nHG:extra \xff\xfe\n")
    empty = commit(where, clean, taken, author=b"X <x> 99999999999 -0001", message=b"")
    sides = [commit(where, clean, empty, message=b"side %d" % number) for number in range(5)]
    octopus = commit(where, clean, *sides, message=b"no newline, CRLF\r\n\r\n\tand more")
    _stand(where, octopus)
    run(where, "update-ref", "refs/heads/old", first)
    before = dict(purging.objects(where))

    made, applied = purging.purge(where)

    ids = moves.read(Git(str(where)))
    assert made["first_commits"] == [brought]
    assert set(ids) == {brought, taken, empty, *sides, octopus}
    assert applied.moved == ("refs/heads/main",)
    assert whole.refs(where) == {"refs/heads/main": ids[octopus], "refs/heads/old": first}
    ids[dirty] = _file(where, b"***REMOVED***")
    after = dict(purging.objects(where))
    for old in moves.read(Git(str(where))):
        expected = before[old]
        for was, now in ids.items():
            expected = expected.replace(was.encode(), now.encode())
        assert after[ids[old]] == expected


def test_trees_keep_their_modes_their_order_and_what_is_odd(where: Path) -> None:
    blob, dirty = write(where, "blob", b"x"), write(where, "blob", VALUE)
    odd = tree(where, ("100664", b"group", blob), ("100755", b"run", blob))
    entries = [
        *(("100755", b"a.sh", dirty), ("40000", b"dir", odd), ("120000", b"link", blob)),
        *(("100644", b"same", dirty), ("100644", b"same.also", dirty), ("160000", b"sub", "1" * 40)),
    ]
    top = tree(where, *entries)
    _stand(where, commit(where, _file(where), commit(where, top)))
    purging.purge(where)
    new = write(where, "blob", b"***REMOVED***")
    old = _content(where, run(where, "rev-parse", "HEAD~1^{tree}"))
    assert old == b"".join(
        b"%b %b\0%b" % (mode.encode(), name, bytes.fromhex(new if oid == dirty else oid)) for mode, name, oid in entries
    )
    assert odd in dict(purging.objects(where))


@pytest.mark.parametrize("folder", ["40000", "040000"])
def test_folders_with_a_mode_of_an_old_git_are_kept_so(where: Path, folder: str) -> None:
    inner = _file(where, VALUE)
    top = tree(where, (folder, b"d", inner), ("100644", b"name-" + VALUE, write(where, "blob", b"x")))
    _stand(where, commit(where, _file(where), commit(where, top)))
    assert purging.purge(where).applied.proof.holds
    assert _content(where, run(where, "rev-parse", "HEAD~1^{tree}")).startswith(folder.encode() + b" d\0")


def test_names_that_become_the_same_are_kept_apart(where: Path) -> None:
    blobs = [write(where, "blob", text) for text in (b"1", b"2", b"3")]
    names = [b"***REMOVED***", VALUE, VALUE.hex().encode()]
    entries = sorted(zip(["100644"] * 3, names, blobs, strict=True), key=lambda entry: entry[1])
    _stand(where, commit(where, _file(where), commit(where, tree(where, *entries))))
    purging.purge(where)
    assert len({*run(where, "ls-tree", "--name-only", "HEAD~1").splitlines()}) == 3
    assert len({*run(where, "ls-tree", "--format=%(objectname)", "HEAD~1").splitlines()}) == 3
    assert purging.fsck(where) == set()


@pytest.mark.parametrize("replacement", [b"", b"<gone>\n", b"../a b/.lock", b"@{x", b"x.lock"])
def test_whatever_takes_a_values_place_names_stay_names(where: Path, replacement: bytes) -> None:
    who = b"Ada " + VALUE + b" <" + VALUE + b"@x> 1767323045 +0000"
    top = tree(where, ("100644", VALUE, write(where, "blob", VALUE)))
    base = commit(where, top, author=who, committer=who, headers=b"x-key " + VALUE + b"\n more\n", message=VALUE)
    _stand(where, commit(where, _file(where), base))
    run(where, "update-ref", f"refs/heads/{TEXT}/{TEXT}", base)
    run(where, "update-ref", f"refs/tags/{TEXT}", tag(where, base, name=VALUE, tagger=who))
    assert purging.purge(where, replacement=replacement).applied.proof.holds
    assert purging.fsck(where) == set()
    assert len(whole.refs(where)) == 3
    for name in whole.refs(where):
        run(where, "check-ref-format", name)


def test_a_value_over_a_name_and_an_address_leaves_both(where: Path) -> None:
    value = b"Example <ada@example.org"
    _stand(where, commit(where, _file(where), commit(where, _file(where))))
    assert purging.purge(where, value).applied.proof.holds
    assert purging.fsck(where) == set()
    assert run(where, "log", "-1", "--format=%an|%ae|%at") == "Ada ***REMOVED***||1767323045"


def test_a_value_of_digits_is_none_in_ids_and_dates(where: Path) -> None:
    _stand(where, commit(where, _file(where), message=b"since 17673230\n"))
    assert purging.purge(where, b"17673230").applied.proof.holds
    assert run(where, "log", "--format=%at %s") == "1767323045 since ***REMOVED***"
    run(where, "update-ref", "refs/heads/other", commit(where, _file(where), run(where, "rev-parse", "HEAD")))
    assert purging.planned(where, run(where, "rev-parse", "HEAD^{tree}").encode()[:8])["rewritten"]["commits"] == 0


def test_signatures_are_listed_and_dropped_only_where_something_changes(where: Path) -> None:
    clean, end = _file(where), b"-----BEGIN %b-----\nabc\n-----END %b-----\n"
    kept = commit(where, clean, headers=SIGNATURE)
    lost = commit(where, _file(where, VALUE), kept, headers=SIGNATURE)
    head = commit(where, clean, lost)
    _stand(where, head)
    tags = {}
    for kind in (b"PGP SIGNATURE", b"PGP MESSAGE", b"SSH SIGNATURE", b"SIGNED MESSAGE"):
        for name, oid in (("kept", kept), ("lost", head)):
            ref = f"refs/tags/{name}-{kind.decode().replace(' ', '-')}"
            tags[ref] = tag(where, oid, message=b"words\n" + end % (b"SSH SIGNATURE", b"x") + end % (kind, kind))
            run(where, "update-ref", ref, tags[ref])
    made, _ = purging.purge(where)
    assert set(made["signatures_lost"]) == {lost, *(oid for name, oid in tags.items() if "lost" in name)}
    now = whole.refs(where)
    assert all(now[name] == oid for name, oid in tags.items() if "kept" in name)
    for name in (name for name in tags if "lost" in name):
        assert _content(where, now[name]).endswith(b"\n\nwords\n" + end % (b"SSH SIGNATURE", b"x"))
    assert kept in dict(purging.objects(where))
    assert b"gpgsig" not in _content(where, run(where, "rev-parse", "HEAD~1"))


def test_the_plan_names_just_the_refs_that_move(where: Path) -> None:
    (where / "file").write_text("a file\n")
    run(where, "add", "file")
    run(where, "commit", "--quiet", "-m", "clean")
    for ref in ("commits", "other"):
        run(where, "notes", "--ref", ref, "add", "-m", f"a note of {ref}", "HEAD")
    base = run(where, "rev-parse", "HEAD")
    new = commit(where, _file(where, VALUE), base)
    run(where, "update-ref", "refs/heads/dirty", new)
    run(where, "notes", "--ref", "dirty", "add", "-m", "of one that changes", new)
    run(where, "tag", "-a", "-m", "clean", "v1", base)
    before = whole.refs(where)
    made, applied = purging.purge(where)
    moved = {name for name, oid in whole.refs(where).items() if before[name] != oid}
    assert moved == {"refs/heads/dirty", "refs/notes/dirty"} == {*applied.moved} == {*made["refs"]}
    assert made["untouched_refs"] == 4
    assert run(where, "notes", "--ref", "dirty", "show", "refs/heads/dirty") == "of one that changes"


def test_nothing_happens_where_nothing_can_be_replaced(where: Path) -> None:
    import gzip

    _stand(where, commit(where, _file(where, gzip.compress(VALUE))))
    before = whole.refs(where)
    made, applied = purging.purge(where)
    assert (made["refs"], made["rewritten"]["commits"], len(made["left"])) == ([], 0, 1)
    assert whole.refs(where) == before
    assert not applied.proof.holds


def test_commits_that_become_the_same_keep_both_notes(where: Path) -> None:
    other = VALUE[::-1]
    oids = [commit(where, _file(where), message=b"is " + value) for value in (VALUE, other)]
    _stand(where, commit(where, _file(where), *oids))
    for number, oid in enumerate(oids):
        run(where, "notes", "add", "-m", f"note {number}", oid)
    purging.purge(where, VALUE, other)
    assert purging.fsck(where) == set()
    blobs = run(where, "ls-tree", "-r", "--format=%(objectname)", "refs/notes/commits").split()
    assert {_content(where, oid) for oid in blobs} == {b"note 0\n", b"note 1\n"}


# Index and working tree.


def _dirty_head(where: Path) -> None:
    for name, text in (("clean", "x\n"), ("key", f"{TEXT}\n")):
        (where / name).write_text(text)
    run(where, "add", ".")
    run(where, "commit", "--quiet", "-m", "a key")


def _working_files(where: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in where.rglob("*") if path.is_file() and ".git" not in path.relative_to(where).parts]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_index_and_the_files_stay_where_head_holds_no_value(where: Path) -> None:
    _dirty_head(where)
    (where / "key").write_text("none\n")
    run(where, "commit", "--quiet", "-a", "-m", "no key")
    (where / "untracked").write_text(TEXT)
    index, files = (where / ".git/index").read_bytes(), _working_files(where)
    assert purging.purge(where).applied.proof.holds
    assert (where / ".git/index").read_bytes() == index
    assert _working_files(where) == files
    assert run(where, "status", "--porcelain") == "?? untracked"


def test_a_head_that_holds_a_value_is_refused_by_name(where: Path) -> None:
    _dirty_head(where)
    before, index, files = whole.refs(where), (where / ".git/index").read_bytes(), _working_files(where)
    made = purging.planned(where)
    with pytest.raises(Refused) as refused:
        purging.applied(where, made)
    assert [found.name for found in refused.value.objections] == ["head"]
    assert (whole.refs(where), (where / ".git/index").read_bytes()) == (before, index)
    assert purging.applied(where, made, allow=("head",)).proof.holds
    assert run(where, "diff-index", "--cached", "HEAD") == ""
    assert run(where, "cat-file", "-p", ":key") == "***REMOVED***"
    assert _working_files(where) == files
    assert run(where, "status", "--porcelain") == "M key"


def test_a_branch_that_is_renamed_and_rewritten_renews_the_index(where: Path) -> None:
    run(where, "checkout", "--quiet", "-b", TEXT)
    _dirty_head(where)
    assert purging.purge(where, allow=("head",)).applied.proof.holds
    assert run(where, "symbolic-ref", "HEAD") == "refs/heads/xxxREMOVEDxxx"
    assert run(where, "status", "--porcelain") == "M key"


def test_what_is_staged_is_refused_or_kept(where: Path) -> None:
    _dirty_head(where)
    (where / "key").write_text("none\n")
    run(where, "commit", "--quiet", "-a", "-m", "no key")
    (where / "clean").write_text("staged\n")
    run(where, "add", "clean")
    made, index = purging.planned(where), (where / ".git/index").read_bytes()
    with pytest.raises(Refused, match="changes are staged"):
        purging.applied(where, made)
    assert purging.applied(where, made, allow=("staged",)).proof.holds
    assert (where / ".git/index").read_bytes() == index
    assert run(where, "status", "--porcelain") == "M  clean"


def test_changed_files_do_not_keep_an_index_from_being_renewed(where: Path) -> None:
    _dirty_head(where)
    (where / "key").write_text("changed\n")
    files = _working_files(where)
    assert purging.purge(where, allow=("head", "unstaged")).applied.proof.holds
    assert run(where, "diff-index", "--cached", "HEAD") == ""
    assert _working_files(where) == files


def test_a_name_of_a_working_trees_own_ref_stays_and_is_told(where: Path) -> None:
    _stand(where, commit(where, _file(where)))
    run(where, "update-ref", f"refs/bisect/{TEXT}", commit(where, _file(where), message=VALUE))
    made, applied = purging.purge(where)
    assert made["files"] == [
        {"file": "ref 1", "what": "the own name of a ref that a working tree has for itself: delete it there"}
    ]
    assert (applied.proof.holds, applied.proof.refs, applied.proof.objects) == (False, 1, ())


def test_what_would_bring_a_value_back_is_refused(where: Path) -> None:
    with pytest.raises(UsageError, match="--replace-with"):
        purging.planned(where, replacement=b"not " + VALUE)


# Undoing it.


def test_a_restore_after_all_brings_back_all(tmp_path: Path) -> None:
    where = whole.large(tmp_path / "repo")
    _dirty_head(tmp_path / "on-a-branch")
    run(where, "update-ref", f"refs/heads/{TEXT}", "refs/heads/other")
    run(where, "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/heads/{TEXT}")
    run(tmp_path / "on-a-branch", "checkout", "--quiet", TEXT)
    run(where, "notes", "add", "-m", TEXT, "other")
    before, said = _state(where), purging.fsck(where)

    _, applied = purging.purge(where, allow=("worktrees", "staged", "head"))
    assert applied.proof.holds
    assert f"refs/heads/{TEXT}" not in whole.refs(where)
    assert run(where, "symbolic-ref", "refs/remotes/origin/HEAD") == "refs/heads/xxxREMOVEDxxx"
    assert run(tmp_path / "on-a-branch", "symbolic-ref", "HEAD") == "refs/heads/xxxREMOVEDxxx"
    assert _state(where) != before

    backup.restore(Git(str(where)), backup.load(applied.backup))
    assert _state(where) == before
    assert purging.fsck(where) == said
    assert run(tmp_path / "on-a-branch", "status", "--porcelain") == ""


def _state(where: Path) -> dict[str, object]:
    """Return refs, HEADs, indexes, reflogs and pseudo-refs, byte for byte."""
    common, names = where / ".git", ("HEAD", "ORIG_HEAD", "index", "packed-refs")
    wanted = [path for path in common.rglob("*") if path.is_file() and path.relative_to(common).parts[0] != "objects"]
    files = {
        str(path.relative_to(common)): path.read_bytes()
        for path in wanted
        if (path.name in names or {"logs", "refs"} & {*path.relative_to(common).parts}) and path.parent.name != "info"
    }
    return {"refs": whole.refs(where), **files}


# Other kinds of repositories.


@pytest.mark.parametrize("kind", ["sha256", "bare", "sha256 and bare"])
def test_other_kinds_of_repositories(tmp_path: Path, kind: str) -> None:
    options = ["--object-format=sha256"] if "sha256" in kind else []
    run(tmp_path, "init", "--quiet", "-b", "main", *options, str(tmp_path / "repo"))
    where = tmp_path / "repo"
    _dirty_head(where)
    old = run(where, "rev-parse", "HEAD")
    (where / "key").write_text("none\n")
    run(where, "commit", "--quiet", "-a", "-m", f"after {old}\n\nthat is {old[:9]}")
    run(where, "notes", "add", "-m", TEXT, "HEAD")
    run(where, "tag", "-a", "-m", TEXT, "v1", "HEAD")
    if "bare" in kind:
        where = tmp_path / "bare.git"
        run(tmp_path, "clone", "--quiet", "--mirror", str(tmp_path / "repo"), str(where))
    assert purging.purge(where).applied.proof.holds
    assert purging.holding(where) == purging.Holding(set(), set())
    assert purging.fsck(where) == set()
    new = run(where, "rev-parse", "HEAD~1")
    assert run(where, "log", "-1", "--format=%B") == f"after {new}\n\nthat is {new[:9]}"
    assert run(where, "notes", "show", "HEAD") == "***REMOVED***"


def test_hundreds_of_loose_refs_are_no_trouble(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _dirty_head(where)
    (where / "key").write_text("none\n")
    run(where, "commit", "--quiet", "-a", "-m", "no key")
    head, logs = run(where, "rev-parse", "HEAD"), where / ".git/logs/refs/heads"
    clean = commit(where, _file(where))
    for number in range(600):
        (where / f".git/refs/heads/b{number}").write_text(f"{clean if number % 2 else head}\n")
        (logs / f"b{number}").write_text(f"{'0' * 40} {clean if number % 2 else head} {WHO.decode()}\tbranch\n")
    commands: list[str] = []
    real = Git.start

    def counted(self: Git, *args: str, **options: object) -> object:
        commands.append(args[0])
        return real(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "start", counted)
    _, applied = purging.purge(where)
    assert applied.proof.holds
    assert len(applied.moved) == 301
    assert len(commands) < 200


# What is malformed.


def _broken(where: Path, name: str) -> str:
    clean, dirty = (bytes.fromhex(write(where, "blob", text)) for text in (b"x", VALUE))
    return write(
        where,
        "tree",
        {
            "cut off": b"100644 a\0" + dirty + b"100644 b\0" + clean[:7],
            "a long mode": b"0100644 a\0" + dirty,
            "no mode": b" a\0" + dirty,
            "twice the same": (b"100644 a\0" + dirty) * 2,
            "twice the name": b"100644 a\0" + clean + b"100644 a\0" + dirty,
            "not in order": b"100644 b\0" + dirty + b"100644 a\0" + clean + b"100644 " + VALUE + b"\0" + clean,
            "an empty name": b"100644 \0" + dirty,
            "a mode that is none": b"100001 a\0" + dirty + b"777 b\0" + clean,
            "a name with a slash": b"100644 a/b\0" + dirty,
            "a name that is a dot": b"100644 .\0" + dirty + b"100644 ..\0" + clean,
        }[name],
    )


@pytest.mark.parametrize(
    "name",
    [
        *("cut off", "a long mode", "no mode", "twice the same", "twice the name", "not in order", "an empty name"),
        *("a mode that is none", "a name with a slash", "a name that is a dot"),
    ],
)
def test_a_malformed_tree_is_refused_or_kept(where: Path, name: str) -> None:
    _stand(where, commit(where, _file(where), commit(where, _broken(where, name))))
    before = whole.refs(where)
    made = purging.planned(where)
    try:
        applied = purging.applied(where, made)
    except (GitError, UsageError):
        assert whole.refs(where) == before
        return
    left = purging.holding(where)
    assert applied.proof.holds == (not left.objects)
    assert not left.objects or made["unread"] or made["left"]


@pytest.mark.parametrize("content", [b"", b"\0" + VALUE, b"parent x\n\n" + VALUE])
@pytest.mark.parametrize("kind", ["commit", "tag"])
def test_a_malformed_commit_or_tag_is_refused_or_kept(where: Path, kind: str, content: bytes) -> None:
    _stand(where, commit(where, _file(where), commit(where, _file(where, VALUE))))
    oid = write(where, kind, content)
    (where / ".git/refs/tags/odd").write_text(f"{oid}\n")
    before = whole.refs(where)
    made = purging.planned(where)
    try:
        applied = purging.applied(where, made)
    except (GitError, UsageError):
        assert whole.refs(where) == before
        return
    assert applied.proof.holds == (not purging.holding(where).objects)
    assert applied.proof.holds or oid in {left["object"] for left in made["left"]}
