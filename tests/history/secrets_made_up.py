"""Values with the form of secrets, each made from a number; no file holds one."""

from __future__ import annotations

import gzip
import hashlib
import random
from base64 import b64encode

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _chance(number: int, size: int, characters: str = _BASE62) -> str:
    return "".join(random.Random(f"{number} {size}").choices(characters, k=size))


def token(number: int) -> str:
    return "gh" + "p_" + _chance(number, 36)


def password(number: int) -> str:
    return f'db_password = "{_chance(number, 18, _BASE62 + "!$%&*-_")}"'


def pair(number: int) -> str:
    """Two values of which the second counts only beside the first."""
    upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return f"user: {'AK' + 'IA'}{_chance(number, 16, upper)}\n{'-' * (number % 90)}\npassword: {_chance(number, 40)}\n"


def key(number: int, lines: int = 12) -> str:
    """A private key: its body is far from its head."""
    chance = random.Random(number)
    body = [b64encode(chance.randbytes(48)).decode() for _ in range(lines)]
    kind = ("RSA ", "EC ", "")[number % 3]
    begin, end = (f"-----{word} {kind}PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return "\n".join((begin, *body, end, ""))


def hidden(number: int) -> str:
    """A token in another form, alone or among other text."""
    value = token(number % 7)
    among = f"# {'a line of a file, with words ' * (number % 3)}\ntoken: {value}\n".encode()
    code = b64encode(among).decode()
    return (
        f'code = "{b64encode(value.encode()).decode()}"\n',
        "\n".join(["data: |", *(f"    {code[at : at + 64]}" for at in range(0, len(code), 64)), ""]),
        f"packed: {b64encode(gzip.compress(among * 3, mtime=0)).decode()}\n",
        f"hex: {value.encode().hex()}\n",
        f'joined = "{value[:13]}" +\n    "{value[13:]}"\n',
        'text: "{\\"password\\": \\"' + value + '\\"}"\n',
        "see ?q=" + "".join(f"%{ord(character):02X}" for character in value) + "\n",
    )[number % 11 % 7]


def prose(number: int) -> str:
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    return f"  - item {number % 7}: def method_{number % 5}(self, token=None): return {digest[: number % 9]}\n"
