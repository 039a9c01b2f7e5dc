"""Runs a container's command as a kubelet has it run: own root, own mounts, own user; this machine's programs."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.servers.process import LabError

PATH = "/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TERMINATION_LOG = "/dev/termination-log"
# In the private mount namespace: $1 is the root, $2 ro or rw, $3 uid:gid; then "mode source target" threes up to --.
_ENTER = """
set -eu
root=$1 mode=$2 user=$3; shift 3
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
  mount --bind "$2" "$root$3"
  [ "$1" = rw ] || mount -o remount,bind,ro "$root$3"
  shift 3
done
shift
mount -t proc proc "$root/proc"
[ "$mode" = rw ] || mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" --groups= "$root" setpriv --no-new-privs -- "$@"
"""


@dataclass(frozen=True)
class Mount:
    """``source`` on this machine appears at ``target`` in the container."""

    source: Path
    target: str
    read_only: bool = True


@dataclass(frozen=True)
class Container:
    """What is run, and what it finds around it."""

    folder: Path
    command: list[str]
    environment: dict[str, str]
    mounts: list[Mount]
    user: int = 0
    group: int = 0
    read_only_root: bool = False
    programs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How it ended: exit code, termination message, and all that it printed."""

    status: int
    message: str
    log: str


def run(container: Container, seconds: float = 120) -> Ended:
    """Run ``container`` to its end; one that takes longer than ``seconds`` is killed, and failed."""
    root = container.folder / "root"
    message = container.folder / "termination-log"
    mounts = [*_machine(root, container), *container.mounts, Mount(message, TERMINATION_LOG, read_only=False)]
    message.touch()
    message.chmod(0o666)
    for mount in mounts:
        _mount_point(root, mount)
    listed = [word for m in mounts for word in ("ro" if m.read_only else "rw", str(m.source.resolve()), m.target)]
    mode = "ro" if container.read_only_root else "rw"
    user = f"{container.user}:{container.group}"
    command = ["unshare", "--mount", "--propagation=private", "sh", "-c", _ENTER, "container", str(root), mode, user]
    try:
        done = subprocess.run(
            [*command, *listed, "--", *container.command],
            env={"PATH": PATH, **container.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(137, f"the lab killed it after {seconds:.0f} s", "")
    return Ended(done.returncode, message.read_text(), done.stdout.decode(errors="replace"))


def require_root() -> None:
    """Raise LabError without root, which mount namespaces need."""
    if os.geteuid() != 0:
        raise LabError("hooks run in mount namespaces, which needs root: run it as root or in a privileged container")


def _machine(root: Path, container: Container) -> list[Mount]:
    """An image's part: the machine's programs, read-only, and those of ``container.programs`` first on PATH."""
    for name in ("proc", "tmp", "lab/bin"):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    mounts = [Mount(Path("/usr"), "/usr"), Mount(Path("/dev/null"), "/dev/null", read_only=False)]
    mounts.append(Mount(Path("/etc/resolv.conf"), "/etc/resolv.conf"))
    for name in ("bin", "sbin", "lib", "lib64"):
        host = Path("/") / name
        if host.is_symlink():
            (root / name).symlink_to(os.readlink(host))
        elif host.exists():
            mounts.append(Mount(host, str(host)))
    return mounts + [Mount(Path(path), f"/lab/bin/{name}") for name, path in container.programs.items()]


def _mount_point(root: Path, mount: Mount) -> None:
    target = root / mount.target.lstrip("/")
    if mount.source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
