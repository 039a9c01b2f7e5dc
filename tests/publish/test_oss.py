"""``publish oss``: a private bucket, this cluster's statement in its policy, the script under its own name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.lab.servers.account import Statement
from tests.lab.servers.oss import Bucket, Stored, wrong_crc
from tests.publish.around import built, synced
from tests.publish.cloud import FAULTS, Cloud, Kill

NAME = "kubelet-idc-hangzhou"
FOREIGN: Statement = {
    "Effect": "Allow",
    "Action": ["oss:GetObject"],
    "Principal": ["*"],
    "Resource": [f"acs:oss:*:1234567890123456:{NAME}/other/*"],
    "Condition": {"StringEquals": {"acs:SourceVpc": ["vpc-other"]}},
}
OTHER = {"nodeInit": {"kubeletExtraArgs": {"v": "4"}}}
"""Another script."""
WRITES = ["PutBucket", "PutBucketPolicy", "PutObject"]


def policy(cloud: Cloud) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list((cloud.oss.buckets[NAME].policy or {}).get("Statement", []))
    return found


def scripts(cloud: Cloud) -> list[str]:
    return sorted(cloud.oss.buckets[NAME].objects)


def give(cloud: Cloud, **fields: Any) -> Bucket:
    """The bucket, as somebody made it."""
    bucket = Bucket(**{"owner": cloud.account.id, **fields})
    cloud.oss.buckets[NAME] = bucket
    return bucket


def test_first_everything_then_nothing(cloud: Cloud) -> None:
    first = cloud.publish("oss", "--yes")
    assert (first.code, cloud.writes()) == (0, WRITES)
    cloud.forget()
    second = cloud.publish("oss", "--yes")
    assert (second.code, cloud.writes()) == (0, [])
    assert "3 as it should be" in second.out
    verified = cloud.publish("oss.script", "--verify")
    assert (verified.code, cloud.writes()) == (0, [])


def test_a_plan_writes_nothing_and_ends_with_1(cloud: Cloud) -> None:
    ran = cloud.publish("oss")
    assert (ran.code, cloud.writes()) == (1, [])
    assert ran.out.count("would change") == 4
    assert cloud.publish("oss.script", "--verify").code == 1


def test_what_is_uploaded_is_the_script_of_the_build(cloud: Cloud) -> None:
    out = built(cloud)
    cloud.publish("oss", "--yes", "-o", str(out))
    (key,) = scripts(cloud)
    stored = cloud.oss.buckets[NAME].objects[key]
    assert stored.data == (out / "idc-hangzhou/cloud/node/init-node-ecs.sh").read_bytes()
    assert stored.headers["content-type"] == "text/x-shellscript; charset=utf-8"
    (sent,) = [line for line in cloud.oss.requests if line.operation == "PutObject"]
    assert sent.headers["x-oss-forbid-overwrite"] == "true"


def test_a_build_that_is_stale_is_not_published(cloud: Cloud) -> None:
    out = built(cloud)
    cloud.write(spec=OTHER)
    ran = cloud.publish("oss.script", "--yes", "-o", str(out))
    assert (ran.code, cloud.writes()) == (1, [])
    assert "is not what the spec compiles to" in ran.out


def test_a_changed_script_has_a_new_key_and_the_old_one_stays(cloud: Cloud) -> None:
    cloud.publish("oss", "--yes")
    before = scripts(cloud)
    cloud.write(spec=OTHER)
    cloud.forget()
    assert (cloud.publish("oss", "--yes").code, cloud.writes()) == (0, ["PutObject"])
    assert len(scripts(cloud)) == 2
    assert set(before) < set(scripts(cloud))


def test_statements_of_others_stay_byte_for_byte(cloud: Cloud) -> None:
    bucket = give(cloud, policy={"Version": "1", "Statement": [FOREIGN]})
    ran = cloud.publish("oss.policy", "--yes")
    assert ran.code == 0
    assert policy(cloud)[0] == FOREIGN
    assert len(policy(cloud)) == 2
    assert "1 statement of others stay" in ran.out or "1 statement of others stays" in ran.out
    assert bucket is cloud.oss.buckets[NAME]


def test_two_clusters_stand_side_by_side_in_a_bucket(cloud: Cloud) -> None:
    second = cloud.write("second.yaml", metadata={"name": "idc-two"})
    for spec in (cloud.folder / "hybrid.yaml", second):
        assert cloud.publish("oss", "--yes", str(spec)).code == 0
    cloud.forget()
    for spec in (cloud.folder / "hybrid.yaml", second):
        assert cloud.publish("oss", "--yes", str(spec)).code == 0
    assert cloud.writes() == []
    assert len(policy(cloud)) == 2
    assert [key.split("/")[0] for key in scripts(cloud)] == ["idc-hangzhou", "idc-two"]


def test_another_vpc_replaces_our_statement_alone(cloud: Cloud) -> None:
    give(cloud, policy={"Version": "1", "Statement": [FOREIGN]})
    cloud.publish("oss.policy", "--yes")
    cloud.write(spec={"alibabaCloud": {"vpc": {"id": "vpc-bp1another0000000000000"}}})
    planned = cloud.publish("oss.policy")
    assert planned.out.count("  + ") == planned.out.count("  - ") == 1
    assert cloud.publish("oss.policy", "--yes").code == 0
    vpcs = [each["Condition"]["StringEquals"]["acs:SourceVpc"] for each in policy(cloud)]
    assert vpcs == [["vpc-other"], ["vpc-bp1another0000000000000"]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"region": "cn-shanghai"}, "is in oss-cn-shanghai, the nodes are in cn-hangzhou"),
        ({"acl": "public-read"}, "is public-read"),
        ({"acl": "public-read-write"}, "is public-read-write"),
    ],
)
def test_a_bucket_that_must_not_be_used_is_left_alone(cloud: Cloud, fields: dict[str, Any], said: str) -> None:
    give(cloud, **fields)
    ran = cloud.publish("oss", "--yes")
    assert (ran.code, cloud.writes()) == (1, [])
    assert said in ran.out


def test_an_object_that_is_not_what_its_name_says_is_not_overwritten(cloud: Cloud) -> None:
    cloud.publish("oss", "--yes")
    (key,) = scripts(cloud)
    cloud.oss.buckets[NAME].objects[key] = Stored(b"#!/bin/sh\nrm -rf /\n")
    cloud.forget()
    ran = cloud.publish("oss.script", "--yes")
    assert (ran.code, cloud.writes()) == (1, [])
    assert "something else than its name says" in ran.out


def test_old_scripts_go_when_nothing_names_them(cloud: Cloud) -> None:
    cloud.publish("oss", "--yes")
    (key,) = scripts(cloud)
    objects = cloud.oss.buckets[NAME].objects
    now = datetime.now(UTC)
    for name, days in (("a", 300), ("b", 200), ("c", 20)):
        old = f"idc-hangzhou/init-node-ecs-{name * 12}.sh"
        objects[old] = Stored(name.encode(), modified=now - timedelta(days=days))
    objects["other/init-node-ecs-aaaaaaaaaaaa.sh"] = Stored(b"x", modified=now - timedelta(days=900))
    # b came 200 days ago, so a was replaced then; c came 20 days ago, so b was replaced then.
    with synced(cloud) as kubeconfig:
        ran = cloud.publish("oss.script", "--yes", "--prune-older-than", "90", "--kubeconfig", str(kubeconfig))
    assert (ran.code, cloud.writes()[-1:]) == (0, ["DeleteObject"]), ran.said
    kept = {key, "other/init-node-ecs-aaaaaaaaaaaa.sh"}
    assert set(objects) == kept | {f"idc-hangzhou/init-node-ecs-{name * 12}.sh" for name in "bc"}


def test_nothing_is_removed_when_the_cluster_cannot_be_seen(cloud: Cloud) -> None:
    cloud.publish("oss", "--yes")
    ran = cloud.publish("oss.script", "--yes", "--prune-older-than", "1", "--kubeconfig", str(cloud.folder / "none"))
    assert (ran.code, "DeleteObject" in cloud.writes()) == (3, False)


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("operation", ["PutBucketPolicy", "PutObject"])
def test_after_a_fault_a_second_run_ends_what_the_first_began(cloud: Cloud, operation: str, fault: str) -> None:
    cloud.oss.fault(FAULTS[fault]("oss"), operation=operation)
    first = cloud.publish("oss", "--yes", "--deadline", "3")
    assert first.code in (0, 3), first.said
    assert first.code == 0 or "help:" in first.out
    second = cloud.publish("oss", "--yes")
    assert second.code == 0, second.said
    assert (len(policy(cloud)), len(scripts(cloud))) == (1, 1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 16))
def test_a_run_that_is_killed_is_run_again(cloud: Cloud, number: int, when: Any) -> None:
    cloud.publish("oss", "--yes", kill=Kill(number, when))
    assert cloud.publish("oss", "--yes").code == 0
    assert (len(policy(cloud)), len(scripts(cloud))) == (1, 1)
    cloud.forget()
    assert (cloud.publish("oss", "--yes").code, cloud.writes()) == (0, [])


def test_a_wrong_checksum_is_no_success(cloud: Cloud) -> None:
    cloud.oss.fault(wrong_crc(), times=9, operation="PutObject")
    ran = cloud.publish("oss", "--yes", "--deadline", "5")
    assert ran.code in (0, 3)
    assert cloud.publish("oss", "--yes").code == 0
