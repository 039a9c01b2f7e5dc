"""Another bootstrap token: the new one is in place before the old one goes, where both can live at once."""

from __future__ import annotations

from hybridc.catalog import ack, joins
from hybridc.lower.names import token_id, token_key
from hybridc.lower.steps import filters
from hybridc.lower.steps.day_two.day import Day, Nothing, Steps
from hybridc.lower.steps.step import Step, ask, chain, check, code, ossutil, word
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.spec.model import Spec

# The public half of a token, with or without the hash of the CA before it; the secret half is never printed.
_PUBLIC = "1{s/^K10[0-9a-f]*:://;s/[.].*//;p}"
_LIVES = "(.data.expiration // null) as $until | $until == null or ($until | @base64d | fromdateiso8601) > now"
OLD = ask("OLD_TOKEN", "the id that token.id printed: what stands before the dot")
"""The id of the token that goes, which :func:`which` reads."""
_MANAGED = Nothing("ACK's own script joins the nodes: there is no token of yours.")


def rotate(day: Day) -> Steps | Nothing:
    """The same spec; another token."""
    return _MANAGED if day.spec.node_init.mode != "script" else _rotate(day)


def _rotate(day: Day) -> Steps:
    if is_refreshed_in_cluster(day.spec):
        # Its id follows from the cluster: two of them cannot live at once.
        yield revoke(day, token_id(day.spec), "No pool grows until `token.put` is done: this token has one id.")
        yield day.again("token.put")
    else:
        yield which(day)
        yield _another(day)
    yield _see(day)
    if not is_refreshed_in_cluster(day.spec) and day.spec.node_init.join.method != "custom":
        seconds = day.spec.node_init.budget_seconds
        wait = f"**Not before {seconds} seconds after `token.put`**: nodes that join now have it."
        yield revoke(day, OLD, f"{wait} One that leaked goes at once.")


def _another(day: Day) -> Step | None:
    """The step that puts a token: here also while the one that goes is fresh, since that one is revoked."""
    step = day.again("token.put")
    if step is None or not step.published_by or day.spec.node_init.join.method != "kubeadm":
        return step
    return step._replace(published_by=f"{step.published_by} --renew")


def _object(spec: Spec) -> str:
    """The command that prints the public half of the token that nodes read; "" where it is not ours to read."""
    oss, join = spec.node_init.oss, spec.node_init.join
    if oss is None or join.token.source not in ("oss", "ramRole") or join.method == "custom":
        return ""
    url = word(f"oss://{oss.bucket}/{token_key(spec)}")
    return f"{ossutil(spec, 'cat', url)} | sed -n {word(_PUBLIC)}"


def which(day: Day) -> Step | None:
    """The id of the token that nodes read, for :data:`OLD`; None where the join is a command of the spec's own."""
    reads, method = _object(day.spec), day.spec.node_init.join.method
    if method == "custom":
        return None
    listed = f"{_program(method)} token list"
    command = chain(f"OLD_TOKEN=$({reads})", 'echo "$OLD_TOKEN"') if reads else listed
    return Step(
        "token.id",
        (),
        "RAM: oss:GetObject (publisher)" if reads else _owner(method),
        f"The id of the token that goes, which is public; {code(listed)} has them all.",
        command,
        "the id",
        "nothing was changed",
    )


def _program(method: str, before: str = "") -> str:
    if method == "kubeadm":
        return f"{before}kubeadm"
    return f"ssh {ask('SERVER', f'user@host of a {method} server')} sudo {before}{method}"


def _owner(method: str) -> str:
    return "kubeadm with the cluster's admin.conf" if method == "kubeadm" else f"root on a {method} server"


def _see(day: Day) -> Step | None:
    """The token that nodes read exists in the cluster and has not ended."""
    reads, method = _object(day.spec), day.spec.node_init.join.method
    if not reads or not (method == "kubeadm" or joins.join(method).agent):
        return None
    get = f'kubectl -n {ack.NAMESPACE} get secret bootstrap-token-"$id" -o json'
    looks = chain(f"id=$({reads})", '[ -n "$id" ]', filters.asks(get, _LIVES))
    return Step(
        "see.token",
        (),
        "RAM: oss:GetObject (publisher); kubectl: read the Secret",
        "The token that nodes read is one of the cluster, and has not ended.",
        check(f"(\n{looks}\n)", "nodes read a token that does not work: scaling out stops"),
        "the command ends with 0",
        "",
    )


def revoke(day: Day, token: str, when: str) -> Step:
    """The token with an id (a shell word) ends."""
    method = day.spec.node_init.join.method
    return Step(
        "token.old",
        (),
        _owner(method),
        f"The old token ends. {when} Nodes that have joined do not notice.",
        f"{_program(method, 'xargs ')} token delete <<<{token}",
        "it is no longer listed",
        "none: make another, `token.put`",
    )
