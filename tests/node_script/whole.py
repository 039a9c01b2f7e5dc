"""The seven scripts whose text is kept whole: together they have every part of every template."""

from __future__ import annotations

from tests.node_script import specs

from hybridc.spec import model

PROXY = {"http": "http://p.example.com:3128", "noProxy": ["10.0.0.0/8"]}
HOOKS = {"pre": "echo before", "preJoin": "echo prepared", "post": "echo after"}
RUNTIMES = [{"name": "nvidia", "binary": "/usr/bin/nvidia-container-runtime", "default": True}]
CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
DISKS = [
    {"category": "cloud_essd", "sizeGiB": 200, "mount": "/var/lib/containerd"},
    {"category": "cloud_essd", "sizeGiB": 100, "mount": "/data"},
]
MIRRORS = {"docker.io": [{"url": "https://m.example.com/v2/x", "overridePath": True}]}
LABELS = {"topology": False, "restricted": "fail", "extra": {"team": "a"}}


def scripts() -> dict[str, model.Spec]:
    """Specs by the name of their golden."""
    return {
        "kubeadm-auto-repo": specs.spec(
            24,
            join=specs.join(token="ramRole"),
            proxy=PROXY,
            hosts={"lb.local": "10.0.0.1"},
            hooks=HOOKS,
            registryMirrors=MIRRORS,
        ),
        "kubeadm-ubuntu-24.04-preinstalled": specs.dual(
            specs.spec(
                37,
                os="ubuntu-24.04",
                packages=specs.packages("preinstalled"),
                join=specs.join(token="file"),
                labels=LABELS,
            )
        ),
        "kubeadm-auto-tarball": specs.with_disks(
            specs.spec(
                30,
                packages=specs.packages("tarball"),
                join=specs.join(token="url"),
                containerd={"runtimes": RUNTIMES},
                trustedCAs=[CA],
            ),
            DISKS,
        ),
        "k3s-auto-repo": specs.spec(34, join=specs.join("k3s", "oss"), proxy=PROXY, registryMirrors=MIRRORS),
        "k3s-debian-12-tarball": specs.spec(
            30,
            os="debian-12",
            packages=specs.packages("tarball", "k3s"),
            join=specs.join("k3s", "url"),
            proxy=PROXY,
            kubeletExtraArgs={"v": "4"},
        ),
        "custom-rhel-8-tarball": specs.spec(
            37,
            os="rhel-8",
            packages=specs.packages("tarball"),
            join=specs.join("custom", "env"),
            proxy=PROXY,
            allowCgroupV1=True,
        ),
        "rke2-alinux4-repo": specs.spec(36, os="alinux4", join=specs.join("rke2", "url")),
    }
