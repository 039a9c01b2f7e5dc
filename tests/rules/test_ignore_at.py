"""checks.ignore[].at: a finding is accepted at a place, and counts everywhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.bare import bare
from tests.build.cli import call

GPU = """\
    - name: gpu
      vSwitches: [vsw-bp1nodea7c3e9g5i1k]
      instanceTypes: [ecs.g6.xlarge]
      image: {type: AliyunLinux3}
      keyPair: idc-ops
      size: {desired: 0, min: 0, max: 1}

  gitops:
"""


def found(folder: Path, *entries: str) -> list[tuple[str, str, str]]:
    """Code, pointer and message of what validate finds with a second pool and these acceptances."""
    text = re.sub(r"\n+  gitops:\n", f"\n{GPU}", bare())
    ignores = "".join(f"      - {{{entry}, reason: tried}}\n" for entry in entries)
    spec = folder / "hybrid.yaml"
    spec.write_text(f"{text.rstrip()}\n  checks:\n    ignore:\n{ignores}" if entries else text, encoding="utf-8")
    document = json.loads(call("validate", "--format", "json", spec).out)
    return [(one["code"], one["pointer"], one["message"]) for one in document["diagnostics"]]


def places(all_found: list[tuple[str, str, str]], code: str) -> list[str]:
    return [pointer for each, pointer, _ in all_found if each == code]


FIRST, SECOND = "/spec/nodePools/0/vSwitches/0", "/spec/nodePools/1/vSwitches/0"


def test_without_it_both_pools_are_told(tmp_path: Path) -> None:
    assert places(found(tmp_path), "NODE006") == [FIRST, SECOND]
    assert places(found(tmp_path, "code: NODE006"), "NODE006") == []


@pytest.mark.parametrize(
    "at", ["nodePools.gpu", "nodePools[1]", "nodePools.gpu.vSwitches", "nodePools[1].vSwitches[0]", "nodePools.1"]
)
def test_one_pool_is_accepted(at: str, tmp_path: Path) -> None:
    told = found(tmp_path, f'code: NODE006, at: "{at}"')
    assert places(told, "NODE006") == [FIRST]
    assert [one for one in told if one[0].startswith("CHK")] == []


def test_a_name_is_no_prefix_of_another(tmp_path: Path) -> None:
    told = found(tmp_path, "code: NODE006, at: nodePools.gp")
    assert places(told, "NODE006") == [FIRST, SECOND]
    assert [one[2] for one in told if one[0] == "CHK002"] == ["there is no nodePools.gp: NODE006 is not accepted"]


def test_two_places_are_two_entries(tmp_path: Path) -> None:
    told = found(tmp_path, "code: NODE006, at: nodePools.gpu", "code: NODE006, at: nodePools.elastic")
    assert places(told, "NODE006") == []
    assert [one for one in told if one[0].startswith("CHK")] == []


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["code: NODE006, at: cluster"], ("CHK002", "NODE006 finds nothing at cluster")),
        (
            ["code: NODE006, at: nodePools.gpu", 'code: NODE006, at: "nodePools[1]"'],
            ("CHK004", "NODE006 is accepted already"),
        ),
        (["code: NODE006", "code: NODE006, at: nodePools.gpu"], ("CHK004", "NODE006 is accepted already")),
        (
            ["code: NODE040, at: cluster"],
            ("CHK003", "NODE040 is accepted for the whole cluster or not at all: it is not found in the spec"),
        ),
    ],
)
def test_what_is_no_acceptance_is_said(entries: list[str], said: tuple[str, str], tmp_path: Path) -> None:
    told = found(tmp_path, *entries)
    assert said in [(code, message) for code, _, message in told]


def test_the_summary_names_the_reason_of_the_place(tmp_path: Path) -> None:
    found(tmp_path, "code: NODE006, at: nodePools.gpu", "code: NODE006, at: nodePools.elastic, until: 2999-12-31")
    assert call("build", tmp_path / "hybrid.yaml", "-o", tmp_path / "out").code == 0
    rows = [line for line in (tmp_path / "out/idc-hangzhou/SUMMARY.md").read_text().splitlines() if "NODE006" in line]
    assert [("2999" in row, "gpu" in row) for row in rows] == [(True, False), (False, True)]
