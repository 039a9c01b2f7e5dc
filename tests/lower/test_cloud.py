"""RAM, OSS and node pool documents have the form that Alibaba Cloud's references describe."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from tests.build.cli import EXAMPLES, call, written
from tests.lower.node_pool_schema import NODE_POOL
from tests.strategies import Spec, specs, text_of

Data = dict[str, Any]
NAMES = [path.parent.name for path in EXAMPLES]
ACTION = re.compile(r"[a-z]+:[A-Z][A-Za-z0-9]+\Z")
RESOURCE = re.compile(r"\*|acs:[a-z]+:(\*|[a-z0-9-]+):(\*|\d{16}):\S+\Z")


def documents(cluster: Path, product: str) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8") for path in sorted((cluster / "cloud" / product).glob("*.json"))
    }


def check_policy(text: str) -> None:
    """The grammar of RAM: version 1, statements with an effect, actions and resources; at most 6144 characters."""
    assert len(text.encode()) <= 6144
    policy = json.loads(text)
    assert set(policy) == {"Version", "Statement"}
    assert policy["Version"] == "1"
    assert policy["Statement"]
    for statement in policy["Statement"]:
        assert set(statement) <= {"Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
        assert statement["Action"]
        assert len(set(statement["Action"])) == len(statement["Action"])
        assert all(ACTION.match(action) for action in statement["Action"])
        assert statement["Resource"]
        assert all(RESOURCE.match(resource) for resource in statement["Resource"])


def check_cluster(cluster: Path) -> None:
    for text in documents(cluster, "ram").values():
        check_policy(text)
    for text in documents(cluster, "node-pools").values():
        jsonschema.validate(json.loads(text), NODE_POOL)
    for text in documents(cluster, "oss").values():
        check_bucket_policy(json.loads(text))
    for name, text in documents(cluster, "addons").items():
        check_addon(name, json.loads(text))


def check_bucket_policy(policy: Data) -> None:
    """Readable from one VPC and nowhere else, below this cluster's own prefix."""
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == ["oss:GetObject"]
    assert list(statement["Condition"]) == ["StringEquals"]
    (vpc,) = statement["Condition"]["StringEquals"]["acs:SourceVpc"]
    assert vpc.startswith("vpc-")
    for resource in statement["Resource"]:
        assert re.match(r"acs:oss:\*:\d{16}:[a-z0-9-]+/(\S+/)?idc-[a-z]+/", resource)
        assert resource.rpartition("/")[2] in ("init-node-ecs-*.sh", "bootstrap-token")


def check_addon(name: str, body: Any) -> None:
    """The body of InstallClusterAddons: a list; ``config`` is JSON in a string."""
    assert isinstance(body, list)
    for addon in body:
        assert set(addon) <= {"name", "version", "config"}
        assert f"{addon['name']}.json" == name
        assert isinstance(json.loads(addon.get("config", "{}")), dict)


@pytest.mark.parametrize("name", NAMES)
def test_examples(built: dict[str, Path], name: str) -> None:
    check_cluster(built[name])


