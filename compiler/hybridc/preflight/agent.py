"""The agent of the registered cluster: what ACK asks for new nodes, and how it was imported."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.live.state import State
from hybridc.preflight.looks import pod
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_WHERE = f"Deployment {ack.NAMESPACE}/{ack.AGENT}"


@live("LIVE002")
def no_agent(spec: Spec, state: State) -> Findings:
    """The agent of the registered cluster is not there, or does not run.

    ACK reaches the cluster through `ack-cluster-agent`, which also hands it the address of the node script from the
    ConfigMap `ack-agent-config`. Without it no node pool can make a node. The agent makes the ConfigMap as soon as it
    runs.

    Fails::
        a cluster that was never imported as a registered cluster
    Passes::
        kubectl -n kube-system get deployment ack-cluster-agent

    Source: alibabacloud-ack-connector pkg/tcp_tunnel/agent/meta_messenger.go.
    """
    registered = spec.alibaba_cloud.registered_cluster_id
    agent = state.deployment(ack.NAMESPACE, ack.AGENT)
    if agent is None:
        message = f"{_WHERE} is not in the cluster: it is not imported as {registered}"
        yield finding(registered, message, "import it: the step agent.private of hybridc steps")
    elif agent.get("spec", {}).get("replicas", 1) == 0 or agent.get("status", {}).get("availableReplicas", 0) == 0:
        yield finding(registered, f"{_WHERE} has no pod that runs", "look at its pods: kubectl -n kube-system get pods")
    elif state.config_map(ack.NAMESPACE, ack.AGENT_CONFIG) is None:
        message = (
            f"there is no ConfigMap {ack.NAMESPACE}/{ack.AGENT_CONFIG}, which the agent makes when it is connected"
        )
        yield finding(
            registered, message, "look at the agent's log, and at the cluster's state in the console", "warning"
        )


@live("NODE013")
def imported_over_the_public_network(spec: Spec, state: State) -> Findings:
    """The registered cluster was imported over the public network.

    Node pools need the private-network import of the agent. The spec does not say how the cluster was imported; the
    agent's variable `INTERNAL_ENDPOINT` does, and `hybridc preflight` reads it. Creating the first pool fails without.

    Fails::
        ack-cluster-agent with the public endpoint, and a node pool
    Passes::
        ack-cluster-agent with the private endpoint, and a node pool

    Source: ACK One "Before you begin", 2026-03-26; alibabacloud-ack-connector pkg/tcp_tunnel/agent.
    """
    agent = state.deployment(ack.NAMESPACE, ack.AGENT)
    containers = [] if agent is None else pod(agent).get("containers", [])
    told = [
        each.get("value") for one in containers for each in one.get("env", []) if each["name"] == ack.AGENT_INTERNAL
    ]
    if spec.node_pools and told and told[0] != "true":
        message = f"{_WHERE} has {ack.AGENT_INTERNAL}={told[0]}: the cluster was imported over the public network"
        advice = "import it anew over the private network: node pools need that"
        yield finding(spec.alibaba_cloud.registered_cluster_id, message, advice)
