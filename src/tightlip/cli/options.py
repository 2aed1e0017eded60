"""The options that mean the same in every command, and the values they take."""

from __future__ import annotations

import argparse
import math
from collections.abc import Collection
from functools import partial

from tightlip.cli import knowing
from tightlip.cli.output import destination
from tightlip.model import HIGH, LOW, MEDIUM
from tightlip.report import FORMATS

_CONFIDENCES = {"high": HIGH, "medium": MEDIUM, "low": LOW}
_MOST = 255


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is looked for."""
    add_rule_files(parser).add_argument(
        *("--min-confidence",),
        type=confidence,
        metavar="LEVEL",
        help="report what is at least this sure: high, medium (the default), low, or a number from 0 to 1",
    )


def add_rule_files(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the option that names rule files, and return its group."""
    group = parser.add_argument_group("what to look for")
    group.add_argument(
        *("--rules",),
        action="append",
        default=[],
        metavar="PATH",
        help="a rule file, or a folder of them, to use as well; may be repeated",
    )
    return group


def add_baseline(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which findings are known."""
    group = parser.add_argument_group("what is known").add_mutually_exclusive_group()
    group.add_argument(
        *("--baseline",),
        metavar="FILE",
        help="known findings (default: .tightlip-baseline.yaml at the top of the repository, if it is there)",
    )
    group.add_argument("--no-baseline", action="store_true", help="report what is known, too")


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a repository has to say."""
    group = parser.add_argument_group("what the repository says")
    group.add_argument("--config", metavar="FILE", help="a configuration in place of the repository's own")
    group.add_argument(
        "--no-allow", action="store_true", help="report what comments, .tightlipignore and the configuration allow, too"
    )


def add_report(parser: argparse.ArgumentParser, formats: Collection[str] = ("text", "json")) -> argparse._ArgumentGroup:
    """Add the options that say what a report looks like and where it goes, and return their group.

    Parameters: `formats`, those of what the command reports; `FORMATS` are those of findings.
    """
    *most, last = (f"{name} (the default)" if name == "text" else name for name in formats)
    group = add_formats(parser, f"{', '.join(most)} or {last}", formats)
    if "template" in formats:
        group.add_argument("--template", metavar="FILE", help="what a report as `template` looks like, in Jinja")
    detail = group.add_mutually_exclusive_group()
    detail.add_argument(
        *("-q", "--quiet"),
        dest="detail",
        action="store_const",
        const=-1,
        default=0,
        help="one line for each place, nothing else",
    )
    detail.add_argument(
        *("-v", "--verbose"), dest="detail", action="store_const", const=1, help="every place, ref and fingerprint"
    )
    return group


def add_show_secrets(group: argparse._ArgumentGroup) -> None:
    """Add the option that has the values in a report."""
    group.add_argument(
        *("--show-secrets",),
        action="store_true",
        help="show the values, on a terminal or in a file that only you can read",
    )


def add_formats(parser: argparse.ArgumentParser, what: str, formats: Collection[str]) -> argparse._ArgumentGroup:
    """Add the options that say in which format a report is, where it goes, and whether it has colours.

    Parameters: `what`, the formats in words.
    """
    group = parser.add_argument_group("report")
    group.add_argument(
        *("--report",),
        action="append",
        default=[],
        type=partial(destination, formats=formats),
        metavar="FORMAT[:FILE]",
        help=f"{what}, to standard output or into a file; may be repeated",
    )
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="auto: on a terminal")
    return group


def add_scan(parser: argparse.ArgumentParser) -> None:
    """Add the options of every scan."""
    add_rules(parser)
    knowing.add_argument(parser)
    add_policy(parser)
    add_baseline(parser)
    add_report(parser, FORMATS)
    group = parser.add_argument_group("outcome")
    add_show_secrets(group)
    add_exit_code(group, "when secrets are found")


def add_exit_code(group: argparse._ArgumentGroup, when: str) -> None:
    """Add the option that chooses an exit code. Parameters: `when`, what it says, in words."""
    group.add_argument(
        *("--exit-code",), type=exit_code, default=1, metavar="N", help=f"the exit code {when} (default: 1)"
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how many processes a long scan may use."""
    group = parser.add_argument_group("speed")
    group.add_argument(
        *("--jobs",),
        type=number,
        default=0,
        metavar="N",
        help="processes (default: 0, as many as there are processors)",
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Add the option that does without what earlier scans have seen."""
    parser.add_argument(
        "--no-cache", action="store_true", help="scan everything anew, and leave no word for the next scan"
    )


def add_submodules(group: argparse._ActionsContainer, which: str) -> None:
    """Add the option that has every submodule count. Parameters: `which`, what that means, in words."""
    group.add_argument("--recurse-submodules", action="store_true", help=which)


def add_lfs(group: argparse._ActionsContainer) -> None:
    """Add the option that has the content scanned that pointer files of Git LFS stand for."""
    group.add_argument(
        *("--lfs",),
        action="store_true",
        help="scan what Git LFS keeps on this machine in the place of its pointer files, and tell what is not here",
    )


def number(text: str) -> int:
    """Read a number from 0 on."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return int(text)


def positive(text: str) -> int:
    """Read a number from 1 on."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def confidence(text: str) -> float:
    """Read a level of confidence."""
    try:
        value = _CONFIDENCES[text] if text in _CONFIDENCES else float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not high, medium, low or a number from 0 to 1")
    return value


def exit_code(text: str) -> int:
    """Read an exit code."""
    if not text.isascii() or not text.isdigit() or int(text) > _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_MOST}")
    return int(text)
