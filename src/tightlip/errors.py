"""Every error that tightlip raises on purpose.

    TightlipError                 exit code 2
    ├── UsageError                the call is wrong: an option, a path, a missing file
    ├── RuleError                 a rule file cannot be used: names file, line and rule
    └── GitError                  git or the repository cannot be used
        ├── NoGit                 there is no git program
        ├── NotARepository        there is no repository there
        └── UnreadableRepository  it is there, and git cannot read it

A message says what, where, and what to do next, on one line, and never holds a secret.
"""

from __future__ import annotations


class TightlipError(Exception):
    """Anything tightlip could not do; `str()` of it is one line for a person."""


class UsageError(TightlipError):
    """The call itself is wrong."""


class RuleError(TightlipError):
    """A rule file cannot be used.

    Parameters: `problem`, what is wrong; `file`, `line` (from 1) and `rule` (its id), as far as they are known.
    """

    def __init__(self, problem: str, *, file: str = "", line: int = 0, rule: str = "") -> None:
        self.problem, self.file, self.line, self.rule = problem, file, line, rule
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(f"{where}{f'rule {rule}: ' if rule else ''}{problem}")


class GitError(TightlipError):
    """Git, or the repository, cannot be used."""


class NoGit(GitError):
    """There is no git program on the PATH."""


class NotARepository(GitError):
    """There is no repository where one was expected."""


class UnreadableRepository(GitError):
    """The repository is there and git cannot read it: a corrupt index, a bad object, no permission."""
