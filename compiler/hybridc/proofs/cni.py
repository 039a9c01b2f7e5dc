"""Proofs: every node gets exactly one CNI, shown by evaluating the selectors that are written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc import cidr
from hybridc.catalog import ack
from hybridc.catalog import cni as catalog
from hybridc.lower.bundle import Bundle, Exclusion, Manifest
from hybridc.proofs.breach import breach, embedded, manifests, name_of, proof
from hybridc.proofs.selectors import Labels, Term, expression_matches, matches, terms_in, witness
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec
from hybridc.words import more

_EXTERNAL, _VIRTUAL = ack.EXTERNAL_LABEL, ack.VIRTUAL_NODE_LABEL
_CLOUD: Labels = {_EXTERNAL[0]: _EXTERNAL[1]}
_VIRTUAL_NODE: Labels = {_VIRTUAL[0]: _VIRTUAL[1]}
_OS = "kubernetes.io/os"
_CNI_VALUES = "the values of the CNI's chart"
_IDC: tuple[Labels, ...] = ({}, {_EXTERNAL[0]: "false"}, {_VIRTUAL[0]: "physical"})
"""An IDC node without the two labels, and with another value of each."""


@proof("CNI014")
def not_one_cni(bundle: Bundle, spec: Spec) -> Findings:
    """A node would get no CNI, or two.

    With none its pods wait for ever; with two the one whose file sorts first wins, after every restart anew. Shown
    for IDC nodes, cloud nodes and virtual nodes from the selectors that are written out.

    Fails::
        Calico without the exclusion, and Terway on cloud nodes
    Passes::
        NotIn ["true"] for the one, In ["true"] for the other

    Source: Kubernetes node affinity.
    """
    yield from _one_cni_a_node(bundle, spec)
    yield from _off_cloud_nodes(bundle)


def _one_cni_a_node(bundle: Bundle, spec: Spec) -> Findings:
    """The IDC's CNI runs where it ran before, Terway on cloud nodes, neither on virtual nodes."""
    if spec.cluster.cni.daemon_set is None or spec.terway is None or not bundle.exclusions:
        return
    main = bundle.exclusions[0]
    terway = _terway_selector(bundle, spec)
    for labels, wanted in _nodes(main):
        count = matches(main.wanted, labels) + all(expression_matches(item, labels) for item in terway)
        if count != wanted:
            shown = ", ".join(f"{key}={value}" for key, value in labels.items()) or "without labels"
            message = f"a node {shown} would get {count} CNI plugins, not {wanted}"
            yield breach(f"the exclusion of {main.kind} {main.namespace}/{main.name}", message)


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
        patches = (bundle.terway_chart or {}).get("patches", [])
        operations = [op for patch in patches if isinstance(found := embedded(patch["patch"]), list) for op in found]
        chart: list[Term] = [{"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]}]
        return chart + [op["value"] for op in operations if "nodeSelectorTerms" in op["path"]]
    return [{"key": key, "operator": "In", "values": [value]} for key, value in ack.TERWAY_SELECTOR.items()]


def _off_cloud_nodes(bundle: Bundle) -> Findings:
    """Nothing that is written out and bound to IDC nodes can land on a cloud node or a virtual one."""
    for where, data in _affinities(bundle):
        for terms in terms_in(data):
            for before in [witness(term) for term in terms] or [{}]:
                for foreign in (_CLOUD, _VIRTUAL_NODE):
                    if matches(terms, {**before, **foreign}):
                        label = "=".join(next(iter(foreign.items())))
                        yield breach(where, f"its nodeSelectorTerms admit a node with {label}", terms)


def _affinities(bundle: Bundle) -> Iterator[tuple[str, Any]]:
    """Pods, partial workloads and patches, by where they stand."""
    for item in (*bundle.objects, *(each.wanted for each in bundle.component), *bundle.cni_patches):
        if item["kind"] != "ConfigMap":
            yield name_of(item), item.get("spec", {})
            continue
        for key, value in item["data"].items():
            if key.endswith(".patch.json"):
                yield f"{name_of(item)}, {key}", embedded(value)
    yield _CNI_VALUES, bundle.cni_values


@proof("CNI009")
def lost_term(bundle: Bundle, spec: Spec) -> Findings:
    """The exclusion loses or does not restrict a term that was there.

    nodeSelectorTerms are OR-ed and replaced as a whole: a term without the two expressions lets the IDC's CNI onto
    cloud nodes, a lost one moves it within the IDC.

    Fails::
        the exclusion as a second term
    Passes::
        both expressions in each existing term

    Source: Kubernetes node affinity; kustomize and kubectl, seen running.
    """
    for exclusion in bundle.exclusions:
        if len(exclusion.wanted) != max(1, len(exclusion.expected)):
            message = f"{len(exclusion.expected)} terms became {len(exclusion.wanted)}"
            yield breach(_name(exclusion), message)
    yield from (breach(where, message) for key, where, message in _lost_expressions(bundle) if key != _OS)
    yield from _one_truth(bundle)


@proof("CNI011")
def lost_os(bundle: Bundle, spec: Spec) -> Findings:
    """The exclusion loses Flannel's kubernetes.io/os requirement.

    The tutorial's patch, taken as it is, deletes it: Flannel would start on Windows nodes too.

    Fails::
        - matchExpressions: [{key: alibabacloud.com/external, operator: NotIn, values: ["true"]}]
    Passes::
        - matchExpressions: [{key: kubernetes.io/os, operator: In, values: [linux]}, {key: type, …}]

    Source: kubectl patch on kube-flannel.yml, seen running.
    """
    yield from (breach(where, message) for key, where, message in _lost_expressions(bundle) if key == _OS)


def _name(exclusion: Exclusion) -> str:
    return f"the exclusion of {exclusion.kind} {exclusion.namespace}/{exclusion.name}"


def _lost_expressions(bundle: Bundle) -> Iterator[tuple[str | None, str, str]]:
    """``(key, where, sentence)``: every term that was there still is, with every expression, and is restricted."""
    off = [{"key": key, "operator": "NotIn", "values": [value]} for key, value in (_EXTERNAL, _VIRTUAL)]
    for exclusion in bundle.exclusions:
        for index, (before, wanted) in enumerate(zip(exclusion.expected or [{}], exclusion.wanted, strict=False)):
            lost = _lost(before, wanted) + [item for item in off if item not in wanted.get("matchExpressions", [])]
            for item in lost:
                message = f"term {index} lacks {item['key']} {item['operator']} {item.get('values')}"
                yield item.get("key"), _name(exclusion), message


def _lost(before: Term, after: Term) -> list[Term]:
    return [
        item
        for part in ("matchExpressions", "matchFields")
        for item in before.get(part) or []
        if item not in (after.get(part) or [])
    ]


def _one_truth(bundle: Bundle) -> Findings:
    """Wherever an exclusion is written out, its terms are the same."""
    wanted = {(e.kind, e.namespace, e.name): e.wanted for e in bundle.exclusions}
    for item in (*bundle.objects, *(each.wanted for each in bundle.component), *bundle.cni_patches):
        key = (item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"])
        if key in wanted and wanted[key] not in terms_in(item["spec"]):
            name = item["metadata"]["name"]
            yield breach(name_of(item), "its terms are not those of the exclusion", name, "name it once")
    for item in bundle.objects:
        if item["kind"] == "ConfigMap" and "objects" in item["data"]:
            yield from _instructions(item["data"], wanted, name_of(item))


def _instructions(data: dict[str, Any], wanted: dict[Any, list[Term]], where: str) -> Findings:
    for (kind, namespace, name), terms in wanted.items():
        file = f"{kind.lower()}.{namespace}.{name}"
        if f"{file}.patch.json" in data:
            patch, stated = embedded(data[f"{file}.patch.json"]), embedded(data.get(f"{file}.wanted.json"))
            if terms_in(patch) != [terms] or stated != terms:
                yield breach(where, f"{file}: the patch is not the exclusion")


@proof("CNI007")
def calico_crd(bundle: Bundle, spec: Spec) -> Findings:
    """A CRD of Calico is in the output.

    Terway's upstream chart has stubs of crd.projectcalico.org. Applied over the real ones they empty every pool,
    policy and BGP peer of the IDC.

    Fails::
        {kind: CustomResourceDefinition, metadata: {name: ippools.crd.projectcalico.org}}
    Passes::
        no such object; the chart only with its CRDs taken out

    Source: Terway's chart on a kube-apiserver with Calico, seen running.
    """
    for item in manifests(bundle):
        if item["kind"] == "CustomResourceDefinition" and item["metadata"]["name"].endswith("projectcalico.org"):
            yield breach(name_of(item), "applied, it would empty Calico's own objects")
    chart = bundle.terway_chart
    if chart is not None:
        targets = [patch.get("target", {}) for patch in chart.get("patches", [])]
        taken_out = [target.get("name", "") for target in targets if target.get("kind") == "CustomResourceDefinition"]
        if not any("projectcalico" in name for name in taken_out):
            yield breach("the kustomization of Terway's chart", "it leaves the chart's CRDs of projectcalico.org in")


@proof("CNI012")
def lost_anti_affinity(bundle: Bundle, spec: Spec) -> Findings:
    """Values for Cilium that lose the chart's own podAntiAffinity.

    The chart takes `affinity` as a whole: with a nodeAffinity alone, two agents can be placed on one node, and
    `envoy` and `operator` keep coming to cloud nodes. hybridc repeats the chart's defaults under `affinity`,
    `operator.affinity` and `envoy.affinity`, so a spec cannot be wrong here; look at it when you merge the values
    with your own.

    Fails::
        affinity: {nodeAffinity: {…}}
    Passes::
        affinity: {nodeAffinity: {…}, podAntiAffinity: {…}}

    Source: cilium/cilium install/kubernetes/cilium values.yaml.
    """
    values = bundle.cni_values
    if values is None:
        return
    for place in catalog.install(spec.cluster.cni.type, spec.cluster.cni.install).values:
        for part in place.keep:
            if not _at(values, place.path).get(part):
                yield breach(_CNI_VALUES, f"{place.path} lacks the chart's own {part}")


def _at(values: dict[str, Any], path: str) -> dict[str, Any]:
    """What stands at a dotted path; {} for nothing."""
    found: Any = values
    for key in path.split("."):
        found = found.get(key) or {}
    return dict(found)


@proof("CNI018")
def refused_pool(bundle: Bundle, spec: Spec) -> Findings:
    """A disabled IPPool that Calico refuses.

    Pools must be masked, must not overlap each other and not 169.254.0.0/16. hybridc makes one for each vSwitch, so
    what is wrong with it is wrong with the vSwitch, and is reported there: NET001 (not masked), NET004 (overlaps an
    IDC pool), NET008 (link-local), NET010 (two overlap).

    Fails::
        {kind: IPPool, metadata: {name: vsw-bp1pod}, spec: {cidr: 10.10.25.1/24, disabled: true}}
    Passes::
        {kind: IPPool, metadata: {name: vsw-bp1pod}, spec: {cidr: 10.10.25.0/24, disabled: true}}

    Source: api/pkg/apis/projectcalico/v3/ippool.go.
    """
    seen, names = cidr.Networks(), list[str]()
    refused = cidr.parse(catalog.REFUSED_POOLS)
    for item in _ip_pools(bundle):
        value = item["spec"]["cidr"]
        span = cidr.parse(str(value))
        if span is None:
            yield breach(name_of(item), f"{value} is not masked", value)
            continue
        if refused is not None and cidr.overlap(span, refused):
            yield breach(name_of(item), f"{value} overlaps {catalog.REFUSED_POOLS}, which Calico refuses", value)
        if met := seen.overlapping(span):
            yield breach(name_of(item), f"{value} overlaps {names[met[0]]}{more(met[1] - 1)}", value)
        seen.add(span)
        names.append(str(value))


def _ip_pools(bundle: Bundle) -> Iterator[Manifest]:
    yield from (item for item in manifests(bundle) if item["kind"] == "IPPool")
