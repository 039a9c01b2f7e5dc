"""--color and --no-color, for every verb and wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.bare import written_bare
from tests.build.cli import call


@pytest.mark.parametrize(
    ("before", "after", "colored"),
    [
        ([], [], False),
        ([], ["--color", "always"], True),
        (["--color=always"], [], True),
        ([], ["--color", "always", "--no-color"], False),
        (["--no-color"], [], False),
    ],
)
def test_color(before: list[str], after: list[str], colored: bool, tmp_path: Path) -> None:
    done = call(*before, "validate", *after, written_bare(tmp_path))
    assert ("\x1b[" in done.err) is colored
    assert "\x1b[" not in call("validate", written_bare(tmp_path)).err, "one call says nothing of the next"


def test_the_environment_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in call("validate", written_bare(tmp_path)).err
    assert "\x1b[" not in call("validate", "--color=never", written_bare(tmp_path)).err
    assert "\x1b[" not in call("validate", "--format", "json", written_bare(tmp_path)).out
