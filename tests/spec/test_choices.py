"""The words of the model are those of the schema, in both directions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tests.records import field_names

from hybridc.schema import load
from hybridc.source.reader import read
from hybridc.spec.items import Items
from hybridc.spec.origin import origins
from hybridc.spec.resolve import resolve

EXAMPLE = Path(__file__).parents[2] / "examples" / "everything" / "hybrid.yaml"
PLAIN = ("existingNodeSelectorTerms", "jobTolerations")
"""What stays plain data in the model, as Kubernetes has it."""


def _words(kind: Any) -> tuple[str, ...]:
    """The words of a Literal, or of an optional one; () for any other type."""
    inner = [_words(arg) for arg in get_args(kind) if arg is not type(None)]
    return get_args(kind) if get_origin(kind) is Literal else inner[0] if len(inner) == 1 and inner[0] else ()


def _choices(value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """``(path as a person writes it, words)`` of every choice in a Spec."""
    if names := field_names(value):
        hints = get_type_hints(type(value))
        for name in names:
            inner = getattr(value, name)
            words = _words(hints[name])
            if words and inner is not None:
                yield _path(origins(inner)[0].pointer), words
            yield from _choices(inner)
    elif isinstance(value, Items):
        for item in value:
            yield from _choices(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _choices(item)


def _path(pointer: str) -> str:
    """``/spec/nodePools/0/spot`` as the schema's fields have it: ``spec.nodePools[].spot``."""
    path = re.sub(r"/[0-9]+(?=/|\Z)", "[]", pointer).lstrip("/").replace("/", ".")
    return re.sub(r"(dynamicConfigs|instanceTypes)\.[^/]+\.(?=\w+\Z)", r"\1.*.", path)


def test_every_choice_has_the_words_of_the_schema() -> None:
    document = read("hybrid.yaml", EXAMPLE.read_bytes())[0]
    spec = document.data["spec"]
    spec["terway"]["dynamicConfigs"]["big"]["vSwitchSelection"] = "random"
    spec["nodeInit"]["packages"]["tarballs"] = [{"arch": "amd64"}]
    spec["nodePools"][0]["dataDisks"] = [{"category": "cloud_essd"}]
    model = dict(_choices(resolve(document)))
    del model["spec.cluster.cni.daemonSet"]  # the kind of the CNI's own workload is no field
    schema = {path: tuple(node["enum"]) for path, node in load.fields() if "enum" in node and path.startswith("spec.")}
    assert model == {path: words for path, words in schema.items() if not any(name in path for name in PLAIN)}
