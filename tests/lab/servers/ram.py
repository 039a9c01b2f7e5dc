"""RAM (2015-05-01) on loopback: users, roles, access keys, policies and their versions, and who has which.

``with ram(account) as server``. Its state is that of the account, so that every server of the test obeys it.
Resources that RAM is asked about: https://www.alibabacloud.com/help/doc-detail/102666.htm, and for policies
https://alibabacloud.com/help/en/ram/api-createpolicy (28 January 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.servers import ram_attachments as attachments
from tests.lab.servers import ram_identities as identities
from tests.lab.servers import ram_policies as policies
from tests.lab.servers.account import Account, Principal
from tests.lab.servers.acs import Acs, Api, Operation, acs
from tests.lab.servers.acs_words import RefusedError

_USER, _USERS = "acs:ram:*:{account}:user/{UserName}", "acs:ram:*:{account}:user/*"
_ROLE, _ROLES = "acs:ram:*:{account}:role/{RoleName}", "acs:ram:*:{account}:role/*"
_GROUP = "acs:ram:*:{account}:group/{GroupName}"
_POLICY, _POLICIES = "acs:ram:*:{account}:policy/{PolicyName}", "acs:ram:*:{account}:policy/*"

OPERATIONS = {
    "CreateUser": Operation(identities.create_user, (_USERS,)),
    "GetUser": Operation(identities.get_user, (_USER,)),
    "ListUsers": Operation(identities.list_users, (_USERS,)),
    "DeleteUser": Operation(identities.delete_user, (_USER,)),
    "CreateRole": Operation(identities.create_role, (_ROLES,)),
    "GetRole": Operation(identities.get_role, (_ROLE,)),
    "DeleteRole": Operation(identities.delete_role, (_ROLE,)),
    "CreateAccessKey": Operation(identities.create_access_key, (_USER,)),
    "ListAccessKeys": Operation(identities.list_access_keys, (_USER,)),
    "UpdateAccessKey": Operation(identities.update_access_key, (_USER,)),
    "DeleteAccessKey": Operation(identities.delete_access_key, (_USER,)),
    "GetAccessKeyLastUsed": Operation(identities.get_access_key_last_used, (_USER,)),
    "CreatePolicy": Operation(policies.create_policy, (_POLICY,)),
    "GetPolicy": Operation(policies.get_policy, (_POLICY,)),
    "ListPolicies": Operation(policies.list_policies, (_POLICIES,)),
    "DeletePolicy": Operation(policies.delete_policy, (_POLICY,)),
    "CreatePolicyVersion": Operation(policies.create_version, (_POLICY,)),
    "GetPolicyVersion": Operation(policies.get_version, (_POLICY,)),
    "ListPolicyVersions": Operation(policies.list_versions, (_POLICY,)),
    "DeletePolicyVersion": Operation(policies.delete_version, (_POLICY,)),
    "UpdatePolicyDescription": Operation(policies.update_description, (_POLICY,)),
    "SetDefaultPolicyVersion": Operation(policies.set_default, (_POLICY,)),
    "AttachPolicyToUser": Operation(attachments.attach("User"), (_POLICY, _USER)),
    "AttachPolicyToRole": Operation(attachments.attach("Role"), (_POLICY, _ROLE)),
    "DetachPolicyFromUser": Operation(attachments.detach("User"), (_POLICY, _USER)),
    "DetachPolicyFromRole": Operation(attachments.detach("Role"), (_POLICY, _ROLE)),
    "ListPoliciesForUser": Operation(attachments.list_for("User"), (_USER,)),
    "ListPoliciesForRole": Operation(attachments.list_for("Role"), (_ROLE,)),
    "ListGroupsForUser": Operation(attachments.list_groups, (_USER,)),
    "ListPoliciesForGroup": Operation(attachments.list_for_group, (_GROUP,)),
    "ListEntitiesForPolicy": Operation(attachments.list_entities, (_POLICY,)),
}


def denied(action: str, resource: str, principal: Principal) -> RefusedError:
    """As it was seen in alibaba-archive/fcli#48."""
    message = f"You are not authorized to do this action. Resource: {resource} Action: {action}"
    return RefusedError(403, "NoPermission", message)


API = Api("ram", "ram.aliyuncs.com", "2015-05-01", OPERATIONS, denied)


@contextmanager
def ram(account: Account) -> Iterator[Acs]:
    """Run it until the block ends."""
    with acs(API, account) as server:
        yield server
