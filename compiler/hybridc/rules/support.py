"""PATH: choices of a spec that no test has walked to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hybridc.catalog.support import ANYTHING, Path, paths
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import HoleError, is_hole
from hybridc.spec.model import Spec

CHOICES: dict[str, Callable[[Spec], str | None]] = {
    "cluster.cni.type": lambda spec: spec.cluster.cni.type,
    "cluster.cni.routing": lambda spec: spec.cluster.cni.routing,
    "cluster.cni.delivery": lambda spec: spec.cluster.cni.delivery,
    "cluster.cni.disabledIPPools": lambda spec: spec.cluster.cni.disabled_ip_pools,
    "terway.install": lambda spec: spec.terway.install if spec.terway else None,
    "terway.ipStack": lambda spec: spec.terway.ip_stack if spec.terway else None,
    "terway.cniChain": lambda spec: _first(
        plugin.get("type") for plugin in (spec.terway.cni_chain if spec.terway else ())
    ),
    "terway.credentials": lambda spec: spec.terway.credentials if spec.terway else None,
    "nodeInit.mode": lambda spec: spec.node_init.mode,
    "nodeInit.os": lambda spec: spec.node_init.os,
    "nodeInit.packages.source": lambda spec: spec.node_init.packages.source,
    "nodeInit.containerd.runtimes": lambda spec: _first(one.name for one in spec.node_init.containerd.runtimes),
    "nodeInit.join.method": lambda spec: spec.node_init.join.method,
    "nodeInit.join.token.from": lambda spec: spec.node_init.join.token.source,
    "nodeInit.join.token.refresh": lambda spec: spec.node_init.join.token.refresh,
    "nodePools[].dataDisks[].mount": lambda spec: _first(d.mount for p in spec.node_pools for d in p.data_disks),
    "gitops.engine": lambda spec: spec.gitops.engine,
    "gitops.format": lambda spec: spec.gitops.format,
}
"""What a spec says in each field of the catalog; None where the field has no part in it."""


def _first(values: Iterable[str | None]) -> str | None:
    """The first that is there and not wrong."""
    return next((value for value in values if not is_hole(value) and value is not None), None)


@rule("PATH001")
def not_walked(spec: Spec) -> Findings:
    """The spec takes a path that no test has walked to its end.

    What hybridc writes for it was compiled and read, and some of it was run; but no node that joined this way has run a
    pod, nor has the nearest thing that a test machine can show. docs/support.md says of every path what was run, where
    and when. Try it with a cluster that may break first; then accept this, with what was seen as the reason.

    Fails::
        gitops: {engine: flux}
    Passes::
        gitops: {engine: argocd}

    Source: the tests of hybridc; docs/support.md is made from them.
    """
    found = list(unwalked(spec))
    if found:
        named = "; ".join(f"{_choice(path, value)} ({path.run})" for path, value in found)
        advice = "try it where it may break, then accept this in checks.ignore; docs/support.md has all paths"
        yield finding(found[0][1], f"not walked to a node that runs pods: {named}", advice)


def unwalked(spec: Spec) -> Iterator[tuple[Path, str]]:
    """The paths of a spec that were not walked, with what the spec says there."""
    script = not is_hole(spec.node_init.mode) and spec.node_init.mode == "script"
    for path in paths():
        if path.walked or (path.field.startswith("nodeInit.") and path.field != "nodeInit.mode" and not script):
            continue
        value = _said(spec, path.field)
        if value is not None and (path.values == (ANYTHING,) or value in path.values):
            yield path, value


def _said(spec: Spec, field: str) -> str | None:
    """What a spec says in a field; None for what is wrong there."""
    try:
        value = CHOICES[field](spec)
    except HoleError:
        return None
    return None if is_hole(value) else value


def _choice(path: Path, value: str) -> str:
    return path.field if path.values == (ANYTHING,) else f"{path.field} {value}"
