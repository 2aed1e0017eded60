"""AWS's protocol over HTTP, as moto speaks it to AWS's own library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from httpdouble import Answer, Asked, serving, standing_in
from vaultservers import free_port

from tightlip.errors import UsageError
from tightlip.known import sources
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    import trustme

boto3 = pytest.importorskip("boto3", reason="needs boto3: pip install 'tightlip[aws]'")

pytestmark = pytest.mark.xdist_group("aws")

KEY = "of " + "the tests"
VALUE = "a value in a message"


@pytest.fixture(autouse=True)
def logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def moto(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an AWS that has nothing in it yet."""
    import urllib.request

    urllib.request.urlopen(f"{moto_address}/moto-api/reset", b"", timeout=30).close()  # noqa: S310 - on loopback
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_address)
    return moto_address


def keeper(service: str) -> object:
    return boto3.client(service, region_name="eu-central-1")


@pytest.fixture
def manager(moto: str) -> Iterator[object]:
    client = keeper("secretsmanager")
    yield client
    client.close()


@pytest.fixture
def parameters(moto: str) -> Iterator[object]:
    client = keeper("ssm")
    yield client
    client.close()


def known(source: str) -> list[Known]:
    return list(sources.secrets(sources.where_of(source)))


def read(source: str) -> dict[tuple[str, str | None], bytes]:
    return {(each.name, each.version): each.value for each in known(source) if not isinstance(each, Unread)}


def complaint(source: str) -> str:
    with pytest.raises(UsageError) as raised:
        known(source)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(f"{source}: ")
    assert KEY not in text
    return text


def test_secrets_whose_names_begin_so_are_read_and_their_leaves_are_secrets(manager: object) -> None:
    manager.create_secret(Name="app/db", SecretString=json.dumps({"user": "u", "nested": {"password": "p"}}))
    manager.create_secret(Name="app/token", SecretString="plain text")
    manager.create_secret(Name="other", SecretString="not asked for")

    assert read("aws-sm:app/") == {
        ("app/db#user", "AWSCURRENT"): b"u",
        ("app/db#nested.password", "AWSCURRENT"): b"p",
        ("app/token", "AWSCURRENT"): b"plain text",
    }
    assert ("other", "AWSCURRENT") in read("aws-sm:*")


def test_the_versions_before_and_after_the_current_one_are_read(manager: object) -> None:
    manager.create_secret(Name="app", SecretString="first")
    manager.put_secret_value(SecretId="app", SecretString="second")
    manager.put_secret_value(SecretId="app", SecretString="third")
    manager.put_secret_value(SecretId="app", SecretString="next", VersionStages=["AWSPENDING"])

    found = {each.version: each for each in known("aws-sm:app")}

    assert found["AWSCURRENT"].value == b"third"
    assert found["AWSPREVIOUS"].value == b"second"
    assert found["AWSPENDING"].value == b"next"
    assert [version for version, each in found.items() if each.is_current] == ["AWSCURRENT"]
    assert all(each.created and each.created.tzinfo for each in found.values())


def test_a_binary_secret_is_its_bytes(manager: object) -> None:
    manager.create_secret(Name="app", SecretBinary=b"\x00\xffkey")

    assert read("aws-sm:app") == {("app", "AWSCURRENT"): b"\x00\xffkey"}


def test_a_secret_that_is_marked_as_deleted_is_named_as_not_read(manager: object) -> None:
    manager.create_secret(Name="app", SecretString="gone")
    manager.delete_secret(SecretId="app")

    [found] = known("aws-sm:app")

    assert isinstance(found, Unread)
    assert (found.name, found.why) == ("app", "it is marked as deleted")


def test_more_secrets_than_a_page_holds_are_all_read(manager: object) -> None:
    for number in range(105):
        manager.create_secret(Name=f"app/{number}", SecretString=f"value {number}")

    assert len(read("aws-sm:app/")) == 105


