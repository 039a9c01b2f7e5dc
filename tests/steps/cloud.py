"""A small world that the commands of day two are run in: a pool with nodes, as `aliyun` and `kubectl` show it.

Run as one of these programs it answers from ``state.json`` beside it, and writes down what was done.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

State = dict[str, Any]


def world(folder: Path, nodes: int) -> dict[str, str]:
    """A folder with both programs, and a pool of so many nodes; gives the environment for a shell in it."""
    for name in ("aliyun", "kubectl"):
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nexec {sys.executable} {__file__} {name} {folder / "state.json"} "$@"\n', "utf-8"
        )
        program.chmod(0o755)
    state: State = {
        "nodes": {},
        "desired": 0,
        "scaling": True,
        "pool": True,
        "done": [],
        "next": 1,
        "version": "v1.34.2",
    }
    _grow(state, nodes)
    (folder / "state.json").write_text(json.dumps(state), "utf-8")
    return {"PATH": f"{folder}:/usr/bin:/bin", "POOL": "hand", "HOME": str(folder)}


def state(folder: Path) -> State:
    """What became of the world."""
    found: State = json.loads((folder / "state.json").read_text("utf-8"))
    return found


def _grow(state: State, nodes: int) -> None:
    """As many nodes as are wanted; a smaller number takes the newest away, without draining them."""
    state["desired"] = nodes
    while len(state["nodes"]) < nodes:
        name = f"node-{state['next']}"
        state["nodes"][name] = {"id": f"i-{state['next']}", "marked": "", "drained": False}
        state["next"] += 1
    for name in list(state["nodes"])[nodes:]:
        state["done"].append(f"lost {name}")
        del state["nodes"][name]


def _aliyun(state: State, words: list[str]) -> str:
    method, path = words[1], words[2]
    if method == "GET":
        info = {
            "nodepool_info": {"name": "hand", "nodepool_id": "np-1"},
            "status": {"total_nodes": len(state["nodes"])},
        }
        return json.dumps({"nodepools": [info] if state["pool"] else []})
    if method == "PUT":
        body = json.loads(words[words.index("--body") + 1])
        state["scaling"] = body["auto_scaling"]["enable"]
        _grow(state, body["scaling_group"]["desired_size"])
    elif path.endswith("/nodes"):
        for gone in json.loads(words[words.index("--instance_ids") + 1]):
            name = next(name for name, node in state["nodes"].items() if node["id"] == gone)
            state["done"].append(f"removed {name}" + ("" if state["nodes"].pop(name)["drained"] else ", not drained"))
            state["desired"] -= 1
    else:
        assert not state["nodes"], "ACK refuses a pool that has nodes"
        state["pool"] = False
    return "{}"


def _selected(state: State, words: list[str]) -> dict[str, Any]:
    selector = words[words.index("-l") + 1].split(",")
    if "alibabacloud.com/nodepool-id=np-1" not in selector:
        return {}
    wanted = {"hybridc.dev/replace": True, "!hybridc.dev/replace": False}
    marks = [wanted[part] for part in selector if part in wanted]
    return {name: node for name, node in state["nodes"].items() if all(bool(node["marked"]) is mark for mark in marks)}


def _metadata(name: str, node: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "labels": {"hybridc.dev/replace": node["marked"]} if node["marked"] else {}}


def _kubectl(state: State, words: list[str]) -> str:
    if words[0] == "get":
        found, form = _selected(state, words), words[words.index("-o") + 1]
        if form == "name":
            return "".join(f"node/{name}\n" for name in found)
        if form == "json":
            ready = {
                "conditions": [{"type": "Ready", "status": "True"}],
                "nodeInfo": {"kubeletVersion": state["version"]},
            }
            return json.dumps(
                {"items": [{"metadata": _metadata(name, node), "status": ready} for name, node in found.items()]}
            )
        return "".join(f"{name} cn-hangzhou.{node['id']}\n" for name, node in found.items())
    if words[0] == "label":
        key, _, value = words[3].partition("=")
        assert key == "hybridc.dev/replace"
        state["nodes"][words[2]]["marked"] = value
    elif words[0] == "drain":
        state["nodes"][words[1]]["drained"] = True
        state["done"].append(f"drained {words[1]}, {len(state['nodes'])} there")
    return ""


if __name__ == "__main__":
    place = Path(sys.argv[2])
    now: State = json.loads(place.read_text("utf-8"))
    sys.stdout.write((_aliyun if sys.argv[1] == "aliyun" else _kubectl)(now, sys.argv[3:]))
    place.write_text(json.dumps(now), "utf-8")
