"""Files that people edited or put there: never lost, and named when they are in the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.build.cli import LOCK, tree
from tests.output.conftest import NAME, Cluster

from hybridc.output import exchange
from hybridc.output.compare import Difference
from hybridc.output.write import Writer

SUMMARY = "SUMMARY.md"
POOL = "cloud/node-pools/elastic.json"


def test_only_what_was_generated_is_pruned(cluster: Cluster) -> None:
    (cluster.folder / "cloud/node-pools/mine.json").write_text("{}")
    cluster.change()
    done = cluster.build()
    assert done.code == 0
    assert f"D {POOL}" in done.out
    assert not (cluster.folder / POOL).exists()
    assert (cluster.folder / "cloud/node-pools/renamed.json").exists()
    assert (cluster.folder / "cloud/node-pools/mine.json").read_text() == "{}"


@pytest.mark.parametrize("changed", [False, True], ids=["nothing to do", "spec changed"])
def test_an_edited_file_stops_the_build_with_its_name(cluster: Cluster, changed: bool) -> None:
    edited = cluster.folder / SUMMARY
    edited.write_text("edited by a person\n")
    if changed:
        cluster.change()
    before = cluster.tree()
    done = cluster.build()
    assert done.code == 2
    assert f"{edited}:1:1: OUT001 error" in done.err
    assert cluster.tree() == before
    check = cluster.build("--check")
    assert check.code == 1
    assert "OUT001" in check.err
    assert cluster.tree() == before


def test_force_overwrites_an_edited_file(cluster: Cluster) -> None:
    before = cluster.tree()
    (cluster.folder / SUMMARY).write_text("edited by a person\n")
    assert cluster.build("--force").code == 0
    assert cluster.tree() == before


def test_an_edited_file_that_would_be_pruned_stops_the_build(cluster: Cluster) -> None:
    (cluster.folder / POOL).write_text("{}")
    cluster.change()
    done = cluster.build()
    assert (done.code, POOL in done.err) == (2, True)
    assert (cluster.folder / POOL).read_text() == "{}"
    assert cluster.build("--force").code == 0
    assert not (cluster.folder / POOL).exists()


def test_a_generated_file_that_is_a_symlink_now_counts_as_edited(cluster: Cluster, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes((cluster.folder / SUMMARY).read_bytes())
    (cluster.folder / SUMMARY).unlink()
    (cluster.folder / SUMMARY).symlink_to(outside)
    kept = outside.read_bytes()
    assert cluster.build().code == 2
    assert cluster.build("--force").code == 0
    assert not (cluster.folder / SUMMARY).is_symlink()
    assert outside.read_bytes() == kept


def test_a_deleted_file_comes_back(cluster: Cluster) -> None:
    before = cluster.tree()
    (cluster.folder / SUMMARY).unlink()
    shutil.rmtree(cluster.folder / "cloud")
    assert cluster.build("--check").code == 1
    assert cluster.build().code == 0
    assert cluster.tree() == before


def test_an_emptied_folder_is_not_in_the_way(cluster: Cluster) -> None:
    before = cluster.tree()
    for path in (cluster.folder / "kustomize").iterdir():
        path.unlink()
    assert cluster.build().code == 0
    assert cluster.tree() == before


def test_foreign_files_stay_as_they_are(cluster: Cluster, tmp_path: Path) -> None:
    mine = cluster.folder / "kustomize" / "mine"
    (mine / "empty").mkdir(parents=True)
    (mine / "script.sh").write_text("#!/bin/sh\n")
    (mine / "script.sh").chmod(0o750)
    (mine / "dangling").symlink_to("nowhere")
    (mine / "folder").symlink_to(tmp_path)
    os.mkfifo(mine / "pipe")
    mine.chmod(0o700)
    (mine / "empty").chmod(0o711)
    before = {path: path.lstat() for path in [mine, *mine.rglob("*")]}
    cluster.change()
    assert cluster.build().code == 0
    after = {path: path.lstat() for path in [mine, *mine.rglob("*")]}
    assert {path: (s.st_mode, s.st_size) for path, s in before.items()} == {
        path: (s.st_mode, s.st_size) for path, s in after.items()
    }
    assert after[mine / "script.sh"].st_mtime_ns == before[mine / "script.sh"].st_mtime_ns
    assert cluster.build().code == 0, "foreign files alone are no reason to write"


def test_a_foreign_folder_that_nobody_may_write_to(cluster: Cluster) -> None:
    """Its old place is tidied up all the same."""
    mine = cluster.folder / "mine"
    mine.mkdir()
    (mine / "notes").write_text("kept")
    mine.chmod(0o555)
    cluster.change()
    assert cluster.build().code == 0
    assert (mine / "notes").read_text() == "kept"
    assert mine.stat().st_mode & 0o777 == 0o555


def put_file(path: Path) -> None:
    path.write_text("mine\n")


def put_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine").write_text("mine\n")


def put_link(path: Path) -> None:
    path.symlink_to(path.parent.parent.parent / "elsewhere")


POOL_TO_COME = "cloud/node-pools/renamed.json"


@pytest.mark.parametrize(
    ("put", "place"),
    [
        (put_file, POOL_TO_COME),
        (put_folder, POOL_TO_COME),
        (put_link, POOL_TO_COME),
        (put_file, "argocd"),
        (put_link, "argocd"),
    ],
)
def test_what_is_in_the_way_stops_the_build(cluster: Cluster, put: Callable[[Path], None], place: str) -> None:
    cluster.change()
    (cluster.out.parent / "elsewhere").mkdir()
    path = cluster.folder / place
    if path.exists():
        shutil.rmtree(path)
    put(path)
    before = cluster.tree()
    done = cluster.build()
    assert done.code == 2
    assert "OUT002" in done.err
    assert place in done.err
    assert cluster.tree() == before
    assert cluster.build("--check").code == 1
    assert cluster.build("--force").code == 0
    assert cluster.build("--check").code == 0
    assert list((cluster.out.parent / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("put", [put_file, put_link])
def test_the_clusters_own_folder_is_something_else(
    cluster: Cluster, put: Callable[[Path], None], tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").write_text("mine")
    shutil.rmtree(cluster.folder)
    if put is put_link:
        cluster.folder.symlink_to(tmp_path / "elsewhere")
    else:
        put(cluster.folder)
    done = cluster.build()
    assert done.code == 2
    assert "OUT002" in done.err
    assert str(cluster.folder) in done.err
    assert cluster.build("--check").code == 1
    assert cluster.build("--force").code == 0
    assert (cluster.folder / LOCK).is_file()
    assert not cluster.folder.is_symlink()
    assert (tmp_path / "elsewhere" / "mine").read_text() == "mine"


def test_a_renamed_cluster_gets_a_folder_of_its_own(cluster: Cluster) -> None:
    """The old one may still be synced; it goes when a person removes it."""
    before = cluster.tree()
    cluster.spec.write_text(cluster.spec.read_text().replace("name: idc-hangzhou", "name: idc-renamed"))
    assert cluster.build().code == 0
    assert (cluster.out / "idc-renamed" / LOCK).is_file()
    assert cluster.tree() == before


def test_nothing_to_do_touches_nothing(cluster: Cluster) -> None:
    before = {path: path.stat() for path in cluster.out.rglob("*")}
    done = cluster.build()
    assert (done.code, done.out) == (0, f"{cluster.folder}: unchanged\n")
    assert {path: path.stat().st_mtime_ns for path in before} == {p: s.st_mtime_ns for p, s in before.items()}


def test_a_rebuild_keeps_the_files_that_do_not_change(cluster: Cluster) -> None:
    before = (cluster.folder / "cloud/node/init-node-ecs.sh").stat()
    cluster.change()
    assert cluster.build().code == 0
    after = (cluster.folder / "cloud/node/init-node-ecs.sh").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (before.st_ino, before.st_mtime_ns, 1)


def test_a_tree_that_is_deeper_than_python_goes(cluster: Cluster) -> None:
    """It comes along, and its old place is tidied up."""
    deep = cluster.folder / "mine"
    here = os.open(deep.parent, os.O_RDONLY)
    for name in ("mine", *["d"] * 1200):
        os.mkdir(name, dir_fd=here)
        here, outer = os.open(name, os.O_RDONLY, dir_fd=here), here
        os.close(outer)
    os.close(os.open("notes", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    cluster.change()
    assert cluster.build().code == 0
    assert os.path.exists(f"{deep}{'/d' * 1200}/notes")
    assert cluster.build("--check").code == 0
    exchange.remove(str(deep))


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "a//x", "", ".", "./x", "a/", "a\0b"])
def test_the_writer_takes_no_path_that_leaves_the_folder(cluster: Cluster, path: str) -> None:
    """Whoever has made it: that is a bug of hybridc, and nothing is written."""
    before = tree(cluster.out)
    writer = Writer(str(cluster.out))
    for name, files in ((NAME, {path: b"x"}), (path, {"x": b"x"}), (f"{NAME}/x", {"x": b"x"})):
        with pytest.raises(ValueError, match="leaves the folder"):
            writer.stage(name, files, Difference(added=list(files)))
    assert tree(cluster.out.parent / "out") == before
