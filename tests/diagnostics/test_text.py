"""A finding as a person reads it: place, code, sentence, the line with a caret, the way out."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybridc.cli import say
from hybridc.diagnostic import Diagnostic, Place
from hybridc.report.text import render, summary
from hybridc.words import columns


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


@pytest.mark.parametrize("line", ["", "   "])
def test_no_excerpt_of_blank_lines(line: str) -> None:
    assert render(finding(1, 2), line) == "idc/hybrid.yaml:12:1: NET004 error: it overlaps\n  help: move it\n"


LONG = "a: " + "b" * 200 + "中文" * 40 + ": c"


@given(st.integers(1, len(LONG)), st.integers(0, 300), st.integers(0, 200))
def test_a_long_line_is_cut_around_the_caret(column: int, length: int, width: int) -> None:
    end = min(column + max(length, 1), len(LONG) + 1)
    head, line, caret, way = render(finding(column, end), LONG, width=width).splitlines()
    assert max(map(columns, (line, caret))) <= max(width or 160, 29)
    start = len(caret) - len(caret.lstrip(" |^").rstrip()) - caret.count("^")
    under = cut(line, start, caret.count("^"))
    assert under.rstrip("…") in LONG[column - 1 : end - 1]
    assert under.strip("…") or length == 0
    assert (head, way) == (f"idc/hybrid.yaml:12:{column}: NET004 error: it overlaps", "  help: move it")


def cut(line: str, start: int, width: int) -> str:
    """The characters of a line in these columns."""
    found, at = "", 0
    for char in line:
        found += char if start <= at < start + width else ""
        at += columns(char)
    return found


def test_a_line_that_fits_is_shown_whole() -> None:
    assert excerpt("x" * 151, 1, 2) == ["x" * 151, "^"]
    assert excerpt("x" * 152, 1, 2) == ["x" * 150 + "…", "^"]
    assert excerpt("x" * 200, 150, 151) == ["…" + "x" * 149 + "…", " " * 125 + "^"]


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\r", "\x9b31m", "\u202e", "\n", "\x7f"])
def test_a_spec_cannot_write_to_the_terminal(evil: str) -> None:
    everywhere = finding(path=f"a{evil}b", message=f"a{evil}b", help=f"a{evil}b")
    shown = render(everywhere, f"a{evil}b")
    assert evil.strip("\n") == "" or evil not in shown
    assert len(shown.splitlines()) == 4
    assert shown.isprintable() or set(shown) - set(shown.replace("\n", "")) == {"\n"}


def test_colour_marks_code_severity_caret_and_help() -> None:
    plain, colored = render(finding(), "a: bcde fgh"), render(finding(), "a: bcde fgh", color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    for marked in ("\x1b[1mNET004", "\x1b[1;31merror", "\x1b[1;31m^^^", "\x1b[1;36mhelp:"):
        assert f"{marked}\x1b[0m" in colored
    assert "\x1b[1;33mwarning\x1b[0m" in render(finding(severity="warning"), "", color=True)


@pytest.mark.parametrize(
    ("tty", "environment", "colored"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "3", "TERM": "dumb"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"FORCE_COLOR": ""}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"CLICOLOR_FORCE": "0"}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_only_on_a_terminal_that_wants_it(
    tty: bool, environment: dict[str, str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return tty

    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
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
