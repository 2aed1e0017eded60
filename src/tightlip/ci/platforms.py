"""The platforms that are known: each is a file here, with a line in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci import azure, bitbucket, buildkite, circleci, github, gitlab, jenkins
from tightlip.ci.said import Kind, Platform, Said
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from tightlip.ci.said import Environ

PLATFORMS: dict[str, Platform] = {
    module.PLATFORM.name: module.PLATFORM for module in (github, gitlab, bitbucket, azure, jenkins, circleci, buildkite)
}
_NOT_SO = ("", "false", "0")


def here(environ: Environ) -> Platform | None:
    """Return the platform whose job this is; None where none is known."""
    return next((it for it in PLATFORMS.values() if environ.get(it.sign, "").lower() not in _NOT_SO), None)


def _unsaid(_: Environ) -> Said:
    """Tell that a person has to say it. Raises `UsageError`."""
    known = ", ".join(platform.title for platform in PLATFORMS.values())
    raise UsageError(
        f"no job of {known} runs here; say what to compare, as --base main (and --head REV, if it is not HEAD)"
    )


BY_HAND = Platform("none", "", "", _unsaid, deeper="clone without --depth")
"""No platform: what to scan is said by options."""


def asked(what: str) -> Said:
    """Return what a person says with `--base` and `--head`, as far as it is not looked up yet."""
    return Said(what, Kind.REQUEST)
