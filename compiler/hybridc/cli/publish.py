"""``hybridc publish``: the steps that touch the cloud and the cluster, planned, shown, applied, read back."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hybridc import exits
from hybridc.cli import cloud, cluster, say
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document, note
from hybridc.cli.working import Working
from hybridc.compile import Compiled

if TYPE_CHECKING:
    from hybridc.publish.context import Context
    from hybridc.publish.flags import Flags
    from hybridc.publish.plan import Change, Result

T = TypeVar("T")
FORMS = ("text", "json", "markdown")
DEADLINE = 300.0
ALL = "all"


class PublishOptions(NamedTuple):
    """Ids of steps (a first part stands for all of it, ``all`` for the list), and the spec.

    ``mode``: ``ask`` shows and asks, ``plan`` shows, ``apply`` does not ask. ``endpoints`` as ``--endpoint`` takes
    them, ``deadline`` in seconds; ``flags`` are those of single steps.
    """

    steps: tuple[str, ...]
    spec: str = "hybrid.yaml"
    mode: str = "plan"
    format: str = "text"
    endpoints: tuple[str, ...] = ()
    deadline: float = DEADLINE
    flags: Flags | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument(
        "steps",
        metavar="STEP",
        nargs="+",
        help="ids of hybridc steps, or the first part of some (ram, pool), or all; a hybrid.yaml among them is the "
        "spec (default: ./hybrid.yaml)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--plan", action="store_true", help="show what would change; the default where nobody can answer")
    how.add_argument("--verify", action="store_true", help="the same: exit 1 unless what was published is read back")
    how.add_argument("--yes", action="store_true", help="apply without a question")
    parser.add_argument("--format", choices=FORMS, default="text", help="how the plan and the result look")
    cloud.endpoint(parser)
    parser.add_argument("-o", "--out", default="out", metavar="DIR", help="the folder of hybridc build (default: out)")
    parser.add_argument(
        "--done", action="append", default=[], metavar="STEP", help="with all: this step of yours is done, go on"
    )
    parser.add_argument(
        "--adopt", action="store_true", help="what somebody else made under our name (a pool, a policy) becomes ours"
    )
    parser.add_argument(
        "--prune-older-than",
        type=_days,
        metavar="DAYS",
        help="with oss.script: remove scripts that were replaced so many days ago and that nothing names",
    )
    token = parser.add_mutually_exclusive_group()
    token.add_argument(
        "--mint", action="store_true", help="with token: make a bootstrap token when less than half of a life is left"
    )
    token.add_argument("--token-file", metavar="FILE", help="with token: the file that holds it; - is standard input")
    token.add_argument("--token-env", metavar="NAME", help="with token: the variable that holds it")
    parser.add_argument(
        "--ttl", type=_ttl, metavar="TTL", help="with --mint: how long it lives, as 24h (default: as the spec says)"
    )
    parser.add_argument(
        "--renew", action="store_true", help="with --mint: make one although a fresh one is in place: it leaked"
    )
    parser.add_argument(
        "--rotate-older-than",
        type=_days,
        metavar="DAYS",
        help="with credentials: another AccessKey where the present one is as old",
    )
    parser.add_argument(
        "--despite",
        type=_reason,
        metavar="REASON",
        help="let nodes come although not everything is seen in place; it is reported",
    )
    parser.add_argument("--kubeconfig", metavar="FILE", help="as kubectl takes it, for steps that look at the cluster")
    parser.add_argument("--context", metavar="NAME", help="a context of the kubeconfig")
    parser.add_argument(
        "--deadline", type=cluster.seconds, default=DEADLINE, metavar="SECONDS", help="for everything (default: 300)"
    )


def _days(text: str) -> float:
    """A number of days, as 90 or 90d. Raises ArgumentTypeError."""
    number = text.removesuffix("d")
    if not number.isascii() or not number.isdigit() or not 0 < int(number) <= 36500:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of days: 90')
    return float(number)


def _reason(text: str) -> str:
    """Words that say why. Raises ArgumentTypeError where there are none."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it takes a reason, which is reported")
    return text


