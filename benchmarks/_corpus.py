"""Labelled candidates: a file of them as rows, what kind each is, and a folder in which every row is a file."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

ORDER = (
    ("UUID", ("UUID",)),
    (
        "Provider-specific",
        (
            *("AWS Client ID", "AWS Multi", "Azure Access Token", "Google API Key", "Google Multi"),
            *("Grafana Provisioned API Key", "Grafana Service Account Token", "MailGun API Key", "NKEY Seed"),
            *("Salesforce Credentials", "Slack Token", "Stripe Credentials", "Twilio Credentials"),
        ),
    ),
    ("Private key", ("PEM Private Key", "BASE64 Private Key", "BASE64 encoded PEM Private Key")),
    ("JWT", ("JSON Web Token",)),
    ("HTTP auth header", ("Basic Authorization", "Bearer Authorization", "NTLM Token")),
    ("URL credentials", ("URL Credentials",)),
    ("Password", ("Password", "CMD Password", "SQL Password")),
    ("API key", ("API",)),
    ("Secret", ("Secret", "CMD Secret", "OTP / 2FA Secret")),
    ("Token", ("Token",)),
    ("Key", ("Key",)),
    ("Salt/Nonce", ("Salt", "Nonce")),
    ("Auth/Credential", ("Auth", "Credential")),
    ("Secret", ("Dropbox App secret",)),
)
"""The groups of categories, and what makes a row one of a group. Of several that fit, the first counts."""

IDENTIFIER = "Identifier"
"""The group of what fits none: the name of a bucket or a domain, the id of an app."""

APART = ("UUID", IDENTIFIER, "Salt/Nonce")
"""Groups that do not count in the main figures: whether these are secrets is a matter of opinion."""

VECTORS = "2ba83c6a"
"""The repository that does not count in the main figures: OpenSSL, where 5,165 test vectors would drown all others."""

EXTENSIONS = {
    "code": ".c .cc .cpp .cs .erb .ex .go .groovy .gradle .h .hs .idl .java .js .jsx .kt .lasso .m .ml .php .pl .pm"
    " .purs .py .pyx .pxd .r .rb .rs .scala .slim .smali .swift .t .ts .tsx .dart .inc .coffee",
    "shell": ".bash .bat .bats .cmd .ps1 .sh .zsh",
    "configuration": ".cnf .conf .cfg .config .env .example .in .ini .j2 .manifest .nix .plist .properties .resx"
    " .storyboard .strings .tf .tfstate .tfvars .toml .xaml .xib .xml .yaml .yml",
    "JSON and recordings": ".har .json .rrc .snap .golden",
    "documents": ".asciidoc .htm .html .md .pod .rst",
    "SQL and data": ".csv .ldif .mysql .sql",
    "text and keys": ".bundle .crt .key .pem .rsa .txt",
}
"""The groups of extensions."""
_GROUP_OF = {extension: group for group, listed in EXTENSIONS.items() for extension in listed.split()}


class Row(NamedTuple):
    """A candidate in its context: in the row's file, the value's lines are `first` to `last`, counted from 1."""

    number: int
    repo: str
    category: str
    group: str
    extension: str
    label: str
    """`T`: a secret. `F`: none. `X`: a placeholder, an example, or undecided."""
    path: str
    text: str
    start: int
    """Where the value starts in `text`, and below where it ends; where only lines are labelled, those of the lines."""
    end: int

    @property
    def first(self) -> int:
        """The first line of the value."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def last(self) -> int:
        """The last line of the value."""
        return self.text.count("\n", 0, max(self.start, self.end - 1)) + 1

    @property
    def counts(self) -> bool:
        """Whether it counts in the main figures."""
        return self.repo != VECTORS and self.group not in APART

    @property
    def kind_of_file(self) -> str:
        """The group of its extension."""
        return _GROUP_OF.get(self.extension, "other")


def read(path: Path) -> list[Row]:
    """Read a file of candidates: gzip, one JSON object in a line."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_row(number, json.loads(line)) for number, line in enumerate(lines)]


def digest(rows: list[Row]) -> str:
    """Return a hash of all that a scanner sees of the rows."""
    seen = hashlib.sha256()
    for row in rows:
        seen.update(f"{row.path}\0{len(row.text)}\0{row.text}".encode())
    return seen.hexdigest()[:16]


def unfold(rows: list[Row], tree: Path) -> None:
    """Write each row as a file of its own.

    What the file was called is not known, and where it lay only roughly. So nothing in its path says that it is a test:
    the labels do not care, and a scanner that skips tests would be judged by where we put the files.
    """
    for row in rows:
        file = tree / row.path
        file.parent.mkdir()
        file.write_text(row.text, "utf-8", newline="\n")


def group(category: str) -> str:
    """Return the group of a category, which may be several, joined by colons."""
    parts = set(category.split(":"))
    return next((name for name, listed in ORDER if parts.intersection(listed)), IDENTIFIER)


def _row(number: int, fields: dict[str, object]) -> Row:
    before, line, after = fields["context_before"], fields["line"], fields["context_after"]
    assert isinstance(before, list)
    assert isinstance(line, str)
    assert isinstance(after, list)
    text = "\n".join([*before, line, *after]) + "\n"
    offset = sum(len(text) + 1 for text in before)
    start, end = fields["value_start"], fields["value_end"]
    if not isinstance(start, int) or not isinstance(end, int):
        start, end = 0, len(line)
    category, extension = str(fields["category"]), str(fields["file_ext"])
    return Row(
        number,
        str(fields["repo"]),
        category,
        group(category),
        extension,
        str(fields["label"]),
        f"{number}/source{extension}",
        text,
        offset + start,
        offset + end,
    )
