"""What a name says about the value that it is given: `db_password` holds one, `password_policy` does not."""

from __future__ import annotations

from tightlip.model import Value
from tightlip.patterns import pattern

_WORDS = pattern(r"[A-Z]+(?![a-zß-ɏ])|[A-Z]?[a-zß-ɏ]+|[0-9]+|[^\W\d_a-zA-Zß-ɏ]+")
"""The words of a name, in camelCase or with anything between them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KINDS: dict[str, str] = {
    "password": """
        keypass pass passcode passes passphrase passwd password passwords passwrd
        pin psk psw pw pwd sshpass storepass userpass
        clave contrasena contraseña mdp motdepasse passe senha
        adgangskode kennwort lösenord losenord passwort salasana wachtwoord
        haslo hasło heslo jelszó parola parolă sifre şifre
        пароль
        口令 密码 密碼 パスワード 비밀번호
    """,
    "secret": """
        secret secrets pepper
        geheimnis secreto segredo
    """,
    "token": """
        accesstoken authtoken jwt nonce pat ticket token tokens
        bearer
    """,
    "key": """
        accesskey apikey appkey authkey cryptokey key keydata keys nkey passkey privatekey secretkey xkey
        mnemonic seed
    """,
    "credential": """
        cred credential credentials creds login
        apitoken auth authentication authorization basic oauth
    """,
    "session": """
        cookie cookies session sessionid sid
        csrf csrftoken
        hmac sig signature signing
        otp totp
        licence license
    """,
}
"""Words that name credentials, by what they name; features.py counts the kinds in this order."""
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}
_ENDINGS: dict[str, tuple[str, ...]] = {
    "password": ("password", "passwd", "passphrase", "passwort", "pwd", "pass", "psk"),
    "secret": ("secret",),
    "token": ("token",),
    "key": ("apikey", "secretkey", "accesskey", "authkey", "privatekey", "inkey"),
}
"""What a word ends with that is written together, by what it names: `dbpassword`, `mysecret`."""
_NO_COMPOUNDS = _words("bypass compass encompass hotkey overpass publickey surpass trespass")
"""Words that end like the name of a credential and name none."""
_OF_SECRET_KEYS = _words("""
    access account admin api app client consumer integration master oauth server service shared storage subscription
    deploy license session webhook write
    aes auth base cipher crypto encryption fernet hmac jwt private secret signing
""")
"""Words before `key` that say that it is a secret one; without any, `key` is more often that of a table."""
_OF_OTHER_KEYS = _words("""
    known pub public
    arrow enter escape hot shortcut
    candidate column composite foreign index natural object partition primary range row sort unique
    cache dict group hash idempotency map redis routing socket
    config data default host item json lookup meta node option param property setting state
    label locale registry site sitekey tag translation
    by doc document empty inchi only peptide sheet spreadsheet tree vapid video worksheet
    encrypted
""")
"""Words right before `key` that say that it is none that opens anything."""
_OF_OTHER_TOKENS = _words("""
    backward continuation continue creation forward lookup marker next page pagination previous starting sync
    authenticity cancel cancellation change client confirmation idempotency lock public request resume stop
    bos cls eos lexer mask pad punctuation subword syntax unk
""")
"""Words before `token` that say that it marks a place, asks for something, or is part of a text."""
_ABOUT_SECRETS = _words("""
    alias arn class description desc id ids info keyid kid name names namespace ref refs title type types version
    bucket cache dir endpoint file files filename path source uri url urls
    array group groups list map mapping mappings set storage store vault
    attr attribute env field fields column param parameter params prop property var variable variables
    action event form header headers hint input label option options page placeholder prompt
    request response template view
    alphabet char character characters charset chars delimiter prefix sep sequence separator suffix suffixes text texts
    count eight first four last length len limit max min num number size strength
    alg algorithm backend bits bytes checksum cipher cost digest encoder encrypted encryption fingerprint format
    hash hashed hasher hashes iterations iv pair rounds salt scheme thumbprint
    age at created date expires expiration expiry last rotation time timeout timestamp ttl updated usage used
    change changed modified new reset
    disabled enabled exists expected invalid missing mismatch required valid
    error errors failed failure help message state status success
    attempt attempts audience ends flow grant issuer method mode nonce scope scopes step steps
    pattern policies policy regex rules validate validation validator
    callback config function func handler manager provider setting settings
    index kind
""")
"""Words after a credential's that say that the value is something about one: `password_policy`."""


_OF_NO_SECRETS = _words("breached common forbidden hashed leaked weak")
"""Words before any of them that say that what follows is not one in use: `hashed_secret`, `COMMON_PASSWORDS`."""


class Name(Value):
    """What a name says.

    `kind` is one of `KINDS`, and nothing where no word names a credential; `others_after`, how many words after the
    credential's say that it is something about it (`password_policy`); `not_one_before`, whether a word before it says
    that it is something else (`public_key`, `next_token`); `last`, whether the name ends with the credential's word;
    `bare`, whether this is no more than `key`, with nothing that says of what.
    """

    __slots__ = ("bare", "kind", "last", "not_one_before", "others_after", "words")

    def __init__(  # noqa: PLR0913 - all that it says
        self, kind: str, words: tuple[str, ...], others_after: int, *, not_one_before: bool, last: bool, bare: bool
    ) -> None:
        self.kind = kind
        self.words = words
        self.others_after = others_after
        self.not_one_before = not_one_before
        self.last = last
        self.bare = bare


_known: dict[str, Name] = {}
_MOST_KNOWN = 4096


def read(name: str) -> Name:
    """Return what a name says; of several words that name credentials, the last one counts."""
    found = _known.get(name)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[name] = _read(name)
    return found


def _read(name: str) -> Name:
    words = tuple(word.lower() for word in _WORDS.findall(name))
    at = next((at for at in range(len(words) - 1, -1, -1) if _kind(words[at])), None)
    if at is None:
        return Name("", words, 0, not_one_before=False, last=False, bare=False)
    kind, before, after = _kind(words[at]), words[:at], words[at + 1 :]
    return Name(
        kind,
        words,
        sum(word in _ABOUT_SECRETS for word in after),
        not_one_before=_is_another(kind, before),
        last=all(word.isdigit() for word in after),
        bare=words[at] in {"key", "keys"} and not _says_of_what(before),
    )


def _kind(word: str) -> str:
    """What a word names, which may be written together with others: `dbpassword`, `authkey`."""
    if (known := _KIND_OF.get(word)) or word in _NO_COMPOUNDS:
        return known or ""
    return next((kind for kind, endings in _ENDINGS.items() if word.endswith(endings)), "")


def _is_another(kind: str, before: tuple[str, ...]) -> bool:
    """Whether the words before a credential's say that it is something else."""
    if kind == "token":
        return not _OF_OTHER_TOKENS.isdisjoint(before)
    # In the headers and parameters that AWS names so, what follows is the name of an algorithm, a date or a list.
    return (
        "amz" in before
        or not _OF_NO_SECRETS.isdisjoint(before)
        or "checksum" in before
        or (kind == "key" and before[-1:] != () and before[-1] in _OF_OTHER_KEYS)
    )


def _says_of_what(before: tuple[str, ...]) -> bool:
    """Whether the words before `key` say that it is that of a secret."""
    return bool(before) and (before[-1] in _OF_SECRET_KEYS or any(word in _KIND_OF for word in before))
