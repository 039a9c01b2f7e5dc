"""Specs for the tests of the node script: a small one, and merge patches of its ``nodeInit``.

They are read, validated and resolved as a user's file is, so every default is the compiler's own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from tests.records import replace

from hybridc.layout import yaml_text
from hybridc.schema.validate import validate
from hybridc.source.reader import read
from hybridc.spec import model, node_model
from hybridc.spec.items import Items
from hybridc.spec.resolve import resolve

Patch = dict[str, Any]
"""Fields as hybrid.yaml has them; merged as RFC 7386 says."""

HASH = "sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"
BASE = f"""
apiVersion: hybridc.dev/v1alpha1
kind: HybridCluster
metadata: {{name: idc}}
spec:
  cluster:
    kubernetesVersion: 1.34.2
    apiServer: 10.200.1.253:6443
    caCertHashes: ["{HASH}"]
    serviceCIDRs: [172.16.0.0/16]
    nodeCIDRs: [192.168.0.0/24]
    podCIDRs: [10.100.0.0/16]
    cni: {{type: calico, routing: bgp}}
  alibabaCloud:
    region: cn-hangzhou
    accountID: "1234567890123456"
    registeredClusterID: c0123456789abcdef0123456789abcdef
    vpc:
      id: vpc-bp1a
      cidrs: [10.10.0.0/16]
      nodeVSwitches: [{{id: vsw-bp1a, zone: cn-hangzhou-j, cidr: 10.10.24.0/24}}]
      podVSwitches: [{{id: vsw-bp1b, zone: cn-hangzhou-j, cidr: 10.10.25.0/24}}]
      securityGroups: [sg-bp1a]
    instanceTypes:
      ecs.g9ex.2xlarge: {{enis: 4, ipsPerENI: 15}}
  terway: {{version: 1.8.18}}
  ram: {{user: hybridc}}
  nodeInit:
    oss: {{bucket: kubelet-idc, prefix: bootstrap}}
  nodePools:
    - name: cpu
      vSwitches: [vsw-bp1a]
      instanceTypes: [ecs.g6.large, ecs.g6.xlarge, ecs.unknown.large]
      keyPair: key
  gitops:
    repoURL: https://git.example.com/a.git
"""
SHA256 = "0f" * 32
TOKENS: dict[str, Patch] = {
    "oss": {},
    "url": {"url": "https://files.example.com/t?Signature=a%2Fb&Expires=1"},
    "file": {},
    "env": {},
    "ramRole": {"role": "node-role"},
}
SERVERS = {"k3s": "https://k3s.idc.example.com:6443", "rke2": "https://rke2.idc.example.com:9345"}
TARBALLS = ("containerd", "runc", "cni-plugins", "crictl", "kubelet", "kubeadm", "pause")


def spec(minor: int = 34, **node_init: Any) -> model.Spec:
    """A cluster of a Kubernetes minor; ``node_init`` is a patch of its nodeInit, by the names of hybrid.yaml."""
    patch = {"spec": {"cluster": {"kubernetesVersion": f"1.{minor}.2"}, "nodeInit": node_init}}
    return _resolved(yaml_text.dump(merged(yaml.safe_load(BASE), patch)))


def dual(spec: model.Spec) -> model.Spec:
    """The same with IPv6 for its pods and Services."""
    assert spec.terway
    cluster = replace(spec.cluster, service_cidrs=Items(("172.16.0.0/16", "fd00::/112")))
    return replace(spec, cluster=cluster, terway=replace(spec.terway, ip_stack="dual"))


def with_disks(spec: model.Spec, disks: list[Patch]) -> model.Spec:
    """The same with data disks in its pool."""
    made = Items(model.DataDisk(disk["category"], disk["sizeGiB"], disk.get("mount")) for disk in disks)
    return replace(spec, node_pools=Items((replace(spec.node_pools[0], data_disks=made),)))


def beyond(spec: model.Spec, **fields: Any) -> model.Spec:
    """With fields of its nodeInit that no hybrid.yaml can bring here: the script does not rely on the schema."""
    return replace(spec, node_init=replace(spec.node_init, **fields))


def join(method: str = "kubeadm", token: str = "oss", **changes: Any) -> Patch:
    """``nodeInit.join``: a way to join with a token from somewhere."""
    made: Patch = {"method": method, "token": {"from": token, **TOKENS[token]}}
    if method in SERVERS:
        made["server"] = SERVERS[method]
    if method == "custom":
        made["command"] = "echo joining $HYBRIDC_NODE_NAME"
    return made | changes


def token(source: str) -> node_model.Token:
    """A token from somewhere, resolved."""
    return spec(join=join(token=source)).node_init.join.token


def packages(source: str = "repo", method: str = "kubeadm", **changes: Any) -> Patch:
    """``nodeInit.packages``: a ``repo`` on a mirror, ``tarball`` for both architectures, or ``preinstalled``."""
    made: Patch = {"source": source}
    if source == "tarball":
        names = (method,) if method in SERVERS else TARBALLS
        made["tarballs"] = [
            {"name": name, "url": f"https://files.example.com/{arch}/{name}", "sha256": SHA256, "arch": arch}
            for name in names
            for arch in ("amd64", "arm64")
        ]
    return made | changes


@cache
def _resolved(text: str) -> model.Spec:
    document, problems = read("hybrid.yaml", text.encode())
    assert problems == []
    assert validate(document) == []
    return resolve(document)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386: maps are merged, null removes, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found
