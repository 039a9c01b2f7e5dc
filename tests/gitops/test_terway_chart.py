"""Terway's real chart, inflated and corrected by the emitted kustomization."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from tests import pinned
from tests.gitops.test_kubeconform import check
from tests.gitops.variants import Object, build, example, objects, run, terms

Tool = Callable[[str], str]
Objects = dict[tuple[str, str, str], Object]
CHART = "https://git.example.com/mirror/terway.git"
OUTPUT = "https://git.example.com/platform/hybrid-out.git"
REVISION = "v1.16.6"
VALUES = ("values.yaml", "charts/terway/values.yaml")
LEFT = {
    ("ServiceAccount", "kube-system", "terway"),
    ("Role", "kube-system", "terway"),
    ("RoleBinding", "kube-system", "terway-binding"),
    ("ClusterRole", "", "terway-pod-reader"),
    ("ClusterRoleBinding", "", "terway-binding"),
    ("DaemonSet", "kube-system", "terway-eniip"),
}


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Git repositories: the chart out of the pinned Terway module, tagged as the spec asks, and the output."""
    folder = tmp_path_factory.mktemp("upstream")
    shutil.copytree(
        pinned.folder("terway-chart"), folder / "terway" / "charts" / "terway", copy_function=shutil.copyfile
    )
    for name, tag in (("terway", REVISION), ("out", "start")):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "README.md").write_text("upstream\n", encoding="utf-8")
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "start"], ["tag", tag]):
            git(folder / name, folder, *words)
    return folder


def git(folder: Path, upstream: Path, *words: str) -> str:
    return bash(f"git {' '.join(words)}", folder, upstream)


