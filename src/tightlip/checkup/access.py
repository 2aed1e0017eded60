"""Who can read secrets, where files and vaults can tell: for the list that somebody goes through each quarter."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING

from tightlip.checkup import recipients
from tightlip.checkup.ages import shown
from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line
from tightlip.errors import UsageError
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place
    from tightlip.known.access.aws import Key
    from tightlip.known.access.told import Access, Untold
    from tightlip.known.secret import Where

_AUDITED, _KEYS = "The vault writes down who reads what", "Access keys of IAM are in use"
_IDLE = timedelta(days=90)
"""A key that nobody has used for so long is one that nobody needs."""
_MOST_COMMANDS = 3


def look(place: Place) -> Iterator[Line]:
    """Tell of files, then of vaults. Raises `ConfigError`, `GitError`, `UsageError`."""
    yield from recipients.look(place)
    first: set[str] = set()
    for where in place.known:
        if where.kind in _ASKED:
            yield from _tried(f"Who can read {shown(where)} is known", partial(_ASKED[where.kind], where))
        elif where.kind in _ELSEWHERE:
            yield _elsewhere(where)
        title, ask = _ONCE.get(where.kind, ("", None))
        if ask and title not in first:
            first.add(title)
            yield from _tried(title, partial(ask, str(where)))


def _tried(title: str, ask: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    try:
        yield from ask()
    except UsageError as error:
        yield Line(UNCHECKED, title, str(error))


def _vault(where: Where) -> Iterator[Line]:
    from tightlip.known.access import vault

    yield _known(where, vault.access(where.where))


def _aws(where: Where) -> Iterator[Line]:
    from tightlip.known.access import aws
    from tightlip.known.access.told import Untold

    found = aws.access(where.where)
    title = f"No policy of {shown(where)} lets everybody read"
    if found.public:
        names = " ".join(shlex.quote(name) for name in found.public[:_MOST_COMMANDS])
        mend = f"name who may, or: aws secretsmanager delete-resource-policy --secret-id NAME, for {names}"
        yield Line(FAIL, title, count(len(found.public), "secret"), found.public, mend)
    elif not found.untold:
        yield Line(OK, title)
    whole = Untold(
        "what IAM's own policies let users and roles read", _SIMULATE.format("secretsmanager:GetSecretValue")
    )
    yield _known(where, found._replace(untold=(*found.untold, whole)))


def _known(where: Where, found: Access) -> Line:
    title = f"Who can read {shown(where)} is known"
    summary = f"{count(len(found.readers), 'way')} to read it"
    if not found.untold:
        return Line(OK, title, summary, found.readers)
    evidence = (*(f"not told: {it.what}" for it in found.untold), *found.readers)
    return Line(WARN, title, f"{summary}, and the vault does not tell all", evidence, _commands(found.untold))


def _commands(untold: tuple[Untold, ...]) -> str:
    commands = list(dict.fromkeys(it.command for it in untold))
    more = f", and {len(commands) - _MOST_COMMANDS} more" if len(commands) > _MOST_COMMANDS else ""
    return f"ask somebody who may: {'; '.join(commands[:_MOST_COMMANDS])}{more}"


def _elsewhere(where: Where) -> Line:
    name = where.where.partition("/")[0]
    command = _ELSEWHERE[where.kind].format(name=shlex.quote(name), whole=shlex.quote(where.where))
    return Line(
        WARN, f"Who can read {shown(where)} is known", "tightlip does not ask this; its own program tells", (), command
    )


def _audit(source: str) -> Iterator[Line]:
    from tightlip.known.access import vault

    found = vault.audit(source)
    if found is None:
        yield Line(WARN, _AUDITED, "the vault does not tell this token", mend="ask somebody who may: vault audit list")
    elif not found:
        mend = (
            "vault audit enable file file_path=/var/log/vault_audit.log; OpenBao: an audit stanza in its configuration"
        )
        yield Line(WARN, _AUDITED, "it has no audit device", mend=mend)
    else:
        yield Line(OK, _AUDITED, ", ".join(found))


def _keys(source: str) -> Iterator[Line]:
    from tightlip.known.access import aws
    from tightlip.known.aws import Refused

    try:
        found = list(aws.keys(source))
    except Refused:
        mend = "ask somebody who may: aws iam generate-credential-report; aws iam get-credential-report"
        yield Line(WARN, _KEYS, "AWS does not tell these credentials", mend=mend)
        return
    now = datetime.now(timezone.utc)
    idle = [it for it in found if it.is_active and (since := it.used or it.made) and now - since > _IDLE]
    told = {it: _told(it) for it in found}
    if not idle:
        yield Line(OK, _KEYS, count(len(found), "key"), tuple(told.values()))
        return
    mend = (
        "aws iam update-access-key --status Inactive --user-name USER --access-key-id ID, and delete it a while later"
    )
    yield Line(WARN, _KEYS, f"{len(idle):,} of {count(len(found), 'key')} not", tuple(told[it] for it in idle), mend)


def _told(it: Key) -> str:
    made = f", made {it.made:%Y-%m-%d}" if it.made else ""
    used = f"last used {it.used:%Y-%m-%d}" if it.used else "never used"
    return f"{it.user}: {it.shown}{made}, {used}{'' if it.is_active else ', inactive'}"


_SIMULATE = "aws iam simulate-principal-policy --action-names {} --policy-source-arn ARN --resource-arns ARN"
_ASKED: dict[str, Callable[[Where], Iterator[Line]]] = {"vault": _vault, "aws-sm": _aws}
_ONCE: dict[str, tuple[str, Callable[[str], Iterator[Line]]]] = {
    "vault": (_AUDITED, _audit),
    "aws-sm": (_KEYS, _keys),
    "aws-ssm": (_KEYS, _keys),
}
"""What is asked once, for the first source of such a kind."""
_ELSEWHERE = {
    "aws-ssm": _SIMULATE.format("ssm:GetParameter"),
    "gcp-sm": "gcloud projects get-iam-policy {name}; gcloud secrets get-iam-policy NAME --project {name}",
    "azure-kv": 'az role assignment list --all --scope "$(az keyvault show --name {whole} --query id --output tsv)"',
    "github": "gh api repos/{whole}/collaborators",
    "gitlab": "glab api projects/:id/members/all --repo {whole}",
}
"""By kinds that are not asked, the command that tells."""
