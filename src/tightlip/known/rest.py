"""Asks a server that keeps the settings of continuous integration: GitHub, GitLab. Only to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn
from urllib.parse import quote, urlsplit

from tightlip.errors import UsageError
from tightlip.known.asking import Counted, library, mapping


class Refused(Exception):
    """The server answers that this token may not."""


class Rest:
    """A server, the token for it, and the source that asks. Raises `UsageError`: no library, or no such token."""

    def __init__(self, source: str, address: str, token: str) -> None:
        with library("ci", source):
            import requests

            from tightlip.known import web

        def bearing(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["Authorization"] = f"Bearer {token}"
            return request

        self._source, self._address = source, address.rstrip("/")
        self._host = urlsplit(address).hostname or address
        if not (token.isascii() and token.isprintable()):
            raise self.complaint("is not asked: the token has characters that no token has, such as a line break")
        self._session = web.Session()
        self._session.auth = bearing  # which keeps a password in .netrc from taking the token's place
        self._count = Counted(source)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str) -> dict[str, object]:
        """Return the object that the server answers, an empty one where there is none. Raises as `pages` does."""
        return mapping(self._get(path)[0])

    def pages(self, path: str, key: str = "", size: int = 100) -> Iterator[dict[str, object]]:
        """Yield all that is listed, under a key or as the answer itself. Raises `Refused`, `UsageError`.

        What is not there at all (404) is `Refused` as well: these servers say so of what a token may not see.
        """
        page, more = 1, True
        while more:
            answer, more = self._get(path, per_page=size, page=page)
            if answer is None:
                raise Refused
            found = mapping(answer).get(key) if key else answer
            if not isinstance(found, list):
                raise self.complaint("does not answer as it should; is the address right?")
            for each in found:
                self._count()
                yield mapping(each)
            page, more = page + 1, bool(found) and (more or len(found) >= size)

    def _get(self, path: str, **query: str | int) -> tuple[object, bool]:
        """Return what the server answers, None where there is no such thing, and whether it names a next page."""
        import requests

        from tightlip.known import web

        try:
            answer = self._session.get(f"{self._address}/{path}", params=query, timeout=web.SECONDS)
            found: object = answer.json() if answer.status_code == 200 else None
            has_next = "next" in answer.links
        except requests.exceptions.JSONDecodeError:
            raise self.complaint("does not answer as it should; is the address right?") from None
        except requests.RequestException as error:
            raise self.complaint(f"cannot be asked: {web.trouble(error)}") from None
        except (ValueError, RecursionError):
            raise self.complaint("does not answer as it should; is the address right?") from None
        if answer.status_code not in {200, 404}:
            self._refuse(answer.status_code, answer.headers)
        return found, has_next

    def _refuse(self, status: int, headers: Mapping[str, str]) -> NoReturn:
        """Say what an answer means that is none. Raises `Refused`, `UsageError`."""
        if status == 401:
            raise self.complaint("does not accept the token, or it has expired")
        if status == 429 or (
            status == 403 and (headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers)
        ):
            raise self.complaint("asks to be left alone for a while; try again later")
        if status == 403:
            raise Refused
        raise self.complaint(f"answers with an error ({status})")

    def complaint(self, problem: str) -> UsageError:
        """Return the error that names the source, the server and a problem."""
        return UsageError(f"{self._source}: the server at {self._host!r} {problem}")


def quoted(text: str) -> str:
    """Return a text as one part of an address."""
    return quote(text, safe="")
