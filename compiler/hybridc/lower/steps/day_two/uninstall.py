"""Everything taken back: no new node first, then no node, then what served nodes, and the IDC's own workloads last.

Deleting the Application takes nothing away (it has no finalizer), and a live script address lets pools go on joining.
"""

from __future__ import annotations

import json

from hybridc.catalog import ack
from hybridc.lower.bundle import Exclusion
from hybridc.lower.delivery import deliver
from hybridc.lower.ip_pools import ip_pools
from hybridc.lower.names import dynamic_config_name, ip_pools_application, terway_application
from hybridc.lower.objects import labels
from hybridc.lower.steps import filters, gitops
from hybridc.lower.steps.day_two import cloud_left, pools
from hybridc.lower.steps.day_two.day import Day, Steps
from hybridc.lower.steps.nodes import EXTERNAL, components
from hybridc.lower.steps.step import Step, aliyun, chain, check, code, listed, word, words
from hybridc.spec.origin import plain

_AFFINITY = "/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
_POOLS_GO = (
    "The disabled IPPools for the cloud's ranges. **This changes running traffic at once**: pods of the IDC get the "
    "address of their node again toward these ranges."
)
_OURS = "cronjob,job,pod,configmap,role,rolebinding,serviceaccount"


def uninstall(day: Day) -> Steps:
    """The spec is what there is."""
    targets = [pools.target(pool) for pool in day.spec.node_pools]
    yield _stop(day)
    for pool in targets:
        yield pools.pause(day, pool)
    yield _address(day)
    yield _see_address(day)
    for pool in targets:
        yield pools.drained(day, pool)
        yield pools.emptied(day, pool)
        yield pools.see_empty(day, pool)
        yield pools.deleted(day, pool)
    yield _see_no_node()
    yield from _addons(day)
    yield _objects(day)
    yield from _exclusion(day)
    yield _ip_pools(day)
    yield from cloud_left.steps(day)
    yield _engine(day)
    yield _git(day)


def _stop(day: Day) -> Step:
    spec = day.spec
    by_api = spec.cluster.cni.disabled_ip_pools == "api"
    if spec.gitops.engine == "argocd":
        names = [str(spec.name)]
        if spec.terway is not None and spec.terway.install == "chart":
            names.append(terway_application(spec.name))
        if by_api:
            names.append(ip_pools_application(spec.name))
        argo = f"{gitops.kubectl(spec)} -n {word(spec.gitops.argocd_namespace)}"
        command = f"{argo} delete application {words(names)} --ignore-not-found"
        undo = "`gitops.apply` of the first list"
    else:
        command, undo = gitops.automatic(spec, on=False), code(gitops.automatic(spec, on=True))
        if by_api:
            stop = word(json.dumps({"spec": {"suspend": True}}))
            pools_of = word(ip_pools_application(spec.name))
            command = chain(command, f"{gitops.FLUX} patch kustomization {pools_of} --type merge -p {stop}")
    of_a_set = " Where an ApplicationSet made the Application, take this folder out of its repository first."
    of_a_set = of_a_set if spec.gitops.engine == "argocd" else ""
    return Step(
        "gitops.stop",
        (),
        f"{gitops.engine(spec)}: whoever may change its objects",
        f"{gitops.engine(spec)} syncs this folder no more, else it puts back what the next steps take away. What was "
        f"synced stays.{of_a_set}",
        command,
        "nothing syncs this folder",
        undo,
    )


def _address(day: Day) -> Step | None:
    if day.spec.node_init.mode != "script":
        return None
    empty = word(json.dumps({"data": {ack.AGENT_CONFIG_KEY: ""}}))
    return Step(
        "address.empty",
        (),
        f"kubectl: write {ack.AGENT_CONFIG}",
        f"{code(ack.AGENT_CONFIG_KEY)} is empty, so that no node joins by this script; the object is the agent's and "
        "stays. ACK hears of it within a minute and would take its own script then: no pool scales any more, "
        "see above.",
        f"kubectl -n {ack.NAMESPACE} patch configmap {ack.AGENT_CONFIG} --type merge -p {empty}",
        "the key is empty, two minutes later as well",
        "the address again, as `gitops.sync` of the first list has it",
    )


