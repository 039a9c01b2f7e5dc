"""Everything that publish writes to a cluster: a Secret, a restart, the end of an object of ours.

Each request says the whole of what it wants, so a second one changes nothing more. What is read here is ours: Secrets
by our label, where the step that made them needs what they hold.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from hybridc.cloud.trouble import Trouble
from hybridc.live.collect import METADATA, Forbidden, Missing
from hybridc.live.connection import Connection, Sent, connect, within
from hybridc.live.kubeconfig import Target, Unreachable
from hybridc.live.reading import Reading
from hybridc.publish.context import Context

T = TypeVar("T")
MANAGER = "hybridc-publish"
"""The field manager of what is written here."""
_APPLY, _MERGE = "application/apply-patch+yaml", "application/strategic-merge-patch+json"
_MOST = "500"
_LONGEST = 60.0
_ATTEMPTS = 3
_PAUSE = 1.0


class Secret(NamedTuple):
    """A Secret as it is to be; ``data`` is in plain text here, and nowhere else."""

    namespace: str
    name: str
    data: Mapping[str, str]
    annotations: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    type: str = "Opaque"

    @property
    def path(self) -> str:
        """Its place in the API."""
        return f"/api/v1/namespaces/{self.namespace}/secrets/{self.name}"


def put_secret(context: Context, secret: Secret) -> None:
    """The Secret, made or replaced in one request (server-side apply). Raises Trouble."""
    _send(context, "PATCH", secret.path, _body(context, secret), _APPLY, {"fieldManager": MANAGER, "force": "true"})


def restart(context: Context, path: str) -> None:
    """Every pod of a workload anew, as ``kubectl rollout restart`` does it. Raises Trouble."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    template = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}
    _send(context, "PATCH", path, {"spec": {"template": template}}, _MERGE, {"fieldManager": MANAGER})


def delete(context: Context, path: str) -> None:
    """The end of an object; nothing where it is not there. Raises Trouble."""
    _send(context, "DELETE", path, None, "", {})


def _body(context: Context, secret: Secret) -> dict[str, Any]:
    """A Secret as the API takes it; what it holds is shown nowhere from here on."""
    context.identity.hide(*secret.data.values())
    meta = {
        "name": secret.name,
        "namespace": secret.namespace,
        "annotations": dict(secret.annotations),
        "labels": dict(secret.labels),
    }
    data = {key: base64.b64encode(value.encode()).decode() for key, value in secret.data.items()}
    context.identity.hide(*data.values())
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": secret.type, "data": data}


def create_secret(context: Context, secret: Secret) -> None:
    """A Secret that is not there yet; one of that name is left as it is. Raises Trouble."""
    path = secret.path.rpartition("/")[0]
    _send(context, "POST", path, _body(context, secret), "application/json", {"fieldManager": MANAGER}, attempts=1)


def secrets(context: Context, namespace: str, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The Secrets with these labels, and what they hold: no value of another leaves the cluster. Raises Trouble."""
    path = f"/api/v1/namespaces/{namespace}/secrets"
    query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items()), "limit": _MOST}
    found = _connected(context, f"list on {path}", lambda server: server.get(path, query, "application/json"))
    return list(found.get("items") or [])


def is_there(context: Context, path: str) -> bool:
    """Whether there is such an object; nothing of what it holds is asked for. Raises Trouble."""
    try:
        _connected(context, f"get on {path}", lambda server: server.get(path, {}, METADATA))
    except Missing:
        return False
    return True


def _send(
    context: Context,
    method: str,
    path: str,
    body: Any,
    content_type: str,
    query: Mapping[str, str],
    attempts: int = _ATTEMPTS,
) -> None:
    def ask(connection: Connection) -> None:
        url = f"{connection.host}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", **({"Content-Type": content_type} if content_type else {})}
        raw = None if body is None else json.dumps(body).encode()
        _until_answered(connection, path, Sent(method, url, headers, raw), attempts)

    try:
        _connected(context, f"{method.lower()} on {path}", ask)
    except Missing:
        if method != "DELETE":
            raise Trouble(f"there is no {path} in the cluster", "look whether the step before was done") from None


def _connected(context: Context, right: str, ask: Callable[[Connection], T]) -> T:
    """What ``ask`` gives, which needs a right. Raises Missing, and Trouble for all else."""
    left = min(_LONGEST, max(1.0, context.deadline.left))
    target, reading = Target(context.flags.kubeconfig, context.flags.context, left), Reading()
    try:
        return within(target, lambda deadline: ask(connect(target, deadline, reading)), reading)
    except Forbidden:
        right = context.identity.clean(right)
        raise Trouble(f"the cluster does not let this user {right} (403)", f"who runs this needs {right}") from None
    except Unreachable as error:
        raise Trouble(context.identity.clean(str(error)), error.help, unsure=True) from None


def _until_answered(connection: Connection, path: str, sent: Sent, attempts: int) -> None:
    """Send it again after a connection that broke, where the same request twice is the same as once."""
    for attempt in range(1, attempts + 1):
        answer = connection.once(sent, last=attempt == attempts)
        if answer is not None and (answer.status < 429 or attempt == attempts):
            if answer.status not in (200, 201, 202):
                connection.data(path, answer)
            return
        time.sleep(_PAUSE * attempt)
