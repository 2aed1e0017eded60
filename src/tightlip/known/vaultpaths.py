"""What is below a path of HashiCorp Vault or OpenBao: the engine that is mounted there, and its secrets' paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from tightlip.known.asking import Counted, mapping, texts
from tightlip.known.unread import Unread
from tightlip.known.vaultlogin import Refused, Vault

NO_LIST = "the token may not list what is in it"
_DEEPEST = 64  # folders within folders
_LEADS_ELSEWHERE = {"", ".", ".."}  # as parts of a path


def mount_of(opened: Vault, path: str) -> tuple[str, str]:
    """Return where the engine of a path is mounted, and its kind: `kv1`, `kv2`, or what the vault calls it.

    Raises `UsageError`.
    """
    try:
        about = opened.data(opened.client.adapter.get, f"/v1/sys/internal/ui/mounts/{quote(path)}")
    except Refused:
        raise opened.complaint(
            "the token is not valid, or has no right at this path; see VAULT_TOKEN, VAULT_NAMESPACE and the path"
        ) from None
    about = about or {}
    mount, kind = str(about.get("path", "")).strip("/"), str(about.get("type", ""))
    if kind in {"kv", "generic"}:
        kind = "kv2" if mapping(about.get("options")).get("version") == "2" else "kv1"
    if not mount or not f"{path}/".startswith(f"{mount}/"):
        raise opened.complaint(
            "the vault does not say what is mounted at this path; see VAULT_ADDR and VAULT_NAMESPACE"
        )
    return mount, kind


def paths(opened: Vault, listing: Callable[..., object], mount: str, below: str) -> Iterator[str | Unread]:
    """Yield the paths of all secrets: the one of this path, unless it ends with a slash, then what is below it.

    Raises `UsageError`. Parameters: `listing`, the method of the client that lists a folder.
    """
    count = Counted(f"vault:{mount}/{below}")
    if below and not below.endswith("/"):
        yield below
    folders = [below.strip("/")]
    while folders:
        folder = folders.pop()
        if folder.count("/") > _DEEPEST:
            raise opened.complaint(f"more than {_DEEPEST} folders within each other")
        try:
            answer = opened.data(listing, folder, mount_point=mount)
        except Refused:
            yield Unread(f"{mount}/{folder}/", NO_LIST, is_current=True)
            continue
        for key in texts((answer or {}).get("keys")):
            count()
            if _LEADS_ELSEWHERE & set(key.removesuffix("/").split("/")):
                yield Unread(f"{mount}/{folder}/{key}", "a name that cannot be asked for", is_current=True)
                continue
            path = f"{folder}/{key}".strip("/")
            if key.endswith("/"):
                folders.append(path)
            else:
                yield path
