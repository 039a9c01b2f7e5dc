"""A world that does not play along: full disks, folders that nobody may write to, other runs at the same time."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.build.cli import call, clean_environment, run, temporaries, tree, written
from tests.output import faults
from tests.output.conftest import Cluster
from tests.pinned import ROOT


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that other users can reach."""
    folder = Path(tempfile.mkdtemp(prefix="hybridc-test-"))
    folder.chmod(0o755)
    yield folder
    chmod_folders(folder, 0o755)
    shutil.rmtree(folder)


def chmod_folders(top: Path, mode: int) -> None:
    for folder, _, _ in os.walk(top):
        os.chmod(folder, mode)


def as_ordinary_user() -> None:
    """Permissions mean nothing to root. Only the owner of the clone is sure to reach it, through closed folders too."""
    if os.geteuid() != 0:
        return
    owner = ROOT.stat()
    if owner.st_uid == 0:
        drop_capabilities()
    else:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def drop_capabilities() -> None:
    """Root without them is held to permissions like any owner: capset(2), version 3, three empty sets of 64 bits."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


@pytest.mark.needs("root")
def test_full_disk(tmp_path: Path) -> None:
    """On a real file system without space the old folder stays, whole."""
    disk = tmp_path / "disk"
    disk.mkdir()
    spec = written(tmp_path)
    hybridc = f"{sys.executable} -m hybridc build {spec} -o {disk}/out"
    script = f"""
        set -u
        mount -t tmpfs -o size=600k tmpfs {disk}
        {hybridc} >/dev/null 2>&1 || exit 90
        cp -a {disk}/out {tmp_path}/before
        sed -i s/elastic/renamed/ {spec}
        dd if=/dev/zero of={disk}/filler bs=1k 2>/dev/null
        {hybridc} >/dev/null 2>{tmp_path}/err; echo $? >{tmp_path}/code
        diff -r {tmp_path}/before {disk}/out || exit 91
        [ -z "$(ls -A {disk}/out | grep '^[.]')" ] || exit 92
        rm {disk}/filler
        {hybridc} >/dev/null 2>&1 || exit 93
        [ -e {disk}/out/idc-hangzhou/cloud/node-pools/renamed.json ] || exit 94
    """
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], env=clean_environment(), timeout=60)
    assert done.returncode == 0
    assert (tmp_path / "code").read_text() == "3\n"
    assert "OUT004 error: No space left on device" in (tmp_path / "err").read_text()


def test_limit_of_file_size(cluster: Cluster) -> None:
    before = cluster.tree()
    cluster.change()
    log = cluster.out.parent / "log"
    arguments = ["build", str(cluster.spec), "-o", str(cluster.out)]
    limit = 16384  # the node script is larger, what is said is not
    assert faults.child(arguments, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), log) == 3
    assert "OUT004 error: File too large" in log.read_text()
    assert cluster.tree() == before
    assert temporaries(cluster.out) == []


def test_a_folder_that_one_may_not_write_to(shared: Path) -> None:
    spec = written(shared)
    assert call("build", spec, "-o", shared / "out").code == 0
    spec.write_text(spec.read_text().replace("elastic", "renamed"))
    before = tree(shared / "out")
    log = shared / "log"
    log.touch()
    log.chmod(0o666)
    chmod_folders(shared, 0o555)
    for out in (shared / "out", shared / "new" / "out"):
        assert faults.child(["build", str(spec), "-o", str(out)], as_ordinary_user, log) == 3
        assert str(shared) in log.read_text(), log.read_text()
        assert "OUT004 error: Permission denied" in log.read_text()
        assert faults.child(["build", str(spec), "-o", str(out), "--check"], as_ordinary_user, log) == 1, (
            log.read_text()
        )
    assert tree(shared / "out") == before
    assert not (shared / "new").exists()


def test_a_spec_and_a_folder_that_one_may_not_read(shared: Path) -> None:
    spec = written(shared)
    assert call("build", spec, "-o", shared / "out").code == 0
    (shared / "out" / "idc-hangzhou").chmod(0)
    assert faults.child(["build", str(spec), "-o", str(shared / "out"), "--check"], as_ordinary_user) == 3
    (shared / "out" / "idc-hangzhou").chmod(0o755)
    spec.chmod(0)
    assert faults.child(["validate", str(spec)], as_ordinary_user) == 3


@pytest.mark.needs("root")
def test_a_read_only_mount(cluster: Cluster) -> None:
    cluster.change()
    script = f"""
        mount --bind {cluster.out} {cluster.out} && mount -o remount,ro,bind {cluster.out} || exit 90
        {sys.executable} -m hybridc build {cluster.spec} -o {cluster.out} 2>{cluster.out.parent}/err
    """
    before = cluster.tree()
    done = subprocess.run(["unshare", "--mount", "sh", "-c", script], env=clean_environment(), timeout=60)
    assert done.returncode == 3
    assert "OUT004 error: Read-only file system" in (cluster.out.parent / "err").read_text()
    assert cluster.tree() == before


def test_out_is_a_symlink(cluster: Cluster, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(cluster.out)
    cluster.change()
    assert call("build", cluster.spec, "-o", link).code == 0
    assert link.is_symlink()
    assert (cluster.folder / "cloud/node-pools/renamed.json").exists()


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_out_is_no_folder(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    else:
        out.symlink_to("nowhere")
    for flags in ((), ("--check",), ("--force",)):
        done = call("build", written(tmp_path), "-o", out, *flags)
        assert (done.code, f"{out} is not a folder" in done.err) == (2, True)


@pytest.mark.parametrize("out", ["a/b/out", "a/b/out/", "./a//out", "."])
def test_out_is_made_with_its_parents(tmp_path: Path, out: str) -> None:
    spec = written(tmp_path / "specs")
    assert run("build", spec, "-o", out, cwd=tmp_path).code == 0
    assert (tmp_path / out / "idc-hangzhou" / "SUMMARY.md").is_file()


@pytest.mark.parametrize("out", ["new/out", "new/out/"])
def test_what_came_to_nothing_leaves_no_folder(tmp_path: Path, out: str) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("kind: [\n")
    assert call("build", bad, "-o", f"{tmp_path}/{out}").code == 2
    assert not (tmp_path / "new").exists()


def outcome(pids: list[int]) -> list[int]:
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def nothing() -> None:
    pass


def later(seconds: float) -> Callable[[], None]:
    return lambda: time.sleep(seconds)


@pytest.mark.parametrize("fresh", [True, False], ids=["first build", "rebuild"])
def test_runs_at_once(tmp_path: Path, fresh: bool) -> None:
    """Six runs of three different specs of one cluster: the folder is what one of them writes."""
    out, trees = tmp_path / "new" / "out", []
    specs = [written(tmp_path / name, replaced={"elastic": name}) for name in ("red", "green", "blue")]
    for spec in specs:
        assert call("build", spec, "-o", tmp_path / "alone").code == 0
        trees.append(tree(tmp_path / "alone"))
    for _ in range(5):
        if fresh:
            shutil.rmtree(tmp_path / "new", ignore_errors=True)
        arguments = [["build", str(spec), "-o", str(out)] for spec in specs * 2]
        assert outcome([faults.fork(words, nothing) for words in arguments]) == [0] * 6
        assert tree(out) in trees


def test_a_failing_run_beside_a_good_one(tmp_path: Path) -> None:
    """The one that fails takes back the folder that it made; the other one does not notice."""
    spec, bad = written(tmp_path), tmp_path / "bad.yaml"
    bad.write_text("kind: [\n")
    out = tmp_path / "new" / "out"
    for number in range(25):
        shutil.rmtree(tmp_path / "new", ignore_errors=True)
        wrong = ["build", str(bad), "-o", str(out)]
        good = ["build", str(spec), "-o", str(out)]
        pids = [faults.fork(wrong, nothing), faults.fork(good, later(number / 2500)), faults.fork(wrong, nothing)]
        assert outcome(pids) == [2, 0, 2]
        assert (out / "idc-hangzhou" / "SUMMARY.md").is_file()
