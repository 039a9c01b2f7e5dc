"""What the guard says before a sync: a code in its sentence, in the Application's status and in the pod's log."""

from __future__ import annotations

PAGES = {
    "SEC010": """\
The Secret `kube-system/alibaba-addon-secret` is missing, or a key of it.

Terway and most add-ons read their AccessKey there. A sync empties the two fields in `eni-config`, so without the
Secret Terway has none, and no pod on a cloud node gets an address. The guard refuses, and it cannot be accepted.

Fails::
    a sync into a cluster without the Secret
Passes::
    kubectl -n kube-system get secret alibaba-addon-secret

Source: onectl; Terway daemon/builder.go.
""",
    "CNI019": """\
Calico's annotations on a cloud node.

If calico-node ever ran there, `projectcalico.org/IPv4Address` makes every other node try to peer with it, and
routes flap. The guard says it in its log where it may list Nodes, and refuses nothing: `kubectl annotate node NODE
projectcalico.org/IPv4Address- projectcalico.org/IPv4IPIPTunnelAddr-` takes them away.

Fails::
    metadata: {annotations: {projectcalico.org/IPv4Address: 10.10.24.7/24}}
Passes::
    metadata: {annotations: {}}

Source: confd bgp_processor.go; libcalico resources/node.go.
""",
    "CNI040": """\
A workload that must stay off cloud nodes is not there.

`cluster.cni` says which DaemonSet the network plugin is. Where it has another name, the exclusion is given to nothing,
and the plugin starts on cloud nodes beside Terway. The guard refuses. Accepted, the hook passes such a workload over
as well; `recheck` brings the exclusion when it comes.

Fails::
    cluster: {cni: {daemonSet: {name: calico-nodes}}}
Passes::
    kubectl -n kube-system get daemonset calico-node

Source: hybridc.
""",
    "CNI041": """\
A workload requires nodeSelectorTerms that the spec does not know.

Every way of patching replaces the list as a whole, so these terms would be lost and the workload would start on nodes
that its owner had excluded. The guard compares before anything is applied, the hook once more before it patches; the
log holds the line for the spec. It cannot be accepted: write the terms into `existingNodeSelectorTerms`.

Fails::
    cluster: {cni: {existingNodeSelectorTerms: []}}      # and the live DaemonSet has a term
Passes::
    cluster: {cni: {existingNodeSelectorTerms: [{matchExpressions: [{key: rack, operator: Exists}]}]}}

Source: kube-apiserver, measured: nodeSelectorTerms has no merge key.
""",
    "CNI042": """\
Somebody else was to keep the network plugin off cloud nodes, and has not yet.

With delivery `component`, `values` and `manual` a person brings the exclusion. Until then a node with
`alibabacloud.com/external=true` fits the DaemonSet, and both plugins would write its network configuration. The guard
reads the DaemonSet itself, so it also sees what an operator made of its settings. Accept it where cloud nodes are kept
off in another way (a nodeSelector for a label that only IDC nodes have).

Fails::
    cluster: {cni: {delivery: manual}}      # and nobody ran the command yet
Passes::
    affinity: {nodeAffinity: {…: [{matchExpressions: [{key: alibabacloud.com/external, operator: NotIn, …}]}]}}

Source: Kubernetes, node affinity; two CNI plugins on one node: the file that sorts first wins.
""",
    "CNI043": """\
`delivery: ssa` for a workload that `kubectl apply` made.

The API server would give every field of it to Argo CD, and the next apply of the part would empty it: the sync fails
from then on and for ever. The guard refuses, and it cannot be accepted.

Fails::
    managedFields: [{manager: kubectl-client-side-apply, operation: Update}]
Passes::
    cluster: {cni: {delivery: hook}}

Source: kube-apiserver 1.37.2 and Argo CD 3.4.2, seen running.
""",
    "CNI044": """\
A machine of the IDC has the label of cloud nodes.

Terway starts on every node with `alibabacloud.com/external=true`, and the exclusion takes the IDC's plugin off it: its
pods lose their network. The guard looks, where it may list Nodes, for such nodes with an address in
`cluster.nodeCIDRs` or without `alibabacloud.com/nodepool-id`, and refuses with their names.

Fails::
    kubectl label node worker-1 alibabacloud.com/external=true      # a worker of the IDC
Passes::
    kubectl label node worker-1 alibabacloud.com/external-

Source: a public how-to for the ACK One CSI add-on labels all workers of a self-built cluster so.
""",
    "ENI040": """\
`eni-config` has a `10-terway.conflist` that hybridc did not write.

Terway takes it and not `10-terway.conf`, so what the spec says about the CNI configuration would hold nowhere. The
keys that hybridc wrote stand in the annotation `hybridc.dev/keys`. The guard refuses.

Fails::
    data: {10-terway.conflist: "…"}      # made by the add-on manager, or by hand
Passes::
    terway: {cniChain: [{type: terway}, {type: portmap, capabilities: {portMappings: true}}]}

Source: Terway docs/cni-chain.md, cmd/terway-cli/cni.go.
""",
    "VER020": """\
The API server is older than the kubelet of new nodes.

A kubelet must not be newer than the API server: the node registers and then misses fields that it needs. The guard
asks the API server.

Fails::
    cluster: {kubernetesVersion: 1.28.15}      # and the API server says 1.24
Passes::
    cluster: {kubernetesVersion: 1.24.3}

Source: Kubernetes, version skew policy.
""",
    "NET030": """\
kube-proxy dials an API server that a cloud node cannot reach.

kubespray and KubeKey give every node a proxy of its own and write its address (`https://127.0.0.1:6443`,
`lb.kubesphere.local`) into the ConfigMap `kube-proxy`, from which every node reads. A cloud node has no such proxy: no
Service answers there, and Terway never reaches the API server. The guard reads the ConfigMap.

Fails::
    server: https://127.0.0.1:6443
Passes::
    server: https://10.200.1.253:6443

Source: kubespray roles/kubernetes/kubeadm/tasks/main.yml, "Update server field in kube-proxy kubeconfig"; kubekey
1143.
""",
    "NODE040": """\
kube-proxy would not run on cloud nodes.

Clusters whose plugin replaces kube-proxy (Cilium, Calico's eBPF) often have none, and the plugin stays in the IDC. On
cloud nodes Terway needs the address of the API server's Service, and no Service would answer. The guard looks for
DaemonSet `kube-system/kube-proxy` and where it is scheduled. Accept it when cloud nodes get theirs in another way.

Fails::
    kubectl -n kube-system delete daemonset kube-proxy
Passes::
    kubectl -n kube-system get daemonset kube-proxy

Source: Terway README; typhoon 1501, capi-helm-charts 343.
""",
    "NODE041": """\
Another cloud-controller-manager looks after the nodes of this cluster.

A cloud-controller-manager deletes a NotReady Node that its own cloud does not know, and cloud nodes are none of its.
The guard says it in its log when nodes of the IDC have provider ids such as `vsphere://`, and refuses nothing. The
label `node.kubernetes.io/exclude-from-lifecycle-management` keeps newer ones off; whether ACK's own controller heeds it
too is not established.

Fails::
    spec: {providerID: "vsphere://4221…"}
Passes::
    nodeInit: {labels: {extra: {node.kubernetes.io/exclude-from-lifecycle-management: "true"}}}

Source: cloud-provider controllers/nodelifecycle/node_lifecycle_controller.go; cloud-provider-vsphere 677.
""",
    "GIT040": """\
A sync would delete a key that others keep in a ConfigMap.

A client-side apply deletes what the annotation `last-applied-configuration` names and the new object does not. What
`kubectl apply` once made names the keys of its maker. The guard refuses, names the key and the command that keeps it;
it cannot be accepted. Keys that hybridc itself wrote (annotation `hybridc.dev/keys`) may go.

Fails::
    kubectl apply -f ack-agent-config.yaml      # by hand, once
Passes::
    kubectl -n kube-system annotate configmap ack-agent-config kubectl.kubernetes.io/last-applied-configuration-

Source: kubectl apply, three-way merge; kube-apiserver 1.37.2, seen running.
""",
    "GIT041": """\
The guard could not look.

Its instructions are missing or empty, an object cannot be read, or the API server does not tell its version. A guard
that saw nothing refuses; it cannot be accepted.

Fails::
    kubectl -n kube-system get configmap hybridc-guard      # without the key checks
Passes::
    sync again, so that the instructions and rights are applied anew

Source: hybridc.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
