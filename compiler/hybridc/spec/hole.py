"""What stands in a Spec where hybrid.yaml is wrong.

A file with mistakes still becomes a Spec, so that every rule that does not need the broken value can report
what else is wrong in the same run. Whatever is done with a hole raises :class:`HoleError`, which ends the rule.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class HoleError(Exception):
    """A value was needed that hybrid.yaml does not give properly; a finding about it exists already."""


def _raise(*_: Any, **__: Any) -> NoReturn:
    raise HoleError


class Hole:
    """Stands for a value that is missing or wrong."""

    __slots__ = ()
    __getattr__ = __getitem__ = __iter__ = __len__ = __contains__ = __call__ = _raise
    __bool__ = __int__ = __float__ = __index__ = __str__ = __bytes__ = __format__ = __repr__ = _raise
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _raise
    __neg__ = __pos__ = __abs__ = __invert__ = __round__ = __reversed__ = __next__ = __fspath__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _raise
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = __pow__ = __rpow__ = _raise
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __lshift__ = __rlshift__ = __rshift__ = _raise


HOLE: Any = Hole()


def is_hole(value: object) -> bool:
    """Whether the value is a hole; the one question that is safe to ask."""
    return type(value) is Hole


def sure(value: T) -> T:
    """The value; HoleError when it is a hole. For what is handed to ``re`` and the like, which ask a value nothing."""
    if is_hole(value):
        raise HoleError
    return value
