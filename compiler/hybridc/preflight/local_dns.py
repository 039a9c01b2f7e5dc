"""NodeLocal DNSCache: the DaemonSet that answers on an address of every node, and what the spec says of it."""

from __future__ import annotations

from hybridc.catalog import network
from hybridc.live.reads import Id
from hybridc.live.state import State
from hybridc.preflight.landing import lands
from hybridc.preflight.looks import Data, keeps_off, name_of, pod
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

IDS = [Id("DaemonSet", "kube-system", name) for name in network.LOCAL_DNS_DAEMON_SETS]
_FLAG = "--localip="
_CLUSTER = "/spec/cluster"


@live("CNI052", over=TERWAY)
def another_local_dns(spec: Spec, terway: Terway, state: State) -> Findings:
    """NodeLocal DNSCache and `cluster.nodeLocalDNS` disagree.

    Pods of cloud nodes ask the address that their kubelet was told. With `nodeLocalDNS` and no cache that answers
    there on cloud nodes no name resolves; a cache that the spec does not know is out of reach with datapathv2
    (`CNI005`) unless it listens on 169.254.20.10.

    Fails::
        cluster: {nodeLocalDNS: 169.254.20.10}      # and the cache has -localip 169.254.25.10
    Passes::
        cluster: {nodeLocalDNS: 169.254.25.10}

    Source: Kubernetes, NodeLocal DNSCache (-localip); kubespray, nodelocaldns.
    """
    told = spec.cluster.node_local_dns
    there = [item for each in IDS if (item := state.one(*each)) is not None]
    if not there:
        if told is not None:
            names = " or ".join(network.LOCAL_DNS_DAEMON_SETS)
            message = f"nothing answers on {told}: there is no DaemonSet {names} in kube-system"
            yield finding(told, message, "install NodeLocal DNSCache, or leave nodeLocalDNS out")
        return
    name, listens = name_of("DaemonSet", there[0]), _addresses(there[0])
    stays = not keeps_off(there[0]) and (not spec.node_pools or lands(spec, there[0]))
    if told is None and stays:
        shown = f" and listens on {', '.join(listens)}" if listens else ""
        message = f"{name} runs on cloud nodes too{shown}, and nodeLocalDNS is not set"
        yield finding(_CLUSTER, message, "set cluster.nodeLocalDNS to its address", "warning")
    elif told is not None and not stays:
        message = f"{name} would not run on cloud nodes: nothing answers there on {told}"
        yield finding(told, message, "let it run on every node, or leave nodeLocalDNS out")
    elif told is not None and listens and str(told) not in listens:
        yield finding(told, f"{name} listens on {', '.join(listens)}, not on {told}", "write there where it listens")


def _addresses(item: Data) -> list[str]:
    words = [
        each for one in pod(item).get("containers", []) for key in ("command", "args") for each in one.get(key, [])
    ]
    return [text for each in words if each.startswith(_FLAG) for text in each.removeprefix(_FLAG).split(",") if text]