def test_generated_specs(tmp_path: Path) -> None:
    path, out = tmp_path / "hybrid.yaml", tmp_path / "out"

    @settings(
        max_examples=30, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(specs())
    def run(made: Spec) -> None:
        path.write_text(text_of(made), encoding="utf-8")
        assume(call("build", path, "-o", out).code == 0)
        check_cluster(out / "idc-generated")
        check_free_text(out / "idc-generated", made["spec"])

    run()


def check_free_text(cluster: Path, spec: Data) -> None:
    """Text of a person arrives as it was written."""
    for addon in spec.get("addons", []):
        (body,) = json.loads((cluster / "cloud" / "addons" / f"{addon['name']}.json").read_text(encoding="utf-8"))
        assert json.loads(body["config"]) == addon["config"]
    for pool in spec["nodePools"]:
        body = json.loads((cluster / "cloud" / "node-pools" / f"{pool['name']}.json").read_text(encoding="utf-8"))
        labels = {label["key"]: label["value"] for label in body["kubernetes_config"]["labels"]}
        assert labels == {**pool.get("labels", {}), "hybridc.dev/pool": pool["name"]}
        tags = {tag["key"]: tag["value"] for tag in body["scaling_group"]["tags"]}
        assert tags == {**pool.get("tags", {}), "hybridc.dev/cluster": "idc-generated"}
        taints = [f"{t['key']}={t['value']}:{t['effect']}" for t in body["kubernetes_config"]["taints"]]
        assert taints == pool.get("taints", [])


def test_a_terway_policy_grants_what_the_version_calls(built: dict[str, Path]) -> None:
    """An ENI is always tagged, so every profile holds ecs:TagResources; create, attach and delete are the minimum."""
    for name in NAMES:
        path = built[name] / "cloud" / "ram" / "terway-eniip.json"
        actions = {a for s in json.loads(path.read_text())["Statement"] for a in s["Action"]}
        assert {
            "ecs:CreateNetworkInterface",
            "ecs:AttachNetworkInterface",
            "ecs:DeleteNetworkInterface",
            "ecs:DescribeNetworkInterfaces",
            "ecs:TagResources",
            "vpc:DescribeVSwitches",
        } <= actions


def test_a_resource_scope_names_no_other_account_or_region(built: dict[str, Path]) -> None:
    policy = json.loads((built["two-zone"] / "cloud" / "ram" / "terway-eniip.json").read_text())
    for statement in policy["Statement"]:
        writes = [a for a in statement["Action"] if not a.split(":")[1].startswith("Describe")]
        for resource in statement["Resource"] if writes else []:
            assert re.match(r"acs:(ecs|vpc):cn-shanghai:1234567890123456:", resource), (writes, resource)


@pytest.mark.parametrize(("strategy", "kind"), [(None, "cpu"), ("NoSpot", "cpu"), ("SpotAsPriceGo", "spot")])
def test_only_a_pool_of_spot_instances_scales_as_one(tmp_path: Path, strategy: str | None, kind: str) -> None:
    more = f"\n      spot: {{strategy: {strategy}}}" if strategy else ""
    path = written(tmp_path, replaced={"keyPair: idc-ops": f"keyPair: idc-ops\n      autoScaling: true{more}"})
    done = call("build", path, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    pool = json.loads((tmp_path / "out" / "idc-hangzhou" / "cloud" / "node-pools" / "elastic.json").read_text())
    assert pool["auto_scaling"]["type"] == kind


def test_a_pool_with_gpus_scales_as_one(tmp_path: Path) -> None:
    types = "instanceTypes: [ecs.gn7i-c8g1.2xlarge]\n      autoScaling: true"
    path = written(tmp_path, replaced={"instanceTypes: [ecs.g6.xlarge, ecs.g6.2xlarge]": types})
    done = call("build", path, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    pool = json.loads((tmp_path / "out" / "idc-hangzhou" / "cloud" / "node-pools" / "elastic.json").read_text())
    assert pool["auto_scaling"]["type"] == "gpu"


def test_what_a_pool_passes_through_joins_the_request(tmp_path: Path) -> None:
    extra = "{scaling_group: {instance_metadata_options: {http_tokens: required}, instance_charge_type: PrePaid}}"
    path = written(tmp_path, replaced={"keyPair: idc-ops": f"keyPair: idc-ops\n      extra: {extra}"})
    before = call("build", written(tmp_path / "before"), "-o", tmp_path / "without")
    done = call("build", path, "-o", tmp_path / "out")
    assert (done.code, before.code) == (0, 0), done.err
    file = "idc-hangzhou/cloud/node-pools/elastic.json"
    pool, without = (json.loads((tmp_path / out / file).read_text()) for out in ("out", "without"))
    assert pool["scaling_group"].pop("instance_metadata_options") == {"http_tokens": "required"}
    assert pool["scaling_group"].pop("instance_charge_type") == "PrePaid"
    assert without["scaling_group"].pop("instance_charge_type") == "PostPaid"
    assert pool == without


@pytest.mark.parametrize("source", ["oss", "ramRole", "file"])
def test_who_may_read_the_token(tmp_path: Path, source: str) -> None:
    role = ", role: hybridc-node" if source == "ramRole" else ""
    checks = "\n  checks: {ignore: [{code: NODE009, reason: an image with a role}]}\n"
    token = f"  nodeInit:\n    join: {{token: {{from: {source}{role}}}}}\n"
    path = written(tmp_path, replaced={"  nodeInit:\n": token, "hybrid-out.git": f"hybrid-out.git{checks}"})
    done = call("build", path, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    cloud = tmp_path / "out" / "idc-hangzhou" / "cloud"
    (everybody,) = json.loads((cloud / "oss" / "bucket-policy.json").read_text())["Statement"]
    token_object = "acs:oss:*:1234567890123456:kubelet-idc-hangzhou/idc-hangzhou/bootstrap-token"
    assert (token_object in everybody["Resource"]) == (source == "oss")
    of_the_role = cloud / "ram" / "node-token.json"
    assert of_the_role.exists() == (source == "ramRole")
    if source == "ramRole":
        allowed = [{"Effect": "Allow", "Action": ["oss:GetObject"], "Resource": [token_object]}]
        assert json.loads(of_the_role.read_text())["Statement"] == allowed
        attached = (cloud / "ram" / "setup.json").read_text()
        assert "acs:ram:*:1234567890123456:role/hybridc-node" in attached
        assert "--RoleName hybridc-node" in (cloud.parent / "SUMMARY.md").read_text()
