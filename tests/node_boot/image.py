"""Debian 12 as a folder to boot, made once a machine and kept in the cache of the tools."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from tests.node_script.repositories import need
from tools.toolbox import store

SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
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
# Kept as .debs, for the repository that the script installs from.
KEPT = ("containerd", "runc")
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


def image() -> Path:
    """A folder with ``root``, the file system, and ``debs``; the first call on a machine takes some two minutes."""
    need("debootstrap")
    if not Path(KEYRING).exists():
        pytest.fail("not installed: apt-get install debian-archive-keyring", pytrace=False)
    recipe = "\n".join((SUITE, *INSTALLED, *KEPT, FINISH))
    final = store.root() / f"debian-12-{hashlib.sha256(recipe.encode()).hexdigest()}"
    if not final.exists():
        _build(final)
    return final


def _build(final: Path) -> None:
    """Build beside ``final`` and rename, so that what is there is whole."""
    folder = final.parent / ".building" / f"debian-12.{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "root"
    root.mkdir(parents=True)
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--keyring={KEYRING}",
        f"--include={','.join(INSTALLED)}",
        SUITE,
        str(root),
    ]
    try:
        for left in reversed(range(TRIES)):
            # What was downloaded stays, so another try only fetches the rest.
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                break
            if left == 0:
                raise RuntimeError(f"debootstrap failed {TRIES} times:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        (root / "debs-of-image").mkdir()
        subprocess.run(["sh", "-c", FINISH, "sh", str(root), " ".join(KEPT)], check=True, capture_output=True)
        (root / "debs-of-image").rename(folder / "debs")
        with suppress(OSError):  # somebody else was faster
            folder.rename(final)
    finally:
        if folder.exists():
            shutil.rmtree(folder)
