"""The worst shapes that a spec or an eni-config can have, at n and 2n: CPU seconds and MiB of ``validate``.

``python tests/bench/shapes.py`` prints a table. Where a row doubles, time and memory grow with the input; the limits of
a file (1 MiB, 10,000 values) end each row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = (ROOT / "examples" / "guide" / "hybrid.yaml").read_text(encoding="utf-8")


def spec(old: str, new: str) -> str:
    """The guide's spec with some of its text replaced."""
    if old not in SPEC:
        sys.exit(f"bench: the guide's spec has no {old!r}")
    return SPEC.replace(old, new, 1)


class Shape(NamedTuple):
    """What is measured: a name, the larger n, and the text that grows; ``eni`` is for ``--eni-config``."""

    name: str
    number: int
    text: Callable[[int], str]
    eni: bool = False


def pods(number: int) -> str:
    """vSwitches of one CIDR: each overlaps all others."""
    rows = "".join(f"        - {{id: vsw-a{one}, zone: cn-hangzhou-j, cidr: 10.10.25.0/24}}\n" for one in range(number))
    return spec("      podVSwitches:\n", f"      podVSwitches:\n{rows}")


SHAPES = (
    Shape("vSwitches of one CIDR", 1400, pods),
    Shape("wrong values in a list", 9400, lambda n: spec("[192.168.0.0/24]", json.dumps(list(range(n))))),
    Shape("empty objects in a list", 9400, lambda n: spec("[192.168.0.0/24]", json.dumps([{}] * n))),
    Shape(
        "unknown fields",
        4600,
        lambda n: spec("  terway:\n", "  terway:\n" + "".join(f"    versio{i}: 1\n" for i in range(n))),
    ),
    Shape(
        "extraEniConf: secretN keys",
        4600,
        lambda n: spec(
            "  terway:\n", "  terway:\n    extraEniConf:\n" + "".join(f"      secret{i}: x\n" for i in range(n))
        ),
    ),
    Shape(
        "<path: without an end",
        120_000,
        lambda n: spec("  nodeInit:\n", f"  nodeInit:\n    hooks: {{pre: '{'<path:' * n}'}}\n"),
    ),
    Shape(
        "wrong values and empty lines",
        400_000,
        lambda n: spec("[192.168.0.0/24]", json.dumps(list(range(400)))) + "\n" * n,
    ),
    Shape("syntax that ends nowhere", 500_000, lambda n: "a: " + "[" * n),
    Shape("letters that end nowhere", 1_000_000, lambda n: 'a: "' + "k" * n),
    Shape(
        "eni-config: one vSwitch again and again",
        9000,
        lambda n: json.dumps({"vswitches": {"cn-hangzhou-j": ["vsw-a"] * n}}),
        True,
    ),
    Shape("eni-config: unknown keys", 9000, lambda n: json.dumps({f"max_pool_siz{i}": 1 for i in range(n)}), True),
)


def measure(shape: Shape, number: int, folder: Path) -> tuple[float, float]:
    """CPU seconds and MiB of one run."""
    path = folder / "shape"
    path.write_text(shape.text(number), encoding="utf-8")
    command = [sys.executable, "-m", "hybridc", "validate", *(["--eni-config"] if shape.eni else []), str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 2):
        sys.exit(f"bench: {shape.name} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    sys.stdout.write(f"{'':42}{'n':>9}{'CPU s':>8}{'MiB':>6}{'2n: CPU s':>12}{'MiB':>6}\n")
    with tempfile.TemporaryDirectory(prefix="hybridc-bench-") as name:
        for shape in SHAPES:
            half, whole = (measure(shape, number, Path(name)) for number in (shape.number // 2, shape.number))
            sys.stdout.write(
                f"{shape.name:42}{shape.number // 2:>9,}{half[0]:8.2f}{half[1]:6.0f}{whole[0]:12.2f}{whole[1]:6.0f}\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
