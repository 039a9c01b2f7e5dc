"""README lists every verb, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from hybridc.cli.main import VERBS

README = Path(__file__).parents[2] / "README.md"


def test_readme_lists_the_verbs() -> None:
    listed = re.findall(r"^\| `hybridc ([a-z][a-z-]*)[ `]", README.read_text("utf-8"), re.MULTILINE)
    assert set(listed) == set(VERBS)
