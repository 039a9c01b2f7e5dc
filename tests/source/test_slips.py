"""What is blamed for a file that is no YAML, and what is left alone since it is as it should be."""

from __future__ import annotations

import pytest

from hybridc.source.reader import read


def said(text: str) -> tuple[int, str]:
    """The line and the sentence of the first finding."""
    found = read("hybrid.yaml", text.encode())[1][0]
    return found.place.line, found.message.removeprefix("not YAML: ")


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("reason: \u5df2\u8bc4\u5ba1\uff0c\u63a5\u53d7", 2),
        ("note: {a: 1, b: \u4f60\u597d\u3002}", 2),
        ("run: |\n  echo $HOME\n  curl ${URL}", 4),
        ("a: '\uff1a'", 2),
        ("a: 1 # \uff1a", 2),
        ("a: http://x", 2),
        ("a: b:c", 2),
    ],
)
def test_the_line_before_is_not_at_fault(before: str, line: int) -> None:
    assert said(f"{before}\nx: [1 2\ny: 3\n")[0] == line


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a:\n  b:1\n  c: 2\n", 2, 'a space is missing behind "b:"'),
        ("a:\n  - b:1\n    c: 2\n", 2, 'a space is missing behind "b:"'),
        ("a:\n  b\uff1a1\n  c: 2\n", 2, "here stands \uff1a (U+FF1A), which is not :"),
        ("a:\n  b\uff1a\u5317\u4eac\n  c: 2\n", 2, "here stands \uff1a (U+FF1A), which is not :"),
        ("a:\n  b: 1\n   c: 2\n", 3, '"c" is indented by 3, "b" in line 2 by 2'),
        ("a: [$X, {$Y]\n", 1, "here stands a variable: $X"),
        ("a:\n  {% if x %}\n  b: 1\n", 2, "here stands a template: {%"),
    ],
)
def test_what_is_at_fault(text: str, line: int, message: str) -> None:
    assert said(text) == (line, message)
