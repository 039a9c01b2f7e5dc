"""Folders and files of somebody else: they stay his, or the build stops and says whose they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.build.cli import call, run, temporaries, tree, written
from tests.output import faults
from tests.output.conftest import NAME, Cluster

OTHER = 12345
LOCKED = "OUT004 error: its files could not be replaced: it belongs to root, and you are user 12345"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder of the other user, which root has built into."""
    folder = Path(tempfile.mkdtemp(prefix="hybridc-test-"))
    assert call("build", written(folder), "-o", folder / "out").code == 0
    for path in (folder, folder / "out"):
        os.chown(path, OTHER, OTHER)
    yield folder
    shutil.rmtree(folder)


def as_other() -> None:
    os.setgroups([])
    os.setgid(OTHER)
    os.setuid(OTHER)


def change(spec: Path) -> None:
    spec.write_text(spec.read_text().replace("elastic", "renamed"))


def built(folder: Path, *flags: str, name: str = NAME) -> tuple[int, str]:
    """Exit code and words of a build as the other user."""
    log = folder / "log"
    arguments = ["build", str(folder / f"{name}.yaml"), "-o", str(folder / "out"), *flags]
    return faults.child(arguments, as_other, log), log.read_text()


@pytest.mark.needs("root")
@pytest.mark.parametrize("flag", [[], ["--force"]])
def test_a_folder_of_another_owner_is_left_alone(shared: Path, flag: list[str]) -> None:
    """Renamed it could be, but not removed. The way out is said, and it is one."""
    change(shared / f"{NAME}.yaml")
    before = tree(shared / "out")
    for _ in range(2):
        code, said = built(shared, *flag)
        assert (code, LOCKED in said) == (3, True), said
        assert f"sudo chown -R {OTHER} {shared}/out/{NAME}" in said
        assert tree(shared / "out") == before
    written(shared, "idc-other", 1)
    assert built(shared, name="idc-other")[0] == 0, "other clusters are built"
    subprocess.run(["chown", "-R", str(OTHER), shared / "out" / NAME], check=True)
    assert built(shared, *flag)[0] == 0


@pytest.mark.needs("root")
def test_one_folder_in_it_is_enough(shared: Path) -> None:
    subprocess.run(["chown", "-R", str(OTHER), shared / "out"], check=True)
    mine = shared / "out" / NAME / "mine"
    mine.mkdir()
    (mine / "notes").write_text("mine\n")
    change(shared / f"{NAME}.yaml")
    code, said = built(shared)
    assert (code, f"{mine}:1:1: {LOCKED}" in said) == (3, True), said
    mine.chmod(0o1777)
    assert built(shared)[0] == 3, "with the sticky bit only an owner may remove"
    mine.chmod(0o777)
    assert built(shared)[0] == 0
    assert (mine / "notes").read_text() == "mine\n"


@pytest.mark.needs("root")
def test_what_an_earlier_run_of_another_user_left_stops_nobody(shared: Path) -> None:
    subprocess.run(["chown", "-R", str(OTHER), shared / "out"], check=True)
    for rest in ("new", "old", "gone"):
        folder = shared / "out" / f".{NAME}.hybridc-{rest}"
        folder.mkdir()
        (folder / "file").write_text("old\n")
    change(shared / f"{NAME}.yaml")
    for _ in range(2):
        code, said = built(shared)
        assert (code, said.count("OUT009 warning: an old folder, which cannot be removed")) == (0, 3), said
    assert (shared / "out" / NAME / "cloud/node-pools/renamed.json").exists()
    assert call("build", shared / f"{NAME}.yaml", "-o", shared / "out").code == 0
    assert temporaries(shared / "out") == [], "who may remove it does"


def immutable(path: Path, on: bool) -> None:
    subprocess.run(["chattr", "+i" if on else "-i", path], check=True)


