"""What a vault has and does not give: named, so that nobody takes it for searched."""

from __future__ import annotations

from tightlip.known.secret import Known


class Unread(Known):
    """A secret, or a version of one, whose value could not be had. Its `value` is empty, and fits no search.

    Fields: those of `Known`, and `why`, in a few words: `deleted`, `destroyed`, `disabled`.
    """

    __slots__ = ("why",)

    def __init__(self, name: str, why: str, *, version: str | None = None, is_current: bool = False) -> None:
        super().__init__(name, b"", version=version, is_current=is_current)
        self.why = why

    def __repr__(self) -> str:
        return f"Unread({self.name!r}, {self.why!r}, version={self.version!r}, source={self.source!r})"

    __str__ = __repr__
