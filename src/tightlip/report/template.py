"""The report as a person's own template has it: Jinja, sandboxed (https://jinja.palletsprojects.com).

The template gets what the JSON report holds, under the same names: `schema_version`, `tool`, `scan` and `findings`, in
plain mappings, lists, texts and numbers. Values are redacted as everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tightlip.errors import UsageError
from tightlip.report.document import document
from tightlip.report.json import as_json
from tightlip.report.options import PLAIN, Options, is_terminal
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.finding import Report
    from tightlip.report.sandbox import Template


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted unless the options say otherwise. Raises `UsageError`.

    What the stream's encoding lacks is escaped.
    """
    if options.template is None:
        raise UsageError("--report template needs to know how it looks: --template FILE")
    text = loaded(options.template).rendered(as_json(document(report, options)))
    if is_terminal(out):  # the template's text is a person's own, what it puts in is not
        text = "\n".join(map(visible, text.split("\n")))
    encoding = out.encoding or "utf-8"
    out.write(text.encode(encoding, "backslashreplace").decode(encoding))


def loaded(file: str) -> Template:
    """Return a template. Raises `UsageError` where it cannot be read, or is none."""
    try:
        from tightlip.report import sandbox
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "markupsafe"):
            raise
        raise UsageError("--template needs Jinja: pip install 'tightlip[template]'") from None
    try:
        text = Path(file).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have such a name"
        raise UsageError(f"{file}: cannot read it: {reason}") from None
    return sandbox.Template(file, text)
