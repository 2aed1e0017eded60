"""Every `verify` and `revoke` block of the built-in rules, against a stand-in that answers as the provider documents.

No real provider is asked. What a block sends is compared with what stands here, written from the documentation that
the block names and not from the block.
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote

import pytest
from providers import Providers, Said, Seen

from tightlip import builtin, rules
from tightlip.request import Request
from tightlip.rules import LoadedRule
from tightlip.verify.asker import Asker, Verdict
from tightlip.verify.filling import call
from tightlip.verify.known import declared


class Double(NamedTuple):
    """What a provider wants to see, and says. `$` stands for the value, and `@` for its companion."""

    method: str
    target: str
    headers: dict[str, str]
    good: Said | None
    """None where no answer proves that an order was carried out."""
    bad: Said | None
    """Where the value works no more; None where that cannot be told from other trouble."""
    unclear: Said
    """What leaves it open."""
    body: object = None


def bearer(value: str = "$") -> dict[str, str]:
    return {"authorization": f"Bearer {value}"}


BUSY = Said(503)
SLACK = Said(200, {"ok": False, "error": "token_revoked"})
GITLAB = Said(401, {"error": "invalid_token", "error_description": "Token was revoked. You have to re-authorize."})
AWS_BAD = b"<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>...</Message></Error></ErrorResponse>"
AWS_GOOD = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn</Arn></GetCallerIdentityResult>"
AWS_UNCLEAR = b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"
LINEAR = {"errors": [{"message": "x", "extensions": {"type": "authentication error"}}]}
LINEAR_UNCLEAR = {"errors": [{"message": "x", "extensions": {"type": "ratelimited"}}]}
OPENAI = Said(401, {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}})
OPENAI_UNCLEAR = Said(401, {"error": {"message": "x", "code": "ip_not_authorized"}})
ANTHROPIC = Said(401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})
ANTHROPIC_HEADERS = {"x-api-key": "$", "anthropic-version": "2023-06-01"}
CLOUDFLARE = "/client/v4/user/tokens/verify"
ACTIVE = Said(200, {"success": True, "result": {"id": "ed17", "status": "active"}})
DISABLED = Said(200, {"success": True, "result": {"id": "ed17", "status": "disabled"}})
VIEWER = {"query": "{ viewer { id } }"}
STRIPE = Said(401, {"error": {"message": "Invalid API Key provided: sk_****", "type": "invalid_request_error"}})
SENDGRID = Said(401, {"errors": [{"message": "The provided authorization grant is invalid, expired, or revoked"}]})
SENDGRID_UNCLEAR = Said(401, {"errors": [{"message": "The requestor's IP Address is not whitelisted"}]})
DROPBOX = Said(401, {"error_summary": "invalid_access_token/..", "error": {".tag": "invalid_access_token"}})
DROPBOX_UNCLEAR = Said(401, {"error_summary": "missing_scope/..", "error": {".tag": "missing_scope"}})
HUGGING_FACE = Said(401, {"error": "Invalid credentials in Authorization header"})

DIGITALOCEAN = Said(401, {"id": "Unauthorized", "message": "Unable to authenticate you"})
DISCORD = Said(401, {"message": "401: Unauthorized", "code": 0})

ASKED = {
    "api.github.com": Double("GET", "/rate_limit", bearer(), Said(200, {"rate": {}}), None, Said(401)),
    "gitlab.com": Double(
        *("GET", "/api/v4/personal_access_tokens/self", {"private-token": "$"}, Said(200, {"id": 1, "active": True})),
        *(GITLAB, Said(401, {"message": "401 Unauthorized"})),
    ),
    "slack.com": Double(
        *("POST", "/api/auth.test", bearer(), Said(200, {"ok": True, "team": "t"}), SLACK),
        Said(200, {"ok": False, "error": "invalid_auth"}),
    ),
    "api.stripe.com": Double(
        "GET", "/v1/balance", {"authorization": "Basic $:"}, Said(200, {"object": "balance"}), STRIPE, Said(401)
    ),
    "api.openai.com/v1/models": Double("GET", "/v1/models", bearer(), Said(200, {}), OPENAI, OPENAI_UNCLEAR),
    "api.openai.com/v1/organization/projects?limit=1": Double(
        "GET", "/v1/organization/projects?limit=1", bearer(), Said(200, {}), OPENAI, OPENAI_UNCLEAR
    ),
    "api.anthropic.com/v1/models?limit=1": Double(
        "GET", "/v1/models?limit=1", ANTHROPIC_HEADERS, Said(200, {"data": []}), ANTHROPIC, Said(403)
    ),
    "api.anthropic.com/v1/organizations/me": Double(
        "GET", "/v1/organizations/me", ANTHROPIC_HEADERS, Said(200, {"id": "x"}), ANTHROPIC, Said(404)
    ),
    "api.sendgrid.com": Double("GET", "/v3/scopes", bearer(), Said(200, {"scopes": []}), SENDGRID, SENDGRID_UNCLEAR),
    "api.mailgun.net": Double(
        "GET", "/v4/domains?limit=1", {"authorization": "Basic api:$"}, Said(200, {"items": []}), None, Said(401)
    ),
    "api.twilio.com": Double(
        *("GET", "/2010-04-01/Accounts/@.json", {"authorization": "Basic @:$"}, Said(200, {"status": "active"})),
        *(None, Said(401, {"code": 20003, "message": "Authenticate"})),
    ),
    "api.digitalocean.com": Double("GET", "/v2/account", bearer(), Said(200, {"account": {}}), DIGITALOCEAN, Said(401)),
    "registry.npmjs.org": Double("GET", "/-/whoami", bearer(), Said(200, {"username": "ada"}), None, Said(401)),
    "huggingface.co": Double("GET", "/api/whoami-v2", bearer(), Said(200, {"name": "ada"}), HUGGING_FACE, Said(401)),
    "api.heroku.com": Double(
        *("GET", "/account", bearer() | {"accept": "application/vnd.heroku+json; version=3"}, Said(200, {"id": "x"})),
        *(Said(401, {"id": "unauthorized"}), Said(403, {"id": "forbidden"})),
    ),
    "api.cloudflare.com": Double(
        "GET", CLOUDFLARE, bearer(), ACTIVE, DISABLED, Said(401, {"errors": [{"code": 1001}]})
    ),
    "api.datadoghq.com": Double(
        "GET",
        "/api/v1/validate",
        {"dd-api-key": "$"},
        Said(200, {"valid": True}),
        Said(403, {"status": "error", "code": 403, "errors": ["Forbidden"]}),
        Said(200, {"valid": False}),
    ),
    "api.linear.app": Double(
        *("POST", "/graphql", {"authorization": "$"}, Said(200, {"data": {"viewer": {"id": "1"}}}), Said(400, LINEAR)),
        *(Said(400, LINEAR_UNCLEAR), VIEWER),
    ),
    "api.notion.com": Double(
        *("GET", "/v1/users/me", bearer() | {"notion-version": "2022-06-28"}, Said(200, {"object": "user"})),
        *(Said(401, {"object": "error", "code": "unauthorized"}), Said(403, {"code": "restricted_resource"})),
    ),
    "api.telegram.org": Double(
        *("GET", "/bot$/getMe", {}, Said(200, {"ok": True, "result": {}}), Said(401, {"ok": False, "error_code": 401})),
        Said(404, {"ok": False}),
    ),
    "discord.com": Double(
        "GET", "/api/v10/users/@me", {"authorization": "Bot $"}, Said(200, {"id": "1"}), DISCORD, Said(401)
    ),
    "webhook": Double(
        "GET", "$", {}, Said(200, {"id": "1"}), Said(404, {"code": 10015, "message": "Unknown Webhook"}), Said(404)
    ),
    "sts.amazonaws.com": Double(
        *("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}, Said(200, AWS_GOOD), None),
        Said(403, AWS_BAD),
    ),
    "api.groq.com": Double("GET", "/openai/v1/models", bearer(), Said(200, {}), OPENAI, Said(403)),
    "api.getpostman.com": Double(
        *("GET", "/me", {"x-api-key": "$"}, Said(200, {"user": {}}), None, Said(401)),
    ),
    "api.dropboxapi.com": Double(
        *("POST", "/2/check/user", bearer(), Said(200, {"result": "tightlip"}), DROPBOX, DROPBOX_UNCLEAR),
        {"query": "tightlip"},
    ),
    "api.buildkite.com": Double("GET", "/v2/access-token", bearer(), Said(200, {"uuid": "x"}), None, Said(401)),
}
DONE = {
    "api.github.com/credentials/revoke": Double(
        "POST", "/credentials/revoke", {}, None, None, Said(202), {"credentials": ["$"]}
    ),
    "api.github.com/installation/token": Double("DELETE", "/installation/token", bearer(), Said(204), None, Said(401)),
    "gitlab.com": Double(
        "DELETE", "/api/v4/personal_access_tokens/self", {"private-token": "$"}, Said(204), None, Said(400)
    ),
    "slack.com": Double(
        *("POST", "/api/auth.revoke", bearer(), Said(200, {"ok": True, "revoked": True}), None),
        Said(200, {"ok": False, "error": "invalid_auth"}),
    ),
    "webhook": Double("DELETE", "$", {}, Said(204), None, Said(404)),
    "api.dropboxapi.com": Double("POST", "/2/auth/token/revoke", bearer(), Said(200), None, Said(401)),
    "oauth2.googleapis.com": Double("POST", "/revoke", {}, Said(200, {}), None, Said(400), "token=$"),
    "api.buildkite.com": Double("DELETE", "/v2/access-token", bearer(), Said(204), None, Said(401)),
}
COMPANION = {"api.twilio.com": "AC" + "0f" * 16, "sts.amazonaws.com": "AKIA" + "ABCDEFGH" * 2}


def double_of(request: Request, table: dict[str, Double]) -> tuple[str, Double]:
    where = request.urls[0].removeprefix("https://")
    names = ("webhook",) if where == "{{secret}}" else (where, where.partition("/")[0])
    return next((name, table[name]) for name in names if name in table)


BUILTIN = {it.rule.id: it for it in rules.read(builtin.folder())}
VERIFY = [rule for rule, it in BUILTIN.items() if it.verify]
REVOKE = [rule for rule, it in BUILTIN.items() if it.revoke]


def value_of(loaded: LoadedRule) -> str:
    return loaded.match[0].secrets[0]


def wanted(template: str, value: str, companion: str) -> str:
    return template.replace("$", value).replace("@.json", f"{companion}.json").replace("@:", f"{companion}:")


def check(seen: Seen, double: Double, value: str, companion: str, *, linear_oauth: bool) -> bool:
    """Whether it is the request that the provider documents, about this value."""
    if seen.method != double.method:
        return False
    if double.target == "$":
        assert f"https://{seen.host}{seen.target}" == value
    else:
        assert seen.target == wanted(
            double.target, quote(value, safe=":") if "$" in double.target else value, companion
        )
    for name, template in double.headers.items():
        made = wanted(template, value, companion)
        if made.startswith("Basic "):
            made = "Basic " + b64encode(made.removeprefix("Basic ").encode()).decode()
        if linear_oauth:
            made = f"Bearer {made}"
        if seen.headers[name] != made:
            return False
    if isinstance(double.body, str):
        return seen.body.decode() == wanted(double.body, quote(value, safe=""), companion)
    if double.body is not None:
        return bool(json.loads(seen.body) == json.loads(json.dumps(double.body).replace("$", value)))
    return not seen.body


def ask(request: Request, value: str, companion: str) -> Verdict:
    values = {"secret": value.encode()} | {it.name: companion.encode() for it in request.companions}
    return Asker(pause=0).ask(request, values)


@pytest.mark.parametrize("rule", VERIFY)
def test_a_rule_asks_as_the_provider_documents(rule: str, providers: Providers) -> None:
    loaded = BUILTIN[rule]
    request = loaded.verify
    assert request
    name, double = double_of(request, ASKED)
    value, companion = value_of(loaded), COMPANION.get(name, "")

    def is_it(seen: Seen) -> bool:
        return check(seen, double, value, companion, linear_oauth=rule == "linear-oauth-token")

    providers.answer = lambda seen: (is_it(seen) and double.good) or double.unclear
    assert ask(request, value, companion) == Verdict("live")
    seen = providers.seen[0]
    in_url = value in seen.target or quote(value, safe=":") in seen.target
    assert in_url == (name in {"webhook", "api.telegram.org"}) or name == "webhook"
    sent = [header for header, content in seen.headers.items() if value in content]
    assert len(sent) <= 1, "the value is in one header, if in any"

    if double.bad:
        bad = double.bad
        providers.answer = lambda seen: bad
        assert ask(request, value, companion) == Verdict("revoked")
    providers.answer = lambda seen: double.unclear
    assert ask(request, value, companion).meaning == "unknown"
    for status in (500, 302, 418):
        providers.answer = lambda seen, status=status: Said(status)  # type: ignore[misc]
        assert ask(request, value, companion).meaning == "unknown"


PAGES = {"a-page": b"\n<!DOCTYPE html>\n<title>Blocked</title>", "an-old-page": b"<HTML>Blocked</HTML>"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("rule", VERIFY)
def test_what_stands_between_and_answers_with_a_page_tells_nothing(
    rule: str, page: bytes, providers: Providers
) -> None:
    """As what companies have that opens TLS: its pages come with any status."""
    loaded = BUILTIN[rule]
    for request in filter(None, (loaded.verify, loaded.revoke)):
        for status in (200, 401, 403, 404, 407):
            providers.answer = lambda seen, status=status: Said(status, page)  # type: ignore[misc]
            verdict = ask(request, value_of(loaded), COMPANION["sts.amazonaws.com"])
            assert verdict.meaning == "unknown", status


@pytest.mark.parametrize("rule", VERIFY)
def test_a_refusal_without_the_provider_s_own_words_tells_nothing(rule: str, providers: Providers) -> None:
    request = BUILTIN[rule].verify
    assert request
    for status in (401, 403, 404, 407):
        providers.answer = lambda seen, status=status: Said(status, b"Access denied by the gateway")  # type: ignore[misc]
        assert ask(request, value_of(BUILTIN[rule]), COMPANION["sts.amazonaws.com"]).meaning == "unknown", status


LACKS_A_RIGHT = {
    "digitalocean-personal-access-token": {"id": "forbidden", "message": "You do not have permission"},
    "stripe-restricted-key": {"error": {"type": "invalid_request_error", "message": "The provided key ..."}},
}


@pytest.mark.parametrize(("rule", "body"), LACKS_A_RIGHT.items(), ids=LACKS_A_RIGHT)
def test_a_key_that_lacks_a_right_is_live_in_the_provider_s_own_words_only(
    rule: str, body: object, providers: Providers
) -> None:
    loaded = BUILTIN[rule]
    assert loaded.verify
    providers.answer = lambda seen: Said(403, body)
    assert ask(loaded.verify, value_of(loaded), "") == Verdict("live")
    providers.answer = lambda seen: Said(403, b"<html>blocked</html>")
    assert ask(loaded.verify, value_of(loaded), "").meaning == "unknown"


GITHUB = "api.github.com answered 401: a dead token is refused so, and one of a GitHub Enterprise server is too"
PROVES_NOTHING = {
    "github-pat-classic": (Said(401), GITHUB),
    "github-pat-fine-grained": (Said(401, {"message": "Bad credentials"}), GITHUB),
    "github-app-installation-token-stateless": (Said(401), GITHUB),
    "gitlab-pat": (
        Said(401, {"message": "401 Unauthorized"}),
        "gitlab.com answered 401: a dead token is refused so, and one of another GitLab is too",
    ),
    "aws-secret-access-key": (
        Said(403, AWS_BAD),
        (
            "sts.amazonaws.com answered 403: the access key id near it is deleted, inactive or of another partition, "
            "and may be that of another key"
        ),
    ),
    "aws-access-key-pair": (
        Said(403, AWS_UNCLEAR),
        (
            "sts.amazonaws.com answered 403: the access key id near it works, but not with this secret; it may be that "
            "of another key, or the clock here is wrong"
        ),
    ),
}


@pytest.mark.parametrize("rule", PROVES_NOTHING)
def test_a_refusal_that_does_not_prove_the_secret_dead_is_unknown_and_says_why(rule: str, providers: Providers) -> None:
    request = BUILTIN[rule].verify
    assert request
    said, why = PROVES_NOTHING[rule]
    providers.answer = lambda seen: said
    assert ask(request, value_of(BUILTIN[rule]), COMPANION["sts.amazonaws.com"]) == Verdict("unknown", why)


@pytest.mark.parametrize("provider", ["Amazon Web Services", "GitHub"])
def test_no_answer_at_all_tells_that_a_secret_of_theirs_is_dead(provider: str) -> None:
    """AWS answers about the id that stands near it, and GitHub's tokens have no server in them."""
    blocks = [request for it in BUILTIN.values() if it.rule.provider == provider and (request := it.verify)]
    assert blocks
    assert {answer.meaning for request in blocks for answer in request.answers} == {"live", "unknown"}


