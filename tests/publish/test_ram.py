"""``publish ram``: the user or role, its policies and who has them; what others made stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from tests.lab.servers.account import ALL, Entity, Policy, Principal
from tests.publish.cloud import GUIDE, Cloud

USER = "ack-one-user-ce313528c3"
NAME = "hybridc-idc-hangzhou-terway-eniip"
MARK = "made by hybridc for cluster idc-hangzhou (c0123456789abcdef0123456789abcdef)"
NARROW = {"ram": {"scope": "resources", "profile": "minimal"}}
"""Another policy for Terway."""
ACCEPTED = yaml.safe_load(GUIDE.read_text("utf-8"))["spec"]["checks"]["ignore"]
ROLE = {
    "nodeInit": {"join": {"token": {"from": "ramRole", "role": "node-role"}}},
    "checks": {"ignore": [*ACCEPTED, {"code": "NODE009", "reason": "the nodes of this test have the role"}]},
}
OLD = '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]}'
TRUST = (
    '{"Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": %s}}], "Version": "1"}'
)
ECS = TRUST % '"ecs.aliyuncs.com"'


def document(cloud: Cloud, name: str = NAME) -> list[dict[str, Any]]:
    """The statements of a policy's default version."""
    policy = cloud.account.policies[name]
    found: list[dict[str, Any]] = json.loads(policy.versions[policy.default][0])["Statement"]
    return found


def attached(cloud: Cloud, kind: Any = "User", name: str = USER) -> list[str]:
    return [policy for _, policy in cloud.account.attached.get(Principal(kind, name), {})]


def give(cloud: Cloud, *documents: str, description: str = "", name: str = NAME, default: int = 1) -> Policy:
    """A policy that is there, with a version for each document."""
    now = cloud.account.clock()
    versions = {f"v{number}": (text, now) for number, text in enumerate(documents, 1)}
    policy = Policy(name, description, now, versions, f"v{default}", len(documents))
    cloud.account.policies[name] = policy
    return policy


def attach(cloud: Cloud, name: str, kind: Any = "Custom") -> None:
    cloud.account.attached.setdefault(Principal("User", USER), {})[kind, name] = cloud.account.clock()


def role(cloud: Cloud, trust: str, name: str = "node-role") -> None:
    fields = {"AssumeRolePolicyDocument": trust, "Description": ""}
    cloud.account.roles[name] = Entity(name, "3" * 18, cloud.account.clock(), fields)


def done(cloud: Cloud, *words: str) -> list[str]:
    """The lines of a run that works; its requests are counted from here."""
    cloud.forget()
    ran = cloud.publish("ram", "--yes", *words)
    assert ran.code == 0, ran.said
    return ran.out.splitlines()


def test_first_everything_then_nothing(cloud: Cloud) -> None:
    done(cloud)
    assert cloud.writes() == ["CreateUser", "CreatePolicy", "AttachPolicyToUser"]
    assert cloud.account.policies[NAME].description == MARK
    assert cloud.account.users[USER].fields["Comments"] == MARK
    assert attached(cloud) == [NAME]
    assert done(cloud)[-1] == "idc-hangzhou: 2 as it should be"
    assert cloud.writes() == []


def test_a_process_that_was_started_for_it_does_it_too(cloud: Cloud) -> None:
    assert cloud.fresh("ram", "--yes").code == 0
    assert attached(cloud) == [NAME]


def test_a_plan_says_everything_and_writes_nothing(cloud: Cloud) -> None:
    ran = cloud.publish("ram", "--plan")
    assert (ran.code, cloud.writes()) == (1, [])
    assert f"+ RAM user {USER}\n" in ran.out
    assert f"+ policy {NAME}: allow ecs:TagResources on acs:ecs:*:*:eni/*\n" in ran.out
    assert f"+ RAM user {USER} has policy {NAME}\n" in ran.out


def test_a_change_is_a_new_version_that_is_the_default(cloud: Cloud) -> None:
    done(cloud)
    cloud.write(spec=NARROW)
    lines = done(cloud)
    ecs = "acs:ecs:cn-hangzhou:1234567890123456"
    calls = "ecs:AttachNetworkInterface, ecs:DetachNetworkInterface"
    assert f"  + policy {NAME}: allow {calls} on {ecs}:eni/*, {ecs}:instance/*" in lines
    assert f"  - policy {NAME}: allow ecs:TagResources on acs:ecs:*:*:eni/*" in lines
    assert cloud.writes() == ["CreatePolicyVersion"]
    assert cloud.account.policies[NAME].default == "v2"
    done(cloud)
    assert cloud.writes() == []


