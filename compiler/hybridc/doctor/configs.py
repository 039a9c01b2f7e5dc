"""What the sync brings, held against the build: eni-config, its overlays, and the address of the node script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.doctor.answer import Answer, count, listed, step
from hybridc.doctor.look import Look, seconds
from hybridc.live.shapes import public_data
from hybridc.live.texts import access_key_fields
from hybridc.lower.bundle import JsonText, Manifest
from hybridc.lower.eni_config import CHAIN
from hybridc.source.secrets import MASK
from hybridc.spec.origin import plain

_KEYS = ("access_key", "access_secret")
_SYNC = step("gitops.sync")


def agent_config(look: Look) -> Answer:
    """Whether ACK hands new nodes the script of this build."""
    wanted = str(look.bundle.script_url)
    live = look.state.config_map(ack.NAMESPACE, ack.AGENT_CONFIG)
    if live is None:
        return Answer("waiting", "the agent has not made it yet", step("agent.private"))
    found = live.get(ack.AGENT_CONFIG_KEY, "")
    if found == wanted:
        return Answer("ok", "is that of this build" if wanted else "is empty: ACK's own script is used")
    if not found:
        return Answer("waiting", "is empty: the sync has not come to it", _SYNC)
    return Answer("wrong", f"is {found}, this build has {wanted or 'none'}", _SYNC)


def config_map(look: Look, wanted: Manifest) -> Answer:
    """Whether a ConfigMap of Terway is what the build gives: JSON as data, AccessKeys aside. Values are never said."""
    live = look.state.config_map(ack.NAMESPACE, str(wanted["metadata"]["name"]))
    if live is None:
        if look.went_live:
            return Answer("wrong", "is not there, though a sync came to its end", _SYNC)
        return Answer("waiting", "is not there", _SYNC)
    ours = public_data({str(key): _text(value) for key, value in wanted["data"].items()}, "")
    if CHAIN in live and CHAIN not in ours:
        return Answer("wrong", f"has {CHAIN}, which Terway takes before ours", f"remove the key {CHAIN}, and sync")
    differ = sorted(path for key, value in ours.items() for path in _differing(key, value, live.get(key)))
    if differ:
        return Answer("wrong", f"differs from the build at {listed(differ)}", _SYNC)
    return Answer("ok", "is what the build gives")


def _text(value: Any) -> str:
    return json.dumps(plain(value.data)) if isinstance(value, JsonText) else str(value)


def _differing(key: str, wanted: str, live: str | None) -> Iterator[str]:
    """Where the value of a key differs, as paths."""
    if live is None:
        yield f"{key} (not there)"
        return
    ours, theirs = _data(wanted), _data(live)
    if ours is None or theirs is None:
        if wanted != live:
            yield key
        return
    yield from _paths(key, ours, theirs)


def _data(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _paths(path: str, ours: Any, theirs: Any) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs} - {*_KEYS}):
            yield from _paths(f"{path}.{key}", ours.get(key), theirs.get(key))
    # True is 1 for Python, and not for JSON.
    elif json.dumps(ours, sort_keys=True) != json.dumps(theirs, sort_keys=True):
        yield path


def restart(look: Look) -> Answer:
    """Whether a pod of Terway started before its configuration was last written: it reads it when it starts."""
    if look.state.daemon_set(ack.NAMESPACE, ack.TERWAY_DAEMON_SET) is None:
        return Answer("ok", "Terway has no pod")
    written = max(_written(look), key=lambda each: seconds(each) or 0, default="")
    pods = look.state.pods_of(ack.NAMESPACE, ack.TERWAY_DAEMON_SET)
    if not pods:
        return Answer("ok", "Terway has no pod")
    running = [pod for pod in pods if pod.started]
    if not written or not running:
        what = "a pod of Terway started" if written else "the data of eni-config was written"
        return Answer("not seen", f"nothing says when {what}")
    late = [pod for pod in running if (seconds(pod.started) or 0) < (seconds(written) or 0)]
    if not late:
        return Answer("ok", f"every pod of Terway started after {written}, when its configuration was written")
    seen = f"{count(len(late), 'pod')} of Terway started before {written}, when its configuration was written"
    restart = f"kubectl -n {ack.NAMESPACE} rollout restart daemonset/{ack.TERWAY_DAEMON_SET}"
    return Answer("wrong", seen, f"{restart}: it reads eni-config at its start")


def _written(look: Look) -> Iterator[str]:
    """When the data of each ConfigMap of Terway was last written, as far as managedFields say it."""
    for part in ("eniConfig", "dynamicConfigs"):
        for item in look.bundle.parts.get(part, ()):
            live = look.state.one("ConfigMap", ack.NAMESPACE, str(item["metadata"]["name"])) or {"metadata": {}}
            owners = live["metadata"].get("managedFields", [])
            yield from (each.get("time", "") for each in owners if "f:data" in each.get("fieldsV1", {}))


def access_key(look: Look) -> Answer:
    """That no AccessKey stands in the live eni-config."""
    conf = (look.state.config_map(ack.NAMESPACE, ack.ENI_CONFIG) or {}).get("eni_conf", "")
    if access_key_fields(conf) or conf == MASK:
        return Answer("wrong", "holds an AccessKey: whoever reads ConfigMaps has it", _SYNC)
    return Answer("ok", "holds no AccessKey")
