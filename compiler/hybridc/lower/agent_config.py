"""The ConfigMap that tells the ACK agent where new nodes find their script."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.lower.bundle import Manifest
from hybridc.lower.objects import LAST_WAVE, WAVE, config_map, foreign


def agent_config(url: str) -> Manifest:
    """A partial ConfigMap with one key: the agent owns the object and its other keys.

    It must be applied client-side: a server-side apply deletes the agent's keys when the object was once made by
    ``kubectl apply``. It lets nodes in, so it goes live last: a sync in which anything refuses never comes to it.
    """
    annotations = {**foreign(), WAVE: str(LAST_WAVE)}
    return config_map(ack.AGENT_CONFIG, {ack.AGENT_CONFIG_KEY: url}, annotations=annotations)
