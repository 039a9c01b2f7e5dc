"""What lets a node in: certificate requests of kubelets, and the bootstrap token, whose value is never read."""

from __future__ import annotations

from typing import Any

from hybridc.catalog.kubernetes import KUBELET_SIGNERS
from hybridc.doctor.answer import Answer, listed, step
from hybridc.doctor.look import Look, duration, seconds
from hybridc.lower.names import token_secret
from hybridc.lower.token_refresh import NAME, is_refreshed_in_cluster

Data = dict[str, Any]
_YOUNG = 300.0
"""Seconds that a request may wait for its controller."""
_DECIDED = ("Approved", "Denied", "Failed")
_PUT = step("token.put")
NAMESPACE = "kube-system"


def requests(look: Look) -> Answer:
    """Whether a certificate request of a kubelet waits for somebody."""
    found = [each for each in look.state.all("CertificateSigningRequest") if _waits(each)]
    if not found:
        return Answer("ok", "no kubelet waits for a certificate")
    ages = [look.age(each["metadata"].get("creationTimestamp", "")) for each in found]
    young = all(age is not None and age < _YOUNG for age in ages)
    names = listed(f"{each['metadata']['name']} ({each['spec'].get('username', 'unknown')})" for each in found)
    out = "look who asks, then kubectl certificate approve; kube-controller-manager approves those of new nodes itself"
    return Answer("waiting" if young else "wrong", f"{len(found)} pending: {names}", out)


def _waits(request: Data) -> bool:
    conditions = request.get("status", {}).get("conditions", [])
    decided = any(each.get("type") in _DECIDED for each in conditions)
    return request.get("spec", {}).get("signerName") in KUBELET_SIGNERS and not decided


def token(look: Look) -> Answer:
    """Whether the bootstrap token that the cluster keeps alive is there, by when it was last written."""
    if not is_refreshed_in_cluster(look.spec):
        return Answer("by hand", "nothing in the cluster says which token nodes read, and when it ends")
    name = token_secret(look.spec)
    found = look.state.one("Secret", NAMESPACE, name)
    if found is None:
        late = look.went_live
        return Answer("wrong" if late else "waiting", f"Secret {NAMESPACE}/{name} is not there: no node can join", _PUT)
    meta = found["metadata"]
    written = [meta.get("creationTimestamp", ""), *(each.get("time", "") for each in meta.get("managedFields", ()))]
    age = look.age(max(written, key=lambda each: seconds(each) or 0))
    return _alive(age, look.spec.node_init.join.token.ttl_seconds)


def _alive(age: float | None, ttl: int) -> Answer:
    if ttl == 0:
        return Answer("ok", "is there, and has no end")
    if age is None:
        return Answer("not seen", "is there; nothing says how old it is")
    if age > ttl:
        return Answer("wrong", f"was written {duration(age)} ago and lived {duration(ttl)}", _PUT)
    return Answer("ok", f"was written {duration(max(age, 0))} ago and lives {duration(ttl)}")


def refresh(look: Look) -> Answer:
    """Whether the CronJob that keeps the token alive does so."""
    found = look.state.one("CronJob", NAMESPACE, NAME)
    if found is None:
        late = look.went_live
        return Answer("wrong" if late else "waiting", f"CronJob {NAMESPACE}/{NAME} is not there", step("gitops.sync"))
    if found.get("spec", {}).get("suspend"):
        return Answer(
            "wrong",
            f"CronJob {NAMESPACE}/{NAME} is suspended: the token will end",
            f"kubectl -n {NAMESPACE} get cronjob {NAME}",
        )
    succeeded = found.get("status", {}).get("lastSuccessfulTime", "")
    if not succeeded:
        return Answer("waiting", "has not succeeded yet", f"look at its Jobs: kubectl -n {NAMESPACE} get jobs")
    age, ttl = look.age(succeeded), look.spec.node_init.join.token.ttl_seconds
    if age is None:
        return Answer("not seen", f"succeeded at {succeeded}; nothing says how long ago that is")
    # It runs three times in the life of the token.
    if age > ttl / 2:
        return Answer(
            "wrong", f"last succeeded {duration(age)} ago", f"look at its Jobs: kubectl -n {NAMESPACE} get jobs"
        )
    return Answer("ok", f"last succeeded {duration(max(age, 0))} ago")
