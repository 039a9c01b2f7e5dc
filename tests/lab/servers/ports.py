"""Free ports on loopback."""

from __future__ import annotations

import random
import socket

# Below the range from which the kernel takes the source ports of outgoing connections: one of the servers' own
# connections could otherwise sit on a port that the next server was promised.
_FIRST, _LAST = 20000, 32000


def free_ports(count: int) -> list[int]:
    """``count`` different ports of 127.0.0.1 on which nobody listens."""
    found: list[int] = []
    for port in random.sample(range(_FIRST, _LAST), 2000):
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError("no free ports on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listening(port: int) -> bool:
    """Whether somebody takes connections on 127.0.0.1:``port``."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
