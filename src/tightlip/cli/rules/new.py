"""Begin a rule: write a skeleton whose blanks are to be filled in. It asks nothing.

Into a file that is there it goes below the rules that the file has.
"""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from tightlip import written
from tightlip.cli.rules import choose
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip rules new acme-api-key --provider Acme
  tightlip rules new acme-api-key --provider Acme --output patterns/saas/acme.yaml
  tightlip rules new acme-api-key --provider Acme --output -
"""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEAD = """\
# yaml-language-server: $schema=https://github.com/tightlip/tightlip/raw/main/patterns/rules.schema.json
provider: {provider}
rules:
"""
_SKELETON = """\
  - id: {id}
    # What it finds, in a few words, with the provider's name.
    name: {provider} {blank}
    # What an attacker gains: critical, high, medium or low.
    severity: {blank}
    # How sure a match is: high where the form says it all, medium or low where words near by have to, or 0 to 1.
    confidence: {blank}
    # A literal that is long and rare, then the form; every repeat has an upper bound, and the end is anchored:
    #   '\\b(?P<secret>acme_[0-9A-Za-z]{{32}})\\b'
    #   '(?i)\\bacme[\\w.-]{{0,20}}?key["'']?\\s{{0,5}}[:=]\\s{{0,5}}["'']?(?P<secret>[0-9a-f]{{32}})\\b'
    pattern: '{blank}'
    # Where the form says too little, `service` and `token` in its place.
    # Beside it: `entropy`, `filters`, `allow`, `requires`, `path`, `max_length`; docs/RULES.md explains each.
    remediation:
      - {blank} # where to revoke it
      - {blank} # how to replace it without an outage
      - {blank} # which log shows whether somebody used it
    references:
      - {blank} # the provider's own page about the format
    examples:
      # The secret is marked with « and »; [0-9a-f]{{32}} becomes 32 such characters, so no file holds a live secret.
      match:
        - '{blank}'
        - '{blank}'
      # A near miss, such as a token that is too short; and a placeholder or a reference.
      no_match:
        - '{blank}'
        - '{blank}'
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("id", metavar="ID", help="small letters, digits and hyphens; it stays as it is for ever")
    parser.add_argument("--provider", required=True, metavar="NAME", help="the service that issues the secret")
    parser.add_argument(
        "--output", metavar="FILE", help="a rule file, new or not (default: PROVIDER.yaml; -: print it)"
    )


def run(args: Namespace) -> int:
    """Write the skeleton and return the exit code."""
    provider = _provider(args.provider)
    _check_id(args.id)
    skeleton = _SKELETON.format(id=args.id, provider=provider, blank=written.BLANK)
    if args.output == "-":
        sys.stdout.write(_HEAD.format(provider=provider) + skeleton)
        return 0
    file = Path(args.output or f"{_slug(provider)}.yaml")
    if file.exists():
        _append(file, args.id, provider, skeleton)
    else:
        _write(file, _HEAD.format(provider=provider) + skeleton)
    sys.stdout.write(
        f"{file}: the rule {args.id} has {skeleton.count(written.BLANK)} blanks ({written.BLANK}) to fill in. Then:\n"
        f"  tightlip rules lint {file}\n  tightlip rules test {file}\n  tightlip rules bench {file}\n"
    )
    return 0


def _provider(name: str) -> str:
    if not name.isprintable() or not re.search(r"\w", name) or re.search(r"""[:#"'{}\[\],&*!|>%@`]""", name):
        raise UsageError(f"--provider: {name!r} cannot stand in a rule file as it is: use letters, digits and spaces")
    return name.strip()


def _check_id(name: str) -> None:
    """Refuse an id that is malformed or taken. Raises `UsageError`."""
    if not _ID.fullmatch(name):
        suggestion = _slug(name)
        better = f", such as {suggestion}" if suggestion else ""
        raise UsageError(f"{name!r} is no id of a rule: use small letters, digits and single hyphens{better}")
    taken = {loaded.rule.id: loaded for loaded in [*choose.of_files(), *choose.beside([])]}
    if name in taken:
        where = f", in {taken[name].file}" if taken[name].file else ""
        raise UsageError(f"there is a rule {name} already{where}: tightlip rules show {name}")


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()))


def _append(file: Path, name: str, provider: str, skeleton: str) -> None:
    """Put the skeleton below the rules of a file, if that is what the file then says."""
    text = _read(file)
    before = written.outline(text)
    by_hand = f"tightlip rules new {name} --provider {provider!r} --output - prints the rule, to put it in by hand"
    if before is None:
        raise UsageError(f"{file} is no rule file; {by_hand}")
    if name in before.ids:
        raise UsageError(f"{file} has a rule {name} already")
    if provider != before.provider:
        if get_close_matches(provider.lower(), [before.provider.lower()], n=1):
            raise UsageError(
                f"the provider of {file} is {before.provider!r}: did you mean that in place of {provider!r}?"
            )
        skeleton = skeleton.replace("    # What an", f"    provider: {provider}\n    # What an", 1)
    whole = text + "\n" * (not text.endswith("\n")) + skeleton
    after = written.outline(whole)
    if after is None or after.ids != (*before.ids, name):
        raise UsageError(f"{file} does not end with its rules, each behind two spaces and a hyphen; {by_hand}")
    _write(file, whole)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file}: cannot be read as a rule file") from None


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{file}: cannot write it: {error.strerror}") from None
