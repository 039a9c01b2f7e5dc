"""What is ambiguous is refused where it stands, and the rest of the file is read all the same."""

from __future__ import annotations

import pytest

from hybridc.source.reader import read


def codes(text: str) -> list[tuple[str, int, int]]:
    return [(finding.code, *finding.place[:2]) for finding in read("hybrid.yaml", text.encode())[1]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3\n", [("YAML002", 3, 1)]),
        ("a: 1\n'a': 2\n\"a\": 3\n", [("YAML002", 2, 1), ("YAML002", 3, 1)]),
        ("a: {b: 1, b: 2}\n", [("YAML002", 1, 11)]),
        ("a: 1\na: {b: 1, b: 2}\n", [("YAML002", 2, 1), ("YAML002", 2, 11)]),
        ('a: 1\na: {[x]: 1, "": 2}\n', [("YAML002", 2, 1), ("YAML011", 2, 5)]),
        ("a: &x 1\n", [("YAML003", 1, 4)]),
        ("a: &x 1\nb: *x\n", [("YAML003", 1, 4), ("YAML003", 2, 4)]),
        ("&x a: 1\n*x : 2\n", [("YAML003", 1, 1), ("YAML011", 2, 1)]),
        ("<<: {a: 1}\n", [("YAML003", 1, 1)]),
        ("'<<': 1\n", []),
        ("a: !!str 1\n", [("YAML004", 1, 4)]),
        ("a: !x {b: 1}\n", [("YAML004", 1, 4)]),
        ("a: ! 1\n", [("YAML004", 1, 4)]),
        ("a: 1\n---\nb: 2\n", [("YAML005", 2, 1)]),
        ("? [a, [b]]\n: 1\nc: 2\n", [("YAML011", 1, 3)]),
        ("? {a: b}\n", [("YAML011", 1, 3)]),
        ("a: [.inf, .nan]\n", [("YAML012", 1, 5), ("YAML012", 1, 11)]),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", [("YAML014", 2, 1)]),
        ("<<<<<<< HEAD\n||||||| base\n=======\n>>>>>>> x\nb: 1\n>>>>>>> y\n", [("YAML014", 1, 1), ("YAML014", 6, 1)]),
        ("b: 2\n=======\n", [("YAML014", 2, 1)]),
        ("<<<<<<< HEAD\nb: 2\n<<<<<<< HEAD\n", [("YAML014", 1, 1), ("YAML014", 3, 1)]),
        ("a: |\n  <<<<<<< HEAD\n  =======\nb: ========\n", []),
        ('a: "b\\0"\n', [("YAML013", 1, 4)]),
        ('a: ["\\x00", "b\\u0000"]\n', [("YAML013", 1, 5), ("YAML013", 1, 13)]),
        ('"\\0": 1\nb: {"c\\U00000000": {d: 1}, e: 1}\n', [("YAML013", 1, 1), ("YAML013", 2, 5)]),
    ],
)
def test_findings(text: str, found: list[tuple[str, int, int]]) -> None:
    assert codes(text) == found


def test_the_first_of_two_keys_counts() -> None:
    document, _ = read("hybrid.yaml", b"a: 1\na: {c: [2]}\nb: 3\n")
    assert document.data == {"a": 1, "b": 3}
    assert set(document.values) == {"", "/a", "/b"}
    assert document.broken == set()


def test_a_refused_key_takes_its_value_along() -> None:
    document, _ = read("hybrid.yaml", b"? [a]\n: {b: [c]}\nd: 1\n")
    assert document.data == {"d": 1}


def test_a_number_that_cannot_be_read_is_a_broken_value() -> None:
    document, _ = read("hybrid.yaml", b"a: .inf\nb: 1\n")
    assert document.data == {"a": None, "b": 1}
    assert document.broken == {"/a"}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: [1\nb: 2\n", (1, 4), "this [ is not closed; line 2 does not go on with the list"),
        ("a: {b: c\nd: e\n", (1, 4), "this { is not closed; line 2 does not go on with the mapping"),
        ('a: "x\nb: 2\n', (1, 4), "this quote is never closed"),
        ('a: "x\nb: "y"\n', (1, 4), "the quote that opens here closes only in line 2"),
        ("a: b: c\n", (1, 5), '": " cannot stand here'),
        ("- a\nb: c\n", (2, 1), 'an item of the list ("- ") should start here'),
        ("a:\n\tb: c\n", (2, 1), "a tab cannot indent"),
        ("a: @b\n", (1, 4), "no value can start with this character"),
        ("a: [:0]\n", (1, 5), "a value should stand here"),
        ('a: "\\q"\n', (1, 5), "no such escape"),
    ],
)
def test_syntax_errors_are_in_plain_words(text: str, place: tuple[int, int], message: str) -> None:
    (finding,) = read("hybrid.yaml", text.encode())[1]
    assert (finding.code, finding.place[:2], finding.message) == ("YAML001", place, f"not YAML: {message}")
    assert finding.help
