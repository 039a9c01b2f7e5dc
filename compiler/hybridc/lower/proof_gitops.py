"""Proofs: what Argo CD does with the output cannot delete, empty or overwrite what is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack, argocd
from hybridc.lower.bundle import Bundle, Manifest
from hybridc.lower.claim import Breach, Proof, is_hook, manifests, name_of
from hybridc.lower.jobs import digest
from hybridc.lower.objects import FLUX_PRUNE, HELM_POLICY, SYNC_OPTIONS
from hybridc.spec.model import Spec

_WORKLOADS = ("DaemonSet", "Deployment", "StatefulSet")
_VERBS = ("get", "patch")
_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"
_WAVE = "argocd.argoproj.io/sync-wave"


def _is_foreign(item: Manifest) -> bool:
    """Whether somebody else made the object and owns it."""
    name = str(item["metadata"]["name"])
    return item["kind"] in _WORKLOADS or (item["kind"] == "ConfigMap" and name in (ack.ENI_CONFIG, ack.AGENT_CONFIG))


def _options(item: Manifest) -> list[str]:
    return str((item["metadata"].get("annotations") or {}).get(SYNC_OPTIONS, "")).split(",")


def foreign_objects(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT005, GIT006: foreign objects survive prune, cascade delete and uninstall; nothing replaces them."""
    for item in bundle.objects:
        if not _is_foreign(item):
            continue
        notes = item["metadata"].get("annotations") or {}
        options = _options(item)
        missing = [option for option in argocd.PROTECTED.split(",") if option not in options]
        missing += [f"{HELM_POLICY}: keep"] if notes.get(HELM_POLICY) != "keep" else []
        missing += [f"{FLUX_PRUNE}: disabled"] if notes.get(FLUX_PRUNE) != "disabled" else []
        if missing:
            yield Breach("GIT005", name_of(item), f"it is not ours and lacks {', '.join(missing)}")
        if "Replace=true" in options or "Force=true" in options:
            yield Breach("GIT006", name_of(item), "Replace would drop every field that is not in Git")
        if item["metadata"]["name"] == ack.AGENT_CONFIG and "ServerSideApply=true" in options:
            yield Breach("GIT006", name_of(item), "ServerSideApply would delete the agent's own keys")


