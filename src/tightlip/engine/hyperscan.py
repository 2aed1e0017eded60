"""Hyperscan, without the package around it.

`import hyperscan` runs a file that needs `typing`, and through it `re`, `enum` and `collections`: on a clean commit
that takes longer than git and the scan together, for nothing that is used here. So the extension module in the package
is loaded by itself.
"""

from __future__ import annotations

import os
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType


def load() -> tuple[ModuleType | None, str]:
    """Return the extension module and what tells its builds apart; None where there is no wheel for this platform."""
    package = PathFinder.find_spec("hyperscan")
    folders = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec("hyperscan._hs_ext", folders) if folders else None
    if spec is None or spec.loader is None or spec.origin is None:
        return None, "no hyperscan"
    status = os.stat(spec.origin)
    return _load(spec), f"hyperscan {spec.origin} {status.st_size} {status.st_mtime_ns}"


def _load(spec: ModuleSpec) -> ModuleType | None:
    loader = spec.loader
    if loader is None:
        return None
    try:
        module = loader.create_module(spec)
        if module is not None:
            loader.exec_module(module)
    except ImportError:  # built for another platform
        return None
    return module
