"""The provider's arguments as published: Pulumi's bridge makes a package of the schema of every release.

A resource is a class there, its arguments the parameters of ``__init__``; a block is a class of its own. The modules
are read as text. Pulumi writes the plural for a list with a singular name (``spot_price_limits``).
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any, NamedTuple

from tests import pinned

CLASSES = {
    "alicloud_cs_kubernetes_node_pool": ("cs", "node_pool", "NodePoolArgs"),
    "alicloud_cs_kubernetes_addon": ("cs", "kubernetes_addon", "KubernetesAddonArgs"),
    "alicloud_ram_policy": ("ram", "policy", "PolicyArgs"),
    "alicloud_ram_user": ("ram", "user", "UserArgs"),
    "alicloud_ram_role": ("ram", "role", "RoleArgs"),
    "alicloud_ram_user_policy_attachment": ("ram", "user_policy_attachment", "UserPolicyAttachmentArgs"),
    "alicloud_ram_role_policy_attachment": ("ram", "role_policy_attachment", "RolePolicyAttachmentArgs"),
    "alicloud_oss_bucket": ("oss", "bucket", "BucketArgs"),
    "alicloud_oss_bucket_acl": ("oss", "bucket_acl", "BucketAclArgs"),
    "alicloud_oss_bucket_policy": ("oss", "bucket_policy", "BucketPolicyArgs"),
    "alicloud_oss_bucket_object": ("oss", "bucket_object", "BucketObjectArgs"),
}
"""Where the package has each resource that hybridc writes."""
META = frozenset(("count", "depends_on", "lifecycle"))
"""What every resource may have besides."""
_SINGULAR = {"spot_price_limits": "spot_price_limit"}
_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "int": (int,), "float": (int, float)}


class Argument(NamedTuple):
    """``kind``: a word of _PLAIN, or ``list``, ``map``, ``block``; ``of`` is what a list has, or the block's class."""

    kind: str
    of: str
    required: bool


@cache
def arguments(resource: str) -> dict[str, Argument]:
    """The arguments of a resource. What the provider requires beside (one of two) is not in a signature."""
    service, module, name = CLASSES[resource]
    return _signature(service, module, name)


@cache
def _signature(service: str, module: str, name: str) -> dict[str, Argument]:
    tree = ast.parse((pinned.folder(f"alicloud-{service}") / f"{module}.py").read_text("utf-8"))
    made = next(
        part
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name in (name, name.replace("Args", "InitArgs"))
        for part in node.body
        if isinstance(part, ast.FunctionDef) and part.name == "__init__"
    )
    return {
        item.arg: _argument(ast.unparse(item.annotation), required=default is None)
        for item, default in zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True)
        if item.annotation is not None
    }


def _argument(annotation: str, *, required: bool) -> Argument:
    text = re.sub(r"pulumi\.Input\[|Optional\[|_builtins\.|['\]]", "", annotation)
    for kind, start in (("list", "Sequence["), ("map", "Mapping[")):
        if text.startswith(start):
            return Argument(kind, text.removeprefix(start).rpartition(" ")[2], required)
    return Argument(text, "", required) if text in _PLAIN else Argument("block", text, required)


def table(resource: str, new: set[str]) -> dict[str, Any]:
    """The arguments of a resource for tools/go/terraform-provider; ``new`` are those that make another one of it."""
    service, module, name = CLASSES[resource]
    return _table(service, _signature(service, module, name), new)


def _table(service: str, known: dict[str, Argument], new: set[str]) -> dict[str, Any]:
    found = {}
    for name, argument in known.items():
        below = argument.of if argument.kind == "block" or argument.of not in (*_PLAIN, "") else ""
        nested = _table(service, _signature(service, "_inputs", below), set()) if below else None
        # Pulumi's plural of a list with a singular name.
        written = _SINGULAR.get(name, name)
        found[written] = {**argument._asdict(), "force_new": written in new, "block": nested}
    return found


def named(resource: str, path: str) -> Argument | None:
    """An argument by its path (``argument`` or ``block.argument``), in Terraform's spelling."""
    block, _, name = path.rpartition(".")
    known = arguments(resource)
    if block:
        above = known.get(block)
        known = {} if above is None else _signature(CLASSES[resource][0], "_inputs", above.of)
    return known.get(name) or known.get(next((many for many, one in _SINGULAR.items() if one == name), ""))


def wrong(resource: str, block: dict[str, Any]) -> list[str]:
    """What of a resource's block the provider would not take."""
    given = {name: value for name, value in block.items() if name not in META}
    lacking = [name for name, argument in arguments(resource).items() if argument.required and name not in given]
    return [f"no {name}" for name in lacking] + _unfit(resource, given, "")


def _unfit(resource: str, given: dict[str, Any], above: str) -> list[str]:
    found = []
    for name, value in given.items():
        path = f"{above}{name}"
        argument = named(resource, path)
        if argument is None:
            found.append(f"unknown: {path}")
        elif argument.kind == "block":
            found += _unfit(resource, value, f"{path}.")
        elif argument.kind == "list" and argument.of not in _PLAIN:
            found += [text for item in value for text in _unfit_item(resource, argument.of, item, path)]
        elif not _fits(argument, value):
            found.append(f"{path} is no {argument.kind}: {value!r}")
    return found


def _unfit_item(resource: str, kind: str, item: dict[str, Any], path: str) -> list[str]:
    known = _signature(CLASSES[resource][0], "_inputs", kind)
    lacking = [name for name, argument in known.items() if argument.required and name not in item]
    found = [f"no {path}[].{name}" for name in lacking]
    for name, value in item.items():
        if name not in known or not _fits(known[name], value):
            found.append(f"{path}[].{name}: {value!r}")
    return found


def _fits(argument: Argument, value: Any) -> bool:
    if argument.kind == "list":
        return isinstance(value, list) and all(isinstance(item, _PLAIN[argument.of]) for item in value)
    if argument.kind == "map":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return isinstance(value, _PLAIN[argument.kind]) and not (isinstance(value, bool) and argument.kind != "bool")
