"""detect-secrets' `.secrets.baseline`, in and out.

https://github.com/Yelp/detect-secrets; the form of every version from 0.9 to 1.5, slim ones too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha1
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.interop import known, reading
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignFinding
from tightlip.interop.reading import Table, string, strings, table, tables, whole

if TYPE_CHECKING:
    from tightlip.finding import Finding, Report
    from tightlip.interop.known import Compared

VERSION = "1.5.0"
"""Whose baselines are written."""
_HASH = re.compile(r"[0-9a-f]{40}")
_KEYWORD = "Secret Keyword"
_TYPES = {
    "Amazon Web Services": "AWS Access Key",
    "Discord": "Discord Bot Token",
    "GitHub": "GitHub Token",
    "GitLab": "GitLab Token",
    "IBM Cloud": "IBM Cloud IAM Key",
    "JFrog": "Artifactory Credentials",
    "Mailchimp": "Mailchimp Access Key",
    "Microsoft Azure": "Azure Storage Account access key",
    "OpenAI": "OpenAI Token",
    "OpenPGP": "Private Key",
    "PEM": "Private Key",
    "PKCS": "Private Key",
    "PyPI": "PyPI Token",
    "SSH": "Private Key",
    "SendGrid": "SendGrid API Key",
    "Slack": "Slack Token",
    "Square": "Square OAuth Secret",
    "Stripe": "Stripe Access Key",
    "Telegram": "Telegram Bot Token",
    "Twilio": "Twilio API Key",
    "npm": "NPM tokens",
}
"""By the provider of a rule: the type that detect-secrets gives to what it issues. All else is given to a name."""
_BY_PREFIX = {"GitHub Token", "GitLab Token"}
"""Types of which detect-secrets hashes what comes before the first `_` or `-`, and not the value."""
_PLUGINS = (
    *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "Base64HighEntropyString"),
    *("BasicAuthDetector", "CloudantDetector", "DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector"),
    *("HexHighEntropyString", "IbmCloudIamDetector", "IbmCosHmacDetector", "IPPublicDetector", "JwtTokenDetector"),
    *("KeywordDetector", "MailchimpDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector"),
    *("PypiTokenDetector", "SendGridDetector", "SlackDetector", "SoftlayerDetector", "SquareOAuthDetector"),
    *("StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
)
_SETTINGS: dict[str, dict[str, object]] = {
    "Base64HighEntropyString": {"limit": 4.5},
    "HexHighEntropyString": {"limit": 3.0},
    "KeywordDetector": {"keyword_exclude": ""},
}
_WITHOUT_RULE = {
    "IPPublicDetector": "an address is no secret, and tightlip has no rule for it",
    "Base64HighEntropyString": "tightlip weighs the name before a value, and not its characters alone",
    "HexHighEntropyString": "tightlip weighs the name before a value, and not its characters alone",
}
_OWN_PROGRAM = "a program, which is not run; write its pattern as a rule, or name it in your own configuration"
_FILTERS = (
    *("allowlist.is_line_allowlisted", "common.is_ignored_due_to_verification_policies"),
    *("heuristic.is_indirect_reference", "heuristic.is_likely_id_string", "heuristic.is_lock_file"),
    *("heuristic.is_not_alphanumeric_string", "heuristic.is_potential_uuid", "heuristic.is_prefixed_with_dollar_sign"),
    *("heuristic.is_sequential_string", "heuristic.is_swagger_file", "heuristic.is_templated_secret"),
)
_FILTERS_OF = "detect_secrets.filters."
_BASELINE_KEYS = {
    *("version", "plugins_used", "filters_used", "results", "generated_at"),
    *("exclude", "exclude_regex", "word_list", "custom_plugin_paths"),
}


def read(path: str) -> Foreign:
    """Read a baseline. Raises `UsageError` where it is none."""
    top = table(reading.json_file(path), path)
    if "results" not in top:
        raise UsageError(f"{path}: not a baseline of detect-secrets, which has `results`")
    found = Foreign()
    for key in top:
        if key not in _BASELINE_KEYS:
            found.leave(key, "not a key of a baseline", lost=False)
    _plugins(path, top, found)
    _filters(path, top, found)
    for file, entries in table(top["results"], f"{path}: results").items():
        for entry in tables(entries, f"{path}: results of a file"):
            _finding(path, file, entry, found)
    return found


def judgements(baseline: Foreign, findings: Iterable[Finding], top: str = "") -> Compared:
    """Return what a baseline says of findings of the same repository, and what either side has alone.

    Parameters: `top`, the folder that the baseline's paths are counted from, where those of the findings are not.
    """
    return known.compared(baseline.findings, findings, top)


def exported(report: Report, top: str = "") -> str:
    """Return a baseline that detect-secrets loads: what is found, as it would name and hash it; never a value.

    The same findings give the same text: there is no time in it. What is only in a history, or in a name or message, is
    left out, since detect-secrets looks at files.

    Parameters: `top`, the folder that its paths are to be counted from, where those of the report are not.
    """
    results: dict[str, dict[tuple[str, str], dict[str, object]]] = {}
    for finding in report.findings:
        if finding.in_head is False:
            continue
        kind = _TYPES.get(finding.provider, _KEYWORD)
        digest = _digest(finding, kind)
        for occurrence in finding.occurrences:
            if occurrence.part != "content":
                continue
            path = known.plain(occurrence.path, top)
            entry: dict[str, object] = {"type": kind, "filename": path, "hashed_secret": digest}
            entry |= {"is_verified": False, "line_number": occurrence.line}
            results.setdefault(path, {}).setdefault((kind, digest), entry)
    filters: list[dict[str, object]] = [{"path": _FILTERS_OF + name} for name in _FILTERS]
    filters[1]["min_level"] = 2
    baseline = {
        "version": VERSION,
        "plugins_used": [{"name": name} | _SETTINGS.get(name, {}) for name in _PLUGINS],
        "filters_used": filters,
        "results": {path: sorted(every.values(), key=_order) for path, every in sorted(results.items())},
    }
    return json.dumps(baseline, indent=2, ensure_ascii=True) + "\n"


def _order(entry: dict[str, object]) -> tuple[int, str, str]:
    """As detect-secrets orders them."""
    line = entry["line_number"]
    return line if isinstance(line, int) else 0, str(entry["hashed_secret"]), str(entry["type"])


def _digest(finding: Finding, kind: str) -> str:
    value = finding.secret.reveal()
    if kind in _BY_PREFIX:
        value = re.split(rb"[_-]", value, maxsplit=1)[0]
    elif kind == "Private Key":
        value = known.key_header(value)
    return sha1(value, usedforsecurity=False).hexdigest()


def _plugins(path: str, top: Table, found: Foreign) -> None:
    for entry in tables(top.get("plugins_used"), f"{path}: plugins_used"):
        name = string(entry.get("name"), f"{path}: plugins_used.name")
        if "path" in entry:
            found.leave(f"plugin {name}", _OWN_PROGRAM)
        elif name in _WITHOUT_RULE:
            found.leave(f"plugin {name}", _WITHOUT_RULE[name], lost=False)
        elif name not in _PLUGINS:
            found.leave(f"plugin {name}", "not one of detect-secrets 1.5, and tightlip has no rule by that name")
    for place in strings(top.get("custom_plugin_paths"), f"{path}: custom_plugin_paths"):
        found.leave(f"plugins in {place}", _OWN_PROGRAM)


def _filters(path: str, top: Table, found: Foreign) -> None:
    for kind, patterns in _excluded(path, top):
        if patterns and kind == "files":
            found.allows.append(ForeignAllow("excluded", paths=patterns))
        elif patterns:
            found.allows.append(ForeignAllow("excluded", regexes=patterns, target=kind.removesuffix("s")))
    for entry in tables(top.get("filters_used"), f"{path}: filters_used"):
        name = string(entry.get("path"), f"{path}: filters_used.path")
        if name.startswith("file://"):
            found.leave(f"filter {name}", "a program of its own, which is not run")
        elif name.endswith("wordlist.should_exclude_secret"):
            found.leave(f"filter {name}", "a list of words; tightlip's own filters know placeholders")
        elif not name.startswith(_FILTERS_OF):
            found.leave(f"filter {name}", "not one of detect-secrets' own")
    if isinstance(words := top.get("word_list"), dict) and words.get("file"):
        found.leave("word_list", "a list of words; tightlip's own filters know placeholders")


def _excluded(path: str, top: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what is left out, by files, lines or secrets, wherever the version in question keeps it."""
    if isinstance(old := top.get("exclude"), dict):
        for name in ("files", "lines"):
            yield name, strings(old.get(name), f"{path}: exclude.{name}")
    yield "files", strings(top.get("exclude_regex"), f"{path}: exclude_regex")
    for entry in tables(top.get("filters_used"), f"{path}: filters_used"):
        name = str(entry.get("path", "")).rpartition(".")[2]
        kind = {"should_exclude_file": "files", "should_exclude_line": "lines", "should_exclude_secret": "secrets"}
        if name in kind and "pattern" in entry:
            yield kind[name], strings(entry["pattern"], f"{path}: filters_used.pattern")


def _finding(path: str, file: str, entry: Table, found: Foreign) -> None:
    what = f"{path}: a finding in {file}"
    digest = string(entry.get("hashed_secret"), f"{what}: hashed_secret")
    judged = entry.get("is_secret")
    if not _HASH.fullmatch(digest):
        found.leave(what, "its hash is no SHA-1")
        return
    if judged is not None and not isinstance(judged, bool):
        raise UsageError(f"{what}: is_secret must be true or false")
    found.findings.append(
        ForeignFinding(
            path=file.replace("\\", "/"),
            kind=string(entry.get("type"), f"{what}: type"),
            line=whole(entry.get("line_number"), f"{what}: line_number"),
            sha1=digest,
            is_secret=judged,
            verified=entry.get("is_verified") is True,
        )
    )
