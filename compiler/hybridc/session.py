"""The specs of one call, read and compiled, with their findings: what every verb that needs a spec starts from."""

from __future__ import annotations

from collections.abc import Callable

from hybridc import exits
from hybridc.compile import Checked, Compiled, Refused, compile_spec, front
from hybridc.diagnostic import ERROR, WARNING, Diagnostic, capped, has_errors
from hybridc.source.document import Document
from hybridc.source.files import Unreadable, read_spec

Take = Callable[[list[Diagnostic], Document | None], None]
"""Whoever shows findings: those of one file, and the document that excerpts are taken from."""


class Session:
    """Reads and compiles one spec after the other, hands findings on, and keeps the worst exit code.

    ``today`` is an ISO date; ``strict`` turns warnings into errors, ``promoted`` counts them.
    """

    def __init__(self, take: Take, today: str, *, strict: bool = False) -> None:
        self.code = exits.FINE
        self.promoted = 0
        self._take = take
        self._today = today
        self._strict = strict

    def report(self, found: list[Diagnostic], document: Document | None = None, code: int = exits.WRONG_INPUT) -> bool:
        """Hand on findings, not too many of a kind. Whether one is an error, which means exit code ``code``."""
        if self._strict:
            self.promoted += sum(d.severity == WARNING for d in found)
            found = [d._replace(severity=ERROR) if d.severity == WARNING else d for d in found]
        self._take(capped(found), document)
        wrong = has_errors(found)
        if wrong:
            self.code = max(self.code, code)
        return wrong

    def check(self, path: str) -> Checked | None:
        """A spec that was read and checked; None when it has errors, which are reported then."""
        raw = self.read(path)
        if raw is None:
            return None
        checked = front(path, raw, self._today)
        return None if self.report(checked.found, checked.document) or checked.spec is None else checked

    def compile(self, path: str, layout: str = "") -> Compiled | None:
        """A compiled spec; None when it has errors, which are reported then. ``layout`` as in :func:`compile_spec`."""
        raw = self.read(path)
        if raw is None:
            return None
        result = compile_spec(path, raw, self._today, layout)
        return None if self.report(result.found, result.document) or isinstance(result, Refused) else result

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None when it cannot be read, which is reported then."""
        try:
            return read_spec(path)
        except Unreadable as error:
            self.report([error.finding], None, error.code)
            return None
