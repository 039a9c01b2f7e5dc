"""Specs that differ from another one in a few lines, and what a person sees of them.

A patch is what RFC 7396 says: mappings are merged, ``null`` takes a field away, everything else replaces what was
there. One thing is friendlier: an item of ``nodePools`` is merged over the base's pool. A patch stands below ``spec:``
unless all its keys are those of the whole file. A digest may be cut short: ``7c2e6913…``.
"""

from __future__ import annotations

import contextlib
import copy
import io
import re
import tempfile
from collections.abc import MutableMapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from hybridc.cli.main import main

_ROOT = {"apiVersion", "kind", "metadata", "spec"}
_DIGEST = re.compile(r"\b([0-9a-f]{8})…")
_HEAD = re.compile(r"hybrid\.yaml:\d+:\d+: ([A-Z]+\d{3}) (error|warning|info): ")


class Shown(NamedTuple):
    """A finding as a person sees it: head, line, caret and help."""

    code: str
    severity: str
    text: str


def patched(base: Path, patch: str) -> str:
    """The text of ``base`` with ``patch`` (YAML text) merged in; lists and values keep their form."""
    spec = copy.deepcopy(_loaded(base))
    change = _yaml().load(whole(patch))
    assert isinstance(change, MutableMapping), patch
    _merge(spec if change.keys() <= _ROOT else spec["spec"], change)
    text = io.StringIO()
    _yaml().dump(spec, text)
    return text.getvalue()


def whole(patch: str) -> str:
    """``patch`` with digests of full length."""
    return _DIGEST.sub(lambda cut: cut[1].ljust(64, "0"), patch)


def validated(text: str, *flags: str) -> tuple[int, list[Shown]]:
    """The exit code of ``hybridc validate [flags] hybrid.yaml``, and all findings of its report, each whole."""
    silent = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stderr(silent):
        Path("hybrid.yaml").write_text(text, encoding="utf-8")
        with contextlib.redirect_stdout(silent):
            exit_code = main(["validate", "--report", "said", *flags, "hybrid.yaml"])
        said = Path("said").read_text("utf-8")
    parts = re.split(r"(?m)^(?=hybrid\.yaml:\d)", said)
    return exit_code, [Shown(head[1], head[2], part) for part in parts if (head := _HEAD.match(part))]


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


@cache
def _loaded(base: Path) -> Any:
    return _yaml().load(base.read_text("utf-8"))


def _merge(target: Any, change: Any) -> None:
    for key, value in change.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, MutableMapping) and isinstance(target.get(key), MutableMapping):
            _merge(target[key], value)
        elif key == "nodePools" and isinstance(value, list):
            target[key] = [_over(target[key][0], item) for item in value]
        else:
            target[key] = value


def _over(pool: Any, change: Any) -> Any:
    found = copy.deepcopy(pool)
    _merge(found, change)
    return found