MORE_THAN_ONE = {"dropbox-access-token", "gcp-oauth-access-token", "github-pat-classic", "slack-bot-token"}


@pytest.mark.parametrize("rule", sorted(MORE_THAN_ONE | {"discord-webhook-url"}))
def test_what_a_revocation_ends_besides_is_said(rule: str) -> None:
    request = BUILTIN[rule].revoke
    assert request
    assert request.also.endswith(".")
    page = Path(__file__).resolve().parents[2] / "docs" / "rules" / f"{rule}.md"
    assert request.also in page.read_text("utf-8")


@pytest.mark.parametrize("rule", REVOKE)
def test_a_rule_revokes_as_the_provider_documents(rule: str, providers: Providers) -> None:
    loaded = BUILTIN[rule]
    request = loaded.revoke
    assert request
    _, double = double_of(request, DONE)
    value = value_of(loaded)
    asked: list[bool] = []

    def answer(seen: Seen) -> Said:
        asked.append(check(seen, double, value, "", linear_oauth=False))
        return double.good or double.unclear

    providers.answer = answer
    assert ask(request, value, "").meaning == ("done" if double.good else "unknown")
    assert asked == [True]
    for said in (double.unclear, Said(500), Said(302), Said(418)):
        providers.answer = lambda seen, said=said: said  # type: ignore[misc]
        assert ask(request, value, "").meaning == "unknown"


