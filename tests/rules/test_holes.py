"""Whatever is wrong in a spec, a rule finds something or ends; it never falls over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybridc.rules.run import check
from hybridc.source.document import Document
from hybridc.source.reader import read
from hybridc.spec.resolve import resolve

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/hybrid.yaml"))
DOCUMENTS = {path.parent.name: read(str(path), path.read_bytes())[0] for path in EXAMPLES}


def with_holes(document: Document, *pointers: str) -> Document:
    """The document with values that are wrong, as the schema would have found."""
    return Document(document.path, document.text, document.data, document.values, document.keys, set(pointers))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_hole_makes_a_rule_fall_over(name: str) -> None:
    for pointer in DOCUMENTS[name].values:
        broken = with_holes(DOCUMENTS[name], pointer)
        check(resolve(broken), broken)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_nor_do_several(data: st.DataObject) -> None:
    document = DOCUMENTS[data.draw(st.sampled_from(list(DOCUMENTS)))]
    broken = with_holes(document, *data.draw(st.sets(st.sampled_from(list(document.values)), min_size=2, max_size=8)))
    check(resolve(broken), broken)
