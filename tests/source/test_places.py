"""Every value and every key knows its line and column, in characters, however the file is written."""

from __future__ import annotations

from hybridc.diagnostic import Place
from hybridc.source.document import Document
from hybridc.source.reader import read

BLOCK = """\
name: idc
list:
  - first
  - {a: 1, "b c": [x, "y"]}
中文: 值 # a comment
nested:
    deep: |
      text
    empty:
"""


def document(raw: bytes) -> Document:
    found = read("hybrid.yaml", raw)
    assert found[1] == []
    return found[0]


def test_values() -> None:
    values = document(BLOCK.encode()).values
    assert values["/name"] == Place(1, 7, 1, 10)
    assert values["/list/0"] == Place(3, 5, 3, 10)
    assert values["/list/1/a"] == Place(4, 9, 4, 10)
    assert values["/list/1/b c/1"] == Place(4, 23, 4, 26)
    assert values["/中文"] == Place(5, 5, 5, 6)
    assert values["/nested/deep"][:2] == (7, 11)
    assert values["/nested/empty"][:2] == (9, 11)


def test_keys() -> None:
    keys = document(BLOCK.encode()).keys
    assert keys["/name"] == Place(1, 1, 1, 5)
    assert keys["/list/1/b c"] == Place(4, 12, 4, 17)
    assert keys["/中文"] == Place(5, 1, 5, 3)
    assert keys["/nested/deep"] == Place(7, 5, 7, 9)


def test_line_ends_and_a_byte_order_mark_move_nothing() -> None:
    plain = document(BLOCK.encode())
    for raw in (
        BLOCK.replace("\n", "\r\n").encode(),
        BLOCK.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + BLOCK.encode(),
    ):
        other = document(raw)
        assert (other.values, other.keys, other.data) == (plain.values, plain.keys, plain.data)
        assert [other.line(number) for number in range(1, 10)] == BLOCK.splitlines()


def test_what_is_absent_is_shown_at_what_would_hold_it() -> None:
    there = document(BLOCK.encode())
    assert there.place("/list/7/zone") == there.keys["/list"]
    assert there.place("/nested/deep/er") == there.keys["/nested/deep"]
    assert there.place("/absent") == there.values[""]
    assert there.key_place("/list/0") == there.values["/list/0"]


def test_pointers_escape_what_rfc_6901_says() -> None:
    there = document(b'"a/b": {"c~d": 1}\n')
    assert there.get("/a~1b/c~0d") == 1
    assert there.values["/a~1b/c~0d"] == Place(1, 16, 1, 17)


def test_the_text_of_a_value() -> None:
    there = document(b"a: 007\nb: '7'\nc: |\n  x\n  y\n")
    assert [there.source(pointer) for pointer in ("/a", "/b", "/c")] == ["007", "'7'", ""]
    assert there.line(0) == there.line(99) == ""
