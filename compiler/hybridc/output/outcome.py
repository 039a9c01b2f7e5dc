"""What a build has done to a folder, or would do, for programs: ``outputs`` of ``build --format json``."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

from hybridc.layout.tree import Tree
from hybridc.output.compare import Difference
from hybridc.source.secrets import redact

SCRIPT = "cloud/node/init-node-ecs.sh"
_AGENT_CONFIG = ("kustomize/configmap-ack-agent-config.yaml", "chart/templates/configmap-ack-agent-config.yaml")
_ADDRESS = re.compile(rb'^ {1,8}addNodeScriptPath: {0,8}"?([^"\s]{1,2000})"?\s*$', re.MULTILINE)
_LARGEST = 1024 * 1024


class Script(NamedTuple):
    """The node script of a cluster: the address that nodes load it from, and where it has to lie ("": ACK has its own).

    ``place`` is ``oss://BUCKET/KEY``, or the address when somebody else serves it.
    """

    url: str
    place: str


class Outcome(NamedTuple):
    """What differs in a folder that was compared; ``old`` is the address of the script that stood there ("": none)."""

    name: str
    spec: str
    state: str
    files: dict[str, list[str]]
    unchanged: int
    old: str
    script: Script


def outcome(place: str, name: str, spec: str, tree: Tree, difference: Difference, script: Script) -> Outcome:
    """The outcome for the folder at ``place``, before anything is written: the old address is read there."""
    files = {
        "added": sorted(difference.added),
        "changed": sorted([*difference.changed, *difference.edited, *difference.in_the_way]),
        "removed": sorted(difference.removed),
        "merged": sorted(difference.conflicted),
    }
    if not tree:
        state, files["removed"], files["changed"] = "removed", sorted([*files["removed"], *files["changed"]]), []
    elif not difference:
        state = "unchanged"
    else:
        state = "updated" if difference.exists else "created"
    return Outcome(name, spec, state, files, len(difference.same), _address(place), script)


def document(out: str, each: Outcome, written: bool) -> dict[str, Any]:
    """An item of ``outputs``; ``written`` says whether the folder is in its place as ``state`` says."""
    folder = redact(os.path.join(out, each.name))
    new = each.script.url if each.state != "removed" else ""
    # At an address of one's own the script changes and the address stays.
    other = new != each.old or SCRIPT in (*each.files["added"], *each.files["changed"])
    uploads = [_upload(folder, each.script)] if new and other else []
    return {
        "folder": folder,
        "spec": redact(each.spec) or None,
        "state": each.state,
        "written": written,
        "files": {**each.files, "unchanged": each.unchanged},
        "addNodeScriptPath": {
            "before": redact(each.old) or None,
            "after": redact(new) or None,
            "changed": new != each.old,
        },
        "uploadBeforeMerge": uploads,
    }


def _upload(folder: str, script: Script) -> dict[str, str]:
    return {"file": os.path.join(folder, SCRIPT), "to": redact(script.place), "url": redact(script.url)}


def _address(place: str) -> str:
    """The address in the ConfigMap of a folder; "" where there is none, or an unresolved merge has two."""
    found: set[str] = set()
    for name in _AGENT_CONFIG:
        path = os.path.join(place, name)
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, "rb") as file:
                found |= {match.decode("utf-8", "replace") for match in _ADDRESS.findall(file.read(_LARGEST))}
    return found.pop() if len(found) == 1 else ""
