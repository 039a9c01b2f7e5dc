"""Policies of RAM, and their versions.

Shapes: alibabacloud-ram20150501 1.3.0. Codes and messages: as in ``ram_identities.py``.
"""

from __future__ import annotations

import json
import re

from tests.lab.servers import policy_document
from tests.lab.servers.account import SYSTEM, Policy, PolicyType, date
from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError, wanted

VERSIONS = 5
_ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
_LONGEST = {"PolicyName": 128, "Description": 1024}


def create_policy(call: Call) -> Json:
    """Version v1 of a new policy."""
    name, document = wanted(call.parameters, "PolicyName"), wanted(call.parameters, "PolicyDocument")
    for parameter, limit in _LONGEST.items():
        if len(call.parameters.get(parameter, "")) > limit:
            message = f'The parameter - "{parameter}" beyond the length limit.'
            raise RefusedError(400, f"InvalidParameter.{parameter}.Length", message)
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        message = 'The parameter - "PolicyName" contains invalid chars.'
        raise RefusedError(400, "InvalidParameter.PolicyName.InvalidChars", message)
    policy_document.check(document)
    if name in call.account.policies or name in SYSTEM:
        # The page has these words, of groups, for policies.
        raise RefusedError(409, "EntityAlreadyExists.Policy", "The group does already EXIST.")
    now = call.account.clock()
    policy = Policy(name, call.parameters.get("Description", ""), now, {"v1": (document, now)})
    call.account.policies[name] = policy
    return {"Policy": _policy(policy)}


def get_policy(call: Call) -> Json:
    """With the document of the default version."""
    name = wanted(call.parameters, "PolicyName")
    if policy_type(call) == "System":
        document = json.dumps({"Version": "1", "Statement": system(name)})
        version = {"VersionId": "v1", "IsDefaultVersion": True, "PolicyDocument": document}
        fields = {"PolicyName": name, "PolicyType": "System", "DefaultVersion": "v1"}
        return {"Policy": fields, "DefaultPolicyVersion": version}
    policy = custom(call)
    count = sum(("Custom", name) in policies for policies in call.account.attached.values())
    return {
        "Policy": {**_policy(policy), "AttachmentCount": count},
        "DefaultPolicyVersion": _version(policy, policy.default, document=True),
    }


def list_policies(call: Call) -> Json:
    return {
        "IsTruncated": False,
        "Policies": {"Policy": [_policy(policy) for policy in call.account.policies.values()]},
    }


def delete_policy(call: Call) -> Json:
    """Refused while it is attached or has several versions, but for CascadingDelete."""
    policy = custom(call)
    having = [who for who, policies in call.account.attached.items() if ("Custom", policy.name) in policies]
    if having and not call.flag("CascadingDelete"):
        kind = having[0].kind
        message = f"The policy CAN NOT been attached to any {kind.lower()} while deleting the policy."
        raise RefusedError(409, f"DeleteConflict.Policy.{kind}", message)
    if len(policy.versions) > 1 and not call.flag("CascadingDelete"):
        message = "The policy CAN NOT has any version except the default version."
        raise RefusedError(409, "DeleteConflict.Policy.Version", message)
    for principal in having:
        del call.account.attached[principal]["Custom", policy.name]
    del call.account.policies[policy.name]
    return {}


def create_version(call: Call) -> Json:
    """Of five versions the oldest that is not the default makes way, if the caller says so."""
    policy, document = custom(call), wanted(call.parameters, "PolicyDocument")
    policy_document.check(document)
    rotate = call.parameters.get("RotateStrategy", "None")
    if rotate not in ("None", _ROTATE):
        raise RefusedError(400, "InvalidParameter.RotateStrategy", 'The parameter - "RotateStrategy" is incorrect.')
    if len(policy.versions) >= VERSIONS:
        if rotate == "None":
            message = "The count of policy version beyond the current limits."
            raise RefusedError(409, "LimitExceeded.Policy.Version", message)
        del policy.versions[next(version for version in policy.versions if version != policy.default)]
    policy.made += 1
    version = f"v{policy.made}"
    policy.versions[version] = (document, call.account.clock())
    policy.updated = call.account.clock()
    if call.flag("SetAsDefault"):
        policy.default = version
    return {"PolicyVersion": _version(policy, version, document=True)}


def get_version(call: Call) -> Json:
    return {"PolicyVersion": _version(custom(call), _version_id(call), document=True)}


def list_versions(call: Call) -> Json:
    policy = custom(call)
    return {
        "PolicyVersions": {
            "PolicyVersion": [_version(policy, version, document=True) for version in policy.versions],
        }
    }


def delete_version(call: Call) -> Json:
    policy, version = custom(call), _version_id(call)
    if version == policy.default:
        message = "The default policy version CAN NOT been deleted directly."
        raise RefusedError(409, "DeleteConflict.Policy.Version.Default", message)
    del policy.versions[version]
    return {}


def update_description(call: Call) -> Json:
    """https://help.aliyun.com/zh/ram/developer-reference/api-ram-2015-05-01-updatepolicydescription."""
    policy = custom(call)
    policy.description = wanted(call.parameters, "NewDescription")
    return {"Policy": _policy(policy)}


def set_default(call: Call) -> Json:
    policy = custom(call)
    policy.default = _version_id(call)
    policy.updated = call.account.clock()
    return {}


def policy_type(call: Call) -> PolicyType:
    """The parameter PolicyType; raise RefusedError."""
    kind = wanted(call.parameters, "PolicyType")
    if kind == "System":
        return "System"
    if kind != "Custom":
        raise RefusedError(400, "InvalidParameter.PolicyType", 'The parameter - "PolicyType" is incorrect.')
    return "Custom"


def system(name: str) -> object:
    """The statements of a system policy; raise RefusedError."""
    if name not in SYSTEM:
        raise _missing_policy()
    return SYSTEM[name]


def custom(call: Call) -> Policy:
    """The policy that PolicyName names; raise RefusedError."""
    policy = call.account.policies.get(wanted(call.parameters, "PolicyName"))
    if policy is None:
        raise _missing_policy()
    return policy


def _missing_policy() -> RefusedError:
    return RefusedError(404, "EntityNotExist.Policy", "The policy does not exist.")


def _version_id(call: Call) -> str:
    policy, version = custom(call), wanted(call.parameters, "VersionId")
    if version not in policy.versions:
        raise RefusedError(404, "EntityNotExist.Policy.Version", "The policy version does not exist.")
    return version


def _policy(policy: Policy) -> Json:
    return {
        "PolicyName": policy.name,
        "PolicyType": "Custom",
        "Description": policy.description,
        "DefaultVersion": policy.default,
        "CreateDate": date(policy.created),
        "UpdateDate": date(policy.updated or policy.created),
    }


def _version(policy: Policy, version: str, *, document: bool) -> Json:
    text, made = policy.versions[version]
    fields: Json = {"VersionId": version, "IsDefaultVersion": version == policy.default, "CreateDate": date(made)}
    return fields | ({"PolicyDocument": text} if document else {})
