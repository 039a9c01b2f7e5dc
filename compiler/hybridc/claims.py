"""What a cluster writes outside of its own folder, and so what two specs of one call can dispute."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from hybridc.compile import Compiled
from hybridc.layout.kustomize import one_a_file
from hybridc.lower.bundle import Bundle
from hybridc.lower.names import key_prefix, policy_name
from hybridc.rules.ignores import accepted
from hybridc.spec.model import Spec

ONE_WRITER, ENGINE = "GIT031", "GIT045"
_ENGINES = (".fluxcd.io", "argoproj.io")


class Claim(NamedTuple):
    """``what`` is claimed, as a phrase; ``value`` of the spec names it; ``code`` is what two claims of it are.

    ``content`` is a digest: two claims with the same are no dispute. "": two claims always are one.
    """

    what: str
    value: object
    code: str = ONE_WRITER
    content: str = ""


def claims(compiled: Compiled) -> Iterator[Claim]:
    """Everything outside of its folder that a cluster writes, without what its spec accepts."""
    spec, bundle = compiled.spec, compiled.bundle
    yield Claim(f"the folder {spec.name}", spec.name)
    yield from _in_cloud(spec, bundle)
    if ENGINE not in accepted(spec):
        yield from _of_engine(compiled)


def _in_cloud(spec: Spec, bundle: Bundle) -> Iterator[Claim]:
    """A registered cluster has one of every object, so two specs for it overwrite each other's."""
    cloud, init = spec.alibaba_cloud, spec.node_init
    for product in bundle.ram:
        yield Claim(f"the RAM policy {policy_name(spec, product)} of {cloud.account_id}", spec.name)
    if bundle.script is not None and init.url is not None:
        yield Claim(f"the node script at {init.url}", init.url)
    if bundle.script is not None and init.oss is not None:
        yield Claim(f"the OSS keys {init.oss.bucket}/{key_prefix(spec)}", init.oss.prefix or init.oss.bucket)
    for pool in spec.node_pools:
        yield Claim(f"the node pool {pool.name} of {cloud.registered_cluster_id}", pool.name)
    yield Claim(f"the objects of registered cluster {cloud.registered_cluster_id}", cloud.registered_cluster_id)


def _of_engine(compiled: Compiled) -> Iterator[Claim]:
    """What Argo CD or Flux is given. The rest of that folder is for the registered cluster, which has a claim.

    An AppProject of several clusters is made for all of them together (:mod:`hybridc.lower.fleet`).
    """
    bundle = compiled.bundle
    for path, item in one_a_file(bundle.engine, bundle.gitops).items():
        kind, meta = item["kind"], item["metadata"]
        if item["apiVersion"].partition("/")[0].endswith(_ENGINES) and kind != "AppProject":
            what = f"{kind} {meta['name']} in namespace {meta['namespace']}"
            yield Claim(what, meta["name"], ENGINE, _digest(compiled.tree[path]))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
