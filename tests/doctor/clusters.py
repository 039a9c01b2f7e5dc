"""Clusters after a sync of a spec, made of what the spec compiles to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.preflight.clusters import SERVER, healthy, whole

from hybridc.compile import Compiled
from hybridc.doctor.run import wanted
from hybridc.live import served
from hybridc.live.collect import projected
from hybridc.live.pods import of_object
from hybridc.live.reads import KINDS, LISTS, NAMED, VERSION, Id
from hybridc.live.state import State
from hybridc.lower.bundle import JsonText, Manifest
from hybridc.lower.names import token_secret
from hybridc.lower.steps.gitops import is_remote
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.preflight.looks import name_of
from hybridc.spec.model import NodePool, Spec
from hybridc.spec.origin import plain

Data = dict[str, Any]
AT = "2026-11-24T12:00:00+00:00"
_DAYS_AGO, _BEFORE, _JUST = "2026-11-20T12:00:00Z", "2026-11-24T09:00:00Z", "2026-11-24T11:40:00Z"


def synced(compiled: Compiled) -> list[Data]:
    """The objects of a cluster where everything was done, as kubectl prints them."""
    spec, bundle = compiled.spec, compiled.bundle
    workloads = {name_of(each.kind, _named(each.namespace, each.name)): each for each in bundle.exclusions}
    items = [_restarted(item, workloads) for item in healthy(spec)]
    nodes = [_node(spec, pool, n) for pool in spec.node_pools for n in range(max(1, pool.size.desired, pool.size.min))]
    configs = [item for part in ("eniConfig", "dynamicConfigs") for item in bundle.parts.get(part, ())]
    found = [
        *(item for item in items if item["metadata"]["name"] != "ack-agent-config"),
        _config("ack-agent-config", {"addNodeScriptPath": str(bundle.script_url), "enableNodepool": "true"}),
        *map(_synced_config, configs),
        *nodes,
        *_engine(spec),
        *({**plain(item), "apiVersion": KINDS["IPPool"].api, "kind": "IPPool"} for item in bundle.ip_pools),
        _request("csr-of-idc-1", "system:node:idc-1"),
    ]
    for each in bundle.exclusions:
        if each.kind == "DaemonSet":
            found += [_pod(each.namespace, each.name, f"idc-{number}") for number in (1, 2)]
    if spec.terway is not None:
        found.append(_terway(str(spec.terway.version), len(nodes)))
        found += [_pod("kube-system", "terway-eniip", node["metadata"]["name"]) for node in nodes]
    return [*found, *(_token(spec) if is_refreshed_in_cluster(spec) else [])]


def _named(namespace: str, name: str) -> Data:
    return {"metadata": {"namespace": str(namespace), "name": str(name)}}


def _object(kind: str, namespace: str, name: str, **fields: Any) -> Data:
    meta = {"name": str(name), **({"namespace": str(namespace)} if namespace else {})}
    return {"apiVersion": KINDS[kind].api, "kind": kind, "metadata": meta, **fields}


def _restarted(item: Data, workloads: Mapping[str, Any]) -> Data:
    """A workload with the terms of the exclusion, and every pod restarted."""
    if item["kind"] not in ("DaemonSet", "Deployment"):
        return item
    exclusion = workloads.get(name_of(item["kind"], item))
    name = item["metadata"]["name"]
    item["metadata"]["generation"] = 2
    item["spec"]["selector"] = {"matchLabels": {"k8s-app": name}}
    if exclusion is not None:
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": plain(exclusion.wanted)}}
        item["spec"]["template"]["spec"]["affinity"] = {"nodeAffinity": required}
    item["status"] = {"observedGeneration": 2, **_counts(item["kind"], 2)}
    return item


def _counts(kind: str, count: int) -> Data:
    if kind == "Deployment":
        return {"availableReplicas": 1, "updatedReplicas": 1}
    return {"desiredNumberScheduled": count, "numberReady": count, "updatedNumberScheduled": count}


def _config(name: str, data: dict[str, str]) -> Data:
    return _object("ConfigMap", "kube-system", name, data=data)


def _synced_config(item: Manifest) -> Data:
    """A ConfigMap of ours as an API server has it: written by Argo CD, JSON in another form than the build's."""
    data = {str(key): _text(value) for key, value in item["data"].items()}
    found = _config(str(item["metadata"]["name"]), data)
    written = {"manager": "argocd-controller", "operation": "Update", "time": _BEFORE, "fieldsV1": {"f:data": {}}}
    found["metadata"]["managedFields"] = [written]
    return found


def _text(value: Any) -> str:
    return json.dumps(plain(value.data), sort_keys=True) if isinstance(value, JsonText) else str(value)


