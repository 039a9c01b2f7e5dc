"""What a spec says reaches Terraform as data: HCL's own reader gives back the values of the requests and files."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gitops.variants import build, example
from tests.terraform import published
from tests.terraform.conftest import POOL, Block, Read

from hybridc.catalog import terraform
from hybridc.layout import json_text
from hybridc.lower.terraform.text import literal, quoted

# What begins a template, an escape, or a string of an expression, and what may stand around it.
PIECES = st.sampled_from(
    [
        "$",
        "%",
        "{",
        "}",
        "~",
        '"',
        "\\",
        "${x}",
        "%{if}",
        "$${",
        "%%{",
        "${path.module}",
        "\n",
        "é",
        "a",
        " ",
        "{{",
        "//",
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DATA = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**40), 2**40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def of_kind(blocks: list[Block], kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type, by name."""
    start = f"{kind}."
    return {block.name.removeprefix(start): block.arguments for block in blocks if block.name.startswith(start)}


@settings(max_examples=60, deadline=None)
@given(st.lists(DATA, min_size=10, max_size=40))
def test_whatever_a_value_holds_it_arrives(
    tmp_path_factory: pytest.TempPathFactory, read: Read, values: list[Any]
) -> None:
    file = tmp_path_factory.mktemp("literal") / "a.tf.json"
    given_ = {f"a{number}": value for number, value in enumerate(values)}
    file.write_text(json_text.dump({"resource": {"x": {"y": literal(given_)}}}), "utf-8")
    (block,) = read(file)
    # cty reads text as NFC, as all of Terraform does.
    assert _nfc(block.arguments) == _nfc(given_)


def _nfc(data: Any) -> Any:
    return json.loads(unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False, sort_keys=True)))


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_whatever_a_string_of_an_expression_holds_it_is_that_string(
    tmp_path_factory: pytest.TempPathFactory, read: Read, values: list[str]
) -> None:
    file = tmp_path_factory.mktemp("quoted") / "a.tf.json"
    written = {f"a{number}": f"${{{quoted(value)}}}" for number, value in enumerate(values)}
    file.write_text(json_text.dump({"resource": {"x": {"y": written}}}), "utf-8")
    (block,) = read(file)
    assert _nfc(block.arguments) == _nfc({f"a{number}": value for number, value in enumerate(values)})


def test_a_pool_is_its_request_without_nodes(cluster: Path, read: Read) -> None:
    """Every key of the request that Terraform can be told has the request's value, but for size and scaling."""
    requests = [json.loads(path.read_text("utf-8")) for path in (cluster / "cloud" / "node-pools").glob("*.json")]
    blocks = read(cluster / "cloud" / "terraform" / "pools")
    pools = of_kind(blocks, "alicloud_cs_kubernetes_node_pool")
    assert len(pools) == len(requests)
    for request in requests:
        name = request["nodepool_info"]["name"]
        pool = pools[f"_{name}" if name[0].isdigit() else name]
        request["scaling_group"]["desired_size"] = "0"
        request["auto_scaling"]["enable"] = False
        request["scaling_group"]["tags"] = {tag["key"]: tag["value"] for tag in request["scaling_group"]["tags"]}
        for path, argument in terraform.ARGUMENTS.items():
            assert _at(pool, argument) == _at(request, path) or (argument, _at(pool, argument)) == (
                "install_cloud_monitor",
                False,
            ), path
        assert pool["lifecycle"] == {"prevent_destroy": True, "ignore_changes": ["desired_size", "scaling_config"]}
        assert pool["force_delete"] is False, "the provider's own default takes the nodes along"


def _at(data: dict[str, Any], path: str) -> Any:
    node: Any = data
    for key in path.split("."):
        node = node.get(key) if isinstance(node, dict) else None
    return node


def test_every_policy_is_its_file_and_that_of_an_add_on_is_attached(cluster: Path, read: Read) -> None:
    blocks = read(cluster / "cloud" / "terraform")
    policies = of_kind(blocks, "alicloud_ram_policy")
    files = {path.stem: path.read_text("utf-8") for path in (cluster / "cloud" / "ram").glob("*.json")}
    assert {name: policy["policy_document"] for name, policy in policies.items()} == files
    attached = of_kind(blocks, "alicloud_ram_user_policy_attachment")
    attached |= of_kind(blocks, "alicloud_ram_role_policy_attachment")
    assert set(attached) == set(files) - {"publisher", "setup", "operator"}
    there = {block.name for block in blocks}
    for block in attached.values():
        (made,) = block["depends_on"]
        assert made in there, "what a policy is attached to is made before"


