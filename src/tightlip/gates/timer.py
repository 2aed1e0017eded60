"""A limit of time that nothing can swallow or outwait: when it is over, the program ends."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer:
    """Ends the program unless what it is around ends first.

    Parameters: `seconds`, how long that may take; `over`, what tells that it took longer, and returns the exit code. If
    it fails itself, the program ends all the same.
    """

    def __init__(self, seconds: int, over: Callable[[], int]) -> None:
        self._over = over
        self._ended = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._ended.acquire()  # from here on the other thread does nothing, or the program ends

    def _end(self) -> None:
        if not self._ended.acquire(blocking=False):
            return
        code = 2
        try:
            code = self._over()
            sys.stderr.flush()
        finally:
            os._exit(code)
