#!/usr/bin/env python3
"""Put hybridc's wheel and all that it and its extras need into a folder, for machines without a package index.

Versions and hashes are those of requirements/dev.txt. The wheels are for the Python and the platform that this runs on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PINS = Path(__file__).resolve().parent.parent / "requirements" / "dev.txt"
EXTRAS = "alibaba,cluster,completion"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def main() -> int:
    """Make the folder anew beside the wheel; its requirements.txt has a hash for every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path, help="what `make dist` built")
    wheel = parser.parse_args().wheel
    house = wheel.parent / "wheelhouse"
    shutil.rmtree(house, ignore_errors=True)
    known = pins(PINS.read_text("utf-8"))
    with TemporaryDirectory(prefix="hybridc-wheelhouse-") as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text("".join(known[name] for name in needed(wheel, known, Path(folder))), "utf-8")
        pip("wheel", "--require-hashes", "--no-deps", "--wheel-dir", str(house), "--requirement", str(wanted))
    shutil.copy(wheel, house)
    (house / "requirements.txt").write_text(requirements(house), "utf-8")
    print(f"{house}: {len(list(house.glob('*.whl')))} wheels, and requirements.txt with their hashes")
    return 0


def pins(text: str) -> dict[str, str]:
    """Name → its lines in a requirements file: the version, a marker if there is one, the hashes."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    return {canonical(block.partition("==")[0]): block for block in blocks if "==" in block}


def needed(wheel: Path, known: dict[str, str], folder: Path) -> list[str]:
    """The names, as in ``known``, of what the wheel with its extras takes here at the pinned versions."""
    constraints, report = folder / "constraints.txt", folder / "report.json"
    versions = (block.partition("\\")[0].strip() for block in known.values())
    constraints.write_text("".join(f"{version}\n" for version in versions), "utf-8")
    pip(
        *("install", "--dry-run", "--ignore-installed", "--report", str(report)),
        *("--constraint", str(constraints), f"{wheel}[{EXTRAS}]"),
    )
    found = json.loads(report.read_text("utf-8"))["install"]
    return sorted({canonical(one["metadata"]["name"]) for one in found} - {"hybridc"})


def requirements(house: Path) -> str:
    """A line for each wheel of the folder: name, version and sha256."""
    lines = []
    for wheel in sorted(house.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{canonical(name)}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    return "".join(lines)


def canonical(name: str) -> str:
    """A package's name as an index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def pip(*arguments: str) -> None:
    """Run pip; what it says about a failure stands on stderr already."""
    if subprocess.run([*_PIP, *arguments], check=False).returncode:
        sys.exit("hybridc: could not gather the pinned packages: check the network and pip config list")


if __name__ == "__main__":
    sys.exit(main())
