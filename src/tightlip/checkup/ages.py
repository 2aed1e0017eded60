"""How old each known secret is: encrypted files by their history, vaults by asking. No value is asked for."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tightlip.checkup import sealed
from tightlip.errors import UsageError
from tightlip.hygiene import content
from tightlip.known.asking import moment
from tightlip.report.html.shell import argument
from tightlip.sops import document

if TYPE_CHECKING:
    from tightlip.checkup.place import Place
    from tightlip.checkup.sealed import Sealed
    from tightlip.known.rotation.told import Rotation
    from tightlip.known.secret import Where


class Aged(NamedTuple):
    """A secret, and what is known of its age."""

    name: str
    """`KIND:NAME`."""
    earliest: datetime | None
    """It was last changed then, or later; None where that is not known."""
    latest: datetime | None
    """It was last changed then, or earlier."""
    why: str = ""
    """Why the two differ, or are not known."""
    due: datetime | None = None
    """When its vault was to change it."""
    expires: datetime | None = None
    how: str = ""
    """The command that puts a new value in its place."""


def of_file(it: Sealed, named: str) -> Iterator[Aged]:
    """Yield the secrets of an encrypted file. Parameters: `named`, how a command names the file."""
    for keys, span in sealed.spans(it).items():
        name = f"{it.by.lower()}:{it.path}{'#' if keys else ''}{'.'.join(keys)}"
        yield Aged(name, span.earliest, span.latest, span.why, how=_to_edit(it, named))


def _to_edit(it: Sealed, named: str) -> str:
    programs = {"SOPS": f"sops edit {named}", "ansible-vault": f"ansible-vault edit {named}"}
    return programs.get(it.by, f"encrypt {named} anew with the new value")


def _gh(name: str) -> str:
    """Return the command that sets a secret of GitHub: of a repository, an environment, an organization, Dependabot."""
    owner, repository, *scope, last = name.split("/")
    where = f"--repo {shlex.quote(f'{owner}/{repository}')}"
    if scope == ["organization"]:
        where = f"--org {shlex.quote(owner)}"
    elif scope == ["dependabot"]:
        where += " --app dependabot"
    elif scope:
        where += f" --env {shlex.quote('/'.join(scope))}"
    return f"gh secret set {shlex.quote(last)} {where}"


def of_sops(where: Where, place: Place) -> Iterator[Aged]:
    """Yield the SOPS files of a source that are not told by their history already. Raises `UsageError`."""
    path = os.path.expanduser(where.where)
    folder, name = (path, "") if os.path.isdir(path) else os.path.split(path)
    told = {os.path.realpath(os.path.join(place.top, it.path)) for it in place.sealed}
    seen = False
    for each in [name] if name else _below(folder):
        file = os.path.join(folder, each)
        if os.path.realpath(file) in told:
            seen = True
        elif found := document.read(_content(folder or os.curdir, each), each):
            seen = True
            why = "SOPS says when the file was last changed, and not which of its values"
            yield Aged(f"sops:{file}", None, moment(found.lastmodified), why, how=f"sops edit {argument(file)}")
    if not seen:
        raise UsageError(f"{where}: no file in it is encrypted by sops; is this the right place?")


def _below(folder: str) -> Iterator[str]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        yield from (os.path.relpath(os.path.join(base, name), folder) for name in sorted(files))


def _content(folder: str, name: str) -> bytes:
    try:
        return content.read(folder, name.replace(os.sep, "/"))
    except content.Unread:
        return b""


def of_vault(where: Where) -> Iterator[Aged]:
    """Yield the secrets of a source. Raises `UsageError`."""
    from tightlip.known import rotation

    if where.kind not in rotation.KINDS:
        yield Aged(shown(where), None, None, "a source of this kind does not say when its secrets were changed")
        return
    for told in rotation.rotations(where):
        yield _aged(f"{where.kind}:{told.name}", told)


def _aged(name: str, told: Rotation) -> Aged:
    why = told.why or ("" if told.changed else "the vault does not say when it was changed")
    due = told.due if told.is_automatic else None
    return Aged(name, told.changed, told.changed, why, due, told.expires, _to_put(told, name.partition(":")[0]))


def _to_put(told: Rotation, kind: str) -> str:
    """Return the command that puts a new value in, which it takes from standard input and from no argument."""
    name = told.name
    folder, _, last = (shlex.quote(part) for part in name.rpartition("/"))
    if kind == "vault" and told.is_automatic:
        mount, is_static, role = name.partition("/static-creds/")
        return (
            f"vault write -f {shlex.quote(f'{mount}/rotate-role/{role}')}"
            if is_static
            else f"vault lease revoke {shlex.quote(name)}"
        )
    if kind == "aws-sm" and told.is_automatic:
        return f"aws secretsmanager rotate-secret --secret-id {shlex.quote(name)}"
    if kind == "github":
        return _gh(name)
    name = shlex.quote(name)
    return {
        "vault": f"vault kv patch {name} KEY=-",
        "aws-sm": f"aws secretsmanager put-secret-value --secret-id {name} --secret-string file:///dev/stdin",
        "aws-ssm": f"aws ssm put-parameter --overwrite --type SecureString --name {name} --value file:///dev/stdin",
        "gcp-sm": f"gcloud secrets versions add {last} --project {folder} --data-file=-",
        "azure-kv": f"az keyvault secret set --vault-name {folder} --name {last} --file /dev/stdin",
    }[kind]


def shown(where: Where) -> str:
    """Return a source as it is told: a command's arguments may hold a token."""
    return f"command:{where.where.split(' ')[0]}" if where.kind == "command" else str(where)
