"""Proofs: what Argo CD does with the output cannot delete, empty or overwrite what is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack, argocd
from hybridc.lower.bundle import Bundle, Manifest
from hybridc.lower.jobs import digest
from hybridc.lower.objects import FLUX_PRUNE, FLUX_SSA, HELM_POLICY, SYNC_OPTIONS, WAVE, api_group
from hybridc.proofs.breach import breach, is_hook, manifests, name_of, proof
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec

_WORKLOADS = ("DaemonSet", "Deployment", "StatefulSet")
_VERBS = ("get", "patch")
_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"


def _is_foreign(item: Manifest) -> bool:
    """Whether somebody else made the object and owns it."""
    name = str(item["metadata"]["name"])
    return item["kind"] in _WORKLOADS or (item["kind"] == "ConfigMap" and name in (ack.ENI_CONFIG, ack.AGENT_CONFIG))


def _options(item: Manifest) -> list[str]:
    return str((item["metadata"].get("annotations") or {}).get(SYNC_OPTIONS, "")).split(",")


@proof("GIT005")
def unprotected_object(bundle: Bundle, spec: Spec) -> Findings:
    """An object that is not ours could be pruned or deleted.

    With Prune=false,Delete=false it survives prune and cascade delete; either alone does not. helm.sh/resource-
    policy: keep is for an uninstall of the chart, and prune: disabled for Flux; without ssa: merge Flux takes back what
    others have written into the object.

    Fails::
        ConfigMap ack-agent-config without annotations
    Passes::
        argocd.argoproj.io/sync-options: Prune=false,Delete=false

    Source: Argo CD 3.4.2 and Helm 4, seen running.
    """
    for item in (item for item in bundle.objects if _is_foreign(item)):
        notes = item["metadata"].get("annotations") or {}
        missing = [option for option in argocd.PROTECTED.split(",") if option not in _options(item)]
        missing += [f"{HELM_POLICY}: keep"] if notes.get(HELM_POLICY) != "keep" else []
        missing += [f"{FLUX_PRUNE}: disabled"] if notes.get(FLUX_PRUNE) != "disabled" else []
        missing += [f"{FLUX_SSA}: merge"] if notes.get(FLUX_SSA) != "merge" else []
        if missing:
            yield breach(name_of(item), f"it is not ours and lacks {', '.join(missing)}")


@proof("GIT006")
def overwritten_object(bundle: Bundle, spec: Spec) -> Findings:
    """A sync option would drop fields of an object that is not ours.

    Replace drops everything that is not in Git. ServerSideApply on ack-agent-config deletes the agent's keys when
    kubectl apply once made the object.

    Fails::
        argocd.argoproj.io/sync-options: Replace=true
    Passes::
        argocd.argoproj.io/sync-options: Prune=false,Delete=false

    Source: kube-apiserver 1.37, seen running.
    """
    for item in (item for item in bundle.objects if _is_foreign(item)):
        options = _options(item)
        if "Replace=true" in options or "Force=true" in options:
            yield breach(name_of(item), "Replace would drop every field that is not in Git")
        if item["metadata"]["name"] == ack.AGENT_CONFIG and "ServerSideApply=true" in options:
            yield breach(name_of(item), "ServerSideApply would delete the agent's own keys")
    for item in _applications(bundle):
        for option in ("Replace=true", "ServerSideApply=true"):
            if option in _application_options(item):
                yield breach(name_of(item), f"{option} would apply to {ack.AGENT_CONFIG} too")


def _applications(bundle: Bundle) -> Iterator[Manifest]:
    yield from (item for item in bundle.gitops if item["kind"] in ("Application", "ApplicationSet"))


def _application_options(item: Manifest) -> list[str]:
    """The sync options of an Application, or of those that an ApplicationSet makes."""
    body = item["spec"].get("template", item)["spec"] if item["kind"] == "ApplicationSet" else item["spec"]
    options: list[str] = (body.get("syncPolicy") or {}).get("syncOptions") or []
    return options


@proof("GIT015")
def finalizer(bundle: Bundle, spec: Spec) -> Findings:
    """The Application has the resources finalizer.

    Deleting the Application would delete its objects, those that are not ours too where they are not protected.

    Fails::
        finalizers: [resources-finalizer.argocd.argoproj.io]
    Passes::
        no finalizer

    Source: Argo CD, app deletion.
    """
    for item in _applications(bundle):
        if item["metadata"].get("finalizers"):
            yield breach(name_of(item), "deleting it would delete objects that are not ours")


@proof("GIT008")
def migration(bundle: Bundle, spec: Spec) -> Findings:
    """A partial object is applied server-side while the migration from client-side apply is on.

    Argo CD would take every field of the object from its owner, and delete those at the next sync. The option works
    for the whole Application only.

    Fails::
        syncOptions: []
    Passes::
        syncOptions: [ClientSideApplyMigration=false]

    Source: Argo CD controller/sync.go.
    """
    partial = any(item["kind"] in _WORKLOADS for item in bundle.objects)
    first = next((item for item in bundle.gitops if item["kind"] == "Application"), None)
    if partial and first is not None and "ClientSideApplyMigration=false" not in _application_options(first):
        yield breach(name_of(first), "it lacks ClientSideApplyMigration=false beside a partial object")


@proof("GIT009")
def unknown_option(bundle: Bundle, spec: Spec) -> Findings:
    """A sync option that Argo CD does not know.

    It is ignored without a word (DisableClientSideApplyMigration=true does nothing).

    Fails::
        syncOptions: [DisableClientSideApplyMigration=true]
    Passes::
        syncOptions: [ClientSideApplyMigration=false]

    Source: Argo CD, user-guide/sync-options.
    """
    for item in manifests(bundle):
        options = [option for option in _options(item) if option]
        options += ((item.get("spec") or {}).get("syncPolicy") or {}).get("syncOptions") or []
        for option in options:
            if option.partition("=")[0] not in argocd.SYNC_OPTIONS:
                yield breach(name_of(item), f"Argo CD does not know the sync option {option}")


@proof("GIT011")
def project_refuses(bundle: Bundle, spec: Spec) -> Findings:
    """The AppProject refuses a kind or a namespace of the output, or allows more than it needs.

    A refused kind fails the whole sync. A cluster-wide kind that is not needed lets a commit in this repository
    take the cluster over.

    Fails::
        namespaceResourceWhitelist without ConfigMap
    Passes::
        every kind of the output, and no other cluster-wide one

    Source: Argo CD, AppProject.
    """
    item = _project(bundle)
    if item is None:
        return
    body = item["spec"]
    allowed = _kinds(body.get("namespaceResourceWhitelist"))
    cluster_wide = _kinds(body.get("clusterResourceWhitelist"))
    namespaces = {str(to["namespace"]) for to in body["destinations"]}
    emitted: set[tuple[str, str]] = set()
    for found in (*bundle.objects, *(bundle.ip_pools if bundle.pools_by_api else ())):
        kind = (api_group(found), str(found["kind"]))
        namespace = found["metadata"].get("namespace")
        if namespace is None:
            emitted.add(kind)
        if kind not in (cluster_wide if namespace is None else allowed):
            yield breach(name_of(item), f"it refuses {name_of(found)}")
        elif namespace is not None and namespace not in namespaces:
            yield breach(name_of(item), f"it refuses the namespace {namespace}")
    chart = spec.terway is not None and spec.terway.install == "chart"
    for kind in sorted(() if chart else cluster_wide - emitted):
        yield breach(name_of(item), f"it allows the cluster-wide {kind[1]}, which is not in the output")


def _project(bundle: Bundle) -> Manifest | None:
    return next((item for item in bundle.gitops if item["kind"] == "AppProject"), None)


@proof("GIT012")
def orphaned_resources(bundle: Bundle, spec: Spec) -> Findings:
    """The AppProject watches kube-system for orphaned resources.

    It lists everything there all the time, which slows the whole Argo CD down.

    Fails::
        orphanedResources: {warn: true}
    Passes::
        no orphanedResources

    Source: Argo CD, faq.
    """
    item = _project(bundle)
    if item is not None and "orphanedResources" in item["spec"]:
        yield breach(name_of(item), "orphanedResources watches everything in kube-system")


def _kinds(entries: list[dict[str, str]] | None) -> set[tuple[str, str]]:
    return {(str(entry["group"]), str(entry["kind"])) for entry in entries or []}


@proof("GIT017")
def object_twice(bundle: Bundle, spec: Spec) -> Findings:
    """An object is in the output twice.

    The second wins without a word. Two dynamic configurations or an excluded workload named twice could cause it.

    Fails::
        two ConfigMaps kube-system/eni-config
    Passes::
        one ConfigMap kube-system/eni-config

    Source: Argo CD, RepeatedResourceWarning.
    """
    for objects in (bundle.objects, [patch.wanted for patch in bundle.component]):
        seen: set[tuple[str, str, str, str]] = set()
        for item in objects:
            metadata = item["metadata"]
            key = (api_group(item), str(item["kind"]), str(metadata.get("namespace")), str(metadata["name"]))
            if key in seen:
                message = "the object is in the output twice"
                yield breach(name_of(item), message, metadata["name"], "name it once")
            seen.add(key)


@proof("GIT039")
def not_the_last(bundle: Bundle, spec: Spec) -> Findings:
    """Something of a sync comes after the address of the node script, or with it.

    Once ack-agent-config is live, a pool that scales brings nodes. When the exclusion refuses only then, both plugins
    run on them. So its wave is behind all others, and a sync that fails never comes to it.

    Fails::
        ConfigMap ack-agent-config without a sync-wave
    Passes::
        argocd.argoproj.io/sync-wave: "2"      # and the exclusion in wave 1

    Source: Argo CD 3.4.2, seen running: a hook that refused in wave 1 left the address of wave 0 live.
    """
    waves = {name_of(item): _wave(item) for item in bundle.objects}
    for item in bundle.objects:
        if item["kind"] == "ConfigMap" and item["metadata"]["name"] == ack.AGENT_CONFIG:
            later = [other for other, wave in waves.items() if wave >= _wave(item) and other != name_of(item)]
            yield from (breach(name_of(item), f"{other} does not come before it") for other in later[:1])


def _wave(item: Manifest) -> int:
    """Its place in a sync; what comes before the sync has none."""
    notes = item["metadata"].get("annotations") or {}
    return -1 if notes.get("argocd.argoproj.io/hook") == "PreSync" else int(str(notes.get(WAVE, "0")))


@proof("GIT027")
def hook_rights(bundle: Bundle, spec: Spec) -> Findings:
    """A hook may do too much, or would not run.

    Hooks reach named objects only. In the first wave Argo CD can skip one; without a delete policy its last run is
    in the way; and since hooks are not compared, a change syncs only when a tracked object holds its digest.

    Fails::
        rules: [{resources: [daemonsets], verbs: ["*"]}]
    Passes::
        rules: [{resources: [daemonsets], resourceNames: [calico-node], verbs: [get, patch]}]

    Source: Argo CD 3.4.2, seen running.
    """
    maps = {str(item["metadata"]["name"]): item["data"] for item in bundle.objects if item["kind"] == "ConfigMap"}
    tracked = {
        str(value)
        for item in bundle.objects
        if item["kind"] == "ConfigMap" and not is_hook(item)
        for key, value in item["data"].items()
        if key.endswith(".sha256")
    }
    for item in bundle.objects:
        if item["kind"] == "Role":
            yield from _role(item)
        if not is_hook(item):
            continue
        notes = item["metadata"]["annotations"]
        if not int(str(notes.get(WAVE, "0"))) >= 1:
            yield breach(name_of(item), "in the first wave Argo CD can skip a hook: it needs wave 1 or later")
        if "BeforeHookCreation" not in str(notes.get(_DELETE_POLICY, "")):
            yield breach(name_of(item), "its last run would block the next one: no BeforeHookCreation")
        if item["kind"] in ("Pod", "Job") and not _is_tracked(item, maps, tracked):
            yield breach(name_of(item), "no tracked ConfigMap holds its digest: a change would never sync")


def _role(item: Manifest) -> Findings:
    for rule in item["rules"]:
        if not rule.get("resourceNames") or "*" in rule["resourceNames"]:
            yield breach(name_of(item), f"it reaches every object of {', '.join(rule['resources'])}")
        if any(verb not in _VERBS for verb in rule["verbs"]):
            yield breach(name_of(item), f"it may {', '.join(rule['verbs'])}, not get and patch alone")


def _is_tracked(pod: Manifest, maps: dict[str, Any], tracked: set[str]) -> bool:
    """Whether a digest of the pod, alone or with the instructions that it mounts, stands in a tracked object."""
    if digest(pod["spec"]) in tracked:
        return True
    mounted = [str(v["configMap"]["name"]) for v in pod["spec"].get("volumes", []) if "configMap" in v]
    return any(digest(maps.get(name, {}), pod["spec"]) in tracked for name in mounted)
