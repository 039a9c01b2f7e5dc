"""Calico's IPPools: what is masqueraded toward the cloud, what overlaps with it, and what nobody announces."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc import cidr
from hybridc.catalog import cni as catalog
from hybridc.live.reads import Id
from hybridc.live.state import State
from hybridc.lower.ip_pools import ip_pools
from hybridc.preflight.machines import Data, listed
from hybridc.preflight.rule import Findings, live
from hybridc.rules.ranges import Range, ranges_of
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

API = Id("APIService", "", "v3.projectcalico.org")
_FIELD = "/spec/cluster/cni"


def has_pools(spec: Spec) -> bool:
    """Whether the plugin of the IDC has IPPools."""
    return catalog.plugin(spec.cluster.cni.type).ip_pools


def wanted(spec: Spec) -> list[Id]:
    """What the rules here and those about BGP ask for."""
    if not has_pools(spec):
        return []
    api = [API] if spec.cluster.cni.disabled_ip_pools == "api" else []
    return [Id("IPPool"), Id("BGPConfiguration"), Id("BGPPeer"), *api]


def enabled(state: State) -> list[Data]:
    """The pools that pods get addresses of."""
    return [each for each in state.all("IPPool") if not _of(each).get("disabled") and _for_pods(each)]


def _of(pool: Data) -> Data:
    found: Data = pool.get("spec", {})
    return found


def _for_pods(pool: Data) -> bool:
    uses = _of(pool).get("allowedUses", [])
    return not uses or "Workload" in uses


def _span(pool: Data) -> cidr.Span | None:
    return cidr.parse(cidr.canonical(_of(pool).get("cidr", "")) or "")


def _name(pool: Data) -> str:
    return f"{pool['metadata']['name']} ({_of(pool).get('cidr', '')})"


@live("CNI047", over=TERWAY)
def masqueraded(spec: Spec, terway: Terway, state: State) -> Findings:
    """Pods of the IDC reach the cloud with the address of their node.

    A pool with `natOutgoing` is masqueraded toward every address that lies in no IPPool, also in no disabled one: pods
    of cloud nodes see the address of an IDC node, and rules for pod addresses do not match. hybridc writes a disabled
    pool for each vSwitch; `hybridc preflight` looks whether they, or others, are there. With `disabledIPPools: api` the
    sync brings them.

    Fails::
        spec: {cidr: 10.100.0.0/16, natOutgoing: true}      # and no pool for the vSwitches
    Passes::
        calicoctl apply -f calico/ippools.yaml

    Source: Calico felix/dataplane/linux/masq_mgr.go, felix/calc/l3_route_resolver.go.
    """
    if not has_pools(spec) or spec.cluster.cni.routing != "bgp" or spec.cluster.cni.disabled_ip_pools == "api":
        return
    hiding = [each for each in enabled(state) if _of(each).get("natOutgoing")]
    versions = {span.version for each in hiding if (span := _span(each)) is not None}
    pools = [span for each in state.all("IPPool") if (span := _span(each)) is not None]
    bare = [
        each
        for each in ranges_of(spec).vswitches
        if each.span.version in versions and not any(cidr.inside(each.span, pool) for pool in pools)
    ]
    if bare:
        message = f"IPPool {listed([_name(each) for each in hiding])} has natOutgoing, and no pool holds"
        message = (
            f"{message} {listed([str(each) for each in bare])}: pods of the IDC reach it with their node's address"
        )
        advice = "calicoctl apply -f calico/ippools.yaml"
        if spec.cluster.cni.disabled_ip_pools == "none":
            advice = "let hybridc write them (disabledIPPools), or accept it where no rule asks for pod addresses"
        yield finding(spec.cluster.cni.disabled_ip_pools if ip_pools(spec) else _FIELD, message, advice)


@live("CNI048", over=TERWAY)
def pools_in_the_cloud(spec: Spec, terway: Terway, state: State) -> Findings:
    """An IPPool overlaps with a vSwitch.

    From an enabled pool pods of the IDC get addresses that belong to the cloud. A disabled one that is no vSwitch's is
    a hindrance alone: pools must not overlap, so Calico refuses the pool of hybridc for that vSwitch. Two pools that
    overlap, which kubectl lets pass where calicoctl does not, may give one address twice.

    Fails::
        spec: {cidr: 10.20.0.0/16}      # and a vSwitch has 10.20.64.0/19
    Passes::
        spec: {cidr: 10.20.64.0/19, disabled: true}

    Source: Calico api/pkg/apis/projectcalico/v3/ippool.go; IPPool, "cidr".
    """
    if not has_pools(spec):
        return
    ours = {str(pool["spec"]["cidr"]) for pool in ip_pools(spec)}
    used = [each["metadata"]["name"] for each in enabled(state)]
    for pool in state.all("IPPool"):
        span, met = _span(pool), in_the_cloud(spec, pool)
        if met and pool["metadata"]["name"] in used:
            message = f"IPPool {_name(pool)} overlaps {met[0]}: pods of the IDC would get addresses of the cloud"
            yield finding(met[0].value, message, "give one of them another range")
            continue
        refused = sorted({each.value for each in met if each.value in ours and each.span != span})
        if refused:
            message = f"IPPool {_name(pool)} overlaps {listed(refused)}: Calico will refuse hybridc's pool for it"
            yield finding(_FIELD, message, "delete it, or set disabledIPPools: none where it does the same", "warning")
    for one, other in _overlapping(state.all("IPPool")):
        message = f"IPPool {_name(other)} overlaps IPPool {_name(one)}: an address may be given twice"
        yield finding(_FIELD, message, "give one of them another range, or delete it", "warning")


def _overlapping(pools: list[Data]) -> Iterator[tuple[Data, Data]]:
    """Each pool that shares an address with one before it, and that one."""
    known = [
        (span.version, span.first, span.last, number) for number, pool in enumerate(pools) if (span := _span(pool))
    ]
    widest: tuple[int, int, int, int] | None = None
    for each in sorted(known, key=lambda one: (one[0], one[1], -one[2])):
        if widest is not None and widest[0] == each[0] and each[1] <= widest[2]:
            yield pools[widest[3]], pools[each[3]]
        else:
            widest = each


def in_the_cloud(spec: Spec, pool: Data) -> list[Range]:
    """The vSwitches that it overlaps."""
    span = _span(pool)
    return [] if span is None else [each for each in ranges_of(spec).vswitches if cidr.overlap(span, each.span)]


@live("CNI049", over=TERWAY)
def no_api_for_pools(spec: Spec, terway: Terway, state: State) -> Findings:
    """`disabledIPPools: api`, and the cluster does not serve `projectcalico.org/v3`.

    The synced tree holds IPPools of that API. Without Calico's API server (or CRDs of that group) the sync ends with
    "no matches for kind IPPool", and nothing of it is applied.

    Fails::
        kubectl get apiservice v3.projectcalico.org      # NotFound
    Passes::
        cluster: {cni: {disabledIPPools: calicoctl}}

    Source: Calico, "Install the Calico API server"; Kubernetes, API aggregation.
    """
    if API not in wanted(spec):
        return
    found = state.one(*API)
    if found is None:
        message = "the cluster does not serve projectcalico.org/v3, and the sync would apply IPPools of it"
        yield finding(spec.cluster.cni.disabled_ip_pools, message, "install Calico's API server, or use calicoctl")
    elif any(_is_down(each) for each in found.get("status", {}).get("conditions", [])):
        message = "APIService v3.projectcalico.org is not available, and the sync would apply IPPools of it"
        yield finding(spec.cluster.cni.disabled_ip_pools, message, "look at the pods of calico-apiserver")


def _is_down(condition: Data) -> bool:
    return condition.get("type") == "Available" and condition.get("status") == "False"
