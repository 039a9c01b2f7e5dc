"""Steps in the cloud, before the output is merged: network, RAM, the credentials, the script and its token in OSS.

aliyun: names of calls and parameters as of aliyun-openapi-meta (21 April 2026), each command built with aliyun-cli of
30 July 2026 and --dryrun. ossutil 2.2: command reference (read 30 November 2026), not run. Nothing was run against an
account.
"""

from __future__ import annotations

import json

from hybridc.catalog import ack, network
from hybridc.lower.names import NODE_TOKEN, key_prefix, made_for, policy_name, script_place, security_groups_of
from hybridc.lower.ram import INSTANCE_TRUST
from hybridc.lower.steps import filters
from hybridc.lower.steps.step import Step, aliyun, chain, code, each, listed, ossutil, word
from hybridc.spec.model import Spec
from hybridc.spec.node_model import Oss

_OLD_POLICY = '{"Version": "1", "Statement": []}'
_ADMINISTRATOR = "RAM administrator, or `cloud/ram/setup.json`"
_TRUST = json.dumps(INSTANCE_TRUST)


def agent_private(spec: Spec) -> Step:
    """The agent's own environment tells how it was imported (alibabacloud-ack-connector, meta_messenger.go)."""
    cluster = spec.alibaba_cloud.registered_cluster_id
    path = f'{{.spec.template.spec.containers[*].env[?(@.name=="{ack.AGENT_INTERNAL}")].value}}'
    command = f"kubectl -n {ack.NAMESPACE} get deployment {ack.AGENT} -o jsonpath={word(path)} | grep -qx true"
    again = aliyun(spec, "cs", "GET", word(f"/k8s/{cluster}/external/agent/deployment"), "--PrivateIpAddress", "true")
    return Step(
        "agent.private",
        (),
        "kubectl: read kube-system",
        f"The cluster is connected as registered cluster {code(cluster)} with the **private** import configuration: "
        f"node pools need it. If it is not: {code(again + ' | jq -r .config | kubectl apply -f -')}.",
        command,
        "the command ends with 0",
        "import the public configuration again",
    )


def routes(spec: Spec) -> Step:
    """VPC and IDC know each other's ranges. Nothing is set here: the routers are not ours."""
    cni, vpc = spec.cluster.cni, spec.alibaba_cloud.vpc
    number = f", the IDC as AS {cni.as_number}" if cni.as_number else ""
    reflectors = (
        f" Calico's BGPPeer selects route reflectors by {code(cni.route_reflector_selector)}, which no cloud node fits."
        if cni.route_reflector_selector
        else ""
    )
    tables = aliyun(spec, "vpc", "DescribeRouteTableList", "--VpcId", word(vpc.id))
    entries = aliyun(spec, "vpc", "DescribeRouteEntryList", "--RouteTableId", '"$table"')
    return Step(
        "network.routes",
        (),
        "whoever runs the routers of the IDC and the VPC; `aliyun`: read the VPC",
        "The VPC and the IDC know each other's node **and pod** ranges: VBR with BGP"
        f"{number}, at most {network.LEARNED_ROUTES} routes from the IDC, or CEN.{reflectors} "
        "`hybridc preflight --node` prints a script that sees on a machine of either side what gets through.",
        f"{tables} | jq -r '.RouterTableList.RouterTableListType[].RouteTableId' | while read -r table; do\n"
        f"  {entries} | jq -r '.RouteEntrys.RouteEntry[] | \"\\(.DestinationCidrBlock) \\(.Status)\"'\n"
        "done",
        f"{listed([*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs])} or wider ranges are Available, and the IDC's "
        f"routers have {listed(_cloud_ranges(spec))}",
        "withdraw the routes",
    )


