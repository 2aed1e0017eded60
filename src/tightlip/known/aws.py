"""Asks AWS: credentials, profile, region and endpoint come from AWS's own environment and files. Only to read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.known.asking import hush, library, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 30  # for a connection, and for each part of an answer
_PAGES = 100_000


class Refused(Exception):
    """AWS answers that these credentials may not; `why` says what may be missing."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Aws:
    """One service of AWS, and the source that asks it. Raises `UsageError` where it cannot be set up."""

    def __init__(self, service: str, source: str) -> None:
        self._source = source
        with library("aws", source):
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        hush("botocore")
        settings = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS)
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None
        try:
            self._client = boto3.session.Session(region_name=region).client(service, config=settings)
        except (BotoCoreError, ValueError) as error:
            raise self.complaint(_problem(error)) from None

    def ask(self, operation: str, **named: object) -> dict[str, object] | None:
        """Return an answer, None where there is no such thing. Raises `Refused`, `UsageError`."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        try:
            return mapping(getattr(self._client, operation)(**named))
        except ClientError as error:
            code, status = _code(error.response)
            if str(error.operation_name).lower() != operation.replace("_", ""):
                raise self.complaint(f"AWS answers with an error (status {status}) to the login; {_LOGIN}") from None
        except (BotoCoreError, HTTPClientError) as error:
            raise self.complaint(_problem(error)) from None
        except (AttributeError, TypeError, ValueError, LookupError, RecursionError):
            raise self.complaint(_NO_AWS) from None
        if code in _MISSING:
            return None
        if code in _REFUSALS:
            raise Refused(_REFUSALS[code])
        if code in _CREDENTIALS:
            raise self.complaint(f"AWS does not know these credentials, or they have expired; {_LOGIN}")
        if code in _HURRY:
            raise self.complaint("AWS asks to be asked less often; try again later, or give a longer prefix")
        raise self.complaint(f"AWS answers with an error (status {status}) to {operation}")

    def pages(self, operation: str, key: str, **named: object) -> Iterator[dict[str, object]]:
        """Yield what is listed under a key of the answers, page by page. Raises `Refused`, `UsageError`."""
        token: object = None
        for _ in range(_PAGES):
            answer = self.ask(operation, **named, **({"NextToken": token} if token else {}))
            if answer is None:
                return
            found = answer.get(key)
            if not isinstance(found, list):
                raise self.complaint(_NO_AWS)
            yield from (each for each in found if isinstance(each, dict))
            before, token = token, answer.get("NextToken")
            if not token:
                return
            if token == before:
                break
        raise self.complaint(_NO_AWS)

    def complaint(self, problem: str) -> UsageError:
        """Return the error that names the source and a problem."""
        return UsageError(f"{self._source}: {problem}")


def _code(response: object) -> tuple[str, int]:
    """Return AWS's name for an error, and the HTTP status."""
    told = mapping(response)
    status = mapping(told.get("ResponseMetadata")).get("HTTPStatusCode")
    return str(mapping(told.get("Error")).get("Code", "")), status if isinstance(status, int) else 0


def _problem(error: Exception) -> str:
    """Say what AWS's library could not do, and not in its words: they may hold what a program for credentials wrote."""
    name = type(error).__name__
    return _PROBLEMS.get(name, f"AWS's library cannot ask ({name}); see the variables AWS_... and AWS_CONFIG_FILE")


_NO_AWS = "AWS does not answer as it should; see AWS_ENDPOINT_URL"
_LOGIN = "see AWS_PROFILE, or run `aws sso login`"
_MISSING = {"ResourceNotFoundException", "ParameterNotFound"}
_REFUSALS = {
    "AccessDeniedException": "these credentials may not read it",
    "AccessDenied": "these credentials may not read it",
    "DecryptionFailure": "its key cannot be used",
    "InvalidKeyId": "its key cannot be used",
    "InvalidRequestException": "it is marked as deleted",
    "KMSAccessDeniedException": "its key cannot be used",
    "KMSDisabledException": "its key cannot be used",
    "KMSInvalidStateException": "its key cannot be used",
    "KMSNotFoundException": "its key cannot be used",
}
_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_HURRY = {
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_PROBLEMS = {
    "ConnectTimeoutError": f"AWS does not answer within {_SECONDS} seconds; is it reached from here?",
    "ConfigParseError": "AWS's file of settings cannot be read; see AWS_CONFIG_FILE",
    "CredentialRetrievalError": "the program of the profile that gives credentials failed; see AWS_PROFILE",
    "EndpointConnectionError": "no connection to AWS; see AWS_REGION, AWS_ENDPOINT_URL and AWS_CA_BUNDLE",
    "ConnectionClosedError": "the connection to AWS broke off",
    "InvalidRegionError": "AWS_REGION is no region",
    "InvalidEndpointURLError": "AWS_ENDPOINT_URL is no URL; write https://HOST",
    "NoCredentialsError": "no credentials; set AWS_PROFILE, or log in with `aws sso login` or `aws configure`",
    "NoRegionError": "no region; set AWS_REGION",
    "PartialCredentialsError": "half of the credentials is missing; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "ProfileNotFound": "there is no profile of the name in AWS_PROFILE",
    "ProxyConnectionError": "the proxy gives no connection; see HTTPS_PROXY and NO_PROXY",
    "ReadTimeoutError": f"AWS does not answer within {_SECONDS} seconds; is it reached from here?",
    "SSLError": "the server's certificate is not trusted; name the authority that signed it in AWS_CA_BUNDLE",
    "TokenRetrievalError": "the login has expired; run `aws sso login`",
    "SSOTokenLoadError": "the login has expired; run `aws sso login`",
    "UnauthorizedSSOTokenError": "the login has expired; run `aws sso login`",
    "ValueError": "AWS_ENDPOINT_URL is no URL; write https://HOST (or AWS_MAX_ATTEMPTS is no number)",
}
