"""What is in place before the merge: RAM, and the bucket with the script.

No AccessKey (``alicloud_ram_access_key`` would write its secret into the state) and no token: both go another way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from hybridc.lower.bundle import JsonText
from hybridc.lower.names import NODE_TOKEN, policy_name, script_key, terraform_name
from hybridc.lower.ram import INSTANCE_TRUST
from hybridc.lower.ram_holders import HOLDERS
from hybridc.lower.terraform.root import KEPT, Block, if_set, root, switch
from hybridc.lower.terraform.text import beside, expression, file, quoted
from hybridc.spec.model import Spec
from hybridc.spec.node_model import Oss

ADDONS = "addons"
"""The address of the user or role that the add-ons act as."""
BUCKET = "alicloud_oss_bucket.scripts"
BUCKET_POLICY = "alicloud_oss_bucket_policy.scripts"
SCRIPT = "alicloud_oss_bucket_object.script"
_FILE = "../node/init-node-ecs.sh"
_OWN_BUCKET = switch(
    "Whether the bucket is this cluster's alone, so that it and its policy are made here. A bucket has one policy, and "
    "putting one replaces it: with false the output bucket_policy_statements is for whoever keeps that policy."
)
_OWN_IDENTITIES = switch("Whether the RAM user or role is made here. With false another configuration makes it.")


def account(spec: Spec, products: Iterable[str], script: str | None) -> dict[str, Any]:
    """By file: the configuration for RAM and OSS. ``products`` are those with a RAM policy."""
    granted = list(products)
    resources = {"ram": _ram(spec, granted)}
    variables: Block = {"own_identities": _OWN_IDENTITIES} if len(resources["ram"]) > 1 else {}
    outputs: Block = {}
    if script is not None and spec.node_init.oss is not None:
        resources["oss"] = _oss(spec, spec.node_init.oss, script)
        variables = {**variables, "own_bucket": _OWN_BUCKET}
        statements = expression(f'jsondecode(file("{beside("../oss/bucket-policy.json")}")).Statement')
        outputs = {"bucket_policy_statements": {"value": statements, "description": "What nodes may read."}}
    blocks = {name: block for name, block in (("variable", variables), ("output", outputs)) if block}
    return {"main": root(spec, **blocks), **{name: {"resource": found} for name, found in resources.items()}}


def _identity(spec: Spec) -> str:
    """The address of what the add-ons act as."""
    return f"alicloud_ram_{'user' if spec.ram.role is None else 'role'}.{ADDONS}"


def _attachment(spec: Spec, product: str) -> str:
    """The address of what attaches the policy of a product."""
    of_role = product == NODE_TOKEN or spec.ram.role is not None
    return f"alicloud_ram_{'role' if of_role else 'user'}_policy_attachment.{terraform_name(product)}"


def _ram(spec: Spec, products: list[str]) -> Block:
    """Every policy of ``cloud/ram/``; those of who does the steps are attached to nobody."""
    found: Block = {"alicloud_ram_policy": {terraform_name(product): _policy(spec, product) for product in products}}
    for product in products:
        if product not in HOLDERS:
            whose, made = _whose(spec, product)
            for address, block in (made, (_attachment(spec, product), _attached(spec, product, whose, made[0]))):
                kind, _, name = address.partition(".")
                found.setdefault(kind, {})[name] = block
    return found


def _policy(spec: Spec, product: str) -> Block:
    return {
        "policy_name": policy_name(spec, product),
        "policy_document": file(f"../ram/{product}.json"),
        "rotate_strategy": "DeleteOldestNonDefaultVersionWhenLimitExceeded",
    }


def _whose(spec: Spec, product: str) -> tuple[str, tuple[str, Block]]:
    """The name of the user or role that has a policy; its address, and the resource that makes it."""
    role = spec.ram.role
    if product == NODE_TOKEN:
        role = spec.node_init.join.token.role or ""
    elif role is None:
        user = spec.ram.user or ""
        return user, (_identity(spec), _owned({"name": user}))
    address = _identity(spec) if role == spec.ram.role else f"alicloud_ram_role.{NODE_TOKEN}"
    trust = JsonText(INSTANCE_TRUST, indent=None)
    return role, (address, _owned({"role_name": role, "assume_role_policy_document": trust}))


def _owned(arguments: Block) -> Block:
    return {"count": if_set("own_identities"), **arguments, "lifecycle": KEPT}


def _attached(spec: Spec, product: str, whose: str, address: str) -> Block:
    kind = "role_name" if "_role." in address else "user_name"
    return {
        "policy_name": expression(f"alicloud_ram_policy.{terraform_name(product)}.policy_name"),
        "policy_type": "Custom",
        kind: whose,
        "depends_on": [address],
    }


def _oss(spec: Spec, oss: Oss, script: str) -> Block:
    own = {"count": if_set("own_bucket")}
    below: Block = {"bucket": oss.bucket, "depends_on": [BUCKET]}
    found: Block = {
        "alicloud_oss_bucket": {"scripts": {**own, "bucket": oss.bucket, "lifecycle": KEPT}},
        "alicloud_oss_bucket_acl": {"scripts": {**own, **below, "acl": "private"}},
        "alicloud_oss_bucket_policy": {"scripts": {**own, **below, "policy": file("../oss/bucket-policy.json")}},
    }
    if spec.node_init.url is None:
        found["alicloud_oss_bucket_object"] = {"script": _object(spec, oss, script)}
    return found


def _object(spec: Spec, oss: Oss, script: str) -> Block:
    """The script. Another one has another key, and nodes read the old one until the sync: no plan deletes it."""
    return {
        "bucket": oss.bucket,
        "key": script_key(spec, script),
        "source": beside(_FILE),
        "depends_on": [BUCKET_POLICY],
        "lifecycle": {**KEPT, "precondition": _is_the_script(script)},
    }


def _is_the_script(script: str) -> Block:
    """The provider does not look into the file, and the key is the file's digest."""
    digest = hashlib.sha256(script.encode()).hexdigest()
    return {
        "condition": expression(f'filesha256("{beside(_FILE)}") == {quoted(digest)}'),
        "error_message": "cloud/node/init-node-ecs.sh is not the script that hybridc wrote.",
    }
