"""Change every value of the examples to something wrong, and count what the compiler notices.

    python3 tests/mutation/run.py [EXAMPLE…]     print the table and what goes unnoticed
    python3 tests/mutation/run.py --update       write it to tests/mutation/unnoticed.txt as well

Noticed is an error, another finding, or another output (a reviewer sees it in the diff).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "compiler"))
from tests.mutation.mutate import Mutation, mutations

from hybridc.compile import Compiled, compile_spec, front
from hybridc.diagnostic import ERROR, Diagnostic
from hybridc.source.reader import read

REPO = Path(__file__).resolve().parents[2]
TODAY = "2026-01-01"
UNNOTICED = Path(__file__).parent / "unnoticed.txt"
COLUMNS = ("error", "finding", "output", "same meaning", "nothing", "crash")
# Changes that can hardly be right: where nothing but the output follows, a rule may be missing.
NEVER_RIGHT = (
    "CIDR without prefix",
    "another region's host",
    "blank in it",
    "huge number",
    "id cut short",
    "no port",
    "nothing of it",
    "other unit",
    "placeholder",
    "shorter prefix, not masked",
    "upper case",
    "wrong type",
)
# They hold digests and line numbers of the spec, so they change with every change.
_NOT_OUTPUT = ("hybridc.lock.json", "sourcemap.json")


class Outcome(NamedTuple):
    """What the compiler made of a spec."""

    stopped: bool
    found: Counter[tuple[str, str, str]]
    tree: dict[str, bytes]


class Verdict(NamedTuple):
    """One change of one example, and in which of ``COLUMNS`` it ends."""

    example: str
    mutation: Mutation
    column: str

    @property
    def line(self) -> str:
        """As it stands in unnoticed.txt."""
        return f"{self.example} {self.mutation.pointer} {self.mutation.kind}: {self.mutation.shown}"


def examples(names: Iterable[str] = ()) -> dict[str, Any]:
    """``{name: data}`` of the examples, or of those that are named."""
    files = sorted(REPO.glob("examples/*/hybrid.yaml"))
    chosen = {file.parent.name: file for file in files if not names or file.parent.name in names}
    return {name: read(str(file), file.read_bytes())[0].data for name, file in chosen.items()}


def outcome(data: Any) -> Outcome:
    """Compile a spec that is written as JSON, which is YAML."""
    result = compile_spec("hybrid.yaml", _raw(data), TODAY)
    written = result.tree if isinstance(result, Compiled) else {}
    tree = {path: text for path, text in written.items() if path not in _NOT_OUTPUT}
    return Outcome(not isinstance(result, Compiled), _kinds(result.found), tree)


def _raw(data: Any) -> bytes:
    return json.dumps(data, indent=1, ensure_ascii=False).encode()


def _kinds(found: list[Diagnostic]) -> Counter[tuple[str, str, str]]:
    return Counter((d.code, d.severity, d.message) for d in found)


def judge(example: str, data: Any, before: Outcome, mutation: Mutation) -> Verdict:
    """Compile the changed spec and compare."""
    try:
        after = outcome(mutation.data)
        column = _column(data, before, after, mutation)
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/hybridc/" in frame.filename]
        why = f"{type(error).__name__} in {Path(frames[-1].filename).name}:{frames[-1].lineno}"
        return Verdict(example, mutation._replace(shown=f"{mutation.shown} -> {why}"), "crash")
    return Verdict(example, mutation, column)


def _column(data: Any, before: Outcome, after: Outcome, mutation: Mutation) -> str:
    new = after.found - before.found
    if any(severity == ERROR for _, severity, _ in new):
        return "error"
    if new or before.found - after.found:
        return "finding"
    if after.tree != before.tree:
        return "output"
    same = front("", _raw(data), TODAY).spec == front("", _raw(mutation.data), TODAY).spec
    return "same meaning" if same else "nothing"


def verdicts(names: Iterable[str] = (), sample: int | None = None, seed: int = 0) -> Iterator[Verdict]:
    """The verdict on every change, or on a random portion of that many."""
    for name, data in examples(names).items():
        before = outcome(data)
        every = list(mutations(data))
        if sample is not None:
            every = random.Random(seed).sample(every, min(sample, len(every)))
        for mutation in every:
            yield judge(name, data, before, mutation)


def table(found: Iterable[Verdict]) -> str:
    """How many changes of each kind end in which column."""
    counts: dict[str, Counter[str]] = {}
    for verdict in found:
        counts.setdefault(verdict.mutation.kind, Counter())[verdict.column] += 1
    total: Counter[str] = sum(counts.values(), Counter())
    rows = [(kind, counts[kind]) for kind in sorted(counts)] + [("all", total)]
    head = f"{'change':28}{'number':>8}" + "".join(f"{column:>14}" for column in COLUMNS)
    lines = [
        f"{kind:28}{sum(count.values()):>8}" + "".join(f"{count[column]:>14}" for column in COLUMNS)
        for kind, count in rows
    ]
    return "\n".join([head, *lines])


def _lines(found: Iterable[Verdict], column: str, kinds: Iterable[str] | None = None) -> list[str]:
    """The changes that ended in a column, sorted; ``kinds`` chooses among them."""
    return sorted(v.line for v in found if v.column == column and (kinds is None or v.mutation.kind in kinds))


def main(argv: list[str] | None = None) -> int:
    """Command line; exit code 1 when a change makes the compiler fall over."""
    parser = argparse.ArgumentParser(description="Change every value of the examples to something wrong.")
    parser.add_argument("examples", nargs="*", metavar="EXAMPLE", help="only these (default: all)")
    parser.add_argument("--update", action="store_true", help="write unnoticed.txt")
    args = parser.parse_args(argv)
    found = list(verdicts(args.examples))
    missed = _lines(found, "nothing")
    crashed = _lines(found, "crash")
    chapters = {
        "Not noticed:": missed,
        "Hardly right, and only the output follows:": _lines(found, "output", NEVER_RIGHT),
        "The compiler fell over:": crashed,
    }
    sys.stdout.write(table(found) + "\n")
    for title, lines in chapters.items():
        sys.stdout.write("\n  ".join([f"\n{title}", *lines]) + "\n")
    if args.update:
        UNNOTICED.write_text("".join(f"{line}\n" for line in missed), "utf-8")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
