"""What a layout is, and which there are: each lays the synced objects out for another tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from hybridc.lower.bundle import Bundle, Synced

T = TypeVar("T")
LAYOUTS = ("kustomize", "helm")
"""By name, as ``gitops.format`` has it: a module of :mod:`hybridc.layout` with a :class:`Layout` named ``LAYOUT``."""
BOTH = "both"
CHOICES = (*LAYOUTS, BOTH)
"""What ``--layout`` takes."""


class Files(NamedTuple):
    """What a layout writes: paths below its folder → data, whose values the source map lists, or text."""

    data: dict[str, Any]
    texts: Mapping[str, str] = {}


class Layout(NamedTuple):
    """``synced`` is what an engine has to know of it; ``files`` lays a Bundle out."""

    synced: Synced
    files: Callable[[Bundle], Files]


def layout(name: str) -> Layout:
    """The layout of a name. Only its module is loaded."""
    found: Layout = import_module(f"hybridc.layout.{name}").LAYOUT
    return found


def chosen(wanted: str, own: str) -> tuple[Layout, ...]:
    """What ``--layout`` asks for ("": nothing), the synced one first; ``own`` is the spec's ``gitops.format``."""
    if wanted != BOTH:
        return (layout(wanted or own),)
    return tuple(map(layout, dict.fromkeys((own, "kustomize", "helm"))))


def below(folder: str, files: Mapping[str, T]) -> dict[str, T]:
    """Files with the folder before their paths."""
    return {f"{folder}/{path}": content for path, content in files.items()}
