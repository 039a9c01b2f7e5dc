"""Workloads that must stay off cloud nodes, and Terway, which must be there and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hybridc.catalog import ack
from hybridc.doctor.answer import Answer, Mark, count, listed, step
from hybridc.doctor.look import Look, is_young, name_of
from hybridc.live.served import Served
from hybridc.lower.bundle import Exclusion
from hybridc.preflight.looks import keeps_off, pod
from hybridc.spec.model import Terway

Data = dict[str, Any]
_NO_TERWAY = f"DaemonSet {ack.NAMESPACE}/{ack.TERWAY_DAEMON_SET} is not there"
_IMAGE = re.compile(r":v?(\d+\.\d+\.\d+)[^:/]*$")


def exclusion(look: Look) -> Answer:
    """Whether each workload is there and cannot land on a cloud node."""
    missing = [name(each) for each in look.bundle.exclusions if _live(look, each) is None]
    if missing:
        return Answer("wrong", f"{listed(missing)}: not in the cluster", "correct cluster.cni: name what is there")
    open_to_all = [name(each) for each in look.bundle.exclusions if not keeps_off(_live(look, each) or {})]
    if not open_to_all:
        return Answer("ok", f"{listed(map(name, look.bundle.exclusions))}: kept off cloud nodes")
    by_hand = any(each.id == "exclusion.by-hand" for each in look.bundle.steps)
    out = step("exclusion.by-hand" if by_hand else "gitops.sync")
    late = bool(look.cloud_nodes) or look.went_live
    return Answer("wrong" if late else "waiting", f"{listed(open_to_all)}: would run on cloud nodes", out)


def restarted(look: Look) -> Answer:
    """Whether the exclusion is in force: the terms are there, and every pod runs with them."""
    found = exclusion(look)
    if found.mark != "ok":
        return found
    for each in look.bundle.exclusions:
        item = _live(look, each) or {}
        left = rollout_left(item)
        if left:
            return Answer("waiting", f"{name(each)}: {left}", f"wait, and look at its pods: {step('see.exclusion')}")
    return found


def rollout_left(item: Data) -> str:
    """What a rollout lacks, as ``kubectl rollout status`` sees it; "" when it is through."""
    status, meta = item.get("status", {}), item["metadata"]
    if meta.get("generation", 0) > status.get("observedGeneration", meta.get("generation", 0)):
        return "its change has not been seen by its controller"
    of_nodes = "desiredNumberScheduled" in status
    wanted = status.get("desiredNumberScheduled", 0) if of_nodes else item.get("spec", {}).get("replicas", 1)
    changed = status.get("updatedNumberScheduled" if of_nodes else "updatedReplicas", 0)
    return f"{changed} of {wanted} pods restarted" if changed < wanted else ""


def _live(look: Look, each: Exclusion) -> Data | None:
    return look.state.one(str(each.kind), str(each.namespace), str(each.name))


def name(each: Exclusion) -> str:
    """``DaemonSet kube-system/calico-node``."""
    return f"{each.kind} {each.namespace}/{each.name}"


def terway(look: Look) -> Answer:
    """Whether Terway's DaemonSet is there and wants a pod on each cloud node, and on no other."""
    live = look.state.daemon_set(ack.NAMESPACE, ack.TERWAY_DAEMON_SET)
    if live is None:
        late = bool(look.cloud_nodes)
        return Answer("wrong" if late else "waiting", _NO_TERWAY, step(f"addon.{ack.TERWAY_ADDON}"))
    wanted, nodes = live.get("status", {}).get("desiredNumberScheduled", 0), len(look.cloud_nodes)
    if wanted != nodes:
        why = f"wants {count(wanted, 'pod')} for {count(nodes, 'cloud node')}"
        return Answer("wrong", why, "look at the nodeSelector of its DaemonSet: kubectl -n kube-system get ds")
    return Answer("ok", f"wants {count(wanted, 'pod')} for {count(nodes, 'cloud node')}")


def terway_there(look: Look) -> Answer:
    """Whether Terway was installed."""
    live = look.state.daemon_set(ack.NAMESPACE, ack.TERWAY_DAEMON_SET)
    if live is not None:
        return Answer("ok", f"DaemonSet {ack.NAMESPACE}/{ack.TERWAY_DAEMON_SET} is there")
    return Answer("wrong" if look.cloud_nodes else "waiting", _NO_TERWAY, step(f"addon.{ack.TERWAY_ADDON}"))


