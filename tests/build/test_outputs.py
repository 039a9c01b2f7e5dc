"""outputs of build --format json: what was written, and what has to be uploaded before the merge."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.build.cli import ROOT, call, tree, written

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
SCRIPT = "cloud/node/init-node-ecs.sh"


def built(*words: str | Path) -> tuple[int, dict[str, Any]]:
    """The exit code and the document, which is as its schema says."""
    done = call("build", *words, "--format", "json")
    document: dict[str, Any] = json.loads(done.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return done.code, document


def files(folder: Path) -> list[str]:
    return sorted(path for path, content in tree(folder).items() if content != b"/")


def changed(spec: Path, old: str = "os: alinux3", new: str = "os: auto") -> None:
    """Another node script."""
    text = spec.read_text("utf-8")
    assert old in text
    spec.write_text(text.replace(old, new), "utf-8")


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_folder_that_is_new(tmp_path: Path) -> None:
    spec, out = written(tmp_path), tmp_path / "out"
    code, document = built(spec, "-o", out)
    (found,) = document["outputs"]
    folder = out / "idc-hangzhou"
    assert code == 0
    assert (found["folder"], found["spec"]) == (str(folder), str(spec))
    assert (found["state"], found["written"]) == ("created", True)
    assert found["files"]["added"] == files(folder)
    address = found["addNodeScriptPath"]
    assert (address["before"], address["changed"]) == (None, True)
    assert address["after"] in (folder / "kustomize/configmap-ack-agent-config.yaml").read_text("utf-8")
    (upload,) = found["uploadBeforeMerge"]
    assert upload["file"] == str(folder / SCRIPT)
    assert f"ossutil cp {SCRIPT} {upload['to']} " in (folder / "SUMMARY.md").read_text("utf-8")
    assert upload["url"] == address["after"]


def test_a_folder_that_is_as_it_should_be(tmp_path: Path) -> None:
    spec, out = written(tmp_path), tmp_path / "out"
    first = built(spec, "-o", out)[1]["outputs"][0]
    code, document = built(spec, "-o", out)
    (found,) = document["outputs"]
    assert (code, found["state"], found["written"], found["uploadBeforeMerge"]) == (0, "unchanged", False, [])
    assert found["addNodeScriptPath"] == {
        "before": first["addNodeScriptPath"]["after"],
        "after": first["addNodeScriptPath"]["after"],
        "changed": False,
    }
    assert found["files"] == {"added": [], "changed": [], "removed": [], "merged": [], "unchanged": len(files(out))}


@pytest.mark.parametrize("layout", ["kustomize", "helm"])
def test_another_script_has_another_address(layout: str, tmp_path: Path) -> None:
    spec, out = written(tmp_path), tmp_path / "out"
    first = built(spec, "-o", out, "--layout", layout)[1]["outputs"][0]
    changed(spec)
    code, document = built(spec, "-o", out, "--layout", layout, "--check")
    (found,) = document["outputs"]
    assert (code, found["state"], found["written"]) == (1, "updated", False)
    assert found["addNodeScriptPath"]["before"] == first["addNodeScriptPath"]["after"]
    assert found["addNodeScriptPath"]["changed"]
    assert SCRIPT in found["files"]["changed"]
    (upload,) = found["uploadBeforeMerge"]
    assert re.fullmatch(r"oss://kubelet-idc-hangzhou/idc-hangzhou/init-node-ecs-[0-9a-f]{12}\.sh", upload["to"])
    assert built(spec, "-o", out, "--layout", layout)[1]["outputs"][0] == found | {"written": True}


def test_a_change_that_leaves_the_script_needs_no_upload(tmp_path: Path) -> None:
    spec, out = written(tmp_path), tmp_path / "out"
    built(spec, "-o", out)
    changed(spec, "keyPair: idc-ops", "keyPair: idc-team")
    (found,) = built(spec, "-o", out)[1]["outputs"]
    assert (found["state"], found["addNodeScriptPath"]["changed"]) == ("updated", False)
    assert found["uploadBeforeMerge"] == []


def test_at_an_address_of_ones_own_the_file_is_another_one(tmp_path: Path) -> None:
    spec, out, url = written(tmp_path), tmp_path / "out", "https://files.example.com/node.sh"
    changed(
        spec, "    oss:\n      bucket: kubelet-idc-hangzhou\n", f"    url: {url}\n    join: {{token: {{from: file}}}}\n"
    )
    (found,) = built(spec, "-o", out)[1]["outputs"]
    assert (found["state"], found["uploadBeforeMerge"][0]["to"]) == ("created", url)
    changed(spec)
    (found,) = built(spec, "-o", out)[1]["outputs"]
    assert found["addNodeScriptPath"] == {"before": url, "after": url, "changed": False}
    (upload,) = found["uploadBeforeMerge"]
    assert (upload["to"], upload["url"]) == (url, url)


def test_nothing_was_written_where_something_is_wrong(tmp_path: Path) -> None:
    spec, out = written(tmp_path), tmp_path / "out"
    built(spec, "-o", out)
    (out / "idc-hangzhou" / "SUMMARY.md").write_text("mine")
    code, document = built(spec, "-o", out)
    (found,) = document["outputs"]
    assert (code, found["state"], found["written"]) == (2, "updated", False)
    code, document = built(tmp_path / "none.yaml", "-o", out)
    assert (code, document["outputs"]) == (2, [])


def test_what_is_pruned_is_removed(tmp_path: Path) -> None:
    specs = [written(tmp_path, f"c{number}", number) for number in range(2)]
    built(*specs, "-o", tmp_path / "out")
    code, document = built(specs[0], "-o", tmp_path / "out", "--prune")
    gone = next(one for one in document["outputs"] if one["folder"].endswith("/c1"))
    assert (code, gone["state"], gone["written"], gone["spec"]) == (0, "removed", True, None)
    assert SCRIPT in gone["files"]["removed"]
    assert (gone["addNodeScriptPath"]["after"], gone["uploadBeforeMerge"]) == (None, [])


def test_a_file_has_it_too_and_another_verb_has_none(tmp_path: Path) -> None:
    spec = written(tmp_path)
    words: list[str | Path] = ["--format", "json", "--report", tmp_path / "x.json"]
    assert call("build", spec, "-o", tmp_path / "out", *words).code == 0
    assert json.loads((tmp_path / "x.json").read_text())["outputs"][0]["state"] == "created"
    assert "outputs" not in json.loads(call("validate", spec, "--format", "json").out)
