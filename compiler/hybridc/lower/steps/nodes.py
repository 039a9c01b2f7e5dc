"""Steps that end with cloud nodes: add-ons, node pools, and the look at the first node.

aliyun: as in ``cloud.py``; ListAddons and the upgrade of an add-on were read in aliyun-cli's source of that day
(openapi/restful.go) and not built. A pool is changed by ModifyClusterNodePool, which may run again;
ScaleClusterNodePool adds nodes with every call. Fields of the answers: alibabacloud_cs20151215 7.2.3,
DescribeClusterNodePoolsResponseBody.
"""

from __future__ import annotations

import json

from hybridc.catalog import ack, publish, terway
from hybridc.lower.jobs import pull_secrets
from hybridc.lower.names import terway_application
from hybridc.lower.objects import idc_affinity
from hybridc.lower.steps import filters
from hybridc.lower.steps.step import Step, aliyun, ask, chain, check, cluster_path, code, listed, word, words
from hybridc.spec.model import NodePool, Spec
from hybridc.spec.origin import plain

PUT = "--header Content-Type=application/json --body"
_ONE = word(json.dumps({"scaling_group": {"desired_size": 1}}))
NODE_LABEL = ack.POOL_LABEL
EXTERNAL = "=".join(ack.EXTERNAL_LABEL)
_NAME = "kubernetes.default.svc.cluster.local"
_CLOUD, _IDC = "hybridc-see-cloud", "hybridc-see-idc"
_IN_RANGE = (
    "import sys, ipaddress as i; sys.exit(not any(i.ip_address(sys.argv[1]) in i.ip_network(r) for r in sys.argv[2:]))"
)


def addon(spec: Spec, name: str) -> Step:
    """The request that installs a managed add-on; the one that upgrades it is another."""
    file, names = word(f"cloud/addons/{name}.json"), word(json.dumps([{"name": name}]))
    version, rights, more = _version(spec, name), "cs:InstallClusterAddons", ""
    if version:
        command = components(spec, "install", f'"$(cat {file})"')
        call = components(spec, "upgrade", word(json.dumps([{"component_name": name, "next_version": version}])))
        rights += f", {publish.rights('cs:UpgradeClusterAddons')[0]} (setup)"
        more = f" Where it is there in another version: {code(call)}."
    else:
        command, rights = _offered(spec, name, file), f"{rights}, cs:ListAddons (setup)"
    return Step(
        f"addon.{name}",
        ("ram.policies", "credentials.secret", "gitops.sync"),
        f"RAM: {rights}",
        f"Install {code(name)} as {code(f'cloud/addons/{name}.json')} says{_onectl(spec, name)}.{more}",
        command,
        "a task id; the console lists the add-on",
        code(components(spec, "uninstall", names)),
    )


def components(spec: Spec, what: str, body: str) -> str:
    """Installs, upgrades or uninstalls add-ons; ``body`` is a shell word."""
    return aliyun(spec, "cs", "POST", cluster_path(spec, f"components/{what}"), PUT, body)


def _offered(spec: Spec, name: str, file: str) -> str:
    """The installation in the version that ACK offers: its API documents ``version`` as required."""
    cluster = word(spec.alibaba_cloud.registered_cluster_id)
    body = f'"$(jq --arg version "$version" {word(filters.WITH_VERSION)} {file})"'
    return chain(
        f"offered=$({aliyun(spec, 'cs', 'GET', '/addons --cluster_id', cluster)})",
        f'version=$(jq -er --arg name {word(name)} {word(filters.ADDON_VERSION)} <<<"$offered")',
        components(spec, "install", body),
    )


def _version(spec: Spec, name: str) -> str:
    """The version that the spec names, else ""."""
    if name == ack.TERWAY_ADDON and spec.terway is not None:
        return f"v{spec.terway.version}"
    return next((str(item.version) for item in spec.addons if item.name == name and item.version is not None), "")


def _onectl(spec: Spec, name: str) -> str:
    """The short way, where the newest version runs on this Kubernetes."""
    least = terway.oldest_minor(terway.release(terway.NEWEST))
    if name == ack.TERWAY_ADDON and (least is None or spec.cluster.minor < least):
        return ""
    return f"; {code(f'onectl addon install {name}')} installs the newest version"


