"""The example with every field is a cluster that could run: what hybridc warns of is accepted, with a reason."""

from __future__ import annotations

import pytest
from tests.build.cli import ROOT, call


def test_nothing_is_left_that_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")  # 1 December 2026: an acceptance has its last day
    done = call("validate", "--strict", ROOT / "examples" / "everything" / "hybrid.yaml")
    assert done.code == 0, done.err