def security_groups(spec: Spec) -> Step:
    """What the security groups admit, and what the IDC's firewall has to."""
    ranges = [*spec.cluster.node_cidrs, *spec.cluster.pod_cidrs, network.RESERVED]
    loops = [
        _authorize(spec, flag, [cidr for cidr in ranges if (":" in cidr) is wanted])
        for flag, wanted in (("--SourceCidrIp", False), ("--Ipv6SourceCidrIp", True))
    ]
    return Step(
        "network.security-groups",
        (),
        "RAM: ecs:AuthorizeSecurityGroup; whoever runs the IDC's firewall",
        f"The security groups of cloud nodes and pods admit the IDC's node and pod ranges, and {network.RESERVED} "
        f"(metadata, OSS, mirrors). The IDC admits {listed(_cloud_ranges(spec))} to its nodes and pods on every port: "
        f"{code(spec.cluster.api_server)} is the least for a join, and pods need DNS (53), Services and each other. "
        "`hybridc preflight --node` sees it from a machine.",
        chain(*(loop for loop in loops if loop)),
        "every call gives a RequestId",
        "`aliyun ecs RevokeSecurityGroup` with the same parameters",
    )


def images(spec: Spec) -> Step:
    """The images that cloud nodes will pull: of every DaemonSet that nothing keeps off them."""
    key = json.dumps(ack.EXTERNAL_LABEL[0])
    filter_ = (
        f'.items[] | select([.spec.template.spec | .. | objects | select(.key? == {key} and .operator? == "NotIn")] | '
        "length == 0) | .spec.template.spec | (.initContainers // [] | .[].image), .containers[].image"
    )
    mirrors = listed(spec.node_init.registry_mirrors) or "none"
    return Step(
        "network.images",
        (),
        "kubectl: read DaemonSets; whoever runs the registries",
        "What runs on every node runs on cloud nodes too, kube-proxy first: without it no Service answers there. The "
        "VPC must reach these images: in their registry, or in a mirror (`nodeInit.registryMirrors`: "
        f"{mirrors}). What belongs to the IDC goes into `cluster.cni.excludeAlso`; the network plugin is listed until "
        "it is kept off.",
        f"kubectl get daemonsets -A -o json | jq -r {word(filter_)} | sort -u",
        "a machine in the VPC can pull each image that is listed",
        "nothing was changed",
    )


def _authorize(spec: Spec, flag: str, ranges: list[str]) -> str:
    if not ranges:
        return ""
    # The CLI drops a value that starts with a minus unless it is joined with "=".
    rule = f'--SecurityGroupId "$group" --IpProtocol all --PortRange=-1/-1 {flag} "$range"'
    call = f"{aliyun(spec, 'ecs', 'AuthorizeSecurityGroup', rule)} || exit 1"
    return f"(\n{each('group', security_groups_of(spec), each('range', ranges, call))}\n)"


def _cloud_ranges(spec: Spec) -> list[str]:
    """The ranges of node and pod vSwitches."""
    vpc = spec.alibaba_cloud.vpc
    switches = [*vpc.node_vswitches, *vpc.pod_vswitches]
    found = [cidr for switch in switches for cidr in (switch.cidr, switch.ipv6_cidr) if cidr is not None]
    return list(dict.fromkeys(found))


def _role(spec: Spec, role: str) -> tuple[str, str]:
    """The commands that look for a role that instances take, and that make it."""
    name = ["--RoleName", word(role)]
    trust = ["--AssumeRolePolicyDocument", word(_TRUST), "--Description", word(made_for(spec))]
    made = aliyun(spec, "ram", "CreateRole", *name, *trust)
    return aliyun(spec, "ram", "GetRole", *name), made


def identity(spec: Spec) -> Step:
    """The RAM user or role that the add-ons act as."""
    if spec.ram.role is not None:
        there, made = _role(spec, spec.ram.role)
        sentence = f"The RAM role {code(spec.ram.role)} that cloud instances take."
        undo = "`aliyun ram DeleteRole`, once nothing uses it"
    else:
        name = ["--UserName", word(spec.ram.user)]
        there = aliyun(spec, "ram", "GetUser", *name)
        made = aliyun(spec, "ram", "CreateUser", *name, "--Comments", word(made_for(spec)))
        sentence = (
            f"The RAM user {code(spec.ram.user)} of the add-ons. `onectl ram-user grant --addon` makes a user, "
            "its AccessKey, the Secret and policies of its own."
        )
        undo = "`aliyun ram DeleteUser`, once nothing uses it"
    return Step("ram.user", (), _ADMINISTRATOR, sentence, f"{there} || {made}", "the user or role is printed", undo)


