"""What is done at the moment, and for how long, on the terminal behind stderr: from the second second on."""

from __future__ import annotations

import threading
import time

from hybridc.cli.say import Progress

_QUIET, _STEP = 1.0, 0.5
"""Seconds before the first line, and between two."""


class Working:
    """A line that a thread keeps true while the work goes on; nothing where there is no terminal."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._line = Progress()
        self._on = wanted and self._line.possible
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, what: str) -> None:
        """Work on ``what`` begins; what was shown before is taken away."""
        self.stop()
        if not self._on:
            return
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tell, args=(what, self._stop), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Nothing is shown any more, so that something else can be."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None
            self._line.close()

    def _tell(self, what: str, stop: threading.Event) -> None:
        started, pause = time.monotonic(), _QUIET
        while not stop.wait(pause):
            self._line.tell(f"{what}: {time.monotonic() - started:.0f} s")
            pause = _STEP
