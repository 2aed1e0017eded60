"""Which values of a file SOPS encrypts: by key, by the end of a key, by the comment above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tightlip.sops.expression import BadExpression, matches

_USUAL = "_unencrypted"
"""The end of keys whose values stay in clear where nothing else is said."""
KEYS = (
    *("unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex"),
    *("unencrypted_comment_regex", "encrypted_comment_regex"),
)


class Selection(NamedTuple):
    """As a rule or a document says it; empty where it does not."""

    unencrypted_suffix: str = ""
    encrypted_suffix: str = ""
    unencrypted_regex: str = ""
    encrypted_regex: str = ""
    unencrypted_comment_regex: str = ""
    encrypted_comment_regex: str = ""

    @property
    def is_named(self) -> bool:
        """Whether anything is said."""
        return any(self)

    def takes(self, path: Sequence[str], comments: Sequence[str]) -> bool:
        """Whether SOPS encrypts a value (`shouldBeEncrypted` in its sops.go).

        Parameters: `path`, the keys that lead to it; places in a list are none; `comments`, those above it and above
        what it is in. Raises `BadExpression`.
        """
        it = self if self.is_named else Selection(unencrypted_suffix=_USUAL)
        taken = True
        if it.unencrypted_suffix:
            taken = not any(key.endswith(it.unencrypted_suffix) for key in path)
        if it.encrypted_suffix:
            taken = any(key.endswith(it.encrypted_suffix) for key in path)
        if it.unencrypted_regex:
            taken = not _any("unencrypted_regex", it.unencrypted_regex, path)
        if it.encrypted_regex:
            taken = _any("encrypted_regex", it.encrypted_regex, path)
        if it.unencrypted_comment_regex:
            taken = not _any("unencrypted_comment_regex", it.unencrypted_comment_regex, comments)
        if it.encrypted_comment_regex:
            taken = _any("encrypted_comment_regex", it.encrypted_comment_regex, comments)
        return taken


def _any(key: str, pattern: str, texts: Sequence[str]) -> bool:
    try:
        return any(matches(pattern, text) for text in texts)
    except BadExpression as error:
        raise BadExpression(f"{key}: {error}", too_much=error.too_much) from None


def of(said: Mapping[str, object]) -> Selection:
    """Return what a rule of `.sops.yaml`, or the metadata of a document, says."""
    return Selection(**{key: value for key in KEYS if isinstance(value := said.get(key), str)})