def terway_chart(spec: Spec) -> Step:
    """Terway from its chart: an Application of its own, or with Flux a person's work."""
    name, sentence = word(terway_application(spec.name)), "Terway's chart, an Application of its own."
    if spec.gitops.engine == "flux":
        command = "kustomize build --enable-helm terway | kubectl apply -f -"
        sentence = "Apply Terway's chart as `terway/kustomization.yaml` corrects it: Flux does not read this folder."
    else:
        command = f"argocd app wait {name} --sync --health" if spec.gitops.auto_sync else f"argocd app sync {name}"
    return Step(
        f"addon.{ack.TERWAY_ADDON}",
        ("ram.policies", "credentials.secret", "gitops.sync"),
        "whoever may sync",
        sentence,
        command,
        f"DaemonSet {code(ack.TERWAY_DAEMON_SET)} is there",
        "delete what `terway/` makes, once no cloud node is left",
    )


def see_terway() -> Step:
    """Terway runs on cloud nodes and nowhere else; before the first one: nowhere."""
    wanted = f"kubectl -n {ack.NAMESPACE} get daemonset {ack.TERWAY_DAEMON_SET}"
    wanted += " -o jsonpath='{.status.desiredNumberScheduled}'"
    nodes = f"kubectl get nodes -l {word(EXTERNAL)} -o name | wc -l"
    return Step(
        "see.terway",
        ("see.exclusion", f"addon.{ack.TERWAY_ADDON}"),
        "kubectl: read kube-system and Nodes",
        f"DaemonSet {code(ack.TERWAY_DAEMON_SET)} wants a pod on each cloud node, and on no other.",
        check(f'[ "$({wanted})" -eq "$({nodes})" ]', "Terway is not there, or would run on nodes of the IDC"),
        "the command ends with 0: both numbers are 0 before the first cloud node",
        "",
    )


def create(spec: Spec, pool: NodePool) -> Step:
    """The pool without nodes. A second request would make a second pool of that name, so it is looked for first."""
    file, pools = f"cloud/node-pools/{pool.name}.json", cluster_path(spec, "nodepools")
    post = aliyun(spec, "cs", "POST", pools, f'{PUT} "$(jq {word(filters.EMPTY_POOL)} {word(file)})"')
    return Step(
        f"pool.{pool.name}.create",
        (
            *("network.routes", "network.security-groups", "gitops.sync", "see.exclusion", "ippools"),
            *(f"addon.{addon.name}" for addon in spec.addons),
            "see.terway",
        ),
        "RAM: cs:CreateClusterNodePool, cs:DescribeClusterNodePools (publisher)",
        f"Node pool {code(pool.name)} as {code(file)} says, without nodes and without scaling.",
        f"pools=$({aliyun(spec, 'cs', 'GET', pools)}) &&\n"
        f'{{\n  jq -e --arg name {word(pool.name)} {word(filters.NAMED_POOL)} <<<"$pools" ||\n  {post}\n}}',
        "`true` for a pool that is there already, else a nodepool_id",
        "`aliyun cs DELETE` on the pool's path, once it has no node",
    )


def found(spec: Spec, name: str) -> str:
    """Reads id and number of nodes of the pool ``name`` (a shell word) into ``$pool`` and ``$nodes``."""
    pools = aliyun(spec, "cs", "GET", cluster_path(spec, "nodepools"))
    return f"read -r pool nodes < <({pools} |\n  jq -r --arg name {name} {word(filters.POOL_AND_NODES)})"


def change(spec: Spec, body: str) -> str:
    """Changes ``$pool``; ``body`` is a shell word (ModifyClusterNodePool)."""
    return aliyun(spec, "cs", "PUT", f'{cluster_path(spec, "nodepools/")}"$pool"', PUT, body)


