"""Debian 12 as a folder to boot."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.toolbox import SetupError
from tools.toolbox.catalog import Tool

SUITE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# What an image of ECS has before a node script comes.
INSTALLED = (
    "ca-certificates",
    "curl",
    "dbus",
    "iproute2",
    "iptables",
    "kmod",
    "libseccomp2",
    "procps",
    "systemd",
    "systemd-sysv",
    "util-linux",
)
# Kept as .debs, for the repository that the script installs from and for the image of a Pod.
KEPT = ("busybox-static", "containerd", "containernetworking-plugins", "runc")
TRIES = 3
# Look-ups that nobody answers would wait ten seconds each, and a saved id would be the same on every machine.
FINISH = """
set -eu
cd "$1"
chroot . sh -c "apt-get -q update && cd /debs-of-image && apt-get -q download $2"
rm -rf etc/resolv.conf var/lib/apt/lists/* var/cache/apt/*.bin etc/hostname var/log/*.log
: >etc/resolv.conf
: >etc/machine-id
: >etc/apt/sources.list
"""


def require(_tool: Tool) -> None:
    """Raise SetupError on a machine that cannot make an image."""
    if os.geteuid() != 0:
        raise SetupError("needs root, for a file system with its owners and devices")
    if shutil.which("debootstrap") is None or not KEYRING.exists():
        packages = "debootstrap debian-archive-keyring"
        raise SetupError(f"needs debootstrap: sudo apt-get install -y --no-install-recommends {packages}")


def build(tool: Tool, folder: Path) -> None:
    """Write `folder/<tool.name>` with `root`, the file system, and `debs`; raises SetupError."""
    root = folder / tool.name / "root"
    root.mkdir(parents=True)
    _debootstrap(root)
    (root / "debs-of-image").mkdir()
    _run(["sh", "-c", FINISH, "sh", str(root), " ".join(KEPT)])
    (root / "debs-of-image").rename(root.with_name("debs"))


def _debootstrap(root: Path) -> None:
    words = ["--variant=minbase", f"--keyring={KEYRING}", f"--include={','.join(INSTALLED)}", SUITE, str(root)]
    for left in reversed(range(TRIES)):
        try:
            return _run(["debootstrap", *words])
        except SetupError:
            # What was downloaded stays, so another try only fetches the rest.
            if left == 0:
                raise
    return None


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no output"]
        raise SetupError(f"{command[0]} failed ({last[0]}): check the network and apt's mirror")
