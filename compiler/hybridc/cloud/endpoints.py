"""Where the services are: ``--endpoint``, else what their packages and the catalog know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

SERVICES = ("sts", "ram", "cs", "oss", "vpc", "ecs")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Endpoint(NamedTuple):
    """``protocol`` is ``https``, or ``http`` on loopback; ``host`` has the port where one is given."""

    protocol: str
    host: str

    @property
    def url(self) -> str:
        """As an address."""
        return f"{self.protocol}://{self.host}"


class WrongEndpoint(ValueError):
    """An ``--endpoint`` that cannot be taken, and why."""


def parse(given: Iterable[str]) -> dict[str, Endpoint]:
    """Endpoints by service, of flags ``SERVICE=URL``, or ``URL`` for all. Raises :class:`WrongEndpoint`."""
    found: dict[str, Endpoint] = {}
    for text in given:
        name, equals, url = text.partition("=")
        services = (name,) if equals and "/" not in name else SERVICES
        if services != SERVICES and name not in SERVICES:
            raise WrongEndpoint(f'"{name}" is no service: {", ".join(SERVICES)}')
        endpoint = _endpoint(url if services != SERVICES else text)
        found.update(dict.fromkeys(services, endpoint))
    return found


def _endpoint(url: str) -> Endpoint:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise WrongEndpoint(f'"{url}" is no address: {error}') from None
    if not host or parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query or parts.username:
        raise WrongEndpoint(f'"{url}" is no address of a service: https://host, and a port if need be')
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise WrongEndpoint(f'"{url}" is not encrypted: http is for loopback only')
    return Endpoint(parts.scheme, parts.netloc)


def of(endpoints: Mapping[str, Endpoint], service: str) -> Endpoint | None:
    """What was given for a service; None: the package knows."""
    return endpoints.get(service)
