"""The requests that install managed add-ons (InstallClusterAddons, one add-on a file)."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack
from hybridc.lower.bundle import JsonText
from hybridc.spec.model import Spec
from hybridc.spec.origin import text


def addons(spec: Spec) -> dict[str, Any]:
    """By add-on: the body of ``POST /clusters/<id>/components/install``; ``config`` is JSON as a string there."""
    found: dict[str, Any] = {}
    if spec.terway is not None and spec.terway.install == "addon":
        found[ack.TERWAY_ADDON] = [{"name": ack.TERWAY_ADDON, "version": text("v{}", spec.terway.version)}]
    for addon in spec.addons:
        body: dict[str, Any] = {"name": addon.name}
        if addon.version is not None:
            body["version"] = addon.version
        if addon.config:
            body["config"] = JsonText(addon.config, indent=None)
        found[addon.name] = [body]
    return found
