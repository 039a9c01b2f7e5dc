"""A call that sees a part of a fleet, and ``--prune``: one that sees all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.build.cli import LOCK, call, temporaries, tree, written

NAMES = ("one", "two", "three", "four")


class Fleet:
    """Specs of one fleet and the folder that they were built into, all in one call."""

    def __init__(self, folder: Path) -> None:
        self.specs = [self._spec(folder / "specs", name, number) for number, name in enumerate(NAMES)]
        self.out = folder / "out"
        done = call("build", *self.specs, "-o", self.out)
        assert (done.code, "argocd: created" in done.out) == (0, True), done.err

    @staticmethod
    def _spec(folder: Path, name: str, number: int) -> Path:
        destination = f"hybrid-out.git\n    destination: {{name: {name}}}"
        return written(folder, name, number, {"hybrid-out.git": destination})


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


@pytest.mark.parametrize("seen", [(0,), (0, 1), (1, 2, 3)])
@pytest.mark.parametrize("check", [(), ("--check",)])
def test_a_part_leaves_alone_what_belongs_to_the_whole(
    fleet: Fleet, seen: tuple[int, ...], check: tuple[str, ...]
) -> None:
    before = tree(fleet.out)
    done = call("build", *(fleet.specs[number] for number in seen), "-o", fleet.out, *check)
    others = ", ".join(sorted(name for number, name in enumerate(NAMES) if number not in seen))
    assert (done.code, f"{fleet.out}/argocd:1:1: OUT006 warning: " in done.err) == (0, True)
    assert f"names no spec for {others}, and" in done.err
    assert tree(fleet.out) == before


def test_a_part_says_nothing_where_nothing_belongs_to_the_whole(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two")):
        engine = {"hybrid-out.git": "hybrid-out.git\n    engine: flux"}
        done = call("build", written(tmp_path, name, number, engine), "-o", tmp_path / "out")
        assert (done.code, "OUT006" in done.err) == (0, False)


@pytest.mark.parametrize("parts", [2, 3])
def test_a_call_that_xargs_has_split(tmp_path: Path, parts: int) -> None:
    fleet = Fleet(tmp_path)
    (fresh := tmp_path / "fresh").mkdir()
    for part in range(parts):
        assert call("build", *fleet.specs[part::parts], "-o", fresh).code == 0
    done = call("build", *fleet.specs, "-o", fresh)
    assert (done.code, "OUT006" in done.err) == (0, False)
    assert tree(fresh) == tree(fleet.out)


def test_prune_removes_the_folders_that_no_spec_makes(fleet: Fleet) -> None:
    would = call("build", *fleet.specs[:2], "-o", fleet.out, "--check", "--prune")
    assert would.code == 1
    assert f"{fleet.out}/three: would be removed, " in would.out
    assert sorted(path.name for path in fleet.out.iterdir()) == sorted([*NAMES, "argocd"])
    done = call("build", *fleet.specs[:2], "-o", fleet.out, "--prune")
    assert (done.code, "OUT006" in done.err) == (0, False)
    assert f"{fleet.out}/three: removed, " in done.out
    assert sorted(path.name for path in fleet.out.iterdir()) == ["argocd", "one", "two"]
    assert "three" not in (fleet.out / "argocd" / "appproject-hybrid.yaml").read_text()
    assert call("build", *fleet.specs[:2], "-o", fleet.out, "--check", "--prune").code == 0


def test_prune_removes_the_set_when_one_cluster_is_left(fleet: Fleet) -> None:
    assert call("build", fleet.specs[0], "-o", fleet.out, "--prune").code == 0
    assert [path.name for path in fleet.out.iterdir()] == ["one"]


def test_a_cluster_gets_another_name(fleet: Fleet) -> None:
    spec = fleet.specs[3]
    spec.write_text(spec.read_text().replace("four", "five"))
    done = call("build", *fleet.specs, "-o", fleet.out, "--prune")
    assert done.code == 0
    assert sorted(path.name for path in fleet.out.iterdir()) == sorted(["argocd", "five", *NAMES[:3]])
    assert "name: five" in (fleet.out / "argocd" / "appproject-hybrid.yaml").read_text()


@pytest.mark.parametrize("path", ["SUMMARY.md", "cloud/ram/publisher.json", "sourcemap.json"])
def test_prune_stops_at_an_edited_file(fleet: Fleet, path: str) -> None:
    (fleet.out / "four" / path).write_text("mine")
    before = tree(fleet.out)
    done = call("build", *fleet.specs[:3], "-o", fleet.out, "--prune")
    assert (done.code, f"{fleet.out}/four/{path}:1:1: OUT001 error: " in done.err, done.out) == (2, True, "")
    assert tree(fleet.out) == before
    assert call("build", *fleet.specs[:3], "-o", fleet.out, "--prune", "--check").code == 1
    assert call("build", *fleet.specs[:3], "-o", fleet.out, "--prune", "--force").code == 0
    assert not (fleet.out / "four").exists()


def test_prune_leaves_foreign_files(fleet: Fleet) -> None:
    mine = fleet.out / "four" / "notes" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    done = call("build", *fleet.specs[:3], "-o", fleet.out, "--prune")
    assert (done.code, "1 of others stay" in done.out) == (0, True)
    assert tree(fleet.out / "four") == {"notes": b"/", "notes/mine.txt": b"mine"}
    assert call("build", *fleet.specs[:3], "-o", fleet.out, "--prune", "--check").code == 0


def test_prune_touches_nothing_that_is_not_hybridcs(fleet: Fleet, tmp_path: Path) -> None:
    (fleet.out / "mine").mkdir()
    (fleet.out / "mine" / "SUMMARY.md").write_text("mine")
    (fleet.out / "README.md").write_text("mine")
    (fleet.out / "link").symlink_to(fleet.out / "four")
    elsewhere = Fleet(tmp_path / "elsewhere")
    (fleet.out / "away").symlink_to(elsewhere.out / "one")
    (fleet.out / ".hidden").mkdir()
    (fleet.out / ".hidden" / LOCK).write_text("{}")
    before = tree(elsewhere.out)
    assert call("build", *fleet.specs[:3], "-o", fleet.out, "--prune").code == 0
    left = {path.name for path in fleet.out.iterdir()}
    assert left == {"argocd", *NAMES[:3], "mine", "README.md", "link", "away", ".hidden"}
    assert tree(elsewhere.out) == before


@pytest.mark.parametrize(
    "content",
    ["", "{", '{"lockVersion": 99, "hybridc": "9.0.0", "files": {}}', '{"lockVersion": 2, "files": {"../one/x": "0"}}'],
)
def test_prune_stops_at_a_lock_that_cannot_be_read(fleet: Fleet, content: str) -> None:
    (fleet.out / "four" / LOCK).write_text(content)
    before = tree(fleet.out)
    done = call("build", *fleet.specs[:3], "-o", fleet.out, "--prune")
    assert (done.code, "OUT003" in done.err) == (2, True)
    assert tree(fleet.out) == before


def test_prune_believes_a_forged_lock_for_nothing_else(fleet: Fleet) -> None:
    lock = fleet.out / "four" / LOCK
    content = json.loads(lock.read_text())
    mine = fleet.out / "four" / "mine.txt"
    mine.write_text("mine")
    content["files"]["mine.txt"] = "0" * 64
    content["files"]["no/such/file"] = "0" * 64
    lock.write_text(json.dumps(content))
    done = call("build", *fleet.specs[:3], "-o", fleet.out, "--prune")
    assert (done.code, "OUT001" in done.err, mine.read_text()) == (2, True, "mine")


def test_nothing_is_removed_when_a_spec_is_wrong(fleet: Fleet) -> None:
    fleet.specs[0].write_text("kind: [\n")
    before = tree(fleet.out)
    assert call("build", *fleet.specs[:3], "-o", fleet.out, "--prune").code == 2
    assert call("build", *fleet.specs[:3], "-o", fleet.out, "--prune", "--check").code == 2
    assert tree(fleet.out) == before
    assert temporaries(fleet.out) == []


def test_prune_and_shard_are_a_contradiction(fleet: Fleet) -> None:
    before = tree(fleet.out)
    assert call("build", *fleet.specs, "-o", fleet.out, "--prune", "--shard", "1/2").code == 2
    assert tree(fleet.out) == before
