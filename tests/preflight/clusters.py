"""Clusters that a spec fits, made of the spec; and what a case changes in one."""

from __future__ import annotations

import base64
import copy
import ipaddress
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from hybridc.catalog.cni import plugin
from hybridc.catalog.kubernetes import bootstrap_bindings, bootstrap_readers, join_configuration_version
from hybridc.compile import Compiled, compile_spec
from hybridc.live.collect import projected
from hybridc.live.pods import of_object
from hybridc.live.reads import KINDS, LISTS, NAMED, VERSION, Id
from hybridc.live.state import State
from hybridc.lower.delivery import deliver
from hybridc.lower.ip_pools import ip_pools
from hybridc.lower.names import token_secret
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.preflight import argocd
from hybridc.preflight.run import wanted
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain

Data = dict[str, Any]
SERVER = "https://192.168.10.10:6443"
TODAY = "2026-11-24"
CA = (Path(__file__).parents[1] / "lab" / "cas" / "p256.crt").read_text("utf-8")
CA_HASH = "sha256:0d2465553987cc444d467467866f0a16358e73379f2fc906953cc4d06de0d03d"
"""What openssl says of its key; base.yaml takes it."""


def with_ca(text: str) -> str:
    """The text of a spec whose nodes take the CA of the clusters here."""
    return re.sub(r"sha256:[0-9a-f]{64}\b", CA_HASH, text)


def compiled(text: str) -> Compiled:
    """A spec that must compile."""
    found = compile_spec("hybrid.yaml", with_ca(text).encode(), TODAY)
    assert isinstance(found, Compiled), [each.message for each in found.found if each.severity == "error"]
    return found


def healthy(spec: Spec) -> list[Data]:
    """The objects of a cluster that has nothing against ``spec``, as kubectl prints them."""
    found = deliver(spec)
    workloads = [
        _workload(each.kind, each.namespace, each.name, each.expected if each in found.patched else each.wanted)
        for each in found.all
    ]
    return [
        *(_node(spec, number) for number in (1, 2)),
        *workloads,
        _workload("DaemonSet", "kube-system", "kube-proxy", [], {"kubernetes.io/os": "linux"}),
        _agent(),
        _pod(spec, "idc-1"),
        _config("ack-agent-config", {"addNodeScriptPath": "", "enableNodepool": "true", "isInit": "true"}),
        _config(
            "kube-proxy", {"kubeconfig.conf": f"clusters:\n- cluster:\n    server: https://{spec.cluster.api_server}\n"}
        ),
        *_local_dns(spec),
        _cluster_info(spec),
        *_networks(spec),
        *_calico(spec),
        *_kubeadm(spec),
        *_rights(),
        *_argocd(spec),
        _secret("alibaba-addon-secret", "access-key-id", "access-key-secret"),
        *(_secret(str(name), ".dockerconfigjson") for name in spec.gitops.image_pull_secrets),
        *([_secret(str(token_secret(spec)), *_TOKEN)] if is_refreshed_in_cluster(spec) else ()),
    ]


_USES = ("usage-bootstrap-authentication", "usage-bootstrap-signing")
_TOKEN = ("auth-extra-groups", "expiration", "token-id", "token-secret", *_USES)


def _secret(name: str, *keys: str) -> Data:
    return _object("v1", "Secret", "kube-system", name) | {"data": dict.fromkeys(keys, "bm9uZQ==")}


