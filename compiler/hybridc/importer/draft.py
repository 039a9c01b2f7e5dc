"""What was seen as a hybrid.yaml: a new one, or one that exists with other values."""

from __future__ import annotations

import copy
import os
import re
from typing import Any

from hybridc import resources
from hybridc.importer.observe import Observed
from hybridc.importer.seen import Seen
from hybridc.rewrite.fmt import text_of
from hybridc.rewrite.tree import Tree, same
from hybridc.schema.validate import validate
from hybridc.source.document import Document, parent
from hybridc.source.reader import read
from hybridc.spec.model import Spec
from hybridc.spec.resolve import resolve
from hybridc.words import one_line, parts

_PLACEHOLDER = re.compile(r"<([a-z0-9-]+)>")
_CLOUD = "/spec/alibabaCloud"
_CNI = "/spec/cluster/cni"
_ROUTED = {
    f"{_CNI}/{name}" for name in ("asNumber", "daemonSet", "existingNodeSelectorTerms", "delivery", "excludeAlso")
}
"""What the spec has only where the IDC's network is routed."""
UNKNOWN: tuple[tuple[str, Any], ...] = (
    ("/metadata/name", "<cluster-name>"),
    ("/spec/cluster/kubernetesVersion", "<kubernetes-version>"),
    ("/spec/cluster/serviceCIDRs", ["<service-cidr>"]),
    ("/spec/cluster/nodeCIDRs", ["<idc-node-cidr>"]),
    ("/spec/cluster/podCIDRs", ["<idc-pod-cidr>"]),
    (f"{_CNI}/type", "<cni-type>"),
    (f"{_CLOUD}/region", "<region>"),
    (f"{_CLOUD}/vpc/cidrs", ["<vpc-cidr>"]),
    (f"{_CLOUD}/vpc/podVSwitches", [{"id": "<pod-vswitch>", "zone": "<zone>", "cidr": "<pod-vswitch-cidr>"}]),
    ("/spec/terway/version", "<terway-version>"),
)
"""What :file:`chart-templates/init` has an example of, and only a person, or an object that was seen, can know."""


def placeholders(text: str) -> list[str]:
    """The names that are left for a person to fill in."""
    lines = (line.partition(" #")[0] for line in text.splitlines() if not line.lstrip().startswith("#"))
    return list(dict.fromkeys(name for line in lines for name in _PLACEHOLDER.findall(line)))


def draft(observed: Observed) -> str:
    """A new hybrid.yaml: that of ``hybridc init``, with what was seen and where, and placeholders for the rest."""
    raw = resources.read(os.path.join(resources.TEMPLATES, "init", "hybrid.yaml"))
    tree = Tree(read("", raw)[0])
    seen = dict(observed.seen)
    for pointer, value in UNKNOWN:
        if pointer not in seen:
            tree.set(pointer, value, flow=True)
    _fit(tree, seen)
    # What stands above it tells how to ask Calico's DaemonSet; where the terms were seen tells more.
    tree.notes.before.pop(f"{_CNI}/existingNodeSelectorTerms", None)
    for pointer, each in seen.items():
        tree.notes.behind.pop(pointer, None)
        _put(tree, each)
    return tree.text()


def _fit(tree: Tree, seen: dict[str, Seen]) -> None:
    """Take away what goes only without something that was seen, and give vSwitches of nodes the zones of pods."""
    if f"{_CNI}/existingNodeSelectorTerms" not in seen:
        tree.remove(f"{_CNI}/existingNodeSelectorTerms")
    if f"{_CNI}/excludeAlso" not in seen:
        tree.remove(f"{_CNI}/excludeAlso")
    if "/spec/nodeInit/url" in seen:
        tree.remove("/spec/nodeInit/oss")
    if "/spec/nodeInit/join/method" in seen:
        tree.set("/spec/nodeInit/join/token", {"from": "<oss-url-file-or-env>"}, flow=True)
    version = seen.get("/spec/cluster/kubernetesVersion")
    if version is not None:
        tree.set("/spec/gitops/jobImage", f"<registry>/k8s:{version.value}")
    _node_vswitches(tree, seen.get(f"{_CLOUD}/vpc/podVSwitches"))


def _node_vswitches(tree: Tree, pods: Seen | None) -> None:
    """One for each zone of the pods, and all of them for the first pool."""
    zones = list(dict.fromkeys(each["zone"] for each in pods.value)) if pods is not None else ["<zone>"]
    ends = [f"-{zone.rpartition('-')[2]}" if len(zones) > 1 else "" for zone in zones]
    ids = [f"<node-vswitch{end}>" for end in ends]
    nodes = [
        {"id": name, "zone": zone, "cidr": f"<node-vswitch-cidr{end}>"}
        for name, zone, end in zip(ids, zones, ends, strict=True)
    ]
    tree.set(f"{_CLOUD}/vpc/nodeVSwitches", nodes)
    tree.set("/spec/nodePools/0/vSwitches", ids)


