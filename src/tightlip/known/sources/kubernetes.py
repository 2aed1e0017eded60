"""Manifests of kind Secret in a file or folder, or - for standard input: `kubernetes:deploy/secrets.yaml`."""

from __future__ import annotations

import os
from base64 import b64decode
from collections import deque
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.asking import some
from tightlip.known.contents import yaml_documents
from tightlip.known.reading import content
from tightlip.known.secret import Known, from_text
from tightlip.known.sources import _folder
from tightlip.known.unread import Unread

_SUFFIXES = (".yaml", ".yml", ".json")
_MOST_LISTED = 100_000


def secrets(where: str) -> Iterator[Known]:
    """Yield what `data` and `stringData` hold; of JSON, as in a .dockerconfigjson, each leaf. Raises `UsageError`."""
    source = f"kubernetes:{where}"
    path = os.path.expanduser(where)
    if os.path.isdir(path):
        found = _folder.each(source, path, lambda name, file: _manifest(source, name, file))
    else:
        found = _file(source, content(source, where))
    yield from some(
        found, UsageError(f"{source}: it holds no manifest of kind Secret with values; is it the right one?")
    )


def _manifest(source: str, name: str, path: str) -> Iterator[Known]:
    """Yield the values of a file in a folder, where it may hold a manifest."""
    if name.endswith(_SUFFIXES) and b"Secret" in (data := content(source, path)):
        yield from _file(source, data)


def _file(source: str, data: bytes) -> Iterator[Known]:
    for manifest in _secrets(yaml_documents(source, data), source):
        yield from _values(manifest)


def _secrets(documents: list[object], source: str) -> Iterator[dict[str, object]]:
    """Yield manifests of secrets, also those in lists."""
    seen, left = 0, deque(documents)
    while left:
        document = left.popleft()
        seen += 1
        if seen + len(left) > _MOST_LISTED:
            raise UsageError(f"{source}: more than {_MOST_LISTED:,} manifests")
        if isinstance(document, dict):
            if document.get("kind") == "Secret":
                yield document
            elif isinstance(items := document.get("items"), list):
                left.extend(items)


def _values(manifest: dict[str, object]) -> Iterator[Known]:
    about = manifest.get("metadata")
    about = about if isinstance(about, dict) else {}
    name = "/".join(str(about[key]) for key in ("namespace", "name") if about.get(key)) or "secret"
    for key, value in _texts(manifest.get("stringData")):
        yield from from_text(f"{name}#{key}", value.encode("utf-8", "surrogatepass").removesuffix(b"\n"))
    for key, value in _texts(manifest.get("data")):
        try:
            decoded = b64decode("".join(value.split()), validate=True)
        except ValueError:  # it is sealed, or a template
            yield Unread(f"{name}#{key}", "what stands there is no base64", is_current=True)
            continue
        yield from from_text(f"{name}#{key}", decoded.removesuffix(b"\n"))


def _texts(values: object) -> Iterator[tuple[str, str]]:
    if isinstance(values, dict):
        yield from ((str(key), value) for key, value in values.items() if isinstance(value, str))
