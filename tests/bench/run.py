"""Time hybridc beside its peers, in CPU seconds: user and system of the process and its children.

``python tests/bench/run.py [--quick]`` prints a table; the budget stands beside each figure. It never fails: a
figure depends on the machine, so people read it. hybridc is the installed wheel, whose templates are compiled.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / ".tools" / "bin"
EXAMPLES = ("guide", "two-zone", "everything")
JSONSCHEMA = """
import json, sys, yaml, jsonschema
schema = json.load(open(sys.argv[1]))
data = json.loads(json.dumps(yaml.load(open(sys.argv[2]), yaml.CSafeLoader), default=str))
jsonschema.Draft202012Validator(schema).validate(data)
"""


class Figure(NamedTuple):
    """The median of some runs: CPU seconds, and the largest resident set in MiB."""

    seconds: float
    memory: float


def installed(folder: Path) -> str:
    """The folder of a wheel of this tree, installed without what it depends on: the interpreter has that."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    (wheel,), site = folder.glob("*.whl"), folder / "site"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps"]
    subprocess.run([*pip, "--target", str(site), str(wheel)], check=True)
    return str(site)


def measure(command: list[str], times: int, before: Callable[[], None] | None = None) -> Figure:
    """Run a command some times; ``before`` runs before each and is not measured."""
    names = ("PATH", "PYTHONPATH", "HOME")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    seconds, memory = [], []
    for _ in range(times):
        if before is not None:
            before()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as child:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"bench: {' '.join(command[:6])} ended with {child.returncode}")
        seconds.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss / 1024)
    return Figure(statistics.median(seconds), max(memory))


def fleet(folder: Path, count: int) -> list[str]:
    """Specs of ``count`` clusters: the examples in turn, each under a name and ids of its own."""
    texts = [(ROOT / "examples" / name / "hybrid.yaml").read_text(encoding="utf-8") for name in EXAMPLES]
    names = ("idc-hangzhou", "idc-shanghai", "idc-everything")
    clusters = [f"c{number}123456789abcdef0123456789abcdef" for number in range(3)]
    folder.mkdir()
    paths = []
    for number in range(count):
        which = number % len(texts)
        text = texts[which].replace(names[which], f"idc-{number:04}").replace(clusters[which], f"c{number:032x}")
        path = folder / f"idc-{number:04}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths


class Table:
    """Rows as they are measured, each with its budget."""

    def __init__(self) -> None:
        sys.stdout.write(f"{'':42}{'CPU s':>9}{'budget':>9}{'ratio':>7}{'MiB':>7}\n")

    def row(self, name: str, figure: Figure, budget: float | None = None) -> None:
        """Print one figure."""
        limit = f"{budget:9.2f}{figure.seconds / budget:7.2f}" if budget else " " * 16
        sys.stdout.write(f"{name:42}{figure.seconds:9.3f}{limit}{figure.memory:7.0f}\n")
        sys.stdout.flush()


def small(table: Table, hybridc: list[str], times: int, folder: Path) -> None:
    """Start-up, and one cluster."""
    bare = measure([sys.executable, "-c", ""], times)
    table.row("bare interpreter", bare)
    table.row("hybridc --version", measure([*hybridc, "--version"], times), bare.seconds + 0.02)
    for name in EXAMPLES:
        spec, out = str(ROOT / "examples" / name / "hybrid.yaml"), folder / name
        build = [*hybridc, "build", spec, "-o", str(out)]
        table.row(f"{name}: validate", measure([*hybridc, "validate", spec], times), 0.07)
        table.row(f"{name}: cold", measure(build, times, lambda out=out: shutil.rmtree(out, ignore_errors=True)), 0.10)  # type: ignore[misc]
        table.row(f"{name}: nothing changed", measure(build, times), 0.10)
        table.row(f"{name}: build --check", measure([*build, "--check"], times))


def large(table: Table, hybridc: list[str], count: int, times: int, folder: Path) -> None:
    """Many clusters in one call."""
    specs, out = fleet(folder / f"specs-{count}", count), folder / f"out-{count}"
    build = [*hybridc, "build", *specs, "-o", str(out)]
    share = count / 1000
    cold = measure(build, times, lambda: shutil.rmtree(out, ignore_errors=True))
    table.row(f"{count} clusters: cold", cold, 3.5 * share if share >= 1 else None)
    table.row(f"{count} clusters: nothing changed", measure(build, times), 3 * share if share >= 1 else None)
    copy = folder / "copy"
    bare = ["cp", "-r", str(out), str(copy)]
    table.row(f"{count} clusters: cp -r of the same files", measure(bare, 1))
    shutil.rmtree(copy)
    shutil.rmtree(out)


def peers(table: Table, times: int, folder: Path) -> None:
    """The same objects by other tools, and the same schema by another validator."""
    schema = str(ROOT / "schemas" / "hybrid.schema.json")
    for name in EXAMPLES:
        spec = str(ROOT / "examples" / name / "hybrid.yaml")
        (cluster,) = (path for path in (folder / name).iterdir() if (path / "hybridc.lock.json").exists())
        table.row(f"{name}: jsonschema", measure([sys.executable, "-c", JSONSCHEMA, schema, spec], times))
        if (cluster / "kustomize").exists():
            build = [str(TOOLS / "kustomize"), "build", str(cluster / "kustomize")]
            table.row(f"{name}: kustomize build", measure(build, times))
        if (cluster / "chart").exists():
            for helm in ("helm3", "helm4"):
                template = [str(TOOLS / helm), "template", "x", str(cluster / "chart"), "--kube-version", "1.34.2"]
                table.row(f"{name}: {helm} template", measure(template, times))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time hybridc beside its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer runs and no 1,000 clusters: at most 30 seconds")
    quick = parser.parse_args().quick
    hybridc = [sys.executable, "-m", "hybridc"]
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30 else None
    folder = Path(tempfile.mkdtemp(prefix="hybridc-bench-", dir=where))
    sys.stdout.write(f"Python {sys.version.split()[0]}, files on {'a file system in memory' if where else folder}\n")
    try:
        os.environ["PYTHONPATH"] = installed(folder / "wheel")
        table = Table()
        small(table, hybridc, 3 if quick else 10, folder)
        peers(table, 3 if quick else 10, folder)
        large(table, hybridc, 100, 1 if quick else 10, folder)
        if not quick:
            large(table, hybridc, 1000, 3, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
