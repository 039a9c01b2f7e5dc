"""Secrets that a spec names and a person makes: whether they are there, with the keys that are read; no value is."""

from __future__ import annotations

from hybridc.live.reads import Id
from hybridc.live.state import State
from hybridc.lower.jobs import NAMESPACE
from hybridc.lower.names import token_secret
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_REGISTRY_KEYS = (".dockerconfigjson", ".dockercfg")
_TOKEN_KEYS = ("token-id", "token-secret", "usage-bootstrap-authentication", "usage-bootstrap-signing")


def wanted(spec: Spec) -> list[Id]:
    """What the rules here ask for by name."""
    names = [str(name) for name in spec.gitops.image_pull_secrets]
    return [Id("Secret", NAMESPACE, name) for name in (*names, *_token(spec))]


def _token(spec: Spec) -> list[str]:
    return [str(token_secret(spec))] if is_refreshed_in_cluster(spec) else []


@live("SEC029")
def no_pull_secret(spec: Spec, state: State) -> Findings:
    """A Secret of `gitops.imagePullSecrets` is missing, or holds no credentials of a registry.

    Guard, hook and CronJobs run in `kube-system`, and hybridc writes no Secret. Without one the kubelet pulls as
    nobody: a registry that refuses that ends every sync with a failure after five minutes. The kubelet passes over a
    Secret that has neither `.dockerconfigjson` nor `.dockercfg`.

    Fails::
        gitops: {imagePullSecrets: [registry-idc]}      # and registry-idc is in the namespace default alone
    Passes::
        kubectl -n kube-system create secret docker-registry registry-idc --docker-server=registry.idc.example.com …

    Source: kubelet pkg/kubelet/kubelet_pods.go, getPullSecretsForPod; pkg/credentialprovider/secrets/secrets.go.
    """
    for name in spec.gitops.image_pull_secrets:
        secret = f"Secret {NAMESPACE}/{name}"
        keys = state.secret_keys(NAMESPACE, str(name))
        advice = "make it there, of the type docker-registry: docs/delivery.md, gitops.jobImage"
        if keys is None:
            yield finding(name, f"{secret} is not in the cluster: {spec.gitops.job_image} is pulled without it", advice)
        elif not keys.intersection(_REGISTRY_KEYS):
            message = f"{secret} has no {' and no '.join(_REGISTRY_KEYS)}: the kubelet passes it over"
            yield finding(name, message, advice)


@live("SEC030")
def no_token_to_refresh(spec: Spec, state: State) -> Findings:
    """The bootstrap token that a CronJob is to keep alive is not in the cluster, or lacks a key.

    With `join.token.refresh: cronJob` a person makes it once, with an id that follows from the cluster's name. Until
    then every run of the CronJob ends with an error, and no node joins; one that was made and has ended since is
    deleted by the cluster. The API server takes a token whose Secret has `usage-bootstrap-authentication`, kubeadm one
    with `usage-bootstrap-signing`. Keys are looked at, and no value.

    Fails::
        nodeInit: {join: {token: {refresh: cronJob}}}      # before the step token.put
    Passes::
        kubectl -n kube-system get secret bootstrap-token-61c5f0

    Source: kubernetes plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go; kubeadm phases/bootstraptoken.
    """
    for name in _token(spec):
        secret, place = f"Secret {NAMESPACE}/{name}", spec.node_init.join.token.refresh
        keys = state.secret_keys(NAMESPACE, name)
        if keys is None:
            message = f"{secret} is not in the cluster: the CronJob has no token to keep alive, and no node joins"
            yield finding(place, message, "make it before the sync: the step token.put of hybridc steps")
        elif missing := [key for key in _TOKEN_KEYS if key not in keys]:
            message = f"{secret} has no {', '.join(missing)}: no node joins with this token"
            yield finding(place, message, f"kubectl -n {NAMESPACE} delete secret {name}, then the step token.put")
