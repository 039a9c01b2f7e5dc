"""``hybridc explain``: every field of the schema, and every code that a finding can have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hybridc.cli.main import main
from hybridc.codes import CODES, RETIRED
from hybridc.schema import load

FIELDS = [path for path, _ in load.fields()]
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("path", FIELDS)
def test_every_field(path: str, capsys: Capture) -> None:
    assert main(["explain", path.replace(".*", ".any")]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "  type:     " in said.out
    assert "No description." not in said.out
    assert all(len(line) < 400 for line in said.out.splitlines())


def test_a_field(capsys: Capture) -> None:
    assert main(["explain", "spec.terway.poolSize.max"]) == 0
    assert capsys.readouterr().out == (
        "spec.terway.poolSize.max\n"
        "  Most idle addresses that Terway keeps on a node; not below min.\n"
        "\n"
        "  type:     a whole number\n"
        "  unit:     addresses\n"
        "  expected: a whole number of 0 or more\n"
        "  default:  5\n"
        "  range:    0 or more\n"
        "  example:  10\n"
        "  output:   ConfigMap eni-config, eni_conf.max_pool_size.\n"
    )


@pytest.mark.parametrize(
    "written", ["spec.nodePools[0].size", "spec.nodePools[].size", "spec.nodePools.size", "/spec/nodePools/0/size"]
)
def test_a_field_of_an_item(written: str, capsys: Capture) -> None:
    assert main(["explain", written]) == 0
    out = capsys.readouterr().out
    assert "desired" in out
    assert "max" in out


def test_no_path_explains_the_file(capsys: Capture) -> None:
    assert main(["explain"]) == 0
    assert "apiVersion*" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "message", "help_"),
    [
        ("spec.nodePool", 'spec has no field "nodePool"', "did you mean spec.nodePools?"),
        ("spec.terway.poolsize", 'spec.terway has no field "poolsize"', "did you mean spec.terway.poolSize?"),
        ("terway", 'hybrid.yaml has no field "terway"', "did you mean spec.terway?"),
        ("registeredClusterID", 'hybrid.yaml has no field "registeredClusterID"', "did you mean spec.alibabaCloud"),
        ("spec.ram.xyz", 'spec.ram has no field "xyz"', "fields there: user, role, profile, scope, namePrefix"),
        ("NET04", "there is no rule NET04", "did you mean NET0"),
    ],
)
def test_what_is_not_there(written: str, message: str, help_: str, capsys: Capture) -> None:
    assert main(["explain", written]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"hybridc: {message}\n  help: {help_}")


@pytest.mark.parametrize("code", sorted({*CODES, *RETIRED}))
def test_every_rule(code: str, capsys: Capture) -> None:
    assert main(["explain", code.lower()]) == 0
    first, _, rest = capsys.readouterr().out.partition("\n")
    assert first.startswith(f"{code} (")
    assert rest.strip()


def test_every_code_in_the_sources_is_known(capsys: Capture) -> None:
    sources = Path(__file__).parents[2] / "compiler" / "hybridc"
    text = "".join(path.read_text(encoding="utf-8") for path in sources.rglob("*.py"))
    for code in sorted(set(re.findall(r'"((?:YAML|SPEC|FILE|OUT|CHK|GIT)[0-9]{3})"', text))):
        assert main(["explain", code]) == 0, code
