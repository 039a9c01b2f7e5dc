"""Folders of hybridc in ``-o`` that no spec of a call makes: other parts of the fleet, or what is left of it."""

from __future__ import annotations

import os
from collections.abc import Collection

from hybridc.layout.lock import NAME
from hybridc.output.compare import Difference, compare


def strays(out: str, named: Collection[str]) -> list[str]:
    """The folders below ``out`` that hold a lock of hybridc and have none of these names; a link is no folder."""
    if not os.path.isdir(out):
        return []
    with os.scandir(out) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name not in named
            and not entry.name.startswith(".")
            and entry.is_dir(follow_symlinks=False)
            and os.path.lexists(os.path.join(entry.path, NAME))
        )


def removal(folder: str) -> Difference:
    """What goes with a folder: every file of its inventory, and the inventory itself. Foreign files stay."""
    found = compare(folder, {})
    if not found.damaged and NAME in found.edited:
        found.edited.remove(NAME)
        found.removed.append(NAME)
    return found
