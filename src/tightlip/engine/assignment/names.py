"""What a name says about the value that it is given: `db_password` holds one, `password_policy` does not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")

KINDS: dict[str, str] = {
    "password": "password passwd passphrase passcode passwort pass pwd pw psw passwords passes pin userpass passwrd "
    "contraseña contrasena senha motdepasse passe wachtwoord hasło haslo kennwort salasana lösenord losenord heslo jelszó "
    "parola şifre sifre adgangskode пароль 密码 密碼 口令 パスワード 비밀번호 storepass keypass sshpass",
    "secret": "secret secrets geheimnis segredo secreto",
    "token": "token tokens jwt pat bearer ticket accesstoken authtoken nonce",
    "key": "key keys apikey appkey accesskey secretkey privatekey authkey cryptokey passkey seed mnemonic nkey xkey keydata",
    "credential": "credential credentials creds cred auth authorization authentication oauth basic login apitoken",
    "session": "session sessionid sid cookie cookies csrf csrftoken otp totp signature sig signing hmac license licence",
}
"""Words that name credentials, by what they name."""
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}
_TWO = {("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key"), ("auth", "key"), ("encryption", "key"),
        ("signing", "key"), ("master", "key"), ("account", "key"), ("client", "key"), ("consumer", "key"), ("app", "key"),
        ("storage", "key"), ("shared", "key"), ("license", "key"), ("service", "key"), ("cipher", "key"), ("hmac", "key"),
        ("deploy", "key"), ("webhook", "key"), ("subscription", "key"), ("session", "key"), ("crypto", "key"), ("admin", "key"),
        ("aes", "key"), ("base", "key"), ("oauth", "key"), ("integration", "key"), ("write", "key"), ("jwt", "key"), ("server", "key")}  # fmt: skip
_OTHER = frozenset(
    "name names id ids url uri urls path file files filename dir type types label field fields column hint help error errors message "
    "prompt text title policy regex pattern length len size algorithm alg encoder provider source manager endpoint format kind "
    "count index expiry expires expiration ttl timeout max min limit ref refs arn class enabled disabled required valid invalid "
    "validator validate validation reset change changed new strength placeholder description desc info status state mode method "
    "handler callback function func prefix suffix separator sep delimiter prop property attribute attr param params parameter "
    "header headers request response event action page form input view template option options setting settings config list map "
    "set array vault store storage group groups scope scopes version usage rotation age at date time created updated last "
    "first count number num type hash hashes digest fingerprint checksum thumbprint salt iv alias namespace bucket cache "
    "env var variable variables placeholder key_id keyid kid exists missing mismatch failure failed success flow grant issuer "
    "timestamp method nonce step steps last eight four ends suffixes mapping mappings text texts used changed modified expected length policies rules attempt attempts audience char chars character characters bytes bits cost rounds iterations column".split()
)
_BEFORE_KEY = frozenset(
    "encrypted public primary foreign partition sort range hash cache row object index unique candidate natural composite dict hot arrow "
    "enter escape shortcut map translation i18n locale lookup group meta data redis routing s3 storage_key label tag registry "
    "sitekey site column config setting option property param json item node state default host known pub".split()
)
_BEFORE_TOKEN = frozenset("creation forward backward previous starting marker change client confirmation continue next page continuation pagination sync cancel cancellation resume request lookup public "
                          "stop pad unk mask eos bos cls subword punctuation syntax lexer".split())  # fmt: skip


class Name(NamedTuple):
    """What a name says."""

    kind: str
    """Of `KINDS`; nothing where no word of it names a credential."""
    words: tuple[str, ...]
    others_after: int
    """How many words after the credential's say that it is something about it: `password_policy`."""
    not_one_before: bool
    """Whether a word before it says that it is something else: `public_key`, `next_token`."""
    last: bool
    """Whether the name ends with the credential's word."""
    bare: bool
    """Whether the word is no more than `key`, with nothing that says of what."""


@lru_cache(maxsize=4096)
def read(name: str) -> Name:
    """Return what a name says."""
    words = tuple(word.lower() for word in _WORDS.findall(name))
    at = kind = None
    for place in range(len(words) - 1, -1, -1):
        if found := _KIND_OF.get(words[place]) or _compound(words[place]):
            at, kind = place, found
            break
    if at is None or kind is None:
        return Name("", words, 0, not_one_before=False, last=False, bare=False)
    before, after = words[:at], words[at + 1 :]
    previous = before[-1] if before else ""
    wrong = _BEFORE_KEY if kind == "key" else _BEFORE_TOKEN if kind == "token" else ()
    qualified = (
        (previous, "key") in _TWO or words[at] not in {"key", "keys"} or any(_KIND_OF.get(word) for word in before)
    )
    return Name(
        kind,
        words,
        sum(word in _OTHER for word in after),
        not_one_before=any(word in wrong for word in before)
        if kind == "token"
        else previous in wrong or "amz" in before,
        last=not after or all(word.isdigit() for word in after),
        bare=not qualified,
    )


_ENDINGS = {
    "password": "password passwd passphrase passwort pwd pass",
    "secret": "secret",
    "token": "token",
    "key": "apikey secretkey accesskey authkey privatekey inkey",
}
_OTHER_WORDS = {"bypass", "compass", "trespass", "surpass", "encompass", "overpass", "publickey", "hotkey"}


def _compound(word: str) -> str:
    """The kind of a word that is written together: `dbpassword`, `mysecret`, `authkey`."""
    if word in _OTHER_WORDS:
        return ""
    return next((kind for kind, endings in _ENDINGS.items() if word.endswith(tuple(endings.split()))), "")
