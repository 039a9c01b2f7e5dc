#!/usr/bin/env python3
"""Turn a kubernetes-validate wheel into the folder layout that kubeconform reads.

    python3 tools/kubernetes_schemas.py WHEEL DEST 1.25 1.26 …

writes DEST/v1.25.0-standalone-strict/<kind>-<group>-<version>.json and so on.
kubeconform's default file naming fits as it is; what has to go is every
reference that it would try to fetch from the network:

- "$id" makes "$ref" relative to a web address;
- "/api/_definitions.json#…" is a path of that web site.

Only the strict variant is kept: the other accepts unknown keys, which is no test.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

DEFINITIONS = "_definitions.json"
WEB_REF = f"/api/{DEFINITIONS}#"
# A member of the wheel: release, file name.
MEMBER = re.compile(r"kubernetes_validate/kubernetes-json-schema/v([\d.]+)-local-strict/([^/]+\.json)")


def convert(wheel: Path, dest: Path, minors: list[str]) -> None:
    """Write the strict schemas of `minors` ("1.25", …) from `wheel` below `dest`.

    Raises ValueError when the wheel lacks a release that was asked for.
    """
    missing = set(minors)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            found = MEMBER.fullmatch(name)
            if found is None or found[1].removesuffix(".0") not in minors:
                continue
            missing.discard(found[1].removesuffix(".0"))
            target = dest / f"v{found[1]}-standalone-strict" / found[2]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(localised(archive.read(name), found[2]), "utf-8")
    if missing:
        raise ValueError(f"{wheel.name} lacks Kubernetes {', '.join(sorted(missing))}")


def localised(schema: bytes, file_name: str) -> str:
    """The schema file with every reference pointing into its own folder."""
    here = "#" if file_name == DEFINITIONS else f"{DEFINITIONS}#"
    document = json.loads(schema)
    document.pop("$id", None)
    return json.dumps(_rewritten(document, here), separators=(",", ":"), sort_keys=True)


def _rewritten(node: Any, here: str) -> Any:
    """`node` with each "$ref" to the web site's definitions pointing `here`."""
    if isinstance(node, list):
        return [_rewritten(item, here) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: here + value.removeprefix(WEB_REF)
        if name == "$ref" and isinstance(value, str) and value.startswith(WEB_REF)
        else _rewritten(value, here)
        for name, value in node.items()
    }


def main(argv: list[str]) -> int:
    """Command line; exit 0, 1 when the wheel lacks a release, 2 for bad arguments."""
    if len(argv) < 3:
        print(f"usage: {Path(__file__).name} WHEEL DEST MINOR…", file=sys.stderr)
        return 2
    try:
        convert(Path(argv[0]), Path(argv[1]), argv[2:])
    except (OSError, ValueError) as error:
        print(f"kubernetes_schemas: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
