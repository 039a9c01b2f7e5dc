"""``hybridc init``: write a first hybrid.yaml, commented, with placeholders for what only a person knows."""

from __future__ import annotations

import argparse
import os
import re

from hybridc import exits, resources
from hybridc.cli.files import replace
from hybridc.cli.say import document, note, out

_PLACEHOLDER = re.compile(r"<([a-z0-9-]+)>")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument(
        "path",
        nargs="?",
        default="hybrid.yaml",
        metavar="FILE",
        help="where to write it (default: hybrid.yaml; - for stdout)",
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return init(arguments.path, force=arguments.force)


def init(path: str = "hybrid.yaml", *, force: bool = False) -> int:
    """Write the file (``-``: to stdout) and say what has to be filled in; ``force`` overwrites a file that is there."""
    text = resources.read(os.path.join(resources.TEMPLATES, "init", "hybrid.yaml")).decode()
    if path == "-":
        document(text)
        return exits.FINE
    try:
        replace(path, text, force=force)
    except FileExistsError:
        note(f"hybridc: {path} exists already; --force overwrites it")
        return exits.WRONG_INPUT
    except (IsADirectoryError, FileNotFoundError, NotADirectoryError) as error:
        note(f"hybridc: cannot write {path}: {error.strerror}")
        return exits.WRONG_INPUT
    except OSError as error:
        note(f"hybridc: cannot write {path}: {error.strerror}")
        return exits.WORLD_FAILED
    names = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    out(f"{path}: written. Replace {len(names)} placeholders: {', '.join(f'<{name}>' for name in names)}")
    out(f"then: hybridc validate {path}")
    return exits.FINE
