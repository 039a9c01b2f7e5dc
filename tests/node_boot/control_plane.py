"""A control plane as kubeadm makes it: its certificates, its objects, and the two servers that a join needs."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.servers.process import Tools, process
from tests.node_boot.world import API_ADDRESS, World

VERSION = "1.37.2"
TOKEN = "abcdef.0123456789abcdef"
ETCD = "http://127.0.0.1:2379"
# Without certificatesDir, or the kubelets of nodes look for the CA where it lies here.
_CLUSTER = f"""
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{{token: {TOKEN}, ttl: 24h0m0s}}]
localAPIEndpoint: {{advertiseAddress: {API_ADDRESS}, bindPort: 6443}}
nodeRegistration: {{name: control-plane, criSocket: "unix:///run/containerd/containerd.sock"}}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
# For hosts with cgroup v1: it is all that a container may do there.
failCgroupV1: false
cgroupsPerQOS: false
enforceNodeAllocatable: ["none"]
# Of a control plane from before, on another system: the node script has to adapt to both.
cgroupDriver: cgroupfs
resolvConf: /run/systemd/resolve/resolv.conf
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v{VERSION}
controlPlaneEndpoint: {API_ADDRESS}:6443
networking: {{serviceSubnet: 172.16.0.0/16}}
etcd: {{external: {{endpoints: ["{ETCD}"]}}}}
"""
_CONTROLLERS = (
    "bootstrap-signer-controller",
    "certificatesigningrequest-approving-controller",
    "certificatesigningrequest-signing-controller",
    "token-cleaner-controller",
)


@dataclass(frozen=True)
class ControlPlane:
    """The cluster as its administrator sees it, from inside the world."""

    world: World
    kubectl_program: str
    kubeconfig: Path
    ca_hash: str

    def kubectl(self, *words: str) -> str:
        return self.world.net.run(self.kubectl_program, f"--kubeconfig={self.kubeconfig}", *words)

    def node(self, name: str) -> dict[str, Any] | None:
        """The Node; None when there is none."""
        found = self.kubectl("get", "node", name, "--ignore-not-found", "-o", "json")
        node: dict[str, Any] | None = json.loads(found) if found else None
        return node

    def create(self, item: dict[str, Any]) -> None:
        path = self.world.folder / "item.json"
        path.write_text(json.dumps(item))
        self.kubectl("create", "-f", str(path))


@contextmanager
def control_plane(tools: Tools, world: World) -> Iterator[ControlPlane]:
    """Run it until the block ends."""
    folder, keys = world.folder, world.folder / "pki"
    plain, local = folder / "cluster.yaml", folder / "local.yaml"
    plain.write_text(_CLUSTER)
    local.write_text(f"{_CLUSTER}certificatesDir: {keys}\n")

    def kubeadm(*words: str, config: Path) -> None:
        world.net.run(tools("kubeadm-1.37"), "init", "phase", *words, "--config", str(config))

    kubeadm("certs", "all", config=local)
    kubeadm("kubeconfig", "all", "--kubeconfig-dir", str(folder), config=local)
    admin = folder / "super-admin.conf"
    plane = ControlPlane(world, tools("kubectl"), admin, _ca_hash(keys / "ca.crt"))
    with ExitStack() as stack:
        for name, command in (
            ("etcd", _etcd(tools, folder)),
            ("kube-apiserver", _apiserver(tools, keys)),
            ("kube-controller-manager", _controller_manager(tools, folder, keys)),
        ):
            running = stack.enter_context(process(name, world.net.command(*command), folder))
            if name == "kube-apiserver":
                running.wait(lambda: _ready(plane))
        kubeadm("upload-config", "all", "--kubeconfig", str(admin), config=plain)
        kubeadm("bootstrap-token", "--skip-token-print", "--kubeconfig", str(admin), config=plain)
        running.wait(lambda: "jws-kubeconfig" in plane.kubectl("-n", "kube-public", "get", "cm", "-o", "json"))
        yield plane


def _etcd(tools: Tools, folder: Path) -> list[str]:
    peer = "http://127.0.0.1:2380"
    return [
        tools("etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
    ]


def _apiserver(tools: Tools, keys: Path) -> list[str]:
    return [
        tools("kube-apiserver"),
        f"--etcd-servers={ETCD}",
        f"--bind-address={API_ADDRESS}",
        f"--advertise-address={API_ADDRESS}",
        "--secure-port=6443",
        f"--client-ca-file={keys}/ca.crt",
        f"--tls-cert-file={keys}/apiserver.crt",
        f"--tls-private-key-file={keys}/apiserver.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={keys}/sa.pub",
        f"--service-account-signing-key-file={keys}/sa.key",
        "--service-cluster-ip-range=172.16.0.0/16",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--enable-bootstrap-token-auth=true",
    ]


def _controller_manager(tools: Tools, folder: Path, keys: Path) -> list[str]:
    return [
        tools("kube-controller-manager"),
        f"--kubeconfig={folder}/controller-manager.conf",
        "--leader-elect=false",
        "--secure-port=0",
        f"--controllers={','.join(_CONTROLLERS)}",
        f"--cluster-signing-cert-file={keys}/ca.crt",
        f"--cluster-signing-key-file={keys}/ca.key",
        f"--root-ca-file={keys}/ca.crt",
        f"--service-account-private-key-file={keys}/sa.key",
        # Without it cluster-info is never signed, and nothing says so.
        "--use-service-account-credentials=true",
    ]


def _ready(plane: ControlPlane) -> bool:
    try:
        plane.kubectl("get", "--raw=/readyz")
        plane.kubectl("get", "namespace", "kube-system")
    except RuntimeError:
        return False
    return True


def _ca_hash(certificate: Path) -> str:
    """As ``caCertHashes`` has it: of the public key, not of the certificate."""
    public = subprocess.run(
        ["openssl", "x509", "-pubkey", "-noout", "-in", str(certificate)], check=True, capture_output=True
    )
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], input=public.stdout, check=True, capture_output=True
    )
    return f"sha256:{hashlib.sha256(der.stdout).hexdigest()}"
