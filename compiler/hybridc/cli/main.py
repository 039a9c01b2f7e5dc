"""Parse the command line, run a verb, turn what goes wrong into an exit code."""

from __future__ import annotations

import argparse
import errno
import re
import signal
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

import hybridc
from hybridc import exits
from hybridc.cli import say
from hybridc.cli.say import STDOUT, Unwritable, note, prepare
from hybridc.words import ISSUES

_ABOUT = "hybridc compiles one reviewed hybrid.yaml into everything a hybrid ACK One cluster needs."
VERBS: dict[str, tuple[str, str]] = {
    "build": ("build", "compile specs into a folder a cluster"),
    "validate": ("validate", "check specs, write nothing"),
    "preflight": ("preflight", "hold specs against a live cluster, change nothing"),
    "doctor": ("doctor", "say what a cluster shows of a spec after the sync, change nothing"),
    "publish": ("publish", "do the steps in the cloud and the cluster: plan, show, apply, read back"),
    "explain": ("explain", "what a field or a rule means"),
    "node-script": ("node_script", "print the script of a cluster's nodes, or explain it"),
    "steps": ("steps", "what is left to do around a build, in order"),
    "ram": ("ram", "show what the RAM policies of a build permit, to whom, and why"),
    "rules": ("rules", "list every rule"),
    "init": ("init", "write a first hybrid.yaml"),
    "import": ("import_spec", "write a first hybrid.yaml from what exists: a cluster, files, the script of today"),
    "fmt": ("fmt", "put specs into their canonical form"),
    "migrate": ("migrate", "say what an older hybrid.yaml says in today's words"),
    "schema": ("schema", "print the JSON Schema of hybrid.yaml"),
    "completion": ("completion", "print a completion script for a shell"),
}
"""Word → the module of :mod:`hybridc.cli`, and what the verb does. A module has ``arguments(parser)``, which adds the
flags, and ``run(arguments)``, which hands them as typed options to the function that is the verb."""

_RENAMED = {"--output": "--report"}
"""Flags of an earlier version → what they are called now."""


_ELSEWHERE = {"lint": "validate", "check": "validate", "compile": "build", "plan": "build --check", "format": "fmt"}
"""Commands of other programs → what they are called here."""


def main(argv: list[str]) -> int:
    """Run one command; the exit code is one of :mod:`hybridc.exits`."""
    prepare()
    try:
        return _told(argv)
    except Unwritable as failed:
        return _unwritable(failed)


def _told(argv: list[str]) -> int:
    """The exit code of a command; what went wrong is said."""
    interrupts = _Interrupts()
    debug = "--debug" in argv
    try:
        return _flushed(argv)
    except KeyboardInterrupt:
        note("hybridc: interrupted")
        return exits.INTERRUPTED
    except Unwritable:
        raise
    except Exception as error:
        if debug:
            say.trace(error)
        return _world_failed(error) if isinstance(error, OSError) else _bug(error)
    except BaseException:
        # Ctrl-C while an extension module is being imported surfaces as that module's own panic.
        if not interrupts.seen or debug:
            raise
        note("hybridc: interrupted")
        return exits.INTERRUPTED


def _flushed(argv: list[str]) -> int:
    """Run a command to the end of what it says; argparse leaves by SystemExit."""
    try:
        return _run(argv)
    finally:
        say.flush()


class _Interrupts:
    """Notes that Ctrl-C was pressed, whatever becomes of the KeyboardInterrupt on its way up."""

    def __init__(self) -> None:
        self.seen = False
        # Somebody who ignores SIGINT (nohup) or calls from another thread keeps what is there.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            with suppress(ValueError):
                signal.signal(signal.SIGINT, self._note)

    def _note(self, *_: object) -> None:
        self.seen = True
        raise KeyboardInterrupt


def _unwritable(failed: Unwritable) -> int:
    """Name the stream, and nothing else: the files are not at fault. A reader that has gone is no news."""
    if failed.stream == STDOUT and failed.error.errno != errno.EPIPE:
        with suppress(Unwritable):
            note(f"hybridc: error: {STDOUT}: {failed.error.strerror}")
    return exits.WORLD_FAILED


def _world_failed(error: OSError) -> int:
    where = f"{error.filename}: " if error.filename else ""
    note(f"hybridc: error: {where}{error.strerror or error}")
    return exits.WORLD_FAILED


def _bug(error: Exception) -> int:
    note(f"hybridc: this is a bug: {say.bug(error)}")
    note(f"  help: run it again with --debug and report what it prints (without secrets) to {ISSUES}")
    return exits.BUG


