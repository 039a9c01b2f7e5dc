"""Names, keys and addresses that several products must agree on. Each is composed here and nowhere else."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from hybridc.catalog import kubernetes
from hybridc.spec.model import Spec
from hybridc.spec.node_model import Oss
from hybridc.spec.origin import text

NODE_TOKEN = "node-token"  # noqa: S105 (the name of a product)
"""The product whose RAM policy lets the role of the nodes read the token."""
TERWAY_CONFIG_LABEL = "terway-config"
"""The label of a node whose Terway merges a dynamic configuration over eni-config."""
POOL_LABEL = "hybridc.dev/pool"
"""The label of a pool's nodes, by which the node script knows its pool."""
CLUSTER_TAG = "hybridc.dev/cluster"
"""The tag of a pool and of its instances that names the cluster whose spec made them."""
TOKEN_OBJECT = "bootstrap-token"  # noqa: S105 (the name of an object in OSS)
_DIGEST_LENGTH = 12
_SCP = re.compile(r"(?P<user>[^@/:]+)@(?P<host>[^:/]+):(?P<path>.+)")


def policy_name(spec: Spec, product: str) -> str:
    """The name of a policy in RAM: ``<namePrefix>-<cluster>-<add-on>``."""
    return text("{}-{}-{}", spec.ram.name_prefix, spec.name, product)


class Maker(NamedTuple):
    """The cluster that something in RAM was made for: its name, and its id in ACK."""

    cluster: str
    id: str

    def __str__(self) -> str:
        return f"made by hybridc for cluster {self.cluster} ({self.id})"


def made_for(spec: Spec) -> str:
    """What the description of everything says that hybridc makes in RAM: an account has one name for all clusters."""
    return str(Maker(str(spec.name), str(spec.alibaba_cloud.registered_cluster_id)))


def maker(description: str) -> Maker | None:
    """The cluster that a description names; None when it is none of hybridc's."""
    found = re.fullmatch(r"made by hybridc for cluster (\S+) \((\S+)\)", description)
    return None if found is None else Maker(found[1], found[2])


def key_prefix(spec: Spec) -> str:
    """What every OSS key of this cluster starts with, with the slash: ``[<prefix>/]<cluster>/``."""
    oss = spec.node_init.oss
    if oss is None or oss.prefix is None:
        return text("{}/", spec.name)
    return text("{}/{}/", oss.prefix, spec.name)


def script_key(spec: Spec, script: str) -> str:
    """The OSS key of the script: ``[<prefix>/]<cluster>/init-node-ecs-<sha256, 12 hex>.sh``."""
    digest = hashlib.sha256(script.encode()).hexdigest()[:_DIGEST_LENGTH]
    return text("{}init-node-ecs-{}.sh", key_prefix(spec), digest)


def token_key(spec: Spec) -> str:
    """The OSS key of the token: ``[<prefix>/]<cluster>/bootstrap-token``."""
    return text("{}{}", key_prefix(spec), TOKEN_OBJECT)


def object_url(oss: Oss, key: str) -> str:
    """The address of an object of the bucket, as nodes in its region reach it."""
    return text("https://{}.{}/{}", oss.bucket, oss.endpoint, key)


def script_url(spec: Spec, script: str | None) -> str:
    """The address that nodes download the script from; "" when ACK's own script is used."""
    if script is None:
        return ""
    if spec.node_init.url is not None or spec.node_init.oss is None:
        return spec.node_init.url or ""
    return object_url(spec.node_init.oss, script_key(spec, script))


def script_place(spec: Spec, script: str | None) -> str:
    """Where the script has to lie: ``oss://BUCKET/KEY``, or the address where somebody else serves it; "": nowhere."""
    oss = spec.node_init.oss
    if script is None or spec.node_init.url is not None or oss is None:
        return script_url(spec, script)
    return text("oss://{}/{}", oss.bucket, script_key(spec, script))


def scripts_resource(spec: Spec, oss: Oss) -> str:
    """The scripts of this cluster, of today and before, as a policy names them."""
    return text("acs:oss:*:{}:{}/{}init-node-ecs-*.sh", spec.alibaba_cloud.account_id, oss.bucket, key_prefix(spec))


def token_resource(spec: Spec, oss: Oss) -> str:
    """The token's object, as a policy names it."""
    return text("acs:oss:*:{}:{}/{}", spec.alibaba_cloud.account_id, oss.bucket, token_key(spec))


def security_groups_of(spec: Spec) -> list[str]:
    """Every security group that the spec names for nodes and pods."""
    groups = [*spec.alibaba_cloud.vpc.security_groups]
    if spec.terway is not None:
        groups += spec.terway.security_groups
        groups += [group for overlay in spec.terway.dynamic_configs.values() for group in overlay.security_groups or ()]
    groups += [group for pool in spec.node_pools for group in pool.security_groups]
    return list(dict.fromkeys(groups))


def token_id(spec: Spec) -> str:
    """The public half of the bootstrap token: six characters that follow from the cluster's names."""
    return hashlib.sha256(f"{spec.name} {spec.alibaba_cloud.registered_cluster_id}".encode()).hexdigest()[:6]


def token_secret(spec: Spec) -> str:
    """The Secret in kube-system that holds the bootstrap token of :func:`token_id`."""
    return f"{kubernetes.token_secrets()}{token_id(spec)}"


def dynamic_config_name(name: str) -> str:
    """The ConfigMap of a dynamic configuration, and the value of its nodes' label."""
    return text("eni-config-{}", name)


def terway_application(cluster: str) -> str:
    """The Application of Terway's chart beside that of the cluster; an ApplicationSet passes its own parameter."""
    return text("{}-terway", cluster)


def source_path(spec: Spec, folder: str) -> str:
    """A folder of this cluster in the repository that Argo CD or Flux reads."""
    path = text("{}/{}", spec.name, folder)
    return path if spec.gitops.path_prefix is None else text("{}/{}", spec.gitops.path_prefix, path)


def flux_url(spec: Spec) -> str:
    """The repository as Flux takes it: a URL, also where the spec has the form of scp."""
    url = spec.gitops.repo_url
    scp = _SCP.fullmatch(url) if "://" not in url else None
    return url if scp is None else text("ssh://{}@{}/{}", scp["user"], scp["host"], scp["path"])


def config_file(kind: str, name: str) -> str:
    """Where, below the cluster's folder, the object lies that holds values for a chart of the distribution's own."""
    return f"cni/{kind.lower()}-{name}.yaml"


def patch_file(kind: str, name: str) -> str:
    """Where, below the cluster's folder, the patch of a workload lies that a person applies."""
    return f"cni/{kind.lower()}-{name}.patch.yaml"


def ip_pools_application(cluster: str) -> str:
    """The Application (with Flux the Kustomization) of the disabled pools: a person syncs it."""
    return text("{}-ippools", cluster)


def kustomizations(spec: Spec) -> tuple[str, str, str]:
    """Flux's Kustomizations in their order: the guard, everything else, and what lets nodes in."""
    return text("{}-guard", spec.name), spec.name, text("{}-agent-config", spec.name)


def releases(spec: Spec) -> tuple[str, str]:
    """Flux's HelmReleases in their order: the guard is a hook of the first."""
    return spec.name, text("{}-agent-config", spec.name)


def terraform_name(name: str) -> str:
    """The name of a resource in Terraform: none begins with a digit. No name of ours has a ``_``."""
    return text("_{}", name) if name[:1].isdigit() else name
