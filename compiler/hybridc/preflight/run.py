"""Hold one spec against a State: the findings of every rule, what the spec accepts, and what could not be decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hybridc.catalog import ack
from hybridc.codes import CODES
from hybridc.compile import Compiled
from hybridc.diagnostic import START, Diagnostic, in_file_order
from hybridc.live.reads import Id
from hybridc.live.state import State, Unseen
from hybridc.lower.delivery import deliver
from hybridc.preflight import argocd, bootstrap, ip_pools, join, kubeadm, local_dns, networks, secrets
from hybridc.preflight.registry import rules
from hybridc.rules.ignores import accepted
from hybridc.rules.rule import BUNDLE, CLOUD, SPEC, Findings, Rule
from hybridc.source.document import Document
from hybridc.spec.model import Spec

UNSEEN = CODES["LIVE001"]


class Held(NamedTuple):
    """The findings of a spec, and those that it accepts."""

    found: list[Diagnostic]
    accepted: list[Diagnostic]


def wanted(spec: Spec) -> list[Id]:
    """The objects that the rules ask for by name, beside those of every cluster."""
    excluded = [Id(each.kind, str(each.namespace), str(each.name)) for each in deliver(spec).all]
    joins = [Id("ConfigMap", *join.CLUSTER_INFO)] if join.by_kubeadm(spec) else []
    workloads = [Id("DaemonSet", "kube-system", "kube-proxy"), Id("Deployment", ack.NAMESPACE, ack.AGENT)]
    return [
        *excluded,
        *workloads,
        *joins,
        *local_dns.IDS,
        *networks.wanted(spec),
        *ip_pools.wanted(spec),
        *kubeadm.wanted(spec),
        *bootstrap.wanted(spec),
        *secrets.wanted(spec),
        *argocd.wanted(spec),
    ]


def hold(compiled: Compiled, state: State) -> Held:
    """Ask every rule. Whatever one raises but :class:`Unseen` is a bug of it, and raised."""
    document = compiled.document
    found: list[Diagnostic] = []
    ended: dict[tuple[Id, str], list[str]] = {}
    for rule in rules():
        try:
            found.extend(each.diagnostic(rule.code, document) for each in _findings(rule, compiled, state))
        except Unseen as hole:
            ended.setdefault((hole.what, hole.why), []).append(rule.code.id)
    found += [_unseen(what, why, codes, document) for (what, why), codes in ended.items()]
    codes = accepted(compiled.spec)
    left = [each for each in found if each.code not in codes]
    return Held(in_file_order(left), in_file_order([each for each in found if each.code in codes]))


def _findings(rule: Rule, compiled: Compiled, state: State) -> Findings:
    spec = compiled.spec
    if rule.over == SPEC:
        yield from rule.check(spec, state)
    elif rule.over == BUNDLE:
        yield from rule.check(spec, compiled.bundle, state)
    elif rule.over == CLOUD:
        if state.cloud is not None:
            yield from rule.check(spec, state.cloud)
    elif spec.terway is not None:
        yield from rule.check(spec, spec.terway, state)


def _unseen(what: Id, why: str, codes: Iterable[str], document: Document) -> Diagnostic:
    message = f"cannot see {what} ({why}): {', '.join(codes)} not decided"
    advice = "have that right granted, or put what it shows into a folder for --from: docs/preflight.md"
    return Diagnostic(UNSEEN.id, UNSEEN.severity, document.path, START, message, advice)
