"""What an import looks at, and what it sees: a value for a field of the spec, and where it stood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hybridc.live.reads import Id
from hybridc.live.state import State
from hybridc.source.secrets import MASK, find, is_telling
from hybridc.spec.hole import is_hole
from hybridc.words import PLACEHOLDER

Data = dict[str, Any]


class Seen(NamedTuple):
    """A value for the field at a JSON pointer of hybrid.yaml, and ``where`` it stood; ``flow``: written in one line."""

    pointer: str
    value: Any
    where: str
    flow: bool = False


class Note(NamedTuple):
    """What a person should know, and no field holds: a secret that was left out, an address that disagrees."""

    text: str


@dataclass(frozen=True)
class Sources:
    """A State of a cluster or of files; an eni-config of its own (its keys and texts); the page's script.

    ``name`` is that of the spec that is updated, "" without one.
    """

    state: State | None = None
    eni_config: Mapping[str, str] | None = None
    eni_path: str = ""
    script: str | None = None
    script_path: str = ""
    name: str = ""

    def all(self, kind: str) -> Iterator[tuple[Id, Data]]:
        """Every object of a kind that was seen, by namespace and name."""
        found = self.state.objects if self.state is not None else {}
        return ((each, found[each]) for each in sorted(found) if each.kind == kind)

    def config_map(self, namespace: str, name: str) -> dict[str, str]:
        """The data of a ConfigMap; empty when it was not seen."""
        found = self.state.objects if self.state is not None else {}
        return dict(found.get(Id("ConfigMap", namespace, name), {}).get("data", {}))


Found = Iterator[Seen | Note]


def is_data(value: Any) -> bool:
    """Whether a value can be passed through: whatever a person wrote, but no hole and nothing that was masked."""
    if isinstance(value, dict):
        return all(is_data(key) and is_data(below) for key, below in value.items())
    if isinstance(value, list):
        return all(map(is_data, value))
    return not is_hole(value) and not (isinstance(value, str) and MASK in value)


def holds_secret(value: Any) -> bool:
    """Whether something in a value looks like a secret, or stands under a key that is named like one."""
    if isinstance(value, dict):
        return any(holds_secret(key) or holds_secret(below) or _is_keyed(key, below) for key, below in value.items())
    if isinstance(value, list):
        return any(map(holds_secret, value))
    return isinstance(value, str) and next(find(value), None) is not None


def _is_keyed(key: Any, value: Any) -> bool:
    return isinstance(value, str) and value != "" and is_telling(str(key))


def filled(value: Any) -> bool:
    """Whether a value is one: no template that nobody filled in, and no secret that was masked."""
    if isinstance(value, dict):
        return all(filled(key) and filled(below) for key, below in value.items())
    if isinstance(value, list):
        return all(map(filled, value))
    text = value if isinstance(value, str) else ""
    return not is_hole(value) and MASK not in text and not PLACEHOLDER.search(text)
