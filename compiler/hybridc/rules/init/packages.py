"""INIT: whether the packages of a spec are complete, and none stands twice."""

from __future__ import annotations

from hybridc.catalog import joins, kubernetes
from hybridc.rules.node.quota import arch
from hybridc.rules.partial import whole_pools
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec


@rule("INIT045")
def package_given_twice(spec: Spec) -> Findings:
    """Two repositories of one name and family, or two tarballs of one name and architecture.

    The first repository would be used and the second never; of two tarballs the second is unpacked over the first.

    Fails::
        nodeInit:
          packages:
            source: tarball
            tarballs:
              - {name: runc, arch: amd64, url: "https://repo.idc.example.com/runc-1.2", sha256: 7c2e6913…}
              - {name: runc, arch: amd64, url: "https://repo.idc.example.com/runc-1.3", sha256: 0a042a33…}
    Passes::
        nodeInit:
          packages:
            source: tarball
            tarballs:
              - {name: kubelet, arch: amd64, url: "https://repo.idc.example.com/kubelet", sha256: 7c2e6913…}
              - {name: kubeadm, arch: amd64, url: "https://repo.idc.example.com/kubeadm", sha256: 0a042a33…}
              - {name: containerd, arch: amd64, url: "https://repo.idc.example.com/containerd", sha256: 9b33381c…}
              - {name: runc, arch: amd64, url: "https://repo.idc.example.com/runc", sha256: 6d0d4388…}
              - {name: cni-plugins, arch: amd64, url: "https://repo.idc.example.com/cni", sha256: 7e2de837…}

    Source: hybridc.
    """
    packages = spec.node_init.packages
    entries: list[tuple[str, str, str]] = [("repository", entry.name, entry.family) for entry in packages.repositories]
    entries += [("tarball", entry.name, entry.arch) for entry in packages.tarballs]
    seen: set[tuple[str, str, str]] = set()
    for what, name, of in entries:
        if is_hole(name) or is_hole(of):
            continue
        if (what, name, of) in seen:
            yield finding(name, f"there is a {what} {name} for {of} already", "remove one")
        seen.add((what, name, of))


@rule("INIT046")
def tarball_is_missing(spec: Spec) -> Findings:
    """Nodes install from tarballs, and one that they need is not listed.

    kubeadm needs kubelet, kubeadm, containerd, runc and cni-plugins, each for every architecture of the pools, and
    before 1.32 crictl, which its preflight asks for; a command of your own needs all but kubeadm and crictl, k3s and
    RKE2 one file of that name and, with Terway, cni-plugins. The node fails after it has
    unpacked the others. Names are how the script knows what to do with a file.

    Fails::
        nodeInit:
          packages:
            source: tarball
            tarballs:
              - {name: kubelet, arch: amd64, url: "https://repo.idc.example.com/kubelet", sha256: 7c2e6913…}
              - {name: kubeadm, arch: amd64, url: "https://repo.idc.example.com/kubeadm", sha256: 0a042a33…}
              - {name: containerd, arch: amd64, url: "https://repo.idc.example.com/containerd", sha256: 9b33381c…}
    Passes::
        nodeInit:
          packages:
            source: tarball
            tarballs:
              - {name: kubelet, arch: amd64, url: "https://repo.idc.example.com/kubelet", sha256: 7c2e6913…}
              - {name: kubeadm, arch: amd64, url: "https://repo.idc.example.com/kubeadm", sha256: 0a042a33…}
              - {name: containerd, arch: amd64, url: "https://repo.idc.example.com/containerd", sha256: 9b33381c…}
              - {name: runc, arch: amd64, url: "https://repo.idc.example.com/runc", sha256: 6d0d4388…}
              - {name: cni-plugins, arch: amd64, url: "https://repo.idc.example.com/cni", sha256: 7e2de837…}

    Source: the node script.
    """
    init = spec.node_init
    if init.mode != "script" or init.packages.source != "tarball" or not init.packages.tarballs.whole:
        return
    given = {(tar.name, tar.arch) for tar in init.packages.tarballs}
    machines = [arch(spec, name) for pool in spec.node_pools for name in pool.instance_types]
    used = {machine for machine in machines if machine is not None}
    if not used and whole_pools(spec):
        used = {machine for _, machine in given}
    for machine in sorted(used):
        missing = [name for name in _needed(spec) if (name, machine) not in given]
        if missing:
            message = f"nodes of {machine} need tarballs that are not listed: {', '.join(missing)}"
            advice = "add {name, url, sha256, arch} for each, or install them in another way: packages.source"
            yield finding(init.packages.source, message, advice)


def _needed(spec: Spec) -> list[str]:
    way = joins.join(spec.node_init.join.method)
    names = [*way.tarballs, *(way.beside_terway if spec.terway is not None else ())]
    if way.method == "kubeadm" and kubernetes.release(spec.cluster.minor).conntrack:
        names.append("crictl")
    return names