def _ttl(text: str) -> int:
    """Seconds of hours, minutes or seconds: 24h, 1h30m. Raises ArgumentTypeError."""
    if not re.fullmatch(r"(?=[0-9])([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?", text):
        raise argparse.ArgumentTypeError("this is no time to live: 24h")
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"([0-9]{1,6})([hms])", text))


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    from hybridc.publish.flags import Flags

    specs = [word for word in arguments.steps if _is_spec(word)]
    mode = "apply" if arguments.yes else "plan" if arguments.plan or arguments.verify or not say.can_ask() else "ask"
    if len(specs) > 1:
        note(f"hybridc: error: one spec at a time: {' and '.join(specs)}")
        return exits.WRONG_INPUT
    if (arguments.ttl is not None or arguments.renew) and not arguments.mint:
        note("hybridc: error: --ttl and --renew are for a token that is made here", "  help: --mint --ttl 24h")
        return exits.WRONG_INPUT
    if arguments.token_file == "-" and specs == ["-"]:  # noqa: S105 - the name of standard input
        note(
            "hybridc: error: standard input is the spec or the token", "  help: --token-file FILE, or --token-env NAME"
        )
        return exits.WRONG_INPUT
    return publish(
        PublishOptions(
            tuple(word for word in arguments.steps if not _is_spec(word)),
            specs[0] if specs else "hybrid.yaml",
            mode,
            arguments.format,
            tuple(arguments.endpoint),
            arguments.deadline,
            Flags(
                out=arguments.out,
                done=tuple(arguments.done),
                kubeconfig=arguments.kubeconfig,
                context=arguments.context,
                adopt=arguments.adopt,
                despite=arguments.despite,
                prune_days=arguments.prune_older_than,
                token_file=arguments.token_file,
                token_env=arguments.token_env,
                mint=arguments.mint,
                ttl=arguments.ttl,
                renew=arguments.renew,
                rotate_days=arguments.rotate_older_than,
            ),
        )
    )


def _is_spec(word: str) -> bool:
    return word == "-" or word.endswith((".yaml", ".yml", ".json")) or os.sep in word


def publish(options: PublishOptions) -> int:
    """Plan or apply steps.

    Exit code 0 when everything is as the spec says, 1 when something would change, was declined or is refused, 2 for a
    wrong spec, step or flag, 3 when the cloud or the cluster failed.
    """
    # Warnings are the build's: here they would bury the plan.
    shown = Findings(FindingsOptions(quiet=True), brief=True)
    compiled = shown.session.compile(options.spec)
    code = shown.close()
    if compiled is None:
        return code
    steps = _steps(compiled, options)
    if isinstance(steps, int):
        return steps
    context = _context(compiled, options)
    if isinstance(context, int):
        return context
    return _Publish(context, options).all(steps)


def _steps(compiled: Compiled, options: PublishOptions) -> list[str] | int:
    """The ids, in the list's order; or an exit code, when the reason is said."""
    from hybridc.publish.actions import done_here
    from hybridc.words import nearest

    listed, mine = [step.id for step in compiled.bundle.steps], done_here(compiled.bundle)
    for word in options.flags.done if options.flags else ():
        if word not in listed:
            return _no_step(f'--done: {compiled.spec.name} has no step "{word}"', nearest(word, listed), options.spec)
    wanted: set[str] = set()
    for word in options.steps:
        found = listed if word == ALL else [step for step in listed if step == word or step.startswith(f"{word}.")]
        if not found:
            hint = nearest(word, [ALL, *listed, *(step.split(".")[0] for step in listed)])
            return _no_step(f'{compiled.spec.name} has no step "{word}"', hint, options.spec)
        here = found if word == ALL else [step for step in found if step in mine]
        if not here:
            note(f"hybridc: error: {word} is a person's step", f"  help: hybridc steps {options.spec} has its command")
            return exits.WRONG_INPUT
        wanted.update(here)
    if not wanted:
        note("hybridc: error: which step?", f"  help: hybridc steps {options.spec} lists them; all goes down the list")
        return exits.WRONG_INPUT
    return [step for step in listed if step in wanted]


