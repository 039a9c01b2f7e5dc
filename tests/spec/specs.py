"""A small valid spec, and how to change it."""

from __future__ import annotations

from hybridc.schema.validate import validate
from hybridc.source.document import Document
from hybridc.source.reader import read
from hybridc.spec.model import Spec
from hybridc.spec.resolve import resolve

TEMPLATE = """\
apiVersion: hybridc.dev/v1alpha1
kind: HybridCluster
metadata: {{name: idc}}
spec:
  cluster:
    kubernetesVersion: {kubernetes}
    apiServer: 10.200.1.253:6443
    caCertHashes: ["sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"]
    serviceCIDRs: [172.16.0.0/16]
    nodeCIDRs: [192.168.0.0/24]
    podCIDRs: {pods}
    cni:
{cni}
  alibabaCloud:
    region: cn-hangzhou
    accountID: "1234567890123456"
    registeredClusterID: c0123456789abcdef0123456789abcdef
    vpc:
      id: vpc-bp1k8m2q9s7x4v6z0n3j5
      cidrs: [10.10.0.0/16]
      nodeVSwitches: [{{id: vsw-bp1nodea7c3e9g5i1k, zone: cn-hangzhou-j, cidr: 10.10.24.0/24}}]
      podVSwitches: [{{id: vsw-bp1poda2b4d6f8h0j, zone: cn-hangzhou-j, cidr: 10.10.64.0/19}}]
      securityGroups: [sg-bp1f3h5j7l9n1p3r5t7v]
  terway:
    version: 1.8.18
{terway}
  ram: {{user: ack-one}}
  nodeInit:
    oss: {{bucket: kubelet-idc}}
{init}
  nodePools:
    - name: cpu
      vSwitches: [vsw-bp1nodea7c3e9g5i1k]
      instanceTypes: [ecs.g6.xlarge]
      keyPair: idc-ops
{pool}
  gitops:
    repoURL: https://git.example.com/platform/hybrid-out.git
{gitops}
"""
NOTHING = {"terway": "", "init": "", "pool": "", "gitops": ""}
USUAL = {"kubernetes": "1.24.3", "pods": "[10.100.0.0/16]", "cni": "      {type: calico, routing: bgp}"}


def document(**changes: str) -> Document:
    """The spec as a document; ``changes`` are lines for the places in the template."""
    found, problems = read("hybrid.yaml", TEMPLATE.format(**{**NOTHING, **USUAL, **changes}).encode())
    assert problems == []
    return found


def resolved(**changes: str) -> Spec:
    """The spec that it resolves to; it fits the schema."""
    there = document(**changes)
    assert validate(there) == []
    return resolve(there)
