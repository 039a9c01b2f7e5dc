"""``hybridc completion``: a completion script for a shell."""

from __future__ import annotations

import argparse

from hybridc import exits
from hybridc.cli.say import document, note
from hybridc.words import with_extra


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return completion(arguments.shell)


def completion(shell: str) -> int:
    """Print the script for a shell; exit code 3 without shtab, which the extra completion brings."""
    try:
        import shtab
    except ImportError:
        note(f"hybridc: completion needs shtab: {with_extra('completion')}")
        return exits.WORLD_FAILED
    from hybridc.cli.main import parser

    document(shtab.complete(parser(), shell=shell) + "\n")
    return exits.FINE
