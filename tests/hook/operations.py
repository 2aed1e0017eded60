"""What people do with git that makes commits, by the name that it has in docs/hooks.md."""

from __future__ import annotations

from collections.abc import Callable

from world import CLEAN, Ran, World

Operation = Callable[[World, str, str], Ran]
"""Parameters: where; the text of b.py; the message."""


def commit(world: World, text: str, message: str) -> Ran:
    world.write("b.py", text)
    return world.git("commit", "-m", message)


def commit_all(world: World, text: str, message: str) -> Ran:
    world.put("b.py", CLEAN)
    (world.repo / "b.py").write_text(text + "\n", "utf-8")
    return world.git("commit", "-a", "-m", message)


def commit_file(world: World, text: str, message: str) -> Ran:
    world.put("b.py", CLEAN)
    world.write("c.py", CLEAN)
    (world.repo / "b.py").write_text(text + "\n", "utf-8")
    return world.git("commit", "-m", message, "b.py")


def amend(world: World, text: str, message: str) -> Ran:
    world.put("b.py", CLEAN)
    world.write("b.py", text)
    return world.git("commit", "--amend", "-m", message)


def message_of_file(world: World, text: str, message: str) -> Ran:
    world.write("b.py", text)
    (world.folder / "message").write_text(message, "utf-8")
    return world.git("commit", "-F", world.folder / "message")


def in_editor(world: World, text: str, message: str) -> Ran:
    world.write("b.py", text)
    return world.git("commit", env=world.editor(message))


def verbose(world: World, text: str, message: str) -> Ran:
    world.write("b.py", text)
    return world.git("commit", "--verbose", env=world.editor(message))


def no_verify(world: World, text: str, message: str) -> Ran:
    world.write("b.py", text)
    return world.git("commit", "--no-verify", "-m", message)


def stash(world: World, text: str, message: str) -> Ran:
    world.write("b.py", text)
    assert world.git("stash").door == ""
    assert world.git("stash", "pop", "--index").code == 0
    return world.git("commit", "-m", message)


def _side(world: World, text: str, message: str = "theirs") -> None:
    """Make a branch that somebody without hooks has made, and one more commit on main."""
    world.quietly("switch", "-q", "-c", "side")
    world.put("b.py", text, message)
    world.quietly("switch", "-q", "main")
    world.put("c.py", CLEAN, "ours")


def fast_forward(world: World, text: str, message: str) -> Ran:
    world.quietly("switch", "-q", "-c", "side")
    world.put("b.py", text, message)
    world.quietly("switch", "-q", "main")
    return world.git("merge", "side")


def merge(world: World, text: str, message: str) -> Ran:
    _side(world, text)
    return world.git("merge", "--no-ff", "-m", message, "side")


def octopus(world: World, text: str, message: str) -> Ran:
    _side(world, text)
    world.quietly("switch", "-q", "-c", "other", "main~1")
    world.put("d.py", CLEAN)
    world.quietly("switch", "-q", "main")
    return world.git("merge", "-m", message, "side", "other")


def resolved(world: World, text: str, message: str) -> Ran:
    _conflict(world, text)
    assert world.git("merge", "side").code == 1
    world.write("b.py", text)
    return world.git("commit", "-m", message)


def _conflict(world: World, text: str, message: str = "theirs") -> None:
    _side(world, text, message)
    world.put("b.py", "x = 1\n", "in the way")


def squash(world: World, text: str, message: str) -> Ran:
    _side(world, text, message)
    assert world.git("merge", "--squash", "side").code == 0
    return world.git("commit", "--no-edit")


def rebase(world: World, text: str, message: str) -> Ran:
    _side(world, text, message)
    world.quietly("switch", "-q", "side")
    return world.git("rebase", "main")


def _interactive(world: World, command: str, todo: str, typed: str) -> Ran:
    world.quietly("switch", "-q", "side")
    env = world.editor(typed) | {"GIT_SEQUENCE_EDITOR": f"sed -i.kept -e '{todo}'"}
    return world.git("rebase", "-i", *command.split(), env=env)


def reword(world: World, text: str, message: str) -> Ran:
    _side(world, text)
    return _interactive(world, "main", "1s/^pick/reword/", message)


def squash_in_rebase(world: World, text: str, message: str) -> Ran:
    _side(world, text)
    world.quietly("switch", "-q", "side")
    world.put("d.py", CLEAN, "more")
    return _interactive(world, "main", "2s/^pick/squash/", message)


