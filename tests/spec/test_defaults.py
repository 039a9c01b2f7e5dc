"""Every default of the reference (docs: fields of hybrid.yaml), literal and derived, as ``resolve`` fills it in."""

from __future__ import annotations

from typing import Any

import pytest
from tests.spec.specs import resolved

from hybridc.schema import load
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain

LITERAL: dict[str, Any] = {
    "cluster.cni.install": "manifest",
    "cluster.cni.delivery": "hook",
    "cluster.cni.disabled_ip_pools": "calicoctl",
    "cluster.cni.daemon_set.namespace": "kube-system",
    "cluster.cni.daemon_set.name": "calico-node",
    "cluster.cni.daemon_set.kind": "DaemonSet",
    "terway.install": "addon",
    "terway.pool_size.min": 0,
    "terway.pool_size.max": 5,
    "terway.ip_stack": "ipv4",
    "terway.vswitch_selection": "ordered",
    "terway.datapath": "veth",
    "terway.credentials": "addonSecret",
    "ram.profile": "documented",
    "ram.scope": "account",
    "ram.name_prefix": "hybridc",
    "node_init.mode": "script",
    "node_init.os": "auto",
    "node_init.packages.source": "repo",
    "node_init.packages.mirror": "vpc",
    "node_init.packages.extra": ["nfs-client"],
    "node_init.join.method": "kubeadm",
    "node_init.join.token.source": "oss",
    "node_init.join.token.ttl": "24h",
    "node_init.join.token.refresh": "ci",
    "alibaba_cloud.terraform": False,
    "node_init.join.unsafe_skip_ca_verification": False,
    "node_init.labels.topology": True,
    "node_init.labels.restricted": "drop",
    "node_init.allow_cgroup_v1": False,
    "node_init.budget_seconds": 1500,
    "node_pools.0.image.type": "AliyunLinux3",
    "node_pools.0.auto_scaling": False,
    "node_pools.0.size.desired": 0,
    "node_pools.0.size.min": 0,
    "node_pools.0.system_disk.category": "cloud_essd",
    "node_pools.0.system_disk.size_gib": 120,
    "gitops.engine": "argocd",
    "gitops.format": "kustomize",
    "gitops.revision": "main",
    "gitops.project": "hybrid",
    "gitops.destination.server": "https://kubernetes.default.svc",
    "gitops.argocd_namespace": "argocd",
    "gitops.auto_sync": True,
    "gitops.job_tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
}
DERIVED: dict[str, Any] = {
    "terway.security_groups": ["sg-bp1f3h5j7l9n1p3r5t7v"],
    "terway.eni_tags": {"ack.aliyun.com": "c0123456789abcdef0123456789abcdef"},
    "node_pools.0.security_groups": ["sg-bp1f3h5j7l9n1p3r5t7v"],
    "node_init.oss.endpoint": "oss-cn-hangzhou-internal.aliyuncs.com",
}
ABSENT = (
    "cluster.cni.version cluster.cni.as_number cluster.cni.route_reflector_selector cluster.cni.recheck "
    "cluster.node_local_dns "
    "cluster.cni.daemon_set.existing_terms alibaba_cloud.resource_group_id terway.chart ram.role "
    "node_init.proxy node_init.join.server node_init.join.command node_init.join.token.url "
    "node_init.join.token.path node_init.join.token.name node_init.join.token.role node_init.hooks.pre "
    "node_init.hooks.post node_init.oss.prefix node_init.url node_pools.0.image.id node_pools.0.size.max "
    "node_pools.0.spot node_pools.0.terway_config gitops.path_prefix gitops.destination.name"
)
EMPTY = (
    "cluster.cni.exclude_also alibaba_cloud.instance_types addons terway.dynamic_configs terway.extra_eni_conf "
    "terway.cni_chain terway.extra_cni_conf node_init.packages.repositories node_init.packages.tarballs "
    "node_init.registry_mirrors node_init.hosts node_init.join.ignore_preflight_errors "
    "node_init.kubelet_extra_args node_init.labels.extra node_pools.0.data_disks node_pools.0.labels "
    "node_pools.0.taints node_pools.0.tags node_pools.0.extra gitops.image_pull_secrets ignores"
)


@pytest.fixture(scope="module")
def smallest() -> Spec:
    """The smallest spec that is valid, with one pool."""
    return resolved()


def at(spec: Spec, path: str) -> Any:
    found: Any = spec
    for part in path.split("."):
        found = found[int(part)] if part.isdigit() else getattr(found, part)
    return plain(found)


@pytest.mark.parametrize(("path", "value"), {**LITERAL, **DERIVED}.items(), ids=[*LITERAL, *DERIVED])
def test_default(path: str, value: Any, smallest: Spec) -> None:
    assert at(smallest, path) == value
    assert type(at(smallest, path)) is type(value)


@pytest.mark.parametrize("path", ABSENT.split())
def test_absent(path: str, smallest: Spec) -> None:
    assert at(smallest, path) is None


@pytest.mark.parametrize("path", EMPTY.split())
def test_empty(path: str, smallest: Spec) -> None:
    assert not at(smallest, path)


