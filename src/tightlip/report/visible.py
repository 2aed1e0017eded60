"""What a terminal is given: text of unknown origin with everything that is not plainly visible escaped."""

from __future__ import annotations

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_BYTES_AS_SURROGATES = range(0xDC80, 0xDD00)
_BYTE, _FOUR_DIGITS = range(0x100), range(0x10000)


def visible(text: str) -> str:
    r"""Escape control characters, escape sequences, line breaks, bidirectional overrides and invisible characters.

    They become `\n`, `\x1b`, `\u202e`; a byte that was not UTF-8 (kept as a surrogate escape) becomes `\xff`.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code in _BYTES_AS_SURROGATES:
        code -= 0xDC00
    return f"\\x{code:02x}" if code in _BYTE else f"\\u{code:04x}" if code in _FOUR_DIGITS else f"\\U{code:08x}"
