"""Facts about the systems that hybridc compiles for: data in files, each entry with its source.

A new Kubernetes or Terway release is an edit of these files. Typed look-ups live in the modules beside them,
one for each file. What is a long list stands in a table (``.tsv``), the rest in TOML.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from typing import Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed ``<name>.toml`` of this folder."""
    with open(os.path.join(_FOLDER, f"{name}.toml"), "rb") as file:
        return tomllib.load(file)


@cache
def table(name: str) -> str:
    """The text of ``<name>.tsv`` of this folder: a line an entry, tabs between fields, ``#`` before what is none.

    Look-ups search the text: a thousand entries are not parsed for the one that is asked for.
    """
    with open(os.path.join(_FOLDER, f"{name}.tsv"), encoding="utf-8") as file:
        return file.read()


def rows(name: str) -> list[list[str]]:
    """The entries of a table, each as its fields."""
    return [line.split("\t") for line in table(name).splitlines() if not line.startswith("#")]


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, comparable: (1, 34, 2) for ``1.34.2``, ``v1.34.2`` and ``1.34.2-x``."""
    return tuple(int(part) for part in version.lstrip("v").split("-")[0].split(".") if part.isdigit())


def facts(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what is there for people: its ``source``, the day it was ``seen``, ``state`` and ``tested``."""
    return {key: value for key, value in entry.items() if key not in ("source", "seen", "state", "tested")}