def one(spec: Spec, pool: NodePool) -> Step:
    """A first node, within the time that the script has."""
    rounds = max(1, (spec.node_init.budget_seconds if spec.node_init.mode == "script" else 1500) // 10)
    nodes = f'kubectl get nodes -l {NODE_LABEL}="$pool" -o name'
    return Step(
        f"pool.{pool.name}.one",
        (f"pool.{pool.name}.create", "gitops.sync"),
        "RAM: cs:ModifyClusterNodePool (publisher); kubectl: read Nodes",
        "One node, two minutes after the sync at the earliest. What its script says stands in `/var/log/acs/init.log` "
        "on the node and with the cluster's tasks in the console.",
        chain(
            found(spec, word(pool.name)),
            # A pool that has nodes keeps them all.
            f'{{\n  [ "$nodes" -gt 0 ] ||\n  {change(spec, _ONE)}\n}}',
            f"for _ in $(seq {rounds}); do\n  {nodes} | grep -q . && break\n  sleep 10\ndone",
            f'kubectl wait --for=condition=Ready node -l {NODE_LABEL}="$pool" --timeout=10m',
        ),
        "the node is Ready",
        "the same with `desired_size` 0, after `kubectl drain`",
    )


def see_node(spec: Spec) -> Step:
    """The first nodes as ACK and Terway want them, and traffic both ways: two short-lived pods, which are removed."""
    switches = spec.alibaba_cloud.vpc.pod_vswitches if spec.terway is not None else ()
    ranges = [cidr for switch in switches for cidr in (switch.cidr, switch.ipv6_cidr) if cidr is not None]
    cache = spec.cluster.node_local_dns
    host = {"hostNetwork": True} if spec.cluster.cni.routing == "host" else {}
    run = f"kubectl -n {ack.NAMESPACE}"
    wanted = filters.cloud_nodes(NODE_LABEL, spec.alibaba_cloud.region)
    looks = [
        filters.asks(f"kubectl get nodes -l {word(EXTERNAL)} -o json", wanted),
        _pod(spec, _CLOUD, {"nodeSelector": dict([ack.EXTERNAL_LABEL]), "tolerations": [{"operator": "Exists"}]}),
        _pod(spec, _IDC, {"affinity": idc_affinity(), "tolerations": list(spec.gitops.job_tolerations), **host}),
        f"{run} wait --for=condition=Ready pod/{_CLOUD} pod/{_IDC} --timeout=5m",
        f"cloud=$({run} get pod {_CLOUD} -o jsonpath='{{.status.podIP}}')",
        f"idc=$({run} get pod {_IDC} -o jsonpath='{{.status.podIP}}')",
        *([f'python3 -c {word(_IN_RANGE)} "$cloud" {words(ranges)}'] if ranges else []),
        f"{run} exec {_CLOUD} -- nslookup {_NAME}",
        *([f"{run} exec {_CLOUD} -- nslookup {_NAME} {word(cache)}"] if cache is not None else []),
        f'{run} exec {_CLOUD} -- ping -c 3 "$idc"',
        f'{run} exec {_IDC} -- ping -c 3 "$cloud"',
    ]
    clean = f"{run} delete pod {_CLOUD} {_IDC} --ignore-not-found --now"
    of_range = f", its pods have addresses of {listed(ranges)}" if ranges else ""
    return Step(
        "see.node",
        tuple(f"pool.{pool.name}.one" for pool in spec.node_pools),
        "kubectl: read Nodes, write Pods in kube-system",
        f"Each cloud node is Ready with its pool's label and provider id{of_range}, a pod there resolves names, and "
        f"cloud and IDC pods reach each other. The two pods run {code(spec.gitops.job_image)}.",
        check(
            f"(\ntrap {word(clean)} EXIT\n{chain(clean, *looks)}\n)",
            "a cloud node is not as it should be: let no pool grow",
        ),
        "the command ends with 0",
        "",
    )


def _pod(spec: Spec, name: str, where: dict[str, object]) -> str:
    """A pod that waits where ``where`` says."""
    pod = plain({**where, **pull_secrets(spec)})
    return (
        f"kubectl -n {ack.NAMESPACE} run {name} --image={word(spec.gitops.job_image)} --restart=Never "
        f"--overrides={word(json.dumps({'spec': pod}))} --command -- sleep 900"
    )


def scale(spec: Spec, pool: NodePool) -> Step:
    """The size of the spec; where that is nought and nothing scales, a person says how many."""
    file = word(f"cloud/node-pools/{pool.name}.json")
    if pool.auto_scaling:
        body = f"jq '{{auto_scaling}}' {file}"
        sentence = f"Let {code(pool.name)} scale by itself, {pool.size.min} to {pool.size.max} nodes."
    elif pool.size.desired:
        body = f"jq '{{scaling_group: {{desired_size: .scaling_group.desired_size}}}}' {file}"
        sentence = f"{code(pool.name)} to its {pool.size.desired} nodes."
    else:
        nodes = ask("NODES", "how many nodes the pool shall have")
        body = f"jq -n --argjson nodes {nodes} '{{scaling_group: {{desired_size: $nodes}}}}'"
        sentence = f"{code(pool.name)} to as many nodes as you want: nothing scales it by itself."
    return Step(
        f"pool.{pool.name}.scale",
        (f"pool.{pool.name}.one", "see.node"),
        "RAM: cs:ModifyClusterNodePool (publisher)",
        sentence,
        chain(found(spec, word(pool.name)), change(spec, f'"$({body})"')),
        "the nodes come, and become Ready",
        "the same with fewer nodes, after `kubectl drain` of those that go",
    )
