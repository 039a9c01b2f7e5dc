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


class DoctorOptions(NamedTuple):
    """A spec (``-``: standard input), the cluster, and one of FORMS."""

    spec: str
    cluster: Where = Where()
    format: str = "text"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("spec", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    cluster.arguments(parser)
    parser.add_argument("--format", choices=FORMS, default="text", help="how the table looks")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return doctor(DoctorOptions(arguments.spec, cluster.options(arguments), arguments.format))


def doctor(options: DoctorOptions) -> int:
    """Print the table.

    Exit code 0 when nothing is wrong, 1 when something is, 2 for a wrong spec or flag, 3 when the cluster cannot be
    read.
    """
    if wrong := cluster.wrong(options.cluster):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(FindingsOptions(), brief=True)
    compiled = shown.session.compile(options.spec)
    code = shown.close()
    if compiled is None:
        return code
    from hybridc.doctor.run import wanted

    state = cluster.state(options.cluster, wanted(compiled))
    if isinstance(state, int):
        return state
    return _print(options, compiled, state)


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