def autosquash(world: World, text: str, message: str) -> Ran:
    _side(world, CLEAN, message)
    world.quietly("switch", "-q", "side")
    world.write("b.py", text + "\n")
    world.quietly("commit", "-q", "--fixup=HEAD")
    return _interactive(world, "--autosquash main", "", "never asked for")


def rebase_resolved(world: World, text: str, message: str) -> Ran:
    _conflict(world, text, message)
    world.quietly("switch", "-q", "side")
    assert world.git("rebase", "main").code == 1
    world.write("b.py", text)
    return world.git("rebase", "--continue", env={"GIT_EDITOR": "true"})


def edit_in_rebase(world: World, text: str, message: str) -> Ran:
    _side(world, CLEAN)
    assert _interactive(world, "main", "1s/^pick/edit/", "").code == 0
    world.write("b.py", text + "\n")
    done = world.git("commit", "--amend", "-m", message)
    return done if done.code else world.git("rebase", "--continue")


def cherry_pick(world: World, text: str, message: str) -> Ran:
    _side(world, text, message)
    return world.git("cherry-pick", "side")


def cherry_pick_edit(world: World, text: str, message: str) -> Ran:
    _side(world, text)
    return world.git("cherry-pick", "--edit", "side", env=world.editor(message))


def cherry_pick_without_commit(world: World, text: str, message: str) -> Ran:
    _side(world, text)
    assert world.git("cherry-pick", "--no-commit", "side").code == 0
    return world.git("commit", "-m", message)


def cherry_pick_resolved(world: World, text: str, message: str) -> Ran:
    _conflict(world, text, message)
    assert world.git("cherry-pick", "side").code == 1
    world.write("b.py", text)
    return world.git("cherry-pick", "--continue", env={"GIT_EDITOR": "true"})


def revert(world: World, text: str, message: str) -> Ran:
    """A revert of the commit that took the text out brings it back; its message quotes the other's first line."""
    world.put("b.py", text)
    world.quietly("rm", "-q", "b.py")
    world.quietly("commit", "-q", "-m", message)
    return world.git("revert", "--no-edit", "HEAD")


def am(world: World, text: str, message: str) -> Ran:
    _side(world, text, message)
    world.quietly("format-patch", "-q", "-o", world.folder / "mail", "-1", "side")
    (patch,) = (world.folder / "mail").iterdir()
    return world.git("am", patch)


def linked_worktree(world: World, text: str, message: str) -> Ran:
    world.quietly("worktree", "add", "-q", "-b", "side", world.folder / "tree")
    world.here = world.folder / "tree"
    return commit(world, text, message)


def submodule(world: World, text: str, message: str) -> Ran:
    world.quietly("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", world.server.as_uri(), "sub")
    world.here = world.repo / "sub"
    world.tightlip("install")
    return commit(world, text, message)


OPERATIONS: dict[str, Operation] = {
    "`git commit -m`": commit,
    "`git commit -F FILE`": message_of_file,
    "`git commit`, in an editor": in_editor,
    "`git commit --verbose`": verbose,
    "`git commit -a`": commit_all,
    "`git commit FILE`": commit_file,
    "`git commit --amend`": amend,
    "`git commit --no-verify`": no_verify,
    "`git commit` in a linked working tree": linked_worktree,
    "`git commit` in a submodule that has the hooks": submodule,
    "`git stash pop`, then `git commit`": stash,
    "`git merge`, fast-forward": fast_forward,
    "`git merge --no-ff`": merge,
    "`git merge` of several branches": octopus,
    "`git merge` with a conflict, then `git commit`": resolved,
    "`git merge --squash`, then `git commit`": squash,
    "`git rebase`": rebase,
    "`git rebase` with a conflict, then `--continue`": rebase_resolved,
    "`git rebase -i`, `reword`": reword,
    "`git rebase -i`, `squash`": squash_in_rebase,
    "`git rebase -i`, `edit`, then `git commit --amend`": edit_in_rebase,
    "`git rebase -i --autosquash`": autosquash,
    "`git cherry-pick`": cherry_pick,
    "`git cherry-pick --edit`": cherry_pick_edit,
    "`git cherry-pick --no-commit`, then `git commit`": cherry_pick_without_commit,
    "`git cherry-pick` with a conflict, then `--continue`": cherry_pick_resolved,
    "`git revert`": revert,
    "`git am`": am,
}
