"""A list of hybrid.yaml without the items that are wrong in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T_co = TypeVar("T_co", covariant=True)


class Items(tuple[T_co, ...]):
    """The items that are right, in their order; ``whole`` is false when one is left out, or the list itself is wrong.

    A rule that looks for what is there goes on with the items it gets. One that concludes from what is not there (no
    pool has it, none of the lists names it) or from a total asks ``whole`` first: the missing item may be the one.
    """

    whole: bool

    def __new__(cls, items: Iterable[T_co] = (), *, whole: bool = True) -> Items[T_co]:
        made = super().__new__(cls, items)
        made.whole = whole
        return made
