"""Reports made by hand for the browser, small and large. No value is in them, real or not."""

from __future__ import annotations

import random
from dataclasses import replace

from tightlip.finding import Finding, Occurrence, Report, TakenOut, Unscanned
from tightlip.report.masked import Masked

_KINDS = (
    ("stripe-secret-key", "Stripe secret key (live)", "Stripe", "critical", "sk_l", 32),
    ("aws-secret-access-key", "AWS secret access key", "Amazon Web Services", "critical", "q7Rd", 40),
    ("github-pat-classic", "GitHub personal access token (classic)", "GitHub", "critical", "ghp_", 40),
    ("slack-bot-token", "Slack bot token", "Slack", "high", "xoxb", 56),
    ("postgresql-url-password", "PostgreSQL connection URL with a password", "", "high", "", 18),
    ("sendgrid-api-key", "SendGrid API key", "Twilio SendGrid", "high", "SG.x", 69),
    ("password-assignment", "Password in an assignment", "", "medium", "", 11),
    ("generic-secret", "Secret in an assignment", "", "low", "f3a9", 32),
)
_WEIGHTS = (3, 3, 4, 6, 6, 3, 9, 6)
_STEPS = {
    "Stripe": (
        "Roll the key at https://dashboard.stripe.com/apikeys (menu of the key, Roll key).",
        "Put the new key in a secret store, and give each service a restricted key with only what it needs.",
        "Read https://dashboard.stripe.com/logs for requests of the old key that are not yours.",
    ),
    "Amazon Web Services": (
        "Make a second access key at https://console.aws.amazon.com/iam/, deploy it, set the leaked one to inactive.",
        "Look through CloudTrail for calls with the leaked key.",
    ),
    "GitHub": (
        "Revoke the token at https://github.com/settings/tokens.",
        "Check the account's security log for use you do not know.",
    ),
    "Slack": ("Revoke the token at https://api.slack.com/apps, and install the app anew.",),
    "Twilio SendGrid": ("Delete the key at https://app.sendgrid.com/settings/api_keys and make another.",),
    "": ("Change it where it is used.", "Keep the new one outside the code, in a secret store."),
}
_PEOPLE = ("Ada Lovelace", "Grace Hopper", "Barbara Liskov", "Alan Turing", "Katherine Johnson", "Edsger Dijkstra")
_FOLDERS = (
    "config",
    "deploy/prod",
    "deploy/staging",
    "services/billing",
    "services/mail",
    "services/auth",
    "ops",
    "web",
)
_FILES = ("settings.py", "values.yaml", "deploy.env", "client.ts", "main.tf", "app.properties", "compose.yml")
_SUBJECTS = ("Add the deploy script", "Take payments", "Fix the build", "Move the settings", "Try the new mail service")
_REFS = ("main", "develop", "release/1.x", "release/2.x", "v1.0", "v1.1", "v2.0", "feature/login")
_SCANNED = {"blobs": 18_204, "bytes": 1_240_000_000, "commits": 9_310, "tags": 42, "names": 3_088, "refs": 57}
UNSCANNED = (
    Unscanned("assets/huge.bin", "larger than 512 MB"),
    *(Unscanned(f"vendor/archive{n}.zip", "an entry is encrypted") for n in range(7)),
)


def history(number: int = 40, **more: object) -> Report:
    """A report of a history with so many secrets; always the same."""
    chance = random.Random(7)
    made: dict[str, object] = {
        "unscanned": (),
        "scanned": _SCANNED,
        "seconds": 7.4,
        "rules_hash": "5eed" * 16,
        "allowed": 3,
        "baselined": 5,
    }
    return Report("history", "../shop", tuple(_finding(chance, number) for _ in range(number)), **(made | more))  # type: ignore[arg-type]


def staged(number: int = 6, **more: object) -> Report:
    """A report of what is staged."""
    nothing = {"commit": None, "author": None, "email": None, "date": None, "message_subject": None, "refs": ()}
    findings = tuple(
        replace(
            it,
            in_head=None,
            taken_out=None,
            occurrences=tuple(replace(place, **nothing) for place in it.occurrences),  # type: ignore[arg-type]
        )
        for it in history(number).findings
    )
    return replace(history(0, scanned={"blobs": 5, "bytes": 12_345}, **more), kind="staged", findings=findings)


def _finding(chance: random.Random, number: int) -> Finding:
    rule, name, provider, severity, start, length = chance.choices(_KINDS, weights=_WEIGHTS)[0]
    year, fingerprint = chance.choice((2018, 2019, 2020, 2020, 2021, 2022, 2022, 2023, 2023, 2024)), _hex(chance, 20)
    folders = [f"{folder}/part{chance.randrange(400)}" if number > 1000 else folder for folder in _FOLDERS]
    places = sorted((_place(chance, year, folders) for _ in range(chance.choice((1, 1, 1, 2, 3, 6)))), key=_date)
    in_head = chance.random() < 0.35
    is_out = not in_head and chance.random() < 0.85
    out_date = f"{int(str(places[-1].date)[:4]) + chance.randrange(2)}-12-{chance.randrange(10, 29)}T10:00:00+00:00"
    return Finding(
        rule=rule,
        name=name,
        provider=provider,
        severity=severity,
        confidence=chance.choice((0.97, 0.9, 0.9, 0.6, 0.4)),
        reasons=("it has the form of one", *(("its checksum is right",) if chance.random() < 0.3 else ())),
        secret=Masked(f"{start}******** ({length} characters)", fingerprint),
        remediation=_STEPS[provider],
        occurrences=tuple(places),
        decoded_through=("base64",) if chance.random() < 0.1 else (),
        in_head=in_head,
        taken_out=TakenOut(_hex(chance, 40), out_date) if is_out else None,
        told_as=fingerprint,
    )


def _place(chance: random.Random, year: int, folders: list[str]) -> Occurrence:
    line, who = chance.randrange(1, 300), chance.choice(_PEOPLE)
    return Occurrence(
        f"{chance.choice(folders)}/{chance.choice(_FILES)}",
        line,
        14,
        line,
        54,
        blob=_hex(chance, 40),
        commit=_hex(chance, 40),
        author=who,
        email=f"{who.split()[0].lower()}@shop.example",
        date=f"{year + chance.randrange(2)}-{chance.randrange(1, 13):02}-{chance.randrange(10, 29)}T09:30:00+01:00",
        message_subject=chance.choice(_SUBJECTS),
        refs=tuple(it for it in _REFS if chance.random() < 0.4),
    )


def _date(place: Occurrence) -> str:
    return place.date or ""


def _hex(chance: random.Random, digits: int) -> str:
    return f"{chance.getrandbits(4 * digits):0{digits}x}"
