"""HashiCorp Vault and OpenBao: which policies let somebody read at a path, who has them, and whether reads are audited.

Roles and users of auth methods, entities, groups and tokens are looked through as far as the token may see them.
Nothing is written, and of other tokens neither the id nor the accessor is told.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from tightlip.errors import UsageError
from tightlip.known.access import policy
from tightlip.known.access.policy import Rule
from tightlip.known.access.told import Access, Untold
from tightlip.known.asking import mapping, moment, texts
from tightlip.known.unread import Unread
from tightlip.known.vaultlogin import Refused, Vault, vault
from tightlip.known.vaultpaths import mount_of, paths

_MOST = 2000
"""Holders of one kind that are looked at."""
_HOLDERS = {
    "approle": {"role": "AppRole"},
    "userpass": {"users": "user"},
    "kubernetes": {"role": "role"},
    "jwt": {"role": "role"},
    "oidc": {"role": "role"},
    "cert": {"certs": "certificate"},
    "ldap": {"users": "user", "groups": "group"},
    "aws": {"role": "role"},
    "azure": {"role": "role"},
    "gcp": {"role": "role"},
    "okta": {"users": "user", "groups": "group"},
    "token": {},
    "ns_token": {},
}
"""By the type of an auth method: where it lists who can log in, and what these are called. Of others it is not told."""
_ROOT = "root"


def access(where: str) -> Access:
    """Return who can read what is at a path and below it. Raises `UsageError`."""
    source, path = f"vault:{where}", where.lstrip("/")
    if not path:
        raise UsageError(f"{source}: no path; write vault:MOUNT/PATH, such as vault:secret/myapp")
    with vault(source) as opened:
        return _Asking(opened, path).answer()


def audit(source: str) -> list[str] | None:
    """Return the kinds of device that the vault writes down its answers to; None where it does not say.

    Raises `UsageError`. Parameters: `source`, `KIND:WHERE`, for an error.
    """
    with vault(source) as opened:
        try:
            found = opened.data(opened.client.adapter.get, "/v1/sys/audit")
        except Refused:
            return None
    return sorted(str(mapping(device).get("type", "")) for device in (found or {}).values() if mapping(device))


class _Holder(NamedTuple):
    what: str
    policies: tuple[str, ...]


class _Asking:
    """One vault, and one path."""

    def __init__(self, opened: Vault, path: str) -> None:
        self._vault, self._untold = opened, dict[str, str]()
        self._paths = self._api_paths(path)
        self._policies: dict[str, list[Rule]] = {}
        self._found: dict[tuple[str, ...], str] = {}

    def answer(self) -> Access:
        names = self._listed("policies", "vault policy list", "sys/policies/acl")
        for name in names:
            told = self._read(
                f"the policy {name}", f"vault policy read {shlex.quote(name)}", f"sys/policies/acl/{quote(name)}"
            )
            self._policies[name] = policy.rules(str((told or {}).get("policy", "")))
        readers = [f"the policy {name}: {much}" for name in names if (much := self._much((name,)))]
        if self._policies:
            holders = Counter(it for found in (self._logins, self._identities, self._tokens) for it in found())
            for it, number in sorted(holders.items()):
                if much := self._much(it.policies):
                    times = f"{number} times " if number > 1 else ""
                    readers.append(f"{times}{it.what}: {much}, by {', '.join(self._reading(it.policies))}")
        return Access(tuple(readers), tuple(Untold(*it) for it in self._untold.items()))

    def _api_paths(self, path: str) -> list[str]:
        """Return the paths that somebody asks for to read the secrets."""
        mount, kind = mount_of(self._vault, path)
        below = path.removeprefix(mount).lstrip("/")
        if kind == "database":
            return self._database(mount, below.strip("/")) or [path]
        if kind not in ("kv1", "kv2"):
            return [path]
        kv = self._vault.client.secrets.kv
        listing = kv.v2.list_secrets if kind == "kv2" else kv.v1.list_secrets
        found = []
        for each in paths(self._vault, listing, mount, below):
            if isinstance(each, Unread):
                self._untold[f"what is in {each.name}"] = f"vault kv list {shlex.quote(each.name)}"
            else:
                found.append(each)
        if len(found) > 1 and found[0] == below and not self._is_there(listing, mount, below):
            del found[0]
        between = "data/" if kind == "kv2" else ""
        return [f"{mount}/{between}{each}" for each in found or [below]]

    def _database(self, mount: str, below: str) -> list[str]:
        """Return the paths that give out users of databases. Parameters: `below`, a role, or such a path."""
        found = []
        for roles, users in (("static-roles", "static-creds"), ("roles", "creds")):
            at = f"{mount}/{roles}"
            names = self._listed(f"what is in {at}", f"vault list {shlex.quote(at)}", at)
            found += [f"{mount}/{users}/{name}" for name in names if below in ("", users, name, f"{users}/{name}")]
        return found

    def _is_there(self, listing: Callable[..., object], mount: str, below: str) -> bool:
        """Whether a path is a secret, and not only a folder of some."""
        folder, _, name = below.rpartition("/")
        try:
            told = self._vault.data(listing, folder, mount_point=mount)
        except Refused:
            return True
        return name in texts((told or {}).get("keys"))

    def _much(self, names: tuple[str, ...]) -> str:
        """Return how much somebody with some policies can read, or nothing."""
        if _ROOT in names:
            return "everything"
        if names not in self._found:
            given = [rule for name in names for rule in self._policies.get(name, ())]
            number = sum(policy.reads(given, path) for path in self._paths)
            self._found[names] = f"{number:,} of {len(self._paths):,}" if number else ""
        return self._found[names]

    def _reading(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if self._much((name,))] or list(names)

    def _logins(self) -> Iterator[_Holder]:
        mounts = self._read("auth methods", "vault auth list", "sys/auth")
        for mount, about in (mounts or {}).items():
            kind = str(mapping(about).get("type", ""))
            if kind not in _HOLDERS:
                self._untold[f"who logs in by {kind} at auth/{mount.strip('/')}"] = (
                    f"vault path-help {shlex.quote(f'auth/{mount}')}"
                )
            for folder, noun in _HOLDERS.get(kind, {}).items():
                at = f"auth/{mount.strip('/')}/{folder}"
                for name in self._listed(f"who is in {at}", f"vault list {shlex.quote(at)}", at):
                    told = self._read(
                        f"{noun} {name} of {at}", f"vault read {shlex.quote(f'{at}/{name}')}", f"{at}/{quote(name)}"
                    )
                    found = texts((told or {}).get("token_policies")) or texts((told or {}).get("policies"))
                    default = () if (told or {}).get("token_no_default_policy") else ("default",)
                    yield _Holder(f"{noun} {name} of auth/{mount.strip('/')}", tuple(dict.fromkeys((*found, *default))))

    def _identities(self) -> Iterator[_Holder]:
        for kind, noun in (("entity", "entity"), ("group", "group of entities")):
            at = f"identity/{kind}/name"
            for name in self._listed(f"who is in {at}", f"vault list {shlex.quote(at)}", at):
                told = self._read(f"{noun} {name}", f"vault read {shlex.quote(f'{at}/{name}')}", f"{at}/{quote(name)}")
                yield _Holder(f"{noun} {name}", tuple(texts((told or {}).get("policies"))))

    def _tokens(self) -> Iterator[_Holder]:
        command = "vault list auth/token/accessors"
        for number, accessor in enumerate(self._listed("tokens", command, "auth/token/accessors")):
            try:
                told = self._vault.data(self._vault.client.auth.token.lookup_accessor, accessor) or {}
            except Refused:
                self._untold["tokens"] = command
                if not number:
                    return
                continue
            ends = moment(told.get("expire_time"))
            until = f"until {ends:%Y-%m-%d}" if ends else "without end"
            name = f"token {told.get('display_name', '')} of {told.get('path', '')}, {until}"
            yield _Holder(name, (*texts(told.get("policies")), *texts(told.get("identity_policies"))))

    def _listed(self, what: str, command: str, at: str) -> list[str]:
        try:
            found = texts((self._vault.data(self._vault.client.adapter.list, f"/v1/{at}") or {}).get("keys"))
        except Refused:
            self._untold[what] = command
            return []
        if len(found) > _MOST:
            self._untold[f"{what}, beyond {_MOST:,}"] = command
        return found[:_MOST]

    def _read(self, what: str, command: str, at: str) -> dict[str, object] | None:
        try:
            return self._vault.data(self._vault.client.adapter.get, f"/v1/{at}")
        except Refused:
            self._untold[what] = command
            return None
