"""An API server as far as preflight asks one: version, lists in pages, objects by name; and what goes wrong.

It is Python's own HTTP server on loopback, with what a test puts into it. What a real one answers is seen in tests/lab.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from hybridc.live.reads import KINDS

Data = dict[str, Any]
Items = Sequence[Data]
Fault = Callable[["Handler"], bool]
"""What may happen instead of an answer: whether it did."""


@dataclass
class Api:
    """What the server holds: the objects of each kind (by its resource), and what it was asked."""

    items: Mapping[str, Items]
    version: str = "v1.34.2"
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, path: str, query: Mapping[str, str], accept: str) -> tuple[int, Data]:
        """Status and body of a GET."""
        if path == "/version":
            return 200, {"major": "1", "minor": "34", "gitVersion": self.version}
        for kind in KINDS.values():
            if path == kind.path():
                page = _page(self.items.get(kind.resource, ()), query)
                return 200, _table(page) if "as=Table" in accept else page
        words = path.split("/")
        if words[-3] == "namespaces":
            found = [item for item in self.items.get(words[-1], ()) if _selected(item, words[-2], query)]
            return 200, _page(found, query)
        for item in self.items.get(words[-2], ()):
            if item["metadata"]["name"] == words[-1] and item["metadata"].get("namespace", words[-3]) == words[-3]:
                return 200, item
        return 404, status(404, "NotFound")

    def kubeconfig(self, folder: Path) -> Path:
        """A kubeconfig for it."""
        path = folder / "kubeconfig"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "test",
                    "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
                    "users": [{"name": "test", "user": {"token": "a-token"}}],
                    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                }
            )
        )
        return path


def _selected(item: Data, namespace: str, query: Mapping[str, str]) -> bool:
    """Whether an object is in a namespace, and has the labels of a selector."""
    wanted = dict(each.split("=") for each in query.get("labelSelector", "").split(",") if each)
    meta = item["metadata"]
    return bool(meta.get("namespace") == namespace and wanted.items() <= meta.get("labels", {}).items())


def status(code: int, reason: str) -> Data:
    """An error as an API server says it."""
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": f"it is {reason}", "code": code}


def by_resource(items: Items) -> dict[str, list[Data]]:
    """Objects as :class:`Api` takes them; a Secret shows its metadata alone, as it was asked for."""
    found: dict[str, list[Data]] = {}
    for item in items:
        found.setdefault(KINDS[item["kind"]].resource, []).append(
            metadata_of(item) if item["kind"] == "Secret" else item
        )
    return found


def metadata_of(secret: Data) -> Data:
    """PartialObjectMetadata of a Secret."""
    fields: Data = {"f:data": {f"f:{key}": {} for key in secret["data"]}}
    meta = {**secret["metadata"], "managedFields": [{"manager": "onectl", "operation": "Update", "fieldsV1": fields}]}
    return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": meta}


def _page(items: Items, query: Mapping[str, str]) -> Data:
    start, limit = int(query.get("continue", "0")), int(query["limit"])
    more = {"continue": str(start + limit)} if start + limit < len(items) else {}
    return {"kind": "List", "apiVersion": "v1", "metadata": more, "items": items[start : start + limit]}


def _table(page: Data) -> Data:
    """Pods as ``kubectl get pods -o wide`` shows them."""
    columns = [
        {"name": name, "type": "string"} for name in ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node")
    ]
    return {
        "kind": "Table",
        "metadata": page["metadata"],
        "columnDefinitions": columns,
        "rows": list(map(_row, page["items"])),
    }


def _row(pod: Data) -> Data:
    ip = [each["ip"] for each in pod.get("status", {}).get("podIPs", [])]
    node = pod.get("spec", {}).get("nodeName", "<none>")
    return {
        "cells": [pod["metadata"]["name"], "1/1", "Running", 0, "9d", *(ip[:1] or ["<none>"]), node],
        "object": None,
    }


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    api: Api

    def do_GET(self) -> None:
        self.api.asked.append(self.path)
        if any(fault(self) for fault in self.api.faults):
            return
        parts = urlsplit(self.path)
        code, body = self.api.answer(parts.path, dict(parse_qsl(parts.query)), self.headers["Accept"])
        self.say(code, json.dumps(body).encode())

    def say(self, code: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """A whole answer."""
        self.send_response(code)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is its base's
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is none of our business."""


A = TypeVar("A", bound=Api)


@contextmanager
def serving(api: A, handler: type[Handler] = Handler) -> Iterator[A]:
    """Serve it on loopback until the block ends; ``handler`` may know more methods than GET."""
    with _Server(("127.0.0.1", 0), type("Bound", (handler,), {"api": api})) as server:
        api.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
