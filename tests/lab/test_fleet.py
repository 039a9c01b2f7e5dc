"""A fleet: one ApplicationSet for the clusters that share their settings, one Application for each cluster."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.lab.lab import Lab, compile_specs, example
from tests.lab.servers.argocd import APPLICATIONS
from tests.lab.servers.cluster import Json
from tests.lab.servers.process import wait_for

pytestmark = pytest.mark.needs("root", "debian", "kubernetes", "argocd")

SETS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applicationsets"
THREE = ("idc-a", "idc-b", "idc-c")
# They are synced by a person: another policy, so another set.
TWO = ("idc-d", "idc-e")
ALL = (*THREE, *TWO, "idc-d-terway")
ACCEPTED = "  checks: {ignore: [{code: VER010, reason: nobody installs it here}]}\n"
CHART = '{repository: "https://git.example.com/mirror/terway.git", path: charts/terway, revision: v1.8.18}'


def _spec(name: str, repository: str) -> str:
    letter = name[-1]
    text = example("guide", repository).replace("idc-hangzhou", name)
    text = text.replace("c0123456789abcdef0123456789abcdef", f"c{letter}123456789abcdef0123456789abcdef")
    if name == "idc-d":
        # The add-on becomes a chart, and the chart has an Application of its own.
        text = text.replace("    version: 1.8.18\n", f"    version: 1.8.18\n    install: chart\n    chart: {CHART}\n")
    settings = f"    project: fleet\n    destination: {{name: {name}}}\n"
    settings += "    autoSync: false\n" if name in TWO else ""
    return text + settings + (ACCEPTED if name == "idc-d" else "")


def _known(name: str) -> Json:
    """A cluster as Argo CD knows it: nobody listens there."""
    labels = {"argocd.argoproj.io/secret-type": "cluster"}
    data = {"name": name, "server": f"https://127.0.0.1:{ord(name[-1])}", "config": "{}"}
    metadata = {"name": name, "namespace": "argocd", "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


@pytest.fixture
def fleet(running: Lab, tmp_path: Path) -> Iterator[Path]:
    """The compiled fleet, in the lab's repository and with its ApplicationSets in Argo CD."""
    names = (*THREE, *TWO)
    out = compile_specs([_spec(name, running.repository.url) for name in names], tmp_path)
    running.repository.publish(out)
    known = {"apiVersion": "v1", "kind": "List", "items": [_known(name) for name in (*names, "idc-f")]}
    running.cluster.run("apply", "-f", "-", stdin=json.dumps(known))
    running.register(out)
    yield out
    everything = ["applicationsets", "applications", "appprojects/fleet"]
    for kind in everything:
        words = [kind] if "/" in kind else [kind, "--all"]
        running.cluster.run("-n", "argocd", "delete", *words)
    running.cluster.run("-n", "argocd", "delete", "secrets", "--selector=argocd.argoproj.io/secret-type=cluster")


def _applications(running: Lab) -> dict[str, Json]:
    """The Applications of the fleet by name."""
    found: list[Json] = (running.cluster.get(APPLICATIONS) or {})["items"]
    return {item["metadata"]["name"]: item for item in found if item["spec"]["project"] == "fleet"}


def _set_of(application: Json) -> str:
    (owner,) = application["metadata"]["ownerReferences"]
    name: str = owner["name"]
    return name


def test_each_cluster_has_one_application_and_keeps_it(running: Lab, fleet: Path, tmp_path: Path) -> None:
    wait_for("the Applications", lambda: _look_again(running) >= set(ALL))
    # Once more, so that a set which also takes the other group's clusters has shown it.
    _look_again(running)
    found = _applications(running)
    assert sorted(found) == sorted(ALL)
    terway = found.pop("idc-d-terway")["spec"]
    assert (terway["source"]["path"], terway["destination"]["name"]) == ("idc-d/terway", "idc-d")
    for name, application in found.items():
        spec = application["spec"]
        assert spec["source"]["path"] == f"{name}/kustomize"
        assert spec["source"]["repoURL"] == running.repository.url
        assert spec["destination"] == {"name": name, "namespace": "kube-system"}
        assert ("automated" in spec["syncPolicy"]) == (name in THREE)
    assert len({_set_of(found[name]) for name in THREE}) == 1
    assert len({_set_of(found[name]) for name in TWO}) == 1
    assert _set_of(found["idc-a"]) != _set_of(found["idc-d"])

    # The same as the Application that a cluster has without a fleet.
    alone = fleet / "idc-a" / "argocd" / "application-idc-a.yaml"
    wanted = yaml.safe_load(alone.read_text())
    assert found["idc-a"]["spec"] == wanted["spec"]
    assert found["idc-a"]["metadata"]["annotations"].items() >= wanted["metadata"]["annotations"].items()

    # One cluster leaves the repository, another comes.
    later = compile_specs([_spec(name, running.repository.url) for name in ("idc-a", "idc-b", "idc-f")], tmp_path / "x")
    for name in TWO:
        shutil.copytree(fleet / name, later / name)
    running.repository.publish(later)
    wait_for("the new cluster's Application", lambda: "idc-f" in _look_again(running))
    assert sorted(_applications(running)) == sorted([*ALL, "idc-f"])


def _look_again(running: Lab) -> set[str]:
    """The fleet's Applications, once every set has read Git again; it may still have been shown the last commit."""
    note = "argocd.argoproj.io/application-set-refresh"
    sets: list[Json] = (running.cluster.get(SETS) or {})["items"]
    names = [item["metadata"]["name"] for item in sets]
    for name in names:
        running.cluster.patch(f"{SETS}/{name}", {"metadata": {"annotations": {note: "true"}}})

    def done() -> bool:
        now = [running.cluster.get(f"{SETS}/{name}") or {} for name in names]
        return not any(note in item["metadata"].get("annotations", {}) for item in now)

    wait_for("the sets", done)
    return set(_applications(running))
