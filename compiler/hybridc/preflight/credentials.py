"""The AccessKey that Terway and the add-ons use: whether it is there, and never what it is."""

from __future__ import annotations

from collections.abc import Iterator

from hybridc.catalog import ack
from hybridc.live.state import State
from hybridc.lower.bundle import Bundle
from hybridc.preflight.rule import BUNDLE, Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_KEYS = ("access-key-id", "access-key-secret")
_SECRET = f"Secret {ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}"
_STEP = "credentials.secret"


@live("SEC010", over=TERWAY)
def no_credentials(spec: Spec, terway: Terway, state: State) -> Findings:
    """The Secret `kube-system/alibaba-addon-secret` is missing, or a key of it.

    Terway and most add-ons read their AccessKey there. A sync empties the two fields in `eni-config`, so without the
    Secret Terway has none, and no pod on a cloud node gets an address. Guard and `hybridc preflight` refuse, and it
    cannot be accepted. Preflight asks for the metadata alone, which has the names of the keys and no value.

    Fails::
        a sync into a cluster without the Secret
    Passes::
        kubectl -n kube-system get secret alibaba-addon-secret

    Source: onectl; Terway daemon/builder.go.
    """
    if terway.credentials != "addonSecret":
        return
    for lacks, how in _lacks(state):
        message = f"{lacks}, and Terway would have no AccessKey"
        yield finding(terway.credentials, message, f"create it {how}: the step {_STEP} of hybridc steps")


def _lacks(state: State) -> Iterator[tuple[str, str]]:
    """What the Secret lacks, and how it is to be made."""
    keys = state.secret_keys(ack.NAMESPACE, ack.CREDENTIALS_SECRET)
    if keys is None:
        yield f"{_SECRET} is not in the cluster", "first"
    else:
        yield from ((f"{_SECRET} has no {key}", "anew") for key in _KEYS if key not in keys)


@live("SEC031", over=BUNDLE)
def no_credentials_of_the_addons(spec: Spec, bundle: Bundle, state: State) -> Findings:
    """The add-ons have no AccessKey: `alibaba-addon-secret` is missing, or a key of it.

    Without Terway, or with `terway.credentials: instanceRole`, a sync goes well without it, and the guard asks for
    nothing. The add-ons of the spec act as the RAM user all the same: they start, and every call of theirs is refused.

    Fails::
        addons: [{name: cloud-node-controller}]      # with cni.routing overlay, before the step credentials.secret
    Passes::
        kubectl -n kube-system get secret alibaba-addon-secret

    Source: onectl addon install; Alibaba Cloud, RAM permissions of the components of a registered cluster.
    """
    of_terway = spec.terway is not None and spec.terway.credentials == "addonSecret"
    if of_terway or all(step.id != _STEP for step in bundle.steps):
        return
    for lacks, how in _lacks(state):
        advice = f"create it {how}: the step {_STEP} of hybridc steps"
        yield finding("/spec/addons", f"{lacks}, and the add-ons would have no AccessKey", advice)
