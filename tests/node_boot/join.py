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
from hybridc.spec.items import Items


def script(
    plane: ControlPlane,
    token: model.Token,
    ca_hash: str | None = None,
    repository: model.Repository = REPOSITORIES[0],
    tarballs: tuple[model.Tarball, ...] = (),
) -> str:
    spec = specs.spec(
        37,
        os="debian-12",
        packages=specs.packages("tarball" if tarballs else "repo"),
        containerd={"version": "1.6", "sandboxImage": "registry.example.com/pause:3.9"},
        allowCgroupV1=True,
        kubeletExtraArgs={"v": "2"},
        hooks={"post": 'touch "/run/joined-$HYBRIDC_NODE_NAME"'},
        budgetSeconds=240,
    )
    init, cluster = spec.node_init, replace(spec.cluster, ca_cert_hashes=Items([ca_hash or plane.ca_hash]))
    repositories = Items(() if tarballs else (repository, REPOSITORIES[1]))
    packages = replace(init.packages, repositories=repositories, tarballs=Items(tarballs))
    return node_script(
        replace(specs.beyond(spec, packages=packages, join=replace(init.join, token=token)), cluster=cluster)
    )


def from_url(plane: ControlPlane) -> model.Token:
    (plane.world.files / "bootstrap-token").write_text(f"{TOKEN}\n")
    return replace(specs.token("url"), url=f"{FILES}/bootstrap-token")


def environment(machine: Machine, **changes: str) -> dict[str, str]:
    """As ACK gives it."""
    return {
        "ALIBABA_CLOUD_PROVIDER_ID": f"cn-hangzhou.i-{machine.name}",
        "ALIBABA_CLOUD_NODE_NAME": f"cn-hangzhou.{machine.address}",
        "ALIBABA_CLOUD_LABELS": "alibabacloud.com/nodepool-id=np0,workload=cpu,node-role.kubernetes.io/worker=",
        "ALIBABA_CLOUD_TAINTS": "workload=ack:NoSchedule,dedicated:NoExecute",
    } | changes
