"""The words that a field of hybrid.yaml takes, as types: a comparison with any other word does not type-check.

``tests/spec/test_choices.py`` holds each against the enum of the schema.
"""

from __future__ import annotations

from typing import Literal

Scenario = Literal["bgp", "overlay", "host"]
"""``cni.routing``, how IDC and cloud reach each other: routes over BGP, one overlay over both, or routes of hosts."""

CniType = Literal["calico", "canal", "flannel", "cilium", "none"]
CniInstall = Literal["manifest", "operator", "helm"]
Delivery = Literal["hook", "ssa", "component", "values", "manual"]
IPPoolDelivery = Literal["calicoctl", "api", "none"]
WorkloadKind = Literal["DaemonSet", "Deployment", "StatefulSet"]

Architecture = Literal["amd64", "arm64"]

TerwayInstall = Literal["addon", "chart"]
IPStack = Literal["ipv4", "dual"]
VSwitchSelection = Literal["ordered", "random"]
Datapath = Literal["veth", "datapathv2"]
Credentials = Literal["addonSecret", "instanceRole"]

RamProfile = Literal["documented", "minimal"]
RamScope = Literal["account", "resources"]

NodeInitMode = Literal["script", "managed"]
OperatingSystem = Literal[
    "auto",
    "alinux3",
    "alinux4",
    "anolis-8",
    "anolis-23",
    "rhel-8",
    "rhel-9",
    "ubuntu-22.04",
    "ubuntu-24.04",
    "debian-12",
]
PackageSource = Literal["repo", "tarball", "preinstalled"]
Mirror = Literal["vpc", "aliyun", "upstream"]
RepositoryName = Literal["kubernetes", "containerd"]
PackageFamily = Literal["rpm", "deb"]
JoinMethod = Literal["kubeadm", "k3s", "rke2", "custom"]
TokenSource = Literal["oss", "url", "file", "env", "ramRole"]
TokenRefresh = Literal["ci", "cronJob", "external"]
RestrictedLabels = Literal["drop", "fail"]

DiskCategory = Literal["cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"]
SpotStrategy = Literal["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"]

Engine = Literal["argocd", "flux"]
Format = Literal["kustomize", "helm"]
