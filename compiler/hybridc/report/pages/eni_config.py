"""What only ``validate --eni-config`` reports."""

from __future__ import annotations

PAGES = {
    "ENI009": """\
No security group for pod ENIs.

Terway then takes those of the node's primary ENI, so whoever changes the nodes' groups changes the pods' as well.
A spec cannot be without one (`vpc.securityGroups` is required); `validate --eni-config` says so of a live
eni-config.

Fails::
    data: {eni_conf: '{"vswitches": {"cn-hangzhou-j": ["vsw-bp1pod"]}}'}
Passes::
    data: {eni_conf: '{"vswitches": {"cn-hangzhou-j": ["vsw-bp1pod"]}, "security_groups": ["sg-bp1f3h5j7l9n1p3r5t7v"]}'}

Source: Terway daemon/builder.go.
""",
    "ENI021": """\
`service_cidr` is missing or is not the cluster's.

Terway keeps Service traffic on the node by it; with another one Services are unreachable from pods, and with none
it looks into kubeadm's ConfigMap, which other clusters do not have. hybridc writes it from `cluster.serviceCIDRs`,
so a spec cannot be wrong here; `validate --eni-config` says when a live eni-config has none.

Fails::
    data: {eni_conf: '{"vswitches": {"cn-hangzhou-j": ["vsw-bp1pod"]}}'}
Passes::
    data: {eni_conf: '{"vswitches": {"cn-hangzhou-j": ["vsw-bp1pod"]}, "service_cidr": "172.16.0.0/16"}'}

Source: Terway pkg/k8s/k8s.go; Alibaba Cloud, "Customize Terway configuration parameters".
""",
    "ENI022": """\
`eni_tags` lacks the cluster's own tag.

ENIs without `ack.aliyun.com=<cluster id>` belong to nobody in the console, and whatever cleans up by that tag
passes them by. hybridc always writes it; `validate --eni-config` says when a live eni-config has none.

Fails::
    data: {eni_conf: '{"eni_tags": {"team": "platform"}}'}
Passes::
    data: {eni_conf: '{"eni_tags": {"team": "platform", "ack.aliyun.com": "c0123456789abcdef0123456789abcdef"}}'}

Source: ACK's own eni-config template.
""",
    "CNI003": """\
IPVLAN with Terway 1.13.0 or later.

It is deprecated there, unsupported at HEAD, and turned into datapathv2 on new nodes: nodes of one pool then have
two datapaths. A spec cannot ask for it (`datapath` is veth or datapathv2); `validate --eni-config` says so of a
live eni-config.

Fails::
    data: {10-terway.conf: '{"type": "terway", "eniip_virtual_type": "ipvlan"}'}
Passes::
    data: {10-terway.conf: '{"type": "terway", "eniip_virtual_type": "datapathv2"}'}

Source: Terway release notes 1.13.0; feature gate AutoDataPathV2.
""",
    "CNI021": """\
`10-terway.conf` without `type: terway`.

Terway's init container ends with `type not found`; another word is taken in silence and names a plugin that is
not there. hybridc writes it, so a spec cannot be wrong here; `validate --eni-config` says so of a live one.

Fails::
    data: {10-terway.conf: '{"cniVersion": "0.4.0", "name": "terway"}'}
Passes::
    data: {10-terway.conf: '{"cniVersion": "0.4.0", "name": "terway", "type": "terway"}'}

Source: Terway cmd/terway-cli, measured.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
