"""SEC: how secrets are used: their lifetime, signed URLs, placeholders. What a secret looks like is in ``sec``."""

from __future__ import annotations

import re

from hybridc.rules.rule import DOCUMENT, Finding, Findings, finding, rule
from hybridc.rules.sec.looks import texts
from hybridc.source.document import Document
from hybridc.source.secrets import is_signed
from hybridc.spec.model import Spec
from hybridc.spec.origin import written

_MARKS = ("<path:", "ref+", "vault:", "ENC[")
_SHORTEST = 600
_PLACEHOLDER = re.compile(r"<path:[^<>]*>|\bref\+[a-z]+://|\bvault:[\w-]+/[\w/-]+#|\bENC\[[A-Z0-9_]+,")


@rule("SEC003")
def immortal_token(spec: Spec) -> Findings:
    """The bootstrap token never expires.

    `ttl: 0s` is what Alibaba's page advises so that scaling out goes on working. It is a secret for joining the
    cluster that lies in a bucket for ever. A token of a day that is renewed every hour works as well.

    Fails::
        nodeInit: {join: {token: {ttl: 0s}}}
    Passes::
        nodeInit: {join: {token: {ttl: 24h}}}

    Source: kubeadm token create --ttl 0; ACK One "Create a custom script for a node pool".
    """
    ttl = spec.node_init.join.token.ttl
    if spec.node_init.mode == "script" and spec.node_init.join.token.ttl_seconds == 0:
        yield finding(ttl, "a bootstrap token with this ttl never expires", "use 24h, and let refresh renew it")


@rule("SEC025")
def token_of_minutes(spec: Spec) -> Findings:
    """The bootstrap token lives for less than 10 minutes.

    An instance takes minutes to boot, to install and to join, and kubeadm tries again for some more. The token of a
    slow node ends before it has joined, and whatever renews it would have to run every few minutes.

    Fails::
        nodeInit: {join: {token: {ttl: 5m}}}
    Passes::
        nodeInit: {join: {token: {ttl: 24h}}}

    Source: the time budget of the node script; inferred for booting.
    """
    init = spec.node_init
    ttl = init.join.token.ttl
    if init.mode == "script" and init.join.method == "kubeadm" and 0 < init.join.token.ttl_seconds < _SHORTEST:
        yield finding(ttl, f"a token of {ttl} can end before a slow node has joined", "use at least 10m; 24h is usual")


@rule("SEC007", over=DOCUMENT)
def signed_url(document: Document) -> Findings:
    """A signed URL in the spec.

    The signature is a credential: whoever has the URL can read the object, and the spec and its output lie in Git. It
    also ends: a V4 signature after 7 days at most, so scaling out stops a week later.

    Fails::
        nodeInit:
          url: https://kubelet.oss-cn-shanghai.aliyuncs.com/init-7c2e69131a36.sh?x-oss-signature=0a1b
          oss: null
    Passes::
        nodeInit: {oss: {bucket: kubelet-idc-shanghai}}

    Source: OSS, presigned URLs.
    """
    if not is_signed(document.text):
        return
    for pointer, place, text in texts(document):
        if is_signed(text):
            advice = "use nodeInit.oss: a bucket policy for the VPC needs no signature"
            yield Finding(pointer, "this URL carries a signature, which is a credential", advice, place=place)


@rule("SEC009", over=DOCUMENT)
def secret_placeholder(document: Document) -> Findings:
    """A placeholder that a plugin would replace with a secret when manifests are made.

    argocd-vault-plugin, vals and SOPS put the secret into the manifests, which Argo CD keeps in plain text in its
    cache; its documentation cautions against that. hybridc passes such text on as it is.

    Fails::
        terway: {extraEniConf: {note: "<path:secret/data/ack#key>"}}
    Passes::
        terway: {credentials: addonSecret}

    Source: Argo CD, operator-manual/secret-management.
    """
    if not any(mark in document.text for mark in _MARKS):
        return
    for pointer, place, text in texts(document):
        if _PLACEHOLDER.search(text):
            advice = "let the cluster hold the secret (External Secrets, Sealed Secrets) and name it here"
            yield Finding(pointer, "this looks like a placeholder for a secret", advice, place=place)


@rule("SEC020")
def nobody_refreshes(spec: Spec) -> Findings:
    """The token ends, and nothing that hybridc writes renews it.

    With `ci` (the default) and `external` somebody else has to: a job that runs `kubeadm token create --ttl` and puts
    the token where the script reads it, more often than `ttl`. When nobody does, scaling out stops after `ttl`: new
    instances start, find an expired token and end as "Failed". `cronJob` keeps a kubeadm token alive in the cluster.

    Fails::
        nodeInit: {join: {token: {from: oss}}}
    Fails::
        nodeInit: {join: {token: {from: oss, refresh: external}}}
    Passes::
        nodeInit: {join: {token: {from: oss, refresh: cronJob}}}

    Source: kubeadm, token create; hybridc has no command for it yet.
    """
    token, method = spec.node_init.join.token, spec.node_init.join.method
    if spec.node_init.mode != "script" or token.source not in ("oss", "url") or token.refresh == "cronJob":
        return
    instead = "use refresh: cronJob; or name what renews it" if method == "kubeadm" else "name what renews it"
    yield finding(
        token.refresh if written(token.refresh) else token.source,
        f"scaling out stops {token.ttl} after the token was made, and nothing here renews it",
        f"{instead}, as the reason in checks.ignore",
    )
