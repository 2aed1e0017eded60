"""Reports made by hand, for the tests of every format."""

from __future__ import annotations

from tightlip.finding import Finding, Occurrence, Report, Unscanned
from tightlip.model import Secret
from tightlip.notation import expand

TOKEN = expand("ghp_[0-9A-Za-z]{36}", "report")[0]
OTHER_TOKEN = expand("ghp_[0-9A-Za-z]{36}", "another")[0]
PASSWORD = expand("s3cr¦3t-h0rse", "report")[0]
COMMIT, LATER, BLOB = "3f2a91c07b" * 4, "91c07b3f2a" * 4, "b5d4e6f809" * 4


def finding(value: str = TOKEN, *places: Occurrence, **changes: object) -> Finding:
    """A finding of a token, with what the test is about changed."""
    made: dict[str, object] = {
        "rule": "github-pat-classic",
        "name": "GitHub personal access token (classic)",
        "provider": "GitHub",
        "severity": "critical",
        "confidence": 0.97,
        "reasons": ("has the form of: GitHub personal access token (classic)", "its checksum is right"),
        "secret": Secret(value.encode("utf-8", "surrogateescape")),
        "remediation": (
            "Revoke the token at https://github.com/settings/tokens.",
            (
                "Create a fine-grained token with the least permissions and put it in a secret store; deploy it before "
                "revoking if services use it."
            ),
            "Check the account's security log for use you do not know.",
        ),
        "occurrences": places or (at("config/deploy.env"),),
    }
    return Finding(**(made | changes))  # type: ignore[arg-type]


def password(*places: Occurrence, **changes: object) -> Finding:
    """A finding of a password, less urgent than the token."""
    made: dict[str, object] = {
        "rule": "password-assignment",
        "name": "Password in an assignment",
        "provider": "",
        "severity": "high",
        "confidence": 0.6,
        "reasons": ("has the form of: Password in an assignment",),
        "remediation": (
            "Change the password where it is used.",
            "Keep the new one outside the code, in a secret store.",
        ),
        "occurrences": places or (at("app/settings.py", 12, 13), at("app/tests/conftest.py", 4, 8)),
    }
    return finding(PASSWORD, **(made | changes))


def at(path: str, line: int = 3, column: int = 14, **more: object) -> Occurrence:
    """A place of a secret."""
    return Occurrence(path, line, column, line, column + 40, **more)  # type: ignore[arg-type]


def committed(path: str, line: int = 3, column: int = 14, **more: object) -> Occurrence:
    """A place of a secret in a commit."""
    made: dict[str, object] = {
        "blob": BLOB,
        "commit": COMMIT,
        "author": "Ada Lovelace",
        "email": "ada@example.org",
        "date": "2021-03-04T09:30:00+01:00",
        "message_subject": "Add the deploy script",
        "refs": ("main", "v1.0"),
    }
    return at(path, line, column, **(made | more))


def staged(*findings: Finding, **more: object) -> Report:
    """What a hook reports."""
    return report("staged", *(findings or (password(), finding())), **more)


def history(*findings: Finding, **more: object) -> Report:
    """What a scan of a history reports."""
    refs = tuple(f"v1.{n}" for n in range(12))
    first = committed("deploy/env.sh", refs=("main", "origin/dev", *refs))
    later = committed("deploy/prod.sh", commit=LATER, message_subject="Move it", date="2022-01-01T00:00:00Z")
    message = at(
        "", 7, 22, part="commit", blob=COMMIT, commit=COMMIT, author="Ada Lovelace", date="2021-03-04T09:30:00Z"
    )
    made = findings or (
        finding(TOKEN, first, later, in_head=True),
        password(message, in_head=False, confidence=0.85, decoded_through=("utf-16-le",)),
        finding(OTHER_TOKEN, at("old.txt", blob=BLOB), in_head=False),
    )
    more = {"scanned": {"blobs": 1204, "bytes": 3_400_000, "commits": 310, "tags": 12, "names": 88}} | more
    return report("history", *made, **more)


def report(kind: str, *findings: Finding, **more: object) -> Report:
    """A report of a scan."""
    made: dict[str, object] = {"scanned": {"blobs": 5, "bytes": 12_345}, "seconds": 0.0123, "rules_hash": "ab" * 32}
    return Report(kind, ".", tuple(findings), **({"unscanned": ()} | made | more))  # type: ignore[arg-type]


UNSCANNED = (Unscanned("huge.bin", "larger than 512 MB"), Unscanned("locked.txt", "Permission denied"))
