"""Text that is not data (the node script, READMEs) is a Jinja template in ``chart-templates/``."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING

from hybridc import resources

if TYPE_CHECKING:
    from jinja2 import Environment, FileSystemBytecodeCache


@cache
def environment() -> Environment:
    """The one Jinja environment: an undefined name is an error, nothing is escaped, blocks leave no blank lines."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        bytecode_cache=_bytecode_cache(),
        loader=FileSystemLoader(resources.TEMPLATES, encoding="utf-8"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - nothing here is HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        auto_reload=False,
    )


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates in the user's cache folder: compiling them is half of a cold build's own time.

    Jinja compares a digest of the template. None where that folder cannot be had, or is somebody else's.
    """
    from jinja2 import FileSystemBytecodeCache, __version__

    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(home, "hybridc", "templates")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.stat(folder)
        # What lies there is executed, so nobody else may write it.
        if status.st_uid != os.geteuid() or status.st_mode & 0o022 or not os.access(folder, os.W_OK):
            return None
    except OSError:
        return None
    return FileSystemBytecodeCache(folder, f"{sys.implementation.cache_tag}-jinja{__version__}-%s")


def render(name: str, **values: object) -> str:
    """The text of template ``name`` (a path below ``chart-templates/``) with ``values``."""
    return environment().get_template(name).render(**values)
