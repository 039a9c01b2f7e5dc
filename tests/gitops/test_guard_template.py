"""Whether a workload would run on cloud nodes, as the guard's template reads it: kubectl evaluates it for real."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cni import manifests
from tests.cni.manifests import LINUX
from tests.gitops.variants import Object, build, example, run

Tool = Callable[[str], str]
KEY = "alibabacloud.com/external"
NOT_CLOUD: Object = {"key": KEY, "operator": "NotIn", "values": ["true"]}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guard")
    spec = example("guide", cluster__cni={"delivery": "component"})
    instructions = yaml.safe_load((build(spec, folder) / "kustomize" / "configmap-hybridc-guard.yaml").read_text())
    file = folder / "keeps-off.gotmpl"
    file.write_text(instructions["data"]["keeps-off.gotmpl"])
    return file


def terms(*found: list[Object], fields: bool = False) -> Object:
    """A pod that requires one of these terms, each a list of expressions."""
    part = "matchFields" if fields else "matchExpressions"
    required = {"nodeSelectorTerms": [{part: expressions} for expressions in found]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


ON: dict[str, Object] = {
    "nothing": {},
    "another label": {"nodeSelector": {"kubernetes.io/os": "linux"}},
    "the label of cloud nodes": {"nodeSelector": {KEY: "true"}},
    "a term without it": terms([LINUX]),
    "one of two terms": terms([LINUX, NOT_CLOUD], [LINUX]),
    "fields alone": terms([{"key": "metadata.name", "operator": "In", "values": ["a"]}], fields=True),
    "asks for them": terms([{"key": KEY, "operator": "In", "values": ["true"]}]),
    "asks for any value": terms([{"key": KEY, "operator": "Exists"}]),
    "another value": terms([{"key": KEY, "operator": "NotIn", "values": ["false"]}]),
    "prefers, and does not require": {
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}
    },
}
OFF: dict[str, Object] = {
    "the exclusion": terms([NOT_CLOUD, {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]}]),
    "in every term": terms([LINUX, NOT_CLOUD], [NOT_CLOUD]),
    "one of several values": terms([{"key": KEY, "operator": "NotIn", "values": ["false", "true"]}]),
    "no such label": terms([{"key": KEY, "operator": "DoesNotExist"}]),
    "another value is asked for": terms([{"key": KEY, "operator": "In", "values": ["false"]}]),
    "by nodeSelector": {"nodeSelector": {KEY: "false"}},
}
CASES: list[Any] = [pytest.param(pod, "on", id=name) for name, pod in ON.items()]
CASES += [pytest.param(pod, "off", id=name) for name, pod in OFF.items()]


@pytest.mark.parametrize(("pod", "runs"), CASES)
def test_what_a_workload_requires_of_nodes(pod: Object, runs: str, template: Path, tool: Tool, tmp_path: Path) -> None:
    workload = manifests.daemon_set("calico-v3.24.5")
    spec = workload["spec"]["template"]["spec"]
    for part in ("affinity", "nodeSelector"):
        spec.pop(part, None)
    spec.update(pod)
    file = tmp_path / "live.json"
    file.write_text(json.dumps(workload))
    words = ("annotate", "--local", "-f", str(file), "read=yes", "-o", f"go-template-file={template}")
    assert run(tool("kubectl"), *words).strip() == runs
