"""hybridc.lock.json: what wrote a folder, from what, and a sha256 for every file of it.

The same bytes wherever and whenever it is made. It is the inventory for pruning and for noticing edits, and it holds
the findings of the build, so that a build with nothing to do still shows them.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

import hybridc
from hybridc import resources
from hybridc.diagnostics.model import ERROR, INFO, WARNING, Diagnostic, Place

NAME = "hybridc.lock.json"
VERSION = 1
_SUM, _END = ',\n  "sum": "', b"\n}\n"
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_LIMIT = 16 * 1024 * 1024


Claim = list[Any]
"""What no second spec of a call may write as well: a phrase, the four numbers of a Place, a JSON pointer."""


class Lock(NamedTuple):
    """The parts of a lock file that are read again.

    ``until`` is the last day (ISO) that ``findings`` are true for; ``claims`` is what no second spec of a call may
    write as well. ``intact``: nobody has touched the file since it was written.
    """

    intact: bool
    compiler: str
    spec: str
    options: str
    until: str | None
    claims: list[Claim]
    fleet: dict[str, Any]
    findings: list[list[Any]]
    files: dict[str, str]


def sha256(data: bytes) -> str:
    """The digest of a file, 64 hex."""
    return hashlib.sha256(data).hexdigest()


@cache
def compiler() -> str:
    """Version and digest of this compiler: its modules, its facts, the schema and the templates."""
    digest = hashlib.sha256()
    package = os.path.dirname(os.path.abspath(hybridc.__file__))
    for name, folder in (("hybridc", package), ("schemas", _part("schemas")), ("templates", _part("chart-templates"))):
        for path in sorted(_sources(folder)):
            with open(os.path.join(folder, path), "rb") as file:
                content = file.read()
            digest.update(f"{name}/{path} {len(content)}\n".encode() + content)
    return f"{hybridc.__version__}+{digest.hexdigest()[:16]}"


def _part(name: str) -> str:
    return os.path.join(resources.ROOT, name)


def _sources(folder: str, below: str = "") -> list[str]:
    found: list[str] = []
    for entry in os.scandir(os.path.join(folder, below)):
        path = f"{below}{entry.name}"
        if entry.is_dir():
            if entry.name not in ("__pycache__", "_data"):
                found += _sources(folder, path + "/")
        elif not entry.name.endswith(".pyc"):
            found.append(path)
    return found


class Inputs(NamedTuple):
    """What a tree was made from: digest of the spec, build options, and as in :class:`Lock` the rest."""

    spec: str
    options: str
    until: str | None
    claims: list[Claim]
    fleet: dict[str, Any]
    findings: list[Diagnostic]


def text(inputs: Inputs, tree: dict[str, bytes]) -> bytes:
    """The lock file for a tree."""
    content: dict[str, Any] = {
        "lockVersion": VERSION,
        "compiler": compiler(),
        "apiVersion": "hybridc.dev/v1alpha1",
        "spec": inputs.spec,
        "options": inputs.options,
        "claims": inputs.claims,
        "fleet": inputs.fleet,
    }
    if inputs.until is not None:
        content["findingsUntil"] = inputs.until
    content["findings"] = [[d.code, d.severity, *d.place, d.pointer, d.message, d.help] for d in inputs.findings]
    content["files"] = {path: sha256(data) for path, data in sorted(tree.items())}
    whole = _dump(content)
    return whole.removesuffix(_END) + f'{_SUM}{sha256(whole)}"'.encode() + _END


def _dump(content: dict[str, Any]) -> bytes:
    """A line for each finding and each file: what a reviewer sees in a diff is what changed."""
    lines = []
    for key, value in content.items():
        if key in ("claims", "findings") and value:
            body = ",\n    ".join(_ENCODER.encode(item) for item in value)
            lines.append(f'  "{key}": [\n    {body}\n  ]')
        elif key == "fleet" and value:
            body = ",\n    ".join(f"{json.dumps(part)}: {json.dumps(inner)}" for part, inner in value.items())
            lines.append(f'  "fleet": {{\n    {body}\n  }}')
        elif key == "files":
            body = ",\n    ".join(f"{quoted(path)}: {quoted(digest)}" for path, digest in value.items())
            lines.append(f'  "files": {{\n    {body}\n  }}')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def read(folder: str) -> Lock | None:
    """The lock of a cluster's folder; None when there is none. ValueError when it is damaged."""
    path = os.path.join(folder, NAME)
    if not os.path.lexists(path):
        return None
    try:
        raw = _bytes(path)
        content = json.loads(raw)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(content, dict) or content.get("lockVersion") != VERSION:
        raise ValueError("not a lock file of this version")
    parts = {"files": dict, "findings": list, "claims": list, "fleet": dict}
    if not all(isinstance(content.get(part), kind) for part, kind in parts.items()):
        raise ValueError("not a lock file")
    files = content["files"]
    if not all(_is_safe(path) and isinstance(digest, str) for path, digest in files.items()):
        raise ValueError("it names files outside of its folder")
    until, claims = content.get("findingsUntil"), content["claims"]
    if not all(map(_is_finding, content["findings"])) or not isinstance(until, str | None):
        raise ValueError("its findings are none")
    if not all(map(_is_claim, claims)):
        raise ValueError("its claims are none")
    return Lock(
        _is_intact(raw),
        str(content.get("compiler")),
        str(content.get("spec")),
        str(content.get("options")),
        until,
        claims,
        content["fleet"],
        content["findings"],
        files,
    )


def _is_intact(raw: bytes) -> bool:
    """Whether the sum at the end is that of the rest. It tells of accidents: whoever edits can also count."""
    body, _, rest = raw.rpartition(_SUM.encode())
    return rest == f'{sha256(body + _END)}"'.encode() + _END


def _bytes(path: str) -> bytes:
    """The content of a regular file of a size that makes sense; nothing that blocks, never ends or lies elsewhere."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise ValueError("not a regular file")
    with open(path, "rb", opener=_opener) as file:
        if os.fstat(file.fileno()).st_size > _LIMIT:
            raise ValueError(f"larger than {_LIMIT} bytes")
        return file.read(_LIMIT)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _is_safe(path: str) -> bool:
    return bool(path) and path[0] != "/" and "\0" not in path and ".." not in path.split("/")


def _is_claim(item: object) -> bool:
    """Whether it has the form of a :data:`Claim`."""
    if not isinstance(item, list) or len(item) != 6:
        return False
    what, *place, pointer = item
    return isinstance(what, str) and isinstance(pointer, str) and all(type(number) is int for number in place)


def _is_finding(item: object) -> bool:
    """Whether it is what :func:`text` writes: code, severity, four numbers, pointer, message, help."""
    if not isinstance(item, list) or len(item) != 9 or item[1] not in (ERROR, WARNING, INFO):
        return False
    words, numbers = item[:2] + item[6:], item[2:6]
    return all(type(word) is str for word in words) and all(type(n) is int and n > 0 for n in numbers)


def findings(lock: Lock, path: str) -> list[Diagnostic]:
    """The findings that the lock keeps, for the spec at ``path``."""
    return [
        Diagnostic(code, severity, path, Place(*place), message, help_, pointer)
        for code, severity, *place, pointer, message, help_ in lock.findings
    ]
