"""``hybridc import``, as a person calls it: files and folders in, a spec and sentences out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cli.programs import GUIDE
from tests.importer.clusters import compiled, seen, synced
from tests.importer.test_round_trip import text_of
from tests.live.api import Api, by_resource, serving

from hybridc.cli.import_spec import ImportOptions, import_spec
from hybridc.cli.main import main
from hybridc.importer.fields import SHOWN
from hybridc.live import folder
from hybridc.schema.load import fields
from tools import import_doc

HERE = Path(__file__).parent
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    """A dump of the cluster of examples/guide."""
    result = compiled(text_of(GUIDE.read_text("utf-8")))
    folder.dump(seen(result.spec, synced(result)), str(tmp_path / "cluster"))
    return tmp_path / "cluster"


def test_a_folder_gives_a_spec_on_stdout(cluster: Path, capsys: Capture) -> None:
    assert main(["import", "--from", str(cluster)]) == 0
    said = capsys.readouterr()
    assert "registeredClusterID: c0123456789abcdef0123456789abcdef  # seen in" in said.out
    assert said.err.startswith("looked at https://192.168.0.10:6443, Kubernetes v1.24.3: ")
    names = list(dict.fromkeys(re.findall(r"<[a-z0-9-]+>", re.sub(r"(?m)(^ *| )#.*", "", said.out))))
    assert f"Replace {len(names)} placeholders: {', '.join(names)}\n" in said.err
    assert (
        "note: cluster.nodeCIDRs: no object says the networks of the IDC's machines; Nodes are at 192.168.0.11\n"
        in said.err
    )


def test_every_placeholder_of_a_draft_is_named_by_validate_and_nothing_else_is(
    cluster: Path, tmp_path: Path, capsys: Capture
) -> None:
    spec = tmp_path / "hybrid.yaml"
    for sources in (["--from", str(cluster)], ["--script", str(HERE / "init-node-ecs.sh")]):
        assert main(["import", *sources, "-o", str(spec), "--force"]) == 0
        assert f"{spec}: written\n" in capsys.readouterr().out
        main(["validate", "--format", "json", str(spec)])
        found = json.loads(capsys.readouterr().out)["diagnostics"]
        assert {each["code"] for each in found if each["severity"] == "error"} == {"ID004"}
        lines = re.sub(r"(?m)(^ *| )#.*", "", spec.read_text("utf-8")).splitlines()
        left = {number for number, line in enumerate(lines, 1) if re.search("<[a-z0-9-]+>", line)}
        assert {each["line"] for each in found if each["severity"] == "error"} == left


def test_a_cluster_shows_the_overlays_that_nodes_name(tmp_path: Path, capsys: Capture) -> None:
    conf = {"eni_conf": json.dumps({"max_pool_size": 30, "min_pool_size": 5})}
    names = ("eni-config-big", "big", "../secrets", "eni-config-gone", "")
    nodes = [_object("Node", "", f"n{n}", {"terway-config": name}) for n, name in enumerate(names)]
    maps = [_object("ConfigMap", "kube-system", name) | {"data": conf} for name in (*names[:2], "eni-config-unused")]
    with serving(Api(by_resource([*nodes, *maps]))) as api:
        assert main(["import", f"--kubeconfig={api.kubeconfig(tmp_path)}"]) == 0
        asked = {path.rpartition("/")[2] for path in api.asked if "/namespaces/kube-system/configmaps/" in path}
    said = capsys.readouterr()
    assert {"eni-config-big", "big", "eni-config-gone"} < asked
    assert not asked & {"secrets", "eni-config-unused", ""}
    overlays = yaml.safe_load(said.out)["spec"]["terway"]["dynamicConfigs"]
    assert overlays["big"] == {"poolSize": {"min": 5, "max": 30}}
    assert "note: ConfigMap kube-system/big, which Nodes name in terway-config, was left out" in said.err


def _object(kind: str, namespace: str, name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    meta = {"name": name, "labels": labels or {}, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta}


def test_an_update_keeps_comments_and_writes_the_file(cluster: Path, tmp_path: Path, capsys: Capture) -> None:
    spec = tmp_path / "hybrid.yaml"
    text = text_of(GUIDE.read_text("utf-8"))
    text = text.replace("serviceCIDRs: [172.16.0.0/16]", "serviceCIDRs: [172.99.0.0/16]  # old")
    spec.write_text(text, encoding="utf-8")
    assert main(["import", "--from", str(cluster), "--update", str(spec), "-o", str(spec)]) == 0
    said = capsys.readouterr()
    assert "2 of them are other ones than in" in said.err
    assert "No placeholder is left" in said.err
    now = spec.read_text("utf-8")
    assert "serviceCIDRs: [172.16.0.0/16]  # old\n" in now
    assert "existingNodeSelectorTerms: []  # seen in DaemonSet kube-system/calico-node, without the exclusion\n" in now
    assert [line for line in text.splitlines() if line not in now.splitlines()] == [
        "    serviceCIDRs: [172.99.0.0/16]  # old"
    ]
    assert main(["validate", str(spec)]) == 0


def test_an_update_keeps_decisions_and_what_is_not_there_yet(cluster: Path, tmp_path: Path, capsys: Capture) -> None:
    spec = tmp_path / "hybrid.yaml"
    text = text_of(GUIDE.read_text("utf-8")).replace("10.200.1.253:6443", "lb.example.com:6443")
    also = "      excludeAlso:\n        - {kind: DaemonSet, namespace: a, name: b}  # soon\n"
    text = text.replace(
        "      version: 3.24.5\n", f"      version: 3.24.5\n      existingNodeSelectorTerms: []\n{also}"
    )
    spec.write_text(text, encoding="utf-8")
    assert main(["import", "--from", str(cluster), "--update", str(spec)]) == 0
    assert capsys.readouterr().out == text


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path, capsys: Capture) -> None:
    spec = tmp_path / "hybrid.yaml"
    spec.write_text("mine\n", encoding="utf-8")
    script = str(HERE / "init-node-ecs.sh")
    assert main(["import", "--script", script, "-o", str(spec)]) == 2
    assert "exists already; --force overwrites it" in capsys.readouterr().err
    assert main(["import", "--script", script, "-o", str(tmp_path)]) == 2
    assert main(["import", "--script", script, "-o", str(tmp_path / "no" / "x.yaml")]) == 2
    assert spec.read_text("utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--from", "none"], "cannot read the folder none"),
        (["--from", ".", "--context", "x"], "--from is instead of a cluster"),
        (["-f", "none.yaml"], "none.yaml:1:1: FILE001 error: there is no such file"),
        (["-f", "text.yaml"], "text.yaml is neither a ConfigMap nor the JSON of eni_conf"),
        (["--script", "none.sh"], "none.sh:1:1: FILE001 error: there is no such file"),
        (["--script", "text.yaml", "--update", "broken.yaml"], "broken.yaml:1:4: YAML001 error: "),
        (["--script", "text.yaml", "--update", "none.yaml"], "none.yaml:1:1: FILE001 error: "),
    ],
)
def test_what_is_wrong_is_said(
    argv: list[str], why: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.yaml").write_text("- a\n", encoding="utf-8")
    Path("broken.yaml").write_text("a: [1\n", encoding="utf-8")
    assert main(["import", *argv]) == 2
    said = capsys.readouterr()
    assert (said.out, why in said.err) == ("", True), said.err


def test_a_typed_call(capsys: Capture) -> None:
    assert import_spec(ImportOptions(script=str(HERE / "init-node-ecs.sh"))) == 0
    assert "10.200.1.253:6443" in capsys.readouterr().out


def test_the_fields_that_are_listed_are_those_of_the_schema() -> None:
    known = {path for path, _ in fields()}
    assert [each.path for each in SHOWN if each.path not in known] == []
    assert import_doc.main(["--check"]) == 0
