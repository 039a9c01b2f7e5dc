"""What a build made, imported, is the spec again in every field that an object shows; a spec that has them stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from tests import strategies
from tests.importer.clusters import CA_HASH, TODAY, compiled, seen, synced
from tests.layout import cover
from tests.pinned import ROOT

from hybridc.catalog.terway import knows
from hybridc.compile import Compiled, compile_spec
from hybridc.importer.draft import draft, placeholders, update
from hybridc.importer.fields import SHOWN
from hybridc.importer.observe import Observed, observe
from hybridc.importer.seen import Sources
from hybridc.layout import yaml_text
from hybridc.source.reader import read

EXAMPLES = sorted(ROOT.glob("examples/*/hybrid.yaml"))
ROWS = cover.rows()


def text_of(text: str) -> str:
    """The spec with the CA of the cluster that is looked at."""
    return re.sub(r"sha256:[0-9a-f]{64}(?=\s|\"|\])", CA_HASH, text)


def imported(result: Compiled) -> Observed:
    return observe(Sources(seen(result.spec, synced(result))))


def is_shown(path: str, result: Compiled) -> bool:
    """Whether the cluster of this spec shows the field: ``unless`` of importer/fields.py, in code."""
    spec = result.spec
    cni, terway, init = spec.cluster.cni, spec.terway, spec.node_init
    pools = cni.type in ("calico", "canal") and cni.disabled_ip_pools != "none"
    routed = cni.type != "none" and cni.routing == "bgp"
    conditions = {
        "spec.cluster.podCIDRs": cni.type != "none",
        "spec.cluster.nodeLocalDNS": terway is not None and terway.datapath == "datapathv2",
        "spec.cluster.cni.type": cni.type != "none",
        "spec.cluster.cni.install": cni.type != "none",
        "spec.cluster.cni.version": cni.type != "none",
        "spec.cluster.cni.routing": routed and terway is not None,
        "spec.cluster.cni.asNumber": routed and cni.type in ("calico", "canal"),
        "spec.cluster.cni.daemonSet": routed,
        "spec.cluster.cni.existingNodeSelectorTerms": routed,
        "spec.cluster.cni.delivery": cni.delivery == "hook",
        "spec.cluster.cni.excludeAlso": routed,
        "spec.alibabaCloud.region": init.oss is not None or terway is not None,
        "spec.alibabaCloud.resourceGroupID": terway is not None and knows("resource_group_id", terway.release),
        "spec.alibabaCloud.vpc.podVSwitches": terway is not None and pools,
        "spec.alibabaCloud.vpc.securityGroups": terway is not None,
        "spec.addons[].name": False,  # an item has more than its name
        "spec.nodeInit.oss.bucket": init.oss is not None and init.mode == "script",
        "spec.nodeInit.oss.prefix": init.oss is not None and init.mode == "script",
        "spec.nodeInit.oss.endpoint": init.oss is not None and init.mode == "script",
        "spec.nodeInit.url": init.url is not None and init.mode == "script",
    }
    by_script = ("spec.nodeInit.registryMirrors", "spec.nodeInit.proxy", "spec.nodeInit.join")
    return not path.startswith(by_script) and conditions.get(
        path, not path.startswith("spec.terway") or terway is not None
    )


def without(data: Any, path: str) -> bool:
    """Take a field away; whether it was there."""
    *above, last = path.split(".")
    for key in above:
        data = data.get(key) if isinstance(data, dict) else None
    return isinstance(data, dict) and data.pop(last, None) is not None


def stripped(result: Compiled) -> tuple[str, list[str]]:
    """The spec without what the cluster shows, and which fields these were."""
    data = read("", result.document.text.encode())[0].data
    gone = [field.path for field in SHOWN if is_shown(field.path, result) and without(data, field.path)]
    if result.spec.terway is not None:
        without(data, "spec.terway.securityGroups")
    return yaml_text.dump(data), gone


def products(result: Compiled) -> dict[str, bytes]:
    """What is applied, uploaded and requested; where it came from in the spec is another matter."""
    return {
        path: text
        for path, text in result.tree.items()
        if path not in ("sourcemap.json", "hybridc.lock.json", "SUMMARY.md")
    }


def comes_back(text: str) -> list[str]:
    """Fields that were taken away and came back; the products are the same then."""
    result = compiled(text)
    found = imported(result)
    left, gone = stripped(result)
    again, _ = update(read("hybrid.yaml", left.encode())[0], found)
    assert products(compiled(again)) == products(result)
    kept, changed = update(result.document, found)
    assert changed in ([], ["/spec/cluster/cni/existingNodeSelectorTerms"]), "only this can be unknown to a spec"
    assert changed or kept == text
    assert changed == [] or result.spec.cluster.cni.daemon_set is not None
    return gone


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_comes_back(path: Path) -> None:
    gone = comes_back(text_of(path.read_text("utf-8")))
    assert len(gone) > 12


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_a_variant_comes_back(number: int) -> None:
    comes_back(text_of(cover.spec(ROWS[number]).decode()))


USUAL = ("matchExpressions", "matchFields", "key", "operator", "values")


def in_usual_order(value: Any) -> Any:
    """The keys of nodeSelectorTerms in their usual order: which it is means nothing, and is not kept."""
    if isinstance(value, list):
        return [in_usual_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: USUAL.index(name) if name in USUAL else -1)
    return {name: in_usual_order(value[name]) for name in names}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.specs())
def test_any_spec_comes_back(spec: dict[str, Any]) -> None:
    text = text_of(strategies.text_of(in_usual_order(spec)))
    assume(isinstance(compile_spec("x", text.encode(), TODAY), Compiled))
    comes_back(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_draft_has_what_was_seen_and_placeholders(path: Path) -> None:
    result = compiled(text_of(path.read_text("utf-8")))
    found = imported(result)
    text = draft(found)
    document = read("hybrid.yaml", text.encode())[0]
    for pointer, each in found.seen.items():
        assert document.get(pointer) == each.value
        assert f"# seen in {each.where}" in text
    assert {"account-id", "vpc-id", "ram-user", "git-repository-url"} <= set(placeholders(text))
    assert not {"api-server-host", "ca-cert-hash", "region", "terway-version"} & set(placeholders(text))