def test_what_a_person_wrote_otherwise_and_means_the_same_stays(cloud: Cloud) -> None:
    done(cloud)
    policy = cloud.account.policies[NAME]
    statements = [
        {"Resource": item["Resource"][0], "Action": [name.lower() for name in reversed(item["Action"])], **rest}
        for item in reversed(document(cloud))
        for rest in ({"Effect": item["Effect"], "Condition": {}},)
    ]
    policy.versions["v1"] = (json.dumps({"Statement": statements, "Version": "1"}, indent=4), cloud.account.clock())
    done(cloud)
    assert cloud.writes() == []


def test_a_version_that_says_so_already_becomes_the_default(cloud: Cloud) -> None:
    done(cloud)
    cloud.write(spec=NARROW)
    done(cloud)
    cloud.write()
    lines = done(cloud)
    assert cloud.writes() == ["SetDefaultPolicyVersion"]
    assert f"  ~ policy {NAME}: version v1, which says so, becomes the default" in lines
    assert (cloud.account.policies[NAME].default, list(cloud.account.policies[NAME].versions)) == ("v1", ["v1", "v2"])


def test_the_sixth_version_takes_the_oldest_that_is_not_the_default(cloud: Cloud) -> None:
    """A person set the first back, and made others: the default stays until the new one is it."""
    policy = give(cloud, *(OLD.replace("*", f"x{number}", 1) for number in range(5)), description=MARK)
    cloud.account.user(USER)
    lines = done(cloud)
    assert cloud.writes() == ["CreatePolicyVersion", "AttachPolicyToUser"]
    assert (policy.default, list(policy.versions)) == ("v6", ["v1", "v3", "v4", "v5", "v6"])
    gone = [line for line in lines if "the oldest that is not the default" in line]
    assert [line.split(" of ")[0] for line in gone] == [f"  - policy {NAME}: version v2"]


def test_of_four_versions_none_goes(cloud: Cloud) -> None:
    policy = give(cloud, *(OLD.replace("*", f"x{number}", 1) for number in range(4)), description=MARK, default=3)
    cloud.account.user(USER)
    assert not [line for line in done(cloud) if "the oldest" in line]
    assert (policy.default, list(policy.versions)) == ("v5", ["v1", "v2", "v3", "v4", "v5"])


def test_what_is_attached_by_others_stays_and_is_said(cloud: Cloud) -> None:
    done(cloud)
    give(cloud, OLD, name="other-team")
    give(cloud, OLD, name="ack-one-registered-cluster-policy-terway-eniip")
    give(cloud, OLD, name="hybridc-idc-hangzhou-logtail-ds", description=MARK)
    for name in ("other-team", "ack-one-registered-cluster-policy-terway-eniip", "hybridc-idc-hangzhou-logtail-ds"):
        attach(cloud, name)
    attach(cloud, "AdministratorAccess", "System")
    there = attached(cloud)
    for words in ((), ("--adopt",)):
        said = "\n".join(done(cloud, *words))
        assert (cloud.writes(), attached(cloud)) == ([], there)
        assert "may do more, by what hybridc leaves alone: other-team (Custom), AdministratorAccess (System)" in said
        assert "policy hybridc-idc-hangzhou-logtail-ds, which the spec does not give it: aliyun ram Detach" in said
        detach = "aliyun ram DetachPolicyFromUser --PolicyType Custom --PolicyName"
        name = "ack-one-registered-cluster-policy-terway-eniip"
        assert f"{name} of onectl. {NAME} replaces it, once the add-on works with it: {detach} {name}" in said


def test_two_clusters_in_one_account_stand_side_by_side(cloud: Cloud) -> None:
    done(cloud)
    other = cloud.write("other.yaml", metadata={"name": "idc"}, spec={"ram": {"user": "idc", "scope": "resources"}})
    assert cloud.publish(str(other), "ram", "--yes").code == 0
    assert (attached(cloud), attached(cloud, name="idc")) == ([NAME], ["hybridc-idc-terway-eniip"])
    done(cloud)
    assert cloud.writes() == []
    assert cloud.publish(str(other), "ram", "--yes").code == 0
    assert cloud.writes() == []


