"""Manifests of kind Secret in a file or folder, or - for standard input: `kubernetes:deploy/secrets.yaml`."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.contents import yaml_documents
from tightlip.known.reading import content
from tightlip.known.secret import Known, from_text

_SUFFIXES = (".yaml", ".yml", ".json")
_MOST_LISTED = 100_000


def secrets(where: str) -> Iterator[Known]:
    """Yield what `data` and `stringData` hold; of JSON, as in a .dockerconfigjson, each leaf."""
    source = f"kubernetes:{where}"
    path = os.path.expanduser(where)
    files = list(_manifests(path)) if os.path.isdir(path) else [where]
    found = False
    for file in files:
        data = content(source, file)
        if file != where and b"Secret" not in data:
            continue
        for manifest in _secrets(yaml_documents(source, data), source):
            found = True
            yield from _values(manifest)
    if not found:
        raise UsageError(f"{source}: it holds no manifest of kind Secret; is this the right file?")


def _manifests(folder: str) -> Iterator[str]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        yield from (os.path.join(base, name) for name in sorted(files) if name.endswith(_SUFFIXES))


def _secrets(documents: list[object], source: str) -> Iterator[dict[str, object]]:
    """Yield manifests of secrets, also those in lists."""
    seen = 0
    while documents:
        document = documents.pop(0)
        seen += 1
        if seen > _MOST_LISTED:
            raise UsageError(f"{source}: more than {_MOST_LISTED:,} manifests")
        if isinstance(document, dict):
            if document.get("kind") == "Secret":
                yield document
            elif isinstance(items := document.get("items"), list):
                documents += items


def _values(manifest: dict[str, object]) -> Iterator[Known]:
    about = manifest.get("metadata")
    about = about if isinstance(about, dict) else {}
    name = "/".join(str(about[key]) for key in ("namespace", "name") if about.get(key)) or "secret"
    for key, value in _texts(manifest.get("stringData")):
        yield from from_text(f"{name}#{key}", value.encode("utf-8", "surrogatepass"))
    for key, value in _texts(manifest.get("data")):
        try:
            decoded = b64decode(value, validate=False)
        except ValueError:  # it is sealed, or a template
            continue
        yield from from_text(f"{name}#{key}", decoded.removesuffix(b"\n"))


def _texts(values: object) -> Iterator[tuple[str, str]]:
    if isinstance(values, dict):
        yield from ((str(key), value) for key, value in values.items() if isinstance(value, str))