def _no_step(message: str, meant: str | None, spec: str) -> int:
    return _failed(
        message, f"{f'did you mean {meant}? ' if meant else ''}hybridc steps {spec} lists them", exits.WRONG_INPUT
    )


def _context(compiled: Compiled, options: PublishOptions) -> Context | int:
    """The clients, with credentials of the right account; or an exit code, when the reason is said."""
    from hybridc.cloud import endpoints, identity
    from hybridc.cloud.patience import Deadline
    from hybridc.cloud.trouble import Trouble
    from hybridc.publish.context import check_account, context
    from hybridc.publish.flags import Flags
    from hybridc.publish.plan import Refusal

    try:
        known = endpoints.parse(options.endpoints)
        made = context(
            compiled, identity.find(options.deadline), Deadline(options.deadline), known, options.flags or Flags()
        )
        check_account(made)
    except endpoints.WrongEndpoint as error:
        return _failed(f"--endpoint: {error}", "SERVICE=https://host, or one URL for all", exits.WRONG_INPUT)
    except Refusal as refusal:
        return _failed(str(refusal), refusal.help, exits.WRONG_INPUT)
    except Trouble as trouble:
        return _failed(str(trouble), trouble.help, exits.WORLD_FAILED)
    return made


def _failed(message: str, advice: str, code: int) -> int:
    note(f"hybridc: error: {message}", f"  help: {advice}")
    return code


class _Publish:
    """The run of one command."""

    def __init__(self, context: Context, options: PublishOptions) -> None:
        self._context = context
        self._options = options
        self._cluster = str(context.spec.name)
        self._working = Working(wanted=options.format == "text")

    def all(self, steps: Sequence[str]) -> int:
        """Every step; the exit code."""
        from hybridc.publish import show
        from hybridc.publish.actions import action, done_here
        from hybridc.publish.run import Hands, run
        from hybridc.publish.seen import see

        results: list[Result] = []
        context = self._context
        make, look = self._shown(partial(action, context)), self._shown(partial(see, context))
        for result in run(steps, Hands(done_here(context.bundle), make, look), self._agree()):
            self._working.stop()
            results.append(result)
            if self._options.format == "text" and result.status != "not reached":
                self._say(show.lines(result))
        if self._options.format == "json":
            document(show.document(self._cluster, results, applied=self._options.mode != "plan"))
        elif self._options.format == "markdown":
            document(show.markdown(self._cluster, results))
        else:
            self._say([*show.unreached(results), f"{self._cluster}: {show.summary(results)}"])
        return _code(results)

    def _shown(self, does: Callable[[str], T]) -> Callable[[str], T]:
        """The same, with its step on the terminal while it takes its time."""

        def told(step: str) -> T:
            self._working.start(step)
            return does(step)

        return told

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            say.out(line)
        say.flush()

    def _agree(self) -> Callable[[str, tuple[Change, ...], tuple[str, ...]], bool] | None:
        if self._options.mode == "plan":
            return None
        return (lambda *_: True) if self._options.mode == "apply" else self._ask

    def _ask(self, step: str, changes: tuple[Change, ...], notes: tuple[str, ...]) -> bool:
        """Show the changes of a step, and ask for a yes."""
        from hybridc.publish.plan import Result
        from hybridc.publish.show import lines

        self._working.stop()
        note(*lines(Result(step, "different", changes, notes)))
        yes = say.ask("Do it?")
        if yes:
            self._working.start(step)
        return yes


def _code(results: Sequence[Result]) -> int:
    statuses = {result.status for result in results}
    if "failed" in statuses:
        return exits.WORLD_FAILED
    return exits.FINE if statuses <= {"same", "done"} else exits.DIFFERENT
