"""ConfigMaps that others write too: what a sync would take from them, and what of them wins over it."""

from __future__ import annotations

import json
from typing import Any

from hybridc.catalog import ack
from hybridc.live.shapes import LAST_APPLIED
from hybridc.live.state import State
from hybridc.live.texts import access_key_fields
from hybridc.lower.eni_config import CHAIN, KEYS
from hybridc.lower.lower import written_with_others
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_ENI_CONFIG = f"ConfigMap {ack.NAMESPACE}/{ack.ENI_CONFIG}"


def _notes(item: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = item["metadata"].get("annotations", {})
    return found


@live("ENI040", over=TERWAY)
def foreign_chain(spec: Spec, terway: Terway, state: State) -> Findings:
    """`eni-config` has a `10-terway.conflist` that hybridc did not write.

    Terway takes it and not `10-terway.conf`, so what the spec says about the CNI configuration would hold nowhere. The
    keys that hybridc wrote stand in the annotation `hybridc.dev/keys`. Guard and `hybridc preflight` look.

    Fails::
        data: {10-terway.conflist: "…"}      # made by the add-on manager, or by hand
    Passes::
        terway: {cniChain: [{type: terway}, {type: portmap, capabilities: {portMappings: true}}]}

    Source: Terway docs/cni-chain.md, cmd/terway-cli/cni.go.
    """
    if terway.cni_chain:
        return
    there = state.one("ConfigMap", ack.NAMESPACE, ack.ENI_CONFIG) or {"metadata": {}}
    if there.get("data", {}).get(CHAIN) and CHAIN not in _notes(there).get(KEYS, "").split():
        message = f"{_ENI_CONFIG} has a {CHAIN} of somebody else, which Terway takes instead of what hybrid.yaml says"
        yield finding("/spec/terway", message, "write it as terway.cniChain, or remove the key")


@live("GIT040")
def key_that_a_sync_deletes(spec: Spec, state: State) -> Findings:
    """A sync would delete a key that others keep in a ConfigMap.

    A client-side apply deletes what the annotation `last-applied-configuration` names and the new object does not. What
    `kubectl apply` once made names the keys of its maker. Guard and `hybridc preflight` refuse, name the key and the
    command that keeps it; it cannot be accepted. Keys that hybridc itself wrote (annotation `hybridc.dev/keys`) may go.

    Fails::
        kubectl apply -f ack-agent-config.yaml      # by hand, once
    Passes::
        kubectl -n kube-system annotate configmap ack-agent-config kubectl.kubernetes.io/last-applied-configuration-

    Source: kubectl apply, three-way merge; kube-apiserver 1.37.2, seen running.
    """
    for ours in written_with_others(spec, ""):
        name = str(ours["metadata"]["name"])
        there = state.one("ConfigMap", ack.NAMESPACE, name)
        applied = {} if there is None else _notes(there)
        if LAST_APPLIED not in applied:
            continue
        keys = _names(applied[LAST_APPLIED])
        if keys is None:
            message = f"ConfigMap {ack.NAMESPACE}/{name} has a last-applied annotation that cannot be read"
            yield finding("/spec/gitops", message, f"remove it: {_forget(name)}")
        for key in sorted((keys or set()) - {*ours["data"], *applied.get(KEYS, "").split()}):
            message = (
                f"ConfigMap {ack.NAMESPACE}/{name} was made by kubectl apply and a sync would delete its key {key}"
            )
            yield finding("/spec/gitops", message, f"keep it with: {_forget(name)}")


def _names(applied: str) -> set[str] | None:
    """The keys of the data of a last-applied object; None when it cannot be read."""
    try:
        return set(json.loads(applied).get("data", {}))
    except (ValueError, AttributeError, TypeError):
        return None


def _forget(name: str) -> str:
    return f"kubectl -n {ack.NAMESPACE} annotate configmap {name} {LAST_APPLIED}-"


@live("SEC027", over=TERWAY)
def access_key_in_a_config_map(spec: Spec, terway: Terway, state: State) -> Findings:
    """`eni-config` holds an AccessKey.

    Whoever may read ConfigMaps in `kube-system` can read it, and backups and screenshots of the object have it. A sync
    empties the two fields, and Terway then takes its AccessKey from the Secret; what was readable once is known all the
    same. `hybridc preflight` asks whether a field is set, and keeps no value.

    Fails::
        eni_conf: '{"access_key": "…", "access_secret": "…"}'
    Passes::
        eni_conf: '{"access_key": "", "access_secret": ""}'

    Source: Terway docs/terway-with-cilium.md and daemon/builder.go: access_key, access_secret of eni_conf.
    """
    fields = access_key_fields((state.config_map(ack.NAMESPACE, ack.ENI_CONFIG) or {}).get("eni_conf", ""))
    if fields:
        message = f"{_ENI_CONFIG} holds an AccessKey ({', '.join(fields)} of eni_conf)"
        advice = "after the first sync make a new AccessKey, and disable this one: the step credentials.secret"
        yield finding(terway.credentials, message, advice)
