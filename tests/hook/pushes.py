"""What people push, by the name that it has in docs/hooks.md."""

from __future__ import annotations

from collections.abc import Callable

from world import CLEAN, NO_HOOKS, SECRET, TOKEN, Ran, World

Push = Callable[..., Ran]
"""Parameters: where; whether a secret is in it; more options of git push."""


def _text(*, secret: bool) -> str:
    return SECRET if secret else CLEAN


def there(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", _text(secret=secret))
    world.put("b.py", CLEAN + "\n")
    return world.git("push", *more, "origin", "main")


def new(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", _text(secret=secret))
    return world.git("push", *more, "origin", "main:new")


def _three(world: World, *, secret: bool) -> None:
    for name, text in (("one", CLEAN), ("two", _text(secret=secret)), ("three", CLEAN)):
        world.quietly("switch", "-q", "-c", name, "main")
        world.put(f"{name}.py", text)


def several(world: World, *more: str, secret: bool) -> Ran:
    _three(world, secret=secret)
    return world.git("push", *more, "origin", "one", "two", "three")


def every(world: World, *more: str, secret: bool) -> Ran:
    _three(world, secret=secret)
    return world.git("push", *more, "--all", "origin")


def atomic(world: World, *more: str, secret: bool) -> Ran:
    _three(world, secret=secret)
    return world.git("push", *more, "--atomic", "origin", "one", "two", "three")


def mirror(world: World, *more: str, secret: bool) -> Ran:
    _three(world, secret=secret)
    return world.git("push", *more, "--mirror", "origin")


def pattern(world: World, *more: str, secret: bool) -> Ran:
    _three(world, secret=secret)
    return world.git("push", *more, "origin", "refs/heads/*:refs/heads/theirs/*")


def forced(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", CLEAN)
    world.quietly("push", "-q", "origin", "main")
    world.quietly("reset", "-q", "--hard", "HEAD~1")
    world.put("b.py", _text(secret=secret), "another")
    return world.git("push", *more, "--force", "origin", "main")


def root(world: World, *more: str, secret: bool) -> Ran:
    world.quietly("switch", "-q", "--orphan", "alone")
    world.put("b.py", _text(secret=secret))
    return world.git("push", *more, "origin", "alone")


def light_tag(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", _text(secret=secret))
    world.quietly("tag", "v1")
    return world.git("push", *more, "origin", "v1")


def _message(*, secret: bool) -> str:
    return f"deployed with {TOKEN}" if secret else "deployed"


def annotated_tag(world: World, *more: str, secret: bool) -> Ran:
    world.quietly("tag", "-a", "-m", _message(secret=secret), "v1")
    return world.git("push", *more, "origin", "v1")


def tag_of_a_tag(world: World, *more: str, secret: bool) -> Ran:
    world.quietly("tag", "-a", "-m", _message(secret=secret), "inner")
    world.quietly("tag", "-a", "-m", "outer", "outer", "inner")
    return world.git("push", *more, "origin", "outer")


def tag_of_a_file(world: World, *more: str, secret: bool) -> Ran:
    world.write("b.py", _text(secret=secret) + "\n")
    world.quietly("tag", "file", world.quietly("rev-parse", ":b.py"))
    return world.git("push", *more, "origin", "file")


def tag_of_a_folder(world: World, *more: str, secret: bool) -> Ran:
    world.write("b.py", _text(secret=secret))
    world.quietly("tag", "folder", world.quietly("write-tree"))
    return world.git("push", *more, "origin", "folder")


def tags(world: World, *more: str, secret: bool) -> Ran:
    world.quietly("tag", "-a", "-m", "fine", "v0")
    world.quietly("tag", "-a", "-m", _message(secret=secret), "v1")
    return world.git("push", *more, "--tags", "origin")


def following(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", CLEAN)
    world.quietly("tag", "-a", "-m", _message(secret=secret), "v1")
    return world.git("push", *more, "--follow-tags", "origin", "main")


def notes(world: World, *more: str, secret: bool) -> Ran:
    world.quietly("notes", "add", "-m", _message(secret=secret))
    return world.git("push", *more, "origin", "refs/notes/*")


def message(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", CLEAN, _message(secret=secret))
    return world.git("push", *more, "origin", "main")


def name(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", CLEAN)
    return world.git("push", *more, "origin", f"main:{TOKEN if secret else 'x'}")


def by_address(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", _text(secret=secret))
    return world.git("push", *more, world.server.as_uri(), "main")


def never_seen(world: World, *more: str, secret: bool) -> Ran:
    """What another remote has is no news to that one only."""
    world.put("b.py", _text(secret=secret))
    world.quietly("update-ref", "refs/remotes/origin/main", "main")
    world.quietly("update-ref", "-d", "refs/heads/main", where=world.server)
    world.quietly("remote", "add", "second", world.server.as_uri())
    return world.git("push", *more, "second", "main")


def past_the_hook(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", _text(secret=secret))
    return world.git("push", *more, "--no-verify", "origin", "main")


def without_hooks(world: World, *more: str, secret: bool) -> Ran:
    world.put("b.py", _text(secret=secret))
    return world.git(*NO_HOOKS, "push", *more, "origin", "main")


PUSHES: dict[str, Push] = {
    "a branch that is there": there,
    "a new branch": new,
    "a branch with a root commit of its own": root,
    "several branches": several,
    "`--all`": every,
    "`--atomic`": atomic,
    "`--mirror`": mirror,
    "`refs/heads/*:refs/heads/theirs/*`": pattern,
    "`--force`": forced,
    "a commit's message": message,
    "the name of a branch": name,
    "a tag": light_tag,
    "an annotated tag": annotated_tag,
    "a tag of a tag": tag_of_a_tag,
    "a tag of a file": tag_of_a_file,
    "a tag of a folder": tag_of_a_folder,
    "`--tags`": tags,
    "`--follow-tags`": following,
    "notes": notes,
    "to an address": by_address,
    "to a remote that is empty": never_seen,
    "`--no-verify`": past_the_hook,
    "`git -c core.hooksPath=…`": without_hooks,
}
