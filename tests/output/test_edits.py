"""What somebody changes in a cluster's folder while a build runs is seen, and never lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.build.cli import call, temporaries, tree, written
from tests.output import faults
from tests.output.conftest import NAME, Cluster
from tests.output.test_crash import without_exchange

__all__ = ["without_exchange"]

MINE = b"a person's work\n"
Edit = Callable[[Path], None]


def saves(folder: Path) -> None:
    (folder / "SUMMARY.md").write_bytes(MINE)


def saves_what_the_build_prunes(folder: Path) -> None:
    (folder / "cloud/node-pools/elastic.json").write_bytes(MINE)


def saves_by_a_rename(folder: Path) -> None:
    """As most editors do."""
    (folder.parent.parent / "saved").write_bytes(MINE)
    (folder.parent.parent / "saved").rename(folder / "SUMMARY.md")


def adds(folder: Path) -> None:
    (folder / "kustomize" / "notes.txt").write_bytes(MINE)


def adds_to_an_empty_folder(folder: Path) -> None:
    (folder / "drafts" / "empty" / "notes.txt").write_bytes(MINE)


def replaces_a_foreign_file(folder: Path) -> None:
    (folder.parent.parent / "saved").write_bytes(MINE)
    (folder.parent.parent / "saved").rename(folder / "drafts" / "draft.txt")


def writes_to_a_foreign_file(folder: Path) -> None:
    (folder / "drafts" / "draft.txt").write_bytes(MINE)


EDITS = (
    saves,
    saves_what_the_build_prunes,
    saves_by_a_rename,
    adds,
    adds_to_an_empty_folder,
    replaces_a_foreign_file,
    writes_to_a_foreign_file,
)


@pytest.fixture
def drafts(cluster: Cluster) -> Cluster:
    """The cluster, built, with files of a person, and a spec that has changed since."""
    (cluster.folder / "drafts" / "empty").mkdir(parents=True)
    (cluster.folder / "drafts" / "draft.txt").write_text("draft\n")
    cluster.change()
    return cluster


def outcomes(cluster: Cluster, edit: Edit, step: int) -> list[int]:
    """Exit codes of builds that somebody edits under, at many moments; the work must be there afterwards."""
    arguments, before = ["build", str(cluster.spec), "-o", str(cluster.out)], cluster.out.parent / "before"
    shutil.copytree(cluster.out, before, symlinks=True)
    names = faults.moments(arguments, cluster.out.parent)
    exchanges = [at for at, name in enumerate(names, 1) if name in ("os.rename", "ctypes.dlsym")]
    assert exchanges
    codes, done = [], cluster.out.parent / "done"
    for at in sorted({*range(1, len(names), step), *(at + near for at in exchanges for near in (-1, 0, 1))}):
        shutil.rmtree(cluster.out)
        shutil.copytree(before, cluster.out, symlinks=True)
        done.unlink(missing_ok=True)
        codes.append(faults.child(arguments, faults.strike(at, lambda: attempt(edit, cluster.folder, done))))
        if done.exists():
            assert MINE in tree(cluster.folder).values(), f"lost at {at} of {len(names)}, exit code {codes[-1]}"
        assert temporaries(cluster.out) == [], at
    return codes


def attempt(edit: Edit, folder: Path, done: Path) -> None:
    """Between two renames there is no folder for a moment."""
    with suppress(FileNotFoundError):
        edit(folder)
        done.touch()


@pytest.mark.parametrize("edit", EDITS)
def test_at_any_moment(drafts: Cluster, edit: Edit) -> None:
    codes = set(outcomes(drafts, edit, 40))
    assert codes <= {0, 2}
    if edit is not writes_to_a_foreign_file:
        assert 2 in codes


@pytest.mark.usefixtures("without_exchange")
@pytest.mark.parametrize("edit", [saves, adds])
def test_without_an_exchange(drafts: Cluster, edit: Edit) -> None:
    assert set(outcomes(drafts, edit, 60)) == {0, 2}


def test_it_is_said_and_the_next_build_sees_it(drafts: Cluster) -> None:
    arguments = ["build", str(drafts.spec), "-o", str(drafts.out)]
    before = tree(drafts.out)
    shutil.copytree(drafts.out, drafts.out.parent / "before")
    names = faults.moments(arguments, drafts.out.parent)
    shutil.rmtree(drafts.out)
    (drafts.out.parent / "before").rename(drafts.out)
    log = drafts.out.parent / "log"
    exchange = names.index("ctypes.dlsym") + 1
    assert faults.child(arguments, faults.strike(exchange, lambda: saves(drafts.folder)), log) == 2
    said = log.read_text()
    assert f"{drafts.folder}/SUMMARY.md:1:1: OUT008 error: somebody has changed this file while the build ran" in said
    assert "help: nothing was changed; build again" in said
    assert tree(drafts.out) == before | {f"{NAME}/SUMMARY.md": MINE}
    assert "OUT001" in drafts.build().err


def test_a_folder_that_comes_meanwhile(tmp_path: Path) -> None:
    """Another program makes the cluster's folder while its first build runs."""
    spec, out = written(tmp_path), tmp_path / "out"
    arguments = ["build", str(spec), "-o", str(out)]
    names = faults.moments(arguments, tmp_path)
    for at in range(len(names) - 20, len(names) + 1):
        shutil.rmtree(out)
        code = faults.child(arguments, faults.strike(at, lambda: make(out / NAME)))
        assert code in (0, 2), at
        assert (out / NAME / "mine").read_bytes() == MINE, at
        assert temporaries(out) == [], at


def make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine").write_bytes(MINE)


def test_with_several_clusters_it_is_said_which_are_new(tmp_path: Path) -> None:
    """An edit between two exchanges: the first cluster is new, the second as the person left it."""
    specs = [written(tmp_path, name, number) for number, name in enumerate(("one", "two"))]
    out, log = tmp_path / "out", tmp_path / "log"
    assert call("build", *specs, "-o", out).code == 0
    for spec in specs:
        spec.write_text(spec.read_text().replace("elastic", "renamed"))
    arguments = ["build", *map(str, specs), "-o", str(out)]
    shutil.copytree(out, tmp_path / "before")
    names = faults.moments(arguments, tmp_path)
    shutil.rmtree(out)
    (tmp_path / "before").rename(out)
    second = [at for at, name in enumerate(names, 1) if name == "ctypes.dlsym"][1]
    assert faults.child(arguments, faults.strike(second, lambda: saves(out / "two")), log) == 2
    assert "help: new already: one, as before: two; build again" in log.read_text()
    assert (out / "one/cloud/node-pools/renamed.json").exists()
    assert (out / "two/SUMMARY.md").read_bytes() == MINE


def test_a_file_that_is_written_to_all_the_time_stops_nothing(drafts: Cluster) -> None:
    """It is the same file in the new folder, so nothing that is appended is lost."""
    log = drafts.folder / "drafts" / "draft.txt"
    with log.open("a") as file:
        file.write("before\n")
        file.flush()
        assert drafts.build().code == 0
        file.write("after\n")
    assert log.read_text() == "draft\nbefore\nafter\n"
