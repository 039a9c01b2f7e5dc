"""What holds for the clusters of ``conftest.py`` holds for any spec."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tests.strategies import FREE_TEXT, Spec, specs, text_of
from tests.terraform import test_published, test_values
from tests.terraform.conftest import Read

from hybridc.compile import Compiled, compile_spec

LAWS = (
    test_published.test_every_resource_has_arguments_of_the_provider,
    test_values.test_a_pool_is_its_request_without_nodes,
    test_values.test_every_policy_is_its_file_and_that_of_an_add_on_is_attached,
    test_values.test_the_script_is_the_file_under_its_own_key,
    test_values.test_an_add_on_is_its_request_and_one_without_a_version_is_left_out,
    test_values.test_no_secret_has_a_resource,
)


@settings(max_examples=25, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
@given(specs(), st.lists(FREE_TEXT, min_size=2, max_size=2), st.booleans())
def test_generated_specs(
    tmp_path_factory: pytest.TempPathFactory, read: Read, made: Spec, texts: list[str], scales: bool
) -> None:
    spec = made["spec"]
    spec["alibabaCloud"]["terraform"] = True
    for pool in spec["nodePools"]:
        pool |= {"tags": {f"a{texts[0]}": texts[1]}, "autoScaling": scales, "extra": {"a": {texts[0]: texts[1]}}}
    for addon in spec.get("addons", []):
        addon |= {"version": "v1.0.0"} if scales else {}
    compiled = compile_spec("hybrid.yaml", text_of(made).encode(), "2026-01-01", "kustomize")
    assume(isinstance(compiled, Compiled))
    assert isinstance(compiled, Compiled)
    cluster = tmp_path_factory.mktemp("generated")
    _write(cluster, compiled.tree)
    for law in LAWS:
        law(cluster, read)


def _write(folder: Path, tree: dict[str, bytes]) -> None:
    for path, data in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