@pytest.mark.parametrize(
    ("cni", "delivery", "pools", "daemon_set"),
    [
        ("{type: calico, routing: bgp}", "hook", "calicoctl", "kube-system/calico-node"),
        ("{type: calico, routing: bgp, install: operator}", "values", "calicoctl", "calico-system/calico-node"),
        ("{type: calico, routing: bgp, install: helm}", "values", "calicoctl", "calico-system/calico-node"),
        ("{type: canal, routing: bgp}", "hook", "calicoctl", "kube-system/canal"),
        ("{type: flannel, routing: bgp}", "hook", "none", "kube-flannel/kube-flannel-ds"),
        ("{type: canal, routing: bgp, install: helm}", "hook", "calicoctl", "kube-system/rke2-canal"),
        ("{type: flannel, routing: bgp, install: helm}", "hook", "none", "kube-flannel/kube-flannel-ds"),
        ("{type: cilium, routing: bgp}", "hook", "none", "kube-system/cilium"),
        ("{type: cilium, routing: bgp, install: helm}", "values", "none", "kube-system/cilium"),
    ],
)
def test_defaults_of_the_cni(cni: str, delivery: str, pools: str, daemon_set: str) -> None:
    found = resolved(cni="      " + cni).cluster.cni
    assert found.daemon_set is not None
    assert (found.delivery, found.disabled_ip_pools) == (delivery, pools)
    assert f"{found.daemon_set.namespace}/{found.daemon_set.name}" == daemon_set


@pytest.mark.parametrize(
    ("cni", "recheck"),
    [
        ("{type: flannel, routing: bgp, install: helm}", "*/30 * * * *"),
        ("{type: flannel, routing: bgp, install: helm, recheck: 7 * * * *}", "7 * * * *"),
        ("{type: flannel, routing: bgp, install: helm, delivery: ssa}", None),
        ("{type: flannel, routing: bgp}", None),
        ("{type: cilium, routing: bgp, install: helm}", None),
    ],
)
def test_a_hook_is_repeated_where_a_chart_takes_no_affinity(cni: str, recheck: str | None) -> None:
    assert resolved(cni="      " + cni).cluster.cni.recheck == recheck


def test_nothing_is_excluded_where_nothing_is_routed_by_bgp() -> None:
    found = resolved(cni="      {type: none, routing: host}", pods="[]").cluster.cni
    assert (found.daemon_set, found.delivery, found.disabled_ip_pools) == (None, None, "none")


@pytest.mark.parametrize(
    ("token", "field", "value"),
    [("file", "path", "/etc/hybridc/bootstrap-token"), ("env", "name", "HYBRIDC_BOOTSTRAP_TOKEN")],
)
def test_where_the_token_is_by_default(token: str, field: str, value: str) -> None:
    assert getattr(resolved(init=f"    join: {{token: {{from: {token}}}}}").node_init.join.token, field) == value


def test_no_proxy_always_holds_the_ranges_of_the_cluster_and_the_vpc() -> None:
    init = '    proxy: {http: "http://proxy.example.com:3128", noProxy: [.idc.example.com]}'
    proxy = resolved(init=init).node_init.proxy
    assert proxy is not None
    assert proxy.https is None
    assert proxy.no_proxy[0] == ".idc.example.com"
    ranges = {"192.168.0.0/24", "10.100.0.0/16", "172.16.0.0/16", "10.10.0.0/16"}
    assert ranges | {"10.200.1.253", "100.64.0.0/10", "localhost"} <= set(proxy.no_proxy)
    assert len(proxy.no_proxy) == len(set(proxy.no_proxy))


def test_tags_of_enis_always_name_the_cluster_and_name_it_right() -> None:
    tags = resolved(terway="    eniTags: {team: platform, ack.aliyun.com: other}").terway
    assert tags is not None
    assert plain(tags.eni_tags) == {"ack.aliyun.com": "c0123456789abcdef0123456789abcdef", "team": "platform"}


def test_an_image_id_takes_the_place_of_the_default_type() -> None:
    image = resolved(pool="      image: {id: m-bp1a2b3c}").node_pools[0].image
    assert (image.type, image.id) == (None, "m-bp1a2b3c")


def test_a_named_destination_takes_the_place_of_the_default_server() -> None:
    destination = resolved(gitops="    destination: {name: idc}").gitops.destination
    assert (destination.server, destination.name) == (None, "idc")


@pytest.mark.parametrize("minor", [24, 28, 30, 34])
def test_containerd_and_pause_fit_the_kubernetes_version(minor: int) -> None:
    containerd = resolved(kubernetes=f"1.{minor}.3").node_init.containerd
    assert containerd.version.startswith(("1.", "2."))
    assert containerd.sandbox_image.startswith("registry-cn-hangzhou-vpc.ack.aliyuncs.com/acs/pause:3.")


def test_every_default_that_the_schema_states_is_the_one_that_is_filled_in(smallest: Spec) -> None:
    known = {"cluster": "cluster", "terway": "terway", "ram": "ram", "nodeInit": "node_init", "gitops": "gitops"}
    stated = {path.removeprefix("spec."): node["default"] for path, node in load.fields() if "default" in node}
    checked = 0
    for path, default in stated.items():
        root, *rest = path.split(".")
        if isinstance(default, dict) or path in ("nodeInit.join.token.path", "nodeInit.join.token.name"):
            continue  # an object, or only with from: file and env
        if root not in known or any("[" in part or "*" in part for part in rest) or not rest:
            continue
        names = ".".join([known[root], *(_snake(part) for part in rest)])
        assert at(smallest, names) == default, path
        checked += 1
    assert checked > 25


def _snake(name: str) -> str:
    special = {
        "disabledIPPools": "disabled_ip_pools",
        "vSwitchSelection": "vswitch_selection",
        "from": "source",
        "unsafeSkipCAVerification": "unsafe_skip_ca_verification",
        "allowCgroupV1": "allow_cgroup_v1",
        "repoURL": "repo_url",
    }
    return special.get(name) or "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
