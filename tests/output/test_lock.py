"""A lock file that is damaged, hostile or from elsewhere: named, never followed, never believed too much."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.build.cli import LOCK, call, written
from tests.output.conftest import Cluster

from hybridc.output.lock import sha256

Lock = dict[str, Any]


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def nested(path: Path) -> None:
    path.write_text("[" * 100_000)


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(4_000_000_000)


def linked(path: Path) -> None:
    target = path.parent.parent / "lock elsewhere"
    path.rename(target)
    path.symlink_to(target)


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def conflict(path: Path) -> None:
    path.write_text("<<<<<<< ours\n" + path.read_text() + "=======\n>>>>>>> theirs\n")


DAMAGES = (truncated, empty, binary, nested, huge, linked, endless, pipe, folder, conflict)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_lock_stops_the_build(cluster: Cluster, damage: Callable[[Path], None]) -> None:
    whole = cluster.tree()
    damage(cluster.folder / LOCK)
    done = cluster.build()
    assert done.code == 2
    assert f"{cluster.folder / LOCK}:1:1: OUT003 error: the lock file is damaged" in done.err
    assert len(done.err) < 10_000
    assert cluster.build("--check").code == 1
    assert cluster.build("--force").code == 0
    assert cluster.tree() == whole


def alter(path: Path, change: Callable[[Lock], object]) -> None:
    lock = json.loads(path.read_bytes())
    change(lock)
    path.write_text(json.dumps(lock))


WRONG: dict[str, Callable[[Lock], object]] = {
    "another version": lambda lock: lock.update(lockVersion=99),
    "version is text": lambda lock: lock.update(lockVersion="1"),
    "files is a list": lambda lock: lock.update(files=["SUMMARY.md"]),
    "no files": lambda lock: lock.pop("files"),
    "digest is a number": lambda lock: lock["files"].update({"SUMMARY.md": 1}),
    "findings is text": lambda lock: lock.update(findings="none"),
    "a finding is a number": lambda lock: lock.update(findings=[1]),
    "a finding is short": lambda lock: lock.update(findings=[["NET001", "warning"]]),
    "a finding of another severity": lambda lock: lock["findings"][0].__setitem__(1, "catastrophe"),
    "a finding at a wrong place": lambda lock: lock["findings"][0].__setitem__(2, "here"),
    "claims are lists": lambda lock: lock.update(claims=[["the folder"]]),
    "claims is a map": lambda lock: lock.update(claims={}),
    "until is a number": lambda lock: lock.update(findingsUntil=1),
    "leaves the folder": lambda lock: lock["files"].update({"../outside": "0" * 64}),
    "leaves the folder late": lambda lock: lock["files"].update({"a/../../outside": "0" * 64}),
    "absolute": lambda lock: lock["files"].update({"/etc/passwd": "0" * 64}),
    "fleet is a list": lambda lock: lock.update(fleet=[]),
    "a NUL": lambda lock: lock["files"].update({"a\0b": "0" * 64}),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_lock_that_says_what_it_cannot(cluster: Cluster, change: Callable[[Lock], object]) -> None:
    whole = cluster.tree()
    alter(cluster.folder / LOCK, change)
    done = cluster.build()
    assert done.code == 2
    assert "OUT003" in done.err
    assert cluster.build("--force").code == 0
    assert cluster.tree() == whole


def test_a_hostile_lock_deletes_nothing_outside(cluster: Cluster) -> None:
    outside = cluster.out / "outside"
    outside.write_text("mine")
    (cluster.out / "other").mkdir()
    (cluster.folder / "other").symlink_to(cluster.out / "other")
    (cluster.out / "other" / "file").write_text("mine")
    digest = sha256(b"mine")
    for path in ("../outside", str(outside), "other/file"):
        alter(cluster.folder / LOCK, lambda lock, path=path: lock["files"].update({path: digest}))  # type: ignore[misc]
        cluster.build("--force")
        assert outside.read_text() == "mine"
        assert (cluster.out / "other" / "file").read_text() == "mine"
        assert call("build", cluster.spec, "-o", cluster.out, "--force").code == 0


def test_without_a_lock_equal_files_are_taken_over(cluster: Cluster) -> None:
    whole = cluster.tree()
    (cluster.folder / LOCK).unlink()
    assert cluster.build("--check").code == 1
    assert cluster.build().code == 0
    assert cluster.tree() == whole


def test_without_a_lock_other_files_are_in_the_way(cluster: Cluster) -> None:
    (cluster.folder / LOCK).unlink()
    (cluster.folder / "SUMMARY.md").write_text("mine")
    done = cluster.build()
    assert (done.code, "OUT002" in done.err) == (2, True)


def test_findings_are_shown_again_when_there_is_nothing_to_do(cluster: Cluster) -> None:
    again = cluster.build()
    assert "CNI013 warning" in again.err
    assert call("build", cluster.spec, "-o", cluster.out.parent / "anew").err == again.err


@pytest.mark.parametrize("counted", [False, True], ids=["sum left as it was", "sum made to fit"])
def test_check_believes_no_digest_of_the_lock(cluster: Cluster, counted: bool) -> None:
    """Whoever changes a file and the lock with it, carefully, has not fooled the check of CI."""
    script, lock = cluster.folder / "cloud/node/init-node-ecs.sh", cluster.folder / LOCK
    old = sha256(script.read_bytes())
    script.write_text(script.read_text() + "curl https://evil.example.com\n")
    text = lock.read_text().replace(old, sha256(script.read_bytes()))
    if counted:
        body = text.partition(',\n  "sum"')[0]
        made = sha256(f"{body}\n}}\n".encode())
        text = body + f',\n  "sum": "{made}"\n}}\n'
    lock.write_text(text)
    done = cluster.build("--check")
    assert done.code == 1
    assert "M cloud/node/init-node-ecs.sh" in done.out


def test_check_notices_an_edited_lock(cluster: Cluster) -> None:
    alter(cluster.folder / LOCK, lambda lock: lock.update(findings=[]))
    assert cluster.build("--check").code == 1


EDITS: dict[str, Callable[[Lock], object]] = {
    "no findings": lambda lock: lock.update(findings=[]),
    "no claims": lambda lock: lock.update(claims=[]),
    "another fleet": lambda lock: lock.update(fleet={"project": 1, "parameters": [], "shared": None}),
    "a file less": lambda lock: lock["files"].pop("SUMMARY.md"),
    "another sum": lambda lock: lock.update(sum="0" * 64),
    "no sum": lambda lock: lock.pop("sum"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edited_lock_is_not_believed(cluster: Cluster, edit: Callable[[Lock], object], tmp_path: Path) -> None:
    """It is made anew, as every other file; nothing follows from what it said."""
    other = written(tmp_path, "idc-other", 1)
    assert call("build", other, cluster.spec, "-o", cluster.out).code == 0
    whole = cluster.tree()
    alter(cluster.folder / LOCK, edit)
    assert call("build", other, cluster.spec, "-o", cluster.out, "--check").code == 1
    assert call("build", other, cluster.spec, "-o", cluster.out).code == 0
    assert cluster.tree() == whole