def test_a_user_of_another_cluster_is_said(cloud: Cloud) -> None:
    done(cloud)
    other = cloud.write("other.yaml", metadata={"name": "idc"})
    ran = cloud.publish(str(other), "ram.user", "--yes")
    assert f"note: RAM user {USER} says that it was {MARK}: two clusters share its keys" in ran.out


def test_a_policy_that_nobody_says_to_be_ours_is_not_changed(cloud: Cloud) -> None:
    policy = give(cloud, OLD, description="of the network team\n\x1b[31m")
    cloud.account.user(USER)
    ran = cloud.publish("ram", "--yes")
    assert (ran.code, cloud.writes(), policy.default) == (1, [], "v1")
    assert "its description: of the network team" in ran.out
    assert "\x1b" not in ran.out
    lines = done(cloud, "--adopt")
    assert cloud.writes() == ["UpdatePolicyDescription", "CreatePolicyVersion", "AttachPolicyToUser"]
    assert f"  ~ policy {NAME}: is {MARK}" in lines
    assert f"  - policy {NAME}: allow ecs:* on *" in lines
    cloud.write(spec=NARROW)
    done(cloud)
    assert cloud.writes() == ["CreatePolicyVersion"]


def test_a_policy_that_says_the_same_may_be_anybodys(cloud: Cloud) -> None:
    """Made by hand from the list of an earlier hybridc, or by Terraform."""
    done(cloud)
    cloud.account.policies[NAME].description = ""
    assert f"  note: policy {NAME} does not say that it is this cluster's: --adopt writes it down" in done(cloud)
    assert cloud.writes() == []
    done(cloud, "--adopt")
    assert cloud.writes() == ["UpdatePolicyDescription"]
    assert cloud.account.policies[NAME].description == MARK


def test_a_policy_of_another_cluster_is_never_taken(cloud: Cloud) -> None:
    done(cloud)
    cloud.account.policies[NAME].description = MARK.replace("idc-hangzhou", "idc")
    for words in ((), ("--adopt",)):
        cloud.forget()
        ran = cloud.publish("ram", "--yes", *words)
        assert (ran.code, cloud.writes()) == (1, [])
        assert "was made by hybridc for cluster idc (c0123456789abcdef0123456789abcdef)" in ran.out


def test_a_cluster_that_was_registered_anew_adopts_its_policies(cloud: Cloud) -> None:
    """Two clusters of one name in one account would otherwise write each other's policies in turn."""
    done(cloud)
    cloud.account.policies[NAME].description = MARK.replace("c0123", "c9999")
    cloud.forget()
    ran = cloud.publish("ram", "--yes")
    assert (ran.code, cloud.writes()) == (1, [])
    assert "if that cluster is gone, --adopt" in ran.out
    done(cloud, "--adopt")
    assert cloud.account.policies[NAME].description == MARK


def test_policies_wait_for_their_user(cloud: Cloud) -> None:
    ran = cloud.publish("ram.policies", "--yes")
    assert (ran.code, cloud.writes()) == (1, [])
    assert f"there is no RAM user {USER}" in ran.out
    assert "hybridc publish ram.user makes it" in ran.out


def test_the_role_of_nodes_is_made_and_has_the_policy_of_the_token(cloud: Cloud) -> None:
    cloud.write(spec=ROLE)
    lines = done(cloud)
    name = "hybridc-idc-hangzhou-node-token"
    assert cloud.writes() == [
        "CreateUser",
        "CreateRole",
        *["CreatePolicy"] * 2,
        "AttachPolicyToUser",
        "AttachPolicyToRole",
    ]
    assert (attached(cloud), attached(cloud, "Role", "node-role")) == ([NAME], [name])
    assert "  + RAM role node-role, which cloud instances take" in lines
    done(cloud)
    assert cloud.writes() == []


def test_a_role_instead_of_a_user(cloud: Cloud) -> None:
    cloud.write(
        spec={
            "ram": {"user": None, "role": "terway"},
            "terway": {"credentials": "instanceRole"},
            "checks": ROLE["checks"],
        }
    )
    done(cloud)
    assert cloud.writes() == ["CreateRole", "CreatePolicy", "AttachPolicyToRole"]
    assert attached(cloud, "Role", "terway") == [NAME]
    done(cloud)
    assert cloud.writes() == []


