"""The API server and the kubelets that will join it."""

from __future__ import annotations

from hybridc.catalog import kubernetes
from hybridc.live.state import State
from hybridc.preflight.machines import Data, is_virtual, kubelet_minor, kubelet_version, listed, several
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec


@live("VER020")
def kubelet_newer_than_the_api_server(spec: Spec, state: State) -> Findings:
    """The API server is older than the kubelet of new nodes.

    A kubelet must not be newer than the API server: the node registers and then misses fields that it needs. The guard
    asks the API server, and so does `hybridc preflight`.

    Fails::
        cluster: {kubernetesVersion: 1.28.15}      # and the API server says 1.24
    Passes::
        cluster: {kubernetesVersion: 1.24.3}

    Source: Kubernetes, version skew policy.
    """
    wanted = spec.cluster.minor
    if spec.node_init.mode == "script" and state.minor < wanted:
        message = f"the API server is {state.version} and new nodes would get kubelet {spec.cluster.kubernetes_version}"
        advice = "upgrade the control plane first, or correct kubernetesVersion"
        yield finding(spec.cluster.kubernetes_version, message, advice)


@live("LIVE003")
def another_kubernetes(spec: Spec, state: State) -> Findings:
    """The cluster has a newer Kubernetes than the spec says.

    New nodes get the kubelet of `kubernetesVersion`, and catalog and rules judge by it. An older kubelet works for some
    minors (three, before 1.28 two); after an upgrade of the cluster the spec should follow (`hybridc steps --for
    upgrade-kubernetes`).

    Fails::
        cluster: {kubernetesVersion: 1.32.9}      # and the API server says 1.34.2
    Passes::
        cluster: {kubernetesVersion: 1.34.2}

    Source: Kubernetes, version skew policy.
    """
    if state.minor > spec.cluster.minor:
        supported = kubernetes.oldest_kubelet(state.minor)
        far = f", and no kubelet older than 1.{supported} is supported" if spec.cluster.minor < supported else ""
        message = f"the API server is {state.version}, hybrid.yaml says {spec.cluster.kubernetes_version}{far}"
        advice = "set kubernetesVersion to what the cluster runs: hybridc steps --for upgrade-kubernetes"
        yield finding(spec.cluster.kubernetes_version, message, advice)


@live("VER022")
def kubelets_that_the_api_server_does_not_serve(spec: Spec, state: State) -> Findings:
    """Kubelets of the cluster are too old for its API server, or newer than it.

    An API server serves kubelets that are at most three minors older (before 1.28 two), and none that is newer: fields
    that one of both does not know are lost, and pods of such a node fail in ways that look like the network's. It is
    seen on machines of the IDC that nobody upgraded; with the next upgrade of the control plane it grows. Virtual nodes
    have a version of their own and are passed over.

    Fails::
        kubeletVersion: v1.29.6      # and the API server says v1.34.2
    Passes::
        kubeletVersion: v1.31.9

    Source: Kubernetes, version skew policy.
    """
    minor = state.minor
    oldest = kubernetes.oldest_kubelet(minor)
    kubelets = [(node, at) for node in state.nodes if not is_virtual(node) and (at := kubelet_minor(node)) is not None]
    old = [_told(node) for node, at in kubelets if at < oldest]
    new = [_told(node) for node, at in kubelets if at > minor]
    if old:
        message = f"{several('Node', old, 'has', 'have')} a kubelet older than 1.{oldest}, and the API server is"
        yield finding(
            spec.cluster.kubernetes_version, f"{message} {state.version}: {listed(old)}", "upgrade these kubelets first"
        )
    if new:
        message = f"{several('Node', new, 'has', 'have')} a kubelet newer than the API server, which is"
        yield finding(
            spec.cluster.kubernetes_version, f"{message} {state.version}: {listed(new)}", "upgrade the control plane"
        )


def _told(node: Data) -> str:
    return f"{node['metadata']['name']} {kubelet_version(node)}"
