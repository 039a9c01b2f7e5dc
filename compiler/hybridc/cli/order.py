"""Flags may stand before the verb: ``hybridc --strict build x`` is ``hybridc build x --strict``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

_OWN = ("--version", "-V", "--help", "-h")
"""What hybridc itself answers, whatever follows."""
_WORDS = {"help": "--help", "version": "--version"}
"""Verbs of other programs → the flags of this one."""


def verb_first(argv: Sequence[str], verbs: Collection[str], takes_value: Callable[[str, str], bool]) -> list[str]:
    """``argv`` with the verb in front, and the flags that stood before it behind its own words.

    ``takes_value`` says of a verb and a flag whether the next word is the flag's. Without a verb, or where something
    else than flags stands before it, nothing moves.
    """
    if argv and argv[0] in _WORDS and all(word in verbs for word in argv[1:]):
        return [*argv[1:2], _WORDS[argv[0]]]
    for index, word in enumerate(argv):
        if word == "--" or word in _OWN:
            break
        if word not in verbs:
            continue
        flags = _flags(argv[:index], partial(takes_value, word))
        if flags is None:
            break
        if flags:
            before, rest = list(argv[:index]), list(argv[index + 1 :])
            # Nothing behind "--" is a flag.
            return [word, *before, *rest] if "--" in rest else [word, *rest, *before]
    return list(argv)


def _flags(words: Sequence[str], takes_value: Callable[[str], bool]) -> bool | None:
    """Whether words are flags with their values; None when one of them is neither, False when a value is still to come.

    No words at all are None: there is nothing to move.
    """
    waits = False
    for word in words:
        if not waits and not word.startswith("-"):
            return None
        waits = not waits and "=" not in word and takes_value(word)
    return not waits if words else None
