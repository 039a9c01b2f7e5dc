"""Clouds that a spec fits, played by the lab's servers, as they are seen; and what a case changes in one."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from alibabacloud_credentials.client import Client
from alibabacloud_credentials.models import Config
from tests.lab.servers.account import Account, Key, Policy, Principal
from tests.lab.servers.acs import Acs as Server
from tests.lab.servers.cs import cs
from tests.lab.servers.cs_state import Addon, Cluster, Pool
from tests.lab.servers.ecs import Machines, ecs
from tests.lab.servers.ram import ram
from tests.lab.servers.sts import sts
from tests.lab.servers.vpc import Network, vpc
from tests.preflight.clusters import compiled, merge

from hybridc.cloud.acs import Acs
from hybridc.cloud.endpoints import parse
from hybridc.cloud.identity import Identity
from hybridc.cloud.patience import Deadline
from hybridc.compile import Compiled
from hybridc.live.cloud_collect import read
from hybridc.live.cloud_reads import SHAPES, Asked
from hybridc.live.cloud_state import CloudState
from hybridc.live.reads import Id
from hybridc.live.shapes import project
from hybridc.lower.names import CLUSTER_TAG, policy_name, security_groups_of
from hybridc.preflight.cloud import asked, switches
from hybridc.rules.node.quota import arch
from hybridc.spec.model import NodePool, Spec
from hybridc.spec.origin import plain

HOP = "ri-uf6idc"
_CORES = 4


@dataclass
class Cloud:
    """What there is, for the servers."""

    account: Account
    network: Network
    machines: Machines
    cluster: Cluster
    servers: dict[str, Server]

    @property
    def endpoints(self) -> list[str]:
        """Flags for a verb."""
        return [word for name, server in self.servers.items() for word in ("--endpoint", f"{name}={server.url}")]

    @property
    def asked(self) -> list[str]:
        """Every call as RAM names it, service by service."""
        return [f"{name}:{line.operation}" for name, server in self.servers.items() for line in server.requests]


@contextmanager
def cloud_for(found: Compiled) -> Iterator[Cloud]:
    """The servers of a cloud that has nothing against a spec, until the block ends."""
    spec = found.spec
    made = Account(str(spec.alibaba_cloud.account_id))
    _rights(found, made)
    network, machines, cluster = _network(spec), _machines(spec), _cluster(spec)
    with ExitStack() as stack:
        enter = stack.enter_context
        servers = {
            "sts": enter(sts(made)),
            "ram": enter(ram(made)),
            "cs": enter(cs(made, cluster)),
            "vpc": enter(vpc(made, network)),
            "ecs": enter(ecs(made, machines)),
        }
        yield Cloud(made, network, machines, cluster, servers)


def identity(key: Key) -> Identity:
    """Who signs with a key."""
    config = Config(type="access_key", access_key_id=key.id, access_key_secret=key.secret)
    return Identity(Client(config))


def look(
    cloud: Cloud, spec: Spec, key: Key | None = None, seconds: float = 30, what: Asked | None = None
) -> CloudState:
    """The cloud as whoever has the key sees it: by default the account itself, and what a spec names."""
    known = parse(word for word in cloud.endpoints if word != "--endpoint")
    acs = Acs(identity(key or cloud.account.root()), str(spec.alibaba_cloud.region), Deadline(seconds), known)
    return read(acs, cloud.account.id, what or asked([spec]))


@cache
def fitting(text: str) -> CloudState:
    """The cloud that fits the text of a spec, as it is seen."""
    found = compiled(text)
    with cloud_for(found) as cloud:
        return look(cloud, found.spec)


def changed(cloud: CloudState, changes: Mapping[str, Any], unseen: Mapping[str, str]) -> CloudState:
    """With ``KIND [OF/]NAME: change``: a merge patch (RFC 7396), null for what is not there; ``unseen`` is hidden."""
    objects, absent = dict(copy.deepcopy(cloud.objects)), set(cloud.absent)
    for name, change in changes.items():
        each = identified(name)
        if change is None:
            del objects[each]
            absent.add(each)
        else:
            absent.discard(each)
            objects[each] = project(merge(objects.get(each, {}), change), SHAPES[each.kind])
    hidden = {identified(name): why for name, why in unseen.items()}
    shown = {each: item for each, item in objects.items() if each not in hidden and Id(*each[:2]) not in hidden}
    return replace(
        cloud,
        objects=shown,
        absent=frozenset(absent - hidden.keys()),
        whole=cloud.whole - hidden.keys(),
        unseen=hidden,
    )


def is_of_the_cloud(name: str) -> bool:
    """Whether the name of an object in a case is one of the cloud's."""
    return any(name == kind or name.startswith(f"{kind} ") for kind in SHAPES)


def identified(name: str) -> Id:
    """``KIND NAME``, ``KIND OF/NAME``, or ``KIND OF/`` for a list."""
    kind = next(kind for kind in SHAPES if name.startswith(f"{kind} "))
    of, _, own = name.removeprefix(f"{kind} ").rpartition("/")
    return Id(kind, of, own)