def test_the_script_is_the_file_under_its_own_key(cluster: Path, read: Read) -> None:
    blocks = read(cluster / "cloud" / "terraform")
    scripts = of_kind(blocks, "alicloud_oss_bucket_object")
    with_bucket = bool(of_kind(blocks, "alicloud_oss_bucket"))
    assert bool(scripts) == with_bucket == (cluster / "cloud" / "oss" / "bucket-policy.json").exists()
    for block in scripts.values():
        assert Path(block["source"]).read_bytes() == (cluster / "cloud" / "node" / "init-node-ecs.sh").read_bytes()
        assert block["key"] in (cluster / "SUMMARY.md").read_text("utf-8")
        assert block["lifecycle"]["prevent_destroy"] is True
        assert block["lifecycle"]["precondition"]["condition"] is True
    for block in of_kind(blocks, "alicloud_oss_bucket_policy").values():
        assert block["policy"] == (cluster / "cloud" / "oss" / "bucket-policy.json").read_text("utf-8")


def test_a_script_that_a_person_edited_is_not_uploaded(tmp_path: Path, read: Read) -> None:
    cluster = build(example("guide", alibabaCloud__terraform=True), tmp_path, "kustomize")
    with (cluster / "cloud" / "node" / "init-node-ecs.sh").open("a", encoding="utf-8") as script:
        script.write("\n")
    scripts = of_kind(read(cluster / "cloud" / "terraform"), "alicloud_oss_bucket_object")
    assert scripts["script"]["lifecycle"]["precondition"]["condition"] is False


def test_an_add_on_is_its_request_and_one_without_a_version_is_left_out(cluster: Path, read: Read) -> None:
    requests = [json.loads(path.read_text("utf-8"))[0] for path in (cluster / "cloud" / "addons").glob("*.json")]
    wanted = {request["name"]: request for request in requests if "version" in request}
    blocks = read(cluster / "cloud" / "terraform" / "addons")
    found = of_kind(blocks, "alicloud_cs_kubernetes_addon")
    said = ("name", "version", "config")
    assert {name: {key: block[key] for key in said if key in block} for name, block in found.items()} == wanted


def test_names_are_identifiers_and_no_two_are_one(cluster: Path) -> None:
    for file in (cluster / "cloud" / "terraform").rglob("*.tf.json"):
        for kinds in json.loads(file.read_text("utf-8")).get("resource", {}).values():
            assert all(re.fullmatch("[a-z_][a-z0-9_-]*", name) for name in kinds)


def test_no_secret_has_a_resource(cluster: Path, read: Read) -> None:
    """What Terraform makes it remembers in its state: no AccessKey, and no object but the script."""
    folder = cluster / "cloud" / "terraform"
    blocks = [block for part in (folder, folder / "addons", folder / "pools") for block in read(part)]
    kinds = {block.name.partition(".")[0] for block in blocks if block.kind == "resource"}
    assert kinds <= set(published.CLASSES)
    assert set(of_kind(blocks, "alicloud_oss_bucket_object")) <= {"script"}
    assert not any("password" in block.arguments for block in blocks)


HOSTILE = ['${file("/etc/passwd")}', "%{ for x in y }", "$${a}", "{{ x }}", 'a"b\\', "${"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_template_in_a_tag_is_a_tag(text: str, tmp_path: Path, read: Read) -> None:
    tags = {f"k{text}": text, "x": f"{text}{text}"}
    pool = POOL | {"name": "hostile", "tags": tags}
    raw = example("guide", alibabaCloud__terraform=True, nodePools=[pool])
    blocks = read(build(raw, tmp_path, "kustomize") / "cloud" / "terraform" / "pools")
    (found,) = [block["tags"] for block in of_kind(blocks, "alicloud_cs_kubernetes_node_pool").values()]
    assert found == {**tags, "hybridc.dev/cluster": "idc-hangzhou"}


@pytest.mark.parametrize(
    "extra",
    [
        {"scaling_group.period": 1, "kubernetes_config.runtime": "docker", "scaling_group": {}},
        {"scaling_group": {"private_pool_options.match_criteria": "Open"}},
        {"scaling_group": {"instance_metadata_options": "required", "private_pool_options": {}}, "management": {}},
    ],
)
def test_a_key_with_a_dot_is_no_path(extra: dict[str, Any], tmp_path: Path, read: Read) -> None:
    def pools(**more: Any) -> list[Block]:
        pool = {key: value for key, value in POOL.items() if key != "extra"} | more
        raw = example("guide", alibabaCloud__terraform=True, nodePools=[pool])
        return read(
            build(raw, tmp_path / str(len(more)), "kustomize") / "cloud" / "terraform" / "pools" / "pools.tf.json"
        )

    assert pools(extra=extra) == pools()


def test_without_terraform_nothing_is_written(tmp_path: Path) -> None:
    assert not (build(example("guide"), tmp_path, "kustomize") / "cloud" / "terraform").exists()
