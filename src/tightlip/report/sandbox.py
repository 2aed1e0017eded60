"""Jinja for a template that gets mappings and lists and reaches nothing else: no attribute of any Python object.

`finding.rule` is the key `rule`. What Jinja itself puts into a template, such as `loop`, keeps its attributes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType

_MARKUP = (".html", ".htm", ".xhtml", ".xml", ".svg")
_TEMPLATES = (".j2", ".jinja", ".jinja2")
_JINJAS_OWN = (LoopContext, Macro, TemplateReference, BlockReference, Context, Cycler, Joiner, Namespace)


class _Environment(ImmutableSandboxedEnvironment):
    """Names lead to keys of mappings and to nothing else."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - as the base class has it
        if isinstance(obj, _JINJAS_OWN):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401 - as the base class has it
        """Return what a mapping or list has there; the base class would try attributes next."""
        if isinstance(obj, _JINJAS_OWN) and isinstance(argument, str):
            return super().getattr(obj, argument)
        if isinstance(obj, (Mapping, list, tuple, str)):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                pass
        return self.undefined(obj=obj, name=str(argument))


class Template:
    """A template, ready to be filled in."""

    def __init__(self, file: str, text: str) -> None:
        """Raise `UsageError` where it is no template. Parameters: `file`, where it is; `text`, what it says."""
        self._file = file
        folder = os.path.dirname(os.path.abspath(file))
        environment = _Environment(
            loader=FileSystemLoader(folder),  # for what it includes; no path leads out of the folder
            autoescape=lambda name: _is_markup(name or file),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        del environment.filters["attr"]
        try:
            code = environment.compile(text, os.path.basename(file), file)
        except TemplateSyntaxError as error:
            raise self._wrong(error) from None
        self._template = environment.template_class.from_code(environment, code, environment.make_globals(None))

    def rendered(self, values: Mapping[str, object]) -> str:
        """Return the text with values filled in. Raises `UsageError` that says where that fails."""
        try:
            return self._template.render(values)
        except Exception as error:  # noqa: BLE001 - whatever the expressions of a stranger can raise
            raise self._wrong(error) from None

    def _wrong(self, error: Exception) -> UsageError:
        """Return what went wrong: the words of Jinja, never those of another error, which could repeat a value."""
        line = error.lineno if isinstance(error, TemplateSyntaxError) else self._line(error.__traceback__)
        where = getattr(error, "filename", None) or self._file
        what = error.message if isinstance(error, TemplateError) and error.message else type(error).__name__
        return UsageError(f"{where}:{line}: this template cannot be used: {what}")

    def _line(self, trace: TracebackType | None) -> int:
        """Return the line of the template where it happened; Jinja puts it into the traceback."""
        line = 0
        while trace:
            if trace.tb_frame.f_code.co_filename == self._file:
                line = trace.tb_lineno
            trace = trace.tb_next
        return line


def _is_markup(name: str) -> bool:
    """Whether a template makes HTML or XML, in which `<` means something: `report.html`, `report.html.j2`."""
    stem, extension = os.path.splitext(name.lower())
    return (os.path.splitext(stem)[1] if extension in _TEMPLATES else extension) in _MARKUP
