"""What ``publish`` does, the lists of steps say, and nothing else."""

from __future__ import annotations

import shlex

import pytest
from tests.records import replace
from tests.steps import cover

from hybridc.lower.steps import published
from hybridc.publish import actions
from hybridc.spec.model import Spec

SPECS = [cover.spec(row) for row in cover.rows()]


def test_the_lists_name_what_publish_does() -> None:
    assert set(actions._MODULES) == published.PUBLISHED


def test_a_command_does_the_step_that_it_stands_at() -> None:
    found = set()
    for step in (step for spec in SPECS for step in cover.steps_of(spec) if step.published_by):
        first, verb, name, *_ = shlex.split(step.published_by)
        assert (first, verb, name) == ("hybridc", "publish", step.id)
        found.add(step.id)
    assert {"oss.script", "addon.terway-eniip"} <= found


def everything(monkeypatch: pytest.MonkeyPatch, spec: Spec) -> dict[str, str]:
    """Step → command, as if ``publish`` did all that it is for."""
    whole = {"oss.bucket", "oss.policy", "oss.script", "token.put", "ram.", "credentials.secret", "addon.", "pool."}
    monkeypatch.setattr(published, "PUBLISHED", frozenset(whole))
    return {step.id: step.published_by for step in cover.steps_of(spec)}


def test_what_is_not_in_the_cloud_is_left_to_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    for spec in SPECS:
        found = everything(monkeypatch, spec)
        init, terway = spec.node_init, spec.terway
        in_oss = init.url is None
        assert bool(found.get("oss.script", "x")) == ("oss.script" not in found or in_oss)
        if "token.put" in found:
            assert bool(found["token.put"]) == (init.join.token.source in ("oss", "ramRole"))
        if terway is not None:
            assert bool(found["addon.terway-eniip"]) == (terway.install == "addon")
        if "credentials.secret" in found:
            assert bool(found["credentials.secret"]) == (spec.ram.user is not None)
        assert not any(found[name] for name in found if name.startswith(("see.", "network.", "git", "agent.")))
        assert all(found[name] for name in found if name.startswith(("pool.", "ram.")))


def test_a_name_in_a_command_is_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = next(spec for spec in SPECS if len(spec.node_pools) == 1)
    named = replace(spec, node_pools=type(spec.node_pools)([replace(spec.node_pools[0], name="a; b")]))
    found = everything(monkeypatch, named)
    assert shlex.split(found["pool.a; b.create"]) == ["hybridc", "publish", "pool.a; b.create"]
