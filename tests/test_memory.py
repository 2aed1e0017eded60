"""What history scans remember: kept through kills and damage, shared by scans at once, never more than was given."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tightlip
from tightlip import memory
from tightlip.memory import Memory, ids, rows

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and signals of POSIX")
ROOT = sys.platform != "win32" and os.geteuid() == 0
Start = Callable[..., "subprocess.Popen[str]"]

MADE = """
from hashlib import sha1
import os, random, signal, sys
from tightlip.memory import Memory, rows
def made(seed, count=100):
    return b"".join(sorted(sha1(f"{seed}:{i}".encode(), usedforsecurity=False).digest() for i in range(count)))
"""


def made(seed: object, count: int = 100) -> bytes:
    """Return ids, sorted: always the same for a seed."""
    return b"".join(sorted(sha1(f"{seed}:{i}".encode(), usedforsecurity=False).digest() for i in range(count)))


def apart(oids: bytes, width: int = 20) -> set[bytes]:
    return {oids[start : start + width] for start in range(0, len(oids), width)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def store(folder: Path) -> Memory:
    return Memory(str(folder))


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Run code that knows `made`, and the folder as its first argument, in another process."""
    running = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        env = os.environ | {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}
        command = [sys.executable, "-c", MADE + code, str(folder), *map(str, arguments)]
        running.append(
            subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@contextmanager
def opened(store: Memory) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(store.file, isolation_level=None)) as connection:
        yield connection


def test_ids_come_back_sorted_and_once(store: Memory) -> None:
    first, second = made(1), made(2)
    store.remember("/repo", "rules", first[::-1][:400] + first, 20)
    store.remember("/repo", "rules", second + first, 20)

    every = apart(first) | apart(second) | apart(first[::-1][:400])
    assert store.clean("/repo", "rules") == b"".join(sorted(every))
    assert store.trouble == ""


def test_at_first_nothing_is_remembered_and_asking_makes_no_file(store: Memory, folder: Path) -> None:
    assert store.clean("/repo", "rules") == b""
    assert store.outcome("/repo", "rules", b"state") is None
    assert store.info() == store.clear() == []
    assert store.trouble == ""
    assert not folder.exists()


def test_every_repository_and_rule_set_has_ids_of_its_own(store: Memory) -> None:
    for repository, rules in (("/a", "1"), ("/a", "2"), ("/b", "1")):
        store.remember(repository, rules, made(repository + rules), 20)

    assert store.clean("/a", "2") == made("/a2")
    assert store.clean("/b", "2") == b""


def test_a_few_new_ids_are_added_without_writing_all_of_them_again(store: Memory) -> None:
    many = made("many", 20_000)
    few = made("few", 50) + many[:20] + many[100_000:100_040] + many[-20:]  # another scan may have added some by now
    store.remember("/repo", "rules", many, 20)
    with opened(store) as connection:
        store.remember("/repo", "rules", few, 20)
        sizes = [size for (size,) in connection.execute("SELECT length(ids) FROM runs ORDER BY id")]

    assert sizes == [len(many), len(few)]
    assert store.clean("/repo", "rules") == b"".join(sorted(apart(many + few)))


def test_many_small_additions_become_one_run(store: Memory) -> None:
    for number in range(60):
        store.remember("/repo", "rules", made(number, 3), 20)

    with opened(store) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone()[0] < 10
    assert apart(store.clean("/repo", "rules")) == set().union(*(apart(made(number, 3)) for number in range(60)))


@given(
    st.integers(1, 3).flatmap(
        lambda width: st.tuples(
            st.just(width), st.lists(st.lists(st.binary(min_size=width, max_size=width), max_size=80), max_size=5)
        )
    )
)
def test_sets_put_together_hold_each_id_of_them_once_and_no_other(case: tuple[int, list[list[bytes]]]) -> None:
    width, lists = case
    sets = [ids.distinct(b"".join(items), width) for items in lists]

    assert ids.union(sets, width) == b"".join(sorted({oid for items in lists for oid in items}))


