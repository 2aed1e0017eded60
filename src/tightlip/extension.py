"""An extension module, without the package around it.

A package's own code may need `typing`, and through it `re`, `enum` and `collections`: on a commit that takes longer
than git and the scan together, for nothing that is used here. So the module in the package is loaded by itself.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def load(package: str, name: str) -> tuple[ModuleType | None, str]:
    """Return an extension module and what tells its builds apart; None where there is none for this platform."""
    found = PathFinder.find_spec(package)
    folders = found.submodule_search_locations if found else None
    spec = PathFinder.find_spec(f"{package}.{name}", folders) if folders else None
    if spec is None or spec.loader is None or spec.origin is None:
        return None, f"no {package}"
    status = os.stat(spec.origin)
    module = sys.modules.get(spec.name) or _load(spec)
    return module, f"{package} {spec.origin} {status.st_size} {status.st_mtime_ns}"


def _load(spec: ModuleSpec) -> ModuleType | None:
    loader = spec.loader
    if loader is None:
        return None
    try:
        module = loader.create_module(spec)
        if module is not None:
            sys.modules[spec.name] = module  # for the package itself, which may come later: there can be only one
            loader.exec_module(module)
    except ImportError:  # built for another platform
        sys.modules.pop(spec.name, None)
        return None
    return module
