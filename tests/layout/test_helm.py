"""What the chart lets a person change, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from tests.gitops.variants import ROOT

from hybridc.compile import Compiled, compile_spec
from hybridc.layout.helm import SWITCHES, chart
from hybridc.lower.bundle import Part


def test_only_the_image_itself_follows_values_yaml_not_what_happens_to_be_equal() -> None:
    compiled = compile_spec("hybrid.yaml", (ROOT / "examples/guide/hybrid.yaml").read_bytes(), "2026-01-01")
    assert isinstance(compiled, Compiled)
    image = compiled.spec.gitops.job_image
    note = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "note"}, "data": {"seen": str(image)}}
    bundle = compiled.bundle
    files = chart(replace(bundle, parts={**bundle.parts, "guard": (*bundle.parts["guard"], note)})).texts
    assert f'seen: "{image}"' in files["templates/configmap-note.yaml"]
    assert 'image: {{ include "hybridc.image" . }}' in files["templates/pod-hybridc-guard.yaml"]
    assert 'guard.image: {{ include "hybridc.image" . }}' in files["templates/configmap-hybridc.yaml"]


def test_every_part_can_be_switched_off() -> None:
    assert set(SWITCHES) == set(get_args(Part))