def test_ids_of_another_width_take_the_place_of_those_before(store: Memory) -> None:
    store.remember("/repo", "rules", made(1), 20)
    store.remember("/repo", "rules", b"a" * 32, 32)

    assert store.clean("/repo", "rules") == b"a" * 32
    with pytest.raises(ValueError, match="31 bytes are no ids of 20 bytes"):
        store.remember("/repo", "rules", b"a" * 31, 20)


def test_an_outcome_is_given_for_its_very_state_alone(store: Memory) -> None:
    store.keep_outcome("/repo", "rules", b"one", b"nothing found")

    assert store.outcome("/repo", "rules", b"one") == b"nothing found"
    assert store.outcome("/repo", "rules", b"two") is None
    assert store.outcome("/repo", "other rules", b"one") is None

    store.keep_outcome("/repo", "rules", b"two", b"")
    assert store.outcome("/repo", "rules", b"one") is None
    assert store.outcome("/repo", "rules", b"two") == b""


@POSIX
def test_a_path_need_not_be_unicode(store: Memory) -> None:
    path = os.fsdecode(b"/caf\xe9/\xff")
    store.remember(path, "rules", made(1), 20)

    assert store.clean(path, "rules") == made(1)
    assert store.info()[0].repository == path


class TestBounds:
    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [1_000_000.0]
        monkeypatch.setattr("time.time", lambda: now[0])
        return now

    def test_the_repository_that_was_used_least_recently_goes_first(
        self, store: Memory, now: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "MOST_SETS", 3)
        for name in "abc":
            now[0] += 10_000
            store.remember(name, "rules", made(name), 20)
        now[0] += 10_000
        store.clean("a", "rules")
        now[0] += 10_000
        store.keep_outcome("d", "rules", b"state", b"outcome")

        assert [row.repository for row in store.info()] == ["d", "a", "c"]

    def test_what_is_too_much_in_all_makes_room(
        self, store: Memory, now: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "MOST_BYTES", 1_000_000)
        for name in "abcde":
            now[0] += 1
            store.remember(name, "rules", made(name, 20_000), 20)

        assert [row.repository for row in store.info()] == ["e", "d"]
        assert Path(store.file).stat().st_size < 2_000_000

    def test_what_is_too_much_by_itself_is_not_kept(self, store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
        store.remember("a", "rules", made(1), 20)
        monkeypatch.setattr(memory, "MOST_BYTES", 10_000)
        store.remember("b", "rules", made(1, 1000), 20)
        store.keep_outcome("b", "rules", b"", b"x" * 10_001)

        assert [row.repository for row in store.info()] == ["a"]


def test_info_tells_how_much_there_is_of_what(store: Memory) -> None:
    before = time.time()
    store.remember("/repo", "rules", made(1), 20)
    store.keep_outcome("/repo", "rules", b"12345", b"67890")

    (row,) = store.info()
    assert row[:4] == ("/repo", "rules", 100, 2010)
    assert before - 1 <= row.used <= time.time() + 1


def test_what_is_cleared_is_told_and_gone_from_the_disk(store: Memory) -> None:
    store.remember("/home/ada/shop", "rules", made(1, 20_000), 20)
    store.remember("/home/ada/other", "rules", made(2), 20)

    assert [row.repository for row in store.clear("/home/ada/shop")] == ["/home/ada/shop"]
    assert store.clean("/home/ada/other", "rules") == made(2)
    content = Path(store.file).read_bytes()
    assert b"/home/ada/shop" not in content
    assert len(content) < 200_000

    assert [row.ids for row in store.clear()] == [100]
    assert store.info() == []
    assert b"/home/ada" not in Path(store.file).read_bytes()


class TestTrust:
    @POSIX
    def test_the_file_and_its_folder_are_the_users_alone_whatever_the_umask(self, store: Memory, folder: Path) -> None:
        before = os.umask(0)
        try:
            store.remember("/repo", "rules", made(1), 20)
        finally:
            os.umask(before)

        assert (folder.stat().st_mode & 0o777, Path(store.file).stat().st_mode & 0o777) == (0o700, 0o600)

    @POSIX
    def test_a_folder_that_others_can_write_is_not_used(self, store: Memory, folder: Path) -> None:
        store.remember("/repo", "rules", made(1), 20)
        content = Path(store.file).read_bytes()
        folder.chmod(0o777)

        assert store.clean("/repo", "rules") == b""
        assert store.info() == []
        assert "others can write to its folder" in store.trouble
        store.remember("/repo", "rules", made(2), 20)
        assert "others can write to its folder" in store.trouble
        assert store.clear() == []
        assert Path(store.file).read_bytes() == content

        Path(store.file).unlink()
        store.remember("/repo", "rules", made(2), 20)
        assert list(folder.iterdir()) == []

    @POSIX
    @pytest.mark.parametrize("ask", [True, False], ids=["asked first", "written first"])
    def test_a_file_that_others_can_have_written_gives_way_to_a_new_one(self, store: Memory, ask: bool) -> None:  # noqa: FBT001 - a parameter of the test
        store.remember("/repo", "rules", made(1), 20)
        Path(store.file).chmod(0o666)

        if ask:
            assert store.clean("/repo", "rules") == b""
            assert "others can have written it" in store.trouble
        store.remember("/repo", "rules", made(2), 20)
        assert store.clean("/repo", "rules") == made(2)
        assert Path(store.file).stat().st_mode & 0o777 == 0o600

    @pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
    @pytest.mark.parametrize("whole", [True, False], ids=["the folder", "the file alone"])
    def test_what_belongs_to_somebody_else_is_not_believed(self, store: Memory, folder: Path, whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
        store.remember("/repo", "rules", made(1), 20)
        os.chown(folder if whole else store.file, 12345, -1)

        assert store.clean("/repo", "rules") == b""
        assert store.trouble

    @pytest.mark.skipif(sys.platform == "win32" or ROOT, reason="needs permissions that hold")
    def test_a_folder_that_cannot_be_written_can_be_read(self, store: Memory, folder: Path) -> None:
        store.remember("/repo", "rules", made(1), 20)
        folder.chmod(0o500)
        try:
            store.remember("/repo", "rules", made(2), 20)
            assert store.trouble
            assert store.clean("/repo", "rules") == made(1)
        finally:
            folder.chmod(0o700)

    @pytest.mark.parametrize("where", [os.devnull, os.devnull + "/nowhere"])
    def test_a_folder_that_is_none_costs_only_time(self, where: str) -> None:
        store = Memory(where)
        store.remember("/repo", "rules", made(1), 20)
        store.keep_outcome("/repo", "rules", b"state", b"outcome")

        assert store.clean("/repo", "rules") == b""
        assert store.outcome("/repo", "rules", b"state") is None
        assert store.trouble

    def test_a_python_without_sqlite_remembers_nothing(self, store: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sqlite3", None)
        store.remember("/repo", "rules", made(1), 20)

        assert store.clean("/repo", "rules") == b""
        assert "no sqlite3" in store.trouble


class TestDamage:
    @pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\0" + b"\xff" * 5000])
    def test_a_damaged_file_gives_way_to_a_new_one(self, store: Memory, folder: Path, content: bytes) -> None:
        folder.mkdir(mode=0o700)
        Path(store.file).write_bytes(content)
        Path(store.file).chmod(0o600)

        assert store.info() == []
        store.remember("/repo", "rules", made(1), 20)
        assert store.clean("/repo", "rules") == made(1)

    @pytest.mark.parametrize(
        "change",
        ["PRAGMA user_version = 7", "PRAGMA user_version = 0", "PRAGMA journal_mode = WAL; PRAGMA user_version = 7"],
    )
    @pytest.mark.parametrize("forget", [lambda store: None, Memory.clear], ids=["written", "cleared"])
    def test_a_file_of_another_version_gives_way_to_a_new_one(
        self, store: Memory, change: str, forget: Callable[[Memory], object]
    ) -> None:
        store.remember("/repo", "rules", made(1), 20)
        with opened(store) as connection:
            connection.executescript(change)
            assert store.info() == []
            assert "another version" in store.trouble
            forget(store)
            store.remember("/repo", "rules", made(2), 20)

        assert store.clean("/repo", "rules") == made(2)

    def test_ids_that_changed_on_the_disk_are_not_believed(self, store: Memory) -> None:
        store.remember("/repo", "rules", made(1, 20_000), 20)
        content = bytearray(Path(store.file).read_bytes())
        middle = content.find(made(1, 20_000)[200_000:200_020])
        content[middle] ^= 1
        Path(store.file).write_bytes(content)

        assert store.clean("/repo", "rules") == b""
        store.remember("/repo", "rules", made(1, 20_000), 20)
        assert store.clean("/repo", "rules") == made(1, 20_000)

    def test_rows_that_ended_up_at_another_set_are_not_believed(self, store: Memory) -> None:
        for name in "ab":
            store.remember("/repo", name, made(name), 20)
            store.keep_outcome("/repo", name, b"state", name.encode())
        with opened(store) as connection:
            connection.execute("UPDATE runs SET owner = 3 - owner")
            connection.execute("UPDATE outcomes SET owner = -owner")
            connection.execute("UPDATE outcomes SET owner = 3 + owner")

        assert store.clean("/repo", "a") == store.clean("/repo", "b") == b""
        assert store.outcome("/repo", "a", b"state") is store.outcome("/repo", "b", b"state") is None

    def test_whatever_the_damage_nothing_is_raised_or_made_up_and_the_file_is_of_use_again(
        self, store: Memory, folder: Path
    ) -> None:
        given = [made(number, 3000) for number in range(3)]
        for part in given[:2]:
            store.remember("/repo", "rules", part, 20)
        store.remember("/repo", "rules", made("few", 20), 20)
        store.keep_outcome("/repo", "rules", b"state", b"outcome" * 1000)
        whole = Path(store.file).read_bytes()
        every = apart(b"".join([*given, made("few", 20)]))
        heads = [start for page in range(0, len(whole), rows.PAGE) for start in range(page, page + 120)]
        ends = [end - back for end in range(rows.PAGE, len(whole) + 1, rows.PAGE) for back in range(1, 120)]
        chance = random.Random(7)

        for _ in range(100):
            content = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                content[chance.choice((*heads, *ends))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
            Path(store.file).write_bytes(content[: chance.choice((len(content), chance.randrange(len(content))))])

            assert apart(store.clean("/repo", "rules")) <= every
            assert store.outcome("/repo", "rules", b"state") in (b"outcome" * 1000, None)
            store.info()
            for _ in range(2):  # what only writing runs into is noticed by the scan after it
                store.remember("/repo", "rules", given[2], 20)
                store.keep_outcome("/repo", "rules", b"state", b"new")
                known = apart(store.clean("/repo", "rules"))
                assert known <= every
            assert apart(given[2]) <= known
            assert store.outcome("/repo", "rules", b"state") == b"new"


class TestAtOnce:
    def test_scans_that_write_at_once_lose_nothing(self, store: Memory, start: Start) -> None:
        code = """
sys.stdin.readline()
store = Memory(sys.argv[1])
for number in range(40):
    store.remember("/repo", "rules", made(f"{sys.argv[2]}-{number}", 200), 20)
    assert not store.trouble, store.trouble
    store.keep_outcome("/repo", "rules", sys.argv[2].encode(), str(number).encode())
    assert not store.trouble, store.trouble
"""
        writers = [start(code, name) for name in "ab"]
        for writer in writers:
            assert writer.stdin
            writer.stdin.write("go\n")
            writer.stdin.flush()
        every = {oid for name in "ab" for number in range(40) for oid in apart(made(f"{name}-{number}", 200))}
        while any(writer.poll() is None for writer in writers):
            assert apart(store.clean("/repo", "rules")) <= every
            assert not store.trouble

        assert [writer.returncode for writer in writers] == [0, 0]
        assert apart(store.clean("/repo", "rules")) == every
        assert [store.outcome("/repo", "rules", name) for name in (b"a", b"b")].count(None) == 1

    def test_a_scan_that_is_killed_at_any_moment_leaves_what_it_had_stored(self, store: Memory, start: Start) -> None:
        code = """
store = Memory(sys.argv[1])
for number in range(int(sys.argv[2]), 100000):
    store.remember("/repo", "rules", made(number, 2000), 20)
    print(number, flush=True)
"""
        chance, stored, tried = random.Random(3), set[bytes](), set[bytes]()
        following = 0
        for _ in range(25):
            scan = start(code, following)
            assert scan.stdout
            scan.stdout.readline()
            time.sleep(chance.random() * 0.05)
            scan.kill()
            last = following + scan.stdout.read().count("\n")
            scan.wait()
            for number in range(following, last + 1):
                stored |= apart(made(number, 2000))
            tried |= stored | apart(made(last + 1, 2000))

            known = apart(store.clean("/repo", "rules"))
            assert not store.trouble
            assert stored <= known <= tried
            following = last + 1

    @POSIX
    def test_a_scan_that_is_killed_half_way_through_writing_has_stored_nothing(
        self, store: Memory, start: Start
    ) -> None:
        store.remember("/repo", "rules", made("before", 1000), 20)
        code = """
rows.evict = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Memory(sys.argv[1]).remember("/repo", "rules", made("never", 200000), 20)
"""
        assert start(code).wait(60) == -signal.SIGKILL
        assert Path(store.file + "-journal").stat().st_size > 0

        assert store.clean("/repo", "rules") == made("before", 1000)
        store.remember("/repo", "rules", made("after", 1000), 20)
        assert apart(store.clean("/repo", "rules")) == apart(made("before", 1000) + made("after", 1000))

    @pytest.mark.parametrize("content", [b"", b"nonsense"])
    def test_scans_that_find_no_file_or_a_damaged_one_at_once_make_one(
        self, store: Memory, folder: Path, start: Start, content: bytes
    ) -> None:
        code = """
sys.stdin.readline()
Memory(sys.argv[1]).remember("/repo", "rules", made(sys.argv[2]), 20)
"""
        folder.mkdir(mode=0o700)
        Path(store.file).write_bytes(content)
        Path(store.file).chmod(0o600)
        scans = [start(code, number) for number in range(4)]
        for scan in scans:
            assert scan.stdin
            scan.stdin.write("go\n")
            scan.stdin.flush()
        for scan in scans:
            assert scan.wait(60) == 0

        known = apart(store.clean("/repo", "rules"))
        assert known <= {oid for number in range(4) for oid in apart(made(number))}
        store.remember("/repo", "rules", made("more"), 20)
        assert apart(store.clean("/repo", "rules")) == known | apart(made("more"))

    def test_a_long_lock_costs_what_is_remembered_and_no_more(
        self, store: Memory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "PATIENCE", 0.1)
        store.remember("/repo", "rules", made(1), 20)
        with opened(store) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert store.clean("/repo", "rules") == b""
            assert "locked" in store.trouble
            store.remember("/repo", "rules", made(2), 20)
            assert "locked" in store.trouble
            assert store.clear() == []

        assert store.clean("/repo", "rules") == made(1)
        assert store.trouble == ""

    def test_a_short_lock_is_waited_for(self, store: Memory) -> None:
        store.remember("/repo", "rules", made(1), 20)
        with closing(sqlite3.connect(store.file, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN EXCLUSIVE")
            ending = threading.Timer(0.2, other.execute, ["COMMIT"])
            ending.start()
            assert store.clean("/repo", "rules") == made(1)
            ending.join()

    @POSIX
    def test_a_full_disk_costs_only_what_is_new(self, store: Memory, start: Start) -> None:
        store.remember("/repo", "rules", made(1), 20)
        code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))
store = Memory(sys.argv[1])
store.remember("/repo", "rules", made(2, 100000), 20)
print(store.trouble)
"""
        out, _ = start(code).communicate(timeout=60)
        assert store.file in out

        assert store.clean("/repo", "rules") == made(1)
