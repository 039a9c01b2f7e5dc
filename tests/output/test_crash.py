"""A build that is stopped at any moment leaves every cluster's folder old or new, whole; the next run tidies up."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.build.cli import call, temporaries, tree, written
from tests.output import faults

from hybridc.output import exchange

CLUSTERS = ("one", "two", "three")
NEAR = (-1, 0, 1, 2)
Snapshot = dict[str, bytes]


@dataclass
class Fleet:
    """Three clusters whose folders hold the ``old`` trees, and specs that compile to the ``new`` ones."""

    out: Path
    arguments: list[str]
    bad: Path
    old: dict[str, Snapshot]
    new: dict[str, Snapshot]
    folder: Path

    def restore(self) -> None:
        """The folders as they were before."""
        if set(self.standing().values()) != {"old"}:
            assert call("build", *self.folder.glob("old/*.yaml"), "-o", self.out, "--force").code == 0
        assert self.standing() == dict.fromkeys(CLUSTERS, "old")

    def standing(self) -> dict[str, str]:
        """For each cluster, which tree its folder holds."""
        return {name: self._which(name, tree(self.out / name)) for name in CLUSTERS}

    def _which(self, name: str, found: Snapshot) -> str:
        if found == self.old[name]:
            return "old"
        return "new" if found == self.new[name] else f"torn: {sorted(found)}"

    def whole(self) -> bool:
        return set(self.standing().values()) <= {"old", "new"}

    def next_run(self) -> None:
        """A run that writes nothing itself."""
        assert call("build", self.bad, "-o", self.out).code == 2
        assert temporaries(self.out) == []


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on a file system in memory, where there is one: these tests write some ten thousand files."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path_factory.mktemp("fleet")
        return
    folder = Path(tempfile.mkdtemp(prefix="hybridc-test-", dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def fleet(memory: Path) -> Fleet:
    folder = memory
    out, trees = folder / "out", {}
    for version, pools in (("old", "elastic"), ("new", "renamed")):
        specs = [
            written(folder / version, name, number, replaced={"elastic": pools}) for number, name in enumerate(CLUSTERS)
        ]
        assert call("build", *specs, "-o", out).code == 0
        (out / "one" / "notes.txt").write_text("a person's own file\n")
        trees[version] = {name: tree(out / name) for name in CLUSTERS}
    bad = folder / "bad.yaml"
    bad.write_text("kind: [\n")
    arguments = ["build", *map(str, sorted(folder.glob("new/*.yaml"))), "-o", str(out)]
    assert trees["old"] != trees["new"]
    return Fleet(out, arguments, bad, trees["old"], trees["new"], folder)


@pytest.fixture
def without_exchange() -> Iterator[None]:
    """A kernel or file system that cannot exchange two folders in one step."""
    whole = exchange._exchange
    exchange._exchange = lambda a, b: False
    yield
    exchange._exchange = whole


def each_moment(fleet: Fleet, what: Callable[[], None], step: int) -> Iterator[tuple[int, int]]:
    """Moments of a rebuild at which it was struck, with the exit code: every ``step``-th, and all near an exchange."""
    fleet.restore()
    names = faults.moments(fleet.arguments, fleet.folder)
    assert fleet.standing() == dict.fromkeys(CLUSTERS, "new")
    near = {at + near for at, name in enumerate(names, 1) if name in ("os.rename", "ctypes.dlsym") for near in NEAR}
    for at in sorted({*range(1, len(names), step), *near}):
        fleet.restore()
        yield at, faults.child(fleet.arguments, faults.strike(at, what))


def test_killed_at_any_moment(fleet: Fleet) -> None:
    killed = 0
    for at, code in each_moment(fleet, faults.kill, 6):
        killed += code == -signal.SIGKILL
        assert fleet.whole(), f"killed at {at}: {fleet.standing()}"
        fleet.next_run()
        assert fleet.whole(), f"killed at {at}, then tidied up: {fleet.standing()}"
    assert killed >= 60


def test_killed_after_a_random_while(fleet: Fleet) -> None:
    chance = random.Random(1)
    fleet.restore()
    started = time.monotonic()
    assert faults.child(fleet.arguments) == 0
    duration = time.monotonic() - started
    killed = 0
    for _ in range(60):
        fleet.restore()
        pid = faults.fork(fleet.arguments, lambda: None)
        time.sleep(chance.uniform(0, duration))
        os.kill(pid, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        assert fleet.whole(), fleet.standing()
        fleet.next_run()
        assert fleet.whole(), fleet.standing()
    assert killed


@pytest.mark.usefixtures("without_exchange")
def test_killed_between_two_renames(fleet: Fleet) -> None:
    """Without renameat2 a folder may be missing for a moment; the next run puts it back, whole."""
    missing = 0
    for at, _ in each_moment(fleet, faults.kill, 60):
        missing += any(not found for found in (tree(fleet.out / name) for name in CLUSTERS))
        fleet.next_run()
        assert fleet.whole(), f"killed at {at}, then completed: {fleet.standing()}"
    assert missing >= len(CLUSTERS)


def test_interrupted_at_any_moment(fleet: Fleet) -> None:
    """Ctrl-C leaves nothing behind and ends with 130."""
    for at, code in each_moment(fleet, faults.interrupt, 11):
        assert code in (130, 0), at
        assert fleet.whole(), f"interrupted at {at}: {fleet.standing()}"
        assert temporaries(fleet.out) == [], at


def test_disk_full_at_any_moment(fleet: Fleet) -> None:
    """What fails is said with exit code 3, and nothing is left behind; what is only tidying up may fail silently."""
    codes = set()
    for at, code in each_moment(fleet, faults.full_disk, 11):
        codes.add(code)
        assert code in (3, 0), at
        assert fleet.whole(), f"full at {at}: {fleet.standing()}"
        fleet.next_run()
    assert codes == {3, 0}