def _see_address(day: Day) -> Step | None:
    if day.spec.node_init.mode != "script":
        return None
    get = f"kubectl -n {ack.NAMESPACE} get configmap {ack.AGENT_CONFIG} -o jsonpath='{{.data.{ack.AGENT_CONFIG_KEY}}}'"
    return Step(
        "see.address",
        (),
        f"kubectl: read {ack.AGENT_CONFIG}",
        f"{code(ack.AGENT_CONFIG_KEY)} is still empty: nobody has put the address back. Look two minutes later.",
        check(f'now=$({get}) && [ -z "$now" ]', "there is an address: something still syncs it"),
        "the command ends with 0",
        "",
    )


def _see_no_node() -> Step:
    look = chain(f"left=$(kubectl get nodes -l {word(EXTERNAL)} -o name)", '[ -z "$left" ]')
    return Step(
        "see.no-cloud-node",
        (),
        "kubectl: read Nodes",
        "The cluster has no cloud node, of whichever pool: what follows would cut it off.",
        check(look, "there are cloud nodes: do not take away what serves them"),
        "the command ends with 0",
        "",
    )


def _addons(day: Day) -> Steps:
    spec = day.spec
    for addon in reversed(spec.addons):
        yield _addon(day, str(addon.name))
    if spec.terway is None:
        return
    if spec.terway.install == "chart":
        yield Step(
            f"addon.{ack.TERWAY_ADDON}.remove",
            (),
            "kubectl: cluster-admin",
            "What Terway's chart made.",
            "kustomize build --enable-helm terway | kubectl delete --ignore-not-found -f -",
            f"DaemonSet {code(ack.TERWAY_DAEMON_SET)} is gone",
            "apply the same",
        )
    else:
        yield _addon(day, ack.TERWAY_ADDON)
    names = words([ack.ENI_CONFIG, *map(dynamic_config_name, spec.terway.dynamic_configs)])
    yield Step(
        "eni-config.delete",
        (),
        "kubectl: write ConfigMaps in kube-system",
        "Terway's configuration, which nothing reads any more.",
        f"kubectl -n {ack.NAMESPACE} delete configmap {names} --ignore-not-found",
        "they are gone",
        "sync again",
    )
    yield _see_interfaces(day)


def _addon(day: Day, name: str) -> Step:
    return Step(
        f"addon.{name}.remove",
        (),
        "RAM: cs:UnInstallClusterAddons",
        f"Uninstall {code(name)}. Skip it where something else of the cluster needs it.",
        components(day.spec, "uninstall", word(json.dumps([{"name": name}]))),
        "a task id; the console lists it no more",
        f"`addon.{name}` of the first list",
    )


def _see_interfaces(day: Day) -> Step:
    cloud = day.spec.alibaba_cloud
    tag = f"--Tag.1.Key {ack.CLUSTER_TAG} --Tag.1.Value {word(cloud.registered_cluster_id)}"
    get = aliyun(day.spec, "ecs", "DescribeNetworkInterfaces", "--VpcId", word(cloud.vpc.id), tag)
    return Step(
        "see.interfaces",
        (),
        "RAM: ecs:DescribeNetworkInterfaces",
        "Terway left no network interface: each goes with its instance, and one that stays costs addresses of the "
        "vSwitch. `aliyun ecs DeleteNetworkInterface` takes away what is left.",
        check(
            filters.asks(get, ".NetworkInterfaceSets.NetworkInterfaceSet | length == 0"),
            "network interfaces with the cluster's tag are left",
        ),
        "the command ends with 0",
        "",
    )


