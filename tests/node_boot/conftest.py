"""The control plane and the mirror, once for all tests here, and a fresh machine for each."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests import pinned
from tests.lab.servers.process import Tools
from tests.node_boot import mirror
from tests.node_boot.control_plane import ControlPlane, control_plane
from tests.node_boot.machine import Machine, machine
from tests.node_boot.world import world
from tests.node_script.repositories import need, signing_key


@pytest.fixture(scope="session")
def _privileges() -> None:
    """Fail on a machine that cannot boot another."""
    need("systemd-nspawn", "apt-ftparchive", "dpkg-deb", "gpg", "gpg-agent")
    probe = ["unshare", "--mount", "--net", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.fail("booting a node needs root's own mount, network and process namespaces", pytrace=False)


@pytest.fixture(scope="session")
def image(_privileges: None) -> Path:
    """A Debian to boot: ``root``, and ``debs`` that its mirror has."""
    return pinned.folder("debian-12")


@pytest.fixture(scope="session")
def plane(tool: Tools, image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A cluster without nodes, and the repositories that its nodes install from."""
    folder = tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        key = stack.enter_context(signing_key(folder / "gnupg"))
        around = stack.enter_context(world(folder / "world"))
        mirror.fill(around, tool, image / "debs", key)
        yield stack.enter_context(control_plane(tool, around))


_numbers = itertools.count()


@pytest.fixture
def boot(plane: ControlPlane, image: Path) -> Iterator[Callable[[], Machine]]:
    """``boot()``: a fresh machine that reads its packages from the mirror."""
    with ExitStack() as stack:

        def fresh() -> Machine:
            booted = stack.enter_context(machine(image, plane.world, next(_numbers)))
            mirror.use(booted)
            return booted

        yield fresh
