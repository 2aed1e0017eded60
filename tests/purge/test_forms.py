"""Values are found in every form that is promised, and replaced without changing anything else."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import re
import tarfile
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tightlip.model import Secret
from tightlip.purge.forms import Form, Forms
from tightlip.purge.forms import quick as quick_module
from tightlip.purge.values import Purged

TOKEN = "".join(("gh", "p_9mWk2Lp", "Q7xRt5VbN8", "cYs3HdF6gJ", "z1KaE4uTq"))
VALUE = TOKEN.encode()
HERE = b"***REMOVED***"
FIT = HERE + b"*" * (len(VALUE) - len(HERE))
FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def forms(*values: bytes | Purged) -> Forms:
    return Forms([value if isinstance(value, Purged) else Purged(Secret(value)) for value in values])


def quickly(*values: bytes) -> Forms:
    """Return what finds the same without Hyperscan, which takes longer to compile than everything else here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_module, "hs", None)
        return forms(*values)


ONE, OTHER = forms(VALUE), quickly(VALUE)


def names(data: bytes, looking: Forms = ONE) -> list[str]:
    return [form.name for form in looking.found(data)]


def gone(data: bytes, looking: Forms = ONE) -> bytes:
    """Replace, and make sure of all that has to be so whatever the form."""
    assert looking.may_be_in(data)
    assert looking.found(data)
    new, left = looking.replaced(data)
    assert left == []
    assert looking.found(new) == []
    again, left = looking.replaced(new)
    assert again is new
    assert left == []
    return new


# What stands as it is


def test_a_plain_value_is_replaced_and_nothing_else() -> None:
    assert ONE.found(b"key = " + VALUE + b"\r\nnext\r\n") == [Form(0, "plain", 6, 46)]
    assert gone(b"key = " + VALUE + b"\r\nnext\r\n") == b"key = ***REMOVED***\r\nnext\r\n"


@pytest.mark.parametrize(
    "data", [b"", b"nothing", b"\0" * 9000, VALUE[:-1] + b"!", b"\xff\xfe", gzip.compress(b"x", mtime=0)]
)
def test_what_holds_no_value_is_returned_as_the_same_object(data: bytes) -> None:
    assert ONE.found(data) == []
    assert ONE.replaced(data) == (data, [])
    assert ONE.replaced(data)[0] is data
    assert ONE.replaced_text(data) is data


def test_of_values_in_each_other_nothing_is_left_of_the_longer_one() -> None:
    both = forms(VALUE[4:20], Purged(Secret(VALUE), b"LONG"))
    assert gone(VALUE + b" " + VALUE[4:20], both) == b"LONG ***REMOVED***"
    slashed = forms(b"ss/word-12", Purged(Secret(b"pa/ss/word-12"), b"LONG"))
    assert gone(rb'"pa\/ss/word-12"', slashed) == b'"LONG"'


def test_a_value_that_comes_to_be_by_replacing_is_replaced_too() -> None:
    nothing = forms(Purged(Secret(b"abcdefgh"), b""))
    assert gone(b"<abcdabcdefghefgh>", nothing) == b"<>"
    growing = forms(Purged(Secret(b"aab1234"), b"1234"), Purged(Secret(b"xx1234"), b"aab"))
    assert growing.found(growing.replaced(b"xxxxaab1234" * 3)[0]) == []


def test_a_replacement_may_not_bring_a_value_back_and_the_error_does_not_show_it() -> None:
    with pytest.raises(ValueError, match="replacement of value 1 holds value 1") as error:
        forms(Purged(Secret(VALUE), b"was " + VALUE))
    assert TOKEN not in str(error.value)
    with pytest.raises(ValueError, match="value 1 is empty"):
        forms(b"")


def test_a_short_value_is_looked_for_in_plain_and_wide_form_only() -> None:
    short = forms(b"pw12")
    assert names(b"x pw12 y", short) == ["plain"]
    assert names(b"\0\0\0\1" + "pw12".encode("utf-16-le") + b"\0\0\3\4\0\0\0\0", short) == ["utf-16"]
    assert names(base64.b64encode(b"xxxpw12xxx") + b"pw12".hex().encode() + b" pw\n12", short) == []


