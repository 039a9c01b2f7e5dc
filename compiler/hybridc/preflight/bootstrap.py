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
_BINDINGS, _ROLES = Id("ClusterRoleBinding"), Id("ClusterRole")


def wanted(spec: Spec) -> list[Id]:
    """What the rules here ask for."""
    by_name = [Id("RoleBinding", *where) for where, _ in kubernetes.bootstrap_readers()] if by_kubeadm(spec) else []
    return [_BINDINGS, _ROLES, *by_name]


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
    node. A ClusterRoleBinding that gives `get`, `list` or `watch` on Secrets to all users, all ServiceAccounts or
    nobody in particular hands them to every pod. Values are not looked at. RoleBindings in `kube-system` are not read.

    Fails::
        kubectl create clusterrolebinding all --clusterrole=cluster-admin --group=system:serviceaccounts
    Passes::
        kubectl delete clusterrolebinding all

    Source: Kubernetes, RBAC good practices; kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens.
    """
    reading = {each["metadata"]["name"] for each in state.all("ClusterRole") if any(map(_reads, each.get("rules", [])))}
    for each in state.all("ClusterRoleBinding"):
        role = each.get("roleRef", {}).get("name")
        names = [
            str(subject.get("name")) for subject in each.get("subjects", []) if subject.get("kind") in ("Group", "User")
        ]
        broad = [name for name in names if name in kubernetes.everybody()]
        if role in reading and broad:
            binding = f"ClusterRoleBinding {each['metadata']['name']}"
            message = f"{binding} lets {', '.join(broad)} read Secrets (ClusterRole {role}): tokens and AccessKeys"
            yield finding(_JOIN if by_kubeadm(spec) else "/spec/cluster", message, "bind it to who needs it")


def _reads(rule: Data) -> bool:
    """Whether a rule lets read any Secret of ``kube-system``, or the AccessKey's by name."""
    names = rule.get("resourceNames", [])
    return (
        bool({"", "*"} & set(rule.get("apiGroups", [])))
        and bool({"secrets", "*"} & set(rule.get("resources", [])))
        and bool({"get", "list", "watch", "*"} & set(rule.get("verbs", [])))
        and (not names or ack.CREDENTIALS_SECRET in names)
    )
