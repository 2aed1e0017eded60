"""Files in installed packages, `package:name/file.yaml`, without running a line of these packages' code."""

from __future__ import annotations

import os
import re

from tightlip.config.places import Disk, Refused

PREFIX = "package:"
_NAME = re.compile(r"package:([A-Za-z_][A-Za-z0-9_]*)/(.+)", re.DOTALL)


def place(text: str) -> Disk:
    """Return a file in a package, which can name others in that package only.

    Raises `Refused` where there is no such package. Its name has no dot: to find `a.b`, Python imports `a`.
    """
    named = _NAME.fullmatch(text)
    if named is None:
        raise Refused("must be package:NAME/FILE, NAME without a dot")
    folder = _folder(named[1])
    shown = f"{PREFIX}{named[1]}/"
    return Disk(os.path.join(folder, "__init__.py"), folder, shown).beside(named[2])


def _folder(name: str) -> str:
    from importlib.machinery import ExtensionFileLoader
    from importlib.resources import files
    from importlib.util import find_spec, module_from_spec

    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.submodule_search_locations is None:
        raise Refused(f"names the package {name}, which is not installed here")
    if isinstance(spec.loader, ExtensionFileLoader):
        raise Refused(f"names {name}, which is compiled: only a package of files can be looked into")
    # A module that is made and not executed: what is asked for its files is only where it was found.
    folder = str(files(module_from_spec(spec)))
    if not os.path.isdir(folder):
        raise Refused(f"names the package {name}, which is not installed as files in one folder")
    return folder
