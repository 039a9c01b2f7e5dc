"""RAM actions for each add-on and for each version of Terway (``ram.toml``)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hybridc.catalog import load
from hybridc.catalog.terway import Release, release

DOCUMENT_LIMIT: int = load("ram")["limits"]["document_characters"]
ACCESS_KEYS: int = load("ram")["access_keys"]["most"]
"""How many AccessKeys a user may have."""
POLICY_VERSIONS: int = load("ram")["versions"]["most"]
"""How many versions a policy may have."""
ONECTL_POLICIES: str = load("ram")["onectl"]["policies"]
"""What the names of the policies start with that onectl makes; the add-on follows."""
TERWAY_SOURCE: str = load("ram")["terway_source"]["source"]
"""Where it stands what Terway calls and what Alibaba grants it."""


class Action(NamedTuple):
    """An action of Terway. ``level`` says which resources it can be limited to; ``documented`` = on Alibaba's page."""

    name: str
    level: str
    documented: bool
    dual_only: bool
    since: Release
    until: Release | None

    def called_by(self, version: Release, ip_stack: str) -> bool:
        """Whether this version calls it with this IP stack."""
        if self.dual_only and ip_stack != "dual":
            return False
        return self.since <= version and (self.until is None or version < self.until)


@cache
def terway_actions() -> tuple[Action, ...]:
    """Everything that any Terway calls or that Alibaba's page grants, in the order of that page."""
    return tuple(
        Action(
            name=entry["action"],
            level=entry["level"],
            documented=entry.get("documented", False),
            dual_only=entry.get("stack") == "dual",
            since=release(entry.get("from", "0.1.0")),
            until=release(entry["until"]) if "until" in entry else None,
        )
        for entry in load("ram")["terway"]
    )


def addon_actions(name: str) -> tuple[str, ...] | None:
    """What a managed add-on needs; ``()`` when it needs nothing, None when the catalog does not know the add-on."""
    entry = load("ram")["addons"].get(name)
    if entry is None:
        return None
    if "same_as" in entry:
        return addon_actions(entry["same_as"])
    return tuple(entry["actions"])


def addon_source(name: str) -> str:
    """Where it stands what an add-on needs. KeyError for one that the catalog does not know."""
    entry = load("ram")["addons"][name]
    return addon_source(entry["same_as"]) if "same_as" in entry else str(entry["source"])


def addons() -> tuple[str, ...]:
    """The managed add-ons that the catalog knows."""
    return tuple(load("ram")["addons"])
