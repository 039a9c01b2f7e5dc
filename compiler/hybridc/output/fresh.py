"""Know without compiling that a folder is what a build would write.

It is, when the lock file names this very compiler, this very spec and these options, and every file has the digest
that the lock file says. Then the lock file also holds the findings of that build.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from hybridc.diagnostics.model import Diagnostic
from hybridc.output import lock as locks
from hybridc.output.compare import RENDERED, files


class Known(NamedTuple):
    """A build that need not be done again: its cluster, findings, claims, and the text that findings point into."""

    cluster: str
    found: list[Diagnostic]
    claims: list[locks.Claim]
    fleet: dict[str, Any]
    text: str


def recall(out: str, path: str, raw: bytes, today: str, options: str = "") -> Known | None:
    """What is known of the spec ``raw`` in ``out``; None when it has to be compiled. Never raises for a bad lock."""
    cluster = _cluster(raw)
    if cluster is None:
        return None
    folder = os.path.join(out, cluster)
    try:
        lock = locks.read(folder)
        if lock is None or not lock.intact or lock.spec != locks.sha256(raw) or lock.options != options:
            return None
        if lock.compiler != locks.compiler() or (lock.until is not None and lock.until < today):
            return None
        if not _intact(folder, lock):
            return None
        return Known(cluster, locks.findings(lock, path), lock.claims, lock.fleet, raw.decode("utf-8-sig"))
    except (OSError, ValueError, TypeError):
        return None


def _cluster(raw: bytes) -> str | None:
    """The name under ``metadata:``, if it stands there in the plainest way; the lock decides whether it is right."""
    _, found, rest = raw.partition(b"\nmetadata:")
    _, named, rest = rest.partition(b"name:")
    name = rest.split(None, 1)[0].strip(b"\"'{},") if found and named and rest.strip() else b""
    text = name.decode("ascii", "replace")
    return text if text and all(c.isalnum() or c == "-" for c in text) else None


def _intact(folder: str, lock: locks.Lock) -> bool:
    """Whether every file of the inventory is a regular file with its digest, and no other is there to warn of."""
    there = files(folder)
    if any(path.startswith(RENDERED) and path not in lock.files for path in there):
        return False
    for path, digest in lock.files.items():
        if there.get(path) != "file":
            return False
        with open(os.path.join(folder, path), "rb") as file:
            if locks.sha256(file.read()) != digest:
                return False
    return True
