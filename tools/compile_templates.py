"""Build hook of the wheel: the Jinja templates are compiled into it, so that nobody compiles them at run time.

What is shipped in the wheel is the only compiled code that hybridc loads; there is no cache beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTemplates(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``hybridc/_data/templates/``, a Python module a template; not to an editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a folder that lives until the wheel is written."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "compiler"))
        try:
            from hybridc.lower.templates import environment
        finally:
            del sys.path[0]
        self._folder = TemporaryDirectory(prefix="hybridc-templates-")
        environment().compile_templates(self._folder.name, zip=None, filter_func=_is_template)
        for path in sorted(Path(self._folder.name).glob("*.py")):
            build_data["force_include"][str(path)] = f"hybridc/_data/templates/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder."""
        if version != "editable":
            self._folder.cleanup()


def _is_template(name: str) -> bool:
    return name.endswith(".j2")