def test_every_stand_in_is_used() -> None:
    assert {double_of(it.verify, ASKED)[0] for it in BUILTIN.values() if it.verify} == set(ASKED)
    assert {double_of(it.revoke, DONE)[0] for it in BUILTIN.values() if it.revoke} == set(DONE)


def test_the_documentation_names_every_provider_that_is_asked() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "verify.md").read_text("utf-8")
    asked, _, ended = page.partition("## Which rules can ask")[2].partition("## Revoke")
    assert {name for rule in VERIFY if (name := BUILTIN[rule].rule.provider) not in asked} == set()
    assert {name for rule in REVOKE if (name := BUILTIN[rule].rule.provider.partition(" ")[0]) not in ended} == set()


def test_what_is_known_is_what_the_files_declare() -> None:
    assert {rule for rule, it in declared().items() if it.verify} == set(VERIFY)
    assert {rule for rule, it in declared().items() if it.revoke} == set(REVOKE)


def test_a_companion_is_a_rule_that_is_there() -> None:
    for rule in VERIFY:
        request = BUILTIN[rule].verify
        assert request
        assert all(companion.rule in BUILTIN for companion in request.companions)


def test_a_question_changes_nothing_at_the_provider() -> None:
    """Those that are no GET: an identity check, a query, and an endpoint that repeats what it is sent."""
    posts = {request.urls for rule in VERIFY if (request := BUILTIN[rule].verify) and request.method != "GET"}
    assert posts == {
        ("https://slack.com/api/auth.test",),
        ("https://api.linear.app/graphql",),
        ("https://api.dropboxapi.com/2/check/user",),
    }


