"""Histories by chance: files that grow, change, move and go, in commits that branch and merge, packed in every way."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st
from secrets_made_up import hidden, key, pair, password, prose, token
from streams import Git, Stream, new

PATHS = ("a.txt", "b", "d/a.txt", "d/e/c.txt", "e/a.txt", ".npmrc", "x y.txt")


class Step(NamedTuple):
    """A commit: of its parents, counted back from it, what it does to files."""

    parents: tuple[int, ...]
    edits: tuple[tuple[str, str, int], ...]
    """A path, what happens there, and a number by which it happens."""
    when: int


class Story(NamedTuple):
    """A history, and how it is stored."""

    steps: tuple[Step, ...]
    refs: tuple[int, ...]
    """Which commits have a branch; the others may be lost."""
    depth: int
    window: int
    repacked: bool
    loose: bool
    """Whether the later half comes as loose objects."""


_EDITS = (
    "line",
    "line",
    "line",
    "token",
    "token",
    "password",
    "pair",
    "key",
    "hidden",
    "hidden",
    "cut",
    "gone",
    "move",
    "utf-16",
    "named",
)
_EDIT = st.tuples(st.sampled_from(PATHS), st.sampled_from(_EDITS), st.integers(0, 30))


@st.composite
def _steps(draw: st.DrawFn) -> tuple[Step, ...]:
    found = []
    for number in range(draw(st.integers(1, 9))):
        many = draw(st.sampled_from([0, 1, 1, 1, 1, 2, 2, 3])) if number else 0
        parents = (
            draw(st.lists(st.integers(1, min(number, 4)), min_size=min(many, number, 4), max_size=many, unique=True))
            if many
            else []
        )
        edits = draw(st.lists(_EDIT, max_size=3))
        found.append(Step(tuple(parents), tuple(edits), draw(st.sampled_from([0, 0, 0, -1000, 1000, -1_700_000_000]))))
    return tuple(found)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    steps = draw(_steps())
    some = draw(st.sets(st.integers(1, len(steps)), max_size=3))
    return Story(
        steps,
        tuple(sorted(some)),
        draw(st.sampled_from([1, 2, 50])),
        draw(st.sampled_from([0, 2, 50])),
        draw(st.booleans()),
        draw(st.booleans()),
    )


def written(story: Story, where: Path) -> Path:
    """Write the history into a new repository."""
    run = new(where / "r")
    half = len(story.steps) // 2 if story.loose else len(story.steps)
    stream = Stream()
    trees: list[dict[str, bytes]] = [{}]
    for number, step in enumerate(story.steps, start=1):
        parents = [number - back for back in step.parents]
        before = trees[parents[0]] if parents else {}
        after = _edited(before, step, number)
        trees.append(after)
        files: dict[str, str | bytes | None] = {path: None for path in before if path not in after}
        files |= {path: content for path, content in after.items() if before.get(path) != content}
        stream.commit(files, parents, message=f"commit {number}", when=1_700_000_000 + 60 * number + step.when)
        if number == half and story.loose:
            stream.take_in(run, refs={f"refs/heads/c{n}": n for n in range(1, half + 1)})
            _repack(story, run)
    names = {f"refs/heads/b{number}": number for number in story.refs} | {"refs/heads/main": len(story.steps)}
    stream.take_in(run, refs=names, packed=not story.loose)
    if not story.loose:
        _repack(story, run)
    return where / "r"


def _repack(story: Story, run: Git) -> None:
    if story.repacked:
        run("repack", "-adfq", f"--depth={story.depth}", f"--window={story.window}", "--keep-unreachable")


def _edited(before: dict[str, bytes], step: Step, number: int) -> dict[str, bytes]:
    after = dict(before)
    for path, what, chance in step.edits:
        content = after.get(path, "".join(prose(line) for line in range(chance, chance + 40)).encode())
        lines = content.split(b"\n")
        at = chance * len(lines) // 31
        new_ = {
            "token": token(chance % 5),
            "password": password(chance % 5),
            "pair": pair(chance % 5),
            "key": key(chance % 3),
            "hidden": hidden(chance),
        }
        if what == "gone":
            after.pop(path, None)
        elif what == "move":
            after[f"moved/{chance % 3}.txt"] = after.pop(path, content)
        elif what == "cut":
            after[path] = b"\n".join(lines[at:])
        elif what == "utf-16":
            after[path] = content.decode("utf-8", "replace").encode("utf-16")
        elif what == "named":
            after[f"{token(chance % 5)}.txt"] = content
        else:
            after[path] = b"\n".join([*lines[:at], new_.get(what, f"changed in {number}").encode(), *lines[at:]])
    return after
