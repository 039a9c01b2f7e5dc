"""Which nodes a list of nodeSelectorTerms admits, as the scheduler and the DaemonSet controller evaluate it.

Terms are OR-ed, the expressions of a term AND-ed; a term without expressions matches no node.
Source: k8s.io/component-helpers/scheduling/corev1/nodeaffinity.
"""

from __future__ import annotations

from typing import Any

Labels = dict[str, str]
Term = dict[str, Any]


def matches(terms: list[Term], labels: Labels) -> bool:
    """Whether a node with these labels is admitted. ``matchFields`` (the node's name) count as fulfilled."""
    return any(_term(term, labels) for term in terms)


def _term(term: Term, labels: Labels) -> bool:
    expressions = term.get("matchExpressions") or []
    if not expressions and not term.get("matchFields"):
        return False
    return all(expression_matches(expression, labels) for expression in expressions)


def expression_matches(expression: Term, labels: Labels) -> bool:
    """One expression; an operator that Kubernetes does not know matches nothing."""
    value = labels.get(expression["key"])
    operator, values = expression["operator"], expression.get("values") or []
    if operator == "In":
        return value is not None and value in values
    if operator == "NotIn":
        return value is None or value not in values
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    if operator in ("Gt", "Lt"):
        return _compare(value, str(operator), str(values[0]) if values else "")
    return False


def _compare(value: str | None, operator: str, bound: str) -> bool:
    try:
        number, limit = int(value or ""), int(bound)
    except ValueError:
        return False
    return number > limit if operator == "Gt" else number < limit


def witness(term: Term) -> Labels:
    """Labels of a node that the term admits, as far as its expressions do not contradict each other."""
    found: Labels = {}
    for expression in term.get("matchExpressions") or []:
        key, operator, values = expression["key"], expression["operator"], expression.get("values") or [""]
        if operator == "In":
            found[key] = values[0]
        elif operator == "Exists":
            found.setdefault(key, "any")
        elif operator in ("Gt", "Lt") and str(values[0]).lstrip("-").isdigit():
            found[key] = str(int(values[0]) + (1 if operator == "Gt" else -1))
    return found


def terms_in(data: Any) -> list[list[Term]]:
    """Every ``nodeSelectorTerms`` anywhere in the data."""
    found: list[list[Term]] = []
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "nodeSelectorTerms":
                found.append(value)
            elif isinstance(value, (dict, list)):
                found += terms_in(value)
    elif isinstance(data, list):
        for item in data:
            if isinstance(item, (dict, list)):
                found += terms_in(item)
    return found
