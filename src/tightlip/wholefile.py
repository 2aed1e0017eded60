"""Rules about whole files, which no pattern finds: that what must be encrypted is. The package sops judges by them."""

from __future__ import annotations

from tightlip.rule import Rule

_ENCRYPT = "encrypt it: sops encrypt --in-place FILE, then stage it again"
_GONE = "if it was pushed, rotate what it holds: who has the history can read it"
_ABOUT = ("https://getsops.io/docs/#using-sops-yaml-conf-to-select-kms-pgp-and-age-for-new-files",)


def _rule(name: str, title: str, severity: str, *remediation: str, provider: str = "SOPS") -> Rule:
    return Rule(name, title, provider, severity, 0.95, "", remediation, references=_ABOUT if provider == "SOPS" else ())


NOT_ENCRYPTED = _rule(
    "sops-not-encrypted", "A file that .sops.yaml says must be encrypted is not", "high", _ENCRYPT, _GONE
)
PLAINTEXT_AGAIN = _rule(
    "sops-plaintext-again",
    "A file that was encrypted is plaintext",
    "critical",
    _ENCRYPT,
    "rotate what it holds",
    _GONE,
)
LEAF_IN_CLEAR = _rule(
    "sops-leaf-in-clear",
    "A value of an encrypted file that must be encrypted is not",
    "high",
    "take the value out, and put it back with: sops edit FILE",
    _GONE,
)
MAC_MISSING = _rule(
    "sops-mac-missing",
    "An encrypted file has no MAC, so nobody sees what was changed in it",
    "medium",
    "restore the file's last good version, and change it with: sops edit FILE",
)
RECIPIENT_MISSING = _rule(
    "sops-recipient-missing",
    "An encrypted file lacks a recipient that .sops.yaml names",
    "medium",
    "sops updatekeys FILE",
)
GIT_CRYPT = _rule(
    "git-crypt-not-encrypted",
    "A file that git-crypt must encrypt is plaintext in git",
    "critical",
    "git-crypt unlock, then: git rm --cached FILE && git add FILE",
    _GONE,
    provider="git-crypt",
)
ANSIBLE_VAULT = _rule(
    "ansible-vault-plaintext-again",
    "A file that ansible-vault had encrypted is plaintext",
    "critical",
    "ansible-vault encrypt FILE, then stage it again",
    _GONE,
    provider="Ansible",
)
RULES = {
    rule.id: rule
    for rule in (
        *(NOT_ENCRYPTED, PLAINTEXT_AGAIN, LEAF_IN_CLEAR, MAC_MISSING, RECIPIENT_MISSING),
        *(GIT_CRYPT, ANSIBLE_VAULT),
    )
}
