"""A cluster as one of its users sees it: kubectl, and a few plain requests."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError
from urllib.request import Request, urlopen

Json = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """An API server, a token for it, and a kubeconfig that holds both."""

    host: str
    port: int
    ca: Path
    token: str
    kubectl: str
    kubeconfig: Path

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return f"https://{self.host}:{self.port}"

    def run(self, *words: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """``kubectl WORDS``; a failure raises RuntimeError with kubectl's words unless ``check`` is false."""
        cache = self.kubeconfig.parent / "kubectl-cache"
        command = [self.kubectl, f"--kubeconfig={self.kubeconfig}", f"--cache-dir={cache}", *words]
        done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False, timeout=120)
        if check and done.returncode:
            raise RuntimeError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
        return done

    def get(self, path: str) -> Json | None:
        """The object at ``path``; None when there is none."""
        try:
            with self._ask("GET", path) as answer:
                return cast(Json, json.load(answer))
        except HTTPError as error:
            with error:
                if error.code == 404:
                    return None
            raise

    def patch(self, path: str, change: Json) -> Json:
        """Merge ``change`` into the object at ``path``."""
        body = json.dumps(change).encode()
        with self._ask("PATCH", path, body, "application/merge-patch+json") as answer:
            return cast(Json, json.load(answer))

    def watch(self, path: str, seconds: int) -> Iterator[Json]:
        """Every object below ``path`` as it is now, then each change, for ``seconds``."""
        with self._ask("GET", f"{path}?watch=true&timeoutSeconds={seconds}") as answer:
            for line in answer:
                yield json.loads(line)["object"]

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> HTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = Request(self.server + path, body, headers, method=method)
        trust = ssl.create_default_context(cafile=str(self.ca))
        return cast(HTTPResponse, urlopen(request, timeout=60, context=trust))

    def service_account(self, namespace: str, name: str, folder: Path) -> Cluster:
        """The same cluster as a ServiceAccount sees it, with a real token in a kubeconfig below ``folder``."""
        token = self.run("-n", namespace, "create", "token", name).stdout.strip()
        return self.with_token(token, folder / f"{namespace}-{name}.kubeconfig")

    def with_token(self, token: str, kubeconfig: Path) -> Cluster:
        """The same cluster with another token; writes ``kubeconfig``."""
        cluster = {"server": self.server, "certificate-authority": str(self.ca)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "lab",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "lab", "user": {"token": token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
        }
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(json.dumps(config, indent=2))
        return replace(self, token=token, kubeconfig=kubeconfig)
