"""INIT: how a node joins. Where it joins is in ``init_endpoint``, what it installs in ``init_host``."""

from __future__ import annotations

import re
from ipaddress import ip_address

from hybridc.catalog import ack, bash, joins, kubernetes
from hybridc.diagnostic import ERROR, WARNING
from hybridc.rules.partial import members
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import sure
from hybridc.spec.model import Spec, Terway
from hybridc.spec.origin import written

_RESERVED = re.compile(r"(?:[^/]+\.)?(?:kubernetes|k8s)\.io/")
_ALLOWED = re.compile(
    r"(?:kubernetes\.io/(?:hostname|os|arch)|beta\.kubernetes\.io/(?:instance-type|os|arch)"
    r"|(?:topology|failure-domain\.beta)\.kubernetes\.io/(?:zone|region)|(?:[^/]+\.)?(?:kubelet|node)\.kubernetes\.io/.*)\Z"
)
_LEAST_BUDGET = 600
_SWITCH = "HYBRIDC_WITHOUT_ACK"
"""The variable by which a person makes a node without ACK (chart-templates/node)."""


@rule("INIT009")
def unpinned_ca(spec: Spec) -> Findings:
    """Nodes join without a look at the cluster's CA.

    Whoever answers at the API server's address gets a bootstrap token and hands the node its configuration: one
    forged DNS answer is enough.

    Fails::
        nodeInit: {join: {unsafeSkipCAVerification: true}}
    Passes::
        cluster: {caCertHashes: ["sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"]}

    Source: kubeadm join --discovery-token-unsafe-skip-ca-verification.
    """
    flag = spec.node_init.join.unsafe_skip_ca_verification
    if flag and spec.node_init.join.method == "kubeadm":
        advice = "remove it and give cluster.caCertHashes: hybridc explain INIT008 says how to compute them"
        yield finding(flag, "nodes would join without a check of the cluster's CA", advice)


@rule("INIT012")
def restricted_label(spec: Spec) -> Findings:
    """A label that a kubelet may not set.

    Names under `kubernetes.io` and `k8s.io` are the control plane's, but for a short list. The API server refuses the
    whole node for one of them (`node-role.kubernetes.io/worker` is the common case). With `labels.restricted: drop`
    the node script leaves it out and says so in its log; with `fail` the node does not join, which is an error here.

    Fails::
        nodePools: [{labels: {node-role.kubernetes.io/worker: "true"}}]
    Passes::
        nodePools: [{labels: {workload: cpu}}]

    Source: kubelet, --node-labels; NodeRestriction admission.
    """
    restricted = spec.node_init.labels.restricted
    severity = ERROR if restricted == "fail" else WARNING
    effect = "no node of it would join" if restricted == "fail" else "the node script leaves it out"
    holders = [spec.node_init.labels.extra, *(pool.labels for pool in spec.node_pools)]
    for labels in holders:
        for key, _ in members(labels):
            if _RESERVED.match(key) and not _ALLOWED.match(key):
                advice = f"set it after the join: kubectl label node <name> {key}=…"
                yield finding(key, f"a kubelet may not set the label {key}: {effect}", advice, severity)


@rule("INIT015")
def removed_flag(spec: Spec) -> Findings:
    """A kubelet flag that this Kubernetes version no longer has.

    The kubelet does not start with it, so no cloud node joins; nodes that an older script made go on working, which
    makes it look like a network problem.

    Fails::
        cluster: {kubernetesVersion: 1.36.2}
        nodeInit: {os: ubuntu-24.04, kubeletExtraArgs: {pod-infra-container-image: "pause:3.9"}}
        nodePools: [{image: {type: null, id: m-uf6a1b2c3d4e5f6}}]
    Passes::
        cluster: {kubernetesVersion: 1.36.2}
        nodeInit: {os: ubuntu-24.04, containerd: {sandboxImage: "registry.k8s.io/pause:3.10"}}
        nodePools: [{image: {type: null, id: m-uf6a1b2c3d4e5f6}}]

    Source: Kubernetes changelogs; kubelet 1.36, seen running.
    """
    for flag in spec.node_init.kubelet_extra_args:
        removed = kubernetes.removed_kubelet_flag(flag, spec.cluster.minor)
        if removed is not None:
            version = spec.cluster.kubernetes_version
            yield finding(flag, f"--{flag} was removed in 1.{removed}: kubelet {version} does not start", "remove it")


