"""How VPC and ECS take lists apart: pages by number, or by a token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.lab.servers.acs import Call
from tests.lab.servers.acs_words import Json, RefusedError


def region(call: Call, here: str) -> None:
    """Raise RefusedError for a call that names no region, or another one.

    AlibabaCloudDocs/ecs, common error codes: InvalidRegionId.NotFound.
    """
    if call.parameters.get("RegionId") != here:
        raise RefusedError(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")


def page(parameters: Mapping[str, str], items: Sequence[Json], most: int) -> tuple[list[Json], Json]:
    """The page that is asked for, ten items if nothing else is said, and the numbers that go with it."""
    number, size = _number(parameters, "PageNumber", 1, None), _number(parameters, "PageSize", 10, most)
    start = (number - 1) * size
    return list(items[start : start + size]), {"PageNumber": number, "PageSize": size, "TotalCount": len(items)}


def after(
    parameters: Mapping[str, str], items: Sequence[Json], name: str, size: int, most: int
) -> tuple[list[Json], str]:
    """The items after NextToken, at most the number in parameter ``name``, and the token of the next; "" at the end."""
    size, start = _number(parameters, name, size, most), _number(parameters, "NextToken", 0, None, 0)
    end = start + size
    return list(items[start:end]), str(end) if end < len(items) else ""


def numbered(parameters: Mapping[str, str], name: str) -> list[str]:
    """The values of ``Name.1``, ``Name.2``, …"""
    found: list[str] = []
    while value := parameters.get(f"{name}.{len(found) + 1}"):
        found.append(value)
    return found


def _number(parameters: Mapping[str, str], name: str, default: int, most: int | None, least: int = 1) -> int:
    text = parameters.get(name) or str(default)
    if not text.isdecimal() or int(text) < least or (most is not None and int(text) > most):
        # The codes for this are not established.
        raise RefusedError(400, f"InvalidParameter.{name}", f"The specified value of {name} is not valid.")
    return int(text)
