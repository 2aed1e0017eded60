"""An extension module, without the package around it.

A package's own code may need `typing`, and through it `re`, `enum` and `collections`: on a commit that takes longer
than git and the scan together, for nothing that is used here. So the module in the package is loaded by itself. The
package may be imported later, and uses the same module; only as an attribute of the package it is not there.
"""

from __future__ import annotations

import os
import sys
from importlib._bootstrap import module_from_spec  # `importlib.util` has it too, and loads much else
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
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
    module = sys.modules.get(spec.name) or _load(spec, spec.loader)
    return module, f"{package} {spec.origin} {status.st_size} {status.st_mtime_ns}"


def _load(spec: ModuleSpec, loader: Loader) -> ModuleType | None:
    try:
        module = module_from_spec(spec)
        sys.modules[spec.name] = module  # for the package itself, which may come later: there can be only one
        loader.exec_module(module)
    except ImportError:  # built for another platform
        sys.modules.pop(spec.name, None)
        return None
    return module