def update(document: Document, observed: Observed) -> tuple[str, list[str]]:
    """A spec that exists, with what was seen in the place of what it says; and the pointers that changed.

    Everything else stays, comments too. What the spec says by default, or in other words, is not written out.
    """
    tree, changed = Tree(document), list[str]()
    model = _model(document)
    for each in (_in_words_of(tree, seen) for seen in observed.seen.values() if _fits(tree, seen.pointer)):
        if same(tree.get(each.pointer), each.value):
            continue
        if model is None or _model(_changed(document, each)) != model:
            _put(tree, each)
            changed.append(each.pointer)
    return (text_of(document, tree) if changed else document.text), changed


def _fits(tree: Tree, pointer: str) -> bool:
    """Whether the spec, as it is, can have the field."""
    holder = pointer
    while holder:
        holder = parent(holder)
        if not isinstance(tree.get(holder), dict | None):
            return False
    if pointer == "/spec/cluster/apiServer":
        return not tree.get(pointer) or _PLACEHOLDER.search(str(tree.get(pointer))) is not None
    if pointer == "/spec/cluster/caCertHashes":
        return tree.get("/spec/nodeInit/join/method") in (None, "kubeadm")
    routing = tree.get(f"{_CNI}/routing")
    return routing not in ("overlay", "host") or pointer not in _ROUTED


def _model(document: Document) -> Spec | None:
    """The model of a spec that the schema takes; None for another one, in which nothing is sure."""
    fresh = Document(document.path, document.text, document.data, document.values, document.keys)
    return None if validate(fresh) else resolve(fresh)


def _changed(document: Document, each: Seen) -> Document:
    """The document with what was seen; what holds it is a mapping, or is made one."""
    data = copy.deepcopy(document.data)
    *above, last = parts(each.pointer)
    holder = data
    for key in above:
        if holder.get(key) is None:
            holder[key] = {}
        holder = holder[key]
    holder[last] = each.value
    made = Document(document.path, document.text, data)
    made.values = {pointer: place for pointer, place in document.values.items() if _is_there(made, pointer)}
    made.keys = {pointer: place for pointer, place in document.keys.items() if _is_there(made, pointer)}
    return made


def _is_there(document: Document, pointer: str) -> bool:
    try:
        document.get(pointer)
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _in_words_of(tree: Tree, each: Seen) -> Seen:
    """What was seen, in the field and the order that the spec has it in, with what no object shows of it."""
    own = "/spec/terway/securityGroups"
    if each.pointer == f"{_CLOUD}/vpc/securityGroups" and tree.get(own) is not None:
        each = each._replace(pointer=own)
    old = tree.get(each.pointer)
    names = _NAMES.get(each.pointer)
    if names is None or not isinstance(old, list):
        return each
    fresh = {tuple(item.get(name) for name in names): item for item in each.value}
    known = {tuple(item.get(name) for name in names): item for item in old if isinstance(item, dict)}
    # What is not there yet is what the spec wants; but eni-config has every pod vSwitch.
    kept = [key for key in known if key in fresh or not each.pointer.endswith("/podVSwitches")]
    merged = [_with(known[key], fresh.get(key, {})) for key in kept]
    return each._replace(value=[*merged, *(item for key, item in fresh.items() if key not in known)])


_NAMES = {
    f"{_CLOUD}/vpc/podVSwitches": ("id",),
    f"{_CLOUD}/vpc/nodeVSwitches": ("id",),
    "/spec/nodePools": ("name",),
    f"{_CNI}/excludeAlso": ("kind", "namespace", "name"),
    "/spec/addons": ("name",),
}
"""Lists whose items have names; of an item only a part may be seen."""


def _with(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in new.items() if not _PLACEHOLDER.search(str(value))}
    # Of the size of a pool that does not scale by itself, ACK knows the number of nodes alone.
    both = {"size": old["size"] | told["size"]} if isinstance(old.get("size"), dict) and "size" in told else {}
    return old | told | both


def _put(tree: Tree, each: Seen) -> None:
    comment = one_line(f"seen in {each.where}")
    if isinstance(each.value, (list, dict)) and not each.flow and each.value:
        tree.set(each.pointer, each.value)
        tree.note_above(each.pointer, comment)
    else:
        tree.set(each.pointer, each.value, comment, flow=each.flow)
