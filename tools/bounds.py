#!/usr/bin/env python3
"""Run tests with the lowest, or the highest, versions of the packages that pyproject.toml allows.

python3 tools/bounds.py lowest|highest [TEST…]

Whoever installs hybridc gets neither of the pins in requirements/: what pyproject.toml promises has to be true by
itself. A new environment is made in build/bounds-<which>, from the index that pip is told of.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
TESTS = (
    *("tests/source", "tests/schema", "tests/errors", "tests/spec", "tests/output", "tests/cli"),
    *("tests/rules/eni_config", "tests/rules/test_examples.py", "tests/rules/test_variants.py"),
)
_LOWER = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*>=\s*([0-9][0-9A-Za-z.]*)")


def requirements() -> list[str]:
    """What hybridc and each of its extras need, as pyproject.toml has it."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]


def lowest(wanted: list[str]) -> list[str]:
    """``name==version`` for every requirement with a lower bound: the highest of them where there are several."""
    found: dict[str, tuple[int, ...]] = {}
    for match in map(_LOWER.match, wanted):
        if match:
            version = tuple(int(part) for part in match[2].split("."))
            found[match[1].lower()] = max(found.get(match[1].lower(), ()), version)
    return [f"{name}=={'.'.join(map(str, version))}" for name, version in sorted(found.items())]


def environment(which: str) -> Path:
    """The interpreter of a new environment with these versions."""
    folder = REPO / "build" / f"bounds-{which}"
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    python, wanted = folder / "bin" / "python", requirements()
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(lowest(wanted) if which == "lowest" else []) + "\n", "utf-8")
    options = ["--quiet", "--disable-pip-version-check", "--upgrade", "--constraint", str(constraints)]
    subprocess.run([python, "-m", "pip", "install", *options, *wanted], check=True)
    return python


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code of the tests, 3 when the packages cannot be installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=("lowest", "highest"))
    parser.add_argument("tests", nargs="*", default=TESTS, help=f"what pytest runs (default: {' '.join(TESTS)})")
    arguments = parser.parse_args(argv)
    try:
        python = environment(arguments.which)
    except subprocess.CalledProcessError as error:
        print(f"bounds: pip could not install the {arguments.which} versions: {error}", file=sys.stderr)
        return 3
    subprocess.run([python, "-m", "pip", "list", "--disable-pip-version-check"], check=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments.tests]
    return subprocess.run(command, cwd=REPO, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