def test_a_signature_is_that_of_the_example_in_the_documentation() -> None:
    """The one that AWS publishes of ListUsers: https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html."""
    from tightlip.request import Signature
    from tightlip.verify.signature import signed

    sign = Signature("iam", "us-east-1", "AKID" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG+" + "bPxRfiCYEXAMPLEKEY")
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    now = datetime(2015, 8, 30, 12, 36, tzinfo=timezone.utc)
    target = "/?Action=ListUsers&Version=2010-05-08"
    made = signed("GET", "iam.amazonaws.com", target, headers, b"", sign, now)
    assert "/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, " in made["Authorization"]
    published = "".join(("5d672d79c15b1316", "2d9279b0855cfba6", "789a8edb4c82c400", "e06b5924a6f2b5d7"))
    assert made["Authorization"].endswith(f"={published}")


def test_the_signature_for_sts_is_that_of_the_provider_s_own_library() -> None:
    auth = pytest.importorskip("botocore.auth")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = BUILTIN["aws-secret-access-key"].verify
    assert request
    key_id, key = COMPANION["sts.amazonaws.com"], "a/b+" * 10
    now = datetime.now(timezone.utc)
    ours = call(request, request.urls[0], {"secret": key.encode(), "id": key_id.encode()}, now)
    theirs = AWSRequest("GET", request.urls[0], headers={"X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}"})
    theirs.context["timestamp"] = f"{now:%Y%m%dT%H%M%SZ}"
    signer = auth.SigV4Auth(Credentials(key_id, key), "sts", "us-east-1")
    signature = signer.signature(signer.string_to_sign(theirs, signer.canonical_request(theirs)), theirs)
    assert dict(ours.headers)["Authorization"].endswith(f"Signature={signature}")
    assert parse_qs(ours.target.partition("?")[2]) == {"Action": ["GetCallerIdentity"], "Version": ["2011-06-15"]}
