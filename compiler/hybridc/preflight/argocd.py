"""Argo CD in the same cluster: Applications that are there, and what each of them manages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.live.reads import Id
from hybridc.live.shapes import Data
from hybridc.live.state import State
from hybridc.lower.bundle import Bundle, Manifest
from hybridc.lower.steps.gitops import is_remote
from hybridc.preflight.machines import listed
from hybridc.preflight.rule import BUNDLE, Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain

LOCAL, LOCAL_NAME = "https://kubernetes.default.svc", "in-cluster"
"""How Argo CD names the cluster that it runs in."""
_SCP = re.compile(r"(?:ssh://)?([^/:@]+@[^/:]+):(?!/)(.*)")


def here(spec: Spec) -> bool:
    """Whether the Argo CD that syncs runs in the cluster that is looked at."""
    return spec.gitops.engine == "argocd" and not is_remote(spec)


def wanted(spec: Spec) -> list[Id]:
    """What the rules about Argo CD ask for."""
    namespace = str(spec.gitops.argocd_namespace)
    return [Id("Application", namespace), Id("AppProject", namespace, str(spec.gitops.project))] if here(spec) else []


def same_repository(one: str, other: str) -> bool:
    """Whether two addresses are one repository for Argo CD (util/git, NormalizeGitURL)."""
    return normalized(one) == normalized(other)


def normalized(url: str) -> str:
    """An address without what Argo CD passes over: case, ``.git``, the two forms of SSH."""
    text = url.strip().lower()
    scp = _SCP.fullmatch(text)
    return (f"{scp[1]}/{scp[2]}" if scp else text.removeprefix("ssh://")).removesuffix(".git")


def _ours(bundle: Bundle) -> Iterator[Manifest]:
    """The Applications of the output."""
    return (item for item in bundle.gitops if item["kind"] == "Application")


def _syncs_here(application: Data) -> bool:
    to = application.get("spec", {}).get("destination", {})
    return bool(to.get("server", "").rstrip("/") == LOCAL or to.get("name") == LOCAL_NAME)


@live("GIT047", over=BUNDLE)
def managed_by_another(spec: Spec, bundle: Bundle, state: State) -> Findings:
    """Another Application manages an object of the output.

    Two Applications with one object undo each other, and those of hybridc refuse to sync then
    (`FailOnSharedResource=true`: "Shared resource found"). It comes from a cluster that was renamed in `metadata.name`,
    from an Application that was made by hand before, and with `delivery: ssa` from one that has the plugin's workload
    in its own repository. `hybridc preflight` reads what the Applications of the Argo CD in this cluster say that they
    manage; of an Argo CD in another cluster it sees nothing.

    Fails::
        status: {resources: [{kind: ConfigMap, namespace: kube-system, name: eni-config}]}      # of Application terway
    Passes::
        kubectl -n argocd delete application terway      # without its finalizer: the objects stay

    Source: argo-cd 3.4.2 controller/state.go, SharedResourceWarning; controller/sync.go.
    """
    if not here(spec):
        return
    own = {str(item["metadata"]["name"]) for item in _ours(bundle)}
    objects = [*bundle.objects, *(bundle.ip_pools if bundle.pools_by_api else ())]
    made = {_key(item) for item in plain(objects)}
    for each in state.all("Application", str(spec.gitops.argocd_namespace)):
        name = each["metadata"]["name"]
        shared = sorted(made & set(map(_named, each.get("status", {}).get("resources", []))))
        if shared and name not in own and _syncs_here(each):
            names = listed([" ".join((kind, "/".join(filter(None, where)))) for kind, *where in shared])
            message = f"Application {spec.gitops.argocd_namespace}/{name} manages {names}: no sync would start"
            advice = "take them out of one of both; a workload of the plugin: cluster.cni.delivery component or values"
            yield finding("/metadata/name", message, advice)


def _key(item: Data) -> tuple[str, str, str]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _named(resource: Data) -> tuple[str, str, str]:
    return resource.get("kind", ""), resource.get("namespace", ""), resource.get("name", "")


@live("GIT048", over=BUNDLE)
def another_source(spec: Spec, bundle: Bundle, state: State) -> Findings:
    """The Application is there, and syncs something else than the spec says.

    An Application of this name with another repository, path, revision, project or cluster goes on with it until
    somebody applies that of the output: a merge changes nothing. It may also be somebody else's of the same name, which
    would be overwritten.

    Fails::
        source: {repoURL: https://git.example.com/old.git}
    Passes::
        kubectl apply -f out/idc-hangzhou/argocd/      # the step gitops.apply

    Source: argo-cd, Application spec; util/git, NormalizeGitURL.
    """
    if not here(spec):
        return
    namespace = str(spec.gitops.argocd_namespace)
    there = {each["metadata"]["name"]: each.get("spec", {}) for each in state.all("Application", namespace)}
    for item in _ours(bundle):
        name = str(item["metadata"]["name"])
        if name in there and (differs := list(_differs(plain(item["spec"]), there[name]))):
            message = f"Application {namespace}/{name} is there with {', '.join(differs)}"
            advice = "look whose it is; the step gitops.apply of hybridc steps makes it that of this spec"
            yield finding(spec.gitops.repo_url, message, advice)


def _differs(ours: Data, there: Data) -> Iterator[str]:
    """What an Application has that ours has not."""
    source, wants = there.get("source", {}), ours["source"]
    if there.get("sources"):
        yield "several sources"
    elif not same_repository(source.get("repoURL", ""), wants["repoURL"]):
        yield f"the repository {source.get('repoURL', '')} (not {wants['repoURL']})"
    elif _path(source.get("path", "")) != _path(wants["path"]):
        yield f"the path {source.get('path', '')} (not {wants['path']})"
    elif _revision(source) != _revision(wants):
        yield f"the revision {source.get('targetRevision') or 'HEAD'} (not {wants['targetRevision']})"
    if there.get("project", "default") != ours["project"]:
        yield f"the project {there.get('project', 'default')} (not {ours['project']})"
    if not _syncs_here({"spec": there}):
        to = there.get("destination", {})
        yield f"the cluster {to.get('server') or to.get('name') or 'of nobody'}"


def _revision(source: Data) -> str:
    """What is followed; a branch by its short name."""
    return str(source.get("targetRevision") or "HEAD").removeprefix("refs/heads/")


def _path(path: str) -> str:
    return path.strip("/").removeprefix("./")
