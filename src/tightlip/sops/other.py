"""What else encrypts files in git: git-crypt, ansible-vault, age, PGP, sealed secrets."""

from __future__ import annotations

from tightlip.sops import plainyaml

GIT_CRYPT = b"\0GITCRYPT\0"
ANSIBLE = b"$ANSIBLE_VAULT;"
_STARTS = {
    GIT_CRYPT: "git-crypt",
    ANSIBLE: "ansible-vault",
    b"age-encryption.org/v1\n": "age",
    b"-----BEGIN AGE ENCRYPTED FILE-----": "age",
    b"-----BEGIN PGP MESSAGE-----": "PGP",
}
_PACKETS = (0x85, 0x84, 0xC1, 0x8C, 0xC3)
"""How a PGP message that is no text begins: a packet of a session key (RFC 4880, 4.2)."""
_LEAST = 64


def by(data: bytes) -> str:
    """Return what a whole file is encrypted with, or nothing. SOPS, which encrypts values, is not asked."""
    found = next((name for start, name in _STARTS.items() if data.startswith(start)), "")
    if found == "ansible-vault" and not is_ansible(data):
        return ""
    if not found and len(data) > _LEAST and data[0] in _PACKETS and not data.isascii() and b"\n" not in data[:3]:
        return "PGP" if _is_noise(data) else ""
    return found


def is_ansible(data: bytes) -> bool:
    """Whether a file is what ansible-vault writes: a line that says so, and hexadecimal digits."""
    head, _, body = data.partition(b"\n")
    fields = head.strip().split(b";")
    digits = body.translate(None, b"\r\n")
    return (
        fields[:1] == [ANSIBLE[:-1]]
        and fields[2:3] == [b"AES256"]
        and bool(digits)
        and not digits.strip(b"0123456789abcdef")
    )


def kinds(data: bytes) -> set[str]:
    """Return the kinds of the Kubernetes manifests in a file, those in a list of them too."""
    if b"kind" not in data:
        return set()
    try:
        every = [plainyaml.loaded(node) for node in plainyaml.documents(data)]
    except plainyaml.NotYaml:
        return set()
    inner = [item for it in every if isinstance(it, dict) and isinstance(it.get("items"), list) for item in it["items"]]
    manifests = (it for it in (*every, *inner) if isinstance(it, dict) and it.get("kind") and it.get("apiVersion"))
    return {str(it["kind"]) for it in manifests}


def _is_noise(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
