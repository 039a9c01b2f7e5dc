"""A finding as a person reads it: place, code, sentence, the line with a caret, the way out."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest

from hybridc.cli import say
from hybridc.diagnostic import Diagnostic, Place
from hybridc.report.text import render, summary


def finding(column: int = 7, end: int = 10, **changes: Any) -> Diagnostic:
    base = Diagnostic("NET004", "error", "idc/hybrid.yaml", Place(12, column, 12, end), "it overlaps", "move it")
    return base._replace(**changes)


def excerpt(line: str, column: int, end: int) -> list[str]:
    """The line and the caret, without the margin."""
    shown = render(finding(column, end), line).splitlines()[1:-1]
    return [text[len("    12 | ") :] for text in shown]


def test_a_finding() -> None:
    assert render(finding(), "cidr: abc # x") == (
        "idc/hybrid.yaml:12:7: NET004 error: it overlaps\n    12 | cidr: abc # x\n       |       ^^^\n  help: move it\n"
    )


@pytest.mark.parametrize(
    ("line", "column", "end", "caret"),
    [
        ("ab: c", 1, 3, "^^"),
        ("ab: c", 5, 6, "    ^"),
        ("ab:", 4, 4, "   ^"),
        ("中文: 值", 5, 6, "      ^^"),
        ("中文: 值", 1, 3, "^^^^"),
        ("é: x", 4, 5, "   ^"),
        ("a\u0301: x", 5, 6, "   ^"),
    ],
)
def test_the_caret_stands_under_the_value_whatever_is_before_it(line: str, column: int, end: int, caret: str) -> None:
    assert excerpt(line, column, end) == [line, caret]


def test_a_tab_is_visible_and_moves_the_caret() -> None:
    assert excerpt("\tab: c", 2, 4) == ["\\tab: c", "  ^^"]
    assert excerpt("\tab: c", 1, 2) == ["\\tab: c", "^^"]


def test_a_value_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    shown = render(finding(place=Place(12, 4, 14, 1)), "a: [b,")
    assert shown.splitlines()[2] == "       |    ^^^"


@pytest.mark.parametrize("line", ["", "   ", "x" * 161])
def test_no_excerpt_of_blank_and_of_very_long_lines(line: str) -> None:
    assert excerpt(line, 1, 2) == []
    assert excerpt("x" * 160, 1, 2) == ["x" * 160, "^"]


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\r", "\x9b31m", "\u202e", "\n", "\x7f"])
def test_a_spec_cannot_write_to_the_terminal(evil: str) -> None:
    everywhere = finding(path=f"a{evil}b", message=f"a{evil}b", help=f"a{evil}b")
    shown = render(everywhere, f"a{evil}b")
    assert evil.strip("\n") == "" or evil not in shown
    assert len(shown.splitlines()) == 4
    assert shown.isprintable() or set(shown) - set(shown.replace("\n", "")) == {"\n"}


def test_colour_marks_the_severity_alone() -> None:
    plain, colored = render(finding(), "a: b"), render(finding(), "a: b", color=True)
    assert colored.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == plain
    assert "\x1b[1;31merror\x1b[0m" in colored
    assert "\x1b[1;33mwarning\x1b[0m" in render(finding(severity="warning"), "", color=True)


@pytest.mark.parametrize(
    ("tty", "environment", "colored"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_only_on_a_terminal_that_wants_it(
    tty: bool, environment: dict[str, str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return tty

    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert say.color(Stream()) is colored


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        ([], ""),
        (["error"], "1 error"),
        (["warning", "error", "warning", "error"], "2 errors, 2 warnings"),
        (["info", "info", "warning"], "1 warning, 2 info"),
    ],
)
def test_the_sum_begins_with_what_is_worst(severities: list[str], text: str) -> None:
    assert summary(Counter(severities)) == text
