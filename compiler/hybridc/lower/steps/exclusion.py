"""Steps that keep the IDC's CNI off cloud nodes: by hand where the delivery is not ours, and the look at the result."""

from __future__ import annotations

from hybridc.catalog import ack, joins
from hybridc.catalog import cni as catalog
from hybridc.lower.bundle import Manifest
from hybridc.lower.delivery import Delivery
from hybridc.lower.names import config_file, ip_pools_application, patch_file
from hybridc.lower.steps import filters
from hybridc.lower.steps.step import Step, ask, chain, check, code, word
from hybridc.spec.model import Spec

_GO_ON = """'{"spec": {"suspend": false}}'"""
_RESTARTS = "its pods restart on every node, one after the other"


def by_hand(spec: Spec, delivery: Delivery) -> Step | None:
    """What its owner does with delivery values, component and manual; None where there is nothing for a person."""
    cni = spec.cluster.cni
    if cni.delivery == "component" and delivery.all:
        todo = [(_component(spec), _component_sentence(spec))]
    else:
        todo = [_patch(item) for item in delivery.by_hand]
        if delivery.config is not None:
            todo.append(_configure(spec, delivery.config))
        elif delivery.values is not None:
            todo.append(_upgrade(spec))
    if not todo:
        return None
    sentences = " ".join(sentence for _, sentence in todo)
    return Step(
        "exclusion.by-hand",
        ("agent.private",),
        f"whoever owns {code(cni.type)}: kubectl, Helm or its Git repository",
        f"**Before the first cloud node joins**, and again whenever the CNI was reinstalled. {sentences}",
        chain(*(command for command, _ in todo)),
        "`see.exclusion`, below",
        "take the change back the same way, once no cloud node is left",
    )


def _patch(item: Manifest) -> tuple[str, str]:
    """A workload, or the object that the CNI's operator reads: it has no namespace."""
    kind, name = str(item["kind"]).lower(), item["metadata"]["name"]
    patch = f"patch {kind} {word(name)} --patch-file {word(patch_file(item['kind'], name))}"
    namespace = item["metadata"].get("namespace")
    if namespace is not None:
        sentence = f"Patch {code(f'{namespace}/{name}')}: {_RESTARTS}."
        return f"kubectl -n {word(namespace)} {patch} --type strategic", sentence
    sentence = (
        f"Patch {item['kind']} {code(name)}, or take the Component `components/cni-exclusion` where it is in Git. Its "
        f"operator changes the DaemonSet: {_RESTARTS}."
    )
    return f"kubectl {patch} --type merge", sentence


def _component_sentence(spec: Spec) -> str:
    entry = f"components: [<path to>/{spec.name}/components/cni-exclusion]"
    return f"Add {code(entry)} to the kustomization that has {code(spec.cluster.cni.type)}: {_RESTARTS}."


def _component(spec: Spec) -> str:
    folder = ask("CNI_FOLDER", "the folder of the kustomization that has the CNI")
    return (
        f"component=$(realpath --relative-to={folder} components/cni-exclusion) &&\n"
        '(cd "$CNI_FOLDER" && kustomize edit add component "$component")'
    )


def _configure(spec: Spec, config: Manifest) -> tuple[str, str]:
    """``create`` and not ``apply``: an object that is there has values of its owner, which would be lost."""
    meta, file = config["metadata"], config_file(config["kind"], config["metadata"]["name"])
    owner = joins.join(spec.node_init.join.method).charts
    name = f"{config['kind']} {code('{namespace}/{name}'.format(**meta))}"
    sentence = (
        f"Create {name}, which {owner.owner if owner else 'its owner'} reads. Where there is one already "
        f"(AlreadyExists), merge the `valuesContent` of {code(file)} into it, in its manifest on the servers if it has "
        f"one. The chart is upgraded: {_RESTARTS}."
    )
    return f"kubectl create -f {word(file)}", sentence


def _upgrade(spec: Spec) -> tuple[str, str]:
    """Name, namespace and version of the release are what Helm says; the chart's repository is not in the cluster."""
    name = str(catalog.install(spec.cluster.cni.type, spec.cluster.cni.install).chart)
    found = f'.[] | select(.chart | startswith("{name}-")) | [.name, .namespace, (.chart | ltrimstr("{name}-"))] | @tsv'
    chart = ask("CHART", f"the chart as it was installed, such as repository/{name}")
    command = (
        f"read -r release namespace version < <(helm list -A -o json | jq -r {word(found)}) &&\n"
        f'helm -n "$namespace" upgrade "$release" {chart} --version "$version" --reuse-values -f cni/values.yaml'
    )
    return command, f"Merge `cni/values.yaml` into the values of chart {code(name)}: {_RESTARTS}."


def see(delivery: Delivery) -> Step | None:
    """The live terms, and that the restart is through; None without a routed network of the IDC's own."""
    if not delivery.all:
        return None
    looks = []
    for exclusion in delivery.all:
        where, kind = f"kubectl -n {word(exclusion.namespace)}", str(exclusion.kind).lower()
        get = f"{where} get {kind} {word(exclusion.name)} -o json"
        looks += [
            filters.asks(get, filters.excluded(ack.EXTERNAL_LABEL)),
            f"{where} rollout status {word(f'{kind}/{exclusion.name}')} --timeout=30m",
        ]
    label = "=".join(ack.EXTERNAL_LABEL)
    names = ", ".join(code(f"{exclusion.namespace}/{exclusion.name}") for exclusion in delivery.all)
    return Step(
        "see.exclusion",
        ("exclusion.by-hand", "gitops.sync"),
        "kubectl: read these workloads",
        f"{names}: no term lets its pods onto a node with {code(label)}, and the restart is through.",
        check(chain(*looks), "the exclusion is not in place: let no cloud node join"),
        "the command ends with 0",
        "",
    )


def ip_pools(spec: Spec) -> Step | None:
    """Disabled pools, by calicoctl or by an engine that waits for a person; None when they are not wanted."""
    how = spec.cluster.cni.disabled_ip_pools
    if how == "none":
        return None
    name = word(ip_pools_application(spec.name))
    by_engine = {
        "argocd": f"argocd app sync {name}",
        "flux": f"kubectl -n flux-system patch kustomization {name} --type merge -p {_GO_ON}",
    }
    delete = "`calicoctl delete -f calico/ippools.yaml`"
    return Step(
        "ippools",
        ("network.routes", "network.security-groups", "see.exclusion"),
        "calicoctl: write IPPools" if how == "calicoctl" else "whoever may sync; the Calico API server is there",
        "Disabled IPPools for the cloud's ranges, so that IDC pods keep their own addresses toward the cloud. **This "
        "changes running traffic at once**: without the routes of `network.routes`, what IDC pods talk to in these "
        "ranges today stops answering.",
        "calicoctl apply -f calico/ippools.yaml" if how == "calicoctl" else by_engine[str(spec.gitops.engine)],
        "what IDC pods talk to in the VPC still answers, and sees the pods' own addresses",
        delete if how == "calicoctl" else "`kubectl delete -f calico/ippools.yaml`",
    )
