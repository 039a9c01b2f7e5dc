"""What a person brings around a sync: the agent, the Secret of the add-ons, the disabled IP pools."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.doctor.answer import Answer, listed, step
from hybridc.doctor.look import Look

_KEYS = ("access-key-id", "access-key-secret")


def agent(look: Look) -> Answer:
    """Whether the agent of the registered cluster runs."""
    name, out = f"Deployment {ack.NAMESPACE}/{ack.AGENT}", step("agent.private")
    found = look.state.deployment(ack.NAMESPACE, ack.AGENT)
    if found is None:
        return Answer("wrong" if look.went_live else "waiting", f"{name} is not there", out)
    if not found.get("status", {}).get("availableReplicas", 0):
        return Answer("wrong", f"{name} has no pod that runs", f"look at its pods: kubectl -n {ack.NAMESPACE} get pods")
    return Answer("ok", f"{name} runs")


def credentials(look: Look) -> Answer:
    """Whether the Secret of the add-ons has its two keys."""
    name, out = f"Secret {ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}", step("credentials.secret")
    keys = look.state.secret_keys(ack.NAMESPACE, ack.CREDENTIALS_SECRET)
    if keys is None:
        return Answer("wrong" if look.went_live else "waiting", f"{name} is not there", out)
    missing = [key for key in _KEYS if key not in keys]
    if missing:
        return Answer("wrong", f"{name} has no {', '.join(missing)}", out)
    return Answer("ok", f"{name} has its keys")


def ip_pools(look: Look) -> Answer:
    """Whether each disabled pool is there, and disabled."""
    wanted = {str(item["spec"]["cidr"]) for item in look.bundle.ip_pools}
    live = {pool.get("spec", {}).get("cidr", ""): pool["spec"] for pool in look.state.all("IPPool") if "spec" in pool}
    used = sorted(cidr for cidr in wanted & live.keys() if not live[cidr].get("disabled"))
    if used:
        seen = f"{listed(used)}: not disabled, so pods of the IDC get addresses of the VPC"
        return Answer("wrong", seen, step("ippools"))
    missing = sorted(wanted - live.keys())
    if missing:
        return Answer("waiting", f"{listed(missing)}: not there", step("ippools"))
    return Answer("ok", f"{len(wanted)} disabled pools are there")
