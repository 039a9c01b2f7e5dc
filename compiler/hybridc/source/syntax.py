"""What libyaml cannot read, in words that help: where it goes wrong, and what that usually means."""

from __future__ import annotations

from collections.abc import Callable

import yaml

from hybridc.diagnostic import ERROR, START, Diagnostic, Place
from hybridc.source import slips
from hybridc.source.document import Document

_ANCHORS = ("did not find expected alphabetic or numeric character",)
_OF_INDENTATION = ("mapping values are not allowed in this context", "did not find expected key")
_CLOSING = {"']'": ("[", "list"), "'}'": ("{", "mapping")}
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": (
        '": " cannot stand here',
        "quote a value that holds a colon and a space; else check the indentation",
    ),
    "did not find expected key": (
        "a key should start here",
        "check the indentation, and the quotes and brackets before this place",
    ),
    "did not find expected '-' indicator": (
        'an item of the list ("- ") should start here',
        "give every item the same indentation, and whatever follows the list less",
    ),
    "found character that cannot start any token": (
        "no value can start with this character",
        "quote a value that starts with @, ` or %",
    ),
    "block sequence entries are not allowed in this context": (
        'an item of a list ("- ") cannot start here',
        "start the list in a line of its own, or quote the value",
    ),
    "did not find expected node content": (
        "a value should stand here",
        "quote a value that starts with a colon, a comma or a bracket",
    ),
    "could not find expected ':'": ("a key without a colon", "write key: value"),
    "found unknown escape character": (
        "no such escape",
        "double a backslash in double quotes, or use single quotes",
    ),
}


def explain(document: Document, error: yaml.YAMLError, quoted: Place) -> Diagnostic:
    """The finding for a syntax error; ``quoted`` is where the last quoted text before it stands."""
    problem = str(getattr(error, "problem", None) or "this cannot be read")
    here, start = _place(getattr(error, "problem_mark", None)), _place(getattr(error, "context_mark", None))

    def found(place: Place, message: str, help: str) -> Diagnostic:  # noqa: A002
        return Diagnostic("YAML001", ERROR, document.path, place, f"not YAML: {message}", help)

    if problem == "found unexpected end of stream":
        return found(start, "this quote is never closed", "close it, or remove it")
    if problem in _ANCHORS:
        return _start_of_value(document, here, found)
    if quoted.line < quoted.end_line == here.line:
        place = Place(*quoted[:2], quoted.line, quoted.column + 1)
        return found(
            place, f"the quote that opens here closes only in line {here.line}", "close it where the text ends"
        )
    opened = _CLOSING.get(problem[-3:])
    if opened and start.line == here.line and (slip := slips.near([document.line(here.line)], 1)):
        return found(slip.place._replace(line=here.line, end_line=here.line), slip.message, slip.help)
    if opened and start.line != here.line:
        bracket, kind = opened
        return found(
            start, f"this {bracket} is not closed; line {here.line} does not go on with the {kind}", "close it"
        )
    if opened:
        return found(here, f"the {opened[1]} in {opened[0]} needs a comma or its end here", "check commas and quotes")
    if "\t" in document.line(here.line)[: here.column]:
        return found(here, "a tab cannot indent", "indent with spaces")
    if slip := slips.near(document.lines(), here.line):
        return found(*slip)
    if problem in _OF_INDENTATION and (slip := slips.indented(document.lines(), here.line)):
        return found(*slip)
    message, help_ = _PLAIN_WORDS.get(problem, (problem, "check quotes, brackets, colons and indentation up to here"))
    return found(here, message, help_)


def _start_of_value(document: Document, here: Place, found: Callable[[Place, str, str], Diagnostic]) -> Diagnostic:
    """A value that starts with what marks an alias or an anchor."""
    line = document.line(here.line)
    start = max(line.rfind("*", 0, here.column), line.rfind("&", 0, here.column), 0)
    value = line[start:].partition(" #")[0].rstrip()
    place = Place(here.line, start + 1, here.line, start + 1 + len(value))
    return found(place, f"a value cannot start with {line[start : start + 1]}", "put it into double quotes")


def _place(mark: yaml.Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else START
