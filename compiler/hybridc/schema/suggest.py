"""Find the word that was meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: object, known: Iterable[object]) -> str | None:
    """The known word that is most like ``word`` (case aside), or None when none is near."""
    from difflib import get_close_matches

    by_fold: dict[str, str] = {}
    for candidate in known:
        by_fold.setdefault(str(candidate).lower(), str(candidate))
    found = get_close_matches(str(word).lower(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None
