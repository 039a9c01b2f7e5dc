"""A join of a machine: its script, and what ACK gives it."""

from __future__ import annotations

from dataclasses import replace

from tests.node_boot.control_plane import TOKEN, ControlPlane
from tests.node_boot.machine import Machine
from tests.node_boot.mirror import REPOSITORIES
from tests.node_boot.world import FILES
from tests.node_script import specs

from hybridc.lower.node_script import node_script
from hybridc.spec import model


def script(
    plane: ControlPlane,
    token: model.Token,
    ca_hash: str | None = None,
    repository: model.Repository = REPOSITORIES[0],
    tarballs: tuple[model.Tarball, ...] = (),
) -> str:
    packages = specs.packages(repositories=(repository, REPOSITORIES[1]))
    if tarballs:
        packages = specs.packages("tarball", tarballs=tarballs)
    spec = specs.spec(
        37,
        os="debian-12",
        packages=packages,
        containerd=model.Containerd("1.6", "registry.example.com/pause:3.9"),
        join=replace(specs.join(), token=token),
        allow_cgroup_v1=True,
        kubelet_extra_args={"v": "2"},
        hooks=model.Hooks(None, 'touch "/run/joined-$HYBRIDC_NODE_NAME"'),
        budget_seconds=240,
    )
    cluster = replace(spec.cluster, ca_cert_hashes=(ca_hash or plane.ca_hash,))
    return node_script(replace(spec, cluster=cluster))


def from_url(plane: ControlPlane) -> model.Token:
    (plane.world.files / "bootstrap-token").write_text(f"{TOKEN}\n")
    return replace(specs.TOKENS["url"], url=f"{FILES}/bootstrap-token")


def environment(machine: Machine, **changes: str) -> dict[str, str]:
    """As ACK gives it."""
    return {
        "ALIBABA_CLOUD_PROVIDER_ID": f"cn-hangzhou.i-{machine.name}",
        "ALIBABA_CLOUD_NODE_NAME": f"cn-hangzhou.{machine.address}",
        "ALIBABA_CLOUD_LABELS": "alibabacloud.com/nodepool-id=np0,workload=cpu,node-role.kubernetes.io/worker=",
        "ALIBABA_CLOUD_TAINTS": "workload=ack:NoSchedule,dedicated:NoExecute",
    } | changes
