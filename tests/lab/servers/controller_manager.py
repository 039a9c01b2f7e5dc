"""kube-controller-manager, for what no client does itself: collecting garbage and ending namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.servers.cluster import Cluster
from tests.lab.servers.process import Tools, process


@contextmanager
def controller_manager(tools: Tools, folder: Path, cluster: Cluster) -> Iterator[None]:
    """Run the two controllers; without the first, a foreground deletion never ends.

    DaemonSets and Jobs get no pods: no node would run them, and the lab's kubelet plays both for the hooks.
    """
    command = [
        tools("kube-controller-manager"),
        f"--kubeconfig={cluster.kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        "--controllers=garbage-collector-controller,namespace-controller",
    ]
    with process("kube-controller-manager", command, folder):
        yield
