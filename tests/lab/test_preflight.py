"""``hybridc preflight`` on a real API server: what it finds, what it asks for, what it may not see."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from tests.cli.programs import hybridc
from tests.lab.damage import ZONE, set_terms
from tests.lab.lab import example
from tests.lab.servers.apiserver import AUDIT
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.world import KUBE_PROXY, install, kubeadm
from tests.pinned import ROOT

pytestmark = pytest.mark.needs("root", "debian", "kubernetes")

HEAD = re.compile(r"(?m)^\S+:\d+:\d+: ([A-Z]+\d{3}) (?:error|warning)")
ADDRESS = "10.200.1.253:6443"


class Said(NamedTuple):
    """What preflight says: exit code, codes in their order, and all of stderr."""

    code: int
    codes: list[str]
    text: str


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """The guide, with the minor of the lab's API server."""
    path = tmp_path / "hybrid.yaml"
    path.write_text(example("guide"), encoding="utf-8")
    return path


@pytest.fixture
def imported(world: Cluster) -> Iterator[Cluster]:
    """The cluster with the agent of a registered cluster, which runs, a machine and two pods."""
    labels = {"app": "ack-cluster-agent"}
    container = {
        "name": "agent",
        "image": "agent",
        "env": [{"name": "INTERNAL_ENDPOINT", "value": "true"}, {"name": "TOKEN", "value": "nobody-may-see-this"}],
    }
    item = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "ack-cluster-agent", "namespace": "kube-system"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
    world.run("create", "-f", "-", stdin=json.dumps(item))
    running = {"status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}}
    world.patch("/apis/apps/v1/namespaces/kube-system/deployments/ack-cluster-agent/status", running)
    for item in (_node(), _pod("default"), _pod("kube-system"), *kubeadm()):
        world.run("create", "-f", "-", stdin=json.dumps(item))
    address = {"addresses": [{"type": "InternalIP", "address": "192.168.0.7"}]}
    world.patch("/api/v1/nodes/idc-1/status", {"status": address})
    placed = {"phase": "Running", "podIP": "10.100.0.7", "podIPs": [{"ip": "10.100.0.7"}]}
    world.patch("/api/v1/namespaces/default/pods/app-0/status", {"status": placed})
    # An empty clusterCIDR and an image of one's own: what kubeadm writes is NET034 and NODE065.
    own = {"template": {"spec": {"containers": [{"name": "kube-proxy", "image": "registry.example.com/kube-proxy:1"}]}}}
    world.patch(KUBE_PROXY, {"spec": own})
    world.patch("/api/v1/namespaces/kube-system/configmaps/kube-proxy", {"data": {"config.conf": 'clusterCIDR: ""'}})
    yield world
    for namespace in ("default", "kube-system"):
        world.run("-n", namespace, "delete", "--grace-period=0", "--force", "pod/app-0")
    world.run("-n", "kube-system", "delete", "deployment/ack-cluster-agent")
    for item in kubeadm():
        world.run("delete", "-f", "-", stdin=json.dumps(item))
    world.run("delete", "node/idc-1")


def _node() -> Json:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "idc-1"}}


