"""tightlip finds secrets before they are committed, finds those that already were, and says what to do.

    >>> import tightlip
    >>> report = tightlip.scan_staged()          # or scan_history, scan_files, scan_text ...
    >>> [finding.name for finding in report.findings]

The names in `__all__` are the library; everything else may change. Each is loaded when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tightlip.engine import Scanner as Scanner
    from tightlip.errors import (
        GitError as GitError,
    )
    from tightlip.errors import (
        NoGit as NoGit,
    )
    from tightlip.errors import (
        NotARepository as NotARepository,
    )
    from tightlip.errors import (
        RuleError as RuleError,
    )
    from tightlip.errors import (
        TightlipError as TightlipError,
    )
    from tightlip.errors import (
        UnreadableRepository as UnreadableRepository,
    )
    from tightlip.errors import (
        UsageError as UsageError,
    )
    from tightlip.finding import Finding as Finding
    from tightlip.finding import Occurrence as Occurrence
    from tightlip.finding import Report as Report
    from tightlip.finding import Unscanned as Unscanned
    from tightlip.model import Secret as Secret
    from tightlip.rule import Rule as Rule
    from tightlip.rules import RuleSet as RuleSet
    from tightlip.rules import load_rules as load_rules
    from tightlip.scan import (
        scan_bytes as scan_bytes,
    )
    from tightlip.scan import (
        scan_file as scan_file,
    )
    from tightlip.scan import (
        scan_files as scan_files,
    )
    from tightlip.scan import (
        scan_history as scan_history,
    )
    from tightlip.scan import (
        scan_staged as scan_staged,
    )
    from tightlip.scan import (
        scan_text as scan_text,
    )

__version__ = "0.1.0"

_HOME = {
    "Scanner": "engine",
    **dict.fromkeys(
        ("GitError", "NoGit", "NotARepository", "RuleError", "TightlipError", "UnreadableRepository", "UsageError"),
        "errors",
    ),
    **dict.fromkeys(("Finding", "Occurrence", "Report", "Unscanned"), "finding"),
    "Secret": "model",
    "Rule": "rule",
    **dict.fromkeys(("RuleSet", "load_rules"), "rules"),
    **dict.fromkeys(("scan_bytes", "scan_file", "scan_files", "scan_history", "scan_staged", "scan_text"), "scan"),
}

__all__ = [
    "Finding",
    "GitError",
    "NoGit",
    "NotARepository",
    "Occurrence",
    "Report",
    "Rule",
    "RuleError",
    "RuleSet",
    "Scanner",
    "Secret",
    "TightlipError",
    "UnreadableRepository",
    "Unscanned",
    "UsageError",
    "__version__",
    "load_rules",
    "scan_bytes",
    "scan_file",
    "scan_files",
    "scan_history",
    "scan_staged",
    "scan_text",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'tightlip' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"tightlip.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
