"""RAM, INIT, OSS, SEC: what is proved over the output: policies, script and where it lies (``lower/proof``)."""

from __future__ import annotations

from hybridc.rules.rule import ERROR, rule


@rule("RAM001", ERROR, by_schema=True, guarded=True)
def missing_action() -> None:
    """The policy lacks an action that this Terway calls.

    Terway fails with Forbidden.RAM on a node that is up already, and its pods wait for an address. Every version
    calls ecs:DescribeInstanceTypes when it starts, which Alibaba's page leaves out; dual stack needs two more.

    Fails::
        "Action": ["ecs:CreateNetworkInterface"]
    Passes::
        "Action": ["ecs:CreateNetworkInterface", "ecs:DescribeInstanceTypes", …]

    Source: call sites in the tags of Terway.
    """


@rule("RAM002", ERROR, by_schema=True, guarded=True)
def large_policy() -> None:
    """A policy is longer than RAM takes.

    6144 characters. So each add-on has a policy of its own; with ram.scope: resources every vSwitch and security
    group adds to it.

    Fails::
        one policy for all add-ons
    Passes::
        cloud/ram/<add-on>.json for each

    Source: RAM CreatePolicy.
    """


@rule("RAM003", ERROR, by_schema=True, guarded=True)
def policy_version() -> None:
    """A policy whose version is not "1".

    RAM refuses it; AWS's 2012-10-17 is a common slip.

    Fails::
        {"Version": "2012-10-17"}
    Passes::
        {"Version": "1"}

    Source: RAM policy grammar.
    """


@rule("RAM004", ERROR, by_schema=True, guarded=True)
def policy_grammar() -> None:
    """A statement that RAM does not take.

    Each has Effect, Action and Resource. Principal belongs into policies of resources, and NotAction grants what
    nobody listed.

    Fails::
        {"Effect": "Allow", "NotAction": ["ram:*"], "Resource": ["*"]}
    Passes::
        {"Effect": "Allow", "Action": ["ecs:DescribeInstances"], "Resource": ["*"]}

    Source: RAM policy grammar.
    """


@rule("RAM006", ERROR, by_schema=True, guarded=True)
def wildcard_action() -> None:
    """A policy grants a wildcard of actions.

    It grants what the cloud adds next year too.

    Fails::
        "Action": ["ecs:*"]
    Passes::
        "Action": ["ecs:DescribeInstances"]

    Source: RAM policy grammar.
    """


@rule("RAM008", ERROR, by_schema=True, guarded=True)
def other_ids() -> None:
    """The policy names other vSwitches or security groups than eni-config.

    With ram.scope: resources Terway may make ENIs only where the policy says. A vSwitch that is missing there
    leaves its zone without addresses.

    Fails::
        "Resource": ["acs:vpc:…:vswitch/vsw-uf6podl"]      # eni-config names vsw-uf6podm too
    Passes::
        the ids of eni-config, all of them and no other

    Source: ECS RAM authorization page.
    """


@rule("RAM011", ERROR, by_schema=True, guarded=True)
def limited_describe() -> None:
    """An action that cannot be limited to resources is limited.

    RAM then refuses the call altogether.

    Fails::
        {"Action": ["vpc:DescribeVSwitches"], "Resource": ["acs:vpc:*:*:vswitch/vsw-uf6podl"]}
    Passes::
        {"Action": ["vpc:DescribeVSwitches"], "Resource": ["*"]}

    Source: ECS RAM authorization page.
    """


@rule("RAM012", ERROR, by_schema=True, guarded=True)
def no_tags() -> None:
    """The policy does not let Terway tag its ENIs.

    Terway tags an ENI when it makes it; where that is refused, no ENI is made.

    Fails::
        "Action": ["ecs:CreateNetworkInterface"]
    Passes::
        {"Action": ["ecs:TagResources"], "Resource": ["acs:ecs:*:*:eni/*"]}

    Source: Alibaba's service policy for managed clusters, version 8.
    """


@rule("INIT002", ERROR, by_schema=True, guarded=True)
def join_configuration() -> None:
    """The JoinConfiguration is of another API version than this kubeadm reads.

    kubeadm up to 1.30 reads v1beta3 only, 1.37 reads v1beta4 only; the wrong one is an error on every node. hybridc
    chooses it, there is no field.

    Fails::
        apiVersion: kubeadm.k8s.io/v1beta3      # Kubernetes 1.37.1
    Passes::
        apiVersion: kubeadm.k8s.io/v1beta4      # Kubernetes 1.37.1

    Source: kubeadm 1.36.2, seen running; changelog of 1.37.
    """


@rule("INIT014", ERROR, by_schema=True, guarded=True)
def another_label() -> None:
    """The label in the script is not the one that the exclusion and Terway look for.

    A node without it gets the IDC's CNI, and Terway does not start there: its pods have addresses that nobody
    routes.

    Fails::
        readonly REQUIRED_LABEL='alibabacloud.com/external=yes'
    Passes::
        readonly REQUIRED_LABEL='alibabacloud.com/external=true'

    Source: ALIBABA_CLOUD_LABELS; selector of the add-on.
    """


@rule("INIT023", ERROR, by_schema=True, guarded=True)
def old_certificates() -> None:
    """The script keeps node certificates of a custom image.

    The new node would act as the machine that the image was taken from.

    Fails::
        kubeadm join on an image with /var/lib/kubelet/pki
    Passes::
        rm -rf /var/lib/kubelet/pki, before the join

    Source: ACK One, custom images.
    """


