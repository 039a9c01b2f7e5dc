#!/usr/bin/env python3
"""Set up the pinned tools that tests and people run.

    python3 tools/install.py [--group GROUP]… [NAME…]  build what is missing, link it into .tools/
    python3 tools/install.py --list                    every tool, and whether it is built
    python3 tools/install.py --where NAME              the path of one built tool

A tool is built once a machine into $HYBRIDC_CACHE (default: hybridc in the
user's cache folder) under the hash of everything that decides it. Exit 0, 2 for
wrong arguments, 3 when something is missing (one line says what), 130 on Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 (run by whatever python3 the machine has)
    print(f"install: needs Python 3.11 or newer, {sys.executable} is {sys.version.split()[0]}", file=sys.stderr)
    sys.exit(3)

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.toolbox import SetupError, catalog, debian, golang, image, npm, store, wheel
from tools.toolbox.catalog import Tool

BUILDERS: dict[str, store.Builder] = {
    "go": golang.build,
    "files": golang.copy,
    "wheel": wheel.unpack,
    "source": wheel.files,
    "schemas": wheel.schemas,
    "npm": npm.unpack,
    "image": image.build,
}
# What a builder needs on this machine; raises SetupError with the command that brings it.
REQUIRED: dict[str, Callable[[Tool], object]] = {
    "go": golang.program,
    "files": golang.program,
    "debian": debian.missing,
    "wheel": wheel.require_pip,
    "source": wheel.require_pip,
    "schemas": wheel.require_pip,
    "npm": npm.program,
    "image": image.require,
}


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tools = catalog.load()
    args = arguments(tools, argv)
    try:
        if args.where:
            return where(tools[args.where])
        groups = args.groups or ([] if args.names or args.list else ["core"])
        chosen = [tool for tool in tools.values() if tool.name in args.names or tool.group in groups]
        return show(chosen or list(tools.values())) if args.list else install(chosen)
    except KeyboardInterrupt:
        print("\ninstall: interrupted; what was finished stays", file=sys.stderr)
        return 130


def arguments(tools: dict[str, Tool], argv: list[str] | None) -> argparse.Namespace:
    """Parse `argv`; names and groups are checked against tools.toml (exit 2)."""
    parser = argparse.ArgumentParser(description="Set up the pinned tools of tools/tools.toml.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these tools")
    groups = sorted({tool.group for tool in tools.values()})
    parser.add_argument("--group", action="append", default=[], choices=groups, dest="groups")
    parser.add_argument("--list", action="store_true", help="show the tools, build nothing")
    parser.add_argument("--where", choices=list(tools), metavar="NAME", help="print the path of a built tool")
    args = parser.parse_args(argv)
    unknown = [name for name in args.names if name not in tools]
    if unknown:
        parser.error(f"no tool {', '.join(unknown)}; there are {', '.join(tools)}")
    return args


def install(tools: list[Tool]) -> int:
    """Build what is missing and link all; go on after a failure, and name each cause once. Exit 0 or 3."""
    missing = [tool for tool in tools if not store.entry(tool).exists()]
    lacking = _failures(missing, lambda tool: REQUIRED[tool.kind](tool))
    if lacking:
        return _report(lacking)
    if missing:
        print(f"hybridc: {len(missing)} of {len(tools)} tools to set up{_takes(missing)}", flush=True)

    def one(tool: Tool) -> None:
        if tool in missing:
            _build(tool, missing)
        store.link(tool)

    return _report(_failures(tools, one))


def _failures(tools: list[Tool], do: Callable[[Tool], object]) -> dict[str, list[str]]:
    """Do it with each: cause -> the names of the tools that failed for it."""
    found: dict[str, list[str]] = {}
    for tool in tools:
        try:
            do(tool)
        except (SetupError, OSError) as error:
            found.setdefault(str(error), []).append(tool.name)
    return found


def _report(failures: dict[str, list[str]]) -> int:
    """A line for each cause. Exit 3, 0 when there is none."""
    for cause, names in failures.items():
        print(f"hybridc: {', '.join(names)}: {cause}", file=sys.stderr)
    return 3 if failures else 0


def _build(tool: Tool, missing: list[Tool]) -> None:
    """Build `tool`; what is said shows where we are, how long it takes, and what comes next."""
    number = missing.index(tool)
    following = f"; then {missing[number + 1].name}" if tool is not missing[-1] else ""
    where = f"{number + 1} of {len(missing)}{_takes([tool])}{following}"
    print(f"  {tool.name} {tool.version}: {where} … ", end="", flush=True)
    start = time.monotonic()
    try:
        store.make(tool, BUILDERS[tool.kind], _waiting)
    except (SetupError, OSError):
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:.0f} s", flush=True)


def _takes(tools: list[Tool]) -> str:
    """What they took when it was measured; nothing when that is not worth saying."""
    seconds = sum(tool.seconds for tool in tools)
    return f", {seconds} s last time on two cores" if seconds else ""


def _waiting() -> None:
    print("another install is building it, waiting … ", end="", flush=True)


def show(tools: list[Tool]) -> int:
    """Print one line a tool. Exit 0."""
    for tool in tools:
        state = "built" if store.entry(tool).exists() else "-"
        print(f"{tool.name:<23} {tool.version:<10} {tool.group:<10} {state:<6} {tool.purpose}")
    return 0


def where(tool: Tool) -> int:
    """Print the cache path of `tool`. Exit 0, 3 when it is not built."""
    path: Path = store.entry(tool)
    if not path.exists():
        print(f"install: {tool.name} is not built: python3 tools/install.py {tool.name}", file=sys.stderr)
        return 3
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