@rule("INIT016")
def node_ip(spec: Spec) -> Findings:
    """`node-ip` is given for all nodes at once.

    Alibaba's sample passes `--node-ip=$ALIBABA_CLOUD_NODE_NAME`, which is no address and is ignored. An address would
    be the same one on every node. The kubelet finds its own; under dual stack the node script gives it both.

    Fails::
        nodeInit: {kubeletExtraArgs: {node-ip: $ALIBABA_CLOUD_NODE_NAME}}
    Passes::
        nodeInit: {kubeletExtraArgs: {node-ip: "::"}}

    Source: kubelet, ParseNodeIPArgument.
    """
    value = spec.node_init.kubelet_extra_args.get("node-ip")
    if value is None:
        return
    try:
        if ip_address(value).is_unspecified:
            return
        problem = f"every node would claim the address {value}"
    except ValueError:
        problem = f'node-ip "{value}" is not an address'
    yield finding(
        value, problem, "remove it: the kubelet takes its own address, and under dual stack the node script gives both"
    )


@rule("INIT017")
def own_flag(spec: Spec) -> Findings:
    """A kubelet flag that the node script sets from what ACK hands over.

    Name, provider id, labels and taints come from ACK and are checked by the script. `hostname-override` is the common
    mistake: kubeadm would wait for a node of another name, and before 1.34 it ends with an error after the kubelet is
    up. The spec's value has no effect.

    Fails::
        nodeInit: {kubeletExtraArgs: {node-labels: workload=cpu}}
    Passes::
        nodeInit: {labels: {extra: {workload: cpu}}}

    Source: kubeadm before 1.34: error uploading crisocket.
    """
    instead = {"node-labels": "nodeInit.labels.extra", "register-with-taints": "nodePools[].taints"}
    for flag in spec.node_init.kubelet_extra_args:
        if flag in ack.SCRIPT_FLAGS:
            advice = f"use {instead[flag]}" if flag in instead else "remove it"
            yield finding(flag, f"the node script sets --{flag} itself: this value would have no effect", advice)


@rule("INIT048")
def cgroup_driver(spec: Spec) -> Findings:
    """The kubelet is told another cgroup driver than containerd has.

    The node script configures containerd with systemd's cgroups. A kubelet with `cgroupfs` joins, and no pod of it
    starts: "expected cgroupsPath to be of format slice:prefix:name". Where the cluster's own kubelet-config says
    cgroupfs the script lets containerd follow; a flag of the spec it takes as it is.

    Fails::
        nodeInit: {kubeletExtraArgs: {cgroup-driver: cgroupfs}}
    Passes::
        nodeInit: {kubeletExtraArgs: {}}

    Source: containerd#4857; Kubernetes documentation, "Configuring a cgroup driver".
    """
    value = spec.node_init.kubelet_extra_args.get("cgroup-driver")
    if value is None or value == "systemd" or joins.join(spec.node_init.join.method).agent:
        return
    advice = "remove it: containerd follows the driver that the kubelet-config of the cluster says"
    yield finding(value, f"cgroup-driver {value}, and containerd has systemd: no pod would start", advice)


@rule("INIT030")
def all_preflight_errors(spec: Spec) -> Findings:
    """All of kubeadm's preflight errors are ignored.

    Each of them is a node that joins and then does not work, or a second join over a live node.

    Fails::
        nodeInit: {join: {ignorePreflightErrors: [all]}}
    Passes::
        nodeInit: {join: {ignorePreflightErrors: [SystemVerification]}}

    Source: kubeadm join --ignore-preflight-errors.
    """
    for name in spec.node_init.join.ignore_preflight_errors:
        if name.lower() == "all":
            yield finding(name, "all preflight errors are ignored", "name the checks that may fail")


@rule("INIT031")
def supervisor(spec: Spec) -> Findings:
    """The server of k3s or RKE2 is not where an agent looks for it.

    An agent takes https only (the schema sees to that), and RKE2's supervisor listens on port 9345: on 6443 there is
    the API server, which does not know the agent's protocol.

    Fails::
        nodeInit: {join: {method: rke2, server: "https://10.0.0.1:6443"}}
    Passes::
        nodeInit: {join: {method: rke2, server: "https://10.0.0.1:9345"}}

    Source: k3s and RKE2 documentation, agent configuration.
    """
    join = spec.node_init.join
    port = joins.join(join.method).supervisor
    if port is not None and join.server is not None and not re.search(rf":{port}(?:/|\Z)", sure(join.server)):
        advice = f"use port {port}, unless a load balancer maps another one to it"
        yield finding(join.server, f"{join.server} does not name RKE2's supervisor port", advice)


