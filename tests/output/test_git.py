"""Git, every day: branches that meet, other systems' line ends, a build that was forgotten."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.build.cli import LOCK, Done, call, clean_environment, tree, written
from tests.output.conftest import Cluster

import hybridc
from hybridc.report.reporter import FORMATS


class Repo:
    """A repository with a spec and its output on the branch main."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spec = written(folder)
        self.git("init", "-q", "-b", "main")
        self.build()
        self.commit("first")

    def git(self, *words: str, fails: bool = False) -> str:
        who = ["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
        environment = clean_environment(HOME=str(self.folder), GIT_CONFIG_NOSYSTEM="1")
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def build(self, *flags: str) -> Done:
        return call("build", self.spec, "-o", self.folder / "out", *flags)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def branch(self, name: str, old: str, new: str) -> None:
        """A branch off main with a change of the spec, built and committed."""
        self.git("checkout", "-q", "-b", name, "main")
        text = self.spec.read_text("utf-8")
        assert text.count(old) == 1
        self.spec.write_text(text.replace(old, new), "utf-8")
        assert self.build().code == 0
        self.commit(name)
        self.git("checkout", "-q", "main")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path)
    made.branch("a", "keyPair: idc-ops", "keyPair: idc-team")
    made.branch("b", "labels: {workload: cpu}", "labels: {workload: gpu}")
    made.branch("c", "keyPair: idc-ops", "keyPair: idc-night")
    return made


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_two_pull_requests_on_one_cluster_meet_in_generated_files(repo: Repo, order: tuple[str, str]) -> None:
    first, second = order
    repo.git("merge", "-q", first)
    assert f"out/idc-hangzhou/{LOCK}" in repo.git("merge", second, fails=True)
    assert "<<<<<<<" not in repo.spec.read_text("utf-8"), "Git has merged the spec"
    stale = repo.build("--check")
    assert stale.code == 1
    assert f"{repo.spec}:1:1: OUT011 error: {repo.folder}/out/idc-hangzhou holds an unresolved merge, in " in stale.err
    done = repo.build()
    assert (done.code, "OUT0" in done.err) == (0, False)
    assert f"  of a merge: {LOCK}" in done.out
    text = "".join(path.read_text("utf-8") for path in (repo.folder / "out").rglob("*") if path.is_file())
    assert "<<<<<<<" not in text
    assert "idc-team" in text
    repo.commit("merged")
    assert repo.build("--check").code == 0
    assert tree(repo.folder / "out") == built_anew(repo)


def built_anew(repo: Repo) -> dict[str, bytes]:
    assert call("build", repo.spec, "-o", repo.folder / "anew").code == 0
    return tree(repo.folder / "anew")


def test_a_conflict_in_the_spec_comes_first(repo: Repo) -> None:
    repo.git("merge", "-q", "a")
    repo.git("merge", "c", fails=True)
    before = tree(repo.folder / "out")
    done = repo.build()
    assert (done.code, re.findall(r"[A-Z]+\d{3} (?:error|warning)", done.err)) == (2, ["YAML014 error"])
    assert tree(repo.folder / "out") == before
    theirs = re.sub(r"<{7} .*\n(?:.*\n)*?={7}\n((?:.*\n)*?)>{7} .*\n", r"\1", repo.spec.read_text("utf-8"))
    repo.spec.write_text(theirs, "utf-8")
    assert repo.build().code == 0
    assert tree(repo.folder / "out") == built_anew(repo)


def test_a_merge_that_was_settled_in_the_lock_alone(repo: Repo) -> None:
    """Somebody took one side of the lock, and left the markers in the other files."""
    repo.git("merge", "-q", "a")
    repo.git("merge", "c", fails=True)
    repo.git("checkout", "--ours", repo.spec.name)
    repo.git("checkout", "--ours", f"out/idc-hangzhou/{LOCK}")
    done = repo.build()
    assert (done.code, "OUT0" in done.err) == (0, False), done.err
    assert tree(repo.folder / "out") == built_anew(repo)


def test_windows_line_ends_are_one_finding(cluster: Cluster) -> None:
    whole = cluster.tree()
    for path in cluster.folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    check = cluster.build("--check")
    assert (check.code, check.err.count("OUT010 warning"), "OUT001" in check.err) == (1, 1, False)
    done = cluster.build()
    assert (done.code, done.err.count("OUT010 warning"), "OUT001" in done.err) == (0, 1, False)
    assert "  help: add a line to .gitattributes, out/** -text, and commit it" in done.err
    assert cluster.tree() == whole
    assert "OUT010" not in cluster.build().err


def test_an_edit_beside_windows_line_ends_is_still_an_edit(cluster: Cluster) -> None:
    summary = cluster.folder / "SUMMARY.md"
    summary.write_bytes(summary.read_bytes().replace(b"\n", b"\r\n") + b"mine\r\n")
    done = cluster.build()
    assert (done.code, f"{summary}:1:1: OUT001 error" in done.err) == (2, True)
    assert summary.read_bytes().endswith(b"mine\r\n")


CODES: dict[str, Callable[[Done], list[str | None]]] = {
    "text": lambda done: re.findall(r": (OUT\d{3}) error", done.err),
    "json": lambda done: [one["code"] for one in json.loads(done.out)["diagnostics"] if one["severity"] == "error"],
    "sarif": lambda done: [
        one["ruleId"] for one in json.loads(done.out)["runs"][0]["results"] if one["level"] == "error"
    ],
    "github": lambda done: re.findall(r"(?m)^::error .*title=(OUT\d{3})", done.out),
    "junit": lambda done: [one.get("type") for one in ElementTree.fromstring(done.out).iter("failure")],
}


@pytest.mark.parametrize("form", FORMATS)
def test_stale_output_is_an_error_in_every_format(form: str, cluster: Cluster) -> None:
    cluster.change()
    done = cluster.build("--check", "--format", form)
    assert done.code == 1
    assert CODES[form](done) == ["OUT011"]
    assert str(cluster.spec) in done.out + done.err
    assert CODES[form](cluster.build("--format", form)) == []


def test_stale_output_says_what_to_do(cluster: Cluster) -> None:
    cluster.change()
    done = cluster.build("--check", "-q")
    assert done.err == (
        f"{cluster.spec}:1:1: OUT011 error: {cluster.folder} is not what it compiles to\n"
        f"  help: run hybridc build {cluster.spec} -o {cluster.out}, and commit {cluster.folder}\n"
    )


def test_stale_output_of_a_spec_from_standard_input(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.change()
    with cluster.spec.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        done = call("build", "--check", "-q", "-", "-o", cluster.out)
    assert done.err == (
        f"-:1:1: OUT011 error: {cluster.folder} is not what it compiles to\n"
        f"  help: build it without --check, with -o {cluster.out}, and commit {cluster.folder}\n"
    )


def test_output_of_another_version_names_both(cluster: Cluster) -> None:
    lock = cluster.folder / LOCK
    lock.write_text(lock.read_text().replace(hybridc.__version__, "0.0.9"))
    done = cluster.build("--check")
    assert f"is not what it compiles to: hybridc 0.0.9 built it, this is {hybridc.__version__}\n" in done.err


def test_a_folder_of_the_whole_fleet_that_is_stale(tmp_path: Path) -> None:
    specs = [written(tmp_path, f"c{number}", number) for number in range(2)]
    assert call("build", *specs, "-o", tmp_path / "out").code == 0
    done = call("build", specs[0], "-o", tmp_path / "out", "--check", "--prune")
    assert done.code == 1
    assert f"{tmp_path}/out/c1:1:1: OUT011 error: " in done.err
