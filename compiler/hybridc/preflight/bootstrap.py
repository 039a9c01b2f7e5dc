"""Rights around bootstrap tokens: those that a join needs, and those that let others read the token."""

from __future__ import annotations

from hybridc.catalog import ack, kubernetes
from hybridc.live.reads import Id
from hybridc.live.shapes import Data
from hybridc.live.state import State
from hybridc.preflight.join import by_kubeadm
from hybridc.preflight.rule import Findings, live
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_JOIN = "/spec/nodeInit/join"
_LISTS = (
    Id("ClusterRoleBinding"),
    Id("ClusterRole"),
    Id("RoleBinding", ack.NAMESPACE),
    Id("Role", ack.NAMESPACE),
)


def wanted(spec: Spec) -> list[Id]:
    """What the rules here ask for."""
    by_name = [Id("RoleBinding", *where) for where, _ in kubernetes.bootstrap_readers()] if by_kubeadm(spec) else []
    return [*_LISTS, *by_name]


@live("NODE066")
def token_without_its_rights(spec: Spec, state: State) -> Findings:
    """What kubeadm binds to bootstrap tokens is not in the cluster.

    A node that joins with a token is in the group `system:bootstrappers:kubeadm:default-node-token`. It needs the
    bindings that `kubeadm init` makes: to ask for a certificate, to have it approved, to see Nodes, and to read
    `cluster-info` (as anybody) and `kubeadm-config`. Hardened clusters remove them once all nodes are there; then no
    join succeeds, or the kubelet's certificate waits for a person. ClusterRoleBindings count under any
    name. Without the approval of rotated certificates nodes fail after a year.

    Fails::
        kubectl delete clusterrolebinding kubeadm:kubelet-bootstrap
    Passes::
        kubeadm init phase bootstrap-token

    Source: kubeadm cmd/kubeadm/app/phases/bootstraptoken, phases/uploadconfig.
    """
    if not by_kubeadm(spec):
        return
    bound = {
        (each.get("roleRef", {}).get("name"), subject)
        for each in state.all("ClusterRoleBinding")
        for subject in _groups(each)
    }
    for name, role, groups in kubernetes.bootstrap_bindings():
        if not any((role, group) in bound for group in groups):
            message = f"no ClusterRoleBinding gives {groups[0]} the ClusterRole {role} (kubeadm: {name})"
            yield finding(_JOIN, message, "kubeadm init phase bootstrap-token, on a control plane")
    for (namespace, name), phase in kubernetes.bootstrap_readers():
        if state.one("RoleBinding", namespace, name) is None:
            message = f"RoleBinding {namespace}/{name} is not there: nodes that join could not read what kubeadm needs"
            yield finding(_JOIN, message, f"kubeadm init phase {phase}, on a control plane")


def _groups(binding: Data) -> list[str]:
    return [str(each.get("name")) for each in binding.get("subjects", []) if each.get("kind") == "Group"]


@live("SEC028")
def everybody_reads_secrets(spec: Spec, state: State) -> Findings:
    """Everybody in the cluster may read Secrets.

    Bootstrap tokens and the AccessKey of the add-ons are Secrets in `kube-system`: with a token a machine joins as a
    node. A ClusterRoleBinding, or a RoleBinding of `kube-system`, that gives `get`, `list` or `watch` on Secrets to all
    users, all ServiceAccounts or nobody in particular hands them to every pod. Roles that name other Secrets alone are
    passed over. Values are not looked at.

    Fails::
        kubectl create clusterrolebinding all --clusterrole=cluster-admin --group=system:serviceaccounts
    Fails::
        kubectl -n kube-system create rolebinding all --clusterrole=edit --group=system:authenticated
    Passes::
        kubectl delete clusterrolebinding all

    Source: Kubernetes, RBAC good practices; kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens.
    """
    place, advice = _JOIN if by_kubeadm(spec) else "/spec/cluster", "bind it to who needs it"
    reading = _reading("ClusterRole", state.all("ClusterRole"))
    for each in state.all("ClusterRoleBinding"):
        if said := _hands_out(each, reading):
            yield finding(place, f"ClusterRoleBinding {each['metadata']['name']} {said}", advice)
    bindings = [each for each in state.all("RoleBinding", ack.NAMESPACE) if _broad(each)]
    if any(each.get("roleRef", {}).get("kind") == "Role" for each in bindings):
        reading |= _reading("Role", state.all("Role", ack.NAMESPACE))
    for each in bindings:
        if said := _hands_out(each, reading):
            yield finding(place, f"RoleBinding {ack.NAMESPACE}/{each['metadata']['name']} {said}", advice)


def _reading(kind: str, roles: list[Data]) -> set[tuple[str, str]]:
    """The roles that let read Secrets, as a binding names them."""
    return {(kind, each["metadata"]["name"]) for each in roles if any(map(_reads, each.get("rules", [])))}


def _broad(binding: Data) -> list[str]:
    """Whom it binds that stands for everybody."""
    subjects = [each for each in binding.get("subjects", []) if each.get("kind") in ("Group", "User")]
    return [name for each in subjects if (name := str(each.get("name"))) in kubernetes.everybody()]


def _hands_out(binding: Data, reading: set[tuple[str, str]]) -> str:
    """What a binding lets everybody do; "" when that is not to read Secrets."""
    broad, ref = _broad(binding), binding.get("roleRef", {})
    kind, name = str(ref.get("kind")), str(ref.get("name"))
    if not broad or (kind, name) not in reading:
        return ""
    return f"lets {', '.join(broad)} read Secrets ({kind} {name}): tokens and AccessKeys"


def _reads(rule: Data) -> bool:
    """Whether a rule lets read any Secret of ``kube-system``, or by name one of a token or of the AccessKey."""
    names = rule.get("resourceNames", [])
    ours = any(name == ack.CREDENTIALS_SECRET or name.startswith(kubernetes.token_secrets()) for name in names)
    return (
        bool({"", "*"} & set(rule.get("apiGroups", [])))
        and bool({"secrets", "*"} & set(rule.get("resources", [])))
        and bool({"get", "list", "watch", "*"} & set(rule.get("verbs", [])))
        and (not names or ours)
    )
