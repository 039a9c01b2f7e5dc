"""A live eni-config is read as far as a hybrid.yaml would be, and no further."""

from __future__ import annotations

import json

import pytest

from hybridc.eni_config.lint import lint
from hybridc.source.reader import MAX_NODES, MAX_PATH


def messages(text: str) -> list[str]:
    return [found.message for found in lint("eni.json", text.encode(), (1, 16, 8)).found]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({"note": ["x"] * MAX_NODES}), "more than 10,000 values"),
        (json.dumps({"x" * MAX_PATH: 1}), "the keys down to here have more than 2,000 characters"),
    ],
)
def test_what_no_configuration_needs(text: str, said: str) -> None:
    assert [message for message in messages(text) if said in message] != []


def test_a_comment_in_each_line_ends_reading() -> None:
    assert len([message for message in messages("{" + "#\n" * 5000 + "}") if "no comments" in message]) == 1000