def test_a_role_that_is_that_of_the_nodes_too_has_both(cloud: Cloud) -> None:
    role = {"ram": {"user": None, "role": "node-role"}, "terway": {"credentials": "instanceRole"}}
    cloud.write(spec={**role, **ROLE})
    done(cloud)
    assert attached(cloud, "Role", "node-role") == [NAME, "hybridc-idc-hangzhou-node-token"]
    cloud.account.attached[Principal("Role", "node-role")]["System", "AdministratorAccess"] = cloud.account.clock()
    notes = [line for line in done(cloud) if "note:" in line]
    more = "RAM role node-role may do more, by what hybridc leaves alone: AdministratorAccess (System)"
    assert (cloud.writes(), notes) == ([], [f"  note: {more}"])


def test_a_policy_that_others_have_too_is_said(cloud: Cloud) -> None:
    done(cloud)
    cloud.account.attached[Principal("User", "other")] = {("Custom", NAME): cloud.account.clock()}
    assert f"  note: policy {NAME} is attached to others too: a change is one for all" in done(cloud)


def test_a_role_that_is_there_in_another_form_is_taken(cloud: Cloud) -> None:
    cloud.write(spec=ROLE)
    role(cloud, ECS)
    done(cloud)
    assert "CreateRole" not in cloud.writes()


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        (TRUST % '["fc.aliyuncs.com"]', "its trust policy lacks the service ecs.aliyuncs.com"),
        (ECS.replace('"Effect"', '"Condition": {"StringEquals": {"sts:X": "y"}}, "Effect"'), "without a condition"),
        (ECS.replace("Allow", "Deny"), "deny sts:AssumeRole by Service ecs.aliyuncs.com"),
    ],
)
def test_a_role_that_instances_cannot_take_is_refused_and_never_widened(cloud: Cloud, trust: str, said: str) -> None:
    cloud.write(spec=ROLE)
    role(cloud, trust)
    for words in ((), ("--adopt",)):
        ran = cloud.publish("ram.policies", "--yes", *words)
        assert (ran.code, cloud.writes()) == (1, [])
        assert said in ran.out


def test_a_role_that_others_take_too_is_refused_but_for_adopt(cloud: Cloud) -> None:
    cloud.write(spec=ROLE)
    both = ECS.replace('{"Service"', '{"RAM": ["acs:ram::6666666666666666:root"], "Service"')
    role(cloud, both)
    cloud.account.user(USER)
    ran = cloud.publish("ram.policies", "--yes")
    assert (ran.code, cloud.writes()) == (1, [])
    assert "not for cloud instances alone: allow sts:AssumeRole by RAM acs:ram::6666666666666666:root" in ran.out
    lines = done(cloud, "--adopt")
    assert "  note: RAM role node-role: allow sts:AssumeRole by RAM acs:ram::6666666666666666:root" in lines
    assert cloud.account.roles["node-role"].fields["AssumeRolePolicyDocument"] == both


def changed(cloud: Cloud) -> None:
    done(cloud)
    cloud.write(spec=NARROW)


def back(cloud: Cloud) -> None:
    changed(cloud)
    done(cloud)
    cloud.write()


def unmarked(cloud: Cloud) -> None:
    done(cloud)
    cloud.account.policies[NAME].description = ""


def with_role(cloud: Cloud) -> None:
    cloud.write(spec=ROLE)


@pytest.mark.parametrize(
    ("call", "world"),
    [
        *((call, None) for call in ("GetUser", "CreateUser", "ListPoliciesForUser", "GetPolicy", "CreatePolicy")),
        ("AttachPolicyToUser", None),
        *((call, changed) for call in ("ListPolicyVersions", "CreatePolicyVersion")),
        ("SetDefaultPolicyVersion", back),
        ("UpdatePolicyDescription", unmarked),
        *((call, with_role) for call in ("GetRole", "CreateRole", "ListPoliciesForRole", "AttachPolicyToRole")),
    ],
)
def test_without_a_right_its_name_is_said(cloud: Cloud, call: str, world: Callable[[Cloud], None] | None) -> None:
    if world is not None:
        world(cloud)
    key = cloud.account.user("ci", ALL, {"Effect": "Deny", "Action": f"ram:{call}", "Resource": "*"})
    ran = cloud.publish("ram", "--yes", "--adopt", key=key)
    assert ran.code == 3
    assert f"who runs this lacks ram:{call}:" in ran.out
    done(cloud, "--adopt")
    done(cloud)
    assert cloud.writes() == []
