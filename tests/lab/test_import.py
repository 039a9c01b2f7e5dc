"""A cluster set up by hand, after the page: import, build, sync. What Argo CD sees is what the spec changes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml
from tests.cli.programs import ROOT, hybridc
from tests.lab.by_hand import set_up_by_hand
from tests.lab.lab import Lab, compile_spec
from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.process import Tools
from tests.lab.synced import EXCLUDED, NAME
from tests.lab.world import AGENT_CONFIG, CA_HASH, CALICO, ENI_CONFIG, FOREIGN, terms

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

SCRIPT = ROOT / "tests" / "importer" / "init-node-ecs.sh"
PAGE = {
    "version": "1",
    "max_pool_size": 5,
    "min_pool_size": 0,
    "vswitches": {"cn-hangzhou-j": ["vsw-bp1poda2b4d6f8h0j"]},
    "eni_tags": {"ack.aliyun.com": "c0123456789abcdef0123456789abcdef"},
    "service_cidr": "172.16.0.0/16",
    "security_group": "sg-bp1f3h5j7l9n1p3r5t7v",
    "access_key": "LTAInotakeyofanybody",
    "access_secret": "nor-its-secret",
    "vswitch_selection_policy": "ordered",
}
"""The eni_conf of the page, filled in."""
ANSWERS = {
    "<cluster-name>": NAME,
    "<idc-node-cidr>": "192.168.0.0/24",
    "<account-id>": "1234567890123456",
    "<vpc-id>": "vpc-bp1k8m2q9s7x4v6z0n3j5",
    "<vpc-cidr>": "10.0.0.0/8",
    "<node-vswitch>": "vsw-bp1nodea7c3e9g5i1k",
    "<node-vswitch-cidr>": "10.10.24.0/24",
    "<cidr-of-vsw-bp1poda2b4d6f8h0j>": "10.10.25.0/24",
    "<terway-version>": "1.16.8",
    "<ram-user>": "ack-one-user-ce313528c3",
    "<bucket>": "kubelet-idc-hangzhou",
    "<key-pair>": "idc-ops",
    "<why-isolated-pods-stay-in-the-idc>": "nobody isolates pods there",
    "<why-the-vpc-may-read-the-join-token>": "it lives for a day",
    "<registry>": "registry.idc.example.com",
    # What a person decides: another system, since Kubernetes is new; the root of the repository; a look before a sync.
    "os: alinux3": "os: ubuntu-24.04",
    "{type: AliyunLinux3}": "{id: m-bp1a2b3c4d5e6f7g8h9i}",
    "pathPrefix: out": "autoSync: false",
}
"""What a person fills in, and what one changes."""


def _by_hand(cluster: Cluster) -> None:
    """The page's set-up on a kubeadm cluster; its owner moved the AccessKey to the Secret already."""
    set_up_by_hand(cluster)
    keys = ["--from-literal=access-key-id=none", "--from-literal=access-key-secret=none"]
    cluster.run("-n", "kube-system", "create", "secret", "generic", "alibaba-addon-secret", *keys)
    cluster.patch(ENI_CONFIG, {"data": {"eni_conf": json.dumps(PAGE)}})
    page = "https://kubelet-idc-hangzhou.oss-cn-hangzhou-internal.aliyuncs.com/init-node-ecs.sh"
    cluster.patch(AGENT_CONFIG, {"data": {"addNodeScriptPath": page}})
    networking = {"serviceSubnet": "172.16.0.0/16", "podSubnet": "10.100.0.0/16"}
    configuration = {"kind": "ClusterConfiguration", "networking": networking}
    kubeadm: Json = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "data": {"ClusterConfiguration": yaml.dump(configuration)},
    }
    kubeadm["metadata"] = {"name": "kubeadm-config", "namespace": "kube-system"}
    cluster.run("apply", "-f", "-", stdin=json.dumps(kubeadm))


