"""schemas/hybrid.schema.json as a specification: what it says of itself, and what it takes and refuses.

Two validators judge every document: jsonschema-rs, which ships, and jsonschema, the independent second opinion.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from ruamel.yaml import YAML

from hybridc.code import Stage
from hybridc.codes import CODES

Json = Any  # a JSON value or schema
ROOT = Path(__file__).resolve().parents[2]
SCHEMA: Json = json.loads((ROOT / "schemas" / "hybrid.schema.json").read_text(encoding="utf-8"))
EXAMPLES = ("everything", "guide", "two-zone")
PASS_THROUGH = ("extraEniConf", "extraCniConf", "config", "extra")
PLUGIN = ("cniChain", "items")
CONDITION = ("if", "then", "else")


# ---- two validators, one form of answer -----------------------------------------------------------------------------


def ecma_pattern(validator: Json, pattern: str, instance: Json, _schema: Json) -> Iterator[Json]:
    """``pattern`` as JSON Schema means it: ``$`` ends the text (Python's also matches before a last newline)."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$\Z", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Second = extend(Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]
FIRST = jsonschema_rs.Draft202012Validator(SCHEMA)
SECOND = Second(SCHEMA)


def first_opinion(document: Json) -> set[str]:
    """``pointer keyword`` of every error of jsonschema-rs."""
    return {f"{pointer(e.instance_path)} {e.kind.name}" for e in FIRST.iter_errors(document)}


def second_opinion(document: Json) -> set[str]:
    """``pointer keyword`` of every error of jsonschema; an error in a key counts as ``propertyNames``."""
    return {
        f"{pointer(e.absolute_path)} {'propertyNames' if 'propertyNames' in e.absolute_schema_path else e.validator}"
        for e in SECOND.iter_errors(document)
    }


def pointer(path: Json) -> str:
    return "".join(f"/{step}" for step in path)


def example(name: str) -> Json:
    """The plain data of examples/<name>/hybrid.yaml; a date is its text, as in YAML 1.2."""
    data = YAML(typ="safe", pure=True).load((ROOT / "examples" / name / "hybrid.yaml").read_text(encoding="utf-8"))
    return json.loads(json.dumps(data, default=str))


# ---- what the schema says of itself ---------------------------------------------------------------------------------


def properties(schema: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """``(path, schema)`` of every documented property; conditions are left out."""
    for name, child in schema.get("properties", {}).items():
        yield f"{path}/{name}", child
        yield from properties(child, f"{path}/{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from properties(schema[keyword], f"{path}/*")
    for name, child in schema.get("$defs", {}).items():
        if name != "ipv4Only":  # the second half of a condition
            yield from properties(child, f"#{name}")


def subschemas(node: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """``(path, object)`` of every JSON object of the schema, examples and defaults aside."""
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            if key not in ("examples", "default") or path[-1:] == ("properties",):
                yield from subschemas(child, (*path, key))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from subschemas(child, (*path, str(index)))


PROPERTIES = list(properties(SCHEMA))
SUBSCHEMAS = [(p, s) for p, s in subschemas(SCHEMA) if p[-1:] not in (("properties",), ("$defs",))]


def test_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    jsonschema_rs.meta.validate(SCHEMA)
    assert "$id" not in SCHEMA, "no address serves it"


@pytest.mark.parametrize(("path", "schema"), PROPERTIES, ids=[p for p, _ in PROPERTIES])
def test_property_is_documented(path: str, schema: Json) -> None:
    assert schema["description"].endswith("."), "a plain sentence"
    assert schema["x-effect"].endswith("."), "what it changes in the output"
    samples = [*schema["examples"], *([schema["default"]] if "default" in schema else [])]
    assert schema["examples"]
    for sample in samples:
        assert not list(Second({"$defs": SCHEMA["$defs"], **schema}).iter_errors(sample)), sample
    if schema.get("type") == "integer" and not path.endswith("/asNumber"):
        assert schema["x-unit"]


def test_keywords_that_explain_badly_are_not_used() -> None:
    used = {key for _, schema in SUBSCHEMAS for key in schema}
    assert not used & {"oneOf", "anyOf", "format", "patternProperties", "dependentSchemas"}


def test_every_object_is_closed() -> None:
    for path, schema in SUBSCHEMAS:
        if schema.get("type") == "object" and not set(path) & set(CONDITION):
            rest = schema["additionalProperties"]
            assert (
                (path[-1] in PASS_THROUGH or path[-2:] == PLUGIN)
                if rest is True
                else (rest is False or "propertyNames" in schema)
            ), path


def test_every_condition_says_what_is_wrong_and_what_to_do() -> None:
    failing = {"not", "required", "minItems", "maxItems", "pattern"}
    for path, schema in SUBSCHEMAS:
        if {"then", "else"} & set(path) and "if" not in path and failing & set(schema):
            assert schema["x-message"].endswith("."), path
            assert schema["x-help"].endswith((".", "-hex")), path


def test_patterns_are_anchored_and_read_alike_everywhere() -> None:
    for path, schema in SUBSCHEMAS:
        if "pattern" in schema and path[-1] != "not":
            pattern = schema["pattern"]
            assert pattern.startswith("^"), path
            assert pattern.endswith("$"), path
            assert not re.search(r"\(\?[^:]|\\[dwsbDWSBAZz1-9]", pattern), f"{path}: engines differ here"
            assert "x-expected" in schema, path


def test_order_is_the_one_of_the_example() -> None:
    def check(data: Json, schema: Json) -> None:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        if isinstance(data, dict) and "properties" in schema:
            known = [k for k in data if k in schema["properties"] or schema["additionalProperties"] is not True]
            assert [k for k in schema["properties"] if k in data] == known
            for key in known:
                check(data[key], schema["properties"][key])
        elif isinstance(data, list) and "items" in schema:
            for value in data:
                check(value, schema["items"])

    check(example("everything"), SCHEMA)


DEFAULTS: dict[str, Json] = {
    "cluster/cni/install": "manifest",
    "alibabaCloud/instanceTypes/*/arch": "amd64",
    "alibabaCloud/terraform": False,
    "terway/install": "addon",
    "terway/poolSize/min": 0,
    "terway/poolSize/max": 5,
    "terway/ipStack": "ipv4",
    "terway/vSwitchSelection": "ordered",
    "terway/datapath": "veth",
    "terway/credentials": "addonSecret",
    "ram/profile": "documented",
    "ram/scope": "account",
    "ram/namePrefix": "hybridc",
    "nodeInit/mode": "script",
    "nodeInit/os": "auto",
    "nodeInit/packages/source": "repo",
    "nodeInit/packages/mirror": "vpc",
    "nodeInit/packages/extra": ["nfs-client"],
    "nodeInit/containerd/runtimes/*/default": False,
    "nodeInit/registryMirrors/*/*/overridePath": False,
    "nodeInit/registryMirrors/*/*/skipVerify": False,
    "nodeInit/join/method": "kubeadm",
    "nodeInit/join/token/from": "oss",
    "nodeInit/join/token/path": "/etc/hybridc/bootstrap-token",
    "nodeInit/join/token/name": "HYBRIDC_BOOTSTRAP_TOKEN",
    "nodeInit/join/token/ttl": "24h",
    "nodeInit/join/token/refresh": "ci",
    "nodeInit/join/unsafeSkipCAVerification": False,
    "nodeInit/labels/topology": True,
    "nodeInit/labels/restricted": "drop",
    "nodeInit/allowCgroupV1": False,
    "nodeInit/budgetSeconds": 1500,
    "nodePools/*/image": {"type": "AliyunLinux3"},
    "nodePools/*/autoScaling": False,
    "nodePools/*/size/desired": 0,
    "nodePools/*/size/min": 0,
    "nodePools/*/systemDisk/category": "cloud_essd",
    "nodePools/*/systemDisk/sizeGiB": 120,
    "gitops/engine": "argocd",
    "gitops/format": "kustomize",
    "gitops/revision": "main",
    "gitops/project": "hybrid",
    "gitops/destination": {"server": "https://kubernetes.default.svc"},
    "gitops/argocdNamespace": "argocd",
    "gitops/autoSync": True,
}


def test_defaults() -> None:
    assert {path.removeprefix("/spec/"): s["default"] for path, s in PROPERTIES if "default" in s} == DEFAULTS


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_valid(name: str) -> None:
    document = example(name)
    assert first_opinion(document) == second_opinion(document) == set()


# ---- what it takes and refuses: one change to a valid document at a time --------------------------------------------

GONE = object()
SHA = "7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"
TARBALL = {"name": "containerd", "url": "https://repo.example.com/c.tgz", "sha256": SHA, "arch": "amd64"}
CHART = {"repository": "https://git.example.com/terway.git", "path": "charts/terway", "revision": "v1.16.8"}
CNI = "/spec/cluster/cni"
VPC = "/spec/alibabaCloud/vpc"
JOIN = "/spec/nodeInit/join"
TOKEN = "/spec/nodeInit/join/token"
POOL = "/spec/nodePools/0"
TERM = f"{CNI}/existingNodeSelectorTerms"


def change(document: Json, where: str, value: Json) -> Json:
    """A copy of the document with the value at this JSON pointer set, or removed (``GONE``)."""
    document = copy.deepcopy(document)
    *parents, last = where.split("/")[1:]
    node = document
    for step in parents:
        node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
    if value is GONE:
        del node[int(last) if isinstance(node, list) else last]
    elif isinstance(node, list):
        node[int(last) :] = [value]
    else:
        node[last] = value
    return document


def expression(operator: str, *values: str) -> list[Json]:
    return [{"matchExpressions": [{"key": "kubernetes.io/os", "operator": operator, "values": list(values)}]}]


def bases() -> dict[str, Json]:
    """The valid documents that the rows change: everything, guide, and the guide in other modes."""
    everything, guide = example("everything"), example("guide")
    routed = {"type": "flannel", "routing": "overlay"}
    overlay = change(change(change(guide, "/spec/terway", GONE), f"{VPC}/podVSwitches", GONE), CNI, routed)
    return {
        "everything": everything,
        "guide": guide,
        "overlay": overlay,
        "no cni": change(change(guide, CNI, {"type": "none", "routing": "host"}), "/spec/cluster/podCIDRs", []),
        "dual": change(everything, "/spec/terway/ipStack", "dual"),
        "managed": change(guide, "/spec/nodeInit", {"mode": "managed"}),
        "served": change(guide, "/spec/nodeInit", {"url": "https://boot.example.com/init.sh"}),
        "unpinned": change(change(guide, "/spec/cluster/caCertHashes", GONE), JOIN, {"unsafeSkipCAVerification": True}),
    }


BASES = bases()

# (document, pointer, new value or GONE, errors): an error is "keyword", at the pointer, or "keyword @pointer".
Row = tuple[str, str, Json, str]
CASES: list[Row] = [
    # the frame
    ("guide", "/apiVersion", "hybridc.dev/v1", "enum"),
    ("guide", "/kind", "Cluster", "enum"),
    ("guide", "/kind", GONE, "required @"),
    ("guide", "/extra", 1, "additionalProperties @"),
    ("guide", "/spec/extra", {}, "additionalProperties @/spec"),
    ("guide", "/metadata/name", "a" * 40, ""),
    ("guide", "/metadata/name", "a" * 41, "pattern"),
    ("guide", "/metadata/name", "Idc", "pattern"),
    ("guide", "/metadata/name", "idc-", "pattern"),
    ("guide", "/metadata/name", "idc\n", "pattern"),
    ("guide", "/spec/nodeInit", GONE, "required @/spec"),
    ("guide", "/spec/nodePools", GONE, ""),
    ("guide", "/spec/nodePools", [], ""),
    # cluster
    ("guide", "/spec/cluster/kubernetesVersion", "v1.34.2", "pattern"),
    ("guide", "/spec/cluster/kubernetesVersion", "1.34", "pattern"),
    ("guide", "/spec/cluster/kubernetesVersion", 1.34, "type"),
    ("guide", "/spec/cluster/apiServer", "k8s.example.com:1", ""),
    ("guide", "/spec/cluster/apiServer", "[fd00::1]:65535", ""),
    ("guide", "/spec/cluster/apiServer", "k8s.example.com:65536", "pattern"),
    ("guide", "/spec/cluster/apiServer", "k8s.example.com:0", "pattern"),
    ("guide", "/spec/cluster/apiServer", "https://k8s.example.com:6443", "pattern"),
    ("guide", "/spec/cluster/apiServer", "k8s.example.com", "pattern"),
    ("guide", "/spec/cluster/caCertHashes/0", "sha256:abc", "pattern"),
    ("guide", "/spec/cluster/caCertHashes", [], "minItems"),
    ("guide", "/spec/cluster/caCertHashes", GONE, "required @/spec/cluster"),
    ("guide", f"{JOIN}/unsafeSkipCAVerification", False, ""),
    ("unpinned", "/spec/cluster/caCertHashes", [], ""),
    ("unpinned", f"{JOIN}/unsafeSkipCAVerification", False, "required @/spec/cluster"),
    ("unpinned", JOIN, {"method": "k3s", "server": "https://k8s.example.com:6443", "token": {"from": "oss"}}, ""),
    ("unpinned", JOIN, {"method": "rke2", "server": "https://k8s.example.com:9345", "token": {"from": "file"}}, ""),
    ("unpinned", JOIN, {"method": "custom", "command": "join"}, ""),
    ("unpinned", JOIN, {"method": "kubeadm"}, "required @/spec/cluster"),
    ("unpinned", JOIN, {"method": "other"}, "enum @/spec/nodeInit/join/method"),
    ("unpinned", "/spec/nodeInit", GONE, "required @/spec"),
    ("guide", "/spec/cluster/serviceCIDRs", [], "minItems"),
    ("guide", "/spec/cluster/serviceCIDRs/0", "fd00::/112", "not"),
    ("guide", "/spec/cluster/serviceCIDRs/0", "172.16.0.0", "pattern"),
    ("guide", "/spec/cluster/serviceCIDRs/1", "fd00::/112", "not"),
    ("overlay", "/spec/cluster/serviceCIDRs/1", "fd00::/112", "not"),
    ("dual", "/spec/cluster/serviceCIDRs/1", "fd00::/112", ""),
    ("dual", "/spec/cluster/serviceCIDRs/1", "10.9.0.0/16", "not"),
    ("guide", "/spec/cluster/serviceCIDRs/1", "10.9.0.0/16", "not"),
    ("guide", "/spec/cluster/serviceCIDRs/1", "10.9.0.0", "pattern; not @/spec/cluster/serviceCIDRs/1"),
    ("dual", "/spec/cluster/serviceCIDRs", ["fd00::/112", "10.9.0.0/16"], "not"),
    ("guide", "/spec/cluster/serviceCIDRs", ["fd00::/112", "10.9.0.0/16"], "not"),
    ("dual", "/spec/cluster/serviceCIDRs", ["fd00::/112", "fd01::/112"], "not @/spec/cluster/serviceCIDRs/0"),
    ("dual", "/spec/cluster/serviceCIDRs", ["10.9.0.0/16", "fd00::/112", "fd01::/112"], "maxItems"),
    ("guide", "/spec/cluster/nodeCIDRs", [], "minItems"),
    ("guide", "/spec/cluster/nodeCIDRs", ["10.9.0.0/16", "10.9.0.0/16"], "uniqueItems"),
    ("guide", "/spec/cluster/podCIDRs", [], "minItems"),
    ("no cni", "/spec/cluster/podCIDRs", [], ""),
    ("no cni", f"{CNI}/type", "calico", f"minItems @/spec/cluster/podCIDRs; not @{CNI}/routing"),
    # cluster.cni
    ("guide", f"{CNI}/type", "weave", "enum"),
    ("guide", f"{CNI}/type", "none", f"not @{CNI}/routing"),
    ("guide", f"{CNI}/routing", "host", "not"),
    ("guide", f"{CNI}/routing", "vxlan", "enum"),
    ("guide", f"{CNI}/routing", GONE, f"required @{CNI}"),
    ("no cni", f"{CNI}/routing", "bgp", "not"),
    ("guide", f"{CNI}/install", "operator", ""),
    ("guide", f"{CNI}/type", "canal", ""),
    ("everything", f"{CNI}/install", "operator", ""),
    ("overlay", f"{CNI}/install", "operator", "not"),
    ("overlay", f"{CNI}/install", "helm", ""),
    ("guide", f"{CNI}/version", 3.24, "type"),
    ("guide", f"{CNI}/version", "v3.24.5", "pattern"),
    ("guide", f"{CNI}/asNumber", 4294967295, ""),
    ("guide", f"{CNI}/asNumber", 4294967296, "maximum"),
    ("guide", f"{CNI}/asNumber", 0, "minimum"),
    ("overlay", f"{CNI}/asNumber", 64512, "not"),
    ("overlay", f"{CNI}/routeReflectorSelector", "rr == 'true'", "not"),
    ("overlay", f"{CNI}/delivery", "hook", "not"),
    ("overlay", f"{CNI}/recheck", "0 * * * *", "not"),
    ("no cni", f"{CNI}/delivery", "manual", "not"),
    ("everything", f"{CNI}/routing", GONE, f"required @{CNI}"),
    ("guide", f"{CNI}/recheck", "0 * * * *", ""),
    ("guide", f"{CNI}/recheck", "0 * * *", "pattern"),
    ("everything", f"{CNI}/delivery", "ssa", f"not @{CNI}/recheck"),
    ("everything", f"{CNI}/delivery", "other", "enum"),
    ("everything", f"{CNI}/delivery", GONE, ""),
    ("guide", CNI, {"type": "calico", "routing": "bgp", "install": "helm", "recheck": "0 * * * *"}, "not @$/recheck"),
    ("guide", f"{CNI}/excludeAlso", [{"kind": "Job", "namespace": "a", "name": "b"}], "enum @$/0/kind"),
    ("guide", f"{CNI}/excludeAlso", [{"kind": "DaemonSet", "name": "b"}], "required @$/0"),
    ("guide", TERM, [{}], "minProperties @$/0"),
    ("guide", TERM, [{"matchExpressions": []}], "minItems @$/0/matchExpressions"),
    ("guide", TERM, expression("In", "linux"), ""),
    ("guide", TERM, expression("In"), "minItems @$/0/matchExpressions/0/values"),
    ("guide", TERM, expression("Exists"), ""),
    ("guide", TERM, expression("Exists", "linux"), "maxItems @$/0/matchExpressions/0/values"),
    ("guide", TERM, expression("Gt", "4"), ""),
    ("guide", TERM, expression("Gt", "4", "5"), "maxItems @$/0/matchExpressions/0/values"),
    ("guide", TERM, expression("Lt", "four"), "pattern @$/0/matchExpressions/0/values/0"),
    ("guide", TERM, expression("Equals", "x"), "enum @$/0/matchExpressions/0/operator"),
    ("guide", TERM, [{"matchExpressions": [{"key": "a", "operator": "NotIn"}]}], "required @$/0/matchExpressions/0"),
    ("guide", TERM, [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}], ""),
    (
        "guide",
        TERM,
        [{"matchFields": [{"key": "a", "operator": "In", "values": ["b"]}]}],
        "enum @$/0/matchFields/0/key",
    ),
    # alibabaCloud
    ("guide", "/spec/alibabaCloud/region", "cn-hangzhou-j", "pattern"),
    ("guide", "/spec/alibabaCloud/region", "cn-north-2-gov-1", ""),
    ("guide", "/spec/alibabaCloud/accountID", 1234567890123456, "type"),
    ("guide", "/spec/alibabaCloud/accountID", "123", "pattern"),
    # Unusual ids are a warning (rule ID005); what is no id at all is refused here.
    ("guide", "/spec/alibabaCloud/registeredClusterID", "c123", ""),
    ("guide", "/spec/alibabaCloud/registeredClusterID", "c 123", "pattern"),
    ("guide", "/spec/alibabaCloud/resourceGroupID", "aek2", ""),
    ("guide", "/spec/alibabaCloud/resourceGroupID", "rg/aek2", "pattern"),
    ("guide", f"{VPC}/id", "vpc_1", "pattern"),
    ("guide", f"{VPC}/cidrs", ["10.0.0.0/8", "fd00::/56"], ""),
    ("guide", f"{VPC}/nodeVSwitches", [], "minItems"),
    ("guide", f"{VPC}/nodeVSwitches/0/id", "vsw-xxx", ""),
    ("guide", f"{VPC}/nodeVSwitches/0/id", "VswitchId", "pattern"),
    ("guide", f"{VPC}/nodeVSwitches/0/zone", GONE, f"required @{VPC}/nodeVSwitches/0"),
    ("guide", f"{VPC}/nodeVSwitches/0/zone", "AZoneID", "pattern"),
    ("guide", f"{VPC}/nodeVSwitches/0/ipv6CIDR", "2001:db8::/64", "not"),
    ("guide", f"{VPC}/podVSwitches/0/ipv6CIDR", "2001:db8::/64", "not"),
    ("dual", f"{VPC}/podVSwitches/0/ipv6CIDR", "2001:db8::/64", ""),
    ("dual", f"{VPC}/podVSwitches/0/ipv6CIDR", "10.9.0.0/16", "pattern"),
    ("overlay", f"{VPC}/nodeVSwitches/0/ipv6CIDR", "2001:db8::/64", "not"),
    ("guide", f"{VPC}/podVSwitches", GONE, f"required @{VPC}"),
    ("no cni", f"{VPC}/podVSwitches", GONE, f"required @{VPC}"),
    ("overlay", f"{VPC}/podVSwitches", [{"id": "vsw-a", "zone": "cn-a", "cidr": "10.9.0.0/24"}], "not"),
    ("guide", f"{VPC}/securityGroups", [f"sg-{n}" for n in range(11)], "maxItems"),
    ("guide", f"{VPC}/securityGroups/0", "bp1f3h5", "pattern"),
    ("guide", "/spec/alibabaCloud/instanceTypes", {"g7.large": {"enis": 2, "ipsPerENI": 6}}, "propertyNames"),
    ("guide", "/spec/alibabaCloud/instanceTypes", {"ecs.g7.large": {"enis": 2}}, "required @$/ecs.g7.large"),
    # addons, terway
    ("guide", "/spec/addons", [{"name": "terway-eniip"}], "not @$/0/name"),
    ("guide", "/spec/addons", [{"name": "logtail-ds", "config": {"any": [1, {"json": True}]}}], ""),
    ("guide", "/spec/terway", GONE, "required @/spec"),
    ("no cni", "/spec/terway", GONE, "required @/spec"),
    ("overlay", "/spec/terway", {"version": "1.16.8"}, "not"),
    ("guide", "/spec/terway/version", "1.13.2-1718bc8", ""),
    ("guide", "/spec/terway/version", "v1.13.2", "pattern"),
    ("guide", "/spec/terway/install", "chart", "required @/spec/terway"),
    ("guide", "/spec/terway/chart", CHART, "not"),
    ("everything", "/spec/terway/chart", GONE, "required @/spec/terway"),
    ("everything", "/spec/terway/chart/path", "../terway", "pattern"),
    ("everything", "/spec/terway/install", "addon", "not @/spec/terway/chart"),
    ("everything", "/spec/terway/install", "helm", "enum"),
    ("guide", "/spec/terway/poolSize/max", -1, "minimum"),
    ("guide", "/spec/terway/poolSize/max", "5", "type"),
    ("guide", "/spec/terway/ipStack", "ipv6", "enum"),
    ("guide", "/spec/terway/vSwitchSelection", "most", "enum"),
    ("guide", "/spec/terway/eniTags", {"aliyun-x": "1"}, "propertyNames"),
    ("guide", "/spec/terway/eniTags", {"acs:x": "1"}, "propertyNames"),
    ("guide", "/spec/terway/eniTags", {"ack.aliyun.com": "c1", "\u56e2\u961f": "\u5e73\u53f0"}, ""),
    ("guide", "/spec/terway/eniTags", {"cost": 7}, "type @$/cost"),
    ("guide", "/spec/terway/dynamicConfigs", {"big": {}}, "minProperties @$/big"),
    ("guide", "/spec/terway/dynamicConfigs", {"Big": {"poolSize": {"max": 9}}}, "propertyNames"),
    ("guide", "/spec/terway/extraEniConf", {"new_key": {"any": [1.5, False]}}, ""),
    ("guide", "/spec/terway/extraEniConf", [], "type"),
    # ram
    ("guide", "/spec/ram/user", GONE, "required @/spec/ram"),
    ("guide", "/spec/ram/role", "terway", "not"),
    ("guide", "/spec/ram", {"role": "terway"}, ""),
    ("guide", "/spec/ram/user", "a" * 65, "pattern"),
    ("guide", "/spec/ram/namePrefix", "a_b", "pattern"),
    # nodeInit: where the script is
    ("guide", "/spec/nodeInit/oss", GONE, "required @/spec/nodeInit"),
    ("guide", "/spec/nodeInit/oss", {}, "required"),
    ("guide", "/spec/nodeInit/oss/bucket", "Kubelet", "pattern"),
    ("guide", "/spec/nodeInit/oss/prefix", "a/b", ""),
    ("guide", "/spec/nodeInit/oss/prefix", "/a", "pattern"),
    ("guide", "/spec/nodeInit/oss/prefix", "a/../b", "pattern"),
    ("guide", "/spec/nodeInit/url", "https://boot.example.com/init.sh", "not @/spec/nodeInit/oss"),
    ("served", "/spec/nodeInit/mode", "script", ""),
    ("served", "/spec/nodeInit/url", "ftp://boot.example.com/init.sh", "pattern"),
    ("served", "/spec/nodeInit/url", "https://me:pw@boot.example.com/init.sh", "pattern"),
    ("served", "/spec/nodeInit/url", "https://b.example.com/" + "a" * 1024, "maxLength"),
    ("managed", "/spec/nodeInit/mode", "script", "required @/spec/nodeInit"),
    ("managed", "/spec/nodeInit/mode", "auto", "enum"),
    ("managed", "/spec/nodeInit/os", "alinux3", "not"),
    ("managed", "/spec/nodeInit/oss", {"bucket": "kubelet"}, "not"),
    ("managed", "/spec/nodeInit/budgetSeconds", 600, "not"),
    # nodeInit: what the script does
    ("guide", "/spec/nodeInit/os", "centos-7", "enum"),
    ("guide", "/spec/nodeInit/packages", {"source": "tarball"}, "required"),
    ("guide", "/spec/nodeInit/packages", {"source": "tarball", "tarballs": []}, "minItems @$/tarballs"),
    ("guide", "/spec/nodeInit/packages", {"source": "tarball", "tarballs": [TARBALL]}, ""),
    ("guide", "/spec/nodeInit/packages", {"tarballs": [TARBALL]}, "maxItems @$/tarballs"),
    ("guide", "/spec/nodeInit/packages", {"source": "preinstalled", "tarballs": []}, ""),
    ("guide", "/spec/nodeInit/packages", {"source": "x", "tarballs": [TARBALL]}, "enum @$/source"),
    (
        "everything",
        "/spec/nodeInit/packages/repositories/0/keyURL",
        GONE,
        "required @/spec/nodeInit/packages/repositories/0",
    ),
    ("everything", "/spec/nodeInit/containerd/version", 2.3, "type"),
    ("everything", "/spec/nodeInit/containerd/sandboxImage", "registry.example.com/pause", "pattern"),
    ("everything", "/spec/nodeInit/containerd/sandboxImage", f"reg.example.com:5000/pause@sha256:{SHA}", ""),
    ("everything", "/spec/nodeInit/proxy/http", "proxy:3128", "pattern"),
    ("everything", "/spec/nodeInit/proxy/http", "http://me:pw@proxy:3128", "pattern"),
    ("guide", "/spec/nodeInit/registryMirrors", {"_default": [{"url": "https://m.example.com"}]}, ""),
    (
        "guide",
        "/spec/nodeInit/registryMirrors",
        {"https://docker.io": [{"url": "https://m.example.com"}]},
        "propertyNames",
    ),
    ("guide", "/spec/nodeInit/registryMirrors", {"docker.io": []}, "minItems @$/docker.io"),
    ("guide", "/spec/nodeInit/hosts", {"k8s-api": "fd00::1"}, ""),
    ("guide", "/spec/nodeInit/hosts", {"k8s-api": "k8s.example.com"}, "pattern @$/k8s-api"),
    ("guide", "/spec/nodeInit/kubeletExtraArgs", {"max-pods": 64}, "type @$/max-pods"),
    ("guide", "/spec/nodeInit/kubeletExtraArgs", {"--max-pods": "64"}, "propertyNames"),
    ("guide", "/spec/nodeInit/labels", {"extra": {"example.com/team": "a_b.c"}}, ""),
    ("guide", "/spec/nodeInit/labels", {"extra": {"team": "a b"}}, "pattern @$/extra/team"),
    ("guide", "/spec/nodeInit/labels", {"extra": {"team": "a" * 64}}, "pattern @$/extra/team"),
    ("guide", "/spec/nodeInit/labels", {"extra": {"a@b": "c"}}, "propertyNames @$/extra"),
    ("guide", "/spec/nodeInit/hooks", {"pre": ""}, "minLength @$/pre"),
    ("guide", "/spec/nodeInit/hooks", {"post": "a\nb\n"}, ""),
    ("guide", "/spec/nodeInit/budgetSeconds", 59, "minimum"),
    ("guide", "/spec/nodeInit/budgetSeconds", 3601, "maximum"),
    # nodeInit.join
    ("guide", JOIN, {"method": "k3s"}, "required"),
    ("guide", JOIN, {"method": "rke2"}, "required"),
    ("guide", JOIN, {"method": "k3s", "server": "https://k8s.example.com:6443"}, "required"),
    ("guide", JOIN, {"method": "k3s", "server": "https://k8s.example.com:6443", "token": {}}, "required @$/token"),
    ("guide", JOIN, {"method": "k3s", "server": "http://a.b:6443", "token": {"from": "oss"}}, "pattern @$/server"),
    ("guide", JOIN, {"server": "https://k8s.example.com:6443"}, "not @$/server"),
    ("guide", JOIN, {"method": "custom"}, "required"),
    ("guide", JOIN, {"method": "custom", "command": "a", "server": "https://k8s.example.com"}, "not @$/server"),
    ("guide", JOIN, {"command": "join"}, "not @$/command"),
    ("guide", JOIN, {"method": "k4s", "command": "join"}, "enum @$/method"),
    ("guide", TOKEN, {"from": "url"}, "required"),
    ("guide", TOKEN, {"from": "url", "url": "https://vault.example.com/t", "refresh": "external"}, ""),
    ("guide", TOKEN, {"url": "https://vault.example.com/t"}, "not @$/url"),
    ("guide", TOKEN, {"from": "file"}, ""),
    ("guide", TOKEN, {"from": "file", "path": "/run/token"}, ""),
    ("guide", TOKEN, {"from": "file", "path": "run/token"}, "pattern @$/path"),
    ("guide", TOKEN, {"path": "/run/token"}, "not @$/path"),
    ("guide", TOKEN, {"from": "env", "name": "TOKEN"}, ""),
    ("guide", TOKEN, {"from": "file", "name": "TOKEN"}, "not @$/name"),
    ("guide", TOKEN, {"from": "ramRole"}, "required"),
    ("guide", TOKEN, {"from": "ramRole", "role": "node"}, ""),
    ("guide", TOKEN, {"from": "oss", "role": "node"}, "not @$/role"),
    ("guide", TOKEN, {"from": "env", "refresh": "ci"}, "not @$/refresh"),
    ("guide", TOKEN, {"from": "vault", "role": "node"}, "enum @$/from"),
    ("guide", TOKEN, {"ttl": "1h30m"}, ""),
    ("guide", TOKEN, {"ttl": "1d"}, "pattern @$/ttl"),
    # nodePools
    ("guide", f"{POOL}/vSwitches", [], "minItems"),
    ("guide", f"{POOL}/vSwitches", [f"vsw-{n}" for n in range(9)], "maxItems"),
    ("guide", f"{POOL}/instanceTypes", [f"ecs.g{n}.large" for n in range(11)], "maxItems"),
    ("guide", f"{POOL}/instanceTypes/0", "g7.large", "pattern"),
    ("guide", f"{POOL}/keyPair", GONE, f"required @{POOL}"),
    ("guide", f"{POOL}/image", GONE, ""),
    ("guide", f"{POOL}/image", {}, "required"),
    ("guide", f"{POOL}/image", {"id": "m-1"}, ""),
    ("guide", f"{POOL}/image/id", "m-1", "not"),
    ("guide", f"{POOL}/size/max", GONE, ""),
    ("everything", f"{POOL}/size/max", GONE, f"required @{POOL}/size"),
    ("everything", f"{POOL}/size", GONE, f"required @{POOL}"),
    ("everything", f"{POOL}/autoScaling", "true", "type"),
    ("guide", f"{POOL}/size/max", 2000, ""),
    ("guide", f"{POOL}/size/max", 2001, "maximum"),
    ("guide", f"{POOL}/systemDisk", {"sizeGiB": 19}, "minimum @$/sizeGiB"),
    ("guide", f"{POOL}/systemDisk", {"sizeGiB": 2049}, "maximum @$/sizeGiB"),
    ("guide", f"{POOL}/dataDisks", [{"category": "cloud_essd", "sizeGiB": 39}], "minimum @$/0/sizeGiB"),
    ("guide", f"{POOL}/dataDisks", [{"sizeGiB": 40}], "required @$/0"),
    ("guide", f"{POOL}/spot", {"strategy": "Spot"}, "enum @$/strategy"),
    ("guide", f"{POOL}/taints", ["a:NoSchedule", "b=:NoExecute", "example.com/c=d:PreferNoSchedule"], ""),
    ("guide", f"{POOL}/taints/0", "a=b:Never", "pattern"),
    ("guide", f"{POOL}/taints/0", "a=b:NoSchedule,", "pattern"),
    ("guide", f"{POOL}/tags", {"url": "http://x"}, "not @$/url"),
    ("guide", f"{POOL}/terwayConfig", "no-such-config", ""),
    # gitops, checks
    ("guide", "/spec/gitops/repoURL", GONE, "required @/spec/gitops"),
    ("guide", "/spec/gitops/repoURL", "git@git.example.com:team/out.git", ""),
    ("guide", "/spec/gitops/repoURL", "ssh://git@git.example.com:2222/team/out.git", ""),
    ("guide", "/spec/gitops/repoURL", "file:///srv/git/out.git", ""),
    ("guide", "/spec/gitops/repoURL", "-u@git.example.com:team/out.git", "pattern"),
    ("guide", "/spec/gitops/repoURL", "git@git.example.com:-team/out.git", "pattern"),
    ("guide", "/spec/gitops/repoURL", "ssh://-oProxyCommand=x@git.example.com/out.git", "pattern"),
    ("guide", "/spec/gitops/repoURL", "git.example.com/team/out", "pattern"),
    ("guide", "/spec/gitops/repoURL", "https://me:pw@git.example.com/out.git", "pattern"),
    ("guide", "/spec/gitops/pathPrefix", "/out", "pattern"),
    ("guide", "/spec/gitops/destination", {}, "required"),
    ("guide", "/spec/gitops/destination", {"name": "idc"}, ""),
    ("everything", "/spec/gitops/destination/name", "idc", "not"),
    ("guide", "/spec/gitops/jobImage", "registry.example.com/tools/kubectl", "pattern"),
    ("guide", "/spec/terway/cniChain", [], "minItems"),
    ("guide", "/spec/terway/cniChain", [{"type": "terway"}, {"capabilities": {}}], "required @$/1"),
    ("guide", "/spec/gitops/jobTolerations", [{"operator": "Exists"}, {"key": "a/b", "value": "c"}], ""),
    ("guide", "/spec/gitops/jobTolerations", [{"key": "a", "operator": "Exists", "value": "b"}], "not @$/0/value"),
    ("guide", "/spec/gitops/jobTolerations", [{"effect": "NoSchedule"}], "required @$/0"),
    ("guide", "/spec/gitops/jobTolerations", [{"key": "a", "tolerationSeconds": 60}], "required @$/0"),
    ("guide", "/spec/gitops/imagePullSecrets", ["a", "a"], "uniqueItems"),
    ("guide", "/spec/checks", {"ignore": [{"code": "OSS018"}]}, "required @$/ignore/0"),
    ("guide", "/spec/checks", {"ignore": [{"code": "oss18", "reason": "x"}]}, "pattern @$/ignore/0/code"),
    ("everything", "/spec/checks/ignore/0/until", "2027-13-01", "pattern"),
]


def wanted(where: str, errors: str) -> set[str]:
    """``pointer keyword`` of each error of a row; ``$`` is the changed place."""
    pairs = [error.partition(" @") for error in errors.split("; ") if error]
    return {f"{at.replace('$', where) if sign else where} {keyword}" for keyword, sign, at in pairs}


@pytest.mark.parametrize("base", BASES)
def test_base_is_valid(base: str) -> None:
    assert first_opinion(BASES[base]) == second_opinion(BASES[base]) == set()


@pytest.mark.parametrize(
    ("base", "where", "value", "errors"),
    CASES,
    ids=[f"{n}-{c[0]}-{c[1].rsplit('/', 1)[1]}" for n, c in enumerate(CASES)],
)
def test_one_change(base: str, where: str, value: Json, errors: str) -> None:
    document = change(BASES[base], where, value)
    assert first_opinion(document) == wanted(where, errors)
    assert second_opinion(document) == wanted(where, errors)


def test_a_code_that_the_schema_names_is_listed_with_that_stage() -> None:
    named = set(re.findall(r'"x-code": "([A-Z]+[0-9]+)"', json.dumps(SCHEMA)))
    assert named
    assert sorted(code for code in named if Stage.FORM not in CODES[code].stages) == []
