"""Several specs in one call, ``--check`` and ``--shard``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.build.cli import call, spec, tree, written
from tests.output.conftest import Cluster


def test_check_writes_nothing_and_lists_what_would_change(cluster: Cluster) -> None:
    cluster.change()
    before = {path: path.stat().st_mtime_ns for path in [cluster.out, *cluster.out.rglob("*")]}
    done = cluster.build("--check")
    assert done.code == 1
    assert f"{cluster.folder}: would be updated" in done.out
    for line in ("A cloud/node-pools/renamed.json", "D cloud/node-pools/elastic.json", "M SUMMARY.md"):
        assert f"  {line}\n" in done.out
    assert {path: path.stat().st_mtime_ns for path in [cluster.out, *cluster.out.rglob("*")]} == before
    assert cluster.build().code == 0
    done = cluster.build("--check")
    assert (done.code, done.out) == (0, f"{cluster.folder}: unchanged\n")


def test_check_of_what_was_never_built(tmp_path: Path) -> None:
    done = call("build", written(tmp_path), "-o", tmp_path / "out", "--check")
    assert (done.code, "would be created" in done.out) == (1, True)
    assert not (tmp_path / "out").exists()


def test_one_bad_spec_and_nothing_is_written(cluster: Cluster, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(spec("idc-bad", 1).replace("region: cn-hangzhou", "region: nowhere"))
    fresh = written(tmp_path, "idc-fresh", 2)
    cluster.change()
    before = tree(cluster.out)
    for order in ([fresh, cluster.spec, bad], [bad, cluster.spec, fresh]):
        done = call("build", *order, "-o", cluster.out)
        assert done.code == 2
        assert str(bad) in done.err
        assert done.out == ""
        assert tree(cluster.out) == before


def test_an_edited_file_of_one_cluster_stops_all(cluster: Cluster, tmp_path: Path) -> None:
    (cluster.folder / "SUMMARY.md").write_text("mine")
    fresh = written(tmp_path, "idc-fresh", 2)
    assert call("build", fresh, cluster.spec, "-o", cluster.out).code == 2
    assert not (cluster.out / "idc-fresh").exists()


def test_every_error_of_a_run_is_told_at_once(tmp_path: Path) -> None:
    bad = [tmp_path / "one.yaml", tmp_path / "two.yaml", tmp_path / "missing.yaml"]
    bad[0].write_text(spec("one", 1).replace("region: cn-hangzhou", "region: nowhere"))
    bad[1].write_text("kind: [\n")
    done = call("build", *bad, "-o", tmp_path / "out")
    assert done.code == 2
    for path in bad:
        assert f"{path}:" in done.err


@pytest.mark.parametrize(
    ("replaced", "claim", "line"),
    [
        ({}, "the folder idc-hangzhou", "  name: idc-hangzhou\n"),
        ({"name: idc-hangzhou": "name: idc-other"}, "the node pool elastic of", "    - name: elastic\n"),
    ],
)
def test_two_specs_that_would_overwrite_each_other(
    tmp_path: Path, replaced: dict[str, str], claim: str, line: str
) -> None:
    one, two = written(tmp_path / "one"), written(tmp_path / "two", replaced=replaced)
    done = call("build", one, two, "-o", tmp_path / "out")
    assert done.code == 2
    number = two.read_text().splitlines(keepends=True).index(line) + 1
    column = line.index(": ") + 3
    assert f"{two}:{number}:{column}: GIT031 error: this spec and {one} would both write {claim}" in done.err
    assert not (tmp_path / "out").exists()


def test_the_same_is_noticed_when_there_is_nothing_to_do(cluster: Cluster, tmp_path: Path) -> None:
    other = written(tmp_path / "other")
    done = call("build", cluster.spec, other, "-o", cluster.out)
    assert (done.code, "GIT031" in done.err) == (2, True)


def test_one_spec_twice_is_no_conflict_with_itself(cluster: Cluster) -> None:
    before = tree(cluster.out)
    assert call("build", cluster.spec, cluster.spec, "-o", cluster.out).code in (0, 2)
    assert tree(cluster.out) == before


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_shards_cover_every_spec_once(tmp_path: Path, count: int) -> None:
    specs = [written(tmp_path / "specs", f"c{number}", number) for number in range(5)]
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert call("build", *specs, "-o", whole).code == 0
    seen: list[str] = []
    for index in range(1, count + 1):
        done = call("build", *specs, "-o", out, "--shard", f"{index}/{count}")
        assert done.code == 0
        seen += [line.split(":")[0] for line in done.out.splitlines() if line.startswith(str(out))]
    assert sorted(seen) == [str(out / f"c{number}") for number in range(5)]
    for number in range(5):
        assert tree(out / f"c{number}") == tree(whole / f"c{number}")


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "-1/2", "1/0", "", "1/2/3", "1.0/2", "1/99999999999"])
def test_a_shard_that_makes_no_sense(tmp_path: Path, shard: str) -> None:
    done = call("build", written(tmp_path), "-o", tmp_path / "out", f"--shard={shard}")
    assert (done.code, done.out) == (2, "")
    assert not (tmp_path / "out").exists()


def test_findings_as_json_are_one_document(cluster: Cluster, tmp_path: Path) -> None:
    (cluster.folder / "SUMMARY.md").write_text("mine")
    missing = tmp_path / "missing.yaml"
    done = call("build", cluster.spec, missing, "-o", cluster.out, "--format", "json")
    assert done.code == 2
    assert {"OUT001", "FILE001", "CNI013"} <= {found["code"] for found in json.loads(done.out)["diagnostics"]}


def test_an_empty_output_folder_is_no_folder(tmp_path: Path) -> None:
    done = call("build", written(tmp_path), "-o", "")
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_a_spec_and_a_link_to_it_are_one_spec(tmp_path: Path) -> None:
    spec, link = written(tmp_path), tmp_path / "link.yaml"
    link.symlink_to(spec)
    done = call("build", spec, link, "-o", tmp_path / "out")
    assert (done.code, "GIT031" in done.err) == (0, False)


@pytest.mark.parametrize("where", ["templates", "charts", "crds"])
def test_a_foreign_file_that_helm_would_install(cluster: Cluster, where: str) -> None:
    assert cluster.build("--layout", "helm").code == 0
    path = cluster.folder / "chart" / where / "mine.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("a: b\n")
    done = cluster.build("--layout", "helm")
    assert (done.code, f"{path}:1:1: OUT005 warning: " in done.err) == (0, True)
    assert path.read_text() == "a: b\n"
    assert cluster.build("--layout", "helm", "--strict").code == 2


def _to_one_server(folder: Path, accepted: bool) -> list[Path]:
    server = "git\n    destination: {server: 'https://10.9.0.1:6443'}"
    checks = "\n  checks: {ignore: [{code: GIT032, reason: a test of two control planes, until: 2999-01-01}]}\n"
    more = {"hybrid-out.git": f"hybrid-out.{server}{checks if accepted else ''}"}
    return [written(folder, name, number, more) for number, name in enumerate(("one", "two"))]


def test_several_clusters_at_one_server(tmp_path: Path) -> None:
    specs = _to_one_server(tmp_path, accepted=False)
    done = call("build", *specs, "-o", tmp_path / "out")
    assert (done.code, "GIT032 warning" in done.err) == (0, True)
    assert "one" in done.err
    assert call("build", *specs, "-o", tmp_path / "strict", "--strict").code == 2
    assert not (tmp_path / "strict").exists()


def test_several_clusters_at_one_server_on_purpose(tmp_path: Path) -> None:
    done = call("build", *_to_one_server(tmp_path, accepted=True), "-o", tmp_path / "out")
    assert (done.code, "GIT032" in done.err) == (0, False)


def _of_two_formats(folder: Path, checks: str = "") -> list[Path]:
    """Two clusters of a set, and one with another format."""
    made = []
    for number, name in enumerate(("one", "two", "three")):
        more = f"git\n    format: helm{checks}" if name == "three" else "git"
        more = f"{more.partition('git')[0]}git\n    destination: {{name: {name}}}{more.partition('git')[2]}"
        made.append(written(folder, name, number, {"hybrid-out.git": f"hybrid-out.{more}"}))
    return made


def test_a_cluster_that_no_set_takes_is_named(tmp_path: Path) -> None:
    done = call("build", *_of_two_formats(tmp_path), "-o", tmp_path / "out")
    said = [line for line in done.err.splitlines() if "GIT044" in line]
    assert done.code == 0, done.err
    (line,) = (line for line in said if "warning" in line)
    assert "makes the Application of three: its format is another" in line
    assert "three.yaml:" in line


def test_a_cluster_that_is_left_out_on_purpose(tmp_path: Path) -> None:
    checks = "\n  checks: {ignore: [{code: GIT044, reason: it has an Argo CD of its own}]}\n"
    done = call("build", *_of_two_formats(tmp_path, checks), "-o", tmp_path / "out")
    assert (done.code, "GIT044" in done.err) == (0, False)


def test_where_there_is_no_set_nobody_is_left_out(tmp_path: Path) -> None:
    done = call("build", *_of_two_formats(tmp_path)[1:], "-o", tmp_path / "out")
    assert (done.code, "GIT044" in done.err) == (0, False)


def _in_one_bucket(folder: Path, checks: str = "") -> list[Path]:
    more = {"hybrid-out.git": f"hybrid-out.git{checks}"}
    return [
        written(folder, name, number, {**more, f"kubelet-{name}": "kubelet-shared"})
        for number, name in enumerate(("one", "two"))
    ]


def test_several_clusters_in_one_bucket(tmp_path: Path) -> None:
    done = call("build", *_in_one_bucket(tmp_path), "-o", tmp_path / "out")
    assert done.code == 0
    assert "OSS022 warning: bucket kubelet-shared has one policy, and several clusters need it: one, two" in done.err
    accepted = "\n  checks: {ignore: [{code: OSS022, reason: merged by hand, until: 2999-01-01}]}\n"
    done = call("build", *_in_one_bucket(tmp_path, accepted), "-o", tmp_path / "out")
    assert (done.code, "OSS022" in done.err) == (0, False)
