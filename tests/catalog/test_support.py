"""The catalog of walked paths, the markers of the tests, the page and the warning say one thing."""

from __future__ import annotations

import pytest
from tests.catalog.fields import schema_field
from tests.gitops.variants import example

from hybridc.catalog.support import ANYTHING, paths
from hybridc.compile import compile_spec
from hybridc.rules.support import CHOICES
from tools import support_doc

PATHS = {path.word: path for path in paths()}
WALKS = list(support_doc.walks())
FIELDS = list(dict.fromkeys(path.field for path in paths()))
# What stands in another field's path: without a CNI there is nothing to walk but the routing.
ELSEWHERE = {("cluster.cni.type", "none")}


def told(raw: bytes) -> list[str]:
    """What PATH001 says of a spec."""
    return [found.message for found in compile_spec("hybrid.yaml", raw, "2026-01-01").found if found.code == "PATH001"]


def test_every_marker_names_a_path() -> None:
    assert [walk for walk in WALKS if set(walk.words) - set(PATHS)] == []


@pytest.mark.parametrize("word", PATHS)
def test_a_path_that_counts_as_walked_has_a_test(word: str) -> None:
    assert any(word in walk.words for walk in WALKS) or not PATHS[word].walked


def test_the_page_is_what_catalog_and_tests_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert support_doc.main(["--check"]) == 0, capsys.readouterr().err


def test_the_rule_knows_every_field() -> None:
    assert set(CHOICES) == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_every_choice_of_a_field_is_a_path(field: str) -> None:
    schema = schema_field(*field.replace("[]", ".[]").split("."))
    given = [value for path in paths() if path.field == field for value in path.values]
    listed = schema.get("enum", [ANYTHING])
    assert sorted(given) == sorted(value for value in listed if (field, value) not in ELSEWHERE)


@pytest.mark.parametrize("name", ["guide", "two-zone"])
def test_the_examples_were_walked(name: str) -> None:
    assert told(example(name)) == []


def test_one_warning_names_all_that_was_not() -> None:
    join = {"method": "k3s", "server": "https://10.200.1.253:6443", "token": {"from": "ramRole", "role": "node"}}
    raw = example("guide", cluster__caCertHashes=None, nodeInit__join=join, gitops__engine="flux")
    (message,) = told(raw)
    for word in ("k3s", "token-ram-role", "flux"):
        assert f"{PATHS[word].field} {PATHS[word].values[0]} ({PATHS[word].run})" in message


def test_what_has_no_part_in_a_managed_join_is_not_named() -> None:
    nothing = {"os": None, "registryMirrors": None, "oss": None}
    raw = example("guide", cluster__kubernetesVersion="1.26.15", nodeInit={"mode": "managed", **nothing})
    (message,) = told(raw)
    assert message.endswith(f": nodeInit.mode managed ({PATHS['managed'].run})")
