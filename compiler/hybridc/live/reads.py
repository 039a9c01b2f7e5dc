"""What is read of a cluster: kinds with the part of an object that decides, and the objects that are asked for.

A list asks for all objects of a kind, a read with a name for that one. Of Secrets nothing but metadata is asked for
(``PartialObjectMetadata``): the names of their keys stand in managedFields, so no value leaves the API server.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hybridc.catalog import ack, operators
from hybridc.live import pods
from hybridc.live.shapes import (
    LAST_APPLIED,
    environment,
    flags,
    local_ip,
    managed,
    masked_data,
    of_texts,
    owners,
    programs,
    public_data,
    sentence,
    texts,
)

_NOTES = of_texts("hybridc.dev/", "projectcalico.org/", "flannel.alpha.coreos.com/", LAST_APPLIED)
_META: dict[str, Any] = {"name": str, "namespace": str, "labels": texts, "annotations": _NOTES}
_OWNER = {"kind": str, "name": str, "controller": bool}
_OWNED = {**_META, "managedFields": owners, "ownerReferences": [_OWNER]}
_EXPRESSION = {"key": str, "operator": str, "values": [str]}
_TERM = {"matchExpressions": [_EXPRESSION], "matchFields": [_EXPRESSION]}
_AFFINITY = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [_TERM]}}}
_TOLERATION = {"key": str, "operator": str, "value": str, "effect": str}
_ENVIRONMENT = environment(
    ack.AGENT_INTERNAL, "KUBERNETES_SERVICE_HOST", "IP_AUTODETECTION_METHOD", "CALICO_IPV4POOL_CIDR"
)
_CLOUD, _PROGRAMS = flags("cloud-provider"), programs(*operators.CLOUD_CONTROLLERS, *operators.NODE_AUTOSCALERS)


def _words(value: Any, place: str) -> list[str]:
    return [*_PROGRAMS(value, place), *_CLOUD(value, place), *local_ip(value, place)]


_POD = {
    "nodeSelector": texts,
    "affinity": _AFFINITY,
    "tolerations": [_TOLERATION],
    "hostNetwork": bool,
    "containers": [{"name": str, "image": str, "env": _ENVIRONMENT, "command": _words, "args": _words}],
}
_WORKLOAD = {
    "metadata": {**_OWNED, "generation": int},
    "spec": {
        "replicas": int,
        "selector": {"matchLabels": texts},
        "updateStrategy": {"type": str},
        "template": {"spec": _POD},
    },
    "status": {
        **dict.fromkeys(("availableReplicas", "updatedReplicas", "observedGeneration"), int),
        **dict.fromkeys(("desiredNumberScheduled", "numberReady", "updatedNumberScheduled"), int),
    },
}
_NODE = {
    "metadata": {**_META, "creationTimestamp": str},
    "spec": {"podCIDRs": [str], "providerID": str, "taints": [{"key": str, "value": str, "effect": str}]},
    "status": {
        "addresses": [{"type": str, "address": str}],
        "nodeInfo": {"kubeletVersion": str, "osImage": str, "kernelVersion": str, "containerRuntimeVersion": str},
        "conditions": [{"type": str, "status": str, "reason": str}],
    },
}
_CONDITION = {"type": str, "status": str, "reason": str, "message": sentence}
_SOURCE = {"repoURL": sentence, "path": str, "targetRevision": str}
_TO = {"server": str, "name": str, "namespace": str}
_APPLICATION = {
    "metadata": _META,
    "spec": {"project": str, "source": _SOURCE, "sources": [_SOURCE], "destination": _TO},
    "status": {
        "sync": {"status": str, "revision": str},
        "health": {"status": str},
        "operationState": {"phase": str, "message": sentence},
        "resources": managed("DaemonSet", "Deployment", "StatefulSet", "IPPool", ConfigMap="kube-system"),
    },
}
_KINDS = [{"group": str, "kind": str, "name": str}]
_PROJECT = {
    "metadata": {"name": str, "namespace": str},
    "spec": {
        "sourceRepos": [str],
        "destinations": [_TO],
        **{f"{of}Resource{which}list": _KINDS for of in ("cluster", "namespace") for which in ("White", "Black")},
    },
}
_FLUX = {"metadata": _META, "spec": {"suspend": bool}, "status": {"conditions": [_CONDITION]}}
_REQUEST = {
    "metadata": {"name": str, "creationTimestamp": str},
    "spec": {"signerName": str, "username": str},
    "status": {"conditions": [{"type": str, "status": str, "reason": str}]},
}
_CRON_JOB = {
    "metadata": _META,
    "spec": {"schedule": str, "suspend": bool},
    "status": {"lastScheduleTime": str, "lastSuccessfulTime": str},
}
_SECRET_META = {
    "name": str,
    "namespace": str,
    "creationTimestamp": str,
    "annotations": of_texts("hybridc.dev/"),
    "managedFields": [{"time": str}],
}
_CALICO, _CALICO_API = "crd.projectcalico.org/v1", "projectcalico.org/v3"
_IP_POOL = {"cidr": str, "disabled": bool, "natOutgoing": bool, "disableBGPExport": bool, "allowedUses": [str]}


class Kind(NamedTuple):
    """A kind that is read: where its API is, and the shape of what is kept. ``namespaced``: it lives in a namespace.

    ``other`` is the API that has the same objects where ``api`` is not served.
    """

    name: str
    api: str
    resource: str
    shape: dict[str, Any]
    namespaced: bool = True
    other: str = ""

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of the list, or of one object."""
        root = f"/apis/{self.api}" if "/" in self.api else f"/api/{self.api}"
        inside = f"/namespaces/{namespace}" if namespace else ""
        return f"{root}{inside}/{self.resource}" + (f"/{name}" if name else "")

    def right(self, namespace: str = "", name: str = "") -> str:
        """What a user needs in order to see it: ``get on configmaps in kube-system``."""
        where = f" in {namespace}" if namespace else (" in all namespaces" if self.namespaced else "")
        group = f".{self.api.partition('/')[0]}" if "/" in self.api else ""
        return f"{'get' if name else 'list'} on {self.resource}{group}{where}"


