"""What stands in a cluster before hybridc comes: the on-prem CNI, the credentials, what others keep for themselves."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from tests.cni import manifests
from tests.lab.servers.cluster import Cluster, Json

from hybridc.catalog.kubernetes import bootstrap_bindings, bootstrap_readers

CALICO = "/apis/apps/v1/namespaces/kube-system/daemonsets/calico-node"
KUBE_PROXY = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"
ENI_CONFIG = "/api/v1/namespaces/kube-system/configmaps/eni-config"
AGENT_CONFIG = "/api/v1/namespaces/kube-system/configmaps/ack-agent-config"
CLUSTER_INFO = "/api/v1/namespaces/kube-public/configmaps/cluster-info"
CAS = Path(__file__).parent / "cas"
# openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256
HASHES = {
    "rsa": "7fc818a6ddba0eae8e26a09591732884f4bd826be21cbe6d2837d53bd93503af",
    "p256": "0d2465553987cc444d467467866f0a16358e73379f2fc906953cc4d06de0d03d",
    "version-1": "69169ed1da6c5273be74d43a861a5d6d0da589df17d9b98a029adb4726e65158",
}
CA_HASH = HASHES["rsa"]
"""That of the CA which the specs of the lab take; it certifies nothing."""
# Keys of ack-agent-config that are not ours.
FOREIGN = {"enableNodepool": "true", "isInit": "true"}


def prepare(cluster: Cluster) -> None:
    """The credentials Secret (no real keys), the ConfigMap of ACK's agent, and what kubeadm makes; left as they are
    where they exist."""
    keys = {"access-key-id": "none", "access-key-secret": "none"}
    foreign: Json = {"kind": "ConfigMap", "metadata": _named("ack-agent-config"), "data": FOREIGN}
    secret: Json = {"kind": "Secret", "metadata": _named("alibaba-addon-secret"), "stringData": keys}
    for resource, item in (("configmaps", foreign), ("secrets", secret)):
        # As its owner does: created, so that no last-applied annotation claims the keys.
        if cluster.get(f"/api/v1/namespaces/kube-system/{resource}/{item['metadata']['name']}") is None:
            cluster.run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", **item}))
    cluster.run("apply", "-f", "-", stdin=json.dumps(kube_proxy()))
    cluster.run("apply", "-f", "-", stdin=json.dumps(cluster_info()))


def cluster_info(server: str = "https://10.200.1.253:6443", *cas: str) -> Json:
    """What kubeadm gives a node that joins, as it writes it: an API server, and CAs by the names of their files."""
    pem = "".join((CAS / f"{name}.crt").read_text() for name in cas or ("rsa",))
    data = base64.b64encode(pem.encode()).decode()
    known = f"  certificate-authority-data: {data}\n    server: {server}\n  name: ''\n"
    config = f"apiVersion: v1\nclusters:\n- cluster:\n  {known}kind: Config\n"
    metadata = {"name": "cluster-info", "namespace": "kube-public"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"kubeconfig": config}}


def kube_proxy() -> Json:
    """kube-proxy as kubeadm makes it, as far as the guard looks: where it runs, and the API server that it dials."""
    config = {"kubeconfig.conf": "clusters:\n- cluster:\n    server: https://10.200.1.253:6443\n  name: default\n"}
    config["config.conf"] = (
        'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nclusterCIDR: 10.100.0.0/16\ndetectLocalMode: ""\n'
    )
    labels = {"k8s-app": "kube-proxy"}
    pod = {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "kube-proxy", "image": "registry.k8s.io/kube-proxy:v1.24.3"}],
    }
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    items = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _named("kube-proxy"), "data": config},
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": _named("kube-proxy"), "spec": spec},
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def kubeadm() -> list[Json]:
    """What kubeadm of the guide's minor keeps for nodes that join, and the DNS that their pods ask."""
    cluster = (
        "apiVersion: kubeadm.k8s.io/v1beta3\ncontrolPlaneEndpoint: 10.200.1.253:6443\nkubernetesVersion: v1.24.3\n"
    )
    kubelet = "authorization:\n  mode: Webhook\ncgroupDriver: systemd\nclusterDNS:\n- 10.200.0.9\n"
    maps = {"kubeadm-config": {"ClusterConfiguration": cluster}, "kubelet-config": {"kubelet": kubelet}}
    group = "rbac.authorization.k8s.io"
    bindings: list[Json] = [
        {
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": group, "kind": "Group", "name": groups[0]}],
        }
        for name, role, groups in bootstrap_bindings()
    ]
    bindings += [
        {
            "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
        }
        for (namespace, name), _ in bootstrap_readers()
    ]
    return [
        *({"apiVersion": "v1", "kind": "ConfigMap", "metadata": _named(n), "data": data} for n, data in maps.items()),
        *({"apiVersion": f"{group}/v1", **binding} for binding in bindings),
    ]


def eni_config_by_hand() -> Json:
    """The ConfigMap as the guide of Alibaba Cloud has a person edit it (no real keys), with a key of their own."""
    conf = {
        "version": "1",
        "vswitches": {"cn-hangzhou-j": ["vsw-bp1byhand"]},
        "security_group": "sg-bp1byhand",
        "access_key": "an-access-key",
        "access_secret": "its-secret",
    }
    cni = {"cniVersion": "0.3.0", "name": "terway", "type": "terway"}
    data = {"eni_conf": json.dumps(conf), "10-terway.conf": json.dumps(cni), "note": "kept by another team"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _named("eni-config"), "data": data}


def daemon_set(manifest: str) -> str:
    """The DaemonSet alone out of a CNI's manifest, as JSON: what a hook sees of it, without its twenty CRDs."""
    return json.dumps(manifests.daemon_set(manifest))


def install(cluster: Cluster, manifest: str, *how: str) -> None:
    """Make the DaemonSet of a CNI's manifest by ``kubectl HOW -f``, ``create`` by default."""
    cluster.run(*(how or ("create",)), "-f", "-", stdin=daemon_set(manifest))


def _named(name: str) -> Json:
    return {"name": name, "namespace": "kube-system"}


def terms(daemon_set: Json) -> list[Json]:
    """Its required nodeSelectorTerms; none when it has no affinity."""
    affinity = daemon_set["spec"]["template"]["spec"].get("affinity", {})
    required = affinity.get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
    found: list[Json] = required.get("nodeSelectorTerms", [])
    return found
