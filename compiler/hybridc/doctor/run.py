"""Every look at a cluster, as the rows of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hybridc.catalog import ack
from hybridc.compile import Compiled
from hybridc.doctor import configs, joining, nodes, steps, workloads
from hybridc.doctor.answer import Answer, Row, ask
from hybridc.doctor.look import Look, objects
from hybridc.live.reads import Id
from hybridc.live.state import State
from hybridc.lower.names import token_secret
from hybridc.lower.token_refresh import NAME, is_refreshed_in_cluster
from hybridc.preflight import run as preflight

Looks = Iterator[tuple[str, str, Callable[[], Answer]]]


def wanted(compiled: Compiled) -> list[Id]:
    """What is read beside what every cluster is asked for."""
    spec, bundle = compiled.spec, compiled.bundle
    found = [*preflight.wanted(spec), *objects(spec), Id("CertificateSigningRequest")]
    overlays = bundle.parts.get("dynamicConfigs", ())
    found += [Id("ConfigMap", ack.NAMESPACE, str(item["metadata"]["name"])) for item in overlays]
    if spec.terway is not None:
        found.append(Id("DaemonSet", ack.NAMESPACE, ack.TERWAY_DAEMON_SET))
    found += [Id(kind, ack.NAMESPACE, str(each.name)) for each in spec.addons for kind in ("Deployment", "DaemonSet")]
    if bundle.ip_pools:
        found.append(Id("IPPool"))
    if is_refreshed_in_cluster(spec):
        found += [Id("Secret", joining.NAMESPACE, token_secret(spec)), Id("CronJob", joining.NAMESPACE, NAME)]
    daemon_sets = [each for each in found if each.kind == "DaemonSet"]
    return [*found, *(each._replace(kind="Pod") for each in daemon_sets if each in _watched(compiled))]


def _watched(compiled: Compiled) -> list[Id]:
    """The DaemonSets whose pods are looked at."""
    kept_off = [Id(str(each.kind), str(each.namespace), str(each.name)) for each in compiled.bundle.exclusions]
    terway = Id("DaemonSet", ack.NAMESPACE, ack.TERWAY_DAEMON_SET)
    return kept_off if compiled.spec.terway is None else [*kept_off, terway]


def examine(compiled: Compiled, state: State) -> list[Row]:
    """The table: the steps, then what they do not name."""
    look = Look(compiled, state)
    return [*steps.rows(look), *(Row(part, subject, *ask(each)) for part, subject, each in _looks(look))]


def _looks(look: Look) -> Looks:
    yield from _configs(look)
    for each in look.bundle.exclusions:
        if each.kind == "DaemonSet":
            yield "pods", str(each.name), partial(workloads.at_home, look, each)
    if look.spec.terway is not None:
        yield "pods", ack.TERWAY_DAEMON_SET, lambda: workloads.on_cloud_nodes(look)
        yield "pods", "restart of Terway", lambda: configs.restart(look)
    yield "nodes", "cloud nodes", lambda: nodes.all_ready(look)
    yield "nodes", "labels", lambda: nodes.marked(look)
    yield "nodes", "certificates", lambda: joining.requests(look)
    if is_refreshed_in_cluster(look.spec):
        yield "nodes", "token refresh", lambda: joining.refresh(look)
    yield "versions", "API server", lambda: nodes.api_server(look)
    yield "versions", "kubelets", lambda: nodes.kubelets(look)
    if (terway := look.spec.terway) is not None:
        yield "versions", "Terway", lambda: workloads.terway_version(look, terway)


def _configs(look: Look) -> Looks:
    for part in ("eniConfig", "dynamicConfigs"):
        for item in look.bundle.parts.get(part, ()):
            yield "config", str(item["metadata"]["name"]), partial(configs.config_map, look, item)
    if look.spec.terway is not None:
        yield "config", "AccessKey", lambda: configs.access_key(look)
    yield "config", ack.AGENT_CONFIG_KEY, lambda: configs.agent_config(look)
