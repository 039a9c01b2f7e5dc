"""``hybridc schema``: print the JSON Schema of hybrid.yaml, for editors and other tools."""

from __future__ import annotations

import argparse

from hybridc import exits, resources
from hybridc.cli.say import document


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb has no flags."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    del arguments
    return schema()


def schema() -> int:
    """Print the schema as it ships."""
    document(resources.read(resources.SCHEMA).decode())
    return exits.FINE