def _pod(namespace: str) -> Json:
    """A pod that was scheduled; without an address until its status says one."""
    spec = {"nodeName": "idc-1", "containers": [{"name": "app", "image": "app"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app-0", "namespace": namespace}, "spec": spec}


def looked(spec: Path, *flags: str) -> Said:
    done = hybridc("preflight", str(spec), *flags)
    assert "Traceback" not in done.stderr
    return Said(done.returncode, HEAD.findall(done.stderr), done.stderr)


def of(cluster: Cluster) -> str:
    return f"--kubeconfig={cluster.kubeconfig}"


def test_a_sound_cluster(imported: Cluster, spec: Path, tmp_path: Path) -> None:
    said = looked(spec, of(imported))
    assert (said.code, said.codes) == (0, ["LIVE003"]), said.text
    assert f"looked at {imported.server}, Kubernetes v1.37" in said.text


def test_what_is_wrong_is_said_at_once(world: Cluster, spec: Path) -> None:
    set_terms([ZONE])(world)
    world.run("-n", "kube-system", "delete", "secret/alibaba-addon-secret", "daemonset/kube-proxy")
    said = looked(spec, of(world))
    wrong = ["CNI041", "LIVE002", "LIVE003", "NET034", "NODE040", "SEC010"]
    # No kubeadm made this cluster: two ConfigMaps and six bindings are not there.
    unmade = ["NODE061"] * 2 + ["NODE066"] * 6
    assert (said.code, sorted(said.codes)) == (1, sorted([*wrong, *unmade])), said.text


def test_addresses_outside_the_ranges(imported: Cluster, spec: Path) -> None:
    pod = {"podIP": "10.99.0.7", "podIPs": [{"ip": "10.99.0.7"}]}
    imported.patch("/api/v1/namespaces/default/pods/app-0/status", {"status": pod})
    node = {"addresses": [{"type": "InternalIP", "address": "192.168.9.7"}]}
    imported.patch("/api/v1/nodes/idc-1/status", {"status": node})
    said = looked(spec, of(imported))
    assert (said.code, said.codes) == (1, ["LIVE003", "NET031", "NET032"]), said.text
    assert "1 Node has an address outside nodeCIDRs: idc-1 (192.168.9.7)" in said.text
    assert "1 Pod has an address outside podCIDRs: app-0 (10.99.0.7)" in said.text


@pytest.mark.parametrize(("how", "refused"), [("create", False), ("apply", True)])
def test_who_made_the_daemon_set_decides_about_ssa(how: str, refused: bool, imported: Cluster, spec: Path) -> None:
    accepted = "  checks:\n    ignore: [{code: GIT007, reason: calico was installed with kubectl create}]\n"
    version = "      version: 3.24.5\n"
    spec.write_text(example("guide").replace(version, f"{version}      delivery: ssa\n") + accepted, encoding="utf-8")
    imported.run("-n", "kube-system", "delete", "daemonset", "calico-node")
    install(imported, "calico-v3.24.5", how)
    assert ("CNI043" in looked(spec, of(imported)).codes) == refused


@pytest.mark.parametrize("how", ["create", "apply", "server-side"])
def test_keys_of_the_secret_are_seen_without_its_values(
    how: str, imported: Cluster, spec: Path, tmp_path: Path
) -> None:
    imported.run("-n", "kube-system", "delete", "secret", "alibaba-addon-secret")
    words = {"create": ["create"], "apply": ["apply"], "server-side": ["apply", "--server-side"]}[how]
    keys = {"access-key-id": "the-value-of-nobody", "access-key-secret": "the-value-of-nobody"}
    meta = {"name": "alibaba-addon-secret", "namespace": "kube-system"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": keys}
    imported.run(*words, "-f", "-", stdin=json.dumps(secret))
    said = looked(spec, of(imported), f"--dump={tmp_path / 'seen'}")
    assert said.codes == ["LIVE003"], said.text
    dumped = "".join(path.read_text() for path in (tmp_path / "seen").iterdir())
    assert "access-key-id" in dumped
    for secret_text in ("the-value", "dGhlLXZhbHVl", "nobody-may-see"):
        assert secret_text not in dumped + said.text


def test_a_dump_says_what_the_cluster_says(imported: Cluster, spec: Path, tmp_path: Path) -> None:
    set_terms([ZONE])(imported)
    seen = f"{tmp_path / 'seen'}"
    live = looked(spec, of(imported), f"--dump={seen}")
    assert looked(spec, f"--from={seen}") == live
    again = f"{tmp_path / 'again'}"
    assert looked(spec, f"--from={seen}", f"--dump={again}") == live
    assert [path.read_bytes() for path in sorted(Path(seen).iterdir())] == [
        path.read_bytes() for path in sorted(Path(again).iterdir())
    ]


def test_what_kubectl_prints_says_the_same(imported: Cluster, spec: Path, tmp_path: Path) -> None:
    """The commands of docs/preflight.md, but for jq."""
    seen = tmp_path / "seen"
    seen.mkdir()
    kube_system = ["-n", "kube-system", "get", "-o", "yaml"]
    commands = {
        "nodes.yaml": ["get", "nodes", "-o", "yaml"],
        "pods.json": ["get", "pods", "-A", "-o", "json"],
        "workloads.yaml": ["get", "daemonsets,deployments", "-A", "--show-managed-fields", "-o", "yaml"],
        "configmaps.yaml": [*kube_system, "configmaps", "ack-agent-config", "kube-proxy", "kubelet-config"],
        "servicecidrs.yaml": ["get", "servicecidrs", "-o", "yaml"],
        "rights.yaml": ["get", "clusterroles,clusterrolebindings", "-o", "yaml"],
        "roles.yaml": ["get", "roles,rolebindings", "-A", "-o", "yaml"],
        "service.yaml": ["-n", "default", "get", "service", "kubernetes", "-o", "yaml"],
        "cluster-info.yaml": ["-n", "kube-public", "get", "-o", "yaml", "configmap", "cluster-info"],
        "secret.yaml": [*kube_system, "secret", "alibaba-addon-secret"],
        "version.json": ["get", "--raw", "/version"],
    }
    for name, words in commands.items():
        (seen / name).write_text(imported.run(*words).stdout)
    said = looked(spec, f"--from={seen}")
    # What is not there is in no file, and a List of one namespace may not be all: neither is known to be absent.
    assert (said.code, set(said.codes)) == (0, {"LIVE001", "LIVE003"}), said.text
    assert set(re.findall(r"cannot see (.*) \(", said.text)).isdisjoint(PRINTED)


def test_the_audit_log_shows_reads_alone(imported: Cluster, spec: Path) -> None:
    log = imported.kubeconfig.parent / AUDIT
    before = log.stat().st_size
    looked(spec, of(imported))
    with log.open() as file:
        file.seek(before)
        events = [json.loads(line) for line in file]
    ours = [event for event in events if event.get("userAgent") == "hybridc"]
    assert len(ours) > 5
    assert {event["verb"] for event in ours} <= {"get", "list", "watch"}
    assert not any("review" in event["requestURI"] or "dryRun" in event["requestURI"] for event in ours)


PRINTED = {
    *("the Nodes", "the Pods", "the ServiceCIDRs", "Service default/kubernetes"),
    *("DaemonSet kube-system/calico-node", "DaemonSet kube-system/kube-proxy"),
    *("Deployment kube-system/ack-cluster-agent", "Secret kube-system/alibaba-addon-secret"),
    *("ConfigMap kube-system/ack-agent-config", "ConfigMap kube-system/kube-proxy"),
    *("ConfigMap kube-public/cluster-info", "the version of the API server"),
}
RIGHTS = {
    "nodes": ("the Nodes (needs list on nodes)", "NET031"),
    "pods": ("the Pods (needs list on pods in all namespaces)", "NET032"),
    "daemonsets": ("DaemonSet kube-system/calico-node (needs get on daemonsets.apps in kube-system)", "CNI041"),
    "deployments": (
        "Deployment kube-system/ack-cluster-agent (needs get on deployments.apps in kube-system)",
        "LIVE002",
    ),
    "ack-agent-config": ("ConfigMap kube-system/ack-agent-config (needs get on configmaps in kube-system)", "LIVE002"),
    "kube-proxy": ("ConfigMap kube-system/kube-proxy (needs get on configmaps in kube-system)", "NET030"),
    "kubeadm-config": ("ConfigMap kube-system/kubeadm-config (needs get on configmaps in kube-system)", "NET036"),
    "clusterrolebindings": (
        "the ClusterRoleBindings (needs list on clusterrolebindings.rbac.authorization.k8s.io)",
        "NODE066",
    ),
    "rolebindings": (
        "the RoleBindings in kube-system (needs list on rolebindings.rbac.authorization.k8s.io in kube-system)",
        "SEC028",
    ),
    "clusterroles": ("the ClusterRoles (needs list on clusterroles.rbac.authorization.k8s.io)", "SEC028"),
    "kubelet-config": ("ConfigMap kube-system/kubelet-config (needs get on configmaps in kube-system)", "NODE061"),
    "kube-dns": ("Service kube-system/kube-dns (needs get on services in kube-system)", "NODE062"),
    "applications": ("the Applications in argocd (needs list on applications.argoproj.io in argocd)", "GIT047"),
    "servicecidrs": ("the ServiceCIDRs (needs list on servicecidrs.networking.k8s.io)", "NET035"),
    "ippools": ("the IPPools (needs list on ippools.crd.projectcalico.org)", "CNI047"),
    "bgppeers": ("the BGPPeers (needs list on bgppeers.crd.projectcalico.org)", "CNI050"),
    "alibaba-addon-secret": ("Secret kube-system/alibaba-addon-secret (needs get on secrets in kube-system)", "SEC010"),
    "cluster-info": ("ConfigMap kube-public/cluster-info (needs get on configmaps in kube-public)", "NET033"),
}
"""What is hidden → what is said to be not seen, and a code that was not decided."""


@pytest.fixture
def reader(imported: Cluster) -> Iterator[Cluster]:
    """A ServiceAccount with the rights that docs/preflight.md has."""
    imported.run("-n", "kube-system", "create", "serviceaccount", "reader")
    for item in _rights():
        imported.run("apply", "-f", "-", stdin=json.dumps(item))
        imported.run("create", *_binding(item), "hybridc-preflight", "--serviceaccount=kube-system:reader")
    yield imported.service_account("kube-system", "reader", imported.kubeconfig.parent)
    for item in _rights():
        kind, inside = item["kind"], _inside(item)
        imported.run("delete", *inside, f"{kind}/hybridc-preflight", f"{kind}binding/hybridc-preflight")
    imported.run("-n", "kube-system", "delete", "serviceaccount/reader")


def _binding(role: Json) -> list[str]:
    """What ``kubectl create`` takes to bind a role: but for the name and to whom."""
    kind = role["kind"].lower()
    return [f"{kind}binding", f"--{kind}={role['metadata']['name']}", *_inside(role)]


def _inside(item: Json) -> list[str]:
    namespace = item["metadata"].get("namespace")
    return [f"--namespace={namespace}"] if namespace else []


def _rights() -> list[Json]:
    page = (ROOT / "docs" / "preflight.md").read_text("utf-8")
    return list(yaml.safe_load_all(page.partition("```yaml\n")[2].partition("```")[0]))


def test_the_rights_of_the_docs_suffice(reader: Cluster, spec: Path) -> None:
    assert looked(spec, of(reader)).codes == ["LIVE003"]


@pytest.mark.parametrize(
    ("hidden", "seen", "undecided"), [(name, *right) for name, right in RIGHTS.items()], ids=RIGHTS
)
def test_a_right_that_is_missing_is_named(
    hidden: str, seen: str, undecided: str, reader: Cluster, imported: Cluster, spec: Path
) -> None:
    for item in _rights():
        for rule in item["rules"]:
            for part in ("resources", "resourceNames"):
                if hidden in rule.get(part, ()):
                    rule[part] = [each for each in rule[part] if each != hidden] or ["nothing"]
        imported.run("apply", "-f", "-", stdin=json.dumps(item))
    said = looked(spec, of(reader))
    assert (said.code, set(said.codes)) == (0, {"LIVE001", "LIVE003"}), said.text
    (codes,) = re.findall(rf"LIVE001 warning: cannot see {re.escape(seen)}: (.*) not decided", said.text)
    assert undecided in codes.split(", ")


def test_workloads_that_may_not_be_listed_are_asked_by_name(reader: Cluster, imported: Cluster, spec: Path) -> None:
    for item in _rights():
        if item["kind"] == "ClusterRole":
            item["rules"] = [rule for rule in item["rules"] if rule["apiGroups"] != ["apps"]]
        else:
            item["rules"].append({"apiGroups": ["apps"], "resources": ["daemonsets", "deployments"], "verbs": ["get"]})
        imported.run("apply", "-f", "-", stdin=json.dumps(item))
    said = looked(spec, of(reader))
    assert (said.code, set(said.codes)) == (0, {"LIVE001", "LIVE003"}), said.text
    assert set(re.findall(r"cannot see (.*) \(", said.text)) <= {"the DaemonSets", "the Deployments"}


def test_a_user_who_may_see_nothing(imported: Cluster, spec: Path) -> None:
    imported.run("-n", "kube-system", "create", "serviceaccount", "nobody")
    try:
        said = looked(spec, of(imported.service_account("kube-system", "nobody", imported.kubeconfig.parent)))
    finally:
        imported.run("-n", "kube-system", "delete", "serviceaccount", "nobody")
    assert said.code == 3
    assert "lets this user see nothing of what decides (403)" in said.text


def test_credentials_that_have_expired(imported: Cluster, spec: Path, tmp_path: Path) -> None:
    said = looked(spec, of(imported.with_token("wrong", tmp_path / "kubeconfig")))
    assert said.code == 3
    assert f"{imported.server} does not know this user (401)" in said.text


def test_a_certificate_of_somebody_else(imported: Cluster, spec: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.crt"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other", "-days", "1"]
    subprocess.run([*make, "-keyout", str(tmp_path / "key"), "-out", str(other)], check=True, capture_output=True)
    said = looked(spec, of(replace(imported, ca=other).with_token(imported.token, tmp_path / "kubeconfig")))
    assert said.code == 3
    assert f"the certificate of {imported.server} is not the kubeconfig's: " in said.text
