"""Text that is not data (the node script, READMEs) is a Jinja template in ``chart-templates/``.

A wheel holds them compiled (``tools/compile_templates.py``); a source tree compiles them as it runs. Nothing
compiled is read from, or written to, anywhere else: such a file would be executed.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from hybridc import resources

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment


@cache
def environment() -> Environment:
    """The one Jinja environment: an undefined name is an error, nothing is escaped, blocks leave no blank lines."""
    from jinja2 import Environment, StrictUndefined

    return Environment(
        loader=_loader(),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - nothing here is HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        auto_reload=False,
    )


def _loader() -> BaseLoader:
    """The compiled templates of a wheel, else the text of a source tree."""
    from jinja2 import FileSystemLoader, ModuleLoader

    if os.path.isdir(resources.COMPILED):
        return ModuleLoader(resources.COMPILED)
    return FileSystemLoader(resources.TEMPLATES, encoding="utf-8")


def render(name: str, **values: object) -> str:
    """The text of template ``name`` (a path below ``chart-templates/``) with ``values``."""
    return environment().get_template(name).render(**values)
