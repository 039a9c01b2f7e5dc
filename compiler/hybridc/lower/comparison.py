"""What guard and hook compare a workload with, as files beside ``terms.sh``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hybridc.lower.bundle import Exclusion, JsonText
from hybridc.lower.cni_exclusion import patch


def file_of(exclusion: Exclusion) -> str:
    """What the files of a workload start with."""
    return f"{exclusion.kind.lower()}.{exclusion.namespace}.{exclusion.name}"


def objects(excluded: Iterable[Exclusion], *, may_be_absent: bool) -> str:
    """A line ``FILE KIND NAMESPACE NAME [optional]`` for each workload."""
    end = " optional\n" if may_be_absent else "\n"
    return "".join(f"{file_of(e)} {e.kind.lower()} {e.namespace} {e.name}{end}" for e in excluded)


def files(exclusion: Exclusion) -> dict[str, Any]:
    """The terms that a workload must have and those that it may have before.

    Compact and with sorted keys: the form in which kubectl prints the live terms.
    """
    name = file_of(exclusion)
    return {
        f"{name}.expected.json": JsonText(_api_order(exclusion.expected), indent=None),
        f"{name}.wanted.json": JsonText(_api_order(exclusion.wanted), indent=None),
    }


def patch_file(exclusion: Exclusion) -> dict[str, Any]:
    """The strategic merge patch that brings the wanted terms."""
    return {f"{file_of(exclusion)}.patch.json": JsonText({"spec": patch(exclusion)["spec"]}, indent=None)}


def _api_order(terms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Terms as the API server returns them: sorted keys."""
    ordered: list[dict[str, Any]] = []
    for term in terms:
        fields: dict[str, Any] = {
            part: [{key: item[key] for key in sorted(item)} for item in term[part]]
            for part in ("matchExpressions", "matchFields")
            if part in term
        }
        ordered.append(fields)
    return ordered
