"""Specs with a secret somewhere, however written, and all that hybridc says of them in every format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import yaml
from hypothesis import strategies as st

from hybridc.compile import front
from hybridc.diagnostic import Diagnostic
from hybridc.report.digest import Digest
from hybridc.report.reporter import FORMATS, Reporter
from hybridc.source.document import Document

ROOT = Path(__file__).resolve().parents[2]
SPEC: dict[str, Any] = yaml.safe_load((ROOT / "examples/everything/hybrid.yaml").read_text("utf-8"))
_MARK = "MARKMARK"
LOWER, ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def chance(alphabet: str, least: int, most: int | None = None) -> st.SearchStrategy[str]:
    """Letters by chance, and not what hypothesis finds simple: a part of that stands in messages and digests too."""
    lengths = st.integers(least, most or least)
    return st.builds(lambda seed, length: "".join(Random(seed).choices(alphabet, k=length)), st.integers(0), lengths)


KINDS: dict[str, st.SearchStrategy[str]] = {
    "AccessKey id": chance(ALNUM, 12, 26).map("LTAI{}".format),
    "bootstrap token": st.builds("{}.{}".format, chance(LOWER, 6), chance(LOWER, 16)),
    "join token": st.builds(
        "K10{}::{}:{}".format, chance("0123456789abcdef", 64), st.just("server"), chance(ALNUM, 20)
    ),
    "JSON web token": st.builds("eyJ{}.{}.{}".format, *[chance(ALNUM + "-_", 8, 40)] * 3),
    "private key": st.builds(
        "-----BEGIN {0}PRIVATE KEY-----\n{1}\n{2}\n-----END {0}PRIVATE KEY-----".format,
        st.sampled_from(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]),
        *[chance(ALNUM + "+/", 64)] * 2,
    ),
    "password in a URL": st.builds("https://{}:{}@git.example.com/a.git".format, st.just("ci"), chance(ALNUM, 12)),
    "signature in a URL": chance(ALNUM, 20).map("https://a.example.com/x?Expires=1&Signature={}".format),
    "AccessKey pair": st.builds("AK=LTAI{} SK={}".format, chance(ALNUM, 20), chance(ALNUM, 30)),
}
# What of such a text is no secret: its fixed words.
_FIXED = re.compile(r"-----(?:BEGIN|END)[A-Z ]*-----|https://|@git\.example\.com/a\.git|a\.example\.com/x\?Expires=1&")
LITERALS = chance(ALNUM + ALNUM + "-+/", 7, 40).map("q7{}".format)
TELLING = (
    *("access_key", "accessKeySecret", "secret", "password", "passwd", "pwd", "passphrase", "token", "apiToken"),
    *(
        "credential",
        "credentials",
        "privateKey",
        "private_key",
        "apiKey",
        "api-key",
        "client-key-data",
        "authorization",
    ),
)


def grams(secret: str) -> set[str]:
    """Every six letters of a secret, without its fixed words."""
    bare = (
        re.sub("K10[0-9a-f]+", "\n", _FIXED.sub("\n", secret))
        .replace("Signature=", "\n")
        .replace("SK=", "\n")
        .replace("::server:", "\n")
    )
    parts = bare.split("\n")
    return {part[start : start + 6] for part in parts for start in range(len(part) - 5)}


def spellings(secret: str, indent: str) -> Iterator[str]:
    """A text as YAML writes it; ``indent`` is that of the lines below a key."""
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    yield f'"{quoted}"'
    yield f'\n{indent}"{quoted}"'
    yield '"' + "".join(f"\\x{ord(c):02x}" for c in secret) + '"'
    some = (f"\\u{ord(c):04x}" if place % 5 == 4 else c for place, c in enumerate(secret))
    yield '"' + "".join(some).replace("\n", "\\n") + '"'
    half = len(secret) // 2
    if "\n" not in secret:
        yield secret
        yield f"'{secret}'"
        yield f'!!str "{secret}"'
        yield f'&anchor "{secret}"'
        if re.fullmatch("[A-Za-z0-9.]+", secret):
            yield f"!{secret} x"
        yield f'"{secret[:half]}\\\n{indent}{secret[half:]}"'
        yield f'["{secret}"]'
        yield f'{{a: "{secret}"}}'
        yield f'{{"{secret}": a}}'
        yield f'"{secret}" # and {secret}'
        yield f"# {secret}\n{indent}x"
    for style in ("|", ">", "|-", ">+"):
        lines = f"\n{indent}".join(secret.split("\n"))
        yield f"{style}\n{indent}{lines}"
    yield f"|\n{indent}run --it\n{indent}with '{half and secret}'\n".rstrip() if "\n" not in secret else f'"{quoted}"'


BREAKS = (
    "{}",
    "{}\n  bad: [1, 2\n",
    "{}\n  - x\n",
    "{}\n---\na: b\n",
    '{}\nbad: "never closed\n',
    "bad: a: b\n{}",
    "\t{}",
)
"""What makes a file one that cannot be read as a whole, before or behind the secret."""


def pointers(node: Any = SPEC, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of the example."""
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, below in items:
        yield from pointers(below, (*path, key))


PLACES = list(pointers())


def _at(path: tuple[Any, ...], key: str | None, value: str) -> Any:
    """The example with a value at a place, or beside it under a key."""
    data = deepcopy(SPEC)
    holder: Any = data
    for part in path[:-1]:
        holder = holder[part]
    if key is None:
        holder[path[-1]] = value
    elif isinstance(holder, dict):
        holder[key] = value
    else:
        holder[path[-1]] = {key: value}
    return data


@st.composite
def specs(draw: st.DrawFn, secret: str, key: str | None = None) -> str:
    """The example with a secret at a place of it, written somehow; ``key``: under this one."""
    text = yaml.safe_dump(_at(draw(st.sampled_from(PLACES)), key, _MARK), sort_keys=False, width=10_000)
    line = next(line for line in text.split("\n") if _MARK in line)
    indent = " " * (len(line) - len(line.lstrip("- ")) + 2)
    every = list(spellings(secret, indent))
    return draw(st.sampled_from(BREAKS)).format(text.replace(_MARK, draw(st.sampled_from(every)), 1))


def said(text: str, path: str = "hybrid.yaml") -> str:
    """All that is said of a spec, in every format."""
    checked = front(path, text.encode(), "2026-01-01")
    return rendered(checked.found, checked.document)


def rendered(found: list[Diagnostic], document: Document | None) -> str:
    """Findings in every format."""
    parts: list[str] = []
    for form in FORMATS:
        reporter = Reporter(form, Digest(), keep=True)
        reporter.take(found, document)
        parts += [reporter.document(), reporter.text()]
    return "".join(parts)