def test_secure_parameters_are_read_with_their_history(parameters: object) -> None:
    for value in ("first", "second"):
        parameters.put_parameter(Name="/app/password", Value=value, Type="SecureString", Overwrite=True)
    parameters.put_parameter(Name="/app/json", Value='{"password": "inner"}', Type="SecureString")
    parameters.put_parameter(Name="/app/plain", Value="no secret", Type="String")
    parameters.put_parameter(Name="/other", Value="not asked for", Type="SecureString")

    assert read("aws-ssm:/app/") == {
        ("/app/password", "1"): b"first",
        ("/app/password", "2"): b"second",
        ("/app/json#password", "1"): b"inner",
    }
    assert [each.is_current for each in known("aws-ssm:/app/password")] == [False, True]
    assert ("/other", "1") in read("aws-ssm:*")


@pytest.mark.parametrize("source", ["aws-sm:nothing/", "aws-ssm:/nothing/"])
def test_a_prefix_that_nothing_has_is_one_clear_line(moto: str, source: str) -> None:
    assert "has a name that begins so, in this account and region" in complaint(source)


def denied(code: str, *operations: str) -> Answer | None:
    return Answer(400, {"__type": code, "message": "a value in a message"})


def amazon(answers: dict[str, object]) -> object:
    """Answer each operation as given: an `Answer`, or what it answers with 200."""

    def answering(asked: Asked) -> Answer:
        operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
        answer = answers.get(operation, denied("AccessDeniedException"))
        return answer if isinstance(answer, Answer) else Answer(200, answer)

    return answering


def test_what_these_credentials_may_not_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"Name": "app", "ARN": "arn:app", "SecretVersionsToStages": {"v" * 32: ["AWSCURRENT"]}}
    with serving(amazon({"ListSecrets": {"SecretList": [secret]}})) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        found = known("aws-sm:app")

    assert [(each.name, each.version, each.why, each.is_current) for each in found if isinstance(each, Unread)] == [
        ("app", None, "these credentials may not list its versions, so there may be earlier ones", False),
        ("app", "AWSCURRENT", "these credentials may not read it", True),
    ]
    assert len(found) == 2


def test_a_secret_whose_key_is_gone_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [{"Name": name, "ARN": f"arn:{name}"} for name in ("app", "other")]
    version = {"VersionId": "v" * 32, "VersionStages": ["AWSCURRENT"]}

    def answering(asked: Asked) -> Answer:
        operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation == "GetSecretValue" and b"arn:app" in asked.body:
            return denied("KMSDisabledException")
        return amazon(
            {
                "ListSecrets": {"SecretList": secrets},
                "ListSecretVersionIds": {"Versions": [version]},
                "GetSecretValue": {"SecretString": "of the other"},
            }
        )(asked)

    with serving(answering) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        unread, read = known("aws-sm:*")

    assert (unread.why, unread.is_current) == ("its key cannot be used", True)
    assert (read.name, read.value) == ("other", b"of the other")


def test_a_page_that_comes_again_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(amazon({"ListSecrets": {"SecretList": [], "NextToken": "again"}})) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        assert "AWS does not answer as it should" in complaint("aws-sm:app")


def test_a_role_that_may_not_be_taken_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = me\n"
        f"[profile me]\naws_access_key_id = nobody\naws_secret_access_key = {KEY}\n"
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "role")
    refusal = f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{VALUE}</Message></Error></ErrorResponse>"
    with serving(lambda asked: Answer(403, refusal.encode(), {"Content-Type": "text/xml"})) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        text = complaint("aws-sm:app")

    assert "AWS answers with an error (status 403) to the login; see AWS_PROFILE" in text
    assert VALUE not in text


def test_what_a_program_for_credentials_says_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f"[default]\ncredential_process = sh -c 'echo {VALUE} >&2; exit 1'\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    text = complaint("aws-sm:app")

    assert "the program of the profile that gives credentials failed" in text
    assert VALUE not in text


