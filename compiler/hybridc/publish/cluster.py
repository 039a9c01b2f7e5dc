"""Everything that publish writes to a cluster: a Secret, a restart, the end of an object of ours.

Each request says the whole of what it wants, so a second one changes nothing more.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hybridc.cloud.trouble import Trouble
from hybridc.live.collect import Forbidden, Missing
from hybridc.live.connection import Connection, Sent, connect, within
from hybridc.live.kubeconfig import Target, Unreachable
from hybridc.live.reading import Reading
from hybridc.publish.context import Context

MANAGER = "hybridc-publish"
"""The field manager of what is written here."""
_APPLY, _MERGE = "application/apply-patch+yaml", "application/strategic-merge-patch+json"
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
    context.identity.hide(*secret.data.values())
    meta = {
        "name": secret.name,
        "namespace": secret.namespace,
        "annotations": dict(secret.annotations),
        "labels": dict(secret.labels),
    }
    data = {key: base64.b64encode(value.encode()).decode() for key, value in secret.data.items()}
    context.identity.hide(*data.values())
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": secret.type, "data": data}
    _send(context, "PATCH", secret.path, body, _APPLY, {"fieldManager": MANAGER, "force": "true"})


def restart(context: Context, path: str) -> None:
    """Every pod of a workload anew, as ``kubectl rollout restart`` does it. Raises Trouble."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    template = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}
    _send(context, "PATCH", path, {"spec": {"template": template}}, _MERGE, {"fieldManager": MANAGER})


def delete(context: Context, path: str) -> None:
    """The end of an object; nothing where it is not there. Raises Trouble."""
    _send(context, "DELETE", path, None, "", {})


def _send(context: Context, method: str, path: str, body: Any, content_type: str, query: Mapping[str, str]) -> None:
    left = min(_LONGEST, max(1.0, context.deadline.left))
    target = Target(context.flags.kubeconfig, context.flags.context, left)

    reading = Reading()

    def work(deadline: float) -> None:
        connection = connect(target, deadline, reading)
        url = f"{connection.host}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", **({"Content-Type": content_type} if content_type else {})}
        raw = None if body is None else json.dumps(body).encode()
        _until_answered(connection, path, Sent(method, url, headers, raw))

    try:
        within(target, work, reading)
    except Missing:
        if method != "DELETE":
            raise Trouble(f"there is no {path} in the cluster", "look whether the step before was done") from None
    except Forbidden:
        right = f"{method.lower()} on {path}"
        raise Trouble(f"the cluster does not let this user {right} (403)", f"who runs this needs {right}") from None
    except Unreachable as error:
        raise Trouble(context.identity.clean(str(error)), error.help, unsure=True) from None


def _until_answered(connection: Connection, path: str, sent: Sent) -> None:
    """Send it again after a connection that broke, since the same request twice is the same as once."""
    for attempt in range(1, _ATTEMPTS + 1):
        answer = connection.once(sent, last=attempt == _ATTEMPTS)
        if answer is not None and (answer.status < 429 or attempt == _ATTEMPTS):
            if answer.status not in (200, 201, 202):
                connection.data(path, answer)
            return
        time.sleep(_PAUSE * attempt)
