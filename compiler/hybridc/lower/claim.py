"""What a proof over the output is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hybridc.lower.bundle import Bundle, JsonText, Manifest, YamlText
from hybridc.spec.model import Spec


class Breach(NamedTuple):
    """Something that does not hold: the rule, the place in the output, the sentence.

    ``value`` is the value at fault: its origin says which line of hybrid.yaml it came from, if any. ``advice`` is what
    to do about that line.
    """

    code: str
    where: str
    message: str
    value: object = None
    advice: str = "remove or change this value"


Proof = Callable[[Bundle, Spec], Iterator[Breach]]


def name_of(item: Manifest) -> str:
    """``ConfigMap kube-system/eni-config``."""
    metadata = item["metadata"]
    namespace = metadata.get("namespace")
    return f"{item['kind']} {namespace}/{metadata['name']}" if namespace else f"{item['kind']} {metadata['name']}"


def find(bundle: Bundle, kind: str, name: str) -> Manifest | None:
    """The synced object of this kind and name."""
    return next((o for o in bundle.objects if o["kind"] == kind and o["metadata"]["name"] == name), None)


def manifests(bundle: Bundle) -> Iterator[Manifest]:
    """Every Kubernetes object of the output, patches of objects among them."""
    yield from bundle.objects
    yield from bundle.component
    yield from bundle.gitops
    yield from bundle.ip_pools


def is_hook(item: Manifest) -> bool:
    """Whether Argo CD runs the object as a hook; it then is no part of the sync status."""
    return "argocd.argoproj.io/hook" in (item["metadata"].get("annotations") or {})


def embedded(value: Any) -> Any:
    """The data of JSON or YAML that stands in a string, or the value itself."""
    return value.data if isinstance(value, (JsonText, YamlText)) else value
