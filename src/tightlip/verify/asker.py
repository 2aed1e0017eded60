"""Asks about many secrets: each once, a few providers at a time, one question after the other at each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timezone
from threading import Event
from typing import NamedTuple
from urllib.parse import urlsplit

from tightlip.request import Request
from tightlip.verify import client
from tightlip.verify.client import NoAnswerError, Reply
from tightlip.verify.filling import Call, CannotAskError, call
from tightlip.verify.judged import REVOKED, UNKNOWN, fitting

_AT_ONCE = 4
PAUSE = 0.5
"""Seconds between two questions to one host."""
_GLANCE = 0.2
"""Seconds."""
_LONGEST_WAIT = 20.0
"""Seconds; a provider that wants a longer break is asked no more."""
_TOO_MANY = (429, 503)
_REDIRECTS = range(300, 400)


class Verdict(NamedTuple):
    """What came out, and why nothing did."""

    meaning: str
    """`live`, `revoked`, `done`, or `unknown`."""
    why: str = ""
    """In words, where it is unknown; nothing of a value is in it."""


class Asker:
    """Asks providers. It knows when each was asked last, and which wants to be left alone."""

    def __init__(self, send: Callable[[Call], Reply] = client.send, pause: float = PAUSE) -> None:
        self._send, self._pause = send, pause
        self._last: dict[str, float] = {}
        self._weary: set[str] = set()
        self._over = Event()

    def ask_all(self, asked: Sequence[tuple[Request, Mapping[str, bytes]]]) -> list[Verdict]:
        """Ask about each, and return the verdicts in the same order.

        An interrupt (Ctrl-C) ends it: of what is left nothing is known.
        """
        by_host: dict[str, list[int]] = {}
        for number, (request, _) in enumerate(asked):
            by_host.setdefault(urlsplit(request.urls[0]).netloc, []).append(number)

        def one_host(numbers: list[int]) -> list[tuple[int, Verdict]]:
            return [(number, self.ask(*asked[number])) for number in numbers]

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            every = [threads.submit(one_host, numbers) for numbers in by_host.values()]
            try:
                while wait(every, _GLANCE).not_done:  # not for ever at once: Windows would not tell of an interrupt
                    pass
            except KeyboardInterrupt:
                self._over.set()
        verdicts = dict(pair for pairs in every for pair in pairs.result())
        return [verdicts[number] for number in range(len(asked))]

    def ask(self, request: Request, values: Mapping[str, bytes]) -> Verdict:
        """Ask about one. Of several hosts the first that knows it counts; it is revoked where none does."""
        found: list[Verdict] = []
        for url in request.urls:
            found.append(self._ask(request, url, values))
            if found[-1].meaning not in (REVOKED, UNKNOWN):
                return found[-1]
        return next((verdict for verdict in found if verdict.meaning == UNKNOWN), found[-1])

    def _ask(self, request: Request, url: str, values: Mapping[str, bytes]) -> Verdict:
        try:
            made = call(request, url, values, datetime.now(timezone.utc))
            reply = self._patiently(made)
        except (CannotAskError, NoAnswerError) as error:
            return Verdict(UNKNOWN, str(error))
        answer = fitting(reply, request.answers)
        if answer and answer.meaning != UNKNOWN:
            return Verdict(answer.meaning)
        why = f": {answer.why}" if answer else ""
        where = " elsewhere, which is not followed" if reply.status in _REDIRECTS else ""
        return Verdict(UNKNOWN, f"{made.host} answered {reply.status}{where}{why}")

    def _patiently(self, made: Call) -> Reply:
        """Send a request when its host may be asked again, and once more where it wants a short break."""
        reply = self._in_turn(made)
        if reply.status in _TOO_MANY and reply.wait <= _LONGEST_WAIT:
            self._over.wait(max(reply.wait, self._pause))
            reply = self._in_turn(made)
        if reply.status in _TOO_MANY:
            self._weary.add(made.host)
        return reply

    def _in_turn(self, made: Call) -> Reply:
        if made.host in self._weary:
            raise NoAnswerError(f"{made.host} wants to be asked less often")
        left = self._last.get(made.host, -self._pause) + self._pause - time.monotonic()
        if self._over.wait(max(left, 0)):
            raise NoAnswerError("the questions were interrupted")
        try:
            return self._send(made)
        finally:
            self._last[made.host] = time.monotonic()
