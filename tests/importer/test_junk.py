"""Whatever stands in the objects and files of a person, an import ends with a spec that can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.importer.test_seen import config_map, daemon_set
from tests.pinned import ROOT

from hybridc.importer.draft import draft, update
from hybridc.importer.observe import observe
from hybridc.importer.seen import Sources
from hybridc.live.collect import projected
from hybridc.live.reads import KINDS
from hybridc.live.state import State
from hybridc.rewrite.tree import can_hold
from hybridc.source.reader import read

GUIDE = read("x", (ROOT / "examples" / "guide" / "hybrid.yaml").read_bytes())[0]
TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "cn-hangzhou-j",
            "vsw-a",
            "sg-a",
            "ordered",
            "{{x}}",
            "***",
            "<a>",
            "\ud800",
            "\u2028",
            "on",
            "a: b\n c",
            "\x07",
        ]
    ),
)
JSON = st.recursive(
    st.one_of(TEXT, st.integers(), st.integers(10**18, 10**40), st.floats(), st.booleans(), st.none()),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(TEXT, below, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *("vswitches", "eni_tags", "service_cidr", "security_group", "security_groups", "max_pool_size", "type"),
        *("min_pool_size", "vswitch_selection_policy", "ip_stack", "resource_group_id", "rate_limit", "plugins"),
        *("eniip_virtual_type", "host_stack_cidrs", "my_token", "capabilities", "controlPlaneEndpoint", "clusters"),
        *("networking", "x/y~z"),
    ]
)
CONFS = st.dictionaries(KEYS, JSON, max_size=6).map(json.dumps)
TEXTS = st.one_of(CONFS, st.text(max_size=40), st.just("[" * 200), st.just("{" * 10**4))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_an_import_never_falls_over(data: st.DataObject) -> None:
    names = (
        "eni-config",
        "eni-config-big",
        "kubeadm-config",
        "kube-proxy",
        "hybridc",
        "hybridc-cni-exclusion",
        "ack-agent-config",
    )
    keys = (
        "eni_conf",
        "10-terway.conf",
        "10-terway.conflist",
        "ClusterConfiguration",
        "kubeconfig.conf",
        "cluster",
        "addNodeScriptPath",
    )
    more = (*names, f"eni-config-{data.draw(st.sampled_from(['a/b', 'a~b', 'x y', '0']))}")
    items: list[Any] = [config_map(name, {key: data.draw(TEXTS) for key in keys}) for name in more]
    items.append(config_map("cluster-info", {"kubeconfig": data.draw(TEXTS)}, "kube-public"))
    items.append(daemon_set("kube-system", "calico-node", data.draw(st.text(max_size=20)), []))
    state = State("there", data.draw(st.text(max_size=9)), dict(projected(KINDS[item["kind"]], item) for item in items))
    found = observe(Sources(state, script=data.draw(TEXTS), script_path=data.draw(TEXT)))
    text = draft(found)
    assert read("x", text.encode())[1] == []
    assert read("x", update(GUIDE, found)[0].encode())[1] == []


def test_what_no_spec_can_hold_is_known() -> None:
    deep: Any = 1
    for _ in range(80):
        deep = [deep]
    for value in (10**30, float("inf"), "\ud800", deep, [0] * 5000):
        assert not can_hold(value)
    for value in ("\x07", "\u2028", "on", "", 1.5, True, {"a": []}):
        assert can_hold(value)


@pytest.mark.parametrize(
    "text", ["spec: 3\n", "spec: [a]\n", "- a\n", "3\n", "spec: {cluster: [], terway: x, addons: {a: 1}}\n"]
)
def test_a_spec_of_another_form_is_not_made_worse(text: str) -> None:
    conf = {"vswitches": {"cn-hangzhou-j": ["vsw-a"]}, "service_cidr": "10.0.0.0/16", "foo": 1}
    found = observe(Sources(eni_config={"eni_conf": json.dumps(conf)}, eni_path="e\ni"))
    document = read("x", text.encode())[0]
    after, _ = update(document, found)
    assert read("x", after.encode())[1] == []