def _object(api: str, kind: str, namespace: str, name: str) -> Data:
    meta = {"name": str(name), **({"namespace": str(namespace)} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": meta}


def _node(spec: Spec, number: int) -> Data:
    """A machine of the IDC."""
    address = f"{str(spec.cluster.node_cidrs[0]).rpartition('.')[0]}.{10 + number}"
    return _object("v1", "Node", "", f"idc-{number}") | {
        "spec": {},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "nodeInfo": {"kubeletVersion": f"v{spec.cluster.kubernetes_version}", "osImage": "Debian 12"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        },
    }


def _pod(spec: Spec, node: str) -> Data:
    """A pod with an address of the IDC's."""
    address = str(ipaddress.ip_network(str(spec.cluster.pod_cidrs[0]))[9])
    return _object("v1", "Pod", "default", "app-0") | {
        "spec": {"nodeName": node},
        "status": {"podIPs": [{"ip": address}]},
    }


def _workload(kind: str, namespace: str, name: str, terms: list[Data], selector: Data | None = None) -> Data:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": plain(terms)}}
    pod: Data = {
        "nodeSelector": selector or {},
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": str(name), "image": f"registry.example.com/{name}:1"}],
        **({"affinity": {"nodeAffinity": required}} if terms else {}),
    }
    item = _object("apps/v1", str(kind), namespace, name)
    item["metadata"]["managedFields"] = [{"manager": "helm", "operation": "Update", "fieldsV1": {}}]
    return item | {"spec": {"template": {"spec": pod}}, "status": {"availableReplicas": 1, "numberReady": 2}}


def _agent() -> Data:
    item = _workload("Deployment", "kube-system", "ack-cluster-agent", [])
    item["spec"]["replicas"] = 1
    item["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "INTERNAL_ENDPOINT", "value": "true"},
        {"name": "ALI_STACK_TOKEN", "value": "nobody-may-see-this"},
    ]
    return item


def _networks(spec: Spec) -> list[Data]:
    """What says the ranges of Services and pods."""
    services, pods = list(map(str, spec.cluster.service_cidrs)), list(map(str, spec.cluster.pod_cidrs))
    settings = {"networking": {"serviceSubnet": ",".join(services), "podSubnet": ",".join(pods)}}
    address = str(ipaddress.ip_network(services[0])[1])
    found = [
        _object("networking.k8s.io/v1", "ServiceCIDR", "", "kubernetes") | {"spec": {"cidrs": services}},
        _object("v1", "Service", "default", "kubernetes") | {"spec": {"clusterIP": address}},
        _config("kubeadm-config", {"ClusterConfiguration": yaml.safe_dump(settings)}),
    ]
    if spec.cluster.cni.type == "cilium":
        found.append(
            _config(
                "cilium-config",
                {
                    "ipam": "cluster-pool",
                    "cluster-pool-ipv4-cidr": " ".join(pods),
                    "unmanaged-pod-watcher-interval": "0",
                },
            )
        )
    return found


def _calico(spec: Spec) -> list[Data]:
    """The objects of Calico, where the plugin has them."""
    if not plugin(spec.cluster.cni.type).ip_pools:
        return []
    api, ours = "crd.projectcalico.org/v1", ip_pools(spec)
    pods = {"cidr": str(spec.cluster.pod_cidrs[0]), "natOutgoing": bool(ours)}
    return [
        _object(api, "IPPool", "", "default-ipv4-ippool") | {"spec": pods},
        *(_object(api, "IPPool", "", each["metadata"]["name"]) | {"spec": plain(each["spec"])} for each in ours),
        _object(api, "BGPConfiguration", "", "default") | {"spec": {"asNumber": spec.cluster.cni.as_number or 64512}},
        _object(api, "BGPPeer", "", "router") | {"spec": {"peerIP": "192.168.10.1"}},
        _object("apiregistration.k8s.io/v1", "APIService", "", "v3.projectcalico.org")
        | {"status": {"conditions": [{"type": "Available", "status": "True"}]}},
    ]


def _local_dns(spec: Spec) -> list[Data]:
    if spec.cluster.node_local_dns is None:
        return []
    item = _workload("DaemonSet", "kube-system", "node-local-dns", [])
    item["spec"]["template"]["spec"]["containers"][0]["args"] = [
        "-localip",
        f"{spec.cluster.node_local_dns},172.20.0.10",
    ]
    return [item]


def _cluster_info(spec: Spec) -> Data:
    known = {"server": f"https://{spec.cluster.api_server}"}
    known["certificate-authority-data"] = base64.b64encode(CA.encode()).decode()
    text = yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "", "cluster": known}]})
    return _object("v1", "ConfigMap", "kube-public", "cluster-info") | {"data": {"kubeconfig": text}}