@rule("INIT034")
def managed_join(spec: Spec) -> Findings:
    """`nodeInit.mode: managed` with a Kubernetes that ACK's own join does not know.

    Node pools of registered clusters join stock kubeadm clusters of 1.26, 1.28, 1.30, 1.31 or later by themselves. Any
    other needs a script: its nodes would end as "Failed".

    Fails::
        cluster: {kubernetesVersion: 1.29.4}
        terway: {version: 1.8.18}
        nodeInit: {mode: managed, join: null, oss: null}
    Passes::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit: {mode: managed, join: null, oss: null}

    Source: ACK One "Create and manage node pools".
    """
    if spec.node_init.mode == "managed" and not ack.joins_without_script(spec.cluster.minor):
        yield finding(
            spec.node_init.mode,
            f"ACK's own join knows kubeadm 1.26, 1.28, 1.30, 1.31 and later, not {spec.cluster.kubernetes_version}",
            "use nodeInit.mode: script",
        )


@rule("INIT035")
def script_is_optional(spec: Spec) -> Findings:
    """ACK could join nodes of this cluster without a script.

    For stock kubeadm of 1.26, 1.28, 1.30, 1.31 or later. Keep the script for private registries, GPUs, a proxy, a
    pinned containerd, or to have labels verified after the join.

    Fails::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit: {mode: null}
    Passes::
        cluster: {kubernetesVersion: 1.34.2}
        nodeInit: {mode: script}

    Source: ACK One "Create and manage node pools".
    """
    init = spec.node_init
    if init.mode != "script" or init.join.method != "kubeadm" or written(init.mode):
        return
    if ack.joins_without_script(spec.cluster.minor):
        yield finding(
            init.mode,
            f"a script is optional for kubeadm {spec.cluster.kubernetes_version}: ACK can join its nodes itself",
            "write mode: script to keep it, or mode: managed to do without",
        )


@rule("INIT040", over=TERWAY)
def topology_labels(spec: Spec, terway: Terway) -> Findings:
    """Terway's centralized IPAM is asked for, and nodes get no topology labels.

    Its controller ignores nodes without region, zone and instance type, and no pod on them gets an address.

    Fails::
        terway: {extraEniConf: {ipam_type: crd}}
        nodeInit: {labels: {topology: false}}
    Passes::
        nodeInit: {labels: {topology: true}}

    Source: Terway pkg/controller/common, NewNodeInfo.
    """
    if spec.node_init.labels.topology or terway.extra_eni_conf.get("ipam_type") != "crd":
        return
    advice = "remove topology: false"
    yield finding(spec.node_init.labels.topology, "ipam_type crd needs the topology labels on every node", advice)


@rule("INIT041")
def budget(spec: Spec) -> Findings:
    """The time budget is shorter than what a slow but healthy join may take.

    kubeadm may wait 5 minutes for the API server and for its certificate; packages come on top. When the budget ends
    first, a node that was about to join is given up and shown as "Failed".

    Fails::
        nodeInit: {budgetSeconds: 300}
    Passes::
        nodeInit: {budgetSeconds: 1500}

    Source: the timeouts that the node script writes (discovery 2m, tlsBootstrap 3m); inferred for packages.
    """
    seconds = spec.node_init.budget_seconds
    if spec.node_init.mode == "script" and seconds < _LEAST_BUDGET:
        message = f"{seconds} s are less than a slow join takes: kubeadm alone may wait 300 s"
        yield finding(seconds, message, f"give it at least {_LEAST_BUDGET}; the default is 1500")


@rule("INIT052")
def token_variable(spec: Spec) -> Findings:
    """The variable of the token is one that somebody else sets or reads.

    What bash sets itself never arrives in the script (`RANDOM`, `PPID`), and what bash or the loader reads when it
    starts does harm or puts the token into a log (`PATH`, `BASH_ENV`, `LC_ALL`, `LD_PRELOAD`). `ALIBABA_CLOUD_…` is
    what ACK hands over. Any other name works, also one that the script uses itself: it takes the token before all else.

    Fails::
        nodeInit: {join: {token: {from: env, name: PATH}}}
    Fails::
        nodeInit: {join: {token: {from: env, name: ALIBABA_CLOUD_LABELS}}}
    Passes::
        nodeInit: {join: {token: {from: env, name: TOKEN}}}

    Source: bash(1) 5.2, Shell Variables; ld.so(8), ENVIRONMENT.
    """
    token = spec.node_init.join.token
    if token.source != "env" or token.name is None:
        return
    who = "ACK" if token.name.startswith(ack.SCRIPT_INPUTS) else bash.taken_by(token.name)
    if who is None and token.name == _SWITCH:
        who = "the node script"
    if who is not None:
        yield finding(
            token.name,
            f"{token.name} is a variable of {who}: no token arrives in it",
            "name it HYBRIDC_BOOTSTRAP_TOKEN",
        )
