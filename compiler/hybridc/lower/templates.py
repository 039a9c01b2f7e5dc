"""Text that is not data (the node script, READMEs) is a Jinja template in ``chart-templates/``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hybridc import resources

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """The one Jinja environment: an undefined name is an error, nothing is escaped, blocks leave no blank lines."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(resources.TEMPLATES, encoding="utf-8"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - nothing here is HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        auto_reload=False,
    )


def render(name: str, **values: object) -> str:
    """The text of template ``name`` (a path below ``chart-templates/``) with ``values``."""
    return environment().get_template(name).render(**values)
