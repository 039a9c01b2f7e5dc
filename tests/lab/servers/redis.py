"""redis, the cache that Argo CD needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.servers.ports import free_ports, listening
from tests.lab.servers.process import Tools, process


@contextmanager
def redis(tools: Tools, folder: Path) -> Iterator[str]:
    """Run redis, all in memory; gives host:port."""
    (port,) = free_ports(1)
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with process("redis", [tools("redis-server"), *words], folder) as running:
        running.wait(lambda: listening(port))
        yield f"127.0.0.1:{port}"