def bash(command: str, folder: Path, upstream: Path) -> str:
    """A command as a person pastes it, where the addresses of the spec are those of local repositories."""
    config = {f"url.file://{upstream}/terway.insteadOf": CHART, f"url.file://{upstream}/out.insteadOf": OUTPUT}
    config |= {"user.name": "t", "user.email": "t@example.com"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(upstream), "GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def merge(folder: Path) -> str:
    """The command of the step ``git.merge`` in SUMMARY.md."""
    text = (folder / "SUMMARY.md").read_text("utf-8")
    found = re.search(r"\*\*git\.merge\*\*.*?```sh\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def inflate(folder: Path, tool: Tool) -> Objects:
    command = ("--enable-helm", "--helm-command", tool("helm3"))
    return objects(run(tool("kustomize"), "build", *command, str(folder / "terway")))


@pytest.fixture(scope="module")
def vendored(upstream: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cluster's folder in a clone of its repository, after the step that copies the chart was pasted twice."""
    clone = tmp_path_factory.mktemp("clone")
    git(clone, upstream, "clone", "-q", OUTPUT, ".")
    folder = build(example("everything"), clone)
    bash(merge(folder), folder, upstream)
    (folder / "terway" / "charts" / "terway" / "stale.yaml").touch()
    bash(merge(folder), folder, upstream)
    return folder


@pytest.fixture(scope="module")
def inflated(vendored: Path, tool: Tool) -> Objects:
    return inflate(vendored, tool)


def test_the_copy_is_the_chart_and_nothing_else(vendored: Path, upstream: Path) -> None:
    copy, chart = vendored / "terway" / "charts" / "terway", upstream / "terway" / "charts" / "terway"
    assert files(copy) == files(chart)
    assert [path.name for path in copy.parent.iterdir()] == ["terway"]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_value_is_one_that_the_chart_has(vendored: Path) -> None:
    """Helm takes any value, and drops what no template asks for without a word."""
    folder = vendored / "terway"
    ours, theirs = (yaml.safe_load((folder / path).read_text("utf-8")) for path in VALUES)
    assert list(unknown(ours, theirs)) == []
    assert list(unknown({"terway": {"images": {}}}, theirs)) == ["terway.images"]


def unknown(ours: Object, theirs: Object, path: str = "") -> Iterator[str]:
    """Keys that ``theirs`` lacks; an empty mapping takes any."""
    for key, value in ours.items():
        if key not in theirs:
            yield f"{path}{key}"
        elif isinstance(value, dict) and theirs[key] != {}:
            yield from unknown(value, theirs[key], f"{path}{key}.")


def test_only_what_cloud_nodes_need_is_left(inflated: Objects) -> None:
    assert set(inflated) == LEFT


def test_no_definition_of_calico_is_touched(inflated: Objects) -> None:
    assert not [kind for kind, _, _ in inflated if kind == "CustomResourceDefinition"]


def test_terway_runs_on_cloud_nodes_only(inflated: Objects) -> None:
    (term,) = terms(inflated["DaemonSet", "kube-system", "terway-eniip"])
    expressions = term["matchExpressions"]
    assert {"key": "alibabacloud.com/external", "operator": "In", "values": ["true"]} in expressions
    # The chart's own expressions stay.
    assert {"type", "k8s.aliyun.com/ignore-by-terway"} <= {expression["key"] for expression in expressions}


def test_terway_reads_the_secret_of_the_add_ons(inflated: Objects) -> None:
    pod = inflated["DaemonSet", "kube-system", "terway-eniip"]["spec"]["template"]["spec"]
    (terway,) = (container for container in pod["containers"] if container["name"] == "terway")
    mounts = {mount["name"]: mount["mountPath"] for mount in terway["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert mounts["alibaba-addon-secret"] == "/var/alibaba-addon-secret"
    assert volumes["alibaba-addon-secret"]["secret"]["secretName"] == "alibaba-addon-secret"
    assert {"eni-config", "lib-modules", "cni"} <= set(mounts)


@pytest.mark.walks("chart")
def test_the_image_is_the_version_of_the_spec(inflated: Objects) -> None:
    pod = inflated["DaemonSet", "kube-system", "terway-eniip"]["spec"]["template"]["spec"]
    images = {container["image"].rpartition(":")[2] for container in [*pod["initContainers"], *pod["containers"]]}
    assert images == {REVISION}


@pytest.mark.parametrize("minor", [28, 29, 30, 37])
def test_app_armor_lets_the_policy_container_mount(
    minor: int, vendored: Path, tool: Tool, kubernetes_schemas: str, tmp_path: Path
) -> None:
    accepted = {"ignore": [{"code": "VER001", "reason": "tried"}]}  # Terway 1.10 and later wants Kubernetes 1.31
    chart = {"repository": CHART, "path": "charts/terway", "revision": REVISION}
    terway = {"version": REVISION.removeprefix("v"), "install": "chart", "chart": chart}
    raw = example("two-zone", cluster__kubernetesVersion=f"1.{minor}.1", terway=terway, checks=accepted)
    folder = build(raw, tmp_path)
    shutil.copytree(vendored / "terway" / "charts", folder / "terway" / "charts")
    daemon_set = inflate(folder, tool)["DaemonSet", "kube-system", "terway-eniip"]
    template = daemon_set["spec"]["template"]
    (policy,) = (container for container in template["spec"]["containers"] if container["name"] == "policy")
    said = template["metadata"].get("annotations", {}).get("container.apparmor.security.beta.kubernetes.io/policy")
    field = policy["securityContext"].get("appArmorProfile")
    assert (said, field) == (("unconfined", None) if minor < 30 else (None, {"type": "Unconfined"}))
    assert not policy["securityContext"]["privileged"]
    assert "SYS_ADMIN" in policy["securityContext"]["capabilities"]["add"]
    check(tool, kubernetes_schemas, minor, yaml.safe_dump(daemon_set))


def test_the_policy_container_mounts_whatever_is_configured() -> None:
    lines = (pinned.folder("terway-policy") / "policyinit.sh").read_text("utf-8").splitlines()
    assert lines[1:4] == ["set -o errexit", "", "mount -o remount rw /proc/sys"]


def test_the_project_allows_all_of_it(inflated: Objects, tmp_path: Path) -> None:
    folder = build(example("everything"), tmp_path)
    (project,) = objects((folder / "argocd" / "appproject-hybrid.yaml").read_text()).values()
    allowed = {item["kind"] for item in project["spec"]["namespaceResourceWhitelist"]}
    cluster_wide = {item["kind"] for item in project["spec"]["clusterResourceWhitelist"]}
    for kind, namespace, _ in inflated:
        assert kind in (allowed if namespace else cluster_wide)
