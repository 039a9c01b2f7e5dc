"""Findings as JSON: a version, and the same fields for every finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.build.cli import ROOT
from tests.errors.cases import CASES

from hybridc.cli.main import main
from hybridc.words import one_line

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
FIELDS = ["code", "severity", "file", "line", "column", "endLine", "endColumn", "pointer", "message", "help"]


def findings(capsys: pytest.CaptureFixture[str], *paths: str) -> list[dict[str, Any]]:
    main(["validate", "--format", "json", *paths])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"version", "diagnostics"}
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["version"] == 1
    found: list[dict[str, Any]] = document["diagnostics"]
    return found


def written(folder: Path, name: str) -> Path:
    """A folder with the hybrid.yaml of a mistake."""
    (folder / name).mkdir()
    (folder / name / "hybrid.yaml").write_text(CASES[name].spec, encoding="utf-8")
    return folder / name


def test_a_finding(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(written(tmp_path, "enum-typo"))
    (found,) = [found for found in findings(capsys, "hybrid.yaml") if found["severity"] == "error"]
    assert list(found) == FIELDS
    assert found == {
        "code": "SPEC004",
        "severity": "error",
        "file": "hybrid.yaml",
        "line": 15,
        "column": 13,
        "endLine": 15,
        "endColumn": 19,
        "pointer": "/spec/cluster/cni/type",
        "message": 'spec.cluster.cni.type: "calcio" is not one of calico, canal, flannel, cilium, none',
        "help": 'did you mean "calico"?',
    }


def test_text_and_json_say_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in CASES:
        path = f"{written(tmp_path, name).name}/hybrid.yaml"
        main(["validate", path])
        text = [line for line in capsys.readouterr().err.splitlines() if line.startswith(f"{path}:")]
        found = findings(capsys, path)
        shown = [one for severity in ("warning", "error") for one in found if one["severity"] == severity]
        assert text == [
            "{file}:{line}:{column}: {code} {severity}: ".format(**one) + one_line(one["message"]) for one in shown
        ]


def test_a_file_that_is_not_there_is_a_finding_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert findings(capsys, str(tmp_path / "none.yaml"))[0]["code"] == "FILE001"


def test_several_files_are_one_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [f"{written(tmp_path, name).name}/hybrid.yaml" for name in ("enum-typo", "duplicate-key")]
    assert list(dict.fromkeys(found["file"] for found in findings(capsys, *paths))) == paths
