"""The examples, compiled in both layouts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.build.cli import EXAMPLES, call


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each example's cluster, by the example's name."""
    out = tmp_path_factory.mktemp("examples")
    found = {}
    for spec in EXAMPLES:
        done = call("build", spec, "-o", out / spec.parent.name, "--layout", "both")
        assert done.code == 0, done.err
        (found[spec.parent.name],) = (path.parent for path in (out / spec.parent.name).glob("*/hybridc.lock.json"))
    return found
