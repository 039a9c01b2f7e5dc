"""The examples are clusters that could run: what hybridc warns of is accepted, with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.build.cli import EXAMPLES, call


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_nothing_is_left_that_is_warned_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")  # 1 December 2026: an acceptance has its last day
    done = call("validate", "--strict", path)
    assert done.code == 0, done.err