def _rights() -> list[Data]:
    """What kubeadm binds to bootstrap tokens, and roles of every cluster."""
    api = "rbac.authorization.k8s.io/v1"
    every = {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    masters = {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}
    return [
        *(
            _object(api, "ClusterRoleBinding", "", name)
            | {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": [{"kind": "Group", "name": groups[0]}]}
            for name, role, groups in bootstrap_bindings()
        ),
        *(_object(api, "RoleBinding", namespace, name) for (namespace, name), _ in bootstrap_readers()),
        _object(api, "Role", "kube-system", "extension-apiserver-authentication-reader")
        | {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]},
        _object(api, "RoleBinding", "kube-system", "kube-apiserver-requestheader")
        | {"roleRef": {"kind": "Role", "name": "extension-apiserver-authentication-reader"}}
        | {"subjects": [{"kind": "Group", "name": "system:authenticated"}]},
        _object(api, "ClusterRole", "", "cluster-admin") | every,
        _object(api, "ClusterRoleBinding", "", "cluster-admin")
        | masters
        | {"subjects": [{"kind": "Group", "name": "system:masters"}]},
    ]


def _argocd(spec: Spec) -> list[Data]:
    """An Argo CD that syncs something else."""
    if not argocd.here(spec):
        return []
    item = _object("argoproj.io/v1alpha1", "Application", str(spec.gitops.argocd_namespace), "guestbook")
    to = {"server": "https://kubernetes.default.svc", "namespace": "guestbook"}
    source = {"repoURL": "https://git.example.com/guestbook.git", "path": "guestbook"}
    managed = [{"group": "apps", "kind": "Deployment", "namespace": "guestbook", "name": "ui", "status": "Synced"}]
    return [
        item | {"spec": {"project": "default", "source": source, "destination": to}, "status": {"resources": managed}}
    ]


def _kubeadm(spec: Spec) -> list[Data]:
    """What kubeadm keeps for nodes that join, and the DNS that their pods ask."""
    minor, version = spec.cluster.minor, str(spec.cluster.kubernetes_version)
    dns = str(ipaddress.ip_network(str(spec.cluster.service_cidrs[0]))[10])
    cluster = {
        "apiVersion": join_configuration_version(minor),
        "apiServer": {"extraArgs": {"authorization-mode": "Node,RBAC"}},
        "controlPlaneEndpoint": str(spec.cluster.api_server),
        "kubernetesVersion": f"v{version}",
    }
    kubelet = {
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "clusterDNS": [str(spec.cluster.node_local_dns or dns)],
        "failCgroupV1": False,
        "resolvConf": "/run/systemd/resolve/resolv.conf",
    }
    service = _object("v1", "Service", "kube-system", "kube-dns") | {"spec": {"clusterIP": dns, "clusterIPs": [dns]}}
    return [
        _config("kubeadm-config", {"ClusterConfiguration": yaml.safe_dump(cluster)}),
        _config("kubelet-config", {"kubelet": yaml.safe_dump(kubelet)}),
        service,
    ]


def _config(name: str, data: dict[str, str]) -> Data:
    return _object("v1", "ConfigMap", "kube-system", name) | {"data": data}


def changed(items: list[Data], changes: Mapping[str, Any]) -> list[Data]:
    """The objects with ``KIND NAMESPACE/NAME: change``: a merge patch (RFC 7396), null for an object that goes."""
    found = {_name(item): copy.deepcopy(item) for item in items}
    for name, change in changes.items():
        if change is None:
            del found[name]
        else:
            kind, _, rest = name.partition(" ")
            namespace, _, own = rest.rpartition("/")
            found[name] = merge(found.get(name) or _object(KINDS[kind].api, kind, namespace, own), change)
    return list(found.values())


def _name(item: Data) -> str:
    meta = item["metadata"]
    return (
        f"{item['kind']} {meta['namespace']}/{meta['name']}"
        if "namespace" in meta
        else f"{item['kind']} {meta['name']}"
    )


def merge(value: Any, change: Any) -> Any:
    if not isinstance(change, dict) or not isinstance(value, dict):
        return change
    merged = {key: merge(value.get(key), item) for key, item in change.items() if item is not None}
    return {key: item for key, item in value.items() if key not in change} | merged


def whole(asked: Iterable[Id], hidden: Mapping[Id, str]) -> frozenset[Id]:
    """The lists of what was asked for that are not hidden; who may not list a kind may not in a namespace either."""
    return frozenset(each for each in asked if not each.name and not hidden.keys() & {each, Id(each.kind)})


def seen(spec: Spec, items: list[Data], version: str = "", hidden: Mapping[Id, str] | None = None) -> State:
    """A State as reading such a cluster makes it; ``hidden`` could not be seen, lists and objects."""
    hidden = hidden or {}
    objects = dict(projected(KINDS[item["kind"]], item) for item in items if item["kind"] != "Pod")
    running = (
        () if Id("Pod") in hidden else (each for item in items if item["kind"] == "Pod" for each in of_object(item))
    )
    shown = {each: item for each, item in objects.items() if each not in hidden and Id(each.kind) not in hidden}
    asked = {*NAMED, *wanted(spec)}
    return State(
        SERVER,
        "" if VERSION in hidden else version or f"v{spec.cluster.kubernetes_version}",
        shown,
        whole((*LISTS, Id("Pod"), *asked), hidden),
        frozenset(asked - objects.keys() - hidden.keys()),
        hidden,
        tuple(sorted(running)),
    )
