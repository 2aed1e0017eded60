"""Compile the native parts of the package where there is a compiler, and read the rules ahead.

Without a compiler the same is done in Python. Without the rules read ahead, the first run does that.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

SOURCES = (
    "src/tightlip/engine/_runs.c",
    "src/tightlip/git/_listing.c",
    "src/tightlip/git/packs/_deltas.c",
    "src/tightlip/purge/rewriting/_trees.c",
)
PREPARE = "import sys; sys.path.insert(0, sys.argv[1]); from tightlip import prepared; prepared.write(sys.argv[2])"
"""In a process of its own, so that it is this checkout's code, whatever is installed or loaded here."""


class MadeAhead(BuildHookInterface):
    """Adds compiled modules and the rules to a wheel; an editable install has the modules beside their sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile. Parameters: `version`, "editable" or "standard"; `build_data`, what goes into the wheel besides."""
        self.folder = tempfile.TemporaryDirectory(prefix="tightlip-build-")  # goes even where the build fails
        built = Path(self.folder.name)
        for file in compiled(Path(self.root), built):
            place = file.relative_to(built)
            if version == "editable":
                self._put(file, Path(self.root, "src", place))
            elif file.exists():
                build_data["pure_python"], build_data["infer_tag"] = False, True
                build_data["force_include"][str(file)] = place.as_posix()
        if version != "editable":  # in a checkout the rules change
            self._prepare(built / "rules.prepared", build_data)

    def _prepare(self, file: Path, build_data: dict[str, Any]) -> None:
        """Put what a first run would make of the rule files into the wheel."""
        command = [sys.executable, "-B", "-c", PREPARE, Path(self.root, "src"), file]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode:
            self.app.display_warning(f"the rules were not read ahead: {done.stderr.strip()[-1000:]}")
        else:
            build_data["force_include"][str(file)] = "tightlip/rules.prepared"

    def _put(self, file: Path, target: Path) -> None:
        """Replace a module, or take away an old one where it could not be compiled. A process may have it loaded."""
        if target.exists():
            target.unlink()
        if file.exists():
            try:
                shutil.copy(file, target)
            except OSError as error:  # nothing can be put into this checkout; Python does the same
                self.app.display_warning(f"not compiled: {error}")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Tidy up."""
        self.folder.cleanup()


def compiled(root: Path, folder: Path) -> list[Path]:
    """Compile into `folder`, laid out as the package; return the modules, of which some may not be there after all."""
    extensions = [
        Extension(".".join(Path(source).with_suffix("").parts[1:]), [str(root / source)], optional=True)
        for source in SOURCES
        if sys.implementation.name == "cpython"  # elsewhere it would have to be emulated, which is slower than Python
    ]
    command = build_ext(Distribution({"name": "tightlip", "ext_modules": extensions}))
    command.build_lib, command.build_temp = str(folder), tempfile.mkdtemp(dir=folder)
    command.ensure_finalized()
    command.run()
    return [Path(output) for output in command.get_outputs()]
