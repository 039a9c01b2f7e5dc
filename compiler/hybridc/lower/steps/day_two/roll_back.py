"""Back to an earlier spec: what a revert in Git brings back, and what it does not."""

from __future__ import annotations

from hybridc.lower.steps import gitops
from hybridc.lower.steps.day_two import pools
from hybridc.lower.steps.day_two.day import Day, Steps, restart_terway, see_node
from hybridc.lower.steps.day_two.terway import see_eni_config
from hybridc.lower.steps.step import Step, ask, code


def roll_back(day: Day) -> Steps:
    """The spec is the one to go back to."""
    yield pause(day)
    yield _revert(day)
    yield day.again("oss.script")
    yield day.again("git.merge")
    yield _resume(day)
    yield day.again("gitops.sync")
    yield day.again("ram.policies")
    if day.spec.terway is not None:
        yield see_eni_config(day)
        yield restart_terway(day, "A revert brings `eni-config` back, and Terway goes on with what it has read before.")
    yield day.again("see.exclusion")
    yield _ip_pools(day)
    for pool in day.spec.node_pools:
        yield pools.changed(day, pool)
    yield see_node(day)
    yield _rest()


def pause(day: Day) -> Step | None:
    """Argo CD and Flux put a change by hand back within seconds; None where they wait for a person anyway."""
    if not day.spec.gitops.auto_sync:
        return None
    of_a_set = " Where an ApplicationSet made the Application, it is the ApplicationSet that has to let it be."
    of_a_set = of_a_set if day.spec.gitops.engine == "argocd" else ""
    return Step(
        "gitops.pause",
        (),
        f"{gitops.engine(day.spec)}: whoever may change its objects",
        f"{gitops.engine(day.spec)} syncs nothing meanwhile: it would put what is changed by hand back.{of_a_set}",
        gitops.automatic(day.spec, on=False),
        "a change by hand stays",
        code(gitops.automatic(day.spec, on=True)),
    )


def _resume(day: Day) -> Step | None:
    if not day.spec.gitops.auto_sync:
        return None
    return Step(
        "gitops.resume",
        (),
        f"{gitops.engine(day.spec)}: whoever may change its objects",
        "It syncs by itself again.",
        gitops.automatic(day.spec, on=True),
        "the Application is Synced" if day.spec.gitops.engine == "argocd" else "the Flux object is Ready",
        "`gitops.pause`",
    )


def _revert(day: Day) -> Step:
    return Step(
        "git.revert",
        (),
        f"whoever may push to {code(day.spec.gitops.repo_url)}",
        "Revert `hybrid.yaml` and this folder together, in one commit; `hybridc build --check` says whether they fit. "
        "A folder that is reverted alone comes back with the next build.",
        f"git revert --no-edit {ask('COMMIT', 'the commit to take back, without its merge')}",
        "`git log -1` shows the revert",
        "`git revert` of the revert",
    )


def _ip_pools(day: Day) -> Step | None:
    return day.again(
        "ippools",
        sentence="The disabled IPPools of this spec. Those of the spec that is taken back stay until "
        "`calicoctl delete ippool <name>`: **each changes running traffic at once**.",
    )


def _rest() -> Step:
    return Step(
        "rest.by-hand",
        (),
        "kubectl: read Nodes; whoever has to do with what is named here",
        "What no revert brings back: the exclusion that a hook or a person patched in (it harms nothing), the version "
        "of Terway and of add-ons (`--for upgrade-terway`), node pools that were made or deleted, the bucket's policy. "
        "Nodes that joined meanwhile stay as their script made them: `--for change-pool` replaces them.",
        "kubectl get nodes -o wide",
        "every node is Ready, and of the version that the spec has",
        "nothing was changed",
    )
