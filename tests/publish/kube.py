"""An API server on loopback that takes what publish writes, and refuses what a real one would not understand.

It keeps Secrets (their values aside, in ``values``: a reader is given metadata, as it asks for) and restarts workloads
at once. What a real API server does is seen in tests/lab.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.live.api import Api, Handler, by_resource, metadata_of, serving, status

Data = dict[str, Any]
APPLY, MERGE = "application/apply-patch+yaml", "application/strategic-merge-patch+json"


@dataclass
class Kube(Api):
    """``values`` are those of Secrets, by name; ``written`` what was asked for: ``PATCH secrets/name``."""

    values: dict[str, dict[str, str]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    refuses: int = 0
    """The status of the writes to come, 0 for none."""

    def find(self, resource: str, name: str) -> Data | None:
        return next((each for each in self.items.get(resource, ()) if each["metadata"]["name"] == name), None)

    def apply(self, namespace: str, name: str, body: Data) -> tuple[int, Data]:
        """A Secret by server-side apply."""
        data = {key: base64.b64decode(value, validate=True).decode() for key, value in body["data"].items()}
        meta = {"name": name, "namespace": namespace, **body["metadata"]}
        self.values[name] = data
        others = [each for each in self.items.get("secrets", ()) if each["metadata"]["name"] != name]
        self.items = {**self.items, "secrets": [*others, metadata_of({"metadata": meta, "data": data})]}
        return 200, {"kind": "Secret", "metadata": {"name": name}}

    def restart(self, resource: str, name: str, body: Data) -> tuple[int, Data]:
        """A workload with other annotations of its pods, which restart at once."""
        found = self.find(resource, name)
        if found is None:
            return 404, status(404, "NotFound")
        assert body["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]
        found["metadata"]["generation"] = found["status"]["observedGeneration"] = found["metadata"]["generation"] + 1
        return 200, found

    def remove(self, resource: str, name: str) -> tuple[int, Data]:
        found = self.find(resource, name)
        if found is None:
            return 404, status(404, "NotFound")
        kept = [each for each in self.items[resource] if each is not found]
        self.items = {**self.items, resource: kept}
        self.values.pop(name, None)
        return 200, {"kind": "Status", "status": "Success"}


class _Writing(Handler):
    api: Kube

    def do_PATCH(self) -> None:  # noqa: N802 - the name is its base's
        self._write()

    def do_DELETE(self) -> None:  # noqa: N802
        self._write()

    def _write(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        resource, name = parts.path.split("/")[-2:]
        self.api.written.append(f"{self.command} {resource}/{name}")
        if self.api.refuses:
            code, said = self.api.refuses, status(self.api.refuses, "refused")
        else:
            code, said = self._written(parts.path.split("/")[-3], resource, name, body)
        self.say(code, json.dumps(said).encode())

    def _written(self, namespace: str, resource: str, name: str, body: bytes) -> tuple[int, Data]:
        kind, query = self.headers.get("Content-Type", ""), dict(parse_qsl(urlsplit(self.path).query))
        if self.command == "DELETE":
            return self.api.remove(resource, name)
        if kind == APPLY and resource == "secrets":
            if query.get("force") != "true" or not query.get("fieldManager"):
                return 409, status(409, "Conflict")
            return self.api.apply(namespace, name, json.loads(body))
        if kind == MERGE:
            return self.api.restart(resource, name, json.loads(body))
        return 415, status(415, "UnsupportedMediaType")


@contextmanager
def kube(objects: Sequence[Data]) -> Iterator[Kube]:
    """Serve these objects on loopback until the block ends."""
    with serving(Kube(by_resource(objects)), _Writing) as api:
        yield api
