"""The AppProject of Argo CD that is there: whether it allows what the output holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from hybridc.live.shapes import Data
from hybridc.live.state import State
from hybridc.lower.argocd import PRUNED
from hybridc.lower.bundle import Bundle
from hybridc.preflight.argocd import LOCAL, LOCAL_NAME, here, normalized
from hybridc.preflight.machines import listed
from hybridc.preflight.rule import BUNDLE, Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec
from hybridc.spec.origin import plain

_SPECIAL = re.compile(r"[?\[\]{}\\]")


@live("GIT049", over=BUNDLE)
def project_that_does_not_allow(spec: Spec, bundle: Bundle, state: State) -> Findings:
    """The AppProject is there, and does not allow what the output holds.

    The output has an AppProject of this name that allows what it uses. Where somebody else keeps the one that is
    there, or an older build has made it, Argo CD refuses the repository, a namespace or a kind: "is not permitted in
    project". Patterns are taken as Argo CD takes them; one that is more than `*` counts as a match.

    Fails::
        destinations: [{server: https://kubernetes.default.svc, namespace: "team-*"}]
    Passes::
        kubectl apply -f out/argocd/appproject-hybrid.yaml      # the step gitops.apply

    Source: argo-cd 3.4.2 pkg/apis/application/v1alpha1: IsSourcePermitted, isDestinationMatched,
    IsGroupKindNamePermitted.
    """
    ours = next((plain(item["spec"]) for item in bundle.gitops if item["kind"] == "AppProject"), None)
    if not here(spec) or ours is None:
        return
    namespace, name = str(spec.gitops.argocd_namespace), str(spec.gitops.project)
    there = state.one("AppProject", namespace, name)
    lacks = [] if there is None else list(_lacks(ours, there.get("spec", {}), bundle))
    if lacks:
        message = f"AppProject {namespace}/{name} is there and does not allow {listed(lacks, 20)}"
        advice = (
            "have it allow them, or apply that of the output (the step gitops.apply) where the project is hybridc's"
        )
        yield finding(spec.gitops.project, message, advice)


def _lacks(ours: Data, there: Data, bundle: Bundle) -> Iterator[str]:
    """What ours allows and needs, and the one that is there does not."""
    yield from (
        f"the repository {url}" for url in ours["sourceRepos"] if not _source(url, there.get("sourceRepos", []))
    )
    for each in ours["destinations"]:
        if not _destination(each["namespace"], there.get("destinations", [])):
            yield f"the namespace {each['namespace']}"
    kinds = {item["kind"] for item in bundle.objects}
    for scope, namespaced in (("namespaceResource", True), ("clusterResource", False)):
        allowed, denied = there.get(f"{scope}Whitelist"), there.get(f"{scope}Blacklist", [])
        for each in ours[f"{scope}Whitelist"]:
            group, kind = each["group"], each["kind"]
            needed = (group, kind) not in PRUNED or kind in kinds
            every = allowed is None and namespaced
            if needed and (_listed(each, denied) or not (every or _listed(each, allowed or []))):
                yield f"{kind}.{group}" if group else kind


def _listed(ours: Data, entries: list[Data]) -> bool:
    """Whether a list has the kind; an entry with the name of an object may mean another one of the kind."""
    return any(
        not each.get("name") and all(fnmatchcase(ours[key], each.get(key, "")) for key in ("kind", "group"))
        for each in entries
    )


def _source(url: str, patterns: list[str]) -> bool:
    """Whether one of the patterns matches, and none that starts with ``!`` refuses."""
    found = [(each, _one(_normal(each), normalized(url), "/")) for each in patterns]
    return any(matches for _, matches in found) and all(matches or each[:1] != "!" for each, matches in found)


def _normal(pattern: str) -> str:
    return f"!{normalized(pattern[1:])}" if pattern.startswith("!") else normalized(pattern)


def _destination(namespace: str, entries: list[Data]) -> bool:
    """Whether one of the destinations is this cluster and the namespace, and none refuses it."""
    found = False
    for each in entries:
        name, server, space = (each.get(key, "") for key in ("name", "server", "namespace"))
        by_name, by_server, inside = _one(name, LOCAL_NAME), _one(server, LOCAL), _one(space, namespace)
        if (by_name or by_server) and inside:
            found = True
        elif (
            (name[:1] == "!" and not by_name)
            or (server[:1] == "!" and not by_server and inside)
            or (space[:1] == "!" and not inside and by_server)
        ):
            return False
    return found


def _one(pattern: str, text: str, separator: str = "") -> bool:
    """Whether a pattern takes a text; one with ``!`` in front takes what the rest does not match.

    As gobwas/glob: ``*`` stops at the separator, ``**`` does not. What else a pattern may hold counts as a match.
    """
    if pattern == "*" or _SPECIAL.search(pattern):
        return True
    inside = f"[^{separator}]*" if separator else ".*"
    parts = (re.escape(part).replace(r"\*", inside) for part in pattern.removeprefix("!").split("**"))
    return (re.fullmatch(".*".join(parts), text, re.DOTALL) is not None) != pattern.startswith("!")
