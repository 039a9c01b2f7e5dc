"""An API server on loopback that holds Secrets, and takes of them what a real one takes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.live.api import Api, Handler, serving, status

Data = dict[str, Any]
ROOT = "/api/v1/namespaces/kube-system/secrets"
TYPE = "bootstrap.kubernetes.io/token"


@dataclass
class Secrets(Api):
    """The Secrets of kube-system by name. ``hook`` is told of each write, before and after, and may break it off."""

    secrets: dict[str, Data] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    hook: Callable[[str], bool] = lambda _: False

    def answer(self, path: str, query: Any, accept: str) -> tuple[int, Data]:
        if path == ROOT:
            wanted = dict(each.split("=") for each in query["labelSelector"].split(","))
            kept = [each for each in self.secrets.values() if wanted.items() <= each["metadata"]["labels"].items()]
            return 200, {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": kept}
        found = self.secrets.get(path.rpartition("/")[2])
        if found is None:
            return 404, status(404, "NotFound")
        assert "PartialObjectMetadata" in accept, "no value of a Secret is read by name"
        return 200, {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": found["metadata"]}

    def create(self, item: Data) -> tuple[int, Data]:
        """A POST, judged as validation and the token authenticator do."""
        name, data = item["metadata"]["name"], {k: base64.b64decode(v).decode() for k, v in item["data"].items()}
        if name in self.secrets:
            return 409, status(409, "AlreadyExists")
        fine = item["type"] == TYPE and name == f"bootstrap-token-{data['token-id']}"
        fine = fine and bool(re.fullmatch(r"[a-z0-9]{6}\.[a-z0-9]{16}", f"{data['token-id']}.{data['token-secret']}"))
        fine = (
            fine and data["expiration"].endswith("Z") and datetime.fromisoformat(data["expiration"]) > datetime.now(UTC)
        )
        if not fine:
            return 422, status(422, "Invalid")
        item["metadata"]["creationTimestamp"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self.secrets[name] = item
        return 201, item

    def values(self) -> dict[str, str]:
        """Id → token."""
        found = {}
        for item in self.secrets.values():
            data = {key: base64.b64decode(value).decode("utf-8", "replace") for key, value in item["data"].items()}
            found[data["token-id"]] = f"{data['token-id']}.{data['token-secret']}"
        return found


class _Writing(Handler):
    api: Secrets

    def do_POST(self) -> None:  # noqa: N802 - the name is its base's
        item = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._write("POST", lambda: self.api.create(item))

    def do_DELETE(self) -> None:  # noqa: N802 - the name is its base's
        name = urlsplit(self.path).path.rpartition("/")[2]
        gone = (200, status(200, "Success"))
        self._write("DELETE", lambda: gone if self.api.secrets.pop(name, None) else (404, status(404, "NotFound")))

    def _write(self, method: str, work: Callable[[], tuple[int, Data]]) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query))
        assert method == "DELETE" or query == {"fieldManager": "hybridc-publish"}
        self.api.writes.append(method)
        if self.api.hook("before"):
            self.close_connection = True
            return
        code, body = work()
        if self.api.hook("after"):
            self.close_connection = True
            return
        self.say(code, json.dumps(body).encode())


@contextmanager
def holding(folder: Path) -> Iterator[tuple[Secrets, str]]:
    """The server, and the path of a kubeconfig for it."""
    with serving(Secrets({}), _Writing) as api:
        yield api, str(api.kubeconfig(folder))
