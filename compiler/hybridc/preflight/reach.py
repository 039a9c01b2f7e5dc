"""Whether a cloud node can dial an API server: what ``reach.sh`` of the guard asks, but for names in the DNS."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from hybridc import cidr
from hybridc.preflight.rule import Findings
from hybridc.rules.ranges import Range, ranges_of
from hybridc.rules.rule import finding
from hybridc.spec.model import Spec

_ITSELF = ("localhost", "localhost.localdomain")


def dialled(spec: Spec, server: str, who: str, harm: str, where: str) -> Findings:
    """What is wrong with the server that cloud nodes are sent to. ``who`` is a beginning (``kube-proxy dials``)."""
    host = _host(server)
    known = {_host(f"//{spec.cluster.api_server}"), *(str(name).lower() for name in spec.node_init.hosts)}
    if not host or host in known:
        return
    advice = f"let it be {spec.cluster.api_server}"
    if _is_the_node(host):
        message = f"{who} {server}, which is the node itself: on a cloud node nothing listens there, and {harm}"
        yield finding(spec.cluster.api_server, message, advice, where=where)
    elif (own := _range_of(spec, host)) is not None:
        message = f"{who} {server}, in the {own}, a network that a node has only after it has joined: {harm}"
        yield finding(spec.cluster.api_server, message, advice, where=where)
    elif _address(host) is None:
        message = f"{who} {server}, a name that cloud nodes must resolve"
        advice = "give the name in nodeInit.hosts, unless the DNS of the VPC knows it"
        yield finding(spec.cluster.api_server, message, advice, "warning", where=where)


def _host(url: str) -> str:
    """The host of a URL, in small letters; "" where there is none."""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_the_node(host: str) -> bool:
    address = _address(host)
    if address is None:
        return host in _ITSELF or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified or address.is_link_local


def _range_of(spec: Spec, host: str) -> Range | None:
    """The range of Services or pods that the address lies in."""
    span = cidr.parse(host)
    ranges = ranges_of(spec)
    own = (*ranges.services, *ranges.pods)
    return None if span is None else next((item for item in own if cidr.inside(span, item.span)), None)
