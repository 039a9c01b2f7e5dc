"""How a workload stands to cloud nodes: what guard.sh asks with kubectl, asked of a State."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ack, argocd
from hybridc.live.shapes import LAST_APPLIED

Data = dict[str, Any]
_KEY, _VALUE = ack.EXTERNAL_LABEL
_OF_APPLY = {"f:metadata", "f:spec"}


def name_of(kind: str, item: Data) -> str:
    """``DaemonSet kube-system/calico-node``."""
    return f"{kind} {item['metadata']['namespace']}/{item['metadata']['name']}"


def pod(workload: Data) -> Data:
    """The spec of its pods."""
    found: Data = workload.get("spec", {}).get("template", {}).get("spec", {})
    return found


def terms(workload: Data) -> list[Data]:
    """The nodeSelectorTerms that its pods require."""
    affinity = pod(workload).get("affinity", {}).get("nodeAffinity", {})
    found: list[Data] = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", [])
    return found


def keeps_off(workload: Data) -> bool:
    """Whether its pods cannot land on a node with the label of cloud nodes, as ``keeps-off.gotmpl`` decides it."""
    if pod(workload).get("nodeSelector", {}).get(_KEY, _VALUE) != _VALUE:
        return True
    required = terms(workload)
    return bool(required) and all(any(map(_excludes, term.get("matchExpressions", []))) for term in required)


def _excludes(expression: Data) -> bool:
    if expression.get("key") != _KEY:
        return False
    named = _VALUE in expression.get("values", [])
    operator = expression.get("operator")
    return operator == "DoesNotExist" or (operator == "NotIn" and named) or (operator == "In" and not named)


def applied(item: Data) -> bool:
    """Whether ``kubectl apply`` made more of it than its annotations and the affinity, which it alone owns then.

    Without managedFields the annotation alone says so: nobody printed them, or the API server gives all fields to one
    owner at the next server-side apply.
    """
    meta = item["metadata"]
    if "managedFields" not in meta:
        return LAST_APPLIED in meta.get("annotations", {})
    return any(each.get("operation") == "Update" and _fields(each) >= _OF_APPLY for each in meta["managedFields"])


def argocd_owns(item: Data) -> bool:
    """Whether Argo CD has applied more of it server-side than the affinity."""
    owners = item["metadata"].get("managedFields", ())
    return any(
        each.get("operation") == "Apply" and each.get("manager") == argocd.FIELD_MANAGER and "f:spec" in _fields(each)
        for each in owners
    )


def _fields(owner: Data) -> set[str]:
    return set(owner.get("fieldsV1", {}))


def tolerates(toleration: dict[str, str], key: str, value: str, effect: str) -> bool:
    """Whether it stands a taint, as the scheduler decides; of ``operator`` what every release has."""
    if toleration.get("effect", effect) not in ("", effect) or toleration.get("key", key) not in ("", key):
        return False
    operator = toleration.get("operator", "Equal")
    return operator == "Exists" or (operator == "Equal" and toleration.get("value", "") == value)
