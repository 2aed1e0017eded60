"""Google Cloud Secret Manager: the secrets of a project, or those whose names begin with a prefix, with all versions.

`gcp-sm:my-project` or `gcp-sm:my-project/prefix`. Disabled and destroyed versions are named as not read. Logs in with
Google's application default credentials: GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`.
Regional secrets are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from tightlip.errors import UsageError
from tightlip.known.asking import Counted, hush, library
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient, SecretVersion

_Thing = TypeVar("_Thing")
_SECONDS = 30.0  # for an answer


class _Refused(Exception):
    """These credentials may not."""


def secrets(where: str) -> Iterator[Known]:
    """Yield the secrets of a project, current versions and earlier ones. Raises `UsageError`."""
    source = f"gcp-sm:{where}"
    project, _, prefix = where.partition("/")
    if not project.replace("-", "").replace(":", "").replace(".", "").isalnum():
        raise UsageError(f"{source}: no project; write gcp-sm:PROJECT or gcp-sm:PROJECT/PREFIX")
    with library("gcp", source):
        import google_crc32c  # noqa: F401 - asked for before anything is read
        from google.cloud.secretmanager_v1 import SecretManagerServiceClient
    hush("google")
    count, found = Counted(source), 0
    with _asking(source):
        client = SecretManagerServiceClient(transport="rest")
    with client:
        try:
            for secret in _all(source, lambda: client.list_secrets(parent=f"projects/{project}", timeout=_SECONDS)):
                count()
                name = str(secret.name).rpartition("/")[2]
                if name.startswith(prefix):
                    found += 1
                    yield from _secret(source, client, str(secret.name), name)
        except _Refused:
            raise UsageError(
                f"{source}: these credentials may not list the project's secrets, or its Secret Manager is off; "
                "they need roles/secretmanager.viewer"
            ) from None
    if not found:
        raise UsageError(f"{source}: the project has no secret whose name begins so")


def _secret(source: str, client: SecretManagerServiceClient, path: str, name: str) -> Iterator[Known]:
    try:
        versions = list(_all(source, lambda: client.list_secret_versions(parent=path, timeout=_SECONDS)))
    except _Refused:
        yield Unread(name, "these credentials may not list its versions", is_current=True)
        return
    enabled = [version for version in versions if version.state.name == "ENABLED"]
    newest = max(enabled, key=lambda version: version.create_time, default=None)
    for version in versions:
        number, is_current = str(version.name).rpartition("/")[2], version is newest
        if version.state.name != "ENABLED":
            yield Unread(name, version.state.name.lower(), version=number)
            continue
        try:
            value = _value(source, client, version)
        except _Refused:
            yield Unread(name, "these credentials may not read it", version=number, is_current=is_current)
            continue
        if value is None:
            yield Unread(name, "its checksum is wrong", version=number, is_current=is_current)
            continue
        yield from from_text(name, value, version=number, created=version.create_time, is_current=is_current)


def _value(source: str, client: SecretManagerServiceClient, version: SecretVersion) -> bytes | None:
    """Return the value of a version, or None where its bytes are not those that Google keeps."""
    import google_crc32c

    with _asking(source):
        payload = client.access_secret_version(name=version.name, timeout=_SECONDS).payload
    data = bytes(payload.data)
    return data if "data_crc32c" not in payload or google_crc32c.value(data) == payload.data_crc32c else None


def _all(source: str, listing: Callable[[], Iterable[_Thing]]) -> Iterator[_Thing]:
    """Yield what is listed on all pages. Raises `_Refused`, `UsageError`."""
    with _asking(source):
        pages = iter(listing())
    while True:
        with _asking(source):
            each = next(pages, None)
        if each is None:
            return
        yield each


@contextmanager
def _asking(source: str) -> Iterator[None]:
    """Say what went wrong with a call of Google's library. Raises `_Refused`, `UsageError`."""
    import google.api_core.exceptions as answers
    import google.auth.exceptions as login
    import requests
    from google.protobuf.json_format import ParseError

    from tightlip.known import web

    try:
        yield
    except answers.NotFound:
        problem = "there is no such project, or no such secret any more"
    except answers.Unauthorized:
        problem = _NO_LOGIN
    except answers.Forbidden:
        raise _Refused from None
    except (answers.GoogleAPICallError, answers.RetryError) as error:
        problem = f"Google answers with an error ({getattr(error, 'code', None) or 'no answer in time'})"
    except login.TransportError:
        problem = "no connection to Google to log in; see HTTPS_PROXY"
    except login.GoogleAuthError:
        problem = _NO_LOGIN
    except requests.RequestException as error:
        problem = f"Google cannot be asked: {web.trouble(error)}"
    except (ParseError, AttributeError, TypeError, ValueError, RecursionError):
        problem = "Google does not answer as it should"
    else:
        return
    raise UsageError(f"{source}: {problem}")


_NO_LOGIN = (
    "Google does not know who asks; run `gcloud auth application-default login`, or see GOOGLE_APPLICATION_CREDENTIALS"
)
