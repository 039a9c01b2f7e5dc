"""Plain scalars mean what the YAML 1.2 core schema says; what readers disagree on is refused."""

from __future__ import annotations

import pytest

from hybridc.source.reader import read

MEANING: dict[str, str | int | float | bool | None] = {
    # null
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "nULL": "nULL",
    # truth values: only these; the rest of YAML 1.1's are strings
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "tRUE": "tRUE",
    "yes": "yes",
    "no": "no",
    "on": "on",
    "off": "off",
    "y": "y",
    "N": "N",
    # whole numbers
    "0": 0,
    "-0": 0,
    "42": 42,
    "+42": 42,
    "-42": -42,
    "017": 17,
    "0o17": 15,
    "0xFF": 255,
    "9223372036854775807": 2**63 - 1,
    "0b11": "0b11",
    "1_000": "1_000",
    "0x": "0x",
    "0o8": "0o8",
    "12:30:45": "12:30:45",
    # numbers
    "1.5": 1.5,
    "1.": 1.0,
    ".5": 0.5,
    "-.5": -0.5,
    "1e3": 1000.0,
    "1E-2": 0.01,
    "1.2.3": "1.2.3",
    "1e": "1e",
    ".": ".",
    "+": "+",
    "1.30": 1.3,
    # what is no number and looks like one
    "2026-11-22": "2026-11-22",
    "10.10.25.0/24": "10.10.25.0/24",
    "fd00::1": "fd00::1",
    "١٢": "١٢",
    # quoted is always a string
    '"42"': "42",
    "'true'": "true",
    '"null"': "null",
    '""': "",
    '"\\u0041\\n"': "A\n",
    "'it''s'": "it's",
}


@pytest.mark.parametrize("text", MEANING)
def test_meaning(text: str) -> None:
    document, found = read("hybrid.yaml", f"key: {text}\n".encode())
    assert found == []
    assert document.data["key"] == MEANING[text]
    assert type(document.data["key"]) is type(MEANING[text])


@pytest.mark.parametrize(
    "text",
    [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "9223372036854775808", "-9223372036854775808", "1e999", "9" * 500],
)
def test_numbers_that_readers_disagree_on_are_refused(text: str) -> None:
    document, found = read("hybrid.yaml", f"key: {text}\n".encode())
    assert [(finding.code, finding.place[:2]) for finding in found] == [("YAML012", (1, 6))]
    assert "/key" in document.broken


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ("|\n  a\n  b\n", "a\nb\n"),
        ("|-\n  a\n  b\n", "a\nb"),
        ("|+\n  a\n\n", "a\n\n"),
        (">\n  a\n  b\n", "a b\n"),
        ("|2\n    a\n", "  a\n"),
        ("a\n  b\n", "a b"),
        ('"a\n\n  b"\n', "a\nb"),
    ],
)
def test_text_of_several_lines(block: str, text: str) -> None:
    assert read("hybrid.yaml", f"key: {block}".encode())[0].data == {"key": text}


@pytest.mark.parametrize("key", ["1", "true", "null", "~", "1.5", "on", '"a b"', '"?"', '"a (again)"', '""'])
def test_keys_are_strings(key: str) -> None:
    document, found = read("hybrid.yaml", f"{key}: value\n".encode())
    assert found == []
    assert document.data == {key.strip('"'): "value"}
