"""How long a verb waits for the cloud, and when it asks again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from hybridc.cloud.trouble import Trouble, late

T = TypeVar("T")
_ATTEMPTS = 4
_FIRST, _MOST = 0.5, 8.0
CONNECT, READ = 5.0, 20.0


class Deadline:
    """Seconds that everything together may take, from now on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, 0 at the least."""
        return max(0.0, self._end - time.monotonic())

    def timeouts(self, service: str, call: str) -> tuple[float, float]:
        """Seconds to connect and to read of one request. Raises :class:`Trouble` when there is no time left."""
        if self.left <= 0:
            raise late(service, call, self.seconds)
        return min(CONNECT, self.left), min(READ, self.left)


def patient(ask: Callable[[], T], deadline: Deadline, *, again: bool) -> T:
    """What ``ask`` gives.

    What passes is waited for, with jitter, when ``again`` says that asking twice does no harm; a request that was
    surely not done (429) may always be sent again. Raises :class:`Trouble`.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return ask()
        except Trouble as trouble:
            may = trouble.passing and (again or not trouble.unsure)
            # Full jitter, half of it kept: many clusters in one CI do not come back together.
            pause = min(_MOST, _FIRST * 2 ** (attempt - 1)) * (0.5 + random.random() / 2)  # noqa: S311
            if not may or attempt == _ATTEMPTS or pause >= deadline.left:
                raise
            time.sleep(pause)
    raise AssertionError("the last attempt answers or raises")
