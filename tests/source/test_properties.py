"""Whatever can be written as YAML is read back as it was, and no input at all makes the front end fall over."""

from __future__ import annotations

from io import StringIO
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hybridc.compile import front
from hybridc.source.reader import read

# Without the characters that are refused on purpose.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\x85\u2028\u2029\ufeff"), max_size=20)
NUMBER = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
KEY = TEXT.filter(lambda key: key != "<<")
SCALAR = st.none() | st.booleans() | NUMBER | TEXT
DATA = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=4))
YAML_LIKE = st.lists(st.sampled_from([*"ab1?:-,[]{}&*!|>%@`'\"#\n \t", "- ", ": ", "\n  ", "<<", "é", "\x07"])).map(
    "".join
)


@given(st.dictionaries(KEY, DATA, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_json_is_read_back_as_it_was(data: dict[str, Any]) -> None:
    text = yaml.dump(data, Dumper=_Quoting, allow_unicode=True, default_flow_style=None)
    document, found = read("hybrid.yaml", text.encode())
    assert found == []
    assert document.data == data


@given(st.dictionaries(KEY, st.lists(NUMBER | st.booleans() | TEXT, max_size=3), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_yaml_1_2_of_another_library_is_read_back_as_it_was(data: dict[str, Any]) -> None:
    stream = StringIO()
    library = YAML(typ="safe", pure=True)
    library.default_flow_style = False  # libyaml refuses [:a], which YAML 1.2 allows
    library.dump(data, stream)
    document, found = read("hybrid.yaml", stream.getvalue().encode())
    assert found == []
    assert document.data == data


@given(st.binary(max_size=200))
@example("é".encode() * 100 + b"\x01")
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_it_fall_over(raw: bytes) -> None:
    assert front("hybrid.yaml", raw, "2026-01-01").found


@given(YAML_LIKE)
@example('a: 1\na: {[x]: 1, "": 2}\n')
@example("---\n")
@settings(max_examples=500, deadline=None)
def test_nothing_that_resembles_yaml_makes_it_fall_over(text: str) -> None:
    checked = front("hybrid.yaml", text.encode(), "2026-01-01")
    assert checked.spec is None
    assert checked.found
    lines = checked.document.lines()
    for finding in checked.found:
        assert 1 <= finding.place.line <= len(lines) + 1
        assert finding.place.column >= 1


class _Quoting(yaml.SafeDumper):
    """PyYAML writes YAML 1.1; with every string in quotes that is YAML 1.2 too."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Quoting.add_representer(str, _quoted)
