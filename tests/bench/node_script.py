"""Time the node script on a booted Debian 12 that really joins: its own seconds, and those of what it calls.

``python tests/bench/node_script.py [--quick]`` prints a table; the budget stands beside its figure. It needs what
tests/node_boot needs, and says what is missing. It never fails over a figure: that depends on the machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(1, str(Path(__file__).resolve().parents[2] / "compiler"))

import pytest
from tests import pinned
from tests.node_boot import join, mirror
from tests.node_boot.control_plane import ControlPlane, control_plane
from tests.node_boot.machine import Machine, machine
from tests.node_boot.world import world
from tests.node_script.repositories import signing_key

BUDGET = 2.0
CALLED = {"apt-get": "package manager", "apt-mark": "package manager", "kubeadm": "kubeadm", "curl": "downloads"}
# First in the script's PATH: notes how long the real one took. A curl that is no download is the script's own.
SHIM = r"""#!/bin/bash
name=${0##*/} began=$EPOCHREALTIME
if [[ $name == curl && $* != *--speed-limit* ]]; then exec /usr/bin/curl "$@"; fi
"/usr/bin/$name" "$@"
status=$?
printf '%s %s %s\n' "$name" "$began" "$EPOCHREALTIME" >>/run/times
exit "$status"
"""


@contextmanager
def cluster(folder: Path) -> Iterator[ControlPlane]:
    """A control plane and a mirror."""
    with ExitStack() as stack:
        key = stack.enter_context(signing_key(folder / "gnupg"))
        around = stack.enter_context(world(folder / "world"))
        mirror.fill(around, pinned.program, pinned.folder("debian-12") / "debs", key)
        yield stack.enter_context(control_plane(pinned.program, around))


def measure(node: Machine, plane: ControlPlane) -> tuple[dict[str, float], float]:
    """Seconds of a join by who spent them, and of a second run."""
    mirror.use(node)
    for name in CALLED:
        node.write(f"/usr/local/sbin/{name}", SHIM)
        node.run("chmod", "+x", f"/usr/local/sbin/{name}")
    script, given = join.script(plane, join.from_url(plane)), join.environment(node)
    first = node.init(script, given)
    if first.status != 0:
        sys.exit(f"bench: the join ended with {first.status}\n{first.log}")
    spent = dict.fromkeys(CALLED.values(), 0.0)
    for line in node.read("/run/times").splitlines():
        name, began, ended = line.split()
        spent[CALLED[name]] += float(ended) - float(began)
    spent["the script itself"] = first.seconds - sum(spent.values())
    return spent, node.init(script, given).seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time the node script on a booted node.")
    parser.add_argument("--quick", action="store_true", help="one node instead of five")
    count = 1 if parser.parse_args().quick else 5
    joins, seconds = [], []
    with tempfile.TemporaryDirectory(prefix="hybridc-bench-") as folder, cluster(Path(folder)) as plane:
        for number in range(count):
            with machine(pinned.folder("debian-12"), plane.world, number) as node:
                spent, again = measure(node, plane)
                joins.append(spent)
                seconds.append(again)
    sys.stdout.write(f"{'node script, a join':42}{'wall s':>9}{'budget':>9}\n")
    for name in joins[0]:
        limit = f"{BUDGET:9.2f}" if name == "the script itself" else ""
        sys.stdout.write(f"  {name:40}{statistics.median(spent[name] for spent in joins):9.2f}{limit}\n")
    sys.stdout.write(f"{'node script, already joined':42}{statistics.median(seconds):9.2f}{BUDGET:9.2f}\n")


if __name__ == "__main__":
    try:
        main()
    except pytest.fail.Exception as missing:
        sys.exit(f"bench: {missing}")