def _run(argv: list[str]) -> int:
    if argv and argv[0] not in VERBS:
        from hybridc.cli.order import verb_first

        argv = verb_first(argv, VERBS, _takes_value)
    top = parser(argv)
    arguments, unknown = top.parse_known_args(argv)
    if unknown and not _joined(arguments, unknown):
        getattr(arguments, "parser", top).error(f"unrecognized arguments: {' '.join(unknown)}")
    if not hasattr(arguments, "run"):
        say.report(top.format_help())
        return exits.WRONG_INPUT
    say.choose_color(arguments.color)
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


def _joined(arguments: argparse.Namespace, words: list[str]) -> bool:
    """Whether words that stand after a flag belong to those before it, as ``build a.yaml --strict b.yaml`` means."""
    verb = getattr(arguments, "parser", None)
    if verb is None or any(word.startswith("-") and word != "-" for word in words):
        return False
    lists = [each.dest for each in verb._actions if not each.option_strings and each.nargs in ("+", "*")]
    if lists:
        getattr(arguments, lists[0]).extend(words)
    return bool(lists)


def _takes_value(verb: str, flag: str) -> bool:
    """Whether the next word is the value of a flag of a verb."""
    flags = _Parser(allow_abbrev=False)
    _everywhere(flags)
    import_module(f"hybridc.cli.{VERBS[verb][0]}").arguments(flags)
    return flags.takes_value(flag)


class _Parser(argparse.ArgumentParser):
    """Wrong flags end with exit code 2, one sentence, and the nearest command or flag."""

    def takes_value(self, flag: str) -> bool:
        """Whether a flag needs the next word."""
        return any(flag in action.option_strings and action.nargs is None for action in self._actions)

    def error(self, message: str) -> Any:
        message, meant = self._in_words(message)
        hint = f"did you mean {meant}?" if meant else f"{self.prog} --help lists them"
        from hybridc.source.secrets import redact

        note(f"hybridc: error: {redact(message)}", f"  help: {hint}")
        self.exit(exits.WRONG_INPUT)

    def _in_words(self, message: str) -> tuple[str, str | None]:
        from hybridc.words import nearest

        choice = re.match(r"argument ([^:]+): invalid choice: '(.*?)' \(", message)
        if choice and choice[1] == "COMMAND":
            return f'there is no command "{choice[2]}"', _meant(choice[2])
        if choice:
            known = next(a.choices for a in self._actions if choice[1] in (a.metavar, a.dest, *a.option_strings)) or ()
            return f'{choice[1]}: "{choice[2]}" is not one of {", ".join(known)}', nearest(choice[2], list(known))
        unknown = re.match(r"unrecognized arguments: (-[^\s=]+)", message)
        if message.endswith("required: SPEC"):
            return "name a SPEC, the path of a hybrid.yaml", f"{self.prog} hybrid.yaml"
        if unknown and unknown[1] in _RENAMED:
            return f"{unknown[1]} is {_RENAMED[unknown[1]]} now", _RENAMED[unknown[1]]
        if unknown:
            flags = [flag for a in self._actions for flag in a.option_strings if a.help != argparse.SUPPRESS]
            return f"there is no flag {unknown[1]}", nearest(unknown[1], flags)
        return message, None


def _everywhere(verb: argparse.ArgumentParser) -> None:
    """The flags of every verb."""
    verb.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    verb.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="whether to use colour (default: on a terminal)",
    )
    verb.add_argument("--no-color", dest="color", action="store_const", const="never", help=argparse.SUPPRESS)


def _meant(word: str) -> str | None:
    """The command that somebody means who typed something else: a file, or the word of another program."""
    from hybridc.words import nearest

    if word.endswith((".yaml", ".yml")):
        return f"hybridc build {word}"
    return _ELSEWHERE.get(word) or nearest(word, VERBS)


def parser(argv: list[str] | None = None) -> argparse.ArgumentParser:
    """The command line. With ``argv``, only the verb that it names is imported; without, all are."""
    top = _Parser(prog="hybridc", description=_ABOUT, allow_abbrev=False)
    top.add_argument("-V", "--version", action="version", version=f"hybridc {hybridc.__version__}")
    _everywhere(top)
    verbs = top.add_subparsers(title="commands", metavar="COMMAND")
    named = None if argv is None else next((word for word in argv if word in VERBS), "")
    for verb, (name, summary) in VERBS.items():
        sub = verbs.add_parser(
            verb, help=summary, description=summary[:1].upper() + summary[1:] + ".", allow_abbrev=False
        )
        _everywhere(sub)
        if named is None or named == verb:
            module = import_module(f"hybridc.cli.{name}")
            module.arguments(sub)
            sub.set_defaults(run=module.run, parser=sub)
    return top
