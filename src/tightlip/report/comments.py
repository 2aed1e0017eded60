"""How a comment looks in a kind of file, so that a line to paste fits where it goes."""

from __future__ import annotations

_BY_MARKS = {
    ("// ", ""): (
        "c cc cjs cpp cs cxx dart fs go gradle groovy h hpp java js json5 jsonc jsx kt kts less m mjs mm php proto rs "
        "scala scss sol swift ts tsx v zig"
    ),
    ("<!-- ", " -->"): "config csproj htm html markdown md plist pom props svelte svg targets vue xaml xhtml xml",
    ("/* ", " */"): "css",
    ("-- ", ""): "adb ads elm hs lua sql vhd vhdl",
    ("; ", ""): "asm clj cljs edn el ini lisp reg scm",
    ("% ", ""): "bib erl hrl sty tex",
    ("' ", ""): "bas vb vbs",
    ('" ', ""): "vim vimrc",
    ("REM ", ""): "bat cmd",
}
_MARKS = {extension: marks for marks, extensions in _BY_MARKS.items() for extension in extensions.split()}
_WITHOUT = frozenset(
    (
        "csv",
        "der",
        "geojson",
        "har",
        "ipynb",
        "json",
        "jsonl",
        "map",
        "ndjson",
        "p12",
        "pfx",
        "rtf",
        "tsv",
        "webmanifest",
    )
)


def comment(path: str, text: str) -> str | None:
    """Return `text` as a comment in a file of this name, or None where such a file has no comments.

    What is not known is taken to use `#`, as configuration and scripts do.
    """
    extension = path.replace("\\", "/").rpartition("/")[2].rpartition(".")[2].lower()
    if extension in _WITHOUT:
        return None
    before, after = _MARKS.get(extension, ("# ", ""))
    return f"{before}{text}{after}"
