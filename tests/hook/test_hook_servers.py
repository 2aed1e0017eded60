"""A server's hook, reached by every way that git has, and on repositories of every form."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pushes import PUSHES, several
from pushing import install
from transports import WAYS, Way, by_http
from world import CLEAN, SECRET, TOKEN, Ran, World, copied, made, programs

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs scripts that the system runs")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> World:
    folder = tmp_path_factory.mktemp("servers")
    world = made(folder / "world", programs(folder / "bin"), cache)
    world.tightlip("install", "--server", world.server)
    world.tightlip("uninstall")
    return world


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    """One whose server alone has a hook."""
    return copied(template, tmp_path / "world")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, world: World) -> Iterator[Way]:
    with WAYS[request.param](world) as way:
        world.quietly("remote", "set-url", "origin", way.address)
        world.env |= way.env
        yield way


def set_up(world: World, *options: str, program: str | Path = "") -> None:
    """Give the server's hook options, or another program to run."""
    install(world.server, "pre-receive", [str(program or world.programs / "tightlip-hook")], *options)


def log(world: World) -> list[dict[str, str]]:
    path = world.server / "tightlip.log"
    return [json.loads(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def refs(world: World) -> str:
    return world.quietly("for-each-ref", where=world.server)


def is_refused(done: Ran) -> bool:
    return done.code == 1 and "tightlip stopped this push" in done.text and "pre-receive hook declined" in done.text


def test_a_secret_is_refused_and_told_whole_and_a_clean_push_passes(world: World, way: Way) -> None:
    before = (world.objects(), refs(world))
    world.put("b.py", SECRET)
    refused = world.git("push", "origin", "main")
    after = (world.objects(), refs(world))
    world.quietly("reset", "-q", "--hard", "HEAD~1")
    world.put("b.py", CLEAN)
    passed = world.git("push", "-q", "origin", "main")

    assert is_refused(refused), refused.text
    told = [line.removeprefix("remote:").strip() for line in refused.text.splitlines() if line.startswith("remote:")]
    assert told[0] == "✖ tightlip stopped this push: 1 secret"
    assert told[1:5][1:3] == ["● CRITICAL  GitHub personal access token (classic)  #1 github-pat-classic", "b.py:1:10"]
    assert f"value        {TOKEN[:4]}******** (40 characters)" in told
    assert told[-1] == "value all the same."
    assert "\x1b" not in "".join(told)
    assert after == before
    assert (passed.code, passed.text) == (0, "")
    assert world.quietly("rev-parse", "main", where=world.server) == world.quietly("rev-parse", "main")


def test_a_push_that_skips_is_written_down_with_its_reason(world: World, way: Way) -> None:
    set_up(world, "--allow-skip")
    world.put("b.py", SECRET)

    passed = world.git("push", "-o", "tightlip.skip=demo data", "origin", "main")

    assert passed.code == 0, passed.text
    assert "remote: tightlip: this push goes past the scan as you asked" in passed.text
    (line,) = log(world)
    assert (line["outcome"], line["reason"]) == ("skipped", "demo data")
    assert line["findings"] == ["github-pat-classic at b.py:1:10"]


def test_a_body_in_chunks_is_the_same(world: World) -> None:
    with by_http(world) as way:
        world.quietly("config", "http.postBuffer", "1000")
        noise = "".join(f"{number * 7919 % 10007}\n" for number in range(20000))
        world.put("noise.txt", noise)
        passed = world.git("push", "-q", way.address, "main", env=way.env)
        world.put("more.txt", SECRET + noise[::-1])
        refused = world.git("push", way.address, "main", env=way.env)

    assert "chunked" in way.bodies
    assert passed.code == 0, passed.text
    assert is_refused(refused), refused.text
    assert "remote:   more.txt:1:10" in refused.text


@pytest.mark.parametrize("limit", ["1", "1000"], ids=["a pack", "loose objects"])
def test_nothing_of_a_refused_push_stays(limit: str, world: World) -> None:
    world.quietly("config", "receive.unpackLimit", limit, where=world.server)
    before = (world.objects(), refs(world))

    refused = several(world, secret=True)

    assert is_refused(refused), refused.text
    assert (world.objects(), refs(world)) == before
    assert not list((world.server / "objects").glob("tmp_objdir*"))


def test_many_refs_are_one_push(world: World) -> None:
    names = [f"refs/heads/branch-{number}" for number in range(300)]
    commits = "".join(
        f"commit {name}\ncommitter A <a@example.org> 1767225600 +0000\ndata 6\nchange\nfrom refs/heads/main\n"
        f"M 644 inline {os.path.basename(name)}.txt\ndata 5\ntext\n\n"
        for name in names
    )
    done = subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=world.repo, env=world.env, input=commits, text=True, check=False
    )
    assert done.returncode == 0
    world.quietly("switch", "-q", "-c", "z")
    world.put("z.py", SECRET)

    refused = world.git("push", "origin", "refs/heads/*:refs/heads/*")
    passed = world.git("push", "-q", "origin", "refs/heads/branch-*:refs/heads/branch-*")

    assert is_refused(refused), refused.text
    assert "remote:   z.py:1:10" in refused.text
    assert passed.code == 0, passed.text
    assert refs(world).count("\n") == len(names)
    assert len(log(world)[0]["refs"]) == 100


def test_what_takes_too_long_is_refused_told_and_leaves_nothing(world: World, way: Way) -> None:
    slow = world.folder / "slow"
    slow.mkdir()
    waits = '#!/bin/sh\nfor it; do [ "$it" = rev-list ] && sleep 5; done\nPATH=${PATH#*:} exec git "$@"\n'
    (slow / "git").write_text(waits, "utf-8")
    (slow / "hook").write_text(f'#!/bin/sh\nPATH="{slow}:$PATH" exec "{world.programs}/tightlip-hook" "$@"\n', "utf-8")
    for path in slow.iterdir():
        path.chmod(0o755)
    set_up(world, "--timeout", "1", program=slow / "hook")
    before = (world.objects(), refs(world))
    world.put("b.py", CLEAN)

    done = world.git("push", "origin", "main")

    assert done.code == 1
    assert "remote: tightlip stopped this push: it could not be scanned within 1 seconds" in done.text
    assert (world.objects(), refs(world)) == before


def test_a_hook_that_cannot_run_refuses(world: World) -> None:
    (world.server / "hooks" / "pre-receive").write_text("#!/bin/sh\nexec /nowhere/tightlip-hook pre-receive\n")
    world.put("b.py", CLEAN)

    assert world.git("push", "origin", "main").code == 1


@pytest.mark.parametrize("how", [["--depth=1"], ["--filter=blob:none"]], ids=["shallow", "partial"])
@pytest.mark.parametrize("hook", ["pre-push", "pre-receive"])
def test_a_clone_that_has_not_got_all_is_scanned(how: list[str], hook: str, world: World) -> None:
    world.put("a.py", CLEAN + "# more\n")
    world.put("c.py", CLEAN)
    world.quietly("push", "-q", "origin", "main")
    world.quietly("config", "uploadpack.allowFilter", "true", where=world.server)
    world.here = world.folder / "clone"
    world.quietly("clone", "-q", *how, world.server.as_uri(), world.here, where=world.folder)
    if hook == "pre-push":
        world.tightlip("install")
    world.put("a.py", CLEAN + "# more than that\n")
    passed = world.git("push", "origin", "main")
    world.put("a.py", SECRET)

    refused = world.git("push", "origin", "main")

    assert passed.code == 0, passed.text
    assert (refused.code, refused.door) == (1, hook), refused.text
    assert "a.py:1:10" in refused.text


def test_a_shallow_history_that_the_server_takes_in_is_scanned(world: World) -> None:
    world.put("b.py", CLEAN)
    world.put("b.py", SECRET)
    world.quietly("config", "receive.shallowUpdate", "true", where=world.server)
    clone = world.folder / "clone"
    world.quietly("clone", "-q", "--depth=1", world.repo.as_uri(), clone, where=world.folder)
    world.quietly("update-ref", "-d", "refs/heads/main", where=world.server)
    world.here = clone

    refused = world.git("push", world.server.as_uri(), "main")
    world.put("b.py", CLEAN)
    world.quietly("switch", "-q", "--orphan", "clean")
    world.put("b.py", CLEAN)
    passed = world.git("push", "-q", world.server.as_uri(), "clean")

    assert is_refused(refused), refused.text
    assert passed.code == 0, passed.text


def test_a_server_that_denies_other_history_says_so_of_what_is_clean(world: World) -> None:
    world.quietly("config", "receive.denyNonFastForwards", "true", where=world.server)
    before = refs(world)

    refused = PUSHES["`--force`"](world, secret=True)
    denied = world.git("push", "--force", "origin", "main~1:main")

    assert is_refused(refused), refused.text
    assert (denied.code, denied.door) == (1, ""), denied.text
    assert "denying non-fast-forward" in denied.text
    assert refs(world) != before  # what came before the history was written anew


def test_the_first_push_to_a_server_passes_or_is_refused_from_its_root(world: World) -> None:
    world.quietly("update-ref", "-d", "refs/heads/main", where=world.server)
    passed = world.git("push", "-q", "origin", "main")
    world.quietly("update-ref", "-d", "refs/heads/main", where=world.server)
    world.put("a.py", SECRET)
    world.put("a.py", CLEAN)

    assert passed.code == 0, passed.text
    assert is_refused(world.git("push", "origin", "main"))


def test_a_fork_that_borrows_objects_is_scanned_for_what_none_of_its_own_refs_reaches(world: World) -> None:
    fork = world.folder / "fork.git"
    world.quietly("clone", "-q", "--bare", "--shared", world.server, fork, where=world.folder)
    world.tightlip("install", "--server", fork)
    world.put("b.py", CLEAN)
    passed = world.git("push", "-q", fork.as_uri(), "main")
    world.put("c.py", SECRET)
    (world.server / "hooks" / "pre-receive").unlink()
    world.quietly("push", "-q", "origin", "main")  # from here on the fork could borrow it

    refused = world.git("push", fork.as_uri(), "main")

    assert passed.code == 0, passed.text
    assert is_refused(refused), refused.text
    assert "c.py:1:10" in refused.text


def test_pushes_at_the_same_time_do_not_mix(world: World, tmp_path: Path) -> None:
    several(world, secret=True)
    (world.server / "tightlip.log").unlink()
    names = ("one", "two", "three", "two:four")
    running = [
        subprocess.Popen(
            ["git", "push", "origin", name],
            cwd=world.repo,
            env=world.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for name in names
    ]

    told = [pushed.communicate(timeout=60)[0] for pushed in running]

    assert [pushed.returncode for pushed in running] == [0, 1, 0, 1], told
    assert ["two.py:1:10" in text for text in told] == [False, True, False, True]
    assert [line["outcome"] for line in log(world)] == ["refused", "refused"]
    assert {line.split()[-1] for line in refs(world).splitlines()} == {
        "refs/heads/main",
        "refs/heads/one",
        "refs/heads/three",
    }
