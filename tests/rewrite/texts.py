"""Specs as people leave them: comments in odd places, keys in any order, every style that YAML has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from hybridc.source.reader import read
from hybridc.source.scalars import resolve

ROOT = Path(__file__).parents[2]
FILES = (*sorted(ROOT.glob("examples/*/hybrid.yaml")), ROOT / "chart-templates" / "init" / "hybrid.yaml")
WORDS = (
    *("a", "on", "1e3", "0o17", "0x1F", "~", "null", "2026-11-22", "1_000", "1.30", "-1", "", " "),
    *(
        "a b",
        "a#b",
        "it's",
        "é中文🙂",
        'say "x" # no comment',
        "back\\slash",
        "\t",
        "\u2028",
        "<x>",
        "{{ y }}",
        "- z",
        "k: v",
    ),
)
TEXTS = ("a\nb\n", "a\n\nb", "x\n\n", " indented\n  more\n", "a # b\n# c\n", "\n", "tab\tend \nx\n")
COMMENTS = ("#", "# c", "#c # d", "# key: value", "#\ttab", "# 中文", '# "quote', "# - item", "#!x")


def styles(value: Any, draw: st.DrawFn, indent: str, level: int = 0) -> list[str]:
    """The lines of a value behind its key or dash; the first one stands in the line of that."""
    if isinstance(value, dict) and value and (level < 2 or draw(st.integers(0, 3))):
        return _block(draw, indent, [(f"{key}:", below) for key, below in _shuffled(draw, value)], level)
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        return _block(draw, indent, [("-", item) for item in value], level)
    if isinstance(value, (dict, list)) and value:
        return _flow(draw, value, indent)
    return _scalar(draw, value, indent)


def _scalar(draw: st.DrawFn, value: Any, indent: str) -> list[str]:
    kinds = ["json"]
    if isinstance(value, str) and re.match(r"[^\s].*[^\n]\n?\Z", value, re.DOTALL) and "\n" in value:
        kinds += ["|", ">"]
    if isinstance(value, str) and re.match(r"[\x20-\x7eé中文🙂]*\Z", value):
        kinds.append("'")
    if isinstance(value, str) and re.match(r"[a-zé](?:[a-z0-9é中文🙂'#_-]| (?! |#|\Z))*\Z", value):
        kinds += ["plain"] * (resolve(value) == value)
    kind = draw(st.sampled_from(kinds))
    if kind in ("|", ">"):
        lines = value.removesuffix("\n").split("\n")
        if kind == ">":
            lines = [each for line in lines for each in (line, "")][:-1]
        mark = kind + "-" * (not value.endswith("\n")) + _comment(draw)
        return [mark, *(indent + "  " + line if line else "" for line in lines)]
    text = {
        "plain": value,
        "'": "'" + str(value).replace("'", "''") + "'",
        "json": json.dumps(value, ensure_ascii=False),
    }
    return [text[kind].replace("\u2028", "\\u2028") + _comment(draw)]


def _shuffled(draw: st.DrawFn, value: dict[str, Any]) -> list[tuple[str, Any]]:
    items = list(value.items())
    order = draw(st.permutations(range(len(items))))
    return [items[index] for index in order]


def _block(draw: st.DrawFn, indent: str, items: list[tuple[str, Any]], level: int) -> list[str]:
    inner = indent + " " * draw(st.sampled_from([1, 2, 3, 4])) if level else ""
    lines = [_comment(draw)]
    for head, value in items:
        lines += _between(draw, inner)
        first, *others = styles(value, draw, inner, level + 1)
        lines += [f"{inner}{head} {first}".rstrip(" "), *others]
        if draw(st.booleans()) and others:
            lines += _between(draw, inner + "  ")
    return lines


def _flow(draw: st.DrawFn, value: Any, indent: str) -> list[str]:
    text = json.dumps(value, ensure_ascii=False)
    if draw(st.booleans()):
        return [text + _comment(draw)]
    items = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()] if isinstance(value, dict) else []
    items = items or [json.dumps(item) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    lines = [opening + _comment(draw)]
    for item in items:
        lines += _between(draw, indent + "     ")
        lines.append(f"{indent}     {item},{_comment(draw)}")
    return [*lines, f"{indent}  {closing}{_comment(draw)}"]


def _comment(draw: st.DrawFn) -> str:
    space = draw(st.sampled_from(["", "", "", " ", "  ", "          "]))
    return space + draw(st.sampled_from(COMMENTS)) if space else ""


def _between(draw: st.DrawFn, indent: str) -> list[str]:
    shift = st.sampled_from(["", indent, indent[:-1], indent + "  ", indent + "      "])
    line = st.one_of(st.just(""), st.builds("{}{}".format, shift, st.sampled_from(COMMENTS)))
    return draw(st.lists(line, max_size=2)) if draw(st.integers(0, 3)) == 0 else []


KEYS = st.sampled_from(["b", "a", "on", "c d", "x/y~z"])
DATA = st.recursive(
    st.one_of(st.sampled_from(WORDS), st.integers(-5, 10**6), st.booleans(), st.sampled_from(TEXTS)),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(KEYS, below, max_size=3)),
    max_leaves=12,
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text that the reader takes, nearly always: an example or any mapping."""
    path = draw(st.sampled_from((*FILES, *[None] * 12)))
    if path is None:
        data = draw(st.dictionaries(st.sampled_from(["spec", "kind", "b", "a"]), DATA, min_size=1, max_size=4))
    else:
        data = read("", path.read_bytes())[0].data
    head = draw(st.sampled_from(["", "# head\n\n", "---\n", "# x\n---\n# y\n", "\ufeff", "\n\n"]))
    tail = draw(st.sampled_from(["", "# tail\n", "\n\n", "  # deep\n# flat\n", "\n# tail\n\n"]))
    lines = styles(data, draw, "")[1:]
    return head + "\n".join(lines) + "\n" + tail
