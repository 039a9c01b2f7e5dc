"""Specs for the tests of the node script: a small one, and how to change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hybridc.spec import model

HASH = "sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"
SHA256 = "0f" * 32

TOKENS = {
    "oss": model.Token("oss", None, None, None, None, "24h", "ci"),
    "url": model.Token("url", "https://files.example.com/t?Signature=a%2Fb&Expires=1", None, None, None, "24h", "ci"),
    "file": model.Token("file", None, "/etc/hybridc/bootstrap-token", None, None, "24h", "ci"),
    "env": model.Token("env", None, None, "HYBRIDC_BOOTSTRAP_TOKEN", None, "24h", "ci"),
    "ramRole": model.Token("ramRole", None, None, None, "node-role", "24h", "ci"),
}
SERVERS = {"k3s": "https://k3s.idc.example.com:6443", "rke2": "https://rke2.idc.example.com:9345"}
TARBALLS = ("containerd", "runc", "cni-plugins", "crictl", "kubelet", "kubeadm", "pause")


def node_init(**changes: Any) -> model.NodeInit:
    """A small nodeInit; ``changes`` are fields of it."""
    base = model.NodeInit(
        mode="script",
        os="auto",
        packages=model.Packages("repo", "vpc", (), (), ("nfs-client",)),
        containerd=model.Containerd("2.3", "registry-cn-hangzhou-vpc.ack.aliyuncs.com/acs/pause:3.9"),
        proxy=None,
        registry_mirrors={},
        hosts={},
        join=model.Join("kubeadm", None, None, TOKENS["oss"], (), False),
        kubelet_extra_args={},
        labels=model.NodeLabels(True, "drop", {}),
        allow_cgroup_v1=False,
        hooks=model.Hooks(None, None),
        budget_seconds=1500,
        oss=model.Oss("kubelet-idc", "bootstrap", "oss-cn-hangzhou-internal.aliyuncs.com"),
        url=None,
    )
    return replace(base, **changes)


def spec(minor: int = 34, **changes: Any) -> model.Spec:
    """A cluster of a Kubernetes minor; ``changes`` are fields of its nodeInit."""
    vswitch = model.VSwitch("vsw-a", "cn-hangzhou-j", "10.10.24.0/24", None)
    return model.Spec(
        name="idc",
        cluster=model.Cluster(
            kubernetes_version=f"1.{minor}.2",
            api_server="10.200.1.253:6443",
            ca_cert_hashes=(HASH,),
            service_cidrs=("172.16.0.0/16",),
            node_cidrs=("192.168.0.0/24",),
            pod_cidrs=("10.100.0.0/16",),
            cni=model.Cni("calico", "bgp", "manifest", None, None, None, None, "hook", None, (), "calicoctl"),
        ),
        alibaba_cloud=model.AlibabaCloud(
            region="cn-hangzhou",
            account_id="1234567890123456",
            registered_cluster_id="c0123456789abcdef0123456789abcdef",
            resource_group_id=None,
            vpc=model.Vpc("vpc-a", ("10.0.0.0/8",), (vswitch,), (vswitch,), ("sg-a",)),
            instance_types={"ecs.g9ex.2xlarge": model.InstanceType(4, 15, None, "amd64")},
        ),
        addons=(),
        terway=model.Terway(
            "1.8.18",
            "addon",
            None,
            model.PoolSize(0, 5),
            "ipv4",
            "ordered",
            "veth",
            ("sg-a",),
            {},
            "addonSecret",
            {},
            {},
            {},
        ),
        ram=model.Ram("user", None, "documented", "account", "hybridc"),
        node_init=node_init(**changes),
        node_pools=(_pool("ecs.g6.large", "ecs.g6.xlarge", "ecs.unknown.large"),),
        gitops=model.GitOps(
            "argocd",
            "kustomize",
            "https://git.example.com/a.git",
            "main",
            None,
            "hybrid",
            model.Destination("https://kubernetes.default.svc", None),
            "argocd",
            True,
            "kubectl:1",
            (),
            (),
        ),
        ignores=(),
    )


def join(method: str = "kubeadm", token: str = "oss", token_path: str | None = None, **changes: Any) -> model.Join:
    """A way to join with a token from somewhere."""
    command = "echo joining $HYBRIDC_NODE_NAME" if method == "custom" else None
    source = TOKENS[token] if token_path is None else replace(TOKENS[token], path=token_path)
    return replace(model.Join(method, SERVERS.get(method), command, source, (), False), **changes)


def packages(source: str = "repo", method: str = "kubeadm", **changes: Any) -> model.Packages:
    """Packages from ``repo`` on a mirror, ``tarball`` for both architectures, or ``preinstalled``."""
    names = (method,) if method in SERVERS else TARBALLS
    tarballs = tuple(
        model.Tarball(name, f"https://files.example.com/{arch}/{name}", SHA256, arch)
        for name in names
        for arch in ("amd64", "arm64")
    )
    base = model.Packages(source, "vpc", (), tarballs if source == "tarball" else (), ("nfs-client",))
    return replace(base, **changes)


def _pool(*instance_types: str) -> model.NodePool:
    return model.NodePool(
        "cpu",
        ("vsw-a",),
        ("sg-a",),
        instance_types,
        model.Image("AliyunLinux3", None),
        "key",
        False,
        model.Size(0, 0, None),
        model.Disk("cloud_essd", 120),
        (),
        None,
        {},
        (),
        {},
        None,
    )
