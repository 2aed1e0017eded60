"""Asks Google Cloud Secret Manager, with Google's application default credentials. Only to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tightlip.errors import UsageError
from tightlip.known.asking import hush, library, paged

if TYPE_CHECKING:
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient

SECONDS = 30.0  # for an answer
_Thing = TypeVar("_Thing")


class Refused(Exception):
    """Google does not give this: `str` says why."""


@contextmanager
def google(source: str) -> Iterator[SecretManagerServiceClient]:
    """Give a client. Raises `UsageError`."""
    with library("gcp", source):
        import google_crc32c  # noqa: F401 - asked for before anything is read
        from google.cloud.secretmanager_v1 import SecretManagerServiceClient

        from tightlip.known import web
    hush("google")
    with asking(source):
        client = SecretManagerServiceClient(transport="rest")
    # there is no other way to hold it to a size and to its host
    session = client.transport._session  # type: ignore[attr-defined, unused-ignore]  # noqa: SLF001
    session.mount("https://", web.Bounded())
    session.max_redirects = 0
    with client:
        yield client


def split(source: str, where: str) -> tuple[str, str]:
    """Return the project and the prefix of `PROJECT/PREFIX`. Raises `UsageError`."""
    project, _, prefix = where.partition("/")
    if not project.replace("-", "").replace(":", "").replace(".", "").isalnum():
        raise UsageError(f"{source}: no project; write gcp-sm:PROJECT or gcp-sm:PROJECT/PREFIX")
    return project, prefix


def everything(source: str, listing: Callable[[], Iterable[_Thing]]) -> Iterator[_Thing]:
    """Return what is listed on all pages. Raises `Refused`, `UsageError`."""
    return paged(partial(asking, source), listing)


@contextmanager
def asking(source: str) -> Iterator[None]:
    """Say what went wrong with a call of Google's library. Raises `Refused`, `UsageError`."""
    import google.api_core.exceptions as answers
    import google.auth.exceptions as login
    import requests
    from google.protobuf.json_format import ParseError

    from tightlip.known import web

    try:
        yield
    except answers.GoogleAPICallError as error:
        status = error.code or 0
        if status in _REFUSALS:
            raise Refused(_REFUSALS[status]) from None
        problem = _ANSWERS.get(status, f"Google answers with an error ({status})")
    except answers.RetryError:
        problem = "Google answers with an error, or not in time"
    except login.TransportError:
        problem = "no connection to Google to log in; see HTTPS_PROXY"
    except requests.RequestException as error:
        problem = f"Google cannot be asked: {web.trouble(error)}"
    except (login.GoogleAuthError, OSError):  # a file of credentials that cannot be read
        problem = _NO_LOGIN
    except (ParseError, AttributeError, TypeError, ValueError, RecursionError):
        problem = "Google does not answer as it should"
    else:
        return
    raise UsageError(f"{source}: {problem}")


_REFUSALS = {  # by the HTTP status
    400: "Google cannot give it; is its key disabled?",
    403: "these credentials may not read it",
}
_NO_LOGIN = (
    "Google does not know who asks; run `gcloud auth application-default login`, or see GOOGLE_APPLICATION_CREDENTIALS"
)
_ANSWERS = {
    401: _NO_LOGIN,
    404: "there is no such project, or no such secret any more",
    429: "Google asks to be asked less often; try again later",
}
