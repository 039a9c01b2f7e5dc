"""Calico's BGP: what the IDC's routers hear, and whom Calico takes for a peer."""

from __future__ import annotations

import re

from hybridc.catalog import ack
from hybridc.catalog import cni as catalog
from hybridc.live.state import State
from hybridc.preflight.ip_pools import enabled
from hybridc.preflight.machines import Data, listed
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_IS = re.compile(r"""([\w./-]+)\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)")""")
_HAS = re.compile(r"(!?)\s*has\(\s*([\w./-]+)\s*\)")


def _by_bgp(spec: Spec) -> bool:
    """Whether the plugin itself announces: not one whose nodes take a range each, as Canal."""
    plugin = catalog.plugin(spec.cluster.cni.type)
    return plugin.ip_pools and not plugin.node_range and spec.cluster.cni.routing == "bgp"


@live("NET037", over=TERWAY)
def another_as_number(spec: Spec, terway: Terway, state: State) -> Findings:
    """Calico has another AS number than `cluster.cni.asNumber`.

    The steps for the VBR and for the IDC's routers name the number of the spec; with another one no session comes up.

    Fails::
        cluster: {cni: {asNumber: 64513}}      # and BGPConfiguration default has 64512
    Passes::
        cluster: {cni: {asNumber: 64512}}

    Source: Calico, BGPConfiguration.
    """
    number = spec.cluster.cni.as_number
    if not _by_bgp(spec) or number is None:
        return
    for each in state.all("BGPConfiguration"):
        there = each.get("spec", {}).get("asNumber")
        if each["metadata"]["name"] == "default" and there is not None and there != number:
            yield finding(number, f"BGPConfiguration default has AS {there}", "write there what Calico has")


@live("NET038", over=TERWAY)
def nothing_is_announced(spec: Spec, terway: Terway, state: State) -> Findings:
    """With routing `bgp`, no router of the IDC hears of the pods.

    Cloud nodes reach pods of the IDC over the IDC's routers, which learn the way from Calico: from a BGPPeer, since the
    mesh of nodes tells nobody else. A pool with `disableBGPExport` is announced to none.

    Fails::
        kubectl get bgppeers.crd.projectcalico.org      # none
    Passes::
        a BGPPeer with the peerIP of the IDC's router

    Source: Calico, "Configure BGP peering"; IPPool, disableBGPExport.
    """
    if not _by_bgp(spec):
        return
    pools = enabled(state)
    silent = [each["metadata"]["name"] for each in pools if each.get("spec", {}).get("disableBGPExport")]
    if silent:
        message = f"IPPool {listed(silent)} has disableBGPExport: no router learns a way to its pods"
        yield finding(spec.cluster.cni.routing, message, "calicoctl: set disableBGPExport to false")
    if pools and not state.all("BGPPeer"):
        message = "Calico has no BGPPeer: no router of the IDC learns a way to its pods"
        advice = "peer with the IDC's routers, or accept it when they have static routes"
        yield finding(spec.cluster.cni.routing, message, advice)


@live("CNI050", over=TERWAY)
def peers_on_cloud_nodes(spec: Spec, terway: Terway, state: State) -> Findings:
    """A BGPPeer selects cloud nodes.

    A cloud node that was chosen as a route reflector has no BIRD behind it: whoever peers with it learns nothing, and
    with one reflector of two gone, routes flap. `hybridc preflight` holds selectors of the form `key == 'value'`,
    `has(key)` and their `&&` against the labels that node pools give.

    Fails::
        spec: {peerSelector: "has(team)"}      # and a node pool has the label team
    Passes::
        spec: {peerSelector: "route-reflector == 'true'"}

    Source: Calico, BGPPeer; libcalico-go lib/selector.
    """
    if not _by_bgp(spec):
        return
    key, value = ack.EXTERNAL_LABEL
    common = {key: value, **_plain(spec.node_init.labels.extra)}
    for peer in state.all("BGPPeer"):
        chosen = peer.get("spec", {}).get("peerSelector", "")
        for pool in spec.node_pools:
            if _selects(chosen, {**common, **_plain(pool.labels)}):
                message = f"BGPPeer {peer['metadata']['name']} takes nodes of the pool {pool.name} for peers: {chosen}"
                yield finding(pool.name, message, f"add to its peerSelector: && {key} != '{value}'")
                break


def _plain(labels: dict[str, str]) -> dict[str, str]:
    return {str(key): str(value) for key, value in labels.items()}


def _selects(selector: str, labels: Data) -> bool:
    """Whether a selector surely takes a node with these labels for a peer; all() is for whatever runs Calico."""
    parts = [part.strip().strip("()").strip() if "has(" not in part else part.strip() for part in selector.split("&&")]
    return bool(selector.strip()) and "||" not in selector and all(_holds(part, labels) for part in parts)


def _holds(part: str, labels: Data) -> bool:
    if equal := _IS.fullmatch(part):
        value = equal[3] if equal[3] is not None else equal[4]
        return (labels.get(equal[1]) == value) == (equal[2] == "==")
    if has := _HAS.fullmatch(part):
        return (has[2] in labels) != bool(has[1])
    return False