def _draft(cluster: Cluster, folder: Path, *more: str) -> CompletedProcess[str]:
    """What an import of the live cluster writes; it takes no secret, from wherever it lies."""
    done = hybridc("import", "--kubeconfig", str(cluster.kubeconfig), "--script", str(SCRIPT), *more, cwd=folder)
    assert done.returncode == 0, done.stderr
    for secret in ("LTAI", "nor-its-secret", "cqgql5", cluster.token):
        assert secret not in done.stdout + done.stderr
    return done


def _filled_in(draft: str, repository: str) -> str:
    for name, answer in {**ANSWERS, "<git-repository-url>": repository}.items():
        draft = draft.replace(name, answer)
    return draft


def _wanted(tool: Tools, folder: Path, name: str) -> dict[str, str]:
    built = subprocess.run([tool("kustomize"), "build", str(folder / "kustomize")], check=True, capture_output=True)
    items = [item for item in yaml.load_all(built.stdout, yaml.CSafeLoader) if item]
    (found,) = (item for item in items if (item["kind"], item["metadata"]["name"]) == ("ConfigMap", name))
    return dict(found["data"])


def _changed(before: Json, after: Json) -> Json:
    """What becomes another value: ``{key: (was, becomes)}``, None for what is not there."""
    keys = {*before, *after}
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def test_what_argocd_sees_is_what_the_spec_changes(running: Lab, tool: Tools, tmp_path: Path) -> None:
    cluster, argocd = running.cluster, running.argocd
    if argocd.application(NAME):
        argocd.stop(NAME)
        cluster.run("-n", "argocd", "delete", "application", NAME)
    _by_hand(cluster)
    before = {path: cluster.get(path) or {} for path in (CALICO, ENI_CONFIG, AGENT_CONFIG)}

    drafted = _draft(cluster, tmp_path)
    assert "eni_conf holds AccessKeys, which were not read" in drafted.stderr
    spec = _filled_in(drafted.stdout, running.repository.url)
    assert CA_HASH in spec
    out = compile_spec(spec, tmp_path)
    revision = running.repository.publish(out)
    running.register(out / NAME)
    argocd.refresh(NAME)
    app = argocd.wait(NAME, "compared", lambda app: app.get("status", {}).get("sync", {}).get("revision") == revision)
    assert "operationState" not in app["status"], "nothing was synced"

    # Of what was there, two objects are to change; all else that is out of sync is hybridc's own and new.
    different = {each["name"] for each in app["status"]["resources"] if each.get("status") == "OutOfSync"}
    assert {name for name in different if not name.startswith("hybridc")} == {"eni-config", "ack-agent-config"}
    assert not {"calico-node"} & {each["name"] for each in app["status"]["resources"]}

    live, wanted = before[ENI_CONFIG]["data"], _wanted(tool, out / NAME, "eni-config")
    assert _changed(json.loads(live["eni_conf"]), json.loads(wanted["eni_conf"])) == {
        "access_key": (PAGE["access_key"], ""),
        "access_secret": (PAGE["access_secret"], ""),
        "security_group": (PAGE["security_group"], None),
        "security_groups": (None, [PAGE["security_group"]]),
        "ip_stack": (None, "ipv4"),
        "enable_eni_trunking": (None, False),
    }
    assert _changed(json.loads(live["10-terway.conf"]), json.loads(wanted["10-terway.conf"])) == {
        "cniVersion": ("0.3.0", "0.4.0"),
        "capabilities": (None, {"bandwidth": True}),
    }
    assert set(wanted) - set(live) == {"disable_network_policy"}

    argocd.sync(NAME)
    argocd.wait_synced(NAME, revision)
    calico, agent = cluster.get(CALICO) or {}, (cluster.get(AGENT_CONFIG) or {})["data"]
    assert calico["metadata"]["generation"] == before[CALICO]["metadata"]["generation"], "calico-node does not roll"
    assert terms(calico) == EXCLUDED
    assert agent == FOREIGN | {"addNodeScriptPath": agent["addNodeScriptPath"]}
    assert (cluster.get(ENI_CONFIG) or {})["data"]["note"] == "kept by another team"

    # What is there now is what the spec says: an import of it changes nothing.
    path = tmp_path / "hybrid.yaml"
    path.write_text(spec, encoding="utf-8")
    assert _draft(cluster, tmp_path, "--update", str(path)).stdout == spec
