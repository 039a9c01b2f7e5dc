"""What the guard alone says before a sync: a code in its sentence, in the Application's status and in the pod's log.

What ``hybridc preflight`` says as well is documented by its rule.
"""

from __future__ import annotations

PAGES = {
    "NET033": """\
A node that joins is sent to an API server that it cannot reach.

kubeadm reads ConfigMap `kube-public/cluster-info` from `cluster.apiServer`, and goes on with the server that stands
there: the kubelet dials it for good. kubespray and KubeKey may leave an address or a name there that only nodes of the
IDC know. The guard refuses what `NET030` refuses. A cloud node asks that server before it joins, and ends with exit 15.

Fails::
    server: https://lb.kubesphere.local:6443
Passes::
    nodeInit: {hosts: {lb.kubesphere.local: 10.200.1.253}}

Source: kubeadm cmd/kubeadm/app/discovery/token/token.go (1.37.2); kubekey 1143.
""",
    "NET034": """\
kube-proxy hides pods of cloud nodes behind their node's address.

It masquerades what comes to the address of a Service from outside its own pods' range, and takes pods of cloud nodes,
which have addresses of the VPC, for strangers (`NET022`). The guard reads `clusterCIDR` and `detectLocalMode`, says it
in its log, and refuses nothing: traffic flows. With `NodeCIDR` kube-proxy also ends on a Node that gets no podCIDR.
Read in the source, not run with Terway.

Fails::
    clusterCIDR: 10.100.0.0/16
Passes::
    clusterCIDR: ""

Source: Kubernetes 1.37.2, pkg/proxy/iptables/proxier.go, pkg/proxy/node.go, cmd/kube-proxy/app/server_linux.go.
""",
    "NODE043": """\
What a node needs to join is not in the cluster.

kubeadm reads ConfigMap `kube-public/cluster-info` first, and takes its CA only when the hash of one of the certificates
there is in `cluster.caCertHashes`. Without the ConfigMap, or with the hash of another cluster or of a CA that was
replaced, no node joins, and the autoscaler buys the next. Accept it while a CA is being replaced.

Fails::
    cluster: {caCertHashes: ["sha256:…"]}      # of another cluster
Passes::
    hybridc explain INIT008      # how the hash is computed

Source: kubeadm cmd/kubeadm/app/discovery/token/token.go and app/util/pubkeypin (1.37.2).
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