def at_home(look: Look, each: Exclusion) -> Answer:
    """Where the pods of a DaemonSet of the IDC run: on each cloud node they would write its network configuration."""
    pods = look.state.pods_of(str(each.namespace), str(each.name))
    cloud = set(map(name_of, look.cloud_nodes))
    there = [pod for pod in pods if pod.node in cloud]
    if there:
        seen = f"on cloud nodes: {listed(f'{pod.node} ({pod.name})' for pod in there)}"
        return Answer(
            "wrong", seen, f"bring the exclusion ({step('see.exclusion')}), then look at /etc/cni/net.d there"
        )
    unready = [pod for pod in pods if not pod.ready]
    if unready:
        return Answer("waiting", _ready(pods, "IDC node"), _why(unready[0]))
    wanted = (_live(look, each) or {}).get("status", {}).get("desiredNumberScheduled", 0)
    if wanted > len(pods):
        seen = f"{count(len(pods), 'pod') if pods else 'no pod'}, and {wanted:,} wanted"
        return Answer("waiting", seen, "look at the events of the DaemonSet: kubectl describe")
    return Answer("ok", f"{_ready(pods, 'IDC node')}, none on cloud nodes")


def on_cloud_nodes(look: Look) -> Answer:
    """Whether Terway has a pod that is ready on each cloud node, and on no other node."""
    if (there := terway_there(look)).mark != "ok":
        return there
    pods = look.state.pods_of(ack.NAMESPACE, ack.TERWAY_DAEMON_SET)
    nodes = {name_of(node): node for node in look.cloud_nodes}
    idc = {name_of(node) for node in look.state.nodes} - nodes.keys()
    elsewhere = [pod.node for pod in pods if pod.node in idc]
    if elsewhere:
        return Answer("wrong", f"on nodes of the IDC: {listed(elsewhere)}", "look at the nodeSelector of its DaemonSet")
    by_node = {pod.node: pod for pod in pods}
    missing = [name for name in nodes if name not in by_node]
    unready = [pod for pod in pods if not pod.ready]
    if not missing and not unready:
        return Answer("ok", _ready(pods, "cloud node"))
    late = [*missing, *(pod.node for pod in unready)]
    mark: Mark = "waiting" if all(name in nodes and is_young(look, nodes[name]) for name in late) else "wrong"
    if missing:
        return Answer(mark, f"no pod on {listed(missing)}", "look at taints and at the events of the DaemonSet")
    return Answer(mark, _ready(pods, "cloud node"), _why(unready[0]))


def _ready(pods: Sequence[Served], where: str) -> str:
    good = sum(pod.ready for pod in pods)
    return f"{good:,} of {count(len(pods), 'pod')} ready, on {where}s"


def _why(pod: Served) -> str:
    return f"look at {pod.name} on {pod.node or 'no node yet'} ({pod.why}): kubectl describe, kubectl logs"


def installed(look: Look, addon: str) -> Answer:
    """Whether a workload with the name of an add-on is there: what an add-on makes is not documented for all."""
    kinds = ("Deployment", "DaemonSet")
    if any(look.state.one(kind, ack.NAMESPACE, addon) is not None for kind in kinds):
        return Answer("ok", f"a workload {ack.NAMESPACE}/{addon} is there")
    return Answer("by hand", f"no workload has its name: the console lists what is installed ({addon})")


def terway_version(look: Look, wanted: Terway) -> Answer:
    """Whether Terway's images have the version of the spec."""
    live = look.state.daemon_set(ack.NAMESPACE, ack.TERWAY_DAEMON_SET)
    if live is None:
        return Answer("waiting", "Terway is not there", step(f"addon.{ack.TERWAY_ADDON}"))
    images = [each.get("image", "") for each in pod(live).get("containers", [])]
    versions = sorted({found[1] for image in images if (found := _IMAGE.search(image))})
    if not versions:
        return Answer("not seen", "its images do not say a version")
    release = str(wanted.version).split("-")[0]
    if release in versions:
        return Answer("ok", f"{release}, as the spec says")
    out = "hybridc steps --for upgrade-terway, or correct terway.version"
    return Answer("wrong", f"{', '.join(versions)}, the spec says {wanted.version}", out)
