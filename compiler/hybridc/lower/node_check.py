"""The script of ``hybridc preflight --node``: what a machine can see of all that nodes of a spec reach for.

The text is in ``chart-templates/check/``; how it dials, which system it is on and what it asks the metadata service is
that of the node script, from the same templates. ``preflight/node_report.py`` reads what it writes.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple
from urllib.parse import urlsplit

from hybridc.catalog import network
from hybridc.lower import names, node_runtime, templates
from hybridc.lower.node_script import NodeScript, node_script, node_script_values
from hybridc.lower.shell import Shell, bare, heredoc, quote
from hybridc.spec.model import Spec

TEMPLATE = "check/check-node.sh.j2"


class Target(NamedTuple):
    """What a look asks for: ``about`` is how it is told; ``insecure``: its certificate is not looked at."""

    id: str
    url: str
    insecure: bool = False

    @property
    def about(self) -> str:
        """The address without what follows a question mark, which may be a signature."""
        return self.url.partition("?")[0]


class TargetText(NamedTuple):
    """A target as shell source."""

    id: str
    about: Shell
    url: Shell
    insecure: bool
    probe: Shell


class FamilyTargets(NamedTuple):
    """The package repositories of a family."""

    id: str
    repositories: tuple[TargetText, ...]


def node_check(spec: Spec) -> str:
    """The script."""
    script = _script(spec)
    values: dict[str, object] = {field.name: getattr(script, field.name) for field in fields(script)}
    values |= {
        "method": script.method if spec.node_init.mode == "script" else "managed",
        "cluster": bare(spec.name),
        "digest": digest(spec),
        "region": quote(spec.alibaba_cloud.region),
        "vpc": quote(spec.alibaba_cloud.vpc.id),
        "ca_hashes": _hashes(spec),
        "clock": network.CLOCK,
        "servers": _texts(servers(spec)),
        "objects": _texts(objects(spec)),
        "families": tuple(_families(spec, script)),
        "downloads": _texts(downloads(spec, script)),
        "registries": _texts(registries(spec)),
        "names": _names(spec),
    }
    return templates.render(TEMPLATE, **values)


def digest(spec: Spec) -> str:
    """What a report is known by: it changes with everything that the script asks for, 12 hex digits."""
    script = _script(spec)
    asked = [
        [spec.name, spec.cluster.api_server, spec.alibaba_cloud.region, spec.alibaba_cloud.vpc.id],
        [spec.node_init.join.method, spec.node_init.os, *_pins(spec), *spec.node_init.hosts.items()],
        [target.url for target in (*servers(spec), *downloads(spec, script), *registries(spec))],
        [target.url.rpartition("/")[0] for target in objects(spec)],  # a script's name is that of its bytes
        [repository.url for family in _families(spec, script) for repository in family.repositories],
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:12]


def servers(spec: Spec) -> list[Target]:
    """Where k3s and RKE2 register, with the CAs that anybody may read."""
    server = spec.node_init.join.server
    return [] if server is None else [Target("join-server", f"{server.rstrip('/')}/cacerts")]


def objects(spec: Spec) -> list[Target]:
    """The script, and the token where everybody in the VPC reads it."""
    init = spec.node_init
    if init.mode != "script":
        return []
    url = names.script_url(spec, node_script(spec))
    found = [Target("script", url)] if url else []
    if init.oss is not None and init.join.token.source == "oss":
        found.append(Target("token", names.object_url(init.oss, names.token_key(spec))))
    return found


def downloads(spec: Spec, script: NodeScript) -> list[Target]:
    """Tarballs, or the folder of a release of k3s or RKE2."""
    init = spec.node_init
    if init.mode != "script":
        return []
    found = [Target(f"tarball:{each.name}", each.url) for each in init.packages.tarballs if script.packages.tarballs]
    if script.packages.agent_url:
        found.append(Target("release", f"{_plain(script.packages.agent_url)}/sha256sum-amd64.txt"))
    return found


def registries(spec: Spec) -> list[Target]:
    """The registry of the pause image, and every mirror."""
    init = spec.node_init
    if init.mode != "script":
        return []
    found = []
    if _script(spec).containerd is not None:
        host, slash, _ = init.containerd.sandbox_image.partition("/")
        hub = not slash or host == node_runtime.HUB or not set(".:").intersection(host)  # "pause:3.10", "library/pause"
        host = network.DOCKER_HUB if hub else host
        found.append(Target("pause-image", f"https://{host}/v2/"))
    for entries in init.registry_mirrors.values():
        for entry in entries:
            parts = urlsplit(entry.url)
            insecure = entry.skip_verify or entry.ca is not None
            found.append(Target("mirror", f"{parts.scheme}://{parts.netloc}/v2/", insecure))
    return list(dict.fromkeys(found))


def _families(spec: Spec, script: NodeScript) -> Iterator[FamilyTargets]:
    for family in script.packages.families:
        if family.repositories and spec.node_init.mode == "script":
            made = []
            for repository in family.repositories:
                flat = repository.suite == "/"
                deb = "/InRelease" if flat else "/dists/$CODENAME/InRelease"
                probe = "/repodata/repomd.xml" if family.script == "rpm" else deb
                target = Target(repository.name, _plain(repository.url).removesuffix("/"))
                made.append(_text(target, probe))
            yield FamilyTargets(family.id, tuple(made))


def _script(spec: Spec) -> NodeScript:
    """The values of the node script. Without one (``mode: managed``) no token is fetched, so its source is any."""
    init = spec.node_init
    if init.mode != "script":
        token = init.join.token._replace(source="file", path="")
        spec = spec._replace(node_init=init._replace(join=init.join._replace(token=token)))
    return node_script_values(spec)


def _names(spec: Spec) -> Shell | None:
    """The hosts of the spec as settings of curl, which asks for a port with each name; None where there are none."""
    asked = [f"https://{spec.cluster.api_server}", *(target.url for target in servers(spec))]
    ports = sorted({80, 443, *(urlsplit(url).port or 443 for url in asked)})
    lines = [
        f'resolve = "{name}:{port}:{f"[{address}]" if ":" in address else address}"'
        for name, address in spec.node_init.hosts.items()
        for port in ports
    ]
    return heredoc("\n".join(lines), "CURLRC") if lines else None


def _texts(targets: list[Target]) -> tuple[TargetText, ...]:
    return tuple(map(_text, targets))


def _text(target: Target, probe: str = "") -> TargetText:
    return TargetText(target.id, quote(target.about), quote(target.url), target.insecure, quote(probe))


def _pins(spec: Spec) -> list[str]:
    """The hashes that the API server's CA must have one of: a join by kubeadm looks at them."""
    join = spec.node_init.join
    return [] if join.method != "kubeadm" or join.unsafe_skip_ca_verification else list(spec.cluster.ca_cert_hashes)


def _hashes(spec: Spec) -> Shell | None:
    pins = _pins(spec)
    return quote(" ".join(pins)) if pins else None


def _plain(word: Shell) -> str:
    return "".join(shlex.split(word))
