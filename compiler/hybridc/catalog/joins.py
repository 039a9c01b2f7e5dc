"""How nodes join, and what each way brings with it (``joins.toml``)."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from hybridc.catalog import facts, load


class Embedded(NamedTuple):
    """A CNI inside the agent's own process; ``without`` is the servers' flag that switches it off."""

    plugin: str
    without: str


class Charts(NamedTuple):
    """CNIs that a distribution brings as charts of its own: ``owner`` applies them again at an upgrade.

    A chart is named ``prefix`` and the plugin; ``config`` is the start of the object
    with a person's values for it.
    """

    plugins: tuple[str, ...]
    prefix: str
    owner: str
    config: dict[str, Any]


class Join(NamedTuple):
    """A way to join; the fields are explained in the data file."""

    method: str
    tarballs: tuple[str, ...]
    create: str
    token_form: str
    token: str | None = None
    ending: str | None = None
    ending_form: str = ""
    agent: bool = False
    beside_terway: tuple[str, ...] = ()
    supervisor: int | None = None
    mirror: str = ""
    upstream: str = ""
    images: str | None = None
    embedded: Embedded | None = None
    charts: Charts | None = None

    def releases(self, version: str, *, upstream: bool) -> str:
        """The folder with the files of an agent's release, for a Kubernetes version such as 1.34.2."""
        return (self.upstream if upstream else self.mirror).format(version=version)

    def release_host(self, *, upstream: bool) -> str:
        """The host with an agent's releases."""
        return (self.upstream if upstream else self.mirror).split("/")[2]

    def bundles(self, plugin: str) -> Charts | None:
        """The distribution's charts, when the CNI is one of them."""
        return self.charts if self.charts is not None and plugin in self.charts.plugins else None

    def runs_inside(self, plugin: str) -> Embedded | None:
        """The CNI that the agent runs in its own process, when it is this one."""
        return self.embedded if self.embedded is not None and self.embedded.plugin == plugin else None


@cache
def joins() -> dict[str, Join]:
    """Every way to join, by the ``join.method`` of a spec."""
    return {method: _join(method, facts(entry)) for method, entry in load("joins")["method"].items()}


def join(method: str) -> Join:
    """The way that ``join.method`` names. KeyError for one that the catalog does not know."""
    return joins()[str(method)]


def _join(method: str, entry: dict[str, Any]) -> Join:
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    if "embedded" in entry:
        given["embedded"] = Embedded(**facts(entry["embedded"]))
    if "charts" in entry:
        charts = facts(entry["charts"])
        given["charts"] = Charts(**{**charts, "plugins": tuple(charts["plugins"])})
    return Join(method=method, **given)
