"""OpenTofu plans and applies the configurations, with a provider that has the published arguments and no cloud."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.gitops.variants import build, example
from tests.terraform import published
from tests.terraform.conftest import Read

pytestmark = pytest.mark.needs("opentofu")
# What the provider cannot change in place (its source: ForceNew); the package does not say it.
NEW = {
    "alicloud_oss_bucket_object": {"bucket", "key"},
    "alicloud_cs_kubernetes_node_pool": {"cluster_id", "security_group_ids", "type"},
}
FOLDERS = ("cloud/terraform", "cloud/terraform/addons", "cloud/terraform/pools")
ACCOUNT = "1234567890123456"
KEPT = "nstance cannot be destroyed"
Tofu = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def tofu(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Tofu:
    """``tofu(folder, argument…)``: run it in a folder, with the provider and without a network."""
    home = tmp_path_factory.mktemp("tofu")
    schema = {name: published.table(name, NEW.get(name, set())) for name in published.CLASSES}
    (home / "schema.json").write_text(json.dumps(schema), "utf-8")
    provider = Path(tool("terraform-provider-alicloud")).resolve().parent
    rc = f'provider_installation {{\n  dev_overrides {{\n    "aliyun/alicloud" = "{provider}"\n  }}\n}}\n'
    (home / "tofurc").write_text(rc, "utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(home / "tofurc"),
        "TF_CLI_ARGS": "-no-color",
        "HYBRIDC_SCHEMA": str(home / "schema.json"),
        "HYBRIDC_ACCOUNT": ACCOUNT,
    }

    def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [tool("tofu"), *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment | more, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def planned(tofu: Tofu, folder: Path, *arguments: str) -> str:
    """The last line of a plan, or the title of its error."""
    done = tofu(folder, "plan", "-input=false", *arguments)
    said = (
        re.search(r"Error: [^\n]*", done.stderr) if done.returncode else re.search("(Plan|No changes).*", done.stdout)
    )
    assert said, done.stdout + done.stderr
    return said[0]


def cluster_of(folder: Path, **changes: Any) -> Path:
    """The guide's cluster, with Terraform."""
    return build(example("guide", alibabaCloud__terraform=True, **changes), folder, "kustomize")


def test_every_configuration_is_valid_and_makes_all_of_it(cluster: Path, tofu: Tofu, read: Read) -> None:
    for folder in FOLDERS:
        made = sum(block.kind == "resource" for block in read(cluster / folder))
        if made:
            done = tofu(cluster / folder, "validate", "-json")
            assert json.loads(done.stdout)["error_count"] == 0, done.stdout
            assert planned(tofu, cluster / folder) == f"Plan: {made} to add, 0 to change, 0 to destroy."


def test_a_second_apply_changes_nothing(tmp_path: Path, tofu: Tofu) -> None:
    cluster = cluster_of(tmp_path)
    for folder in FOLDERS:
        assert tofu(cluster / folder, "apply", "-auto-approve").returncode == 0
        assert planned(tofu, cluster / folder).startswith("No changes")


def test_the_credentials_of_another_account_end_every_plan(cluster: Path, tofu: Tofu) -> None:
    for folder in FOLDERS:
        if (cluster / folder).exists():
            done = tofu(cluster / folder, "plan", "-input=false", HYBRIDC_ACCOUNT="9999999999999999")
            assert done.returncode == 1
            assert "another account" in " ".join(done.stderr.replace("│", " ").split())


def test_another_script_is_not_made_until_the_state_has_let_the_old_one_go(tmp_path: Path, tofu: Tofu) -> None:
    folder = cluster_of(tmp_path) / FOLDERS[0]
    assert tofu(folder, "apply", "-auto-approve").returncode == 0
    cluster_of(tmp_path, nodeInit__hosts={"a.example.com": "10.0.0.1"})
    assert planned(tofu, folder).endswith(KEPT)
    assert tofu(folder, "state", "rm", "alicloud_oss_bucket_object.script").returncode == 0
    assert planned(tofu, folder) == "Plan: 1 to add, 0 to change, 0 to destroy."


def test_a_script_that_was_edited_ends_the_plan(tmp_path: Path, tofu: Tofu) -> None:
    cluster = cluster_of(tmp_path)
    (cluster / "cloud" / "node" / "init-node-ecs.sh").write_text("#!/bin/bash\n", "utf-8")
    assert planned(tofu, cluster / FOLDERS[0]) == "Error: Resource precondition failed"


def test_a_bucket_of_others_gets_the_script_and_no_policy(tmp_path: Path, tofu: Tofu) -> None:
    folder = cluster_of(tmp_path) / FOLDERS[0]
    shown = tofu(folder, "plan", "-input=false", "-var", "own_bucket=false").stdout
    made = set(re.findall(r"# (alicloud_oss\S+) will be created", shown))
    assert made == {"alicloud_oss_bucket_object.script"}
    assert '"acs:SourceVpc"' in shown, "whoever keeps the policy has the statements as an output"


def test_a_bucket_that_was_made_here_is_not_given_up(tmp_path: Path, tofu: Tofu) -> None:
    folder = cluster_of(tmp_path) / FOLDERS[0]
    assert tofu(folder, "apply", "-auto-approve").returncode == 0
    assert planned(tofu, folder, "-var", "own_bucket=false").endswith(KEPT)
    assert planned(tofu, folder, "-destroy").endswith(KEPT)


@pytest.mark.parametrize("size", [{"desired": 5, "max": 9}, {"desired": 0, "max": 2}])
def test_no_plan_changes_how_many_nodes_a_pool_has(size: dict[str, int], tmp_path: Path, tofu: Tofu) -> None:
    """The pool has grown by the steps; then the spec says another size, or that it scales."""
    folder = cluster_of(tmp_path) / FOLDERS[2]
    assert tofu(folder, "apply", "-auto-approve").returncode == 0
    state = json.loads((folder / "terraform.tfstate").read_text("utf-8"))
    (pool,) = [item for item in state["resources"] if item["mode"] == "managed"]
    pool["instances"][0]["attributes"]["desired_size"] = "3"
    (folder / "terraform.tfstate").write_text(json.dumps(state), "utf-8")
    assert planned(tofu, folder).startswith("No changes")
    (old,) = example_pools()
    cluster_of(tmp_path, nodePools=[old | {"autoScaling": True, "size": {"min": 0, **size}}])
    assert planned(tofu, folder).startswith("No changes")


def test_a_pool_is_not_replaced(tmp_path: Path, tofu: Tofu) -> None:
    folder = cluster_of(tmp_path) / FOLDERS[2]
    assert tofu(folder, "apply", "-auto-approve").returncode == 0
    (old,) = example_pools()
    cluster_of(tmp_path, nodePools=[old | {"securityGroups": ["sg-bp1anothergroup"]}])
    assert planned(tofu, folder).endswith(KEPT)


def example_pools() -> list[dict[str, Any]]:
    """The pools of the guide."""
    found: list[dict[str, Any]] = yaml.safe_load(example("guide"))["spec"]["nodePools"]
    return found
