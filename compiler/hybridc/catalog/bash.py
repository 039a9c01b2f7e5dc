"""Variables that bash or the loader takes before a script sees them (``bash.toml``)."""

from __future__ import annotations

from hybridc.catalog import load


def taken_by(name: str) -> str | None:
    """Who sets or reads the variable ``name`` before a script can; None when nobody does."""
    for who, key in (("bash", "variables"), ("the loader", "loader")):
        facts = load("bash")[key]
        if name in facts["names"] or name.startswith(tuple(facts["prefixes"])):
            return who
    return None
