"""Terway of a cluster that runs: another version, another zone. It reads eni-config when it starts, and not again."""

from __future__ import annotations

import json
import re

from hybridc.catalog import ack, publish
from hybridc.catalog import terway as catalog
from hybridc.lower.eni_config import vswitches_by_zone
from hybridc.lower.steps import filters
from hybridc.lower.steps.day_two import pools
from hybridc.lower.steps.day_two.day import Day, Nothing, Steps, restart_terway, see_node, synced
from hybridc.lower.steps.nodes import components
from hybridc.lower.steps.step import Step, check, code, listed, word
from hybridc.spec.origin import plain

_NONE = Nothing("The spec has no Terway.")


def upgrade(day: Day) -> Steps | Nothing:
    """``terway.version`` (or ``chart.revision``) of the spec is the new one."""
    return _NONE if day.spec.terway is None else _upgrade(day)


def _upgrade(day: Day) -> Steps:
    chart = day.spec.terway is not None and day.spec.terway.install == "chart"
    # What the new version calls is allowed before it calls it; the old one ignores keys that it does not know.
    yield day.again("ram.policies")
    yield from synced(day)
    yield day.again(f"addon.{ack.TERWAY_ADDON}") if chart else _addon(day)
    yield see_version(day)
    yield day.again("see.terway")
    yield see_eni_config(day)
    yield see_node(day)


def _addon(day: Day) -> Step:
    terway = day.spec.terway
    version = f"v{terway.version}" if terway is not None else ""
    body = word(json.dumps([{"component_name": ack.TERWAY_ADDON, "next_version": version}]))
    least = catalog.oldest_minor(catalog.release(catalog.NEWEST))
    newest = least is not None and day.spec.cluster.minor >= least
    by_onectl = f"; {code(f'onectl addon upgrade {ack.TERWAY_ADDON}')} takes the newest" if newest else ""
    return Step(
        "terway.upgrade",
        (),
        f"RAM: {publish.rights('cs:UpgradeClusterAddons')[0]} (setup)",
        f"Upgrade the add-on to {code(version)}{by_onectl}. The request of its installation does not upgrade. Its pods "
        "restart node by node. Whether an upgrade rewrites `eni-config` is not established: `see.eni-config` looks.",
        components(day.spec, "upgrade", body),
        "a task id; it is done with the cluster's tasks in the console",
        "the same with the version before, where ACK still offers it",
    )


def see_version(day: Day) -> Step:
    """The image of the DaemonSet: its tag is the version, with or without a build suffix."""
    terway = day.spec.terway
    version = re.escape(str(terway.version).split("-")[0]) if terway is not None else ""
    get = f"kubectl -n {ack.NAMESPACE} get daemonset {ack.TERWAY_DAEMON_SET}"
    images = f"{get} -o jsonpath='{{.spec.template.spec.containers[*].image}}'"
    done = f"kubectl -n {ack.NAMESPACE} rollout status ds/{ack.TERWAY_DAEMON_SET} --timeout=30m"
    return Step(
        "see.terway-version",
        (),
        "kubectl: read kube-system",
        f"Terway is {code(terway.version if terway is not None else '')}, as the spec has it, and on every cloud node.",
        check(
            f'images=$({images}) &&\ngrep -Eq {word(f":v{version}([-. ]|$)")} <<<"$images" &&\n{done}',
            "Terway has another version: hybridc steps --for upgrade-terway",
        ),
        "the command ends with 0",
        "",
    )


def see_eni_config(day: Day) -> Step:
    """Every zone of the spec's pod vSwitches, with them, in the live eni-config."""
    zones = plain(vswitches_by_zone(day.spec.alibaba_cloud.vpc.pod_vswitches))
    get = f"kubectl -n {ack.NAMESPACE} get configmap {ack.ENI_CONFIG} -o json"
    has = f".data.eni_conf | fromjson | .vswitches == {json.dumps(zones)}"
    return Step(
        "see.eni-config",
        (),
        f"kubectl: read {ack.ENI_CONFIG}",
        f"`eni-config` has the pod vSwitches of {listed(zones)}. In a zone that is missing Terway takes addresses of "
        "the node's vSwitch, without a word.",
        check(filters.asks(get, has), "eni-config has other vSwitches: sync, and look who wrote it last"),
        "the command ends with 0",
        "",
    )


def add_zone(day: Day) -> Steps:
    """The spec has the vSwitches of the new zone."""
    yield day.again("network.routes")
    yield day.again("network.security-groups")
    # With ram.scope "resources" the policy names the vSwitches.
    yield day.again("ram.policies")
    yield from synced(day)
    yield day.again("ippools")
    if day.spec.terway is not None:
        yield see_eni_config(day)
        yield restart_terway(day, "Terway learns of the zone: it reads `eni-config` when it starts.")
        yield day.again("see.terway")
    yield day.again("see.exclusion")
    for pool in day.spec.node_pools:
        yield day.again(f"pool.{pool.name}.create")
        yield pools.changed(day, pool)
        yield day.again(f"pool.{pool.name}.one")
    yield see_node(day)
