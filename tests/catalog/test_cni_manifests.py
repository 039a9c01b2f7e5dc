"""What the catalog says of Calico, Canal and Flannel, held against the manifests that the projects publish."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests import pinned
from tests.cni.manifests import PINNED, path

from hybridc.catalog import load

Object = dict[str, Any]
WORKLOADS = ("DaemonSet", "Deployment", "StatefulSet")


def objects(name: str) -> list[Object]:
    return [item for item in yaml.load_all(path(name).read_text("utf-8"), yaml.CSafeLoader) if item]


def entries(table: str, name: str) -> list[Object]:
    """What the catalog says of the newest manifest of a plugin."""
    kind = name.partition("-")[0]
    found = [entry for entry in load("cni")[table] if entry["type"] == kind and "before" not in entry]
    return [entry for entry in found if entry.get("install", "manifest") == "manifest"]


def place(item: Object) -> tuple[str, str, str]:
    return item["kind"], item["metadata"]["namespace"], item["metadata"]["name"]


@pytest.mark.parametrize("name", PINNED)
def test_every_workload_of_a_manifest_is_known(name: str) -> None:
    known = [("DaemonSet", entry["namespace"], entry["name"]) for entry in entries("daemon_set", name)]
    known += [(entry["kind"], entry["namespace"], entry["name"]) for entry in entries("companion", name)]
    assert sorted(place(item) for item in objects(name) if item["kind"] in WORKLOADS) == sorted(known)


@pytest.mark.parametrize("name", PINNED)
def test_what_a_daemon_set_requires_of_nodes(name: str) -> None:
    (entry,) = entries("daemon_set", name)
    (workload,) = (item for item in objects(name) if item["kind"] == "DaemonSet")
    affinity = workload["spec"]["template"]["spec"].get("affinity", {}).get("nodeAffinity", {})
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    assert required.get("nodeSelectorTerms", []) == entry["terms"]


@pytest.mark.parametrize("name", [name for name in PINNED if entries("companion", name)])
def test_what_a_companion_tolerates(name: str) -> None:
    (entry,) = entries("companion", name)
    (workload,) = (item for item in objects(name) if item["kind"] == entry["kind"])
    tolerated = workload["spec"]["template"]["spec"]["tolerations"]
    everything = [item for item in tolerated if item.get("operator") == "Exists" and "key" not in item]
    control_plane = [item for item in tolerated if item.get("key", "").startswith("node-role.kubernetes.io/")]
    assert (entry["tolerates"], bool(everything), bool(control_plane)) == ("control-plane", False, True)


def test_a_pool_has_the_field_that_keeps_it_out_of_bgp() -> None:
    crds = yaml.load_all(
        (pinned.folder("calico-manifests") / "operator-crds.yaml").read_text("utf-8"), yaml.CSafeLoader
    )
    (pool,) = (item for item in crds if item and item["metadata"]["name"] == "ippools.crd.projectcalico.org")
    fields = pool["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    assert {"disableBGPExport", "disabled", "natOutgoing", "cidr"} <= set(fields)
