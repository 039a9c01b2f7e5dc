"""The flags of every verb that looks at a cluster, and the State that they name."""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli.say import Progress, note
from hybridc.source.secrets import redact
from hybridc.words import one_line

if TYPE_CHECKING:
    from hybridc.live.collect import Follow
    from hybridc.live.reads import Id
    from hybridc.live.state import State

    See = Callable[[State], State | int]

DEADLINE = 30.0


class Where(NamedTuple):
    """A cluster: that of a kubeconfig's context, or the folder ``source``.

    ``dump`` is a folder that the State is written to, ``deadline`` in seconds.
    """

    kubeconfig: str | None = None
    context: str | None = None
    source: str | None = None
    dump: str | None = None
    deadline: float = DEADLINE

    @property
    def named(self) -> bool:
        """Whether somebody said which cluster; else it is kubectl's."""
        return self.kubeconfig is not None or self.context is not None or self.source is not None


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    parser.add_argument(
        "--kubeconfig", metavar="FILE", help="as kubectl takes it (default: KUBECONFIG, ~/.kube/config)"
    )
    parser.add_argument("--context", metavar="NAME", help="a context of the kubeconfig (default: the current one)")
    parser.add_argument(
        "--from", dest="source", metavar="DIR", help="no cluster: a folder of --dump, or of kubectl get … -o yaml"
    )
    parser.add_argument("--dump", metavar="DIR", help="write what was seen to a folder, without any secret")
    parser.add_argument(
        "--deadline", type=seconds, default=DEADLINE, metavar="SECONDS", help="for all that is read (default: 30)"
    )


def seconds(text: str) -> float:
    """A number of seconds of a flag. Raises ArgumentTypeError."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found <= 3600:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of seconds of more than 0 and at most 3600')
    return found


def options(arguments: argparse.Namespace) -> Where:
    """What the flags say."""
    return Where(arguments.kubeconfig, arguments.context, arguments.source, arguments.dump, arguments.deadline)


def wrong(where: Where) -> str | None:
    """What is wrong with the flags."""
    if where.source is not None and (where.kubeconfig is not None or where.context is not None):
        return "--from is instead of a cluster: leave out --kubeconfig and --context"
    return None


def state(
    where: Where,
    asked: Iterable[Id],
    say: Callable[[str], None] = note,
    *,
    follow: Follow | None = None,
    see: See | None = None,
    quiet: bool = False,
) -> State | int:
    """What was seen, dumped when asked for, and said in a line; or an exit code, when the reason is said.

    ``asked`` are objects to ask for by name, ``say`` takes the line, ``follow`` says which others objects name,
    ``see`` adds what is seen elsewhere: the cloud. A terminal shows what is read, when it takes longer than a second,
    unless ``quiet``.
    """
    from hybridc.live import folder

    try:
        found = folder.load(where.source) if where.source is not None else _read(where, asked, follow, quiet)
        if not isinstance(found, int) and see is not None:
            found = see(found)
        if isinstance(found, int):
            return found
        if where.dump is not None:
            folder.dump(found, where.dump)
    except folder.Unusable as error:
        return _failed(str(error), error.help, exits.WRONG_INPUT)
    say(_looked_at(found))
    return found


def _read(where: Where, asked: Iterable[Id], follow: Follow | None, quiet: bool) -> State | int:
    from hybridc.live import cluster
    from hybridc.live.collect import nothing

    target = cluster.Target(where.kubeconfig, where.context, where.deadline)
    line = Progress()
    tell = line.tell if line.possible and not quiet else None
    try:
        with closing(line):
            return cluster.read(target, asked, follow or nothing, tell)
    except cluster.Unreachable as error:
        return _failed(str(error), error.help, exits.WRONG_INPUT if error.wrong else exits.WORLD_FAILED)


def _failed(message: str, advice: str, code: int) -> int:
    note(f"hybridc: error: {shown(message)}", f"  help: {shown(advice)}")
    return code


def shown(text: str) -> str:
    """Text of a server, a kubeconfig or a folder: in one line, and without what looks like a secret."""
    return one_line(redact(text))


def _looked_at(found: State) -> str:
    """One line: which cluster, and how much of it was seen."""
    counts = Counter(each.kind for each in found.objects)
    if found.running:
        counts["Pod"] = len(found.running)
    seen = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(counts.items()))
    version = f", Kubernetes {found.version}" if found.version else ""
    return shown(f"looked at {found.server}{version}: {seen or 'nothing'}")