@rule("INIT024", ERROR, by_schema=True, guarded=True)
def script_shape() -> None:
    """The script is not safe to start.

    It must start with a line for bash, hand over to bash when sh runs it, hold no carriage return, and end with
    main "$@", so that half a download does nothing.

    Fails::
        echo done      # as the last line
    Passes::
        main "$@"

    Source: seen running with dash, and cut at seven places.
    """


@rule("INIT026", ERROR, by_schema=True, guarded=True)
def config_validate() -> None:
    """The script calls kubeadm config validate where there is none.

    The subcommand exists from 1.28 on.

    Fails::
        kubeadm config validate --config join.yaml      # Kubernetes 1.24
    Passes::
        the same from 1.28 on

    Source: kubeadm.
    """


@rule("INIT027", ERROR, by_schema=True, guarded=True)
def crictl() -> None:
    """The script calls crictl.

    From 1.32 on the kubeadm packages no longer bring it.

    Fails::
        crictl config runtime-endpoint …
    Passes::
        /etc/crictl.yaml, written as a file

    Source: krel package metadata.
    """


@rule("INIT037", ERROR, by_schema=True, guarded=True)
def swap() -> None:
    """The script leaves swap on.

    failSwapOn is true by default: the kubelet stops.

    Fails::
        an image with swap, untouched
    Passes::
        swapoff -a

    Source: kubelet.
    """


@rule("INIT039", ERROR, by_schema=True, guarded=True)
def foreign_cni() -> None:
    """The script leaves other CNI configurations in place.

    containerd takes the first file by name, and 05-cilium, 10-calico, 10-canal and 10-flannel sort before
    10-terway.

    Fails::
        /etc/cni/net.d/10-calico.conflist of an image
    Passes::
        rm -f /etc/cni/net.d/*.conf*, before the join

    Source: containerd; Terway (inferred).
    """


@rule("OSS001", ERROR, by_schema=True, guarded=True)
def script_url() -> None:
    """The place of the script is not an http or https URL.

    The agent takes no other. It then reports empty metadata to ACK, with an error in its own log only, and scaling
    out fails far away.

    Fails::
        nodeInit: {url: "oss://bucket/init.sh"}
    Passes::
        nodeInit: {url: "https://scripts.idc.example.com/init-7c2e69131a36.sh"}

    Source: alibabacloud-ack-connector, isCustomizeCommandValidate.
    """


@rule("OSS002", ERROR, by_schema=True, guarded=True)
def long_url() -> None:
    """The place of the script has more than 1024 characters.

    The agent refuses it as OSS001 says (its own text says 100).

    Fails::
        a URL signed with STS credentials (1317 characters)
    Passes::
        https://<bucket>.oss-<region>-internal.aliyuncs.com/<key>

    Source: alibabacloud-ack-connector, isCustomizeCommandValidate.
    """


@rule("OSS008", ERROR, by_schema=True, guarded=True)
def public_object() -> None:
    """The bucket policy would let everybody read the script.

    Principal * needs a condition with a fixed VPC; a wildcard under StringEquals, or no condition, counts as
    public.

    Fails::
        {"Principal": ["*"], "Condition": {}}
    Passes::
        {"Principal": ["*"], "Condition": {"StringEquals": {"acs:SourceVpc": ["vpc-uf6k8m2q9s7x4v6z0n3j5"]}}}

    Source: OSS, bucket policies and Block Public Access.
    """


@rule("OSS012", ERROR, by_schema=True, guarded=True)
def wide_resource() -> None:
    """The bucket policy reaches beyond the keys of this cluster.

    Another cluster's token could be read from this VPC.

    Fails::
        "Resource": ["acs:oss:*:1234567890123456:bucket/*"]
    Passes::
        "Resource": ["acs:oss:*:1234567890123456:bucket/idc-hangzhou/*"]

    Source: OSS, bucket policies.
    """


@rule("OSS016", ERROR, by_schema=True, guarded=True)
def another_script() -> None:
    """The script that is published is not the one that addNodeScriptPath names.

    New nodes would run another script than the one that was reviewed, or find none.

    Fails::
        addNodeScriptPath: …/init-node-ecs-000000000000.sh
    Passes::
        addNodeScriptPath: …/init-node-ecs-<sha256 of the script, 12 hex>.sh

    Source: ACK One, ack-agent-config.
    """


@rule("SEC004", ERROR, by_schema=True, guarded=True)
def secret_manifest() -> None:
    """A Secret is in the output.

    What Argo CD syncs lies in Git. Secrets are made in the cluster, or by External Secrets or Sealed Secrets.

    Fails::
        kind: Secret
    Passes::
        kind: ExternalSecret

    Source: Argo CD, operator-manual/secret-management.
    """


@rule("SEC013", ERROR, by_schema=True, guarded=True)
def writable_script() -> None:
    """A policy lets others than the publisher write the script.

    Whoever writes it runs code as root on every new node.

    Fails::
        {"Action": ["oss:GetObject", "oss:PutObject"], "Principal": ["*"]}
    Passes::
        {"Action": ["oss:GetObject"], "Principal": ["*"]}

    Source: hybridc.
    """