def application(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT006, GIT008, GIT015: options of the whole Application, and no finalizer."""
    for item in bundle.gitops:
        if item["kind"] not in ("Application", "ApplicationSet"):
            continue
        body = item["spec"].get("template", item)["spec"] if item["kind"] == "ApplicationSet" else item["spec"]
        options = (body.get("syncPolicy") or {}).get("syncOptions") or []
        for option in ("Replace=true", "ServerSideApply=true"):
            if option in options:
                yield Breach("GIT006", name_of(item), f"{option} would apply to {ack.AGENT_CONFIG} too")
        if item["metadata"].get("finalizers"):
            yield Breach("GIT015", name_of(item), "deleting it would delete objects that are not ours")
    partial = any(item["kind"] in _WORKLOADS for item in bundle.objects)
    first = next((item for item in bundle.gitops if item["kind"] == "Application"), None)
    if partial and first is not None:
        options = first["spec"]["syncPolicy"].get("syncOptions", [])
        if "ClientSideApplyMigration=false" not in options:
            yield Breach("GIT008", name_of(first), "it lacks ClientSideApplyMigration=false beside a partial object")


def sync_options(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT009: only sync options that Argo CD knows; it ignores others without a word."""
    for item in manifests(bundle):
        options = [option for option in _options(item) if option]
        options += ((item.get("spec") or {}).get("syncPolicy") or {}).get("syncOptions") or []
        for option in options:
            if option.partition("=")[0] not in argocd.SYNC_OPTIONS:
                yield Breach("GIT009", name_of(item), f"Argo CD does not know the sync option {option}")


def project(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT011, GIT012: the AppProject allows every kind and namespace of the output, and nothing cluster-wide else."""
    item = next((item for item in bundle.gitops if item["kind"] == "AppProject"), None)
    if item is None:
        return
    body = item["spec"]
    allowed = _kinds(body.get("namespaceResourceWhitelist"))
    cluster_wide = _kinds(body.get("clusterResourceWhitelist"))
    namespaces = {str(to["namespace"]) for to in body["destinations"]}
    emitted: set[tuple[str, str]] = set()
    for found in bundle.objects:
        kind = (_group(found), str(found["kind"]))
        namespace = found["metadata"].get("namespace")
        if namespace is None:
            emitted.add(kind)
        if kind not in (cluster_wide if namespace is None else allowed):
            yield Breach("GIT011", name_of(item), f"it refuses {name_of(found)}")
        elif namespace is not None and namespace not in namespaces:
            yield Breach("GIT011", name_of(item), f"it refuses the namespace {namespace}")
    chart = spec.terway is not None and spec.terway.install == "chart"
    for kind in sorted(() if chart else cluster_wide - emitted):
        yield Breach("GIT011", name_of(item), f"it allows the cluster-wide {kind[1]}, which is not in the output")
    if "orphanedResources" in body:
        yield Breach("GIT012", name_of(item), "orphanedResources watches everything in kube-system")


def _kinds(entries: list[dict[str, str]] | None) -> set[tuple[str, str]]:
    return {(str(entry["group"]), str(entry["kind"])) for entry in entries or []}


def _group(item: Manifest) -> str:
    group, slash, _ = str(item["apiVersion"]).partition("/")
    return group if slash else ""


def each_object_once(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT017: no object is in the output twice; the second would win without a word."""
    for objects in (bundle.objects, bundle.component):
        seen: set[tuple[str, str, str, str]] = set()
        for item in objects:
            metadata = item["metadata"]
            key = (_group(item), str(item["kind"]), str(metadata.get("namespace")), str(metadata["name"]))
            if key in seen:
                message = "the object is in the output twice"
                yield Breach("GIT017", name_of(item), message, metadata["name"], "name it once")
            seen.add(key)


def hooks(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """GIT027: hooks stand in wave 1 or later, clean up, may touch named objects only, and are tracked by a digest."""
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
        if not int(str(notes.get(_WAVE, "0"))) >= 1:
            yield Breach("GIT027", name_of(item), "in the first wave Argo CD can skip a hook: it needs wave 1 or later")
        if "BeforeHookCreation" not in str(notes.get(_DELETE_POLICY, "")):
            yield Breach("GIT027", name_of(item), "its last run would block the next one: no BeforeHookCreation")
        if item["kind"] in ("Pod", "Job") and not _is_tracked(item, maps, tracked):
            yield Breach("GIT027", name_of(item), "no tracked ConfigMap holds its digest: a change would never sync")


def _role(item: Manifest) -> Iterator[Breach]:
    for rule in item["rules"]:
        if not rule.get("resourceNames") or "*" in rule["resourceNames"]:
            yield Breach("GIT027", name_of(item), f"it reaches every object of {', '.join(rule['resources'])}")
        if any(verb not in _VERBS for verb in rule["verbs"]):
            yield Breach("GIT027", name_of(item), f"it may {', '.join(rule['verbs'])}, not get and patch alone")


def _is_tracked(pod: Manifest, maps: dict[str, Any], tracked: set[str]) -> bool:
    """Whether a digest of the pod, alone or with the instructions that it mounts, stands in a tracked object."""
    if digest(pod["spec"]) in tracked:
        return True
    mounted = [str(v["configMap"]["name"]) for v in pod["spec"].get("volumes", []) if "configMap" in v]
    return any(digest(maps.get(name, {}), pod["spec"]) in tracked for name in mounted)


PROOFS: tuple[Proof, ...] = (foreign_objects, application, sync_options, project, each_object_once, hooks)
