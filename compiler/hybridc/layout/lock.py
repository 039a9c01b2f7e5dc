"""hybridc.lock.json: which hybridc wrote a folder, and a sha256 for every file of it.

It is an inventory and nothing else: it says which files are ours. What they should hold is compiled anew by every
build, so a lock that lies can neither hide a change nor bring one about.
"""

from __future__ import annotations

import hashlib
import json
import re
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any, NamedTuple

import hybridc

if TYPE_CHECKING:
    from hybridc.layout.tree import Tree

NAME = "hybridc.lock.json"
VERSION = 2

_KNOWN = (1, VERSION)
_CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*|\|{7}.*)\n?", re.MULTILINE)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
_TOOL = re.compile(r'^[ \t]*"hybridc": *"([^"\\]*)"', re.MULTILINE)
_FORMAT = re.compile(r'^[ \t]*"lockVersion": *(\d{1,9})\b', re.MULTILINE)
_FILE = re.compile(r'^[ \t]*("(?:[^"\\]|\\.)*"): *"([0-9a-f]{64})"', re.MULTILINE)


class NewerError(ValueError):
    """The lock is of a hybridc that is newer than this one."""


class Lock(NamedTuple):
    """``files``: path → the sha256 (64 hex) that hybridc wrote, or two when both sides of a merge have one.

    ``conflicted``: the file holds an unresolved merge. ``tool`` is the hybridc that wrote it, X.Y.Z ("": unknown), the
    newer one of both sides.
    """

    files: dict[str, tuple[str, ...]]
    conflicted: bool = False
    tool: str = ""


def sha256(data: bytes) -> str:
    """The digest of a file, 64 hex."""
    return hashlib.sha256(data).hexdigest()


def text(tree: Tree) -> bytes:
    """The lock file for a tree, a line for each file: the same bytes wherever and whenever it is made."""
    files = ",\n".join(f"    {quoted(path)}: {quoted(sha256(data))}" for path, data in sorted(tree.items()))
    head = f'{{\n  "lockVersion": {VERSION},\n  "hybridc": {quoted(hybridc.__version__)},\n'
    return f'{head}  "files": {{\n{files}\n  }}\n}}\n'.encode()


def parse(raw: bytes) -> Lock:
    """Read a lock file, one of an older hybridc or one with conflict markers too.

    ValueError when it is damaged, NewerError when a newer hybridc wrote it; the text says why.
    """
    try:
        found = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if _CONFLICT.search(found):
        return _merged(found)
    try:
        content = json.loads(found)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return Lock(_files(content), tool=_tool(content))


def _files(content: Any) -> dict[str, tuple[str, ...]]:
    version = content.get("lockVersion") if isinstance(content, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise NewerError(newer_text(_tool(content)))
    files = content.get("files") if version in _KNOWN else None
    if not isinstance(files, dict) or not all(map(_is_digest, files.values())):
        raise ValueError("it is not a lock file")
    if not all(map(is_safe, files)):
        raise ValueError("it names files outside of its folder")
    return {path: (digest,) for path, digest in files.items()}


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _tool(content: dict[str, Any]) -> str:
    return _version(content.get("hybridc"))


def _version(version: object) -> str:
    return version if isinstance(version, str) and re.fullmatch(r"[0-9A-Za-z.+-]{1,40}", version) else ""


def is_newer(tool: str) -> bool:
    """Whether a lock's ``tool`` is newer than this hybridc; one that is no version is not."""
    return _numbers(tool) > _numbers(hybridc.__version__)


def newer_text(tool: str) -> str:
    """What is said of a lock that a newer hybridc wrote."""
    return f"a newer hybridc wrote it ({tool or 'unknown'}), this is {hybridc.__version__}"


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version, without zeros at the end: 0.1 is 0.1.0."""
    found = _NUMBERS.match(version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        del numbers[-1]
    return tuple(numbers)


def _merged(found: str) -> Lock:
    """The union of both sides of a conflict: every path that one of them names is ours, with the digests of both."""
    tool = max(map(_version, _TOOL.findall(found)), key=_numbers, default="")
    if any(int(version) > VERSION for version in _FORMAT.findall(found)):
        raise NewerError(newer_text(tool))
    files: dict[str, dict[str, None]] = {}
    for path, digest in ((json.loads(match[1]), match[2]) for match in _FILE.finditer(found)):
        if is_safe(path):
            files.setdefault(path, {})[digest] = None
    return Lock({path: tuple(digests) for path, digests in files.items()}, conflicted=True, tool=tool)


def is_safe(path: str) -> bool:
    """Whether a path stays within its folder: relative, without empty parts, ``.`` and ``..``."""
    return "\0" not in path and not {"", ".", ".."}.intersection(path.split("/"))
