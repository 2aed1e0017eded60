"""The program that runs detect-secrets' plugins, in a process of its own: they are other people's programs.

It takes a line of JSON for each request on standard input, the text after it, and answers each with a line of JSON. It
is run as a file and knows nothing of tightlip. What is verified with a server is not: no filter asks for it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, BinaryIO, TypeAlias

Row: TypeAlias = "tuple[str, str, int, str]"
"""A plugin, the type of secret that it names, the line from 1, and the value."""
_VERIFYING = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
_ALLOWING = "detect_secrets.filters.allowlist.is_line_allowlisted"
"""Comments that allow are tightlip's to honour, which counts them."""
_OF_FILES = "detect_secrets.filters.common.is_invalid_file", "detect_secrets.filters.heuristic.is_non_text_file"
"""What is looked at need not be a file here."""
_OWN_FILTERS = "detect_secrets.filters."


def main() -> None:
    """Answer requests until there are no more."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what a plugin prints may hold the value, and would be taken for an answer
        os.dup2(nothing, stream)
    for line in asked:
        answer(json.loads(line), asked, answers)


def answer(request: dict[str, Any], asked: BinaryIO, answers: BinaryIO) -> None:
    """Do what a request says, and say what came of it."""
    try:
        if "load" in request:
            said: dict[str, Any] = {"plugins": load(request["load"], request["custom"])}
        elif "settings" in request:
            said = {"rows": list(files(request["settings"], request["files"]))}
        else:
            text = asked.read(request["size"])
            said = look(request["path"], text.decode("utf-8", "surrogateescape"))
    except Wrong as error:
        said = {"wrong": str(error)}
    except BaseException as error:  # noqa: BLE001 - also what a plugin raises to end the program; its text may hold a value
        said = {"wrong": f"{type(error).__name__} is raised"}
    answers.write(json.dumps(said).encode() + b"\n")
    answers.flush()


class Wrong(Exception):
    """What is wrong with what was asked for, in words that hold no value."""


def load(names: list[str], custom: list[str]) -> list[str]:
    """Make the plugins ready that names or globs name, and all of files; return the types of what they find."""
    from detect_secrets import settings
    from detect_secrets.core.plugins import initialize
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    classes: dict[str, type] = get_mapping_from_secret_type_to_class()
    every = {one.__name__ for one in classes.values()}
    wanted: dict[str, None] = {}
    for name in names:
        found = sorted(one for one in every if fnmatchcase(one, name))
        if not found:
            raise Wrong(f"detect-secrets has no plugin {name}")
        wanted |= dict.fromkeys(found)
    for path in custom:
        try:
            made: list[Any] = list(initialize.from_file(path))
        except BaseException as error:  # noqa: BLE001 - it is a program, and may raise whatever it likes
            raise Wrong(f"{path} cannot be loaded: {type(error).__name__} is raised") from None
        if not made:
            raise Wrong(f"{path} has no plugin in it")
        wanted |= dict.fromkeys(one.__name__ for one in made)
    now = settings.get_settings()
    now.configure_plugins([{"name": name} for name in wanted])
    now.disable_filters(_VERIFYING, _ALLOWING, *_OF_FILES)
    return [str(one.secret_type) for one in settings.get_plugins()]


def look(path: str, text: str) -> dict[str, Any]:
    """Return what the plugins find in a text, and which of them failed."""
    from detect_secrets.settings import get_plugins
    from detect_secrets.util.code_snippet import get_code_snippet
    from detect_secrets.util.inject import get_injectable_variables

    lines = [line.rstrip() for line in text.split("\n")]
    rows, failed = dict[Row, None](), dict[str, None]()
    if is_left_out("filename", filename=path):
        return {"rows": [], "failed": []}
    plugins = [(plugin, set(get_injectable_variables(plugin.analyze_line))) for plugin in get_plugins()]
    for number, line in enumerate(lines, 1):
        if line:
            context = get_code_snippet(lines=lines, line_number=number)
            known = {"filename": path, "line": line, "line_number": number, "context": context}
            for plugin, wants in plugins:
                rows |= dict.fromkeys(of_line(plugin, wants, known, failed))
    return {"rows": list(rows), "failed": list(failed)}


def of_line(plugin: Any, wants: set[str], known: dict[str, Any], failed: dict[str, None]) -> list[Row]:  # noqa: ANN401 - its own
    """Return what a plugin finds in a line, but for what detect-secrets' filters leave out; or note that it failed."""
    try:
        found = plugin.analyze_line(**{name: known[name] for name in wants & known.keys()}) or ()
        return [
            (type(plugin).__name__, str(secret.type), known["line_number"], str(secret.secret_value))
            for secret in found
            if secret.secret_value and not is_secret_left_out(plugin, secret.secret_value, known)
        ]
    except BaseException as error:  # noqa: BLE001 - as above
        failed[f"{type(plugin).__name__} ({type(error).__name__})"] = None
        return []


def is_secret_left_out(plugin: Any, value: str, known: dict[str, Any]) -> bool:  # noqa: ANN401 - its own
    """Whether detect-secrets' filters leave out what a plugin finds."""
    line = {"filename": known["filename"], "line": known["line"]}
    about = {**line, "secret": value, "plugin": plugin}
    context = known["context"]
    return (
        is_left_out("line", **line, context=context)
        or is_left_out("secret", **about)
        or is_left_out("context", **about, context=context)
    )


def is_left_out(needed: str, **known: Any) -> bool:  # noqa: ANN401 - of whatever a filter wants
    """Whether one of the filters leaves something out that want what is needed, and no more than what is known."""
    return any(leaves_out(**{name: known[name] for name in wants}) for leaves_out, wants in _that_want(needed, *known))


@cache
def _that_want(needed: str, *known: str) -> list[tuple[Any, frozenset[str]]]:
    from detect_secrets.settings import get_filters

    wanted = [(it, frozenset(it.injectable_variables)) for it in get_filters()]
    return [(it, wants) for it, wants in wanted if needed in wants and wants <= set(known)]


def files(settings: dict[str, Any], paths: list[str]) -> Iterator[list[Any]]:
    """Yield what detect-secrets finds in files: path, type, line, value and its hash. Only its own plugins are run."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import configure_settings_from_baseline

    own = {key: [it for it in settings[key] if is_own(it)] for key in ("plugins_used", "filters_used")}
    configure_settings_from_baseline(own).disable_filters(_VERIFYING)
    for path in paths:
        for secret in scan_file(path):
            yield [path, secret.type, secret.line_number, secret.secret_value, secret.secret_hash]


def is_own(used: dict[str, Any]) -> bool:
    """Whether a plugin or a filter is detect-secrets' own, and not a program that a repository holds."""
    if "name" in used:
        return "path" not in used
    return str(used.get("path", "")).startswith(_OWN_FILTERS)


if __name__ == "__main__":
    del sys.path[0]  # this folder: its modules are not for others to find
    main()