NODE = Kind("Node", "v1", "nodes", _NODE, namespaced=False)
DAEMON_SET = Kind("DaemonSet", "apps/v1", "daemonsets", _WORKLOAD)
DEPLOYMENT = Kind("Deployment", "apps/v1", "deployments", _WORKLOAD)
STATEFUL_SET = Kind("StatefulSet", "apps/v1", "statefulsets", _WORKLOAD)
CONFIG_MAP = Kind("ConfigMap", "v1", "configmaps", {"metadata": _OWNED, "data": public_data})
SECRET = Kind("Secret", "v1", "secrets", {"metadata": _SECRET_META, "data": masked_data})
SERVICE = Kind("Service", "v1", "services", {"metadata": _META, "spec": {"clusterIP": str, "clusterIPs": [str]}})
POD = Kind("Pod", "v1", "pods", pods.SHAPE)
IP_POOL = Kind("IPPool", _CALICO, "ippools", {"metadata": _META, "spec": _IP_POOL}, False, _CALICO_API)
BGP = Kind(
    "BGPConfiguration", _CALICO, "bgpconfigurations", {"metadata": _META, "spec": {"asNumber": int}}, False, _CALICO_API
)
PEER = Kind("BGPPeer", _CALICO, "bgppeers", {"metadata": _META, "spec": {"peerSelector": str}}, False, _CALICO_API)
SERVICE_CIDR = Kind(
    "ServiceCIDR", "networking.k8s.io/v1", "servicecidrs", {"metadata": _META, "spec": {"cidrs": [str]}}, False
)
API_SERVICE = Kind(
    "APIService",
    "apiregistration.k8s.io/v1",
    "apiservices",
    {"metadata": {"name": str}, "status": {"conditions": [{"type": str, "status": str}]}},
    False,
)
APPLICATION = Kind("Application", "argoproj.io/v1alpha1", "applications", _APPLICATION)
PROJECT = Kind("AppProject", "argoproj.io/v1alpha1", "appprojects", _PROJECT)
KUSTOMIZATION = Kind("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "kustomizations", _FLUX)
HELM_RELEASE = Kind("HelmRelease", "helm.toolkit.fluxcd.io/v2", "helmreleases", _FLUX)
CRON_JOB = Kind("CronJob", "batch/v1", "cronjobs", _CRON_JOB)
REQUEST = Kind("CertificateSigningRequest", "certificates.k8s.io/v1", "certificatesigningrequests", _REQUEST, False)
_RBAC = "rbac.authorization.k8s.io/v1"
_BINDING = {
    "metadata": {"name": str, "namespace": str},
    "roleRef": {"kind": str, "name": str},
    "subjects": [{"kind": str, "name": str, "namespace": str}],
}
_RULE = {"apiGroups": [str], "resources": [str], "resourceNames": [str], "verbs": [str]}
CLUSTER_ROLE = Kind("ClusterRole", _RBAC, "clusterroles", {"metadata": {"name": str}, "rules": [_RULE]}, False)
CLUSTER_BINDING = Kind("ClusterRoleBinding", _RBAC, "clusterrolebindings", _BINDING, False)
ROLE_BINDING = Kind("RoleBinding", _RBAC, "rolebindings", _BINDING)
ROLE = Kind("Role", _RBAC, "roles", {"metadata": {"name": str, "namespace": str}, "rules": [_RULE]})
KINDS = {
    kind.name: kind
    for kind in (
        NODE,
        DAEMON_SET,
        DEPLOYMENT,
        STATEFUL_SET,
        CONFIG_MAP,
        SECRET,
        POD,
        IP_POOL,
        BGP,
        PEER,
        SERVICE_CIDR,
        SERVICE,
        API_SERVICE,
        *(CLUSTER_ROLE, CLUSTER_BINDING, ROLE, ROLE_BINDING),
        *(APPLICATION, PROJECT, KUSTOMIZATION, HELM_RELEASE, CRON_JOB, REQUEST),
    )
}


class Id(NamedTuple):
    """An object, or with an empty name all objects of a kind: in one namespace, or in all where that is empty too."""

    kind: str
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        if self == VERSION:
            return "the version of the API server"
        where = f" in {self.namespace}" if self.namespace else ""
        if not self.name:
            return f"the {self.kind}s{where}"
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


VERSION = Id("Version")
"""Not an object: what the API server says of itself."""

LISTS = (Id("Node"), Id("DaemonSet"), Id("Deployment"))
"""What is read as a whole. Where the list is forbidden, the objects that somebody asks for are read by name."""

NAMED = (
    *(Id("ConfigMap", "kube-system", name) for name in (ack.AGENT_CONFIG, ack.ENI_CONFIG, "kube-proxy")),
    Id("Secret", ack.NAMESPACE, ack.CREDENTIALS_SECRET),
)
"""What is read by name in every cluster."""
