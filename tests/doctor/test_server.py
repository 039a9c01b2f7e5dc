"""``hybridc doctor`` at an API server on loopback: what it asks for, and how it watches."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doctor.clusters import synced
from tests.live.api import Api, Fault, Handler, by_resource, serving, status
from tests.preflight.cases import BASE
from tests.preflight.clusters import changed, compiled

from hybridc.cli.main import main

Capture = pytest.CaptureFixture[str]
SPEC = BASE.read_text("utf-8")
RECENT = {"Node cloud-cpu-1": {"metadata": {"creationTimestamp": "2020-01-01T00:00:00Z"}}}


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api(by_resource(changed(synced(compiled(SPEC)), RECENT)))) as running:
        yield running


def look(api: Api, folder: Path, *flags: str) -> int:
    spec = folder / "hybrid.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    return main(["doctor", str(spec), f"--kubeconfig={api.kubeconfig(folder)}", *flags])


def refused(code: int, of: str = "") -> Fault:
    """An error for whatever has ``of`` in its path."""

    def fault(handler: Handler) -> bool:
        if of in handler.path:
            handler.say(code, json.dumps(status(code, "Refused")).encode(), {})
        return of in handler.path

    return fault


def test_a_cluster_after_its_sync(api: Api, tmp_path: Path, capsys: Capture) -> None:
    assert look(api, tmp_path) == 0
    said = capsys.readouterr()
    assert "\n  wrong" not in said.out
    assert "2 of 2 pods ready, on IDC nodes, none on cloud nodes" in said.out
    assert "every pod of Terway started after" in said.out
    assert "\x1b" not in said.out
    pods = [path for path in api.asked if "labelSelector" in path]
    assert len(pods) == 2


def test_a_dump_says_what_the_cluster_says(api: Api, tmp_path: Path, capsys: Capture) -> None:
    seen = str(tmp_path / "seen")
    assert look(api, tmp_path, "--dump", seen) == 0
    live = capsys.readouterr().out
    assert main(["doctor", str(tmp_path / "hybrid.yaml"), "--from", seen]) == 0
    assert capsys.readouterr().out == live


def test_it_watches_until_nothing_is_wrong(api: Api, tmp_path: Path, capsys: Capture) -> None:
    name = "ConfigMap kube-system/ack-agent-config"
    whole = api.items
    empty = changed(synced(compiled(SPEC)), {**RECENT, name: {"data": {"addNodeScriptPath": ""}}})
    api.items = by_resource(empty)

    def later(handler: Handler) -> bool:
        looks = sum(path == "/version" for path in handler.api.asked)
        handler.api.items = whole if looks > 2 else handler.api.items
        return looks == 2 and refused(401, "/nodes?")(handler)

    api.faults.append(later)
    assert look(api, tmp_path, "--watch", "0.01") == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "waiting: steps gitops.sync: addNodeScriptPath is empty: the sync has not come to it",
        "waiting: config addNodeScriptPath: is empty: the sync has not come to it",
        "ok: steps git.merge: this build was synced",
        "ok: steps gitops.sync: addNodeScriptPath is that of this build",
        "ok: config addNodeScriptPath: is that of this build",
        said.out.splitlines()[-1],
    ]
    assert "does not know this user (401)" in said.err


@pytest.mark.parametrize("flags", [["--from", "."], ["--dump", "seen"], ["--format", "json"]])
def test_watching_is_for_people_and_clusters(flags: list[str], api: Api, tmp_path: Path, capsys: Capture) -> None:
    words = ["doctor", str(BASE), "--watch", *flags]
    assert main(words) == 2
    assert "--watch" in capsys.readouterr().err


def test_a_cluster_that_cannot_be_read(api: Api, tmp_path: Path, capsys: Capture) -> None:
    api.faults.append(refused(401))
    assert look(api, tmp_path) == 3
    assert capsys.readouterr().out == ""


def test_pods_that_may_not_be_listed(api: Api, tmp_path: Path, capsys: Capture) -> None:
    api.faults.append(refused(403, "/namespaces/kube-system/pods"))
    assert look(api, tmp_path) == 0
    assert "needs list on pods in kube-system" in " ".join(capsys.readouterr().out.split())


def test_it_watches_with_nobody_to_read_it(api: Api, tmp_path: Path) -> None:
    api.items = {**api.items, "secrets": []}
    (tmp_path / "hybrid.yaml").write_text(SPEC, encoding="utf-8")
    words = ["doctor", str(tmp_path / "hybrid.yaml"), f"--kubeconfig={api.kubeconfig(tmp_path)}", "--watch", "0.01"]
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "hybridc", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while not running.stderr.readline().startswith("looked at "):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
        assert running.wait(timeout=60) == 130
    assert said.splitlines() == ["hybridc: interrupted"]


def test_ctrl_c_ends_it(api: Api, tmp_path: Path) -> None:
    api.items = {**api.items, "secrets": []}
    (tmp_path / "hybrid.yaml").write_text(SPEC, encoding="utf-8")
    words = ["doctor", str(tmp_path / "hybrid.yaml"), f"--kubeconfig={api.kubeconfig(tmp_path)}", "--watch", "60"]
    command = [sys.executable, "-m", "hybridc", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("wrong: steps credentials.secret: ")
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said.splitlines()[-1]) == (130, "hybridc: interrupted")
