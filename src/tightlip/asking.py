"""The `verify` and `revoke` blocks of a rule file. docs/RULES.md explains each key.

What is checked here keeps a value safe: it goes to a host that stands in the rule file, over TLS, and not in the URL
unless the rule says why it must.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tightlip.request import SECRET, Answer, Companion, Request, Scalar, Signature
from tightlip.rulenode import Node

_NAME = re.compile(r"\{\{(\w+)\}\}")
_HOST = re.compile(r"\.?(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_LINE = re.compile(r"[\x20-\x7e]*")
_TAG = re.compile(r"[a-z0-9_]{1,30}")
_RESERVED = {"host", "content-length", "transfer-encoding", "connection", "user-agent", "cookie", "proxy-authorization"}
_COMMON = {
    *("source", "method", "url", "value_in_url", "hosts", "headers", "basic", "form", "json", "sign", "companions"),
}
_UNKNOWN = "unknown"
_WORDS = {"true": True, "false": False, "null": None}


def verify(node: Node) -> Request:
    """Read a `verify` block. Raises `RuleError`."""
    return _request(node, ("GET", "HEAD", "POST"), ("live", "revoked", _UNKNOWN))


def revoke(node: Node) -> Request:
    """Read a `revoke` block. Raises `RuleError`."""
    return _request(node, ("DELETE", "GET", "POST"), ("done", _UNKNOWN))


def _request(node: Node, methods: tuple[str, ...], meanings: tuple[str, ...]) -> Request:
    keys = node.mapping(_COMMON | set(meanings) | ({"also"} if "done" in meanings else set()))
    # A question that cannot learn `live` is of no use; an order may be one that no answer says is carried out.
    needed = _UNKNOWN if _UNKNOWN in keys and "done" in meanings else meanings[0]
    for key in ("source", "url", needed):
        if key not in keys:
            raise node.error(f"needs the key `{key}`")
    companions = tuple(_companions(keys["companions"])) if "companions" in keys else ()
    request = Request(
        method=keys["method"].one_of(methods) if "method" in keys else methods[0],
        urls=_urls(keys["url"]),
        answers=tuple(answer for name in meanings if name in keys for answer in _answers(keys[name], name)),
        source=_https(keys["source"]),
        hosts=_hosts(keys["hosts"]) if "hosts" in keys else (),
        headers=tuple(_headers(keys["headers"])) if "headers" in keys else (),
        basic=_basic(keys["basic"]) if "basic" in keys else None,
        form=tuple((name, _text(it)) for name, it in keys["form"].pairs()) if "form" in keys else (),
        json=_body(keys["json"]) if "json" in keys else "",
        sign=_signature(keys["sign"]) if "sign" in keys else None,
        companions=companions,
        also=keys["also"].text() if "also" in keys else "",
    )
    _check_names(node, request)
    _check_url(keys, request)
    if sum(map(bool, (request.form, request.json))) > 1 or (
        (request.form or request.json) and request.method != "POST"
    ):
        raise node.error("may have one body, `form` or `json`, and only with the method POST")
    return request


def _urls(node: Node) -> tuple[str, ...]:
    urls = node.texts() if node.is_list else (node.text(),)
    if not urls:
        raise node.error("must name at least one URL")
    return urls


def _https(node: Node) -> str:
    if not (text := node.text()).startswith("https://"):
        raise node.error("must be an https URL")
    return text


def _hosts(node: Node) -> tuple[str, ...]:
    for item in node.sequence():
        if not _HOST.fullmatch(item.text()):
            raise item.error("must be hosts, such as api.acme.example, or .acme.example for all below it")
    return node.texts()


def _headers(node: Node) -> Iterator[tuple[str, str]]:
    for name, value in node.pairs():
        if not _HEADER.fullmatch(name) or name.lower() in _RESERVED:
            raise value.error("is no header that a rule may set")
        if not _LINE.fullmatch(value.text()):
            raise value.error("must be one line of printable ASCII")
        yield name, value.text()


def _basic(node: Node) -> tuple[str, str]:
    keys = node.mapping({"user", "password"})
    if "user" not in keys:
        raise node.error("needs the key `user`")
    return _text(keys["user"]), _text(keys["password"]) if "password" in keys else ""


def _text(node: Node) -> str:
    """A text, which may be empty here."""
    return node.scalar()


def _body(node: Node) -> str:
    try:
        made = json.loads(node.text())
    except (ValueError, RecursionError):
        raise node.error("must be JSON") from None
    return json.dumps(made)


def _signature(node: Node) -> Signature:
    keys = node.mapping({"service", "region", "id", "key"})
    for key in ("service", "region", "id", "key"):
        if key not in keys:
            raise node.error(f"needs the key `{key}`")
    return Signature(*(keys[key].text() for key in ("service", "region", "id", "key")))


def _companions(node: Node) -> Iterator[Companion]:
    for name, value in node.pairs():
        keys = value.mapping({"rule", "within", "starts"})
        if not _TAG.fullmatch(name) or name == SECRET:
            raise value.error("must be named in small letters, digits and _, and not as `secret`")
        for key in ("rule", "within"):
            if key not in keys:
                raise value.error(f"needs the key `{key}`")
        starts = keys["starts"].text() if "starts" in keys else ""
        yield Companion(name, keys["rule"].text(), int(keys["within"].number(0, 10_000)), starts)


def _answers(node: Node, meaning: str) -> Iterator[Answer]:
    for item in node.sequence():
        keys = item.mapping({"status", "json", "text", *(["why"] if meaning == _UNKNOWN else [])})
        if not set(keys) - {"why"}:
            raise item.error("must say what the answer is like: `status`, `json` or `text`")
        yield Answer(
            meaning,
            tuple(_statuses(keys["status"])) if "status" in keys else (),
            tuple((path, tuple(_values(value))) for path, value in keys["json"].pairs()) if "json" in keys else (),
            keys["text"].text() if "text" in keys else "",
            _why(item, keys) if meaning == _UNKNOWN else "",
        )


def _why(node: Node, keys: dict[str, Node]) -> str:
    if "why" not in keys:
        raise node.error("must say `why` the answer proves nothing")
    if not _LINE.fullmatch(keys["why"].text()):
        raise keys["why"].error("must be one line of printable ASCII")
    return keys["why"].text()


def _statuses(node: Node) -> Iterator[int]:
    for item in node.sequence() if node.is_list else [node]:
        # 429: asked too often; 5xx: the provider's own trouble.
        status = int(item.number(100, 599))
        if status == 429 or status >= 500:
            raise item.error(f"says nothing about a secret with {status}")
        yield status


def _values(node: Node) -> Iterator[Scalar]:
    for item in node.sequence() if node.is_list else [node]:
        yield _scalar(item)


def _scalar(node: Node) -> Scalar:
    """A value as JSON has it: `true`, `null` and numbers where they are not quoted."""
    text = node.scalar()
    if node.is_quoted:
        return text
    if text in _WORDS:
        return _WORDS[text]
    try:
        return int(text)
    except ValueError:
        return text


def _check_names(node: Node, request: Request) -> None:
    """Every name in braces must be known, and the secret must be sent, or sign what is."""
    named = {name for template in _templates(request) for name in _NAME.findall(template)}
    if unknown := named - {SECRET, *(it.name for it in request.companions)}:
        raise node.error(f"names {{{{{min(unknown)}}}}}, which is no companion")
    if SECRET not in named:
        raise node.error("never names {{secret}}")


def _templates(request: Request) -> Iterator[str]:
    yield from request.urls
    yield from (value for _, value in (*request.headers, *request.form))
    yield from request.basic or ()
    yield from (request.json, *(request.sign[2:] if request.sign else ()))


def _check_url(keys: dict[str, Node], request: Request) -> None:
    node = keys["url"]
    for url in request.urls:
        if f"{{{{{SECRET}}}}}" in url and "value_in_url" not in keys:
            raise node.error("has the value in it; `value_in_url` must say why it cannot be sent in another way")
        if url == f"{{{{{SECRET}}}}}":
            if not request.hosts:
                raise node.error("is the value itself, so `hosts` must say where it may lead")
            continue
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise node.error("is no URL") from None
        if (
            parts.scheme != "https"
            or not parts.hostname
            or "{" in parts.netloc
            or "@" in parts.netloc
            or parts.fragment
        ):
            raise node.error("must be https, to a host that the rule names")
    if "value_in_url" in keys:
        keys["value_in_url"].text()
