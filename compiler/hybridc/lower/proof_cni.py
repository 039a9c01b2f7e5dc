"""Proofs: every node gets exactly one CNI, shown by evaluating the selectors that are written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.lower.bundle import Bundle, Exclusion
from hybridc.lower.claim import Breach, Proof, embedded, manifests, name_of
from hybridc.lower.selectors import Labels, Term, expression_matches, matches, terms_in, witness
from hybridc.spec.model import Spec

_EXTERNAL, _VIRTUAL = ack.EXTERNAL_LABEL, ack.VIRTUAL_NODE_LABEL
_CLOUD: Labels = {_EXTERNAL[0]: _EXTERNAL[1]}
_VIRTUAL_NODE: Labels = {_VIRTUAL[0]: _VIRTUAL[1]}
_IDC: tuple[Labels, ...] = ({}, {_EXTERNAL[0]: "false"}, {_VIRTUAL[0]: "physical"})
"""An IDC node without the two labels, and with another value of each."""


def one_cni_a_node(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """CNI014: the IDC's CNI runs where it ran before, Terway on cloud nodes, neither on virtual nodes."""
    if spec.cluster.cni.daemon_set is None or spec.terway is None or not bundle.exclusions:
        return
    main = bundle.exclusions[0]
    terway = _terway_selector(bundle, spec)
    for labels, wanted in _nodes(main):
        count = matches(main.wanted, labels) + all(expression_matches(item, labels) for item in terway)
        if count != wanted:
            shown = ", ".join(f"{key}={value}" for key, value in labels.items()) or "without labels"
            message = f"a node {shown} would get {count} CNI plugins, not {wanted}"
            yield Breach("CNI014", f"the exclusion of {main.kind} {main.namespace}/{main.name}", message)


def _nodes(main: Exclusion) -> Iterator[tuple[Labels, int]]:
    """Nodes of every class, each with a label set that the CNI wanted before; and how many CNIs they must get."""
    for before in [witness(term) for term in main.expected] or [{}]:
        for idc in _IDC:
            labels = {**idc, **before}
            if not _is_foreign(labels):
                yield labels, int(matches(main.expected, labels) if main.expected else True)
        others = {key: value for key, value in before.items() if key not in (_EXTERNAL[0], _VIRTUAL[0])}
        yield {**others, **_CLOUD}, 1
        yield {**others, **_VIRTUAL_NODE}, 0


def _is_foreign(labels: Labels) -> bool:
    """Whether a node with these labels is none of the IDC's, whatever a term asks for."""
    return any(labels.get(key) == value for key, value in (_EXTERNAL, _VIRTUAL))


def _terway_selector(bundle: Bundle, spec: Spec) -> list[Term]:
    """What Terway wants of a node: the add-on's selector, or what is patched into the chart."""
    if spec.terway is not None and spec.terway.install == "chart":
        patches = bundle.files.get("terway/kustomization.yaml", {}).get("patches", [])
        operations = [op for patch in patches if isinstance(found := embedded(patch["patch"]), list) for op in found]
        chart: list[Term] = [{"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]}]
        return chart + [op["value"] for op in operations if "nodeSelectorTerms" in op["path"]]
    return [{"key": key, "operator": "In", "values": [value]} for key, value in ack.TERWAY_SELECTOR.items()]


def off_cloud_nodes(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """CNI014: nothing that is written out and bound to IDC nodes can land on a cloud node or a virtual one."""
    for where, data in _affinities(bundle):
        for terms in terms_in(data):
            for before in [witness(term) for term in terms] or [{}]:
                for foreign in (_CLOUD, _VIRTUAL_NODE):
                    if matches(terms, {**before, **foreign}):
                        label = "=".join(next(iter(foreign.items())))
                        yield Breach("CNI014", where, f"its nodeSelectorTerms admit a node with {label}", terms)


def _affinities(bundle: Bundle) -> Iterator[tuple[str, Any]]:
    """Pods, partial workloads and patches, by where they stand."""
    for item in (*bundle.objects, *bundle.component):
        if item["kind"] != "ConfigMap":
            yield name_of(item), item.get("spec", {})
            continue
        for key, value in item["data"].items():
            if key.endswith(".patch.json"):
                yield f"{name_of(item)}, {key}", embedded(value)
    yield from ((path, data) for path, data in bundle.files.items() if path.startswith("cni/"))


def terms_survive(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """CNI009, CNI011: every term that was there still is, with every expression, and is restricted."""
    off = [{"key": key, "operator": "NotIn", "values": [value]} for key, value in (_EXTERNAL, _VIRTUAL)]
    for exclusion in bundle.exclusions:
        where = f"the exclusion of {exclusion.kind} {exclusion.namespace}/{exclusion.name}"
        if len(exclusion.wanted) != max(1, len(exclusion.expected)):
            yield Breach("CNI009", where, f"{len(exclusion.expected)} terms became {len(exclusion.wanted)}")
            continue
        for index, wanted in enumerate(exclusion.wanted):
            before = exclusion.expected[index] if exclusion.expected else {}
            lost = _lost(before, wanted) + [item for item in off if item not in wanted.get("matchExpressions", [])]
            for item in lost:
                code = "CNI011" if item.get("key") == "kubernetes.io/os" else "CNI009"
                yield Breach(code, where, f"term {index} lacks {item['key']} {item['operator']} {item.get('values')}")


def _lost(before: Term, after: Term) -> list[Term]:
    return [
        item
        for part in ("matchExpressions", "matchFields")
        for item in before.get(part) or []
        if item not in (after.get(part) or [])
    ]


def one_truth(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """CNI009: wherever an exclusion is written out, its terms are the same."""
    wanted = {(e.kind, e.namespace, e.name): e.wanted for e in bundle.exclusions}
    for item in (*bundle.objects, *bundle.component):
        key = (item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"])
        if key in wanted and wanted[key] not in terms_in(item["spec"]):
            name = item["metadata"]["name"]
            yield Breach("CNI009", name_of(item), "its terms are not those of the exclusion", name, "name it once")
    for item in bundle.objects:
        if item["kind"] == "ConfigMap" and "objects" in item["data"]:
            yield from _instructions(item["data"], wanted, name_of(item))


def _instructions(data: dict[str, Any], wanted: dict[Any, list[Term]], where: str) -> Iterator[Breach]:
    for (kind, namespace, name), terms in wanted.items():
        file = f"{kind.lower()}.{namespace}.{name}"
        if f"{file}.patch.json" in data:
            patch, stated = embedded(data[f"{file}.patch.json"]), embedded(data.get(f"{file}.wanted.json"))
            if terms_in(patch) != [terms] or stated != terms:
                yield Breach("CNI009", where, f"{file}: the patch is not the exclusion")


def calico_is_safe(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """CNI007: no CRD of Calico is in the output, and the chart's own are taken out."""
    for item in manifests(bundle):
        if item["kind"] == "CustomResourceDefinition" and item["metadata"]["name"].endswith("projectcalico.org"):
            yield Breach("CNI007", name_of(item), "applied, it would empty Calico's own objects")
    chart = bundle.files.get("terway/kustomization.yaml")
    if chart is not None:
        targets = [patch.get("target", {}) for patch in chart.get("patches", [])]
        taken_out = [target.get("name", "") for target in targets if target.get("kind") == "CustomResourceDefinition"]
        if not any("projectcalico" in name for name in taken_out):
            yield Breach("CNI007", "terway/kustomization.yaml", "it leaves the chart's CRDs of projectcalico.org in")


PROOFS: tuple[Proof, ...] = (one_cni_a_node, off_cloud_nodes, terms_survive, one_truth, calico_is_safe)
