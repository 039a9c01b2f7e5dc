"""Users, roles and access keys of RAM.

Shapes: alibabacloud-ram20150501 1.3.0. Codes and messages: AlibabaCloudDocs/ram, error messages
(https://www.alibabacloud.com/help/doc-detail/28754.htm), for roles doc-detail/28710; EntityNotExist.Role is made alike.
"""

from __future__ import annotations

import re

from tests.lab.servers import policy_document
from tests.lab.servers.account import Account, Entity, Key, Principal, date, new_id
from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError, wanted

_KEYS = 2


def entity(account: Account, kind: str, name: str) -> Entity:
    """A user or role that is there; raise RefusedError."""
    found = (account.users if kind == "User" else account.roles).get(name)
    if found is None:
        raise RefusedError(404, f"EntityNotExist.{kind}", f"The {kind.lower()} does not exist.")
    return found


def create_user(call: Call) -> Json:
    name = _name(call, "UserName")
    if name in call.account.users:
        raise RefusedError(409, "EntityAlreadyExists.User", "The user does already EXIST.")
    given = {key: call.parameters.get(key, "") for key in ("DisplayName", "MobilePhone", "Email", "Comments")}
    call.account.users[name] = Entity(name, new_id(), call.account.clock(), given)
    return {"User": _user(call.account.users[name])}


def get_user(call: Call) -> Json:
    return {"User": _user(entity(call.account, "User", wanted(call.parameters, "UserName")))}


def list_users(call: Call) -> Json:
    return {"IsTruncated": False, "Users": {"User": [_user(user) for user in call.account.users.values()]}}


def delete_user(call: Call) -> Json:
    """Refused while it has keys or policies."""
    name = wanted(call.parameters, "UserName")
    entity(call.account, "User", name)
    principal = Principal("User", name)
    if call.account.keys_of(principal):
        message = "The user CAN NOT has any access key while deleting the user."
        raise RefusedError(409, "DeleteConflict.User.AccessKey", message)
    if call.account.attached.get(principal):
        message = "The user CAN NOT has any attached policy while deleting the user."
        raise RefusedError(409, "DeleteConflict.User.Policy", message)
    del call.account.users[name]
    call.account.granted.pop(principal, None)
    return {}


def create_role(call: Call) -> Json:
    name = _name(call, "RoleName")
    document = wanted(call.parameters, "AssumeRolePolicyDocument")
    policy_document.check_trust(document)
    if name in call.account.roles:
        raise RefusedError(409, "EntityAlreadyExists.Role", "The role does already EXIST.")
    given = {"AssumeRolePolicyDocument": document, "Description": call.parameters.get("Description", "")}
    call.account.roles[name] = Entity(name, new_id(), call.account.clock(), given)
    return get_role(call)


def get_role(call: Call) -> Json:
    role = entity(call.account, "Role", wanted(call.parameters, "RoleName"))
    return {
        "Role": {
            "RoleName": role.name,
            "RoleId": role.id,
            "Arn": f"acs:ram::{call.account.id}:role/{role.name.lower()}",
            "CreateDate": date(role.created),
            "MaxSessionDuration": 3600,
            **role.fields,
        }
    }


def delete_role(call: Call) -> Json:
    """Refused while it has policies."""
    name = wanted(call.parameters, "RoleName")
    entity(call.account, "Role", name)
    if call.account.attached.get(Principal("Role", name)):
        message = "The role CAN NOT has any attached policy while deleting the role."
        raise RefusedError(409, "DeleteConflict.Role.Policy", message)
    del call.account.roles[name]
    return {}


def create_access_key(call: Call) -> Json:
    """The only answer with the secret; without UserName for who asks."""
    principal = _whose(call)
    if len(call.account.keys_of(principal)) >= _KEYS:
        message = "The access key count of the user access keys beyond the current limits."
        raise RefusedError(409, "LimitExceeded.User.AccessKey", message)
    key = call.account.new_key(principal)
    return {"AccessKey": {**_key(key), "AccessKeySecret": key.secret}}


def list_access_keys(call: Call) -> Json:
    return {"AccessKeys": {"AccessKey": [_key(key) for key in call.account.keys_of(_whose(call))]}}


def update_access_key(call: Call) -> Json:
    key = _own_key(call)
    status = wanted(call.parameters, "Status")
    if status not in ("Active", "Inactive"):
        raise RefusedError(400, "InvalidParameter.Status", 'The parameter - "Status" is incorrect.')
    key.active = status == "Active"
    return {}


def delete_access_key(call: Call) -> Json:
    """An active key too; whether RAM wants it inactive first is not established."""
    del call.account.keys[_own_key(call).id]
    return {}


def get_access_key_last_used(call: Call) -> Json:
    """The date is empty for a key that was never used; what RAM answers then is not established."""
    key = _own_key(call)
    return {"AccessKeyLastUsed": {"LastUsedDate": date(key.used) if key.used else ""}}


def _whose(call: Call) -> Principal:
    name = call.parameters.get("UserName", "")
    if not name:
        return call.principal
    entity(call.account, "User", name)
    return Principal("User", name)


def _own_key(call: Call) -> Key:
    key = call.account.key(wanted(call.parameters, "UserAccessKeyId"))
    if key is None or key.principal != _whose(call) or key.token:
        raise RefusedError(404, "EntityNotExist.User.AccessKey", "The user access key does not exist.")
    return key


def _key(key: Key) -> Json:
    return {
        "AccessKeyId": key.id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": date(key.created),
    }


def _user(user: Entity) -> Json:
    return {"UserName": user.name, "UserId": user.id, "CreateDate": date(user.created), **user.fields}


def _name(call: Call, parameter: str) -> str:
    name = wanted(call.parameters, parameter)
    if len(name) > 64:
        message = f'The parameter - "{parameter}" beyond the length limit.'
        raise RefusedError(400, f"InvalidParameter.{parameter}.Length", message)
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        message = f'The parameter - "{parameter}" contains invalid chars.'
        raise RefusedError(400, f"InvalidParameter.{parameter}.InvalidChars", message)
    return name
