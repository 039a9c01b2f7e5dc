"""One account for all servers: what RAM makes, grants and takes away, the others obey at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss_sdk
import pytest
from alibabacloud_oss_v2.exceptions import OperationError
from tests.lab.clients import refused, roa, sdk
from tests.lab.servers.account import Account, Key
from tests.lab.servers.acs import Acs, Line
from tests.lab.servers.cs import cs
from tests.lab.servers.cs_state import Cluster
from tests.lab.servers.oss_account import AccountOss, oss_of
from tests.lab.servers.oss_state import Bucket
from tests.lab.servers.ram import ram

ROOT = Path(__file__).parent.parent.parent
TWO_USERS = """
import sys
from types import SimpleNamespace
from tests.lab.clients import sdk
endpoint, key_id, secret = sys.argv[1:]
server = SimpleNamespace(endpoint=endpoint, region="cn-hangzhou", api=SimpleNamespace(version="2015-05-01"))
call = sdk(server, SimpleNamespace(id=key_id, secret=secret, token=""))
call("CreateUser", UserName="one")
call("CreateUser", UserName="two")
"""


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def iam(account: Account) -> Iterator[Acs]:
    with ram(account) as server:
        yield server


@pytest.fixture
def store(account: Account) -> Iterator[AccountOss]:
    with oss_of(account, {"scripts": Bucket(owner=account.id)}) as server:
        yield server


def put(server: AccountOss, key: Key) -> None:
    settings = oss_sdk.config.load_default()
    settings.credentials_provider = oss_sdk.credentials.StaticCredentialsProvider(key.id, key.secret, key.token or None)
    settings.region, settings.endpoint, settings.use_path_style = "cn-hangzhou", server.url, True
    settings.retry_max_attempts = 1
    oss_sdk.Client(settings).put_object(oss_sdk.PutObjectRequest(bucket="scripts", key="a", body=b"x"))


def made(iam: Acs, account: Account, *actions: str) -> Key:
    """A key that RAM makes for a user who has a policy with these actions."""
    call = sdk(iam, account.root())
    call("CreateUser", UserName="ci")
    document = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    call("CreatePolicy", PolicyName="p", PolicyDocument=json.dumps(document))
    call("AttachPolicyToUser", PolicyName="p", PolicyType="Custom", UserName="ci")
    return account.keys[call("CreateAccessKey", UserName="ci")["AccessKey"]["AccessKeyId"]]


def test_what_ram_makes_works_everywhere_and_ends_everywhere(iam: Acs, store: AccountOss, account: Account) -> None:
    key = made(iam, account, "oss:PutObject", "cs:DescribeClusterDetail")
    cluster = Cluster()
    with cs(account, cluster) as server:
        look: Any = lambda: roa(server, key)("DescribeClusterDetail", "GET", f"/clusters/{cluster.id}")  # noqa: E731
        put(store, key)
        assert look()["cluster_id"] == cluster.id
        sdk(iam, account.root())("DetachPolicyFromUser", PolicyName="p", PolicyType="Custom", UserName="ci")
        assert refused(look).code == "StatusForbidden"
        with pytest.raises(OperationError, match="AccessDenied"):
            put(store, key)
        sdk(iam, account.root())("DeleteAccessKey", UserName="ci", UserAccessKeyId=key.id)
        assert refused(look).code == "InvalidAccessKeyId.NotFound"
        with pytest.raises(OperationError, match="InvalidAccessKeyId"):
            put(store, key)


def test_a_key_of_sts_for_oss(store: AccountOss, account: Account) -> None:
    put(store, account.session("deployer", {"Effect": "Allow", "NotAction": "oss:GetObject", "Resource": "*"}))
    assert set(store.buckets["scripts"].objects) == {"a"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_client_is_killed_between_two_requests(iam: Acs, account: Account, when: str) -> None:
    """The hook ends the client with kill -9, and the server goes on."""
    key = account.root()
    command = [sys.executable, "-c", TWO_USERS, iam.endpoint, key.id, key.secret]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL) as client:

        def kill(moment: str, line: Line) -> bool:
            if (moment, line.number) == (when, 2):
                client.kill()
                return True
            return False

        iam.hook = kill
        assert client.wait(60) == -9
    assert set(account.users) == ({"one"} if when == "before" else {"one", "two"})
    iam.hook = None
    sdk(iam, key)("ListUsers")