def policies(spec: Spec, products: list[str]) -> Step:
    """Policies from the files: made, or a new version of those that are there; and attached."""
    target, name = ("Role", str(spec.ram.role)) if spec.ram.role is not None else ("User", str(spec.ram.user))
    own = [product for product in products if product != NODE_TOKEN]
    given = [(target, name, own)] if own else []
    commands = [_granted(spec, target, name, own)] if own else []
    if NODE_TOKEN in products:
        role = str(spec.node_init.join.token.role)
        there, made = _role(spec, role)
        given.append(("Role", role, [NODE_TOKEN]))
        commands.append(f"{{ {there} || {made}; }} &&\n{_granted(spec, 'Role', role, [NODE_TOKEN])}")
    lists = " and ".join(code(_attached(spec, to, whose)) for to, whose, _ in given)
    return Step(
        "ram.policies",
        ("ram.user",),
        _ADMINISTRATOR,
        " ".join(_of(spec, to, whose, what) for to, whose, what in given)
        + " What those need who do these steps (`publisher`: CI, `setup`: this list, `operator`: day two) lies beside "
        "them; an administrator gives it.",
        " &&\n".join(commands),
        f"{lists} list{'s' if len(given) == 1 else ''} them",
        f"{' or '.join(f'`aliyun ram DetachPolicyFrom{to}`' for to, _, _ in given)}, `aliyun ram DeletePolicy`",
    )


def _of(spec: Spec, target: str, name: str, products: list[str]) -> str:
    files = ", ".join(f"{code(policy_name(spec, product))} (`cloud/ram/{product}.json`)" for product in products)
    return f"The policies of {target.lower()} {code(name)}: {files}."


def _attached(spec: Spec, target: str, name: str) -> str:
    return aliyun(spec, "ram", f"ListPoliciesFor{target}", f"--{target}Name", word(name))


def detach(spec: Spec, target: str, name: str, policy: str, kind: str = "Custom") -> str:
    """The command that takes a policy from a ``User`` or ``Role``."""
    call = f"DetachPolicyFrom{target} --PolicyType {kind} --PolicyName {word(policy)}"
    return aliyun(spec, "ram", call, f"--{target}Name", word(name))


def _granted(spec: Spec, target: str, name: str, products: list[str]) -> str:
    """The commands that make the policies of ``products`` and attach them to a user or role."""
    policy = '--PolicyName "$policy"'
    document = '--PolicyDocument "$(cat "cloud/ram/$product.json")"'
    version = "--SetAsDefault true --RotateStrategy DeleteOldestNonDefaultVersionWhenLimitExceeded"
    description = f"--Description {word(made_for(spec))}"
    is_attached = filters.asks(_attached(spec, target, name), filters.ATTACHED, '--arg policy "$policy"')
    attach = f"AttachPolicyTo{target} --PolicyType Custom"
    body = (
        f'policy={word(policy_name(spec, ""))}"$product"\n'
        f"if {aliyun(spec, 'ram', 'GetPolicy --PolicyType Custom', policy)} >/dev/null 2>&1; then\n"
        f"  {aliyun(spec, 'ram', 'CreatePolicyVersion', policy, document, version)} || exit 1\n"
        "else\n"
        f"  {aliyun(spec, 'ram', 'CreatePolicy', policy, document, description)} || exit 1\n"
        "fi\n"
        f"{{\n{is_attached}\n}} ||\n"
        f"  {aliyun(spec, 'ram', attach, policy, f'--{target}Name', word(name))} || exit 1"
    )
    return f"(\n{each('product', products, body)}\n)"


def credentials(spec: Spec) -> Step:
    """The Secret that add-ons read. The key is never an argument of a command, nor in a file."""
    user = word(spec.ram.user)
    secret = f"{ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}"
    there = f"kubectl -n {ack.NAMESPACE} get secret {ack.CREDENTIALS_SECRET}"
    make = aliyun(spec, "ram", "CreateAccessKey", "--UserName", user)
    there_is = f"{there} --ignore-not-found -o name"
    manifest = f"jq --arg name {ack.CREDENTIALS_SECRET} --arg namespace {ack.NAMESPACE} {word(filters.KEY_MANIFEST)}"
    # An API server that does not answer is no reason to make another key.
    command = (
        f'secret=$({there_is}) &&\n{{\n  [ -n "$secret" ] ||\n  {make} |\n  {manifest} |\n  kubectl create -f -\n}}'
    )
    command = command if spec.ram.user is not None else there
    of_terway = spec.terway is not None and spec.terway.credentials == "addonSecret"
    in_time = (
        " It is there **before the first sync**: the AccessKey fields of eni-config are empty." if of_terway else ""
    )
    return Step(
        "credentials.secret",
        ("ram.user", "ram.policies"),
        "RAM: ram:CreateAccessKey (setup); kubectl: write Secrets in kube-system"
        if spec.ram.user is not None
        else "kubectl: write Secrets in kube-system",
        f"The Secret {code(secret)} (keys `access-key-id`, `access-key-secret`), which the add-ons read.{in_time} A "
        "key that was made and not stored (the second half failed) is to be deleted.",
        command,
        "the Secret is there",
        f"`aliyun ram DeleteAccessKey`, then {code(there.replace(' get ', ' delete '))}: the add-ons stop working",
    )


