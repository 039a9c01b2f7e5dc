"""Cloud nodes and pools: those that are there, those that should be, and the versions of what runs on them."""

from __future__ import annotations

from hybridc.doctor.answer import Answer, count, listed, step
from hybridc.doctor.look import Data, Look, condition, is_young, name_of, ready
from hybridc.lower.names import POOL_LABEL
from hybridc.lower.steps.nodes import NODE_LABEL
from hybridc.spec.model import NodePool

NONE_ASKED = Answer("not seen", "there is no cloud node, and the spec asks for none")
"""What is seen of nodes where every pool is to stay without."""


def of_pool(look: Look, pool: NodePool) -> list[Data]:
    """The nodes of a pool."""
    name = str(pool.name)
    return [node for node in look.cloud_nodes if node["metadata"].get("labels", {}).get(POOL_LABEL) == name]


def created(look: Look, pool: NodePool) -> Answer:
    """Whether there is a pool: its nodes show it, nothing else in a cluster does."""
    if of_pool(look, pool):
        return Answer("ok", "it has nodes")
    return Answer("by hand", "no node of it: the console lists pools")


def first(look: Look, pool: NodePool) -> Answer:
    """Whether a node of the pool is Ready."""
    nodes = of_pool(look, pool)
    well = [node for node in nodes if ready(node)]
    if well:
        return Answer("ok", f"{name_of(well[0])} is Ready")
    if nodes:
        return _not_ready(look, nodes)
    if wanted(pool):
        return Answer("waiting", "no node of it", step(f"pool.{pool.name}.one"))
    return Answer("not seen", "no node of it, and the spec asks for none")


def scaled(look: Look, pool: NodePool) -> Answer:
    """Whether a pool has the nodes that the spec asks for."""
    nodes, least = len(of_pool(look, pool)), wanted(pool)
    seen = f"{nodes} of {count(least, 'node')}" if least else count(nodes, "node")
    most = pool.size.most if pool.auto_scaling else None
    if most is not None and nodes > most:
        seen = f"{count(nodes, 'node')}, the spec allows {most}"
        return Answer("wrong", seen, "correct size.max, or drain and remove some")
    if nodes >= least:
        return Answer("ok", seen)
    if not nodes:
        return Answer("waiting", seen, step(f"pool.{pool.name}.one"))
    out = f"look at the tasks of the pool in the console, and {step(f'pool.{pool.name}.scale')}"
    return Answer("wrong", seen, out)


def wanted(pool: NodePool) -> int:
    """How many nodes a pool has at least."""
    return int(pool.size.min if pool.auto_scaling else pool.size.desired)


def asks_for_none(pool: NodePool) -> bool:
    """Whether a pool is to stay without nodes: its size is 0, and nothing scales it."""
    return not pool.auto_scaling and wanted(pool) == 0


def all_ready(look: Look) -> Answer:
    """Whether every cloud node is Ready; those that are not, with the reason that they give."""
    nodes = look.cloud_nodes
    missing = [node for node in nodes if not ready(node)]
    if not nodes:
        return Answer("waiting" if any(map(wanted, look.spec.node_pools)) else "ok", "there are none")
    return _not_ready(look, missing) if missing else Answer("ok", f"{len(nodes)} of {len(nodes)} Ready")


def _not_ready(look: Look, nodes: list[Data]) -> Answer:
    named = listed(f"{name_of(node)} ({_reason(node)})" for node in nodes)
    young = all(is_young(look, node) for node in nodes)
    out = f"kubectl describe node {name_of(nodes[0])}; /var/log/acs/init.log on the node"
    return Answer("waiting" if young else "wrong", f"not Ready: {named}", out)


def _reason(node: Data) -> str:
    found = condition(node, "Ready")
    return str(found.get("reason") or "it has no condition Ready")


def marked(look: Look) -> Answer:
    """Whether every cloud node has the labels of a pool of the spec, and a provider id of its region."""
    pools = {str(pool.name) for pool in look.spec.node_pools}
    region = f"{look.spec.alibaba_cloud.region}."
    for node in look.cloud_nodes:
        labels = node["metadata"].get("labels", {})
        if NODE_LABEL not in labels or POOL_LABEL not in labels:
            return Answer("wrong", f"{name_of(node)} has no label {NODE_LABEL} or {POOL_LABEL}", _AGAIN)
        if labels[POOL_LABEL] not in pools:
            out = "hybridc steps --for remove-pool, or bring the pool back into the spec"
            return Answer("wrong", f"{name_of(node)} is of the pool {labels[POOL_LABEL]}, which no spec has", out)
        if not node.get("spec", {}).get("providerID", "").startswith(region):
            return Answer("wrong", f"{name_of(node)} has no provider id of {region[:-1]}", _AGAIN)
    return Answer("ok", "labels and provider ids are there")


_AGAIN = "drain and remove the node: a new one gets them from the script"


def see_node(look: Look) -> Answer:
    """What ``see.node`` looks at, as far as reading shows it."""
    if not look.cloud_nodes and all(map(asks_for_none, look.spec.node_pools)):
        return NONE_ASKED
    if not look.cloud_nodes:
        return Answer("waiting", "there is no cloud node", step("see.node"))
    for found in (all_ready(look), marked(look)):
        if found.mark != "ok":
            return found
    return Answer("ok", "Ready with labels and provider ids; names and traffic are not looked at")


def kubelets(look: Look) -> Answer:
    """Whether the kubelets of cloud nodes have the version of the spec; only the minor where ACK chooses."""
    said = str(look.spec.cluster.kubernetes_version)
    whole = look.spec.node_init.mode == "script"
    versions = {
        name_of(node): node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", "") for node in look.cloud_nodes
    }
    silent = [name for name, version in versions.items() if not version]
    if silent:
        return Answer("not seen", f"{listed(silent)} does not say its kubelet")
    other = [
        f"{name} {version}" for name, version in versions.items() if _part(version, whole) != _part(f"v{said}", whole)
    ]
    if other:
        out = "hybridc steps --for upgrade-kubernetes replaces nodes one after the other"
        return Answer("wrong", f"{listed(other)}: the spec says {said}", out)
    return Answer("ok", f"{said} on {count(len(versions), 'cloud node')}" if versions else "there is no cloud node")


def _part(version: str, whole: bool) -> list[str]:
    return version.split("-")[0].split("+")[0].split(".")[: 3 if whole else 2]


def api_server(look: Look) -> Answer:
    """Whether the API server has the minor of the spec."""
    minor, said = look.state.minor, look.spec.cluster
    if minor == said.minor:
        return Answer("ok", f"{look.state.version}, the spec says {said.kubernetes_version}")
    seen = f"{look.state.version}, the spec says {said.kubernetes_version}"
    if minor < said.minor:
        return Answer("wrong", seen, "upgrade the control plane first, or correct kubernetesVersion")
    return Answer("waiting", seen, "let the spec follow: hybridc steps --for upgrade-kubernetes")
