"""What the schema reports of single fields, under the codes of their families."""

from __future__ import annotations

PAGES = {
    "OSS001": """\
The place of the script is not an http or https URL.

The agent takes no other. It then reports empty metadata to ACK, with an error in its own log only, and scaling
out fails far away.

Fails::
    nodeInit: {url: "oss://kubelet-idc-shanghai/init.sh", oss: null}
Passes::
    nodeInit: {url: "https://scripts.idc.example.com/init-7c2e69131a36.sh", oss: null}

Source: alibabacloud-ack-connector, isCustomizeCommandValidate.
""",
    "ID001": """\
A vSwitch id that is none.

`vsw-` and lower-case letters and digits. Terway asks the API for this id on every node: a wrong one leaves pods
without addresses.

Fails::
    alibabaCloud: {vpc: {podVSwitches: [{id: vsw-UF6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}
Passes::
    alibabaCloud: {vpc: {podVSwitches: [{id: vsw-uf6podl, zone: cn-shanghai-l, cidr: 10.20.64.0/19}]}}

Source: VPC documentation.
""",
    "ID002": """\
A security group id that is none.

`sg-` and lower-case letters and digits.

Fails::
    alibabaCloud: {vpc: {securityGroups: [sg_bp1f3h5j7l9n1p3r5t7v]}}
Passes::
    alibabaCloud: {vpc: {securityGroups: [sg-bp1f3h5j7l9n1p3r5t7v]}}

Source: ECS documentation.
""",
    "ID006": """\
A VPC id or an instance type of an impossible form.

`vpc-…`; instance types start with `ecs.`.

Fails::
    nodePools: [{instanceTypes: [g7.2xlarge, ecs.g7.xlarge]}]
Passes::
    nodePools: [{instanceTypes: [ecs.g7.2xlarge, ecs.g7.xlarge]}]

Source: samples of the documentation.
""",
    "ID007": """\
The account id is not a number of 16 digits, in quotes.

RAM and OSS resource names (`acs:oss:*:<id>:<bucket>/<key>`) use it. Without quotes YAML reads a number.

Fails::
    alibabaCloud: {accountID: "123456789012"}
Passes::
    alibabaCloud: {accountID: "1234567890123456"}

Source: ECS and OSS authorization pages.
""",
    "ID010": """\
A region of an impossible form.

`cn-hangzhou`, `eu-central-1`: lower case, with a dash.

Fails::
    alibabaCloud: {region: cn-shanghai-l_1}
Passes::
    alibabaCloud: {region: cn-shanghai}

Source: Alibaba Cloud region list.
""",
    "RAM009": """\
A name that RAM does not take.

Policies are `<namePrefix>-<cluster>-<add-on>`: letters, digits and dashes, at most 128 characters, which the limits
of the three parts keep. Names of users and roles have at most 64.

Fails::
    ram: {user: "ack one user"}
Passes::
    ram: {user: ack-one-user}

Source: RAM CreatePolicy, CreateUser.
""",
    "RAM015": """\
Both `ram.user` and `ram.role`, or neither.

The policies are attached to exactly one of them: the user whose AccessKey Terway uses, or a role.

Fails::
    ram: {user: ack-one-user, role: ack-one-role}
Passes::
    ram: {user: ack-one-user}

Source: RAM AttachPolicyToUser, AttachPolicyToRole.
""",
    "OSS013": """\
A bucket name that OSS does not take.

3 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends.

Fails::
    nodeInit: {oss: {bucket: Kubelet_IDC}}
Passes::
    nodeInit: {oss: {bucket: kubelet-idc}}

Source: OSS, bucket naming.
""",
    "OSS014": """\
A key prefix with characters that break URLs or signatures.

`?` cuts the key off, `#` and `%20` break a signature, a leading slash makes a key that no URL names.

Fails::
    nodeInit: {oss: {prefix: "/bootstrap scripts"}}
Passes::
    nodeInit: {oss: {prefix: bootstrap/scripts}}

Source: OSS SDKs, measured.
""",
    "ENI011": """\
An IP stack that the daemon refuses.

`ipv4` and `dual`, in lower case: `ipv6` stands in the struct's own list and is refused all the same, and the
daemon does not start.

Fails::
    terway: {ipStack: ipv6}
Passes::
    terway: {ipStack: ipv4}

Source: Terway types/daemon/config.go Validate, measured.
""",
    "NODE005": """\
A pool with no vSwitch or more than 8, or with no instance type or more than 10.

ACK refuses the pool, after everything else has been applied.

Fails::
    nodePools: [{vSwitches: []}]
Passes::
    nodePools: [{vSwitches: [vsw-uf6nodel, vsw-uf6nodel2]}]

Source: ACK OpenAPI CreateClusterNodePool.
""",
    "NODE007": """\
A system disk outside of 20 to 2048 GiB, or a data disk outside of 40 to 32768 GiB.

ACK refuses the pool, after everything else has been applied.

Fails::
    nodePools:
      - systemDisk: {sizeGiB: 10}
Passes::
    nodePools:
      - systemDisk: {sizeGiB: 120}

Source: ACK OpenAPI CreateClusterNodePool.
""",
    "NODE008": """\
The size of a pool is negative or above 2000.

2000 nodes is the most that a scaling group takes. (By hand a pool grows by at most 500 nodes a call.)

Fails::
    nodePools:
      - size: {max: 5000}
Passes::
    nodePools:
      - size: {max: 50}

Source: ACK OpenAPI CreateClusterNodePool, ScaleClusterNodePool.
""",
    "NODE011": """\
A tag key that ECS refuses.

At most 128 characters; it may not start with `aliyun` or `acs:`, and may not hold `http://` or `https://`.

Fails::
    nodePools:
      - tags: {"acs:owner": platform}
Passes::
    nodePools:
      - tags: {owner: platform}

Source: ACK OpenAPI CreateClusterNodePool.
""",
    "GIT030": """\
`gitops.repoURL` is not a Git URL.

Argo CD would show the Application as Unknown with a general error.

Fails::
    gitops: {repoURL: git.example.com/platform/hybrid-out}
Passes::
    gitops: {repoURL: "https://git.example.com/platform/hybrid-out.git"}

Source: Argo CD, private repositories.
""",
    "INIT022": """\
A tarball without its SHA-256.

The node unpacks it as root: without a checksum whoever serves it owns every node.

Fails::
    nodeInit: {packages: {source: tarball, tarballs: [{name: runc, arch: amd64, url: "https://repo.idc.example.com/runc"}]}}
Passes::
    nodeInit:
      packages:
        source: tarball
        tarballs:
          - {name: kubelet, arch: amd64, url: "https://repo.idc.example.com/kubelet", sha256: 7c2e6913…}
          - {name: kubeadm, arch: amd64, url: "https://repo.idc.example.com/kubeadm", sha256: 0a042a33…}
          - {name: containerd, arch: amd64, url: "https://repo.idc.example.com/containerd", sha256: 9b33381c…}
          - {name: runc, arch: amd64, url: "https://repo.idc.example.com/runc", sha256: 6d0d4388…}
          - {name: cni-plugins, arch: amd64, url: "https://repo.idc.example.com/cni", sha256: 7e2de837…}

Source: hybridc.
""",
    "INIT001": """\
The Kubernetes version is not x.y.z.

Packages are named by it. `.status.nodeInfo.kubeletVersion` prints a leading v, and packages have none: the
install step of every node would fail.

Fails::
    cluster: {kubernetesVersion: v1.34.2}
Passes::
    cluster: {kubernetesVersion: 1.34.2}

Source: ACK One "Create a custom script for a node pool".
""",
    "INIT008": """\
No hash of the cluster's CA, or one that is none.

The hash is what proves to a node that it joins the right cluster. kubeadm does not refuse a malformed one when it
reads its configuration: every join fails, minutes later.

Fails::
    cluster: {caCertHashes: [7c2e69131a36ae2a]}
Passes::
    cluster: {caCertHashes: ["sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"]}

Source: kubeadm 1.36.2, seen running.
""",
    "INIT011": """\
A label key or value that Kubernetes does not take.

One such label stops the kubelet when it starts; the script that most people use loses all labels over it and
exits with 0, so that the IDC's CNI lands on the node.

Fails::
    nodePools: [{labels: {team: "platform@idc"}}]
Passes::
    nodePools: [{labels: {team: platform}}]

Source: kubelet 1.36, --node-labels, seen running.
""",
    "INIT013": """\
A taint that is not key[=value]:Effect.

kubeadm does not refuse a made-up effect, and a kubelet dies of a trailing comma.

Fails::
    nodePools: [{taints: ["workload=ack:NoSchedul"]}]
Passes::
    nodePools: [{taints: ["workload=ack:NoSchedule"]}]

Source: kubelet and kubeadm 1.36, seen running.
""",
    "CNI002": """\
A datapath that Terway does not know.

Up to 1.8 it is taken for veth in silence; from 1.16.6 on the init container fails, on every cloud node.

Fails::
    terway: {datapath: datapath2}
Passes::
    terway: {datapath: datapathv2}

Source: Terway plugin/terway/cni.go; cmd/terway-cli.
""",
    "CNI008": """\
A combination of routing, CNI and Terway that cannot work.

Three scenarios exist. `overlay`: cloud nodes join the IDC's overlay (flannel, calico, canal, cilium), without
Terway. `bgp`: the IDC's CNI stays in the IDC, Terway serves cloud nodes. `host`: the IDC has no container
network (`type: none`), Terway serves cloud nodes. Terway beside an overlay leaves its pods unreachable.

Fails::
    cluster: {cni: {type: calico, routing: bgp}}
    terway: null
Fails::
    cluster: {cni: {type: calico, routing: overlay}}
    terway: {version: 1.16.8}
Passes::
    cluster: {cni: {type: calico, routing: overlay, existingNodeSelectorTerms: null, excludeAlso: null}}
    alibabaCloud: {vpc: {podVSwitches: null}}
    terway: null

Source: Alibaba Cloud, "Deploy and configure Terway" (208052).
""",
}
"""Code → documentation, in the form of a rule's docstring."""
