"""The message of a commit, as it will be kept: without comments, and without what stands below the scissors."""

from __future__ import annotations

import os
import sys

from tightlip.errors import UsageError
from tightlip.hooks import CLEAN, FINDINGS, INCOMPLETE, Options, asking, left, policy_of, scanner_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.git.plumbing import Git

_BROUGHT = ("merge", "squash")
"""Where a message is from that git wrote out of others', as it tells prepare-commit-msg."""
_SETTINGS = r"^(core\.comment(char|string)|commit\.cleanup)$"
_SCISSORS = b" ------------------------ >8 ------------------------\n"
_MARKS = b"#;@!$%^&|:"
"""What git chooses from where core.commentChar is `auto`."""
_KEEPING = (b"verbatim", b"whitespace", b"scissors")
_NO_EDITOR = ":"
"""What git has GIT_EDITOR be where nobody has edited the message."""
_WRITTEN, _PREPARED = "commit-msg", "prepare-commit-msg"
_NEXT = {
    _WRITTEN: (
        "Nothing is committed yet. Write the message without the value, and commit again.",
        "The message that was stopped is kept in {file}: delete it there, too.",
    ),
    _PREPARED: (
        "Nothing is committed yet. The message is made of those of the commits that come in: they hold the value.",
        "Commit with one of your own, which this hook does not look at: git commit -m MESSAGE.",
        "Other places may hold it as well: {file}, and the commits that it comes from.",
    ),
}
_SKIP = "git commit --no-verify would skip this check and commit the message as it stands."
"""Of the written message; git asks about a prepared one all the same."""


def run(hook: str, arguments: Sequence[str]) -> int:
    """Stop the commit, or let it pass, and return the exit code. Raises `UsageError`."""
    options = Options(arguments)
    if any(argument.startswith("-") for argument in arguments):
        from tightlip.gates.arguments import of_message

        options = of_message(arguments, hook)
    if not options.names:
        raise UsageError(f"{hook}: name the file with the message; git does, as the first argument")
    file, *more = options.names
    if hook == _PREPARED:
        source = more[0] if more else os.environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE")
        if source not in _BROUGHT:
            return CLEAN
    return _scan(hook, file, options)


def _scan(hook: str, file: str, options: Options) -> int:
    from tightlip.git.plumbing import Git
    from tightlip.model import Blob
    from tightlip.tally import Tally

    try:
        with open(file, "rb") as lines:
            text = lines.read()
    except OSError as error:
        raise UsageError(f"{file}: the message cannot be read: {error.strerror}") from None
    git = Git()
    policy = policy_of(git, options)
    tally = Tally(asking(scanner_of(options, policy), policy))
    tally.scan(Blob(kept(git, text, edited=os.environ.get("GIT_EDITOR") != _NO_EDITOR), b"", "", "commit"))
    if not tally.found and not tally.unscanned:
        return CLEAN
    report = left(tally.report("text", file), tally.scanner, git, options, policy)
    if not report.findings and not report.unscanned:
        sys.stderr.writelines(f"tightlip: note: {note}\n" for note in report.notes)
        return CLEAN
    from tightlip.gates.told import Advice, tell
    from tightlip.report.visible import visible

    steps = tuple(step.replace("{file}", visible(file)) for step in _NEXT[hook])
    tell(report, Advice("commit", steps, _SKIP if hook == _WRITTEN else ""), sys.stderr)
    return FINDINGS if report.findings else INCOMPLETE


def kept(git: Git, text: bytes, *, edited: bool) -> bytes:
    """Return what git will keep of a message, as far as a hook can know: `git commit --cleanup` is not told to it.

    Parameters: `edited`, whether a person has had it in an editor. Git takes comments out by itself only then.
    """
    settings = git.run("config", "-z", "--get-regexp", _SETTINGS, fine=(1,)).split(b"\0")[:-1]
    mark, cleanup = b"#", b"default"
    for name, _, value in (setting.partition(b"\n") for setting in settings):
        if name == b"commit.cleanup":
            cleanup = value
        else:
            mark = value or b"#"
    marks = [bytes((byte,)) for byte in _MARKS] if mark == b"auto" else [mark]
    if edited:
        text = _above_scissors(text, marks)
    if cleanup != b"strip" and (not edited or cleanup in _KEEPING):
        return text
    if mark == b"auto":
        return _without_last_comment(text, marks)
    return b"\n".join(line for line in text.split(b"\n") if not line.startswith(mark))


def _above_scissors(text: bytes, marks: Sequence[bytes]) -> bytes:
    lines = b"\n" + text
    found = [at for mark in marks if (at := lines.find(b"\n" + mark + _SCISSORS)) >= 0]
    return text[: min(found)] if found else text


def _without_last_comment(text: bytes, marks: Sequence[bytes]) -> bytes:
    """Return a message without the lines at its end that begin alike: the mark that git chose is told nowhere."""
    lines = text.split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    mark = next((mark for mark in marks if lines and lines[-1].startswith(mark)), None)
    while mark and lines and lines[-1].startswith(mark):
        lines.pop()
    return b"\n".join(lines)
