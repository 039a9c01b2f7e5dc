"""What reads a cluster: GET requests, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from hybridc.live.collect import Follow, collect, nothing
from hybridc.live.connection import connect, within
from hybridc.live.kubeconfig import Target, Unreachable
from hybridc.live.reading import Reading
from hybridc.live.reads import Id
from hybridc.live.state import State

__all__ = ["Target", "Unreachable", "read"]


def read(
    target: Target, wanted: Iterable[Id], follow: Follow = nothing, tell: Callable[[str], None] | None = None
) -> State:
    """The cluster as it is; ``wanted`` are objects to ask for by name, ``follow`` says which others objects name.

    ``tell`` takes a line, again and again, when it takes longer than a second. Raises :class:`Unreachable`, also when
    late.
    """
    reading = Reading()

    def work(deadline: float) -> State:
        connection = connect(target, deadline, reading)
        return collect(connection.server, connection.get, wanted, follow)

    seen = within(target, work, reading, tell)
    if not (seen.objects or seen.whole or seen.absent):
        message = f"{seen.server} lets this user see nothing of what decides (403)"
        raise Unreachable(message, "docs/preflight.md has the ClusterRole that it needs")
    return replace(seen, at=datetime.now(UTC).isoformat(timespec="seconds"))
