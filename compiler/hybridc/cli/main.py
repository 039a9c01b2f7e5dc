"""Parse the command line, run a verb, turn what goes wrong into an exit code."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import hybridc
from hybridc.cli import exits, report

_ISSUES = "https://hybridc.dev/issues"
VERBS = {
    "build": "compile specs into a folder a cluster",
    "validate": "check specs, write nothing",
    "explain": "what a field or a rule means",
    "init": "write a first hybrid.yaml",
    "schema": "print the JSON Schema of hybrid.yaml",
    "completion": "print a completion script for a shell",
}


def main(argv: list[str]) -> int:
    """Run one command; the exit code is one of :mod:`hybridc.cli.exits`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    debug = "--debug" in argv
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        report.note("hybridc: interrupted")
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Nobody reads stdout any more; keep the interpreter from saying so at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.WORLD_FAILED
    except Exception as error:
        if debug:
            raise
        return _bug(error)


def _bug(error: Exception) -> int:
    from hybridc.source.secrets import redact

    report.note(f"hybridc: this is a bug: {type(error).__name__}: {redact(str(error))[:300]}")
    report.note(f"  help: run it again with --debug and report what it prints (without secrets) at {_ISSUES}")
    return exits.BUG


def _run(argv: list[str]) -> int:
    arguments = parser(argv).parse_args(argv)
    if not hasattr(arguments, "run"):
        parser([]).print_help()
        return exits.FINE
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


class _Parser(argparse.ArgumentParser):
    """Wrong flags end with exit code 2 and the nearest verb."""

    def error(self, message: str) -> Any:
        self.print_usage(sys.stderr)
        self.exit(exits.WRONG_INPUT, f"hybridc: error: {message}\n")


def parser(argv: list[str] | None = None) -> argparse.ArgumentParser:
    """The command line. With ``argv``, only the verb that it names is imported; without, all are."""
    top = _Parser(prog="hybridc", description=hybridc.__doc__, allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"hybridc {hybridc.__version__}")
    top.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    verbs = top.add_subparsers(title="commands", metavar="COMMAND")
    named = None if argv is None else next((word for word in argv if word in VERBS), "")
    for verb, summary in VERBS.items():
        sub = verbs.add_parser(
            verb, help=summary, description=summary[:1].upper() + summary[1:] + ".", allow_abbrev=False
        )
        sub.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
        if named is None or named == verb:
            module = import_module(f"hybridc.cli.{verb}")
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    return top
