"""RAM policies: one for each add-on, one for nodes that read the token by their role.

Grammar version "1", at most 6144 characters.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack
from hybridc.catalog import ram as catalog
from hybridc.lower.names import NODE_TOKEN, token_resource
from hybridc.spec.model import Spec, Terway
from hybridc.spec.origin import text

Statement = dict[str, Any]
INSTANCE_TRUST: dict[str, Any] = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}],
}
"""Of a role that instances take: who may assume it."""


def policies(spec: Spec) -> dict[str, Any]:
    """By add-on (and ``node-token``): the policy document. An add-on that needs no right has none."""
    found: dict[str, Any] = {}
    if spec.terway is not None:
        found[ack.TERWAY_ADDON] = _document(_terway(spec, spec.terway))
    for addon in spec.addons:
        actions = catalog.addon_actions(addon.name)
        if actions:
            found[addon.name] = _document([_allow(list(actions), ["*"])])
    oss, token = spec.node_init.oss, spec.node_init.join.token
    if spec.node_init.mode == "script" and token.source == "ramRole" and oss is not None:
        found[NODE_TOKEN] = _document([_allow(["oss:GetObject"], [token_resource(spec, oss)])])
    return found


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "1", "Statement": statements}


def _allow(actions: list[str], resources: list[str]) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _terway(spec: Spec, terway: Terway) -> list[Statement]:
    actions = [
        action
        for action in catalog.terway_actions()
        if action.called_by(terway.release, terway.ip_stack) or (spec.ram.profile == "documented" and action.documented)
    ]
    by_level: dict[str, list[str]] = {}
    for action in actions:
        by_level.setdefault(action.level, []).append(action.name)
    return _by_resource(spec, terway, by_level) if spec.ram.scope == "resources" else _by_account(by_level)


def _by_account(by_level: dict[str, list[str]]) -> list[Statement]:
    """Everything on ``*``, as Alibaba's own policies have it; tags only on ENIs (its service policy v8)."""
    tag = by_level.pop("tag", [])
    names = [name for level in by_level.values() for name in level]
    ordered = [action.name for action in catalog.terway_actions() if action.name in names]
    return [_allow(ordered, ["*"]), _allow(tag, ["acs:ecs:*:*:eni/*"])]


def _by_resource(spec: Spec, terway: Terway, by_level: dict[str, list[str]]) -> list[Statement]:
    """Each action on the resources that it can be limited to (ECS RAM authorization page)."""
    cloud = spec.alibaba_cloud
    ecs, vpc = (text(f"acs:{service}:{{}}:{{}}:", cloud.region, cloud.account_id) for service in ("ecs", "vpc"))
    enis, instances = [text("{}eni/*", ecs)], [text("{}instance/*", ecs)]
    groups = [text("{}securitygroup/{}", ecs, group) for group in _security_groups(terway)]
    ids = [*(switch.id for switch in cloud.vpc.pod_vswitches), *_passed_vswitches(terway)]
    switches = [text("{}vswitch/{}", vpc, switch) for switch in dict.fromkeys(ids)]
    resources = {
        "create": enis + groups + switches,
        "modify": enis + groups,
        "instance": enis + instances,
        "eni": enis,
        "tag": enis,
        "any": ["*"],
    }
    return [_allow(by_level[level], where) for level, where in resources.items() if level in by_level]


def _security_groups(terway: Terway) -> list[str]:
    groups = [*terway.security_groups]
    for overlay in terway.dynamic_configs.values():
        groups += overlay.security_groups or ()
    return list(dict.fromkeys(groups))


def _passed_vswitches(terway: Terway) -> list[str]:
    """The vSwitches that an overlay names by itself."""
    zones = [overlay.extra_eni_conf.get("vswitches") or {} for overlay in terway.dynamic_configs.values()]
    return [switch for zone in zones for ids in zone.values() for switch in ids]
