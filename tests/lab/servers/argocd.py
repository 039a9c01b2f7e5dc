"""Argo CD: its repo-server, application-controller and applicationset-controller, outside of the cluster they serve."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.ports import free_ports, listening
from tests.lab.servers.process import LabError, Process, Tools, process, wait_for
from tests.lab.servers.redis import redis

NAMESPACE = "argocd"
APPLICATIONS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
_PART_OF = {"app.kubernetes.io/part-of": "argocd"}
_CONFIG_MAPS = {
    "argocd-cm": _PART_OF,
    "argocd-rbac-cm": _PART_OF,
    "argocd-cmd-params-cm": _PART_OF,
    "argocd-ssh-known-hosts-cm": {},
    "argocd-tls-certs-cm": {},
    "argocd-gpg-keys-cm": {},
}


@dataclass(frozen=True)
class ArgoCD:
    """A running Argo CD."""

    cluster: Cluster

    def application(self, name: str) -> Json | None:
        """The Application; None when there is none."""
        return self.cluster.get(f"{APPLICATIONS}/{name}")

    def refresh(self, name: str, how: str = "normal") -> None:
        """Make it look at Git and at the cluster now."""
        self.cluster.patch(f"{APPLICATIONS}/{name}", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": how}}})

    def sync(self, name: str) -> None:
        """Ask for a sync.

        The last result goes with the request: a hook whose last result is still there can be skipped.
        """
        operation = {"initiatedBy": {"username": "lab"}, "sync": {}}
        self.cluster.patch(f"{APPLICATIONS}/{name}", {"operation": operation, "status": {"operationState": None}})

    def stop(self, name: str) -> None:
        """End the operation that is under way, retries included."""

        def phase() -> str:
            state: str = (self.application(name) or {}).get("status", {}).get("operationState", {}).get("phase", "")
            return state

        if phase() == "Running":
            self.cluster.patch(f"{APPLICATIONS}/{name}", {"status": {"operationState": {"phase": "Terminating"}}})
        wait_for(f"the end of the operation on {name}", lambda: phase() not in ("Running", "Terminating"))

    def wait_idle(self, name: str, revision: str) -> None:
        """Return once it was compared with ``revision`` and nothing is under way."""

        def idle(application: Json) -> bool:
            status = application.get("status", {})
            phase = status.get("operationState", {}).get("phase")
            compared = status.get("sync", {}).get("revision") == revision
            return compared and "operation" not in application and phase not in ("Running", "Terminating")

        self.wait(name, f"compared with {revision[:7]}", idle)

    def wait(self, name: str, what: str, ready: Callable[[Json], bool], seconds: float = 90) -> Json:
        """The Application once ``ready`` says so; LabError with its status when it takes longer."""
        try:
            wait_for(f"Application {name} {what}", lambda: ready(self.application(name) or {}), seconds, pause=0.25)
        except LabError as error:
            status = json.dumps((self.application(name) or {}).get("status"), indent=2)
            raise LabError(f"{error}\n{status}") from None
        return self.application(name) or {}

    def wait_synced(self, name: str, revision: str, seconds: float = 90) -> Json:
        """The Application once it is Synced at ``revision`` and nothing is left to do."""
        return self.wait(name, f"Synced at {revision[:7]}", lambda app: is_synced(app, revision), seconds)


def is_synced(application: Json, revision: str) -> bool:
    """Synced at ``revision``, the last operation succeeded and none is under way."""
    status = application.get("status", {})
    sync = status.get("sync", {})
    phase = status.get("operationState", {}).get("phase")
    found = (sync.get("status"), sync.get("revision"), phase)
    return found == ("Synced", revision, "Succeeded") and "operation" not in application


def said(application: Json) -> str:
    """All that the last operation tells: its own message, and that of every resource."""
    operation = application.get("status", {}).get("operationState", {})
    results = operation.get("syncResult", {}).get("resources", [])
    return "\n".join([operation.get("message", ""), *(result.get("message", "") for result in results)])


def install_crds(cluster: Cluster, crds: Path) -> None:
    """Install Argo CD's custom resource definitions and wait until they are served."""
    cluster.run("apply", "--server-side", "-k", str(crds.resolve()))
    wait_for(
        "Argo CD's custom resources", lambda: _served(cluster) >= {"applications", "applicationsets", "appprojects"}
    )


