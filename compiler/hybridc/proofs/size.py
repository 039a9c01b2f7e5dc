"""Proofs: no object is larger than what applies it can take."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hybridc.catalog.kubernetes import ANNOTATION_BYTES
from hybridc.lower.bundle import Bundle, JsonText, Manifest, YamlText
from hybridc.proofs.breach import breach, embedded, manifests, name_of, proof
from hybridc.rules.rule import Finding, Findings
from hybridc.source.document import parent
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins, plain
from hybridc.words import field

_MOST_GROWTH = 12
"""A character of the data takes at most so many bytes in JSON inside of JSON."""
_HTML = "<>&"


@proof("GIT046")
def too_large_to_apply(bundle: Bundle, spec: Spec) -> Findings:
    """An object is too large for a client-side apply.

    `kubectl apply`, and Argo CD, which does the same, keep the whole object as JSON in an annotation, and the API
    server takes 262,144 bytes of annotations: the sync ends with "metadata.annotations: Too long". Flux, and an object
    with ServerSideApply=true, need no such copy.

    Fails::
        data: {eni_conf: 300 KB}
    Passes::
        data: {eni_conf: 3 KB}

    Source: kubectl apply, last-applied-configuration; apimachinery, TotalAnnotationSizeLimitB.
    """
    synced = {id(item) for item in bundle.objects} if bundle.engine == "flux" else set()
    for item in manifests(bundle):
        if id(item) in synced or _length(item) * _MOST_GROWTH < ANNOTATION_BYTES or _server_side(item):
            continue
        size = _applied(item)
        if size > ANNOTATION_BYTES:
            pointer = _most(item)
            message = f"{name_of(item)} takes {size:,} bytes, a client-side apply takes {ANNOTATION_BYTES:,}"
            if not pointer:
                yield breach(name_of(item), message)
                continue
            yield Finding(
                pointer, message, f"shorten {field(pointer)}, which most of it comes from", where=name_of(item)
            )


def _server_side(item: Manifest) -> bool:
    options = str((item["metadata"].get("annotations") or {}).get("argocd.argoproj.io/sync-options", ""))
    return "ServerSideApply=true" in options.split(",")


def _leaves(value: Any) -> Iterator[Any]:
    """Every scalar and every key, those of JSON and YAML inside of strings too."""
    todo = [value]
    while todo:
        one = embedded(todo.pop())
        if isinstance(one, dict):
            todo += [*one, *one.values()]
        elif isinstance(one, (list, tuple)):
            todo += one
        else:
            yield one


def _length(item: Manifest) -> int:
    """About how many characters there are."""
    return len(json.dumps(item, ensure_ascii=False, default=embedded))


def _applied(item: Manifest) -> int:
    """How many bytes the object takes as JSON in the annotation, as Go writes it: < > & are escaped."""
    text = json.dumps(_written(item), ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "replace")) + 5 * sum(map(text.count, _HTML))


def _written(value: Any) -> Any:
    if isinstance(value, (JsonText, YamlText)):
        indent = value.indent if isinstance(value, JsonText) else 2
        return json.dumps(plain(value.data), ensure_ascii=False, indent=indent)
    if isinstance(value, dict):
        return {str(key): _written(one) for key, one in value.items()}
    return [_written(one) for one in value] if isinstance(value, (list, tuple)) else plain(value)


def _most(item: Manifest) -> str:
    """The place in the spec that at least half of the object comes from, as exact as can be said; "" for none."""
    weights: Counter[str] = Counter()
    for leaf in _leaves(item):
        pointer = next((origin.pointer for origin in origins(leaf) if origin.kind == "spec"), "")
        while pointer:
            weights[pointer] += len(str(leaf)) + 4
            pointer = parent(pointer)
    half = _length(item) / 2
    heavy = [pointer for pointer, weight in weights.items() if weight >= half]
    return max(heavy, key=lambda pointer: (pointer.count("/"), pointer), default="")
