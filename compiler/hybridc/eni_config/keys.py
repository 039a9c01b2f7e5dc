"""What is wrong with single keys of ``eni_conf`` and of the CNI configuration, as Terway would read them.

The same checks serve the pass-throughs of a spec (whose values carry origins) and the lint of a live eni-config (plain
data). Terway decodes strictly by type and loosely by name: a wrong type ends the daemon, a wrong name does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hybridc import cidr
from hybridc.catalog import terway
from hybridc.catalog.network import LOCAL_DNS
from hybridc.catalog.terway import Key, Release
from hybridc.diagnostic import ERROR, WARNING
from hybridc.source.document import join
from hybridc.spec.hole import is_hole
from hybridc.spec.origin import Flag
from hybridc.words import nearest, parts


class Problem(NamedTuple):
    """What is wrong: ``pointer`` is relative to the key's value; ``at_key``: it is about the name."""

    code: str
    severity: str
    pointer: str
    message: str
    help: str
    at_key: bool = False


_ITEMS = {"strings": "string", "integers": "integer", "maps": "map", "lists of strings": "list of strings"}
_NAMES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "map": "a mapping",
}
# Go's time.ParseDuration: a sign, then numbers with a unit each; a bare 0 is fine.
_DURATION = r"[-+]?(0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)"
_FLOAT = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"


def problems(table: str, key: str, value: Any, version: Release) -> Iterator[Problem]:
    """Everything that is wrong with one key of ``eni_conf`` or ``cni_conf`` (the table) for a Terway."""
    known = terway.keys(table).get(key)
    if table == "cni_conf" and key == "ip_stack":
        yield Problem(
            "ENI028", WARNING, "", "Terway reads no ip_stack from the CNI configuration", "set it in eni_conf", True
        )
    elif known is None:
        yield _unknown(table, key)
    else:
        yield from _unread(table, known, version)
        wrong = list(_wrong_type(known, value))
        yield from wrong or _wrong_value(known, value, version)


def _unknown(table: str, key: str) -> Problem:
    known = terway.keys(table)
    meant = nearest(key, known)
    where = "eni_conf key" if table == "eni_conf" else "CNI configuration key"
    advice = "check the spelling: Terway would ignore it"
    if meant:
        since = dotted(known[meant].since)
        advice = f'did you mean "{meant}" (Terway {since} and later)? Terway ignores what it does not know'
    return Problem("ENI014", WARNING, "", f'Terway knows no {where} "{key}"', advice, True)


def _unread(table: str, known: Key, version: Release) -> Iterator[Problem]:
    """The key is there and does nothing: it is newer than this Terway, was removed before it, or was never read."""
    message = None
    if not known.known_to(version):
        if known.removed is not None and version >= known.removed:
            message, advice = f"{known.name} was removed in Terway {dotted(known.removed)}", "remove it"
        else:
            firsts = " and ".join(dotted(first) for first in sorted((*known.also, known.since)))
            message = f"{known.name} came with {firsts}, {terway.told(dotted(version))} does not read it"
            advice = "use a newer Terway, or remove it"
    elif known.use == "dead" and known.removed is None:
        message, advice = f"no Terway reads {known.name} any more", "remove it: it has no effect"
    if message:
        yield Problem("ENI015", WARNING, "", message, advice, True)


def _wrong_type(known: Key, value: Any) -> Iterator[Problem]:
    for pointer, want, got in mismatches(known.type, value):
        code = "ENI019" if known.format else "ENI023"
        if known.name in ("access_key", "access_secret"):
            got = "something else"  # perhaps the secret itself
        where = ".".join([known.name, *parts(pointer)])
        advice = f"write {want}; Terway does not start with another type"
        if want == "a string" and got[:1].isdigit():
            advice = f'quote it: "{got}"; Terway does not start with another type'
        elif want != "a string" and got.startswith('"') and _unquoted(want, got):
            advice = "remove the quotes; Terway does not start with another type"
        yield Problem(code, ERROR, pointer, f"{where} is {got}, Terway wants {want}", advice)


def _unquoted(want: str, got: str) -> bool:
    inner = got.strip('"')
    return inner in ("true", "false") if want == "true or false" else bool(re.fullmatch(_FLOAT, inner))


def mismatches(kind: str, value: Any, pointer: str = "") -> Iterator[tuple[str, str, str]]:
    """``(pointer, wanted, got)`` for every part of a value that has another JSON type than ``kind``.

    ``null`` is no mismatch: Go leaves the zero value. Holes are none either.
    """
    if is_hole(value) or value is None or kind == "any":
        return
    outer, _, inner = kind.partition(" of ")
    if not _is(outer, value):
        yield pointer, _NAMES[outer], _shown(value)
    elif inner:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from mismatches(_ITEMS[inner], item, join(pointer, key))


def _is(kind: str, value: Any) -> bool:
    if kind in ("list", "map"):
        return isinstance(value, dict if kind == "map" else (list, tuple))
    truth = isinstance(value, (bool, Flag))
    if kind == "boolean":
        return truth
    if kind == "string":
        return isinstance(value, str)
    return not truth and isinstance(value, int if kind == "integer" else (int, float))


