"""``join.token.refresh: cronJob``: a CronJob that keeps one bootstrap token alive, as Cluster API does.

The token is made once by a person, with an id that follows from the cluster's name; the CronJob may touch that one
Secret and nothing else. Removing it from Git lets the token die within its ``ttl``.
"""

from __future__ import annotations

from hybridc.lower.bundle import Manifest
from hybridc.lower.jobs import Target, cron_job, pod_spec, rights, script, service_account
from hybridc.lower.names import token_secret
from hybridc.lower.objects import config_map, labels
from hybridc.spec.model import Spec

NAME = "hybridc-token-refresh"
_MOUNT = "/etc/hybridc/token-refresh"


def token_refresh(spec: Spec) -> list[Manifest]:
    """The CronJob with its rights and instructions; nothing when the spec does not ask for it."""
    seconds = spec.node_init.join.token.ttl_seconds
    if not is_refreshed_in_cluster(spec) or seconds == 0:
        return []
    secret = token_secret(spec)
    data = {"token-refresh.sh": script("token-refresh.sh"), "secret": f"{secret}\n", "seconds": f"{seconds}\n"}
    return [
        service_account(spec, NAME),
        *rights(spec, NAME, [Target("Secret", "kube-system", secret)], ["get", "patch"]),
        config_map(NAME, data, labels=labels(spec.name)),
        cron_job(spec, NAME, schedule(seconds), pod_spec(spec, NAME, "token-refresh.sh", _MOUNT)),
    ]


def is_refreshed_in_cluster(spec: Spec) -> bool:
    """Whether the cluster itself keeps the token alive."""
    init = spec.node_init
    return init.mode == "script" and init.join.method == "kubeadm" and init.join.token.refresh == "cronJob"


def schedule(seconds: int, least: int = 1) -> str:
    """Three times in the life of the token, at least once an hour, and not more often than every ``least`` minutes."""
    minutes = max(least, min(60, seconds // 180))
    return "17 * * * *" if minutes == 60 else f"*/{minutes} * * * *"
