"""Policies of RAM as they count: what one allows that another does not, whatever the form.

RAM's grammar (policy structure and syntax, 27 May 2026; basic elements, 9 June 2025): a value and a list of one are the
same; the order of statements, actions and resources means nothing; Action "is in most cases not case-sensitive", so a
difference of case alone is none; an empty Condition is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Document = Mapping[str, Any]


class Grant(NamedTuple):
    """The smallest part of a policy: one action on one resource (of a trust policy: by one principal).

    ``rest`` is everything else of its statement, as JSON. A NotAction, a NotResource and what is not known stay whole.
    """

    effect: str
    action: str
    resource: str
    rest: str


class Unreadable(ValueError):
    """It is no policy."""


def parsed(document: Any) -> Document:
    """A document of an answer: JSON text, or the object itself. Raises :class:`Unreadable`."""
    try:
        found = json.loads(document) if isinstance(document, str) else document
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(found, dict) or "Statement" not in found:
        raise Unreadable
    return found


def grants(document: Document) -> dict[Grant, Grant]:
    """What a policy says, as it counts → as it is written. Raises :class:`Unreadable`."""
    found: dict[Grant, Grant] = {}
    for statement in _listed(document["Statement"]):
        if not isinstance(statement, dict):
            raise Unreadable
        try:
            for grant in _grants(statement):
                found.setdefault(grant._replace(action=grant.action.lower()), grant)
        except RecursionError:
            raise Unreadable from None
    return found


def _grants(statement: Mapping[str, Any]) -> Iterator[Grant]:
    rest = {key: _plain(key, value) for key, value in statement.items() if key not in ("Effect", "Action", "Resource")}
    text = json.dumps({key: value for key, value in rest.items() if value not in ({}, [])}, sort_keys=True)
    for action in _listed(statement.get("Action", "")):
        for resource in _listed(statement.get("Resource", "")):
            yield Grant(str(statement.get("Effect", "")), str(action), str(resource), text)


def _plain(key: str, value: Any) -> Any:
    """The same in one form: values of Condition and Principal, NotAction and NotResource as sorted lists."""
    if isinstance(value, dict):
        return {name: found for name, item in value.items() if (found := _plain(key, item)) not in ({}, [])}
    texts = {item.lower() if key == "NotAction" and isinstance(item, str) else item for item in _hashable(value)}
    return sorted(texts, key=json.dumps)


def _hashable(value: Any) -> list[Any]:
    return [item if isinstance(item, (str, int, float, bool)) else json.dumps(item) for item in _listed(value)]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def same(one: Document, other: Document) -> bool:
    """Whether two policies say the same."""
    return grants(one).keys() == grants(other).keys()


def beyond(one: Document, other: Document) -> list[str]:
    """What ``one`` says and ``other`` does not, a sentence for each set of resources: ``allow a, b on r``."""
    known = grants(other)
    return sentences(written for grant, written in grants(one).items() if grant not in known)


def sentences(listed: Iterable[Grant]) -> list[str]:
    """Grants in words: those of the same resources together, in the order they came."""
    resources: dict[tuple[str, str, str], list[str]] = {}
    for grant in listed:
        resources.setdefault((grant.effect, grant.action, grant.rest), []).append(grant.resource)
    actions: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for (effect, action, rest), where in resources.items():
        actions.setdefault((effect, tuple(where), rest), []).append(action)
    return [_sentence(effect, names, where, json.loads(rest)) for (effect, where, rest), names in actions.items()]


def _sentence(effect: str, actions: Sequence[str], where: Sequence[str], rest: Mapping[str, Any]) -> str:
    what = f"everything but {_words(rest['NotAction'])}" if "NotAction" in rest else ", ".join(actions)
    on = f"everything but {_words(rest['NotResource'])}" if "NotResource" in rest else ", ".join(where)
    said = [effect.lower(), what, *([f"on {on}"] if on else [])]
    said += [f"by {_words(rest['Principal'])}"] if "Principal" in rest else []
    said += [f"if {_words(rest['Condition'])}"] if "Condition" in rest else []
    known = ("NotAction", "NotResource", "Principal", "Condition")
    said += [f"{key} {_words(value)}" for key, value in rest.items() if key not in known]
    return " ".join(said)


def _words(value: Any) -> str:
    """``StringEquals acs:SourceVpc vpc-1, vpc-2 and Bool acs:SecureTransport true``; whatever shape it has."""
    if isinstance(value, dict):
        return " and ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return value if isinstance(value, str) else json.dumps(value)
