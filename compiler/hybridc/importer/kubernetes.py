"""The cluster itself: version, API server, CA, and its networks, as kubeadm, Calico and the Nodes tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from hybridc.catalog import ack
from hybridc.importer.seen import Found, Note, Seen, Sources
from hybridc.live.texts import clusters, decoded, mapping, networks
from hybridc.preflight.certificate import key_hashes

_RELEASE = re.compile(r"v?([0-9]+\.[0-9]+\.[0-9]+)")
_HOST = re.compile(r"(?=.*[a-z:]|.*\..*\.)[a-z0-9.:-]+\Z")
_LOCAL = ("127.", "localhost", "[::1]", "kubernetes.default")
_MOST_NODES = 5


def observe(sources: Sources) -> Found:
    """``cluster``, but for the CNI."""
    kubeadm = mapping(mapping(sources.config_map("kube-system", "kubeadm-config").get("ClusterConfiguration")))
    yield from _version(sources, kubeadm)
    yield from _api_server(sources, kubeadm)
    yield from _ca(sources)
    networking = mapping(kubeadm.get("networking"))
    where = "ConfigMap kube-system/kubeadm-config, networking"
    if services := networks(networking.get("serviceSubnet")):
        yield Seen("/spec/cluster/serviceCIDRs", services, where, flow=True)
    yield from _pods(sources, networks(networking.get("podSubnet")), where)
    if addresses := list(_idc_addresses(sources)):
        more = f" and {len(addresses) - _MOST_NODES} more" if len(addresses) > _MOST_NODES else ""
        shown = ", ".join(addresses[:_MOST_NODES]) + more
        yield Note(f"cluster.nodeCIDRs: no object says the networks of the IDC's machines; Nodes are at {shown}")


def _version(sources: Sources, kubeadm: dict[str, Any]) -> Found:
    told = [
        (sources.state.version if sources.state is not None else "", "version of the API server"),
        (kubeadm.get("kubernetesVersion"), "ConfigMap kube-system/kubeadm-config"),
        *((_kubelet(node), f"Node {each.name}, kubeletVersion") for each, node in sources.all("Node")),
    ]
    for text, where in told:
        release = _RELEASE.match(str(text or ""))
        if release:
            yield Seen("/spec/cluster/kubernetesVersion", release[1], where)
            return


def _kubelet(node: dict[str, Any]) -> str:
    return str(node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""))


def _api_server(sources: Sources, kubeadm: dict[str, Any]) -> Found:
    endpoint = str(kubeadm.get("controlPlaneEndpoint") or "")
    told = [(endpoint, "ConfigMap kube-system/kubeadm-config, controlPlaneEndpoint")]
    for namespace, name, key in (
        ("kube-public", "cluster-info", "kubeconfig"),
        ("kube-system", "kube-proxy", "kubeconfig.conf"),
    ):
        for cluster in clusters(sources.config_map(namespace, name).get(key)):
            told.append((str(cluster.get("server", "")), f"ConfigMap {namespace}/{name}, {key}"))
    for text, where in told:
        address = host_port(text)
        if address:
            yield Seen("/spec/cluster/apiServer", address, where)
            return


def host_port(text: str) -> str:
    """``host:port`` of a URL or of an address; 6443 where no port is said. "" for what is none, or is local."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 6443)
    except ValueError:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if _HOST.match(host) and not shown.startswith(_LOCAL) else ""


def _ca(sources: Sources) -> Found:
    told = [(sources.config_map("kube-system", "kube-root-ca.crt").get("ca.crt", ""), "kube-system/kube-root-ca.crt")]
    for cluster in clusters(sources.config_map("kube-public", "cluster-info").get("kubeconfig")):
        told.insert(0, (decoded(cluster.get("certificate-authority-data")), "kube-public/cluster-info"))
    for pem, where in told:
        if hashes := key_hashes(pem):
            yield Seen("/spec/cluster/caCertHashes", hashes, f"the CA of ConfigMap {where}")
            return


def _pods(sources: Sources, subnets: list[str], where: str) -> Found:
    pools = [(each.name, pool.get("spec", {})) for each, pool in sources.all("IPPool")]
    used = [(name, pool) for name, pool in pools if not pool.get("disabled")]
    found = [each for _, pool in used for each in networks(pool.get("cidr"))]
    if found:
        yield Seen("/spec/cluster/podCIDRs", found, f"IPPools {', '.join(name for name, _ in used)}", flow=True)
    elif subnets:
        yield Seen("/spec/cluster/podCIDRs", subnets, where, flow=True)


def _idc_addresses(sources: Sources) -> Iterator[str]:
    """The addresses of Nodes without the label of cloud nodes."""
    key, value = ack.EXTERNAL_LABEL
    for _, node in sources.all("Node"):
        if node["metadata"].get("labels", {}).get(key) != value:
            for address in node.get("status", {}).get("addresses", ()):
                if address.get("type") == "InternalIP":
                    yield str(address.get("address"))
