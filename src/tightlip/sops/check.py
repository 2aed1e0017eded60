"""Whether a file is encrypted as `.sops.yaml`, or the file itself, says: matches of the rules in wholefile.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tightlip import wholefile
from tightlip.model import Secret
from tightlip.rule import Match, Rule
from tightlip.sops import document, other
from tightlip.sops.creation import NAME, Configuration, NoConfiguration
from tightlip.sops.creation import Rule as Creation
from tightlip.sops.document import Document
from tightlip.sops.encrypted import is_encrypted
from tightlip.sops.expression import BadExpression
from tightlip.sops.leaves import BINARY, Leaf
from tightlip.sops.selection import Selection

MOST = 50
"""Values of one file that are told."""
_SURE = 0.95
_EXAMPLES = ("example", "sample", "template", "dist", "README", "LICENSE", "CHANGELOG", "Makefile", "Dockerfile")
_IN_CLEAR = ("kustomization.yaml", "kustomization.yml", "Chart.yaml", "package.json", "package-lock.json")
_ENDS = (".md", ".rst", ".pub", ".crt", ".gitkeep", ".gitignore", ".gitattributes")


class Was(NamedTuple):
    """What is known of a file besides what is in it."""

    encrypted: str = ""
    """What it was encrypted with before; empty where it was not."""
    sibling: str = ""
    """An encrypted file that it is the plaintext of, by the names."""
    git_crypt: bool = False
    """Whether .gitattributes says that git-crypt encrypts it."""


def look(data: bytes, path: str, configuration: Configuration | None, was: Was | None = None) -> list[Match]:
    """Return what is wrong with a file. Raises `NoConfiguration` where `.sops.yaml` cannot be used.

    Parameters: `path`, from the top, of a file that is not left in clear; `configuration`, the nearest `.sops.yaml`;
    `was`, what else is known.
    """
    was = was or Was()
    if not data.strip():
        return []
    rule = configuration.rule(path) if configuration else None
    try:
        if found := document.read(data, path):
            return [*_document(data, found, rule, configuration), *(_no_git_crypt(data, path) if was.git_crypt else ())]
        return list(_plain(data, path, rule, configuration, was))
    except BadExpression as error:
        raise NoConfiguration(f"{configuration.folder if configuration else ''}{NAME}: {error}") from None


def is_left_in_clear(path: str) -> bool:
    """Whether a file is never encrypted, whatever a wide rule says."""
    *folders, name = path.split("/")
    if name in _IN_CLEAR or name.endswith(_ENDS) or any(word.lower() in name.lower() for word in _EXAMPLES):
        return True
    return any(part.startswith(".") for part in (*folders, name)) and not name.startswith(".env")


def is_plaintext_of(data: bytes, path: str, sealed: bytes, name: str) -> bool:
    """Whether a file is the plaintext of an encrypted one: what it is called tells, and that it has the same keys.

    Parameters: `name`, of the encrypted file. `values.yaml` beside `values.enc.yaml` may hold what is no secret.
    """
    found = document.read(sealed, name)
    if found is None:
        return name.startswith(path) and bool(other.by(sealed))
    wanted = {leaf.path for leaf in found.leaves if is_encrypted(leaf.value)}
    if name.startswith(path) and wanted == {("data",)}:  # a binary file
        return True
    there = {leaf.path for leaf in document.values(data, path)[1]}
    return bool(wanted) and 2 * len(wanted & there) >= len(wanted)


def _document(
    data: bytes, found: Document, rule: Creation | None, configuration: Configuration | None
) -> Iterator[Match]:
    text = document.text_of(data) or ""
    by = [found.selection]
    if rule and rule.selection.is_named and rule.selection != found.selection:
        by.append(rule.selection)
    in_clear = [leaf for leaf in found.leaves if not is_encrypted(leaf.value) and _is_taken(leaf, by)]
    yield from _leaves(wholefile.LEAF_IN_CLEAR, text, in_clear)
    sign = next((leaf for leaf in found.leaves if is_encrypted(leaf.value)), None) or Leaf(
        (), text.strip(), 0, len(text)
    )
    if not found.has_mac:
        why = "its MAC is not one that SOPS writes" if found.mac else "its metadata has no mac"
        yield _match(wholefile.MAC_MISSING, text, sign, why)
    if not found.recipients:
        yield _match(wholefile.RECIPIENT_MISSING, text, sign, "it names nobody who can decrypt it")
    elif rule and (missing := sorted(rule.recipients - found.recipients)):
        where = f"{configuration.folder if configuration else ''}{NAME}:{rule.line}"
        yield _match(wholefile.RECIPIENT_MISSING, text, sign, f"{where} also names {', '.join(missing[:3])}")


def _is_taken(leaf: Leaf, by: Sequence[Selection]) -> bool:
    return any(it.takes(leaf.path, leaf.comments) for it in by)


def _plain(
    data: bytes, path: str, rule: Creation | None, configuration: Configuration | None, was: Was
) -> Iterator[Match]:
    if was.git_crypt:
        yield from _no_git_crypt(data, path)
    if other.by(data) or other.kinds(data) == {"SealedSecret"}:
        return
    if was.encrypted or was.sibling:
        why = f"it was encrypted with {was.encrypted}" if was.encrypted else f"{was.sibling} beside it is encrypted"
        again = wholefile.ANSIBLE_VAULT if was.encrypted == "ansible-vault" else wholefile.PLAINTEXT_AGAIN
        yield _whole(again, data, why)
        return
    if rule is None or configuration is None:
        return
    store, leaves = document.values(data, path)
    taken = [leaf for leaf in leaves if rule.selection.takes(leaf.path, leaf.comments)]
    kinds = other.kinds(data)
    if store != BINARY and (not taken or (kinds and "Secret" not in kinds)):
        return
    if rule.demands or "Secret" in kinds:
        names = ", ".join(dict.fromkeys(leaf.name for leaf in taken[:5]))
        more = f", and {len(taken) - 5} more values" if len(taken) > 5 else ""
        said = f"{configuration.folder}{NAME}:{rule.line} says that it must be"
        yield _whole(wholefile.NOT_ENCRYPTED, data, said, *([f"in clear: {names}{more}"] if names else []))


def _no_git_crypt(data: bytes, path: str) -> Iterator[Match]:
    if not data.startswith(other.GIT_CRYPT) and not path.endswith(".gitattributes"):
        yield _whole(wholefile.GIT_CRYPT, data, ".gitattributes says filter=git-crypt")


def _leaves(rule: Rule, text: str, found: Sequence[Leaf]) -> Iterator[Match]:
    for number, leaf in enumerate(found[:MOST], 1):
        looks = "; it looks encrypted and is not" if leaf.value.startswith("ENC[") else ""
        more = f"; and {len(found) - MOST} more values" if number == MOST < len(found) else ""
        yield _match(rule, text, leaf, f"the value of {leaf.name} is in clear{looks}{more}")


def _whole(rule: Rule, data: bytes, *why: str) -> Match:
    """Return a match whose secret is all that is in a file: nothing less tells one file from another."""
    lines = data.rstrip(b"\n").split(b"\n")
    width = len(lines[-1].decode("utf-8", "replace")) + 1
    return Match(rule, Secret(data.strip()), 0, 0, _SURE, why, 1, 1, len(lines), width)


def _match(rule: Rule, text: str, leaf: Leaf, why: str) -> Match:
    start, end = (len(text[:at].encode()) for at in (leaf.start, leaf.end))
    line, column = _place(text, leaf.start)
    end_line, end_column = _place(text, leaf.end)
    secret = Secret(leaf.value.encode())
    return Match(rule, secret, start, end, _SURE, (why,), line, column, end_line, end_column)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
