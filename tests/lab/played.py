"""Alibaba Cloud on loopback as a spec wants it: what `make lab` lets a person publish to, without an account.

Everything that the spec names and hybridc does not make is there: account, VPC, vSwitches, security groups, instance
types, the registered cluster, the add-ons that it is offered. The bucket, RAM's users and policies, and node pools are
not: to make them is what ``hybridc publish`` is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import yaml
from tests.lab.servers.account import Account, Key
from tests.lab.servers.acs import Acs
from tests.lab.servers.cs import cs
from tests.lab.servers.cs_state import Cluster
from tests.lab.servers.ecs import Machines, ecs
from tests.lab.servers.oss import Oss
from tests.lab.servers.oss_account import oss_of
from tests.lab.servers.ram import ram
from tests.lab.servers.sts import sts
from tests.lab.servers.vpc import Network, vpc

_TERWAY = "terway-eniip"


@dataclass(frozen=True)
class Played:
    """The running servers by service, as ``--endpoint`` names them, and a key of the account itself."""

    account: Account
    servers: dict[str, Acs | Oss]
    key: Key

    @property
    def endpoints(self) -> list[str]:
        """The flags that send ``hybridc publish`` here."""
        return [word for name, server in self.servers.items() for word in ("--endpoint", f"{name}={server.url}")]

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the key is found."""
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.key.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.key.secret,
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        }


@contextmanager
def played(spec: str) -> Iterator[Played]:
    """Run the servers for the text of a hybrid.yaml until the block ends."""
    wanted = yaml.safe_load(spec)["spec"]
    cloud = wanted["alibabaCloud"]
    region = cloud["region"]
    account = Account(str(cloud.get("accountID") or "1234567890123456"))
    with ExitStack() as stack:
        servers: dict[str, Acs | Oss] = {
            "sts": stack.enter_context(sts(account)),
            "ram": stack.enter_context(ram(account)),
            "cs": stack.enter_context(cs(account, _cluster(wanted))),
            "vpc": stack.enter_context(vpc(account, _network(cloud))),
            "ecs": stack.enter_context(ecs(account, _machines(wanted))),
            "oss": stack.enter_context(oss_of(account, region=region)),
        }
        yield Played(account, servers, account.root())


def _cluster(wanted: dict[str, Any]) -> Cluster:
    cloud, terway = wanted["alibabaCloud"], wanted.get("terway") or {}
    offered = {addon["name"]: [str(addon.get("version") or "v1.0.0")] for addon in wanted.get("addons") or []}
    offered[_TERWAY] = [f"v{terway.get('version', '1.17.5')}"]
    cluster = str(cloud["registeredClusterID"])
    return Cluster(cluster, cloud["region"], vpc=cloud["vpc"]["id"], offered=offered)


def _network(cloud: dict[str, Any]) -> Network:
    network, place = Network(cloud["region"]), cloud["vpc"]
    network.add_vpc(place["id"], place["cidrs"][0])
    for switch in (*place.get("nodeVSwitches", ()), *place.get("podVSwitches", ())):
        more = {"Ipv6CidrBlock": switch["ipv6CIDR"]} if "ipv6CIDR" in switch else {}
        network.add_vswitch(switch["id"], place["id"], switch["zone"], switch["cidr"], **more)
    return network


def _machines(wanted: dict[str, Any]) -> Machines:
    place = wanted["alibabaCloud"]["vpc"]
    machines = Machines(wanted["alibabaCloud"]["region"])
    pools = wanted.get("nodePools") or []
    groups = [*place.get("securityGroups", ()), *(name for pool in pools for name in pool.get("securityGroups", ()))]
    for name in dict.fromkeys(groups):
        machines.add_group(name, place["id"])
    types = list(dict.fromkeys(name for pool in pools for name in pool.get("instanceTypes", ())))
    given = wanted["alibabaCloud"].get("instanceTypes", {})
    for name in types:
        limits = given.get(name, {})
        machines.add_type(name, 4, 16, limits.get("enis", 3), limits.get("ipsPerENI", 10))
    for zone in {switch["zone"] for switch in place.get("nodeVSwitches", ())}:
        machines.stock[zone] = dict.fromkeys(types, "WithStock")
    return machines