def _network(spec: Spec) -> Network:
    made, cloud = Network(str(spec.alibaba_cloud.region)), spec.alibaba_cloud
    first, *others = map(str, cloud.vpc.cidrs)
    made.add_vpc(str(cloud.vpc.id), first, SecondaryCidrBlocks={"SecondaryCidrBlock": others})
    for each in switches(spec):
        ipv6 = {"Ipv6CidrBlock": str(each.ipv6_cidr)} if each.ipv6_cidr is not None else {}
        made.add_vswitch(str(each.id), str(cloud.vpc.id), str(each.zone), str(each.cidr), 60000, **ipv6)
    table = f"rtb-{cloud.vpc.id}"
    made.add_route(table, "0.0.0.0/0", "ngw-uf6", "NatGateway")
    made.add_route(table, str(cloud.vpc.node_vswitches[0].cidr), "", "local", Type="System")
    for wanted in (*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs):
        made.add_route(table, str(wanted), HOP)
    return made


def _machines(spec: Spec) -> Machines:
    made, cloud = Machines(str(spec.alibaba_cloud.region)), spec.alibaba_cloud
    for group in security_groups_of(spec):
        made.add_group(str(group), str(cloud.vpc.id))
        for wanted in (*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs, "100.64.0.0/10"):
            made.add_rule(str(group), str(wanted))
    zones = {str(each.id): str(each.zone) for each in cloud.vpc.node_vswitches}
    for pool in spec.node_pools:
        for name in map(str, pool.instance_types):
            for zone in (zones[str(each)] for each in pool.vswitches):
                made.stock.setdefault(zone, {})[name] = "WithStock"
            if name not in [each["InstanceTypeId"] for each in made.types]:
                made.add_type(name, _CORES, 16, 4, 10)
        if pool.image.id is not None:
            made.images.append(_image(spec, pool))
    made.limits = {"max-postpaid-instance-vcpu-count": ["9000"], "used-postpaid-instance-vcpu-count": ["100"]}
    return made


def _image(spec: Spec, pool: NodePool) -> dict[str, str]:
    platform = {"ubuntu": "Ubuntu", "debian": "Debian"}.get(spec.node_init.os.split("-")[0], "Aliyun")
    of = "arm64" if "arm64" in {arch(spec, name) for name in pool.instance_types} else "x86_64"
    fields = {"ImageId": str(pool.image.id), "OSType": "linux", "Status": "Available"}
    return {**fields, "Platform": platform, "Architecture": of, "OSName": platform}


def _rights(found: Compiled, account: Account) -> None:
    """The user or role of the add-ons has the policies of the build, that of the nodes the one for the token."""
    ram, now = found.spec.ram, datetime.now(UTC)
    for product, document in found.bundle.ram.items():
        name = str(policy_name(found.spec, product))
        account.policies[name] = Policy(name, "", now, {"v1": (json.dumps(plain(document)), now)})
        holder = Principal("User", str(ram.user)) if ram.user is not None else Principal("Role", str(ram.role))
        if product == "node-token":
            holder = Principal("Role", str(found.spec.node_init.join.token.role))
        account.attached.setdefault(holder, {})["Custom", name] = now
        if holder.kind == "Role":
            account.session(holder.name)
    if ram.user is not None:
        account.user(str(ram.user))


def _cluster(spec: Spec) -> Cluster:
    cloud = spec.alibaba_cloud
    made = Cluster(str(cloud.registered_cluster_id), str(cloud.region), str(spec.name), str(cloud.vpc.id))
    now = datetime.now(UTC)
    for pool in spec.node_pools:
        name = str(pool.name)
        group: dict[str, Any] = {
            "tags": [{"key": CLUSTER_TAG, "value": str(spec.name)}],
            "key_pair": str(pool.key_pair),
        }
        group |= {"vswitch_ids": [*map(str, pool.vswitches)], "instance_types": [*map(str, pool.instance_types)]}
        group |= {"security_group_ids": [*map(str, pool.security_groups)], "desired_size": pool.size.desired}
        group |= {"image_id": str(pool.image.id)} if pool.image.type is None else {"image_type": str(pool.image.type)}
        scaling = {"enable": pool.auto_scaling, "min_instances": pool.size.min, "max_instances": pool.size.max or 0}
        wanted = plain({"nodepool_info": {"name": name}, "scaling_group": group, "auto_scaling": scaling})
        made.pools[f"np-{name}"] = Pool(f"np-{name}", wanted, now, now)
    made.addons = {str(each.name): Addon(str(each.name), "v1.0.0") for each in spec.addons}
    return made


def signs(monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    """Who asks, in this process: the package of credentials reads the environment when it is imported."""
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", key.id)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", key.secret)
    importlib.reload(importlib.import_module("alibabacloud_credentials.utils.auth_util"))
