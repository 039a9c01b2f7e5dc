"""The AccessKey that Terway and the add-ons use: whether it is there, and never what it is."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.live.state import State
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import TERWAY, finding
from hybridc.spec.model import Spec, Terway

_KEYS = ("access-key-id", "access-key-secret")


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
    secret = f"Secret {ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}"
    keys = state.secret_keys(ack.NAMESPACE, ack.CREDENTIALS_SECRET)
    if keys is None:
        message = f"{secret} is not in the cluster, and Terway would have no AccessKey"
        yield finding(terway.credentials, message, "create it first: the step credentials.secret of hybridc steps")
    for key in _KEYS:
        if keys is not None and key not in keys:
            message = f"{secret} has no {key}, and Terway would have no AccessKey"
            yield finding(terway.credentials, message, "create it anew: the step credentials.secret of hybridc steps")
