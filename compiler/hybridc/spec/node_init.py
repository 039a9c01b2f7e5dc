"""The nodeInit part of a Spec: how a node is prepared and joins."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import kubernetes, network, regions
from hybridc.spec.cursor import Cursor
from hybridc.spec.hole import HOLE, HoleError, is_hole
from hybridc.spec.items import Items
from hybridc.spec.model import AlibabaCloud, Cluster
from hybridc.spec.node_model import (
    Containerd,
    Hooks,
    Join,
    NodeInit,
    NodeLabels,
    Oss,
    Packages,
    Proxy,
    RegistryMirror,
    Repository,
    Runtime,
    Tarball,
    Token,
)
from hybridc.spec.origin import Origin, origins, text, trace

TOKEN_FILE = "/etc/hybridc/bootstrap-token"  # noqa: S105 - a path
TOKEN_VARIABLE = "HYBRIDC_BOOTSTRAP_TOKEN"  # noqa: S105 - the name of a variable


def node_init(c: Cursor, cluster: Cluster, cloud: AlibabaCloud) -> NodeInit:
    """How nodes are made; the defaults depend on the cluster's version and ranges and on the region."""
    system = c.value("os", "auto")
    oss = c.optional("oss", lambda x: _oss(x, cloud))
    return NodeInit(
        mode=c.value("mode", "script"),
        os=system,
        packages=_packages(c.at("packages")),
        containerd=_containerd(c.at("containerd"), system, cluster, cloud),
        proxy=c.optional("proxy", lambda x: _proxy(x, cluster, cloud, oss)),
        registry_mirrors=_mirrors(c),
        hosts=c.map("hosts"),
        trusted_cas=c.texts("trustedCAs"),
        system_default_registry=c.value("systemDefaultRegistry", None),
        join=_join(c.at("join")),
        kubelet_extra_args=c.map("kubeletExtraArgs"),
        labels=_labels(c.at("labels")),
        allow_cgroup_v1=c.value("allowCgroupV1", False),
        hooks=Hooks(*(c.at("hooks").value(name, None) for name in ("pre", "preJoin", "post"))),
        budget_seconds=c.value("budgetSeconds", 1500),
        oss=oss,
        url=c.value("url", None),
    )


def _packages(c: Cursor) -> Packages:
    return Packages(
        source=c.value("source", "repo"),
        mirror=c.value("mirror", "vpc"),
        repositories=c.each(
            "repositories", lambda x: Repository(x.value("name"), x.value("family"), x.value("url"), x.value("keyURL"))
        ),
        tarballs=c.each(
            "tarballs", lambda x: Tarball(x.value("name"), x.value("url"), x.value("sha256"), x.value("arch"))
        ),
        extra=c.texts("extra", Items([trace("nfs-client", Origin("default", f"{c.pointer}/extra"))])),
    )


def _containerd(c: Cursor, system: str, cluster: Cluster, cloud: AlibabaCloud) -> Containerd:
    try:
        version: Any = kubernetes.default_containerd(cluster.minor, system)
        image: Any = text(kubernetes.default_sandbox_image(cluster.minor, "{}"), cloud.region)
    except HoleError:
        version = image = HOLE
    if not c.has("version"):
        found = version if is_hole(version) else c.value("version", version)
    else:
        found = c.value("version")
    sandbox = c.value("sandboxImage") if c.has("sandboxImage") else image
    return Containerd(found, sandbox, c.each("runtimes", _runtime))


def _runtime(c: Cursor) -> Runtime:
    return Runtime(c.value("name"), c.value("binary"), c.value("default", False))


def _proxy(c: Cursor, cluster: Cluster, cloud: AlibabaCloud, oss: Oss | None) -> Proxy:
    lists = (c.texts("noProxy"), cluster.node_cidrs, cluster.pod_cidrs, cluster.service_cidrs, cloud.vpc.cidrs)
    local = ["localhost", "127.0.0.1", network.RESERVED]
    try:
        local += [text("{}", cluster.api_server.rpartition(":")[0])]
        local += [text(".{}", oss.endpoint)] if oss else []
        whole = all(items.whole for items in lists)
    except HoleError:
        whole = False
    bypass = Items(dict.fromkeys([*(item for items in lists for item in items), *local]), whole=whole)
    return Proxy(c.value("http", None), c.value("https", None), bypass)


def _mirrors(c: Cursor) -> Any:
    written = c.map("registryMirrors")
    if is_hole(written):
        return HOLE
    hosts = c.at("registryMirrors")
    return {host: hosts.each(host, _mirror) for host in written}


def _mirror(c: Cursor) -> RegistryMirror:
    return RegistryMirror(
        c.value("url"), c.value("overridePath", False), c.value("ca", None), c.value("skipVerify", False)
    )


def _join(c: Cursor) -> Join:
    return Join(
        method=c.value("method", "kubeadm"),
        server=c.value("server", None),
        command=c.value("command", None),
        token=_token(c.at("token")),
        ignore_preflight_errors=c.texts("ignorePreflightErrors"),
        unsafe_skip_ca_verification=c.value("unsafeSkipCAVerification", False),
    )


def _token(c: Cursor) -> Token:
    source = c.value("from", "oss")
    known = not is_hole(source)
    return Token(
        source=source,
        url=c.value("url", None),
        path=c.value("path", TOKEN_FILE if known and source == "file" else None),
        name=c.value("name", TOKEN_VARIABLE if known and source == "env" else None),
        role=c.value("role", None),
        ttl=c.value("ttl", "24h"),
        refresh=c.value("refresh", "ci"),
    )


def _labels(c: Cursor) -> NodeLabels:
    return NodeLabels(c.value("topology", True), c.value("restricted", "drop"), c.map("extra"))


def _oss(c: Cursor, cloud: AlibabaCloud) -> Oss:
    bucket, prefix = c.value("bucket"), c.value("prefix", None)
    if c.has("endpoint"):
        return Oss(bucket, prefix, c.value("endpoint"))
    # Not one answer: there is no default, and OSS021 asks for the endpoint.
    known = () if is_hole(cloud.region) else regions.internal_endpoints(cloud.region)
    return Oss(bucket, prefix, trace(known[0], *origins(cloud.region)) if len(known) == 1 else HOLE)
