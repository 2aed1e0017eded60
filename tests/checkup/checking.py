"""What `tightlip checkup` says."""

from __future__ import annotations

from typing import Any, NamedTuple


class Said(NamedTuple):
    code: int
    document: dict[str, Any]

    def line(self, title: str) -> dict[str, Any]:
        (found,) = [it for it in self.document["lines"] if it["title"] == title]
        return found

    def failed(self) -> list[str]:
        return [it["title"] for it in self.document["lines"] if it["state"] == "fail"]