@pytest.mark.needs("root", "debian")
def test_an_immutable_file_stays_and_stops_nothing(cluster: Cluster) -> None:
    mine = cluster.folder / "mine"
    mine.write_text("mine\n")
    immutable(mine, True)
    cluster.change()
    try:
        for code in (0, 0):
            done = call("build", cluster.spec, "-o", cluster.out)
            assert (done.code, "OUT009 warning" in done.err, mine.read_text()) == (code, True, "mine\n"), done.err
        (rest,) = temporaries(cluster.out)
        assert rest == f".{NAME}.hybridc-gone"
    finally:
        immutable(cluster.out / f".{NAME}.hybridc-gone" / "mine", False)
    assert "OUT009" not in cluster.build().err


@pytest.mark.needs("root", "debian")
@pytest.mark.parametrize("where", ["", "mine"])
def test_an_immutable_folder_stops_the_build(cluster: Cluster, where: str) -> None:
    (cluster.folder / "mine").mkdir()
    (cluster.folder / "mine" / "notes").write_text("mine\n")
    cluster.change()
    before = cluster.tree()
    immutable(cluster.folder / where, True)
    try:
        done = cluster.build()
    finally:
        immutable(cluster.folder / where, False)
    assert (done.code, f"{cluster.folder / where}:1:1: OUT004 error: " in done.err) == (3, True), done.err
    assert cluster.tree() == before


def states(folder: Path) -> dict[str, tuple[int, ...]]:
    found = {str(path.relative_to(folder)): path.lstat() for path in folder.rglob("*")}
    return {path: (s.st_uid, s.st_gid, s.st_mode, s.st_mtime_ns) for path, s in found.items()}


def give(path: Path) -> None:
    os.chown(path, OTHER, OTHER + 1, follow_symlinks=False)


def keep(path: Path) -> None:
    pass


@pytest.mark.parametrize("owner", [keep, pytest.param(give, marks=pytest.mark.needs("root"))])
def test_folders_of_a_person_stay_as_they_are(cluster: Cluster, owner: Callable[[Path], None]) -> None:
    """Owner, group, permissions and times, also of what lies deep in them, is empty or a link."""
    mine = cluster.folder / "kustomize" / "mine"
    (mine / "deep" / "empty").mkdir(parents=True)
    (mine / "deep" / "notes").write_text("mine\n")
    (mine / "deep" / "link").symlink_to("notes")
    for number, path in enumerate([*sorted(mine.rglob("*"), reverse=True), mine]):
        owner(path)
        if not path.is_symlink():
            path.chmod(0o710 + number)
            os.utime(path, ns=(number * 10**9, number * 10**9 + 1))
    owner(cluster.folder)
    owner(cluster.folder / "kustomize")
    before, top = states(mine) | {"": states(mine.parent)["mine"]}, cluster.folder.stat()
    cluster.change()
    assert cluster.build().code == 0
    assert states(mine) | {"": states(mine.parent)["mine"]} == before
    after = cluster.folder.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (top.st_uid, top.st_gid, top.st_mode)


def test_files_of_one_folder_have_one_mode(cluster: Cluster) -> None:
    """Also when the next build runs under another umask; what a person has set stays."""
    for path in cluster.folder.rglob("*"):
        path.chmod(0o750 if path.is_dir() else 0o640)
    script = cluster.folder / "cloud/node/init-node-ecs.sh"
    script.chmod(0o750)
    cluster.change()
    assert run("build", cluster.spec, "-o", cluster.out, umask=0o077).code == 0
    modes = {path: path.stat().st_mode & 0o777 for path in cluster.folder.rglob("*")}
    assert modes.pop(script) == 0o750
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o640}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o750}


def test_a_folder_without_a_lock_or_a_first_build_follows_the_umask(tmp_path: Path) -> None:
    assert run("build", written(tmp_path), "-o", tmp_path / "out", umask=0o027).code == 0
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*")} == {0o640, 0o750}
