"""``hybridc doctor``: what a cluster shows of a spec after the sync, as a table; read only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli import cluster, say
from hybridc.cli.cluster import Where
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document, note
from hybridc.compile import Compiled

if TYPE_CHECKING:
    from hybridc.doctor.answer import Row
    from hybridc.live.state import State

FORMS = ("text", "json")
EVERY = 5.0
_HOME = "\x1b[H\x1b[2J"


class DoctorOptions(NamedTuple):
    """A spec (``-``: standard input), the cluster, and one of FORMS; ``watch``: look again after so many seconds."""

    spec: str
    cluster: Where = Where()
    format: str = "text"
    watch: float | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    cluster.arguments(parser)
    parser.add_argument("--format", choices=FORMS, default="text", help="how the table looks")
    parser.add_argument(
        "--watch",
        type=_every,
        nargs="?",
        const=EVERY,
        metavar="SECONDS",
        help="look again and again (default: every 5 s) until nothing is wrong or waiting",
    )


def _every(text: str) -> float:
    """The seconds of --watch. Raises ArgumentTypeError, also for a spec that stands where they may stand."""
    try:
        return cluster.seconds(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}; a spec stands before it: hybridc doctor SPEC --watch") from error


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return doctor(DoctorOptions(arguments.spec, cluster.options(arguments), arguments.format, arguments.watch))


def doctor(options: DoctorOptions) -> int:
    """Print the table.

    Exit code 0 when nothing is wrong, 1 when something is, 2 for a wrong spec or flag, 3 when the cluster cannot be
    read.
    """
    if wrong := cluster.wrong(options.cluster) or _wrong(options):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(FindingsOptions(), brief=True)
    compiled = shown.session.compile(options.spec)
    code = shown.close()
    if compiled is None:
        return code
    from hybridc.doctor.run import wanted

    state = cluster.state(options.cluster, wanted(compiled), quiet=options.format != "text")
    if isinstance(state, int):
        return state
    return _print(options, compiled, state) if options.watch is None else _watch(options, compiled, state)


def _wrong(options: DoctorOptions) -> str | None:
    if options.watch is None:
        return None
    if options.cluster.source is not None or options.cluster.dump is not None:
        return "--watch looks at a cluster: leave out --from and --dump"
    return "--watch is for people: leave out --format" if options.format != "text" else None


def _watch(options: DoctorOptions, compiled: Compiled, state: State | int) -> int:
    """Show the table until nothing is wrong or waiting; without a terminal a line for each row that changed.

    A cluster that cannot be read meanwhile is said, and asked again.
    """
    import time

    from hybridc.doctor.run import wanted

    shown: list[Row] = []
    while True:
        if not isinstance(state, int):
            rows = _rows(compiled, state)
            _show(compiled, rows, shown)
            if not any(row.mark in ("wrong", "waiting") for row in rows):
                return _well(compiled, rows)
            shown = rows
        say.flush()
        time.sleep(options.watch or EVERY)
        state = cluster.state(options.cluster, wanted(compiled), lambda _: None)


def _well(compiled: Compiled, rows: list[Row]) -> int:
    from hybridc.doctor import show

    say.lines(f"{compiled.spec.name}: {show.summary(rows)}")
    return exits.FINE


def _show(compiled: Compiled, rows: list[Row], before: list[Row]) -> None:
    from hybridc.doctor import show

    if say.redraws():
        document(_HOME + show.table(rows, color=say.result_to_terminal()))
        return
    for row in show.changed(before, rows):
        say.lines(show.line(row))


def _print(options: DoctorOptions, compiled: Compiled, state: State) -> int:
    from hybridc.doctor import show

    rows = _rows(compiled, state)
    if options.format == "json":
        document(show.document(str(compiled.spec.name), state.server, state.version, rows))
    else:
        say.document(show.table(rows, color=say.result_to_terminal()))
        say.lines(f"{compiled.spec.name}: {show.summary(rows)}")
    return exits.DIFFERENT if any(row.mark == "wrong" for row in rows) else exits.FINE


def _rows(compiled: Compiled, state: State) -> list[Row]:
    """The rows; words of a cluster without what looks like a secret."""
    from hybridc.doctor.run import examine
    from hybridc.source.secrets import without_kinds

    return [
        row._replace(seen=without_kinds(row.seen), help=without_kinds(row.help)) for row in examine(compiled, state)
    ]
