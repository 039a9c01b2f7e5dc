"""What the node script reports on the node."""

from __future__ import annotations

PAGES = {
    "ID008": """\
A node's provider id is not `<region>.<instance id>`.

ACK finds the instance of a node by it; with another one the node counts as lost and is removed. It is made on the
node, from ALIBABA_CLOUD_PROVIDER_ID, so this cannot be decided from a spec: the node script refuses to join with
a wrong one and says so in its log.

Fails::
    ALIBABA_CLOUD_PROVIDER_ID=i-bp1abcdefghij
Passes::
    ALIBABA_CLOUD_PROVIDER_ID=cn-hangzhou.i-bp1abcdefghij

Source: ACK One, "Create a custom script for a node pool"; cloud-provider-alibaba-cloud.
""",
    "ID009": """\
A node's name is not one that Kubernetes takes.

An RFC 1123 subdomain of at most 253 characters; with another name kubelet registers nothing. The name is given by
ALIBABA_CLOUD_NODE_NAME on the node (`<region>.<private address>`), so this cannot be decided from a spec: the node
script refuses to join with a wrong one and says so in its log.

Fails::
    ALIBABA_CLOUD_NODE_NAME=My_Node
Passes::
    ALIBABA_CLOUD_NODE_NAME=cn-hangzhou.10.10.24.7

Source: kubelet, measured; ACK One, "Create a custom script for a node pool".
""",
    "INIT007": """\
The bootstrap token has another form than kubeadm's.

With k3s and RKE2: one that is a server's, that does not name the CA or, in OSS, that has no end.

No spec holds the token, so the node checks it when it has fetched it and ends with exit code 14; `hybridc publish
token` checks it before it is put into OSS.

Fails::
    a join command, or a token with a line of text around it
Passes::
    6 letters or digits, a dot, 16 letters or digits

Source: kubeadm, BootstrapTokenPattern.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