def test_a_value_that_is_not_utf_8_is_found() -> None:
    odd = forms(b"\xff\xfepass\x80word")
    assert gone(b"=\xff\xfepass\x80word;", odd) == b"=***REMOVED***;"
    assert names(base64.b64encode(b"a\xff\xfepass\x80word"), odd) == ["base64"]
    assert odd.found(b"\xff\xfe" + "plain text".encode("utf-16-le")) == []


def test_a_value_in_latin_1_is_found_and_utf_8_that_looks_like_it_is_not() -> None:
    value = "größe-1234-é"
    looking = forms(value.encode())
    assert gone(b"pw=" + value.encode("latin-1") + b"\n", looking) == b"pw=***REMOVED***\n"
    assert looking.found(value[:-1].encode("latin-1") + b"\xe9\x80\x80") == []


def test_what_git_filter_repo_does_is_done() -> None:
    """Its `--replace-text` replaces one literal after the other with `bytes.replace`."""
    values = [VALUE, b"hunter2-hunter2", b"a-b-a-b-a-b", b"C:\\secret\\x", b"'quoted'\"value\""]
    looking = forms(*values)
    pieces = [*values, b"-b", b"a-", b"\\", b"'", b'"', b" ", b"\n", b"\r\n", b"\xff", b"=", b"%41", b"+"]
    row: list[bytes] = []
    for seed in range(400):
        row.append(pieces[(seed * seed * 7 + seed // 3) % len(pieces)])
        data = b"".join(row[-12:])
        expected = data
        for value in sorted(values, key=len, reverse=True):
            expected = expected.replace(value, HERE)
        assert looking.replaced(data)[0] == expected, data


# Binary files


def test_in_a_binary_file_nothing_changes_its_size() -> None:
    data = b"\x7fELF\0\0" + VALUE + b"\0rest" + VALUE.hex().encode() + b"\0" + b"".join(b"%%%02x" % c for c in VALUE)
    new = gone(data)
    assert len(new) == len(data)
    assert new[6 : 6 + len(VALUE)] == FIT
    assert new[6 + len(VALUE) :].startswith(b"\0rest" + FIT.hex().encode() + b"\0")


def test_a_nul_after_the_first_8000_bytes_does_not_make_a_file_binary() -> None:
    assert gone(b"x" * 7999 + b"\0" + VALUE) == b"x" * 7999 + b"\0" + FIT
    assert gone(b"x" * 8000 + b"\0" + VALUE) == b"x" * 8000 + b"\0" + HERE


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("before", [b"\0\1\2\3\0\0\0\0", b"\0\1\2"])
def test_a_wide_value_in_a_binary_file_keeps_its_size(encoding: str, before: bytes) -> None:
    data = before + TOKEN.encode(encoding) + b"\xff\0\0\0\0\0\0\1"
    new = gone(data)
    assert len(new) == len(data)
    assert FIT.decode().encode(encoding) in new


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_wide_text_is_text(encoding: str) -> None:
    text = f"name = ä\r\nkey = {TOKEN}\r\nurl = {quote(TOKEN, safe='')}%2B\r\nb = 'aaa'\r\n"
    assert gone(text.encode(encoding)) == text.replace(TOKEN, HERE.decode()).encode(encoding)


def test_a_place_in_a_wide_text_is_that_of_the_bytes_there() -> None:
    data = f"ä😀 {TOKEN} {TOKEN.encode().hex()}".encode("utf-16")
    first, second = ONE.found(data)
    assert (first.name, second.name) == ("utf-16", "utf-16: hex")
    assert data[first.start : first.end].decode("utf-16-le") == TOKEN
    assert data[second.start : second.end].decode("utf-16-le") == TOKEN.encode().hex()


def test_a_binary_file_that_begins_like_wide_text_is_binary() -> None:
    data = "text here".encode("utf-16") + b"\0\0\0\0" + VALUE + bytes(range(256))
    assert len(gone(data)) == len(data)


def test_an_odd_byte_at_the_end_of_a_wide_text_stays() -> None:
    assert gone(f"a={TOKEN}\n".encode("utf-16") + b"x") == f"a={HERE.decode()}\n".encode("utf-16") + b"x"


# Base64 and hexadecimal


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc", b"\xff\xff", b"??"])
@pytest.mark.parametrize("after", [b"", b"z", b"zz", b"zzz", b"\xff\xff\xff"])
@pytest.mark.parametrize("url", [False, True])
def test_base64_keeps_the_bytes_around_the_value(before: bytes, after: bytes, url: bool) -> None:  # noqa: FBT001
    encode, decode = (
        (base64.urlsafe_b64encode, base64.urlsafe_b64decode) if url else (base64.b64encode, base64.b64decode)
    )
    data = b'"' + encode(before + VALUE + after) + b'"'
    assert names(data) == ["base64"]
    new = gone(data)
    assert len(new) == len(data)
    assert decode(new[1:-1]) == before + FIT + after


@pytest.mark.parametrize("width", [20, 60, 64, 76])
@pytest.mark.parametrize("joint", [b"\n", b"\r\n", b"\n    ", b"\\n", b'" +\n    "', b"\\n' \\\n  '", b"\n# "])
def test_wrapped_base64_stays_wrapped(width: int, joint: bytes) -> None:
    for size in range(40, 100):
        inner = b"x" * size + VALUE + b"y" * 70
        encoded = base64.b64encode(inner)
        lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
        new = gone(b"begin " + joint.join(lines))
        assert base64.b64decode(b"".join(new.removeprefix(b"begin ").split(joint))) == inner.replace(VALUE, FIT)


def test_base64_of_utf_16_is_overwritten_in_utf_16() -> None:
    for before in ("", "x", "xx", "$x = '"):
        data = b"powershell -EncodedCommand " + base64.b64encode(f"{before}{TOKEN}'".encode("utf-16-le"))
        assert names(data) == ["base64 of utf-16"]
        assert base64.b64decode(gone(data)[27:]).decode("utf-16-le") == f"{before}{FIT.decode()}'"


def test_escaped_base64_is_read() -> None:
    value = b"\xfb\xff\xbf>>>???\xfb\xef\xbe~~~~"
    inner, fit = b"user:" + value + b"!", (HERE + b"*" * 9)[: len(value)]
    encoded = base64.b64encode(inner).decode()
    for written, read in ((quote(encoded, safe=""), unquote_to_bytes), (encoded.replace("/", "\\/"), _unslashed)):
        assert base64.b64decode(read(gone(written.encode(), forms(value)))) == b"user:" + fit + b"!"


def _unslashed(text: bytes) -> bytes:
    return text.replace(b"\\/", b"/")


@pytest.mark.parametrize(
    "written",
    [
        VALUE.hex(),
        VALUE.hex().upper(),
        "".join(c.upper() if at % 3 else c for at, c in enumerate(VALUE.hex())),
        VALUE.hex(" "),
        VALUE.hex(":"),
        VALUE.hex("-").upper(),
        ", ".join(f"0x{c:02x}" for c in VALUE),
        ",\n    ".join(", ".join(f"0x{c:02X}" for c in VALUE[at : at + 8]) for at in range(0, len(VALUE), 8)),
        VALUE.hex(" ", 2),
        '"\n"'.join(VALUE[at : at + 8].hex() for at in range(0, len(VALUE), 8)),
        TOKEN.encode("utf-16-le").hex(","),
    ],
)
def test_hexadecimal_is_overwritten_byte_by_byte(written: str) -> None:
    new = gone(f"a {written};".encode()).decode()
    assert len(new) == len(written) + 3
    digits = re.sub(r"0x|[^0-9a-fA-F]", "", new[2:])
    assert bytes.fromhex(digits).replace(b"\0", b"") == FIT
    assert re.sub(r"[0-9a-fA-F]{2}", "", new) == re.sub(r"[0-9a-fA-F]{2}", "", f"a {written};")


# Escaped


@pytest.mark.parametrize(
    "written",
    [
        "".join(f"%{c:02X}" for c in VALUE),
        "".join(f"%25{c:02x}" for c in VALUE),
        "".join(f"\\x{c:02x}" for c in VALUE),
        "".join(f"\\u{c:04X}" for c in VALUE),
        "".join(f"\\\\u{{{c:x}}}" for c in VALUE),
        "".join(f"\\{c:03o}" for c in VALUE),
        "".join(f"&#{c};" for c in VALUE),
        "".join(f"&#x{c:X};" for c in VALUE),
        "".join(f"&amp;#{c};" for c in VALUE),
        "".join(f"={c:02X}" for c in VALUE),
        TOKEN.replace("_", "%5F").replace("9", "&#57;").replace("W", "\\u0057").replace("Q", "=51"),
    ],
)
def test_an_escaped_value_is_replaced_by_plain_characters(written: str) -> None:
    assert gone(f"a {written};".encode()) == b"a ***REMOVED***;"


SPECIAL = "p@ss/w\"or'd\\<&> +é1\t%=x\\\\y''z"


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(SPECIAL)[1:-1],
        json.dumps(SPECIAL, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SPECIAL))[1:-1].removeprefix('\\"').removesuffix('\\"'),
        json.dumps(SPECIAL)[1:-1].replace("/", "\\/"),
        repr(SPECIAL)[1:-1],
        quote(SPECIAL),
        quote(SPECIAL, safe="").replace("%20", "+"),
        html.escape(SPECIAL),
        SPECIAL.replace("'", "''"),
        SPECIAL.replace("'", "'\\''"),
        SPECIAL.replace("'", "'\"'\"'"),
        SPECIAL.replace('"', '""'),
        quopri.encodestring(SPECIAL.encode(), quotetabs=True).decode(),
        re.sub(r"([^\w])", r"\\\1", SPECIAL),
    ],
)
def test_special_characters_may_be_escaped_in_every_way(written: str) -> None:
    looking = forms(SPECIAL.encode())
    assert gone(f"a={written};".encode(), looking) == b"a=***REMOVED***;"


