"""The list of steps is one that can be gone down: nothing comes before what it needs, nothing is there without need."""

from __future__ import annotations

import re

import pytest
from tests.records import replace
from tests.steps import cover

from hybridc.lower.steps.step import Step
from hybridc.spec import model

# The ids that other parts know, in the one order that is safe.
ORDER = (
    *(
        "agent.private",
        "network.routes",
        "network.security-groups",
        "network.images",
        "ram.user",
        "ram.policies",
        "credentials.secret",
    ),
    *("oss.bucket", "oss.policy", "oss.script", "token.put", "exclusion.by-hand", "git.merge", "gitops.repository"),
    *("gitops.destination", "gitops.apply", "gitops.sync", "see.exclusion", "ippools", r"addon\.[a-z-]+", "see.terway"),
    *(r"pool\.[a-z]+\.(create|one)", "see.node", r"pool\.[a-z]+\.scale"),
)
ROWS = cover.rows()
IDS = [" | ".join(row) for row in ROWS]


def test_the_look_at_the_first_node_asks_the_cache_that_the_cluster_has() -> None:
    spec = next(spec for spec in map(cover.spec, ROWS) if spec.node_pools)
    asked = "nslookup kubernetes.default.svc.cluster.local"
    for address, questions in ((None, 1), ("169.254.25.10", 2)):
        changed = replace(spec, cluster=replace(spec.cluster, node_local_dns=address))
        (see,) = [step for step in cover.steps_of(changed) if step.id == "see.node"]
        assert see.command.count(asked) == questions
        assert (f"{asked} {address}" in see.command) == (address is not None)


def place(step_id: str) -> int:
    """The place of an id in ORDER."""
    return next(n for n, pattern in enumerate(ORDER) if re.fullmatch(pattern, step_id))


def needed(steps: tuple[Step, ...], wanted: str) -> set[str]:
    """Everything that comes before a step, whatever it is handed on by."""
    after = {step.id: step.after for step in steps}
    found, left = set[str](), [wanted]
    while left:
        new = [before for before in after[left.pop()] if before not in found]
        found.update(new)
        left += new
    return found


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_the_order(row: cover.Row) -> None:
    steps = cover.steps_of(cover.spec(row))
    ids = [step.id for step in steps]
    assert len(set(ids)) == len(ids)
    assert [place(i) for i in ids] == sorted(place(i) for i in ids)
    for number, step in enumerate(steps):
        assert set(step.after) <= set(ids[:number]), step.id


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_no_node_is_let_in_before_it_can_join_and_is_known_to_have_one_cni(row: cover.Row) -> None:
    spec = cover.spec(row)
    steps = cover.steps_of(spec)
    ids = {step.id for step in steps}
    gates = {"gitops.sync", "oss.script", "oss.policy", "token.put", "credentials.secret", "network.routes"}
    gates |= {"exclusion.by-hand", "see.exclusion", "see.terway", "addon.terway-eniip", "network.security-groups"}
    for pool in spec.node_pools:
        assert gates & ids <= needed(steps, f"pool.{pool.name}.create")
        assert "see.node" in needed(steps, f"pool.{pool.name}.scale")
    if "oss.script" in ids:
        assert "oss.script" in needed(steps, "gitops.sync"), "the address goes live when the script is there"
    if "ippools" in ids:
        assert {"network.routes", "see.exclusion"} <= needed(steps, "ippools"), "running traffic needs the way back"


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_what_a_spec_does_not_need_is_not_asked_for(row: cover.Row) -> None:
    spec = cover.spec(row)
    ids = {step.id for step in cover.steps_of(spec)}
    init, cni = spec.node_init, spec.cluster.cni
    with_script = init.mode == "script"
    assert ("oss.script" in ids) == ("token.put" in ids) == with_script
    assert ("oss.bucket" in ids) == ("oss.policy" in ids) == (with_script and init.oss is not None)
    assert ("network.routes" in ids) == (cni.routing != "overlay")
    assert ("see.exclusion" in ids) == (cni.daemon_set is not None)
    assert ("exclusion.by-hand" in ids) == (cni.delivery in ("values", "component", "manual"))
    assert ("see.terway" in ids) == ("addon.terway-eniip" in ids) == (spec.terway is not None)
    assert ("see.node" in ids) == bool(spec.node_pools)
    with_key = spec.terway is not None or (bool(spec.addons) and spec.ram.user is not None)
    assert ("credentials.secret" in ids) == with_key
    assert ("gitops.destination" in ids) == (spec.gitops.destination.name == "idc" or _by_server(spec))
    assert len(ids & {f"addon.{addon.name}" for addon in spec.addons}) == len(spec.addons)


def _by_server(spec: model.Spec) -> bool:
    return spec.gitops.engine == "argocd" and "kubernetes.default" not in (spec.gitops.destination.server or "")


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_every_step_says_what_it_takes_and_how_one_sees_that_it_worked(row: cover.Row) -> None:
    for step in cover.steps_of(cover.spec(row)):
        texts = (step.who, step.sentence, step.expects, step.undo)
        assert all(texts[:3]), step.id
        assert not any("\n" in text or text.endswith(" ") for text in texts), step.id
        assert step.undo or step.id.startswith("see."), step.id
        assert step.command or step.id == "token.put", step.id