def test_the_region_of_a_profile_is_asked(moto: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile team]\nregion = eu-central-1\n")
    (tmp_path / "credentials").write_text(f"[team]\naws_access_key_id = nobody\naws_secret_access_key = {KEY}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    client = keeper("secretsmanager")
    client.create_secret(Name="app", SecretString="kept")
    client.close()
    for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_PROFILE", "team")

    assert read("aws-sm:app") == {("app", "AWSCURRENT"): b"kept"}


def test_a_secret_without_a_value_is_named(manager: object) -> None:
    manager.create_secret(Name="app")
    manager.create_secret(Name="app2", SecretString="kept")

    assert [(each.name, each.why, each.is_current) for each in known("aws-sm:app") if isinstance(each, Unread)] == [
        ("app", "it has no value", False)
    ]


def test_without_the_history_there_is_the_current_parameter_and_a_word_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {
        "DescribeParameters": {"Parameters": [{"Name": "/app", "Version": 3}]},
        "GetParameter": {"Parameter": {"Name": "/app", "Value": "now", "Version": 3}},
    }
    with serving(amazon(answers)) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        found = known("aws-ssm:/app")

    assert [(each.version, each.value) for each in found if not isinstance(each, Unread)] == [("3", b"now")]
    assert [each.why for each in found if isinstance(each, Unread)] == [
        "these credentials may not read its history, so there may be earlier versions"
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(denied("AccessDeniedException"), "these credentials may not list", id="no right"),
        pytest.param(denied("UnrecognizedClientException"), "AWS does not know these credentials", id="wrong key"),
        pytest.param(denied("ExpiredTokenException"), "or they have expired", id="expired"),
        pytest.param(denied("ThrottlingException"), "asks to be asked less often", id="throttled"),
        pytest.param(denied("Something\nElse"), "answers with an error (status 400)", id="unknown"),
        pytest.param(Answer(500, {"message": VALUE}), "answers with an error (status 500)", id="500"),
        pytest.param(Answer(500, f"<html>{VALUE}".encode()), "AWS", id="500 in HTML"),
        pytest.param(Answer(200, f"<html>{VALUE}".encode()), "AWS does not answer as it should", id="no JSON"),
        pytest.param(Answer(200, b"[" * 200_000), "AWS does not answer as it should", id="deep JSON"),
        pytest.param(Answer(200, [VALUE]), "AWS does not answer as it should", id="a list"),
        pytest.param(Answer(302, VALUE.encode(), {"Location": "http://localhost:1/"}), "AWS", id="elsewhere"),
    ],
)
def test_a_server_that_answers_oddly_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, words: str
) -> None:
    with serving(lambda asked: answer) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        text = complaint("aws-sm:app")

    assert words in text
    assert VALUE not in text


def test_parameters_that_may_not_be_listed_are_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(amazon({})) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        assert complaint("aws-ssm:/app").endswith("they need ssm:DescribeParameters")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        pytest.param("AWS_REGION", "", "no region; set AWS_REGION", id="no region"),
        pytest.param("AWS_PROFILE", "nobody's", "there is no profile of the name in AWS_PROFILE", id="no profile"),
        pytest.param("AWS_ACCESS_KEY_ID", "", "no credentials; set AWS_PROFILE", id="no credentials"),
        pytest.param("AWS_SECRET_ACCESS_KEY", "", "half of the credentials is missing", id="half"),
        pytest.param("AWS_ENDPOINT_URL", "no address", "AWS_ENDPOINT_URL is no URL", id="no URL"),
        pytest.param("AWS_REGION", "no region!", "AWS_REGION is no region", id="odd region"),
        pytest.param("AWS_RETRY_MODE", "odd", "cannot ask (InvalidRetryModeError); see the variables", id="odd mode"),
        pytest.param("AWS_CONFIG_FILE", __file__, "AWS's file of settings cannot be read", id="odd file"),
    ],
)
def test_what_is_missing_to_log_in_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv(name, value)

    assert words in complaint("aws-sm:app")


def test_no_connection_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")

    assert "no connection to AWS" in complaint("aws-sm:app")


def test_a_certificate_that_nobody_vouches_for_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    with standing_in(lambda asked: Answer(200, {}), authority) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)

        assert "the server's certificate is not trusted" in complaint("aws-sm:app")


def test_nothing_that_a_library_logs_holds_a_value_or_a_key(manager: object, lines: pytest.LogCaptureFixture) -> None:
    manager.create_secret(Name="app", SecretString="never to be logged")
    lines.clear()

    assert known("aws-sm:app")

    assert "never to be logged" not in lines.text
    assert KEY not in lines.text
