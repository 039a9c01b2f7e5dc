"""A verb is a typed function: another verb or a test calls it with options, without a command line."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest
from tests.bare import written_bare
from tests.cli.programs import GUIDE

from hybridc.cli import main as cli
from hybridc.cli.build import BuildOptions, build
from hybridc.cli.explain import explain
from hybridc.cli.findings import FindingsOptions
from hybridc.cli.init import init
from hybridc.cli.node_script import NodeScriptOptions, node_script
from hybridc.cli.rules import rules
from hybridc.cli.steps import FORMS, StepsOptions, steps
from hybridc.cli.validate import ValidateOptions, validate

Capture = pytest.CaptureFixture[str]


def test_build(tmp_path: Path, capsys: Capture) -> None:
    options = BuildOptions([str(GUIDE)], out=str(tmp_path / "out"), layout="helm")
    assert build(options._replace(check=True)) == 1
    assert build(options) == 0
    assert build(options._replace(check=True)) == 0
    assert "would be created" in capsys.readouterr().out
    assert build(options._replace(shard="3/2")) == 2
    assert capsys.readouterr().err == 'hybridc: error: --shard "3/2" is not I/N with 1 <= I <= N\n'
    assert (tmp_path / "out" / "idc-hangzhou" / "chart" / "Chart.yaml").is_file()


def test_validate(tmp_path: Path, capsys: Capture) -> None:
    assert validate(ValidateOptions([str(GUIDE)])) == 0
    assert capsys.readouterr().out == f"{GUIDE}: valid\n"
    wrong, report = tmp_path / "hybrid.yaml", tmp_path / "findings.json"
    wrong.write_text("a: 1\na: 2\n", encoding="utf-8")
    assert validate(ValidateOptions([str(wrong)], findings=FindingsOptions(format="json", report=str(report)))) == 2
    assert "YAML002" in report.read_text("utf-8")


def test_the_others(tmp_path: Path, capsys: Capture) -> None:
    assert init(str(tmp_path / "hybrid.yaml")) == 0
    assert init(str(tmp_path / "hybrid.yaml")) == 2
    assert rules(["net"], as_json=True) == 0
    assert explain("spec.terway") == 0
    assert node_script(NodeScriptOptions(str(GUIDE), explain=True)) == 0
    assert capsys.readouterr().out.count("spec.terway\n") == 1


def test_steps(tmp_path: Path, capsys: Capture) -> None:
    wrong = tmp_path / "hybrid.yaml"
    wrong.write_text("a: 1\na: 2\n", encoding="utf-8")
    for form in FORMS:
        assert steps(StepsOptions(str(GUIDE), form)) == 0
        assert "pool.elastic.scale" in capsys.readouterr().out
        assert steps(StepsOptions(str(wrong), form)) == 2
        assert capsys.readouterr().out == ""
    assert steps(StepsOptions(str(written_bare(tmp_path)), findings=FindingsOptions(strict=True))) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("word", cli.VERBS)
def test_a_word_has_a_module(word: str) -> None:
    module = import_module(f"hybridc.cli.{cli.VERBS[word][0]}")
    assert callable(module.arguments)
    assert callable(module.run)


def test_a_word_may_be_one_that_python_cannot_import(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setitem(cli.VERBS, "import", ("schema", "read what is there"))
    assert cli.main(["import"]) == 0
    assert capsys.readouterr().out.startswith("{")
    with pytest.raises(SystemExit):
        cli.main(["imprt"])
    assert "did you mean import?" in capsys.readouterr().err
    assert "hybridc.cli.import" not in sys.modules
