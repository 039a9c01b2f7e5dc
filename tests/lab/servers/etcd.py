"""etcd, the store behind kube-apiserver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.servers.ports import free_ports, listening
from tests.lab.servers.process import Tools, process


@contextmanager
def etcd(tools: Tools, folder: Path) -> Iterator[str]:
    """Run etcd with its data below ``folder``; gives its URL."""
    port, peer_port = free_ports(2)
    url, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    command = [
        tools("etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # What is lost in a power cut is only a lab.
        "--unsafe-no-fsync",
    ]
    # Debian's etcd 3.4 asks for this word on ARM.
    with process("etcd", command, folder, {"ETCD_UNSUPPORTED_ARCH": "arm64"}) as running:
        running.wait(lambda: listening(port))
        yield url
