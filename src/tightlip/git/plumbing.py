"""Every call of git, hardened: nothing that a repository holds or configures runs a program or changes an answer.

The hook loads this on every commit, so it imports next to nothing.
"""

from __future__ import annotations

import os

from tightlip.git.process import NOTHING, PIPE, Process, scratch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tightlip.errors import GitError

LOCAL = frozenset(
    {
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE"),
        *("GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NO_REPLACE_OBJECTS"),
        *("GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE"),
        *("GIT_WORK_TREE", "GIT_NAMESPACE"),
    }
)
"""Variables that tie git to one repository (`git rev-parse --local-env-vars`), and must not follow it into another.

Not GIT_CONFIG_PARAMETERS and GIT_CONFIG_COUNT: those are the user's own word (`git -c`, or safe.directory in a
container), which git itself passes on to another repository too.
"""

_MEDDLING = frozenset(
    {
        *("GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_FLUSH", "GIT_INTERNAL_SUPER_PREFIX", "GIT_REPLACE_REF_BASE"),
        *("GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_LITERAL_PATHSPECS", "GIT_NOGLOB_PATHSPECS"),
    }
)

_SETTINGS = {
    "GIT_ALLOW_PROTOCOL": "!",  # no protocol has that name, and no alias can
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_CONFIG = {
    "color.ui": "false",
    "core.commitGraph": "false",  # it could lie about parents, and hide that a commit is missing
    "core.fsmonitor": "",
    "core.hooksPath": os.devnull,
    "diff.external": "",
    "diff.ignoreSubmodules": "none",
    "diff.relative": "false",
    "diff.renames": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
}
_OPTIONS = ("--no-pager", *(word for name, value in _CONFIG.items() for word in ("-c", f"{name}={value}")))


class Git:
    """Git in one repository."""

    def __init__(self, where: str | None = None) -> None:
        """Parameters: `where`, a path in a repository; None is the current folder, or what a hook's environment says.

        For a path, the variables that git sets for a hook do not count.
        """
        self.where = where
        dropped = _MEDDLING if where is None else _MEDDLING | LOCAL
        kept = {name: value for name, value in os.environ.items() if name not in dropped and name[:9] != "GIT_TRACE"}
        self.env = kept | _SETTINGS
        self._command = ("git", *(() if where is None else ("-C", where)), *_OPTIONS)

    def at(self, folder: str) -> Git:
        """Return git in another folder of the same working tree, with the same environment."""
        made = Git(folder)
        made.env = self.env
        return made

    def run(self, *args: str, stdin: bytes = b"", fine: tuple[int, ...] = ()) -> bytes:
        """Return what `git *args` prints.

        Parameters: `stdin`, its whole input; `fine`, exit codes beside 0 that are no failure. Raises `GitError`.
        """
        with self.start(*args, stdin=stdin) as process:
            output = process.read()
            process.finish(*fine)
        return output

    def start(self, *args: str, stdin: bytes | Process | None = None) -> Process:
        """Start `git *args` and return it running; its `finish` raises `GitError` when it has failed.

        Parameters: `stdin`, its whole input, or a process whose output it reads; None leaves a pipe to `write` to.
        Raises `NoGit`.
        """
        if stdin is None:
            return self._start(args, PIPE)
        if isinstance(stdin, Process):
            return self._start(args, stdin.fileno())
        if not stdin:
            return self._start(args, NOTHING)
        file = scratch(stdin)
        try:
            return self._start(args, file)
        finally:
            os.close(file)

    def _start(self, args: tuple[str, ...], stdin: int) -> Process:
        def failure(code: int, complaints: bytes) -> GitError:
            from tightlip.git.failure import explain

            return explain(self.where, args, code, complaints)

        try:
            return Process([*self._command, *args], self.env, stdin, failure)
        except OSError as error:
            from tightlip.git.failure import no_git

            raise no_git(error) from None
