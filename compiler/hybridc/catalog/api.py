"""The APIs of Alibaba Cloud that hybridc calls, and the codes of their errors (``api.toml``)."""

from __future__ import annotations

from typing import NamedTuple

from hybridc.catalog import load

_FACTS = load("api")


class Service(NamedTuple):
    """``version`` of the API; ``client`` is the package whose client knows its addresses, without one ``host``."""

    version: str
    client: str
    host: str


SERVICES: dict[str, Service] = {
    name: Service(found["version"], found.get("client", ""), found.get("host", ""))
    for name, found in _FACTS["service"].items()
}
SKEWED: tuple[str, ...] = tuple(_FACTS["skewed"]["codes"])
"""The clock of this machine is wrong."""
EXPIRED: tuple[str, ...] = tuple(_FACTS["expired"]["codes"])
"""Temporary credentials have ended."""
WRONG_KEY: tuple[str, ...] = tuple(_FACTS["wrong_key"]["codes"])
"""The AccessKey is not known, not active, or not that of the signature."""
ABSENT: tuple[str, ...] = tuple(_FACTS["absent"]["codes"])
"""An object, or the bucket that it would be in, is not there."""
GONE: tuple[str, ...] = tuple(_FACTS["gone"]["beginnings"])
"""What codes begin with that speak of the thing itself: it is not there, or nobody sells it."""
NO_BUCKET: str = _FACTS["absent"]["bucket"]
NO_BUCKET_POLICY: str = _FACTS["absent"]["policy"]


def is_throttled(code: str) -> bool:
    """Whether a code says that there were too many requests."""
    return bool(code.partition(".")[0] == _FACTS["throttled"]["family"])