def _shown(value: Any) -> str:
    if isinstance(value, (bool, Flag)):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _wrong_value(known: Key, value: Any, version: Release) -> Iterator[Problem]:
    if is_hole(value) or value is None:
        return
    if known.use == "refuse":
        advice = f"remove it: {known.why}; the Secret alibaba-addon-secret is used"
        yield Problem("ENI016", ERROR, "", f"{known.name} does not work in a registered cluster", advice, True)
    elif known.name == "enable_eni_trunking" and value:
        message = "enable_eni_trunking: trunking is not available in self-built clusters"
        yield Problem("ENI013", ERROR, "", message, "remove it, or set it to false")
    elif known.name in ("eniip_virtual_type", "network_policy_provider"):
        yield from _datapath(known, str(value), version)
    elif known.name == "host_stack_cidrs":
        yield from _host_stack(value)
    elif known.format:
        yield from _formatted(known, str(value))
    elif known.values and value != "" and str(value) not in known.values:
        yield _unknown_choice(known, str(value))
    elif known.low is not None and known.high is not None and not known.low <= value <= known.high:
        yield _outside(known, str(value))


def _formatted(known: Key, text: str) -> Iterator[Problem]:
    if known.format == "duration" and not re.fullmatch(_DURATION, text):
        message = f'{known.name}: "{text}" is not a Go duration'
        yield Problem("ENI019", ERROR, "", message, "write numbers with the units h, m, s, ms: 30m, 1h30m")
    elif known.format == "float" and not re.fullmatch(_FLOAT, text):
        message = f'{known.name}: "{text}" is not a number'
        yield Problem("ENI019", ERROR, "", message, 'write a number in quotes: "0.1"')
    elif known.format == "float" and not (known.low or 0) <= float(text) <= (known.high or 0):
        yield _outside(known, f'"{text}"')


def _outside(known: Key, shown: str) -> Problem:
    message = f"{known.name}: {shown} is outside of the documented range {known.low} to {known.high}"
    return Problem("ENI025", WARNING, "", message, "Terway takes it, and nobody has tested it: stay inside the range")


def _unknown_choice(known: Key, value: str) -> Problem:
    choices = " or ".join(known.values)
    meant = nearest(value, known.values)
    advice = f'did you mean "{meant}"?' if meant else f"use {choices}"
    if known.name == "ip_stack":
        message = f'ip_stack "{value}" is refused by the daemon, which takes {choices} (in lower case)'
        return Problem("ENI011", ERROR, "", message, advice)
    fallback = "random" if known.name == "vswitch_selection_policy" else known.values[0]
    message = f'{known.name}: unknown policy "{value}", Terway silently uses {fallback}'
    severity = ERROR if known.name == "vswitch_selection_policy" else WARNING
    return Problem("ENI010", severity, "", message, advice)


def _datapath(known: Key, value: str, version: Release) -> Iterator[Problem]:
    """The datapath's name is taken in any case, the policy provider's is not."""
    choices = ", ".join(known.values)
    if known.name == "network_policy_provider":
        if value not in known.values:
            message = f'network_policy_provider: unknown provider "{value}", Terway silently uses iptables'
            yield Problem("CNI020", ERROR, "", message, f"use one of {choices}")
    elif value and value.lower() not in known.values:
        message = f'eniip_virtual_type: unknown datapath "{value}"'
        yield Problem(
            "CNI002", ERROR, "", message, f"use one of {choices}; Terway 1.16.6 and later do not start with it"
        )
    elif value.lower() == "ipvlan" and version >= terway.release(terway.IPVLAN_DEPRECATED):
        message = f"eniip_virtual_type {value} is deprecated since Terway {terway.IPVLAN_DEPRECATED}"
        yield Problem("CNI003", WARNING, "", message, "use veth or datapathv2; new nodes get datapathv2 anyway")
    elif value.lower() == "datapathv2" and version < terway.release(terway.DATAPATHV2_SINCE):
        message = f"eniip_virtual_type {value} is new in Terway {terway.DATAPATHV2_SINCE}: an older one uses veth"
        yield Problem("VER009", ERROR, "", message, "use veth, or a newer Terway")


def _host_stack(value: Any) -> Iterator[Problem]:
    for index, item in enumerate(value):
        if not is_hole(item) and ("/" not in str(item) or cidr.canonical(str(item)) is None):
            message = f'host_stack_cidrs: "{item}" is not a CIDR, every pod would fail to start'
            yield Problem("CNI006", ERROR, f"/{index}", message, f"write address and prefix length: {LOCAL_DNS}/32")


def dotted(version: Release) -> str:
    """(1, 13, 2) as 1.13.2."""
    return ".".join(str(part) for part in version)


CLIENT_LIMITS = {"kube_client_qps", "kube_client_burst"}


def client_limit_problems(conf: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """``(key, sentence)`` when the client limits of an eni_conf do not fit each other."""
    rate, burst = conf.get("kube_client_qps"), conf.get("kube_client_burst")
    numbers = [value for value in (rate, burst) if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) < sum(value is not None for value in (rate, burst)):
        return  # a wrong type has a finding of its own
    if len(numbers) == 1:
        key, other = sorted(CLIENT_LIMITS, key=lambda name: conf.get(name) is None)
        yield key, f"{key} is set, and {other} is not"
    elif len(numbers) == 2 and numbers[1] <= numbers[0]:
        yield "kube_client_burst", f"kube_client_burst {numbers[1]} is not larger than kube_client_qps {numbers[0]}"


def ipam_problems(conf: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """``(key, severity, sentence)`` for what centralized IPAM needs and a registered cluster lacks."""
    if conf.get("ipam_type") == "crd":
        yield "ipam_type", WARNING, "ipam_type crd needs terway-controlplane and topology labels on every node"
        return
    for key in ("enable_ip_prefix", "ipv4_prefix_count"):
        if conf.get(key):
            yield key, ERROR, f"{key} needs ipam_type: crd, which a registered cluster does not have"
