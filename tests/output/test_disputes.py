"""What two specs of one call write outside of their folders: the same place with other content is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.build.cli import Done, call, written

GIT = "gitops:\n    repoURL: https://git.example.com/platform/hybrid-out.git"
CHART = {
    "kubernetesVersion: 1.24.3": "kubernetesVersion: 1.31.9",
    "version: 1.8.18": "version: 1.13.6\n    install: chart\n"
    "    chart: {revision: v1.13.6, path: charts/terway, repository: 'https://git.example.com/terway.git'}",
}
Change = dict[str, str]


def gitops(more: str, repo: str = "hybrid-out.git") -> Change:
    return {GIT: f"gitops:\n    repoURL: https://git.example.com/platform/{repo}\n    {more}"}


def build(folder: Path, *specs: tuple[str, Change]) -> Done:
    """A call with these specs: names, each with a registered cluster of its own, and what differs from the guide."""
    paths = [written(folder, name, number, change) for number, (name, change) in enumerate(specs)]
    return call("build", *paths, "-o", folder / "out")


def overwritten(out: Path) -> list[str]:
    """What is applied from all of ``out``, by an independent reader: names that stand for two contents."""
    seen: dict[tuple[str, ...], object] = {}
    found = []
    for path in sorted([*out.glob("*/argocd/*.yaml"), *out.glob("*/flux/*.yaml"), *out.glob("argocd/*.yaml")]):
        item = yaml.safe_load(path.read_text())
        # A project of several clusters is the one in out/argocd; what has no namespace is for the cluster itself.
        if "namespace" in item["metadata"] and (item["kind"] != "AppProject" or path.parent.parent == out):
            key = (item["apiVersion"], item["kind"], item["metadata"]["namespace"], item["metadata"]["name"])
            if seen.setdefault(key, item["spec"]) != item["spec"]:
                found.append("/".join(key))
    return found


@pytest.mark.parametrize(
    ("one", "two", "what"),
    [
        (("idc", CHART), ("idc-terway", {}), "Application idc-terway in namespace argocd"),
        (("idc-terway", {}), ("idc", CHART), "Application idc-terway in namespace argocd"),
        (
            ("idc", {"version: 3.24.5": "version: 3.24.5\n      disabledIPPools: api"}),
            ("idc-ippools", {}),
            "Application idc-ippools in namespace argocd",
        ),
        (
            ("one", gitops("engine: flux")),
            ("two", gitops("engine: flux", "other.git")),
            "GitRepository hybrid in namespace flux-system",
        ),
        (
            ("one", gitops("engine: flux")),
            ("two", gitops("engine: flux\n    revision: canary")),
            "GitRepository hybrid in namespace flux-system",
        ),
        (
            ("idc", gitops("engine: flux")),
            ("idc-guard", gitops("engine: flux")),
            "Kustomization idc-guard in namespace flux-system",
        ),
        (
            ("idc", gitops("engine: flux\n    format: helm")),
            ("idc-agent-config", gitops("engine: flux\n    format: helm")),
            "HelmRelease idc-agent-config in namespace flux-system",
        ),
    ],
)
def test_one_object_of_an_engine_with_two_contents(
    tmp_path: Path, one: tuple[str, Change], two: tuple[str, Change], what: str
) -> None:
    done = build(tmp_path, one, two)
    assert (done.code, f"GIT045 error: this spec and {tmp_path}/{one[0]}.yaml would both write {what}" in done.err) == (
        2,
        True,
    ), done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("one", gitops("engine: flux")), ("two", gitops("engine: flux"))),
        (("one", gitops("engine: flux")), ("two", gitops("engine: flux\n    project: two", "other.git"))),
        (("idc", CHART), ("idc-terway", gitops("argocdNamespace: other"))),
        (("idc", gitops("engine: flux")), ("idc-terway", CHART)),
        (("one", {}), ("two", gitops("revision: canary"))),
    ],
)
def test_the_same_content_or_another_place_is_no_dispute(
    tmp_path: Path, one: tuple[str, Change], two: tuple[str, Change]
) -> None:
    done = build(tmp_path, one, two)
    assert (done.code, "GIT045" in done.err) == (0, False), done.err
    assert overwritten(tmp_path / "out") == []


def test_an_engine_of_its_own_in_every_cluster(tmp_path: Path) -> None:
    checks = "\n  checks: {ignore: [{code: GIT045, reason: a Flux in every cluster}]}\n"
    one, two = gitops("engine: flux"), gitops(f"engine: flux{checks}", "other.git")
    done = build(tmp_path, ("one", one), ("two", two))
    assert (done.code, "GIT045" in done.err) == (0, False), done.err


def test_the_set_of_one_project_has_the_name_of_another(tmp_path: Path) -> None:
    chart = {**CHART, **gitops("project: a\n    destination: {name: NAME}")}
    other = gitops("project: a-terway\n    destination: {name: NAME}")
    specs = [("one", chart), ("two", chart), ("three", other), ("four", other)]
    done = build(tmp_path, *((n, {k: v.replace("NAME", n) for k, v in change.items()}) for n, change in specs))
    assert (done.code, "would both write ApplicationSet a-terway" in done.err) == (2, True), done.err


def test_projects_whose_files_would_have_one_name(tmp_path: Path) -> None:
    """x in namespace argocd beside x in namespace other, and argocd-x."""
    pairs = [("x", "other"), ("x", "argocd"), ("argocd-x", "argocd"), ("other-x", "argocd")]
    specs = []
    for number, (project, namespace) in enumerate(pairs * 2):
        name = f"c{number}"
        more = f"project: {project}\n    argocdNamespace: {namespace}\n    destination: {{name: {name}}}"
        specs.append((name, gitops(more)))
    done = build(tmp_path, *specs)
    assert done.code == 0, done.err
    items = [yaml.safe_load(path.read_text()) for path in (tmp_path / "out" / "argocd").glob("*.yaml")]
    keys = [(item["kind"], item["metadata"]["namespace"], item["metadata"]["name"]) for item in items]
    assert {key[1:] for key in keys if key[0] == "AppProject"} == {(namespace, name) for name, namespace in pairs}
    assert (len(keys), len(set(keys))) == (8, 8)


def test_two_specs_for_one_registered_cluster(tmp_path: Path) -> None:
    one = written(tmp_path, "one")
    two = written(tmp_path, "two", 0, {"name: elastic": "name: other"})
    done = call("build", one, two, "-o", tmp_path / "out")
    said = f"GIT031 error: this spec and {one} would both write the objects of registered cluster c0000"
    assert (done.code, said in done.err) == (2, True), done.err


def test_one_address_of_two_scripts(tmp_path: Path) -> None:
    url = "url: http://files.idc.example.com/init.sh\n    join: {token: {from: file, path: /etc/token}}"
    done = build(tmp_path, *((name, {f"oss:\n      bucket: kubelet-{name}": url}) for name in ("one", "two")))
    said = "would both write the node script at http://files.idc.example.com/init.sh"
    assert (done.code, said in done.err) == (2, True), done.err


def test_clusters_of_different_settings_at_one_server(tmp_path: Path) -> None:
    done = build(tmp_path, ("one", {}), ("two", gitops("revision: canary")))
    assert (done.code, "GIT032 warning" in done.err) == (0, True), done.err


def test_a_copy_is_told_in_one_finding(tmp_path: Path) -> None:
    done = call("build", written(tmp_path / "a"), written(tmp_path / "b"), "-o", tmp_path / "out")
    assert done.err.count("GIT031 error") == 1
    assert "would both write the folder idc-hangzhou, and 7 more" in done.err