def test_a_replacement_that_needs_escaping_is_escaped_where_the_value_was() -> None:
    looking = forms(Purged(Secret(VALUE), b'"gone"\n'))
    assert gone(b'"' + VALUE + b'"', looking) == b'""gone"\n"'
    assert gone(b'"' + VALUE.replace(b"_", b"\\u005f") + b'"', looking) == b'"\\"gone\\"\\n"'


# Split


@pytest.mark.parametrize(
    "joint",
    ['" + "', "' '", '"\n  "', '"\r\n  "', '" \\\n  "', "' .\n '", '" & _\n  "', "\\\n", "\n    ", "\r\n\t", "=\n",
     '" ..\n"', '", "',
     '" || "', '"\n    + "', '\\n" +\n  "', "\n# ", "\n * ", "`\n", "^\r\n", "\\n", '" b"', '\\" + \\"'],
)  # fmt: skip
def test_a_split_value_goes_with_its_first_piece_and_what_joins_stays(joint: str) -> None:
    for cuts in ([3], [20], [39], [2, 7, 30]):
        pieces = [TOKEN[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
        data = f'x = "{joint.join(pieces)}" end\n'.encode()
        new = gone(data)
        assert new == b'x = "***REMOVED***' + (joint * len(cuts)).encode() + b'" end\n'
        assert new.count(b"\n") == data.count(b"\n")


def test_a_split_piece_may_be_escaped_too() -> None:
    data = b'"' + VALUE[:9].replace(b"_", b"\\x5f") + b'" +\n "' + VALUE[9:] + b'"'
    assert names(data) == ["split over lines"]
    assert gone(data) == b'"***REMOVED***" +\n ""'


def pem() -> str:
    body = base64.b64encode(bytes((at * at + at // 7) % 251 for at in range(600))).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN " + "PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"])


@pytest.mark.parametrize(
    "write",
    [
        lambda key: key.replace("\n", "\r\n"),
        lambda key: key.replace("\n", "\n    "),
        lambda key: key.replace("\n", "\r\n\t# "),
        lambda key: key.replace("\n", "\\n"),
        lambda key: key.replace("\n", "\\\\r\\\\n"),
        lambda key: '"' + key.replace("\n", '\\n" +\n  "') + '"',
        lambda key: key.replace("\n", " "),
        lambda key: quote(key, safe=""),
        lambda key: base64.encodebytes(("{" + key).encode()).decode(),
    ],
)
def test_a_key_of_many_lines_is_found_however_its_lines_are_written(write: Callable[[str], str]) -> None:
    data = f"a:\n{write(pem())}\nb\n".encode()
    new = gone(data, forms(pem().encode()))
    assert new.count(b"\n") == data.count(b"\n")
    assert new.startswith(b"a:\n")
    assert new.endswith(b"\nb\n")


# Compressed


def tar(content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zipped(*files: tuple[str, bytes, int]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content, method in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content, method)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz"])
def test_what_is_compressed_is_found_and_left(kind: str) -> None:
    pack = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}[kind]
    for inner, name in ((VALUE, ""), (tar(b"x" + VALUE), ""), (zipped(("a", VALUE, 8)), ": zip:a")):
        data = pack(b"%s" % inner)
        found = [Form(0, f"inside {kind}{name}", 0, len(data))]
        assert ONE.may_be_in(data)
        assert ONE.found(data)[:1] == found  # what is too short to be made smaller stands there as it is
        assert ONE.replaced(data) == (data, ONE.found(data))


def test_in_a_tar_archive_the_value_is_replaced() -> None:
    data = tar(b"key=" + VALUE + b"\n")
    with tarfile.open(fileobj=io.BytesIO(gone(data))) as archive:
        file = archive.extractfile("a.txt")
        assert file is not None
        assert file.read() == b"key=" + FIT + b"\n"


def test_a_stored_file_in_a_zip_archive_is_mended_and_a_deflated_one_is_left() -> None:
    data = zipped(("a", b"key=" + VALUE, 0), ("b", VALUE * 9, 8), (f"{TOKEN}.txt", b"c", 0))
    new, left = ONE.replaced(data)
    assert left == [Form(0, "inside zip:b", 0, len(data))]
    with zipfile.ZipFile(io.BytesIO(new)) as archive:
        assert archive.testzip() is None
        assert archive.read("a") == b"key=" + FIT
        assert archive.namelist() == ["a", "b", f"{FIT.decode()}.txt"]


def test_a_zip_archive_that_was_written_in_one_go_is_mended_too() -> None:
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", VALUE)
    with zipfile.ZipFile(io.BytesIO(gone(stream.data))) as archive:
        assert archive.testzip() is None
        assert archive.read("a") == FIT


@pytest.mark.parametrize("before", [b"BZh", b"PK\x03\x04", b"\xfd7zXZ\0", b"\x1f\x8b\x08"])
def test_what_only_begins_like_an_archive_is_none(before: bytes) -> None:
    assert gone(before + b" " + VALUE) == before + b" " + (FIT if b"\0" in before else HERE)


def test_a_damaged_zip_archive_is_reported_and_left() -> None:
    data = zipped(("a", b"key=" + VALUE, 0))[:-10]
    new, left = ONE.replaced(data)
    assert new is data
    assert "plain" in [form.name for form in left]


def test_what_of_an_archive_could_not_be_searched_is_said() -> None:
    data = bytearray(zipped(("a", b"content", 0)))
    assert ONE.search(bytes(data)).missed == []
    data[6] |= 1  # encrypted, says the header before the file
    data[data.find(b"PK\x01\x02") + 8] |= 1  # and the directory
    assert ONE.search(bytes(data)).missed == ["zip:a: it is encrypted"]


def test_the_name_of_a_file_in_an_archive_is_told_without_a_value() -> None:
    data = bytearray(zipped((f"{TOKEN}.txt", VALUE * 9, 8), (f"{TOKEN}.pdf", b"content", 0)))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1  # encrypted
    forms, missed = ONE.search(bytes(data))
    assert forms[0].name == "inside zip:***REMOVED***.txt"
    assert missed == ["zip:***REMOVED***.pdf: it is encrypted"]


# Whatever is around, whatever the value

CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
VALUES = st.one_of(
    st.text(st.sampled_from("abcXYZ0189_-+/=%&\\\"' .$<@é😀"), min_size=6, max_size=50),
    st.text(CHARACTERS, min_size=6, max_size=40),
    st.from_regex(r"[A-Za-z0-9_-]{20,60}", fullmatch=True),
).filter(lambda text: len(text.encode()) >= 6)
AROUND = st.text(st.sampled_from("ab01 =:,;\n\t<>({é"), max_size=30)

ENCODINGS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "base64": (base64.b64encode, base64.b64decode),
    "url": (base64.urlsafe_b64encode, base64.urlsafe_b64decode),
    "lines": (base64.encodebytes, base64.b64decode),
    "hex": (lambda data: data.hex().encode(), lambda data: bytes.fromhex(data.decode())),
    "HEX": (lambda data: data.hex(" ").upper().encode(), lambda data: bytes.fromhex(data.decode())),
    "percent": (lambda data: quote(data).encode(), unquote_to_bytes),
    "every percent": (lambda data: b"".join(b"%%%02x" % byte for byte in data), unquote_to_bytes),
    "json": (lambda data: json.dumps(data.decode()).encode(), lambda data: json.loads(data).encode()),
    "wide json": (
        lambda data: json.dumps(data.decode(), ensure_ascii=False).encode("utf-16"),
        lambda data: json.loads(data.decode("utf-16")).encode(),
    ),
    "html": (lambda data: html.escape(data.decode()).encode(), lambda data: html.unescape(data.decode()).encode()),
    "references": (
        lambda data: data.decode().encode("ascii", "xmlcharrefreplace").replace(b"<", b"&lt;"),
        lambda data: html.unescape(data.decode()).encode(),
    ),
    "quoted-printable": (quopri.encodestring, quopri.decodestring),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@FAST
@given(value=VALUES, before=AROUND, after=AROUND)
def test_whatever_is_encoded_is_found_and_decodes_to_the_same_with_the_value_replaced(
    encoding: str, value: str, before: str, after: str
) -> None:
    secret = value.encode()
    assume(value not in before + after and secret not in HERE and value.strip() == value and len(set(value)) > 4)
    whole = before.encode() + secret + after.encode()
    assume(
        whole.find(secret) == whole.rfind(secret)
        and (encoding not in {"html", "references"} or "&" not in before + after + value[:-1])
    )
    encode, decode = ENCODINGS[encoding]
    looking = quickly(secret)
    data = encode(whole)
    new = gone(data, looking)
    fit = (HERE + b"*" * 300)[: len(secret)]
    here, filled = (before.encode() + inner + after.encode() for inner in (HERE, fit))
    if "*" not in value and value[0] not in "\\'\"&%+ =" and value[-1] not in "\\'\" +=%&":
        assert decode(new) == (filled if encoding in {"base64", "url", "lines", "hex", "HEX"} else here)
    assert looking.replaced_text(data) == new or encoding == "wide json"


@FAST
@given(value=VALUES, before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_in_whatever_bytes_a_value_is_found_and_gone_afterwards(value: str, before: bytes, after: bytes) -> None:
    secret = value.encode()
    assume(secret not in HERE)
    looking = quickly(secret)
    for inner in (secret, value.encode("utf-16-le"), value.encode("utf-32-be"), base64.b64encode(b"a" + secret)):
        data = before + inner + after
        assert looking.may_be_in(data)
        assert looking.found(data)
        new, left = looking.replaced(data)
        assert left == []
        assert looking.found(new) == []
        assert looking.replaced(new)[0] is new


@FAST
@given(
    data=st.lists(
        st.one_of(
            st.sampled_from([VALUE[:20], VALUE[20:], VALUE[:1], VALUE[1:], b'" + "', b"\n  ", b"\\", b"%", b"\0"]),
            st.sampled_from(
                [VALUE.hex().encode()[:31], VALUE.hex().encode()[31:], base64.b64encode(VALUE)[:-4], VALUE]
            ),
            st.binary(max_size=8),
        ),
        max_size=12,
    ).map(b"".join)
)
@example(data=b"\0\0" + TOKEN.encode("utf-16-be"))
def test_both_engines_find_the_same_and_what_is_found_may_be_there(data: bytes) -> None:
    found = ONE.found(data)
    assert found == OTHER.found(data)
    assert not found or (ONE.may_be_in(data) and OTHER.may_be_in(data))
    assert found == sorted(found, key=lambda form: form.start)
    assert all(one.end <= two.start for one, two in pairwise(found))


@settings(FAST, max_examples=8)
@given(st.lists(VALUES, min_size=2, max_size=4, unique=True), AROUND)
def test_many_values_at_once_are_all_found(values: list[str], around: str) -> None:
    secrets = [value.encode() for value in values]
    assume(not any(secret in HERE for secret in secrets))
    looking = forms(*secrets)
    for secret in secrets:
        for data in (secret, base64.b64encode(b"ab" + secret), secret.hex().encode(), quote(secret, safe="").encode()):
            gone(around.encode() + data + b"\n", looking)


# Hostile


@pytest.mark.parametrize(
    "near",
    [
        VALUE[:-1] + b"!",
        base64.b64encode(b"a" + VALUE + b"b")[:-8],
        VALUE.hex().encode()[:-1],
        VALUE[:20] + b'" + "' + VALUE[20:-1],
        b"".join(b"\\u%04x" % byte for byte in VALUE[:-1]),
        VALUE[:1] + b" \\" * 60,
        b"\\" * 50 + VALUE[:9],
        b" " * 100 + b"\n",
        TOKEN[:-1].encode("utf-16-le"),
    ],
)
def test_near_misses_take_time_that_grows_with_the_bytes_only(near: bytes) -> None:
    data = near * (2_000_000 // len(near))
    started = time.process_time()
    assert ONE.found(data) == []
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    ("value", "near"),
    [
        (b"\\" * 40 + b"x1", b"\\" * 79),
        (b'"' * 40 + b"x1", b'"' * 79),
        (b'\\"' * 30 + b"x1", b'\\\\\\"' * 30 + b"y"),
        (b"a " * 30 + b"x1", b"a \n  " * 30 + b"y"),
        (b"'" * 30 + b"\\" * 30 + b"x", b"'\\''" * 30 + b"\\" * 99),
        (b"a" * 60 + b"b", b"a" * 400),
        (b"A" * 60 + b"b", b"A\n" * 400),
        (b"{\n" + b'    "a": "b",\n' * 20 + b"x}", b"{\n" + b'          \\"a\\": \\"b\\",\n' * 20 + b"y}"),
    ],
)
def test_a_value_that_can_be_read_in_many_ways_is_no_trap(value: bytes, near: bytes) -> None:
    looking = forms(value)
    started = time.process_time()
    looking.found(near * 200)
    assert time.process_time() - started < 5


def test_a_database_that_loses_matches_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("hyperscan")
    rows = [way.row for _, way in ONE._finder._ways]
    assert isinstance(quick_module.quick(rows), quick_module.ByHyperscan)
    monkeypatch.setattr(quick_module.ByHyperscan, "_hits", lambda *_: set())
    assert isinstance(quick_module.quick(rows), quick_module.ByExpressions)
