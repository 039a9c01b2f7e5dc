"""How far the paths that a spec can choose were walked (``support.toml``)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hybridc.catalog import facts, load


class Path(NamedTuple):
    """What a field can say: one of ``values``, where "set" is anything at all. ``run`` is what was run of it."""

    word: str
    field: str
    values: tuple[str, ...]
    walked: bool
    run: str


@cache
def paths() -> tuple[Path, ...]:
    """Every path, in the order of the file."""
    found = {word: facts(entry) for word, entry in load("support")["path"].items()}
    return tuple(Path(word=word, **{**entry, "values": tuple(entry["values"])}) for word, entry in found.items())


ANYTHING = "set"
"""The value of a path that a field chooses by being there."""