def _served(cluster: Cluster) -> set[str]:
    group = cluster.get("/apis/argoproj.io/v1alpha1") or {}
    return {resource["name"] for resource in group.get("resources", [])}


@contextmanager
def argocd(tools: Tools, folder: Path, cluster: Cluster, repository: str) -> Iterator[ArgoCD]:
    """Run Argo CD for ``cluster``, with the Git ``repository`` known to it; the CRDs are there already."""
    cluster.run("apply", "-f", "-", stdin=json.dumps(_settings(repository)))
    with ExitStack() as running:
        store = running.enter_context(redis(tools, folder))
        port, metrics = free_ports(2)
        server = running.enter_context(_repo_server(tools, folder, store, port, metrics))
        controller_metrics, sets_metrics, sets_probe, sets_webhook = free_ports(4)
        # What serves "the cluster that Argo CD runs in" reads the variable, not the flag.
        environment = {"KUBECONFIG": str(cluster.kubeconfig)}
        words = ["--namespace", NAMESPACE, "--redis", store]
        words += ["--repo-server", f"127.0.0.1:{port}", "--repo-server-plaintext"]
        words += ["--metrics-port", str(controller_metrics), "--app-resync", "10", "--app-resync-jitter", "0"]
        controller = running.enter_context(_argocd(tools, "application-controller", words, folder, environment))
        words = ["--namespace", NAMESPACE, "--argocd-repo-server", f"127.0.0.1:{port}", "--repo-server-plaintext"]
        words += ["--metrics-addr", f"127.0.0.1:{sets_metrics}", "--probe-addr", f"127.0.0.1:{sets_probe}"]
        words += ["--webhook-addr", f"127.0.0.1:{sets_webhook}"]
        sets = running.enter_context(_argocd(tools, "applicationset-controller", words, folder, environment))
        server.wait(lambda: listening(port))
        controller.wait(lambda: listening(controller_metrics))
        sets.wait(lambda: listening(sets_probe))
        yield ArgoCD(cluster)


@contextmanager
def _repo_server(tools: Tools, folder: Path, store: str, port: int, metrics: int) -> Iterator[Process]:
    """The server that reads Git and renders; it finds helm and kustomize on PATH."""
    for name in ("bin", "tls", "ssh", "tmp"):
        (folder / "repo-server" / name).mkdir(parents=True)
    programs = folder / "repo-server" / "bin"
    (programs / "helm").symlink_to(Path(tools("helm3")).resolve())
    (programs / "kustomize").symlink_to(Path(tools("kustomize")).resolve())
    environment = {
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": str(folder / "repo-server" / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "repo-server" / "ssh"),
        "TMPDIR": str(folder / "repo-server" / "tmp"),
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
    }
    words = ["--port", str(port), "--address", "127.0.0.1", "--disable-tls", "--redis", store]
    words += ["--metrics-port", str(metrics), "--metrics-address", "127.0.0.1", "--revision-cache-expiration", "1s"]
    with _argocd(tools, "repo-server", words, folder, environment) as running:
        yield running


@contextmanager
def _argocd(
    tools: Tools, name: str, words: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """One of Argo CD's servers: all are one program, which looks at its name."""
    fixed = {"ARGOCD_BINARY_NAME": f"argocd-{name}", "ARGOCD_FAKE_IN_CLUSTER": "true", "ARGOCD_SYNC_WAVE_DELAY": "0"}
    with process(f"argocd-{name}", [tools("argocd"), *words], folder, fixed | dict(environment or {})) as running:
        yield running


def _settings(repository: str) -> Json:
    """The namespace and what an installation finds in it."""
    where = {"namespace": NAMESPACE}
    maps = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels, **where}}
        for name, labels in _CONFIG_MAPS.items()
    ]
    key = {"server.secretkey": secrets.token_hex(16)}
    repository_labels = {"argocd.argoproj.io/secret-type": "repository"}
    items = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        *maps,
        _secret("argocd-secret", _PART_OF, key),
        _secret("repository", repository_labels, {"type": "git", "url": repository}),
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _secret(name: str, labels: dict[str, str], data: dict[str, str]) -> Json:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
