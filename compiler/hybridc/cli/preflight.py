"""``hybridc preflight``: hold specs against the cluster that they are for, before anything changes; read only."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli import findings
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import note, out
from hybridc.compile import Compiled
from hybridc.diagnostic import Diagnostic, has_errors
from hybridc.session import Session
from hybridc.source.document import Document
from hybridc.source.secrets import redact
from hybridc.words import one_line

if TYPE_CHECKING:
    from hybridc.live.state import State

DEADLINE = 30.0


class PreflightOptions(NamedTuple):
    """Specs (``-``: standard input), and the cluster: that of a kubeconfig's context, or the folder ``source``.

    ``dump`` is a folder that the State is written to, ``deadline`` in seconds.
    """

    specs: Sequence[str]
    kubeconfig: str | None = None
    context: str | None = None
    source: str | None = None
    dump: str | None = None
    deadline: float = DEADLINE
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument(
        "--kubeconfig", metavar="FILE", help="as kubectl takes it (default: KUBECONFIG, ~/.kube/config)"
    )
    parser.add_argument("--context", metavar="NAME", help="a context of the kubeconfig (default: the current one)")
    parser.add_argument(
        "--from", dest="source", metavar="DIR", help="no cluster: a folder of --dump, or of kubectl get … -o yaml"
    )
    parser.add_argument("--dump", metavar="DIR", help="write what was seen to a folder, without any secret")
    parser.add_argument(
        "--deadline", type=_seconds, default=DEADLINE, metavar="SECONDS", help="for all that is read (default: 30)"
    )
    findings.arguments(parser)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of seconds from 1 to 3600')
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return preflight(
        PreflightOptions(
            specs=arguments.specs,
            kubeconfig=arguments.kubeconfig,
            context=arguments.context,
            source=arguments.source,
            dump=arguments.dump,
            deadline=arguments.deadline,
            findings=findings.options(arguments),
        )
    )


def preflight(options: PreflightOptions) -> int:
    """Say of each spec what the cluster has against it.

    Exit code 0 when that is no error, 1 when one was found, 2 for a wrong spec or flag, 3 when the cluster cannot be
    read.
    """
    if options.source is not None and (options.kubeconfig is not None or options.context is not None):
        note("hybridc: error: --from is instead of a cluster: leave out --kubeconfig and --context")
        return exits.WRONG_INPUT
    inputs = [*options.specs, *([options.kubeconfig] if options.kubeconfig else [])]
    if wrong := findings.wrong(options.findings, inputs):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    compiler = Session(lambda found, document: _wrong(found, document, shown), findings.today())
    compiled = [(path, found) for path in options.specs if (found := compiler.compile(path)) is not None]
    failed = exits.FINE
    if compiled:
        state = _state(options, [each for _, each in compiled])
        if isinstance(state, int):
            failed = state
        else:
            _looked_at(state)
            for path, each in compiled:
                _hold(path, each, state, shown)
    return max(shown.close(), compiler.code, failed)


def _wrong(found: list[Diagnostic], document: Document | None, shown: Findings) -> None:
    """Report the findings of a spec that does not compile; what else there is to say of one, validate says."""
    if has_errors(found):
        shown.session.report(found, document)


def _state(options: PreflightOptions, compiled: Sequence[Compiled]) -> State | int:
    """What was seen, dumped when asked for; or an exit code, when the reason is said."""
    from hybridc.live import folder

    try:
        state = folder.load(options.source) if options.source is not None else _read(options, compiled)
        if not isinstance(state, int) and options.dump is not None:
            folder.dump(state, options.dump)
    except folder.Unusable as error:
        return _failed(str(error), error.help, exits.WRONG_INPUT)
    return state


def _read(options: PreflightOptions, compiled: Sequence[Compiled]) -> State | int:
    from hybridc.live import cluster
    from hybridc.preflight.run import wanted

    asked = [each for one in compiled for each in wanted(one.spec)]
    try:
        return cluster.read(cluster.Target(options.kubeconfig, options.context, options.deadline), asked)
    except cluster.Unreachable as error:
        return _failed(str(error), error.help, exits.WRONG_INPUT if error.wrong else exits.WORLD_FAILED)


def _failed(message: str, advice: str, code: int) -> int:
    note(f"hybridc: error: {_shown(message)}", f"  help: {_shown(advice)}")
    return code


def _shown(text: str) -> str:
    """Text of a server, a kubeconfig or a folder: in one line, and without what looks like a secret."""
    return one_line(redact(text))


def _looked_at(state: State) -> None:
    """One line: which cluster, and how much of it was seen."""
    counts = Counter(each.kind for each in state.objects)
    if state.running:
        counts["Pod"] = len(state.running)
    seen = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(counts.items()))
    version = f", Kubernetes {state.version}" if state.version else ""
    note(_shown(f"looked at {state.server}{version}: {seen or 'nothing'}"))


def _hold(path: str, compiled: Compiled, state: State, shown: Findings) -> None:
    """Report the findings of one spec; what it accepts is named, with the reason."""
    from hybridc.preflight.run import hold

    held = hold(compiled.spec, compiled.document, state)
    reasons = {str(each.code): each.reason for each in compiled.spec.ignores}
    for each in held.accepted:
        note(_shown(f"{path}: accepted, {each.code}: {each.sentence} (because: {reasons.get(each.code, '')})"))
    if not shown.session.report(held.found, compiled.document, exits.DIFFERENT):
        out(f"{path}: nothing in the way")
