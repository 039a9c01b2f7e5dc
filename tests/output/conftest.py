"""One cluster that was built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.build.cli import Done, call, temporaries, tree, written

NAME = "idc-hangzhou"


@dataclass
class Cluster:
    """A spec, and the folder that a build of it has written."""

    spec: Path
    out: Path

    @property
    def folder(self) -> Path:
        return self.out / NAME

    def build(self, *flags: str) -> Done:
        done = call("build", self.spec, "-o", self.out, *flags)
        assert temporaries(self.out) == []
        return done

    def change(self) -> None:
        """Another name for the only pool: one file goes, one comes, others change."""
        self.spec.write_text(self.spec.read_text().replace("elastic", "renamed"))

    def tree(self) -> dict[str, bytes]:
        return tree(self.folder)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """The guide's cluster, freshly built."""
    made = Cluster(written(tmp_path), tmp_path / "out")
    assert made.build().code == 0
    return made