def _node(spec: Spec, pool: NodePool, number: int) -> Data:
    labels = {
        "alibabacloud.com/external": "true",
        "alibabacloud.com/nodepool-id": f"np-{pool.name}",
        "hybridc.dev/pool": str(pool.name),
    }
    item = _object("Node", "", f"cloud-{pool.name}-{number + 1}")
    item["metadata"] |= {"labels": labels, "creationTimestamp": _DAYS_AGO}
    return item | {
        "spec": {"providerID": f"{spec.alibaba_cloud.region}.i-{pool.name}{number + 1}"},
        "status": {
            "nodeInfo": {"kubeletVersion": f"v{spec.cluster.kubernetes_version}"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        },
    }


def _terway(version: str, nodes: int) -> Data:
    labels = {"app": "terway-eniip"}
    pod = {"containers": [{"name": "terway", "image": f"registry.example.com/acs/terway:v{version}"}]}
    item = _object("DaemonSet", "kube-system", "terway-eniip")
    item["metadata"]["generation"] = 1
    return item | {
        "spec": {"selector": {"matchLabels": labels}, "template": {"spec": pod}},
        "status": {"observedGeneration": 1, **_counts("DaemonSet", nodes)},
    }


def _pod(namespace: str, daemon_set: str, node: str) -> Data:
    """A pod of a DaemonSet, ready since a while."""
    item = _object("Pod", namespace, f"{daemon_set}-on-{node}")
    label = "app" if daemon_set == "terway-eniip" else "k8s-app"
    item["metadata"]["labels"] = {label: str(daemon_set)}
    item["metadata"]["ownerReferences"] = [{"kind": "DaemonSet", "name": str(daemon_set)}]
    item["spec"] = {"nodeName": node}
    ready = [{"type": "Ready", "status": "True"}]
    return item | {"status": {"conditions": ready, "containerStatuses": [{"state": {"running": {"startedAt": _JUST}}}]}}


def _engine(spec: Spec) -> list[Data]:
    if spec.gitops.engine == "flux" or is_remote(spec):
        return []
    status = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}, "operationState": {"phase": "Succeeded"}}
    return [_object("Application", str(spec.gitops.argocd_namespace), str(spec.name), status=status)]


def _request(name: str, user: str) -> Data:
    """A kubelet's request that was approved."""
    item = _object("CertificateSigningRequest", "", name)
    item["metadata"]["creationTimestamp"] = _JUST
    signer = "kubernetes.io/kube-apiserver-client-kubelet"
    status = {"conditions": [{"type": "Approved", "status": "True", "reason": "AutoApproved"}]}
    return item | {"spec": {"signerName": signer, "username": user}, "status": status}


def _token(spec: Spec) -> list[Data]:
    secret = _object("Secret", "kube-system", token_secret(spec), data={"token-id": "bm9uZQ=="})
    secret["metadata"] |= {"creationTimestamp": _DAYS_AGO, "managedFields": [{"time": _JUST}]}
    job = _object("CronJob", "kube-system", "hybridc-token-refresh", spec={"schedule": "17 * * * *"})
    return [secret, job | {"status": {"lastScheduleTime": _JUST, "lastSuccessfulTime": _JUST}}]


def seen(
    compiled: Compiled, items: list[Data], version: str = "", hidden: Mapping[Id, str] | None = None, at: str = AT
) -> State:
    """A State as reading such a cluster makes it; ``hidden`` could not be seen, lists and objects."""
    hidden = hidden or {}
    asked = {*NAMED, *wanted(compiled)}
    objects = dict(projected(KINDS[item["kind"]], item) for item in items if item["kind"] != "Pod")
    shown = {each: item for each, item in objects.items() if each not in hidden and Id(each.kind) not in hidden}
    pods = [] if Id("Pod") in hidden else [item for item in items if item["kind"] == "Pod"]
    return State(
        SERVER,
        "" if VERSION in hidden else version or f"v{compiled.spec.cluster.kubernetes_version}",
        shown,
        whole((*LISTS, Id("Pod"), *asked), hidden),
        frozenset(each for each in asked if each.name and each.kind != "Pod" and each not in {*objects, *hidden}),
        hidden,
        tuple(sorted(each for item in pods for each in of_object(item))),
        at,
        {each: _pods_of(each, pods) for each in asked if each.kind == "Pod" and each not in hidden and pods},
    )


def _pods_of(asked: Id, pods: list[Data]) -> tuple[served.Served, ...]:
    return tuple(sorted(served.of_object(item) for item in pods if served.owner(item) == asked[1:]))
