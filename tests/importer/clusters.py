"""A cluster in which what a spec compiles to was synced, and nodes joined: what an import looks at."""

from __future__ import annotations

import base64
import json
from typing import Any

import yaml
from tests.pinned import ROOT

from hybridc.catalog import ack
from hybridc.catalog import cni as catalog
from hybridc.compile import Compiled, compile_spec
from hybridc.live.collect import projected
from hybridc.live.reads import KINDS, LISTS, Id
from hybridc.live.state import State
from hybridc.lower.delivery import deliver
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain

Data = dict[str, Any]
TODAY = "2026-11-30"
CA = str(
    yaml.safe_load((ROOT / "examples" / "everything" / "hybrid.yaml").read_text("utf-8"))["spec"]["nodeInit"][
        "trustedCAs"
    ][0]
)
CA_HASH = "sha256:1fe477c66f76f39cc1b4ce9e530529f5944bee91d759d3f4802ae5a0adcd502e"
"""Of CA: openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -hex."""


def compiled(text: str) -> Compiled:
    """A spec that must compile."""
    found = compile_spec("hybrid.yaml", text.encode(), TODAY)
    assert isinstance(found, Compiled), [each for each in found.found if each.severity == "error"]
    return found


def synced(result: Compiled) -> list[Data]:
    """The objects of the cluster, as kubectl prints them."""
    spec = result.spec
    ours = [plain(item) for item in _applied(result)]
    return [*ours, *_workloads(spec), *_terway(spec), *_kubeadm(spec), *_calico(spec, result), *_nodes(spec)]


def _applied(result: Compiled) -> list[Data]:
    """What Argo CD or Flux put there: of the objects those that a State holds."""
    folder = "chart/templates/" if any(path.startswith("chart/") for path in result.tree) else "kustomize/"
    if folder == "kustomize/":
        texts = [
            data.decode() for path, data in result.tree.items() if path.startswith(folder) and path.endswith(".yaml")
        ]
    else:
        whole = compile_spec("hybrid.yaml", result.document.text.encode(), TODAY, "kustomize")
        assert isinstance(whole, Compiled)
        return _applied(whole)
    items = [yaml.load(text, yaml.CSafeLoader) for text in texts]
    return [item for item in items if item.get("kind") == "ConfigMap"]


def _object(api: str, kind: str, namespace: str, name: str) -> Data:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": str(name), **({"namespace": str(namespace)} if namespace else {})},
    }


def _workload(kind: str, namespace: str, name: str, image: str, terms: list[Data], **labels: str) -> Data:
    pod: Data = {"containers": [{"name": name, "image": image}]}
    if terms:
        required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
        pod["affinity"] = {"nodeAffinity": required}
    item = _object("apps/v1", kind, namespace, name) | {"spec": {"template": {"spec": pod}}}
    item["metadata"]["labels"] = labels
    return item


def _workloads(spec: Spec) -> list[Data]:
    """The CNI, and what else is kept off cloud nodes."""
    cni = spec.cluster.cni
    if cni.type == "none":
        return []
    helm = {"app.kubernetes.io/managed-by": "Helm"} if cni.install == "helm" else {}
    by_operator = cni.type == "calico" and cni.install != "manifest"
    labels = {} if by_operator else helm
    image = f"docker.io/{cni.type}:v{cni.version or '3.x'}"
    excluded = {(e.kind, e.namespace, e.name): plain(e.wanted) for e in deliver(spec).all}
    shipped = cni.daemon_set or catalog.daemon_set(cni.type, cni.install, cni.version)
    main = ("DaemonSet", str(shipped.namespace), str(shipped.name))
    terms = excluded.pop(main, [dict(term) for term in getattr(shipped, "terms", ())])
    found = [_workload(*main, image, terms, **labels)]
    if by_operator:
        found.append(
            _workload("Deployment", "tigera-operator", "tigera-operator", "quay.io/tigera/operator:v1", [], **helm)
        )
    return found + [
        _workload(str(kind), str(space), str(name), "x:1", terms) for (kind, space, name), terms in excluded.items()
    ]


def _terway(spec: Spec) -> list[Data]:
    if spec.terway is None:
        return []
    image = f"registry-cn-hangzhou-vpc.ack.aliyuncs.com/acs/terway:v{spec.terway.version}"
    return [_workload("DaemonSet", "kube-system", ack.TERWAY_DAEMON_SET, image, [])]


def _kubeadm(spec: Spec) -> list[Data]:
    cluster = spec.cluster
    configuration = {
        "kind": "ClusterConfiguration",
        "kubernetesVersion": f"v{cluster.kubernetes_version}",
        "controlPlaneEndpoint": str(cluster.api_server),
        "networking": {
            "serviceSubnet": ",".join(map(str, cluster.service_cidrs)),
            "podSubnet": ",".join(map(str, cluster.pod_cidrs)),
        },
    }
    info = {
        "clusters": [
            {
                "name": "",
                "cluster": {
                    "server": f"https://{cluster.api_server}",
                    "certificate-authority-data": base64.b64encode(CA.encode()).decode(),
                },
            }
        ]
    }
    return [
        _config("kube-system", "kubeadm-config", {"ClusterConfiguration": yaml.dump(configuration)}),
        _config(
            "kube-public",
            "cluster-info",
            {"kubeconfig": yaml.dump(info), "jws-kubeconfig-abcdef": "eyJhbGciOiJIUzI1NiJ9..x"},
        ),
    ]


def _config(namespace: str, name: str, data: dict[str, str]) -> Data:
    return _object("v1", "ConfigMap", namespace, name) | {"data": data}


def _calico(spec: Spec, result: Compiled) -> list[Data]:
    if spec.cluster.cni.type not in ("calico", "canal"):
        return []
    used = [(f"pool-{number}", {"cidr": str(cidr)}) for number, cidr in enumerate(spec.cluster.pod_cidrs)]
    text = next((data for path, data in result.tree.items() if path == "calico/ippools.yaml"), b"")
    disabled = [(item["metadata"]["name"], item["spec"]) for item in yaml.load_all(text, yaml.CSafeLoader) if item]
    pools = [
        _object("crd.projectcalico.org/v1", "IPPool", "", name) | {"spec": made} for name, made in [*used, *disabled]
    ]
    number = spec.cluster.cni.as_number
    bgp = _object("crd.projectcalico.org/v1", "BGPConfiguration", "", "default")
    return [*pools, *([bgp | {"spec": {"asNumber": int(number)}}] if number is not None else [])]


def _nodes(spec: Spec) -> list[Data]:
    idc, cloud = _object("v1", "Node", "", "idc-1"), _object("v1", "Node", "", "cn-hangzhou.10.0.0.7")
    key, value = ack.EXTERNAL_LABEL
    cloud["metadata"]["labels"] = {key: value, ack.CLUSTER_TAG: str(spec.alibaba_cloud.registered_cluster_id)}
    told = {"nodeInfo": {"kubeletVersion": f"v{spec.cluster.kubernetes_version}"}}
    idc["status"] = {**told, "addresses": [{"type": "InternalIP", "address": "192.168.0.11"}]}
    return [idc, cloud | {"status": told}]


def seen(spec: Spec, items: list[Data]) -> State:
    """A State as reading such a cluster makes it."""
    objects = dict(projected(KINDS[item["kind"]], json.loads(json.dumps(item))) for item in items)
    lists = frozenset({*LISTS, Id("IPPool"), Id("BGPConfiguration")})
    return State("https://192.168.0.10:6443", f"v{spec.cluster.kubernetes_version}", objects, lists)
