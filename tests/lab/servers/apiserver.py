"""kube-apiserver with RBAC and real ServiceAccount tokens."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.servers.cluster import Cluster
from tests.lab.servers.ports import free_ports, listening
from tests.lab.servers.process import Tools, process

AUDIT = "audit.log"
"""Who asked for what, a line of JSON a request, beside the kubeconfig."""

_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


@contextmanager
def apiserver(tools: Tools, folder: Path, etcd_url: str) -> Iterator[Cluster]:
    """Run kube-apiserver with its keys below ``folder``; gives the cluster as its administrator sees it."""
    (port,) = free_ports(1)
    token = secrets.token_hex(16)
    tokens = _private(folder / "tokens.csv", f"{token},admin,admin,system:masters\n")
    key = folder / "service-account.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    certificates = folder / "certificates"
    policy = folder / "audit-policy.json"
    policy.write_text(json.dumps(_POLICY))
    command = [
        tools("kube-apiserver"),
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        # An address for documentation: nobody may connect to it, and loopback is not allowed here.
        "--advertise-address=192.0.2.1",
        f"--cert-dir={certificates}",
        "--service-account-issuer=https://lab",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        f"--token-auth-file={tokens}",
        "--enable-bootstrap-token-auth=true",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        "--service-cluster-ip-range=172.16.0.0/16",
        f"--audit-policy-file={policy}",
        f"--audit-log-path={folder / AUDIT}",
        # Nobody makes the default ServiceAccounts that it insists on.
        "--disable-admission-plugins=ServiceAccount",
    ]
    ca = certificates / "apiserver.crt"
    with process("kube-apiserver", command, folder) as running:
        running.wait(lambda: ca.exists() and listening(port))
        bare = Cluster("127.0.0.1", port, ca, token, tools("kubectl"), folder / "kubeconfig")
        cluster = bare.with_token(token, bare.kubeconfig)
        running.wait(lambda: _ready(cluster))
        yield cluster


def _ready(cluster: Cluster) -> bool:
    ready = cluster.run("get", "--raw=/readyz", check=False).returncode == 0
    return ready and cluster.get("/api/v1/namespaces/kube-system") is not None


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
