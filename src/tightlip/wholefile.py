"""Rules about whole files, which no pattern finds: by them the packages sops and hygiene judge."""

from __future__ import annotations

from tightlip.rule import Rule

AREA = "whole-files"
"""Of all of them, as the rules of patterns have the folder of their file."""
_ENCRYPT = "Encrypt it: `sops encrypt --in-place FILE`, then stage it again."
_GONE = "If it was pushed, rotate what it holds: who has the history can read it."
_ABOUT = {
    "SOPS": "https://getsops.io/docs/#using-sops-yaml-conf-to-select-kms-pgp-and-age-for-new-files",
    "git-crypt": "https://github.com/AGWA/git-crypt#using-git-crypt",
    "Ansible": "https://docs.ansible.com/projects/ansible/latest/vault_guide/",
}


def _rule(name: str, title: str, severity: str, *remediation: str, provider: str = "SOPS") -> Rule:
    about = (_ABOUT[provider],) if provider else ()
    return Rule(name, title, provider, severity, 0.95, "", remediation, filters=(), references=about)


NOT_ENCRYPTED = _rule(
    "sops-not-encrypted", "A file that .sops.yaml says must be encrypted is not", "high", _ENCRYPT, _GONE
)
PLAINTEXT_AGAIN = _rule(
    "sops-plaintext-again",
    "A file that was encrypted is plaintext",
    "critical",
    _ENCRYPT,
    _GONE,
)
LEAF_IN_CLEAR = _rule(
    "sops-leaf-in-clear",
    "A value of an encrypted file that must be encrypted is not",
    "high",
    "Take the value out, and put it back with `sops edit FILE`.",
    _GONE,
)
MAC_MISSING = _rule(
    "sops-mac-missing",
    "An encrypted file has no MAC, so nobody sees what was changed in it",
    "medium",
    "Restore the file's last good version, and change it with `sops edit FILE`.",
)
RECIPIENT_MISSING = _rule(
    "sops-recipient-missing",
    "An encrypted file lacks a recipient that .sops.yaml names",
    "medium",
    "Run `sops updatekeys FILE`.",
)
GIT_CRYPT = _rule(
    "git-crypt-not-encrypted",
    "A file that git-crypt must encrypt is plaintext in git",
    "critical",
    "Run `git-crypt unlock`, then `git rm --cached FILE && git add FILE`.",
    _GONE,
    provider="git-crypt",
)
ANSIBLE_VAULT = _rule(
    "ansible-vault-plaintext-again",
    "A file that ansible-vault had encrypted is plaintext",
    "critical",
    "Encrypt it: `ansible-vault encrypt FILE`, then stage it again.",
    _GONE,
    provider="Ansible",
)
ONCE_IN_CLEAR = _rule(
    "encrypted-file-once-in-clear",
    "A file that is encrypted was committed in clear before",
    "high",
    "Rotate what it held then: who has the history can read it.",
    "Take it out of the history: `tightlip purge --plan FILE`.",
    provider="",
)
ENV_ADDED = _rule(
    "env-file-added",
    "A .env file with what nobody else should see goes into git",
    "high",
    "Take it out of the commit: `git rm --cached FILE`, and add its name to .gitignore.",
    "Commit an example without values in its place: `tightlip init --only example`.",
    _GONE,
    provider="",
)
RULES = {
    rule.id: rule
    for rule in (
        *(NOT_ENCRYPTED, PLAINTEXT_AGAIN, LEAF_IN_CLEAR, MAC_MISSING, RECIPIENT_MISSING),
        *(GIT_CRYPT, ANSIBLE_VAULT, ONCE_IN_CLEAR, ENV_ADDED),
    )
}


def is_whole(rule: Rule) -> bool:
    """Whether what a rule finds is all that is in a file, and no single value."""
    return rule.is_of_files and rule != LEAF_IN_CLEAR


FOUND = {
    NOT_ENCRYPTED.id: "A rule of the nearest `.sops.yaml` says that the file must be encrypted, and it is not.",
    PLAINTEXT_AGAIN.id: (
        "The file was encrypted with SOPS, git-crypt, age or PGP before, or an encrypted file beside it has the same "
        "keys, as `production.env.enc` has those of `production.env`."
    ),
    LEAF_IN_CLEAR.id: (
        "A value in a file that SOPS encrypts is in clear, though the rule, or the file itself, says that it is "
        "encrypted. So is one that only looks like `ENC[...]`."
    ),
    MAC_MISSING.id: "A file that SOPS encrypts has no MAC, or none that SOPS writes.",
    RECIPIENT_MISSING.id: (
        "A file that SOPS encrypts names nobody who can decrypt it, or lacks somebody whom the rule of `.sops.yaml` "
        "names."
    ),
    GIT_CRYPT.id: "`.gitattributes` says `filter=git-crypt`, and what git keeps of the file is plaintext.",
    ANSIBLE_VAULT.id: "The file was encrypted with ansible-vault before, and is plaintext.",
    ENV_ADDED.id: (
        "A commit adds a `.env` file, by whatever name (`.env.local`, `production.env`), that git is told to ignore, "
        "that is of one machine, or that has the value of a secret in it. Examples and encrypted files may be added."
    ),
    ONCE_IN_CLEAR.id: "A version of the file is encrypted, and another one, of the same path and keys, is plaintext.",
}
"""What each finds, in a sentence; by its id."""