def bucket(spec: Spec, oss: Oss) -> Step:
    """The bucket, private, in the region of the nodes."""
    url = word(f"oss://{oss.bucket}")
    return Step(
        "oss.bucket",
        (),
        "RAM: oss:PutBucket, oss:GetBucketInfo (setup)",
        f"The private bucket {code(oss.bucket)} in {code(spec.alibaba_cloud.region)}. Block Public Access may stay on: "
        "the policy that follows names one VPC.",
        f"{ossutil(spec, 'stat', url)} || {ossutil(spec, 'mb', url, '--acl', 'private')}",
        "the bucket is described",
        f"`ossutil rb` {code(f'oss://{oss.bucket}')}, once it is empty",
    )


def bucket_policy(spec: Spec, oss: Oss) -> Step:
    """A bucket has one policy, and putting one replaces it: so it is read, merged and put."""
    name = f"--bucket {word(oss.bucket)}"
    get = ossutil(spec, "api get-bucket-policy", name)
    put = ossutil(spec, "api put-bucket-policy", name, '--body "$policy"')
    keys = f"acs:oss:*:{spec.alibaba_cloud.account_id}:{oss.bucket}/{key_prefix(spec)}"
    what = "the script and the token" if spec.node_init.join.token.source == "oss" else "the script"
    return Step(
        "oss.policy",
        ("oss.bucket",),
        "RAM: oss:GetBucketPolicy, oss:PutBucketPolicy (publisher)",
        f"Everything in {code(spec.alibaba_cloud.vpc.id)} may read {what} of this cluster "
        "(`cloud/oss/bucket-policy.json`). A bucket has one policy: the statements of others stay.",
        # Only an answer that says so counts as "no policy": anything else would wipe what others put there.
        f"policy=$({get} 2>&1) || case $policy in\n"
        f"  *NoSuchBucketPolicy*) policy={word(_OLD_POLICY)} ;;\n"
        '  *) echo "$policy" >&2; false ;;\n'
        "esac &&\n"
        "policy=$(sed '/(s) elapsed$/d' <<<\"$policy\" |\n"
        f'  jq -ce --arg keys {word(keys)} --argjson mine "$(cat cloud/oss/bucket-policy.json)" '
        f"{word(filters.WITH_STATEMENTS)}) &&\n"
        f"{put}",
        f"{code(get)} shows the statement",
        "put the policy without the statement",
    )


def script(spec: Spec, text: str) -> Step:
    """The node script where ``addNodeScriptPath`` points."""
    oss = spec.node_init.oss
    file = "cloud/node/init-node-ecs.sh"
    if spec.node_init.url is not None or oss is None:
        url = spec.node_init.url or ""
        return Step(
            "oss.script",
            (),
            "whoever serves the address",
            f"Serve `{file}` at {code(url)}, **before** the merge.",
            f"curl -fsS {word(url)} | cmp - {file}",
            "the command ends with 0 (from where the address is reached)",
            "serve the script of the build before",
        )
    url = script_place(spec, text)
    return Step(
        "oss.script",
        ("oss.bucket", "oss.policy"),
        "RAM: oss:PutObject (publisher)",
        f"Upload `{file}` to {code(url)}, **before** the merge that brings its address. Its name is its content: what "
        "nodes use today is not touched.",
        ossutil(spec, "cp", file, word(url), "-f"),
        f"{code(ossutil(spec, 'stat', word(url)))} describes it",
        "leave it: nothing uses it until the merge",
    )
