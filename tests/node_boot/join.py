"""A join of a machine: its script, and what ACK gives it."""

from __future__ import annotations

from tests.node_boot import images
from tests.node_boot.control_plane import TOKEN, ControlPlane
from tests.node_boot.machine import Machine
from tests.node_boot.mirror import REPOSITORIES
from tests.node_boot.world import API_ADDRESS, FILES
from tests.node_script import specs
from tests.records import replace

from hybridc.lower.node_script import node_script
from hybridc.spec import node_model
from hybridc.spec.items import Items

# What comes with Terway's DaemonSet, and what a registry would give. A container of the machine may not lower its
# oom_score_adj, for which this machine lacks the capability.
IN_TERWAYS_PLACE = f"""
cat >/etc/cni/net.d/10-terway.conflist <<'JSON'
{{"cniVersion": "0.4.0", "name": "terway", "plugins": [
  {{"type": "ptp", "ipam": {{"type": "host-local", "subnet": "10.244.7.0/24", "routes": [{{"dst": "0.0.0.0/0"}}]}}}}
]}}
JSON
sed -i '/sandbox_image/a restrict_oom_score_adj = true' /etc/containerd/config.toml
systemctl restart containerd
curl -fsS -o /tmp/images.tar {FILES}/images.tar
ctr -n k8s.io images import /tmp/images.tar
"""


def script(
    plane: ControlPlane,
    token: node_model.Token,
    ca_hash: str | None = None,
    repository: node_model.Repository = REPOSITORIES[0],
    tarballs: tuple[node_model.Tarball, ...] = (),
    dual: bool = False,
    preinstalled: bool = False,
) -> str:
    spec = specs.spec(
        37,
        os="debian-12",
        packages=specs.packages("tarball" if tarballs else "preinstalled" if preinstalled else "repo"),
        containerd={"version": "1.6", "sandboxImage": images.PAUSE},
        allowCgroupV1=True,
        kubeletExtraArgs={"v": "2"},
        hosts={"lb.idc.example.com": API_ADDRESS},
        hooks={"preJoin": IN_TERWAYS_PLACE, "post": 'touch "/run/joined-$HYBRIDC_NODE_NAME"'},
        budgetSeconds=240,
    )
    spec = specs.dual(spec) if dual else spec
    init, cluster = spec.node_init, replace(spec.cluster, ca_cert_hashes=Items([ca_hash or plane.ca_hash]))
    repositories = Items(() if tarballs or preinstalled else (repository, REPOSITORIES[1]))
    packages = replace(init.packages, repositories=repositories, tarballs=Items(tarballs))
    return node_script(
        replace(specs.beyond(spec, packages=packages, join=replace(init.join, token=token)), cluster=cluster)
    )


def from_url(plane: ControlPlane) -> node_model.Token:
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
