"""What differs between the scripts of the cover, as text: every value and every part of a template, and where."""

from __future__ import annotations

from collections.abc import Iterator

from tests.node_script import cover, parts, whole

ROWS = cover.pairwise()


def text() -> str:
    """The values first, then the parts; what all scripts have alike is left out."""
    return "\n".join([*_values(), *_parts(), ""])


def where(rows: set[cover.Row]) -> str:
    """Which rows: the levels that they alone have, those that the others have, or the rows by name."""
    found, others = _levels(rows), _levels(set(ROWS) - rows)
    if found is not None:
        return found
    return f"not {others}" if others else ", ".join("-".join(row) for row in sorted(rows))


def _levels(rows: set[cover.Row]) -> str | None:
    """``oss|url and k3s`` if these rows, and no others, have one of the levels of each factor."""
    levels = [{row[factor] for row in rows} for factor in range(len(cover.FACTORS))]
    if _having(levels) != rows:
        return None
    for factor, every in enumerate(cover.FACTORS):
        wider = [*levels[:factor], set(every), *levels[factor + 1 :]]
        levels = wider if _having(wider) == rows else levels
    pairs = zip(cover.FACTORS, levels, strict=True)
    return " and ".join("|".join(filter(chosen.__contains__, every)) for every, chosen in pairs if set(every) != chosen)


def _having(levels: list[set[str]]) -> set[cover.Row]:
    return {row for row in ROWS if all(level in chosen for level, chosen in zip(row, levels, strict=True))}


def _values() -> Iterator[str]:
    found: dict[str, dict[str, set[cover.Row]]] = {}
    for row in ROWS:
        for path, value in parts.values(cover.spec(row)).items():
            found.setdefault(path, {}).setdefault(value, set()).add(row)
    for path, values in found.items():
        if len(values) > 1 or set(ROWS) not in values.values():
            yield path
            for value, rows in values.items():
                yield f"  {where(rows)}: {value}".replace("\n", "\n    ").rstrip()


def _parts() -> Iterator[str]:
    """Of neighbours that are in the same scripts the first, and each that no whole script shows."""
    scripts = {row: parts.seen(cover.spec(row)) for row in ROWS}
    shown = set().union(*map(parts.seen, whole.scripts().values()))
    template, before = "", ""
    for number, part in enumerate(parts.known()):
        rows = {row for row in ROWS if number in scripts[row]}
        there = "" if rows == set(ROWS) else where(rows) if rows else "nowhere"
        if part.template != template:
            template, before = part.template, ""
            yield template
        if there != before or number not in shown:
            yield f"  {there or 'everywhere'}: {part.lines[0]}"
        before = there
