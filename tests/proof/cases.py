"""For every proof: a Bundle in which it does not hold, made from one in which everything does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from hybridc.lower.bundle import Bundle, Exclusion

Change = Callable[[Bundle], Bundle]
OPTIONS = "argocd.argoproj.io/sync-options"


class Case(NamedTuple):
    code: str
    what: str
    example: str
    change: Change


def edited(field: str, change: Callable[[Any], None]) -> Change:
    """A Bundle with a changed copy of one field."""

    def apply(bundle: Bundle) -> Bundle:
        value = copy.deepcopy(getattr(bundle, field))
        change(value)
        return replace(bundle, **{field: value})

    return apply


def changed(kind: str, name: str, change: Callable[[Any], None], field: str = "parts") -> Change:
    """A Bundle with a changed copy of one of its objects."""

    def edit(found: Any) -> None:
        objects = found if isinstance(found, tuple) else [item for part in found.values() for item in part]
        change(next(o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name))

    return edited(field, edit)


def added(manifest: dict[str, Any]) -> Change:
    return lambda bundle: replace(bundle, parts={**bundle.parts, "guard": (*bundle.parts["guard"], manifest)})


def scripted(old: str, new: str) -> Change:
    """A Bundle whose node script reads otherwise."""

    def apply(bundle: Bundle) -> Bundle:
        assert bundle.script is not None
        assert old in bundle.script
        return replace(bundle, script=bundle.script.replace(old, new))

    return apply


def excluded(change: Callable[[Exclusion], Exclusion]) -> Change:
    """A Bundle whose first exclusion is another one."""

    def apply(bundle: Bundle) -> Bundle:
        first, *rest = copy.deepcopy(bundle.exclusions)
        return replace(bundle, exclusions=(change(first), *rest))

    return apply


def manifest(kind: str, name: str, api: str = "v1") -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "kube-system"}}


def without_first_expression(exclusion: Exclusion) -> Exclusion:
    terms = copy.deepcopy(exclusion.wanted)
    del terms[0]["matchExpressions"][0]
    return replace(exclusion, wanted=terms)


def second_term(exclusion: Exclusion) -> Exclusion:
    """What a person writes who takes terms for AND-ed: the old term, and the restriction as another one."""
    return replace(exclusion, wanted=[*exclusion.expected, *exclusion.wanted], expected=exclusion.expected)


def grant(product: str, change: Callable[[list[dict[str, Any]]], None]) -> Change:
    return edited("ram", lambda ram: change(ram[product]["Statement"]))


def drop(statements: list[dict[str, Any]], action: str) -> None:
    for statement in statements:
        statement["Action"] = [name for name in statement["Action"] if name != action]


def limited(statements: list[dict[str, Any]]) -> None:
    for statement in statements:
        if "vpc:DescribeVSwitches" in statement["Action"]:
            statement["Resource"] = ["acs:vpc:*:*:vswitch/*"]


def other_vswitch(statements: list[dict[str, Any]]) -> None:
    statements[0]["Resource"] = [str(name).replace("vsw-uf6podm", "vsw-other") for name in statements[0]["Resource"]]


def bucket(change: Callable[[dict[str, Any]], None]) -> Change:
    return edited("oss", lambda oss: change(oss["bucket-policy"]["Statement"][0]))


def annotation(key: str, value: str | None) -> Callable[[Any], None]:
    def change(item: Any) -> None:
        notes = item["metadata"]["annotations"]
        notes.pop(key, None)
        if value is not None:
            notes[key] = value

    return change


def data(key: str, value: Any) -> Callable[[Any], None]:
    return lambda item: item["data"].update({key: value})


def no_vswitch(item: Any) -> None:
    item["data"]["eni_conf"].data["vswitches"] = {"cn-hangzhou-k": ["vsw-1"]}


def key_in_eni_conf(item: Any) -> None:
    item["data"]["eni_conf"].data["access_key"] = "x"


def other_terms(item: Any) -> None:
    key = next(key for key in item["data"] if key.endswith(".wanted.json"))
    item["data"][key].data[0]["matchExpressions"].pop()


def everywhere(item: Any) -> None:
    affinity = item["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    affinity["nodeSelectorTerms"] = [{"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists"}]}]


def together(values: dict[str, Any]) -> None:
    del values["operator"]["affinity"]["podAntiAffinity"]


def unmasked(pools: tuple[Any, ...]) -> None:
    pools[0]["spec"]["cidr"] = "10.10.25.1/24"


def overlapping(pools: tuple[Any, ...]) -> None:
    for pool in pools:
        pool["spec"]["cidr"] = "10.10.0.0/16"


def centralized(values: dict[str, Any]) -> None:
    values["centralizedIPAM"] = True


def chart_with_crds(chart: dict[str, Any]) -> None:
    chart["patches"] = [p for p in chart["patches"] if p["target"]["kind"] != "CustomResourceDefinition"]


def chart_everywhere(chart: dict[str, Any]) -> None:
    kept = [p for p in chart["patches"] if "nodeSelectorTerms" not in str(getattr(p["patch"], "data", ""))]
    chart["patches"] = kept


AGENT = ("ConfigMap", "ack-agent-config")
ENI = ("ConfigMap", "eni-config")
HOOK = ("Pod", "hybridc-cni-exclusion")
TOKEN = "abcdef" + ".0123456789abcdef"


def _policy(change: Callable[[dict[str, Any]], None]) -> Change:
    return edited("ram", lambda ram: change(ram["terway-eniip"]))


CNI = [
    Case(
        "GIT046",
        "eni-config of 300 KB",
        "guide",
        changed("ConfigMap", "eni-config", data("note", "x" * 300_000)),
    ),
    Case("CNI014", "Calico on cloud nodes", "guide", excluded(without_first_expression)),
    Case("CNI014", "Terway's chart on every node", "everything", edited("terway_chart", chart_everywhere)),
    Case("CNI014", "a hook on cloud nodes", "guide", changed(*HOOK, everywhere)),
    Case("CNI009", "the restriction as a second term", "flannel", excluded(second_term)),
    Case("CNI009", "an expression lost", "guide", excluded(without_first_expression)),
    Case(
        "CNI009",
        "other terms in the instructions",
        "guide",
        changed("ConfigMap", "hybridc-cni-exclusion", other_terms),
    ),
    Case(
        "CNI009",
        "another patch in the component",
        "by component",
        edited("component", lambda found: found[0].wanted["spec"]["template"]["spec"].update({"affinity": {}})),
    ),
    Case("CNI011", "Flannel's own requirement lost", "flannel", excluded(without_first_expression)),
    Case(
        "CNI007",
        "a CRD of Calico",
        "guide",
        added(manifest("CustomResourceDefinition", "ippools.crd.projectcalico.org", "apiextensions.k8s.io/v1")),
    ),
    Case("CNI007", "the chart with its CRDs", "everything", edited("terway_chart", chart_with_crds)),
    Case(
        "CNI012", "Cilium's values without the anti-affinity of its operator", "cilium", edited("cni_values", together)
    ),
    Case("CNI018", "a disabled pool that is not masked", "guide", edited("ip_pools", unmasked)),
    Case("CNI018", "a disabled pool that overlaps another", "guide", edited("ip_pools", overlapping)),
    Case("CNI022", "the chart's own IPAM", "everything", edited("terway_values", centralized)),
    Case("CNI001", "network policy left on", "guide", changed(*ENI, data("disable_network_policy", "false"))),
    Case(
        "CNI001", "a boolean, which Terway does not read", "guide", changed(*ENI, data("disable_network_policy", True))
    ),
    Case("ENI029", "no CNI configuration", "guide", changed(*ENI, lambda item: item["data"].pop("10-terway.conf"))),
    Case("ENI017", "an AccessKey", "guide", changed(*ENI, key_in_eni_conf)),
    Case("ENI001", "no pod vSwitch in the pool's zone", "guide", changed(*ENI, no_vswitch)),
]

GITOPS = [
    Case("GIT005", "eni-config can be pruned", "guide", changed(*ENI, annotation(OPTIONS, "Delete=false"))),
    Case("GIT005", "uninstall deletes it", "guide", changed(*AGENT, annotation("helm.sh/resource-policy", None))),
    Case(
        "GIT006",
        "ack-agent-config by server-side apply",
        "guide",
        changed(*AGENT, annotation(OPTIONS, "Prune=false,Delete=false,ServerSideApply=true")),
    ),
    Case(
        "GIT006",
        "eni-config replaced",
        "guide",
        changed(*ENI, annotation(OPTIONS, "Prune=false,Delete=false,Replace=true")),
    ),
    Case(
        "GIT006",
        "everything by server-side apply",
        "guide",
        changed(
            "Application",
            "idc-hangzhou",
            lambda item: item["spec"]["syncPolicy"]["syncOptions"].append("ServerSideApply=true"),
            "gitops",
        ),
    ),
    Case(
        "GIT008",
        "a partial object with the migration on",
        "guide",
        added(manifest("DaemonSet", "calico-node", "apps/v1") | {"spec": {}}),
    ),
    Case(
        "GIT009",
        "a misspelled option",
        "guide",
        changed(*ENI, annotation(OPTIONS, "Prune=false,Delete=false,NoPrune=true")),
    ),
    Case("GIT011", "a kind that is refused", "guide", added(manifest("Service", "x"))),
    Case(
        "GIT011",
        "a namespace that is refused",
        "guide",
        added({**manifest("ConfigMap", "x"), "metadata": {"name": "x", "namespace": "other"}, "data": {}}),
    ),
    Case(
        "GIT011",
        "cluster-wide rights for nothing",
        "guide",
        changed(
            "AppProject",
            "hybrid",
            lambda item: item["spec"].update({"clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}),
            "gitops",
        ),
    ),
    Case(
        "GIT012",
        "orphaned resources",
        "guide",
        changed("AppProject", "hybrid", lambda item: item["spec"].update({"orphanedResources": {}}), "gitops"),
    ),
    Case(
        "GIT015",
        "the finalizer",
        "guide",
        changed(
            "Application",
            "idc-hangzhou",
            lambda item: item["metadata"].update({"finalizers": ["resources-finalizer.argocd.argoproj.io"]}),
            "gitops",
        ),
    ),
    Case("GIT016", "a key of the agent's", "guide", changed(*AGENT, data("isInit", "true"))),
    Case("GIT016", "the agent's other object", "guide", added({**manifest("ConfigMap", "provider"), "data": {}})),
    Case("GIT017", "an object twice", "guide", lambda b: added(b.objects[0])(b)),
    Case(
        "GIT027", "a hook in the first wave", "guide", changed(*HOOK, annotation("argocd.argoproj.io/sync-wave", None))
    ),
    Case(
        "GIT027",
        "a hook that stays",
        "guide",
        changed(*HOOK, annotation("argocd.argoproj.io/hook-delete-policy", "HookSucceeded")),
    ),
    Case(
        "GIT027",
        "rights on every object",
        "guide",
        changed("Role", "hybridc-cni-exclusion", lambda item: item["rules"][0].pop("resourceNames")),
    ),
    Case(
        "GIT027",
        "more than get and patch",
        "guide",
        changed("Role", "hybridc-cni-exclusion", lambda item: item["rules"][0].update({"verbs": ["*"]})),
    ),
    Case(
        "GIT027",
        "another hook than the one that is tracked",
        "guide",
        changed(*HOOK, lambda item: item["spec"].update({"hostNetwork": True})),
    ),
    Case("GIT039", "no wave", "guide", changed(*AGENT, annotation("argocd.argoproj.io/sync-wave", None))),
    Case("GIT039", "a later hook", "guide", changed(*HOOK, annotation("argocd.argoproj.io/sync-wave", "2"))),
]

CLOUD = [
    Case(
        "RAM001",
        "an action that Terway calls",
        "guide",
        grant("terway-eniip", lambda s: drop(s, "ecs:DescribeInstanceTypes")),
    ),
    Case("RAM012", "no tags on ENIs", "guide", grant("terway-eniip", lambda s: drop(s, "ecs:TagResources"))),
    Case("RAM011", "a limited Describe", "guide", grant("terway-eniip", limited)),
    Case("RAM008", "another vSwitch than eni-config", "two-zone", grant("terway-eniip", other_vswitch)),
    Case("RAM002", "a long document", "guide", grant("publisher", lambda s: s[0]["Action"].extend(["ecs:X"] * 800))),
    Case("RAM003", "AWS's version", "guide", _policy(lambda document: document.update({"Version": "2012-10-17"}))),
    Case("RAM004", "a Principal", "guide", grant("publisher", lambda s: s[0].update({"Principal": ["*"]}))),
    Case("RAM004", "no Resource", "guide", grant("publisher", lambda s: s[0].pop("Resource"))),
    Case("RAM006", "a wildcard", "guide", grant("publisher", lambda s: s[0]["Action"].append("ram:*"))),
    Case("OSS008", "a public object", "guide", bucket(lambda statement: statement.pop("Condition"))),
    Case("OSS012", "the whole bucket", "guide", bucket(lambda s: s.update({"Resource": ["acs:oss:*:1:b/*"]}))),
    Case(
        "OSS023",
        "the whole prefix",
        "the role of the nodes",
        bucket(lambda s: s.update({"Resource": ["acs:oss:*:1234567890123456:kubelet-idc-hangzhou/idc-hangzhou/*"]})),
    ),
    Case("SEC013", "a script that all may write", "guide", bucket(lambda s: s["Action"].append("oss:PutObject"))),
    Case("SEC004", "a Secret", "guide", added(manifest("Secret", "alibaba-addon-secret"))),
    Case("SEC001", "a token in the script", "guide", scripted("umask 022", f"umask 022 # {TOKEN}")),
    Case("SEC002", "an AccessKey id", "guide", changed(*ENI, data("note", "LTAI" + "5tExample0123456"))),
    Case("SEC007", "a signed URL", "guide", changed(*ENI, data("note", "https://b/k?x-oss-signature=1"))),
    Case(
        "SEC021",
        "a private key",
        "guide",
        lambda b: replace(b, summary=b.summary + "-----BEGIN " + "PRIVATE KEY-----"),
    ),
    Case(
        "SEC022",
        "a JSON web token",
        "guide",
        edited("addons", lambda addons: addons.update({"x": "eyJ" + "hbGciOiJub25l.eyJzdWIiOiJub2Rl.c2ln"})),
    ),
]

SCRIPT = [
    Case("INIT024", "sh", "guide", scripted("#!/usr/bin/env bash", "#!/bin/sh")),
    Case("INIT024", "a carriage return", "guide", scripted("umask 022\n", "umask 022\r\n")),
    Case("INIT024", "work before the guard", "guide", scripted("\nif [ -z", "\nset -e\nif [ -z")),
    Case("INIT024", "work after main", "guide", scripted('\nmain "$@"\n', '\nmain "$@"\necho\n')),
    Case("INIT014", "another label", "guide", scripted("external=true'", "external=yes'")),
    Case(
        "INIT014",
        "a pool that overrides it",
        "guide",
        edited(
            "node_pools",
            lambda pools: pools["elastic"]["kubernetes_config"]["labels"].append(
                {"key": "alibabacloud.com/external", "value": "false"}
            ),
        ),
    ),
    Case("INIT002", "another API version", "guide", scripted("kubeadm.k8s.io/v1beta3", "kubeadm.k8s.io/v1beta4")),
    Case("INIT023", "old certificates", "guide", scripted("rm -rf /var/lib/kubelet/pki", "ls /var/lib/kubelet/pki")),
    Case(
        "INIT026",
        "no such subcommand",
        "guide",
        scripted("join_kubeadm() {\n", "join_kubeadm() {\n  kubeadm config validate\n"),
    ),
    Case("INIT027", "crictl", "guide", scripted("join_kubeadm() {\n", "join_kubeadm() {\n  crictl info\n")),
    Case("INIT037", "swap", "guide", scripted("swapoff -a", "swapon --show")),
    Case("INIT039", "a foreign CNI", "guide", scripted("/etc/cni/net.d/*.", "/etc/cni/net.d/05-cilium.")),
    Case("OSS016", "another script than the URL's", "guide", scripted("umask 022", "umask 027")),
    Case("OSS016", "another URL in the ConfigMap", "guide", changed(*AGENT, data("addNodeScriptPath", "https://b/k"))),
    Case(
        "OSS002",
        "a long URL",
        "guide",
        changed(*AGENT, data("addNodeScriptPath", "https://b/" + "k" * 1100)),
    ),
    Case("OSS001", "no URL", "guide", changed(*AGENT, data("addNodeScriptPath", ""))),
]

CASES = [*CNI, *GITOPS, *CLOUD, *SCRIPT]