def _objects(day: Day) -> Step:
    mine = ",".join(f"{key}={value}" for key, value in labels(str(day.spec.name)).items())
    return Step(
        "objects.delete",
        (),
        "kubectl: write what is named, in every namespace",
        "hybridc's own objects, the CronJobs among them that put the exclusion back or keep a token alive.",
        f"kubectl delete {_OURS} -A -l {word(mine)}",
        "they are gone",
        "sync again",
    )


def _exclusion(day: Day) -> Steps:
    """The terms from before; where its owner has the exclusion in values or in Git, it goes the way it came."""
    delivery = deliver(day.spec)
    owner = day.again("exclusion.by-hand")
    workloads = delivery.patched or (delivery.all if owner is None else ())
    if workloads:
        names = listed(f"{item.namespace}/{item.name}" for item in workloads)
        yield Step(
            "exclusion.back",
            (),
            "kubectl: patch these workloads",
            f"{names}: the nodeSelectorTerms of before. **Pods restart on every node, one after the other.** It may "
            "stay as well: without cloud nodes it excludes nothing. A list that somebody has changed since is "
            "left alone.",
            chain(*map(_back, workloads)),
            "the restart is through",
            "the first list, `see.exclusion` and what is before it",
        )
    if owner is not None:
        yield owner._replace(
            id="exclusion.owner",
            sentence="Take the exclusion back where it was put in: values, patch or Component. It may stay as well.",
            command="kubectl get daemonset -A",
            expects="the restart is through",
            undo="`exclusion.by-hand` of the first list",
        )


def _back(exclusion: Exclusion) -> str:
    test = {"op": "test", "path": f"{_AFFINITY}/nodeSelectorTerms", "value": plain(exclusion.wanted)}
    back = {"op": "replace", "path": f"{_AFFINITY}/nodeSelectorTerms", "value": plain(exclusion.expected)}
    if not exclusion.expected:
        back = {"op": "remove", "path": _AFFINITY}
    patch = word(json.dumps([test, back]))
    kind, name = str(exclusion.kind).lower(), word(exclusion.name)
    return f"kubectl -n {word(exclusion.namespace)} patch {kind} {name} --type json -p {patch}"


def _ip_pools(day: Day) -> Step | None:
    """By the way they came: calicoctl, or the API that Argo CD or Flux synced them to."""
    if day.spec.cluster.cni.disabled_ip_pools == "api":
        names = words(item["metadata"]["name"] for item in ip_pools(day.spec))
        return Step(
            "ippools.delete",
            (),
            "kubectl: write IPPools",
            _POOLS_GO,
            f"kubectl delete ippools.projectcalico.org {names} --ignore-not-found",
            "what IDC pods talk to in the VPC still answers",
            "sync again",
        )
    return day.again(
        "ippools",
        id="ippools.delete",
        sentence=_POOLS_GO,
        command="calicoctl delete -f calico/ippools.yaml",
        expects="what IDC pods talk to in the VPC still answers",
        undo="`calicoctl apply -f calico/ippools.yaml`",
    )


def _engine(day: Day) -> Step:
    spec = day.spec
    if spec.gitops.engine == "flux":
        command, what = "kubectl delete -f flux/ --ignore-not-found", "The GitRepository and what reads it."
    else:
        files = "-f argocd/clusterrole-hybridc-reader.yaml -f argocd/clusterrolebinding-hybridc-reader.yaml"
        command = f"kubectl delete --ignore-not-found {files}"
        what = f"The guard's reader. AppProject {code(spec.gitops.project)} too, unless another cluster uses it."
    return Step(
        "gitops.delete",
        (),
        "kubectl: cluster-admin",
        what,
        command,
        "they are gone",
        "`gitops.apply` of the first list",
    )


def _git(day: Day) -> Step:
    return Step(
        "git.remove",
        (),
        f"whoever may merge into {code(day.spec.gitops.repo_url)}",
        "Remove `hybrid.yaml` and this folder from the repository. What stays: routes and rules of security groups "
        "(withdraw them as they came), the registered cluster and its agent, the identity that published, the history.",
        "git rm -r -q .",
        "the folder is gone",
        "revert the commit",
    )
