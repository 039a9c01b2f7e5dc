"""The ConfigMap that tells the ACK agent where new nodes find their script."""

from __future__ import annotations

import hashlib

from hybridc.catalog import ack
from hybridc.lower.bundle import Manifest
from hybridc.lower.objects import config_map, foreign
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

DIGEST_LENGTH = 12


def script_key(spec: Spec, script: str) -> str:
    """The OSS key of the script: ``[<prefix>/]<cluster>/init-node-ecs-<sha256, 12 hex>.sh``."""
    digest = hashlib.sha256(script.encode()).hexdigest()[:DIGEST_LENGTH]
    return text("{}init-node-ecs-{}.sh", key_prefix(spec), digest)


def key_prefix(spec: Spec) -> str:
    """What every OSS key of this cluster starts with, with the slash: ``[<prefix>/]<cluster>/``."""
    oss = spec.node_init.oss
    if oss is None or oss.prefix is None:
        return text("{}/", spec.name)
    return text("{}/{}/", oss.prefix, spec.name)


def script_url(spec: Spec, script: str | None) -> str:
    """The address that nodes download the script from; "" when ACK's own script is used."""
    if script is None:
        return ""
    if spec.node_init.url is not None or spec.node_init.oss is None:
        return spec.node_init.url or ""
    oss = spec.node_init.oss
    return text("https://{}.{}/{}", oss.bucket, oss.endpoint, script_key(spec, script))


def agent_config(url: str) -> Manifest:
    """A partial ConfigMap with one key: the agent owns the object and its other keys.

    It must be applied client-side: a server-side apply deletes the agent's keys when the object was once made by
    ``kubectl apply``.
    """
    return config_map(ack.AGENT_CONFIG, {ack.AGENT_CONFIG_KEY: url}, annotations=foreign())
