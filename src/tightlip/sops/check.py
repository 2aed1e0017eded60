"""Whether a file is encrypted as `.sops.yaml`, or the file itself, says: matches of the rules in wholefile.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tightlip import wholefile
from tightlip.model import Secret
from tightlip.report.style import count
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

    Parameters: `path`, from the top; `configuration`, the nearest `.sops.yaml`; `was`, what else is known.
    """
    return judge(data, document.read(data, path), path, configuration, was or Was())


def judge(data: bytes, found: Document | None, path: str, configuration: Configuration | None, was: Was) -> list[Match]:
    """As `look`, of a file that was read. Parameters: `found`, what SOPS wrote, None where it did not."""
    if not data.strip():
        return []
    if is_left_in_clear(path):
        return list(_no_git_crypt(data, path)) if was.git_crypt else []
    rule = configuration.rule(path) if configuration else None
    if found:
        its_own = _Taking(found.selection, path)
        told = list(_document(data, found, its_own, rule, configuration))
        return [*told, *(_no_git_crypt(data, path) if was.git_crypt else ())]
    return list(_plain(data, path, rule, configuration, was))


def is_left_in_clear(path: str) -> bool:
    """Whether a file is not encrypted, whatever a wide rule of `.sops.yaml` says; .gitattributes may hand it over."""
    *folders, name = path.split("/")
    if name in _IN_CLEAR or name.endswith(_ENDS) or any(word.lower() in name.lower() for word in _EXAMPLES):
        return True
    return any(part.startswith(".") for part in (*folders, name)) and not name.startswith(".env")


class _Taking(NamedTuple):
    """What says which values are encrypted, and where it stands."""

    selection: Selection
    file: str
    line: int = 0

    def takes(self, leaf: Leaf) -> bool:
        """Whether it says that a value is. Raises `NoConfiguration`."""
        try:
            return self.selection.takes(leaf.path, leaf.comments)
        except BadExpression as error:
            raise NoConfiguration(self.file, str(error), self.line, too_much=error.too_much) from None


def _document(
    data: bytes, found: Document, its_own: _Taking, rule: Creation | None, configuration: Configuration | None
) -> Iterator[Match]:
    text = document.text_of(data) or ""
    by = [its_own]
    if rule and configuration and rule.selection.is_named and rule.selection != found.selection:
        by.append(_Taking(rule.selection, configuration.file, rule.line))
    in_clear = [leaf for leaf in found.leaves if not is_encrypted(leaf.value) and any(it.takes(leaf) for it in by)]
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
        where = f"{configuration.file if configuration else NAME}:{rule.line}"
        yield _match(wholefile.RECIPIENT_MISSING, text, sign, f"{where} also names {', '.join(missing[:3])}")


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
        yield whole(again, data, why)
        return
    if rule is None or configuration is None:
        return
    store, every = document.values(data, path)
    by = _Taking(rule.selection, configuration.file, rule.line)
    taken = [leaf for leaf in every if by.takes(leaf)]
    kinds = other.kinds(data)
    if store != BINARY and (not taken or (kinds and "Secret" not in kinds)):
        return
    if rule.demands or "Secret" in kinds:
        names = ", ".join(dict.fromkeys(leaf.name for leaf in taken[:5]))
        more = f", and {len(taken) - 5} more values" if len(taken) > 5 else ""
        said = f"{configuration.file}:{rule.line} says that it must be"
        yield whole(wholefile.NOT_ENCRYPTED, data, said, *([f"in clear: {names}{more}"] if names else []))


def missed(troubles: Sequence[NoConfiguration]) -> Iterator[tuple[str, str]]:
    """Yield what could not be used, and why; once for however many files it is about."""
    for why, number in Counter(map(str, troubles)).items():
        file = next(it.file for it in troubles if str(it) == why)
        yield file, f"whether {count(number, 'file')} must be encrypted is not known: {why}"


def _no_git_crypt(data: bytes, path: str) -> Iterator[Match]:
    if not data.startswith(other.GIT_CRYPT) and not path.endswith(".gitattributes"):
        yield whole(wholefile.GIT_CRYPT, data, ".gitattributes says filter=git-crypt")


def _leaves(rule: Rule, text: str, found: Sequence[Leaf]) -> Iterator[Match]:
    for number, leaf in enumerate(found[:MOST], 1):
        looks = "; it looks encrypted and is not" if leaf.value.startswith("ENC[") else ""
        more = f"; and {len(found) - MOST} more values" if number == MOST < len(found) else ""
        yield _match(rule, text, leaf, f"the value of {leaf.name} is in clear{looks}{more}")


def whole(rule: Rule, data: bytes, *why: str) -> Match:
    """Return a match whose secret is all that is in a file: nothing less tells one file from another."""
    start, end = len(data) - len(data.lstrip()), len(data.rstrip())
    line, column = _place_in(data, start)
    end_line, end_column = _place_in(data, end)
    return Match(rule, Secret(data[start:end]), start, end, _SURE, why, line, column, end_line, end_column)


def _place_in(data: bytes, at: int) -> tuple[int, int]:
    return data.count(b"\n", 0, at) + 1, len(data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")) + 1


def _match(rule: Rule, text: str, leaf: Leaf, why: str) -> Match:
    start, end = (len(text[:at].encode()) for at in (leaf.start, leaf.end))
    line, column = _place(text, leaf.start)
    end_line, end_column = _place(text, leaf.end)
    secret = Secret(leaf.value.encode())
    return Match(rule, secret, start, end, _SURE, (why,), line, column, end_line, end_column)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
