"""A booted Debian 12: its own systemd, network and cgroups, and a file system that is forgotten afterwards."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab.servers.process import Process, process, wait_for
from tests.node_boot.world import FILES, Namespace, World, connect, namespace

_DATA = ("containerd", "kubelet")
LOG = "/var/log/acs/init.log"
# What a kubelet wants of the whole kernel, which is not only the machine's: it finds it done.
_KERNEL = {
    "swaps": "Filename\tType\tSize\tUsed\tPriority",
    "sys/kernel/keys/root_maxbytes": "25000000",
    "sys/kernel/keys/root_maxkeys": "1000000",
    "sys/kernel/panic": "10",
    "sys/kernel/panic_on_oops": "1",
    "sys/vm/overcommit_memory": "1",
    "sys/vm/panic_on_oom": "0",
}


@dataclass(frozen=True)
class Ended:
    """A run of the script: its exit code, what the log got from it, and how long it took."""

    status: int
    log: str
    seconds: float


@dataclass(frozen=True)
class Machine:
    """A running machine: ``leader`` is its process 1 as seen from here."""

    world: World
    name: str
    leader: int
    address: str

    def command(self, *words: str) -> list[str]:
        return ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "--", *words]

    def run(self, *words: str, stdin: str = "", check: bool = True) -> str:
        """The output of a command on the machine."""
        done = subprocess.run(self.command(*words), input=stdin, capture_output=True, text=True, timeout=300)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def write(self, path: str, text: str) -> None:
        self.run("sh", "-c", f"mkdir -p {shlex.quote(os.path.dirname(path))} && cat >{shlex.quote(path)}", stdin=text)

    def read(self, path: str) -> str:
        return self.run("cat", path, check=False)

    def start(
        self, script: str, environment: dict[str, str], shell: str = "bash", unit: str = "cloud-final"
    ) -> subprocess.Popen[bytes]:
        """Start the script as the user data of an instance does, from a service of the machine."""
        (self.world.files / f"{self.name}.sh").write_text(script)
        fetch = f"curl -fsS -o /root/init-node-ecs.sh {FILES}/{self.name}.sh"
        user_data = f"mkdir -p /var/log/acs && {fetch} && {shell} /root/init-node-ecs.sh >>{LOG} 2>&1"
        given = [f"--setenv={key}={value}" for key, value in environment.items()]
        words = ["systemd-run", "--wait", "--quiet", "--collect", f"--unit={unit}", *given, "bash", "-c", user_data]
        return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL)

    def init(self, script: str, environment: dict[str, str], shell: str = "bash") -> Ended:
        """Run the script to its end."""
        before, began = len(self.read(LOG)), time.monotonic()
        with self.start(script, environment, shell) as running:
            status = running.wait(300)
        return Ended(status, self.read(LOG)[before:], time.monotonic() - began)


@contextmanager
def machine(image: Path, world: World, number: int, disk: Path | None = None) -> Iterator[Machine]:
    """Boot; the machine is powered off and gone when the block ends. ``number`` chooses its network.

    With a ``disk``, a folder, what the machine writes is there for another machine with it: a reboot, whose kernel
    settings start anew with its network namespace.
    """
    name = f"hybridc-{os.getpid()}-{number}"
    with ExitStack() as stack:
        net = stack.enter_context(namespace(f"net{number}", world.folder))
        address = connect(world.net, net, number)
        groups = stack.enter_context(_cgroups(name))
        root = image / "root" if disk is None else stack.enter_context(_kept(image / "root", disk))
        running = stack.enter_context(process(name, _nspawn(root, name, net, groups, disk), world.folder))
        booted = Machine(world, name, _leader(running), address)
        running.wait(
            lambda: booted.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded")
        )
        # runc makes a cgroup for every container
        booted.run("sh", "-c", "for m in /sys/fs/cgroup/*; do mount -o remount,rw,bind $m 2>/dev/null; done; true")
        for path, text in _KERNEL.items():
            booted.write(f"/run/kernel/{path}", f"{text}\n")
            booted.run("mount", "--bind", f"/run/kernel/{path}", f"/proc/{path}")
        if disk is not None:
            stack.callback(_reset, booted, running)
        yield booted


def _reset(machine: Machine, running: Process) -> None:
    """As by its button: nothing is stopped first, since what runs in Pods would take minutes."""
    machine.run("systemctl", "--force", "--force", "poweroff", check=False)
    running.child.wait(30)


@contextmanager
def _kept(root: Path, disk: Path) -> Iterator[Path]:
    """The image with a layer over it that stays on the disk."""
    folders = {name: disk / name for name in ("upper", "work", "root", *_DATA)}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={root},upperdir={folders['upper']},workdir={folders['work']}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(folders["root"])], check=True)
    try:
        yield folders["root"]
    finally:
        subprocess.run(["umount", str(folders["root"])], check=True)


def _nspawn(root: Path, name: str, net: Namespace, groups: list[Path], disk: Path | None) -> list[str]:
    """nspawn in the cgroups, with what containerd and a kubelet need to start."""
    enter = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
    return [
        *("sh", "-euc", enter, "sh", *map(str, groups), "--"),
        *("env", "SYSTEMD_NSPAWN_API_VFS_WRITABLE=network", "systemd-nspawn", "--quiet", f"--machine={name}"),
        *("--register=no", "--keep-unit", f"--directory={root}", "--resolv-conf=off"),
        *(["--volatile=overlay"] if disk is None else []),
        # overlayfs, which containerd wants there, does not lie on another one
        *(f"--tmpfs=/var/lib/{name}" if disk is None else f"--bind={disk / name}:/var/lib/{name}" for name in _DATA),
        f"--network-namespace-path={net.path}",
        *("--capability=all", "--system-call-filter=@keyring bpf", "--bind=/dev/null:/dev/kmsg"),
        *("--boot", "--console=pipe"),
    ]


def _leader(running: Process) -> int:
    """The only child of nspawn."""

    def child() -> str:
        words = ["pgrep", "-P", str(running.child.pid)]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()

    running.wait(lambda: child().isdigit())
    return int(child())


@contextmanager
def _cgroups(name: str) -> Iterator[list[Path]]:
    """A cgroup of that name in every hierarchy, so that the machine's are below it and go with it."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    groups = [Path(words[1]) / name for words in mounts if words[2] in ("cgroup", "cgroup2")]
    for left in (left for group in groups for left in group.parent.glob("hybridc-*-*")):
        if not Path("/proc", left.name.split("-")[1]).exists():  # a run that was killed
            _removed(left)
    try:
        for group in groups:
            group.mkdir()
            for file in ("cpuset.cpus", "cpuset.mems"):  # empty in a new cgroup of version 1, which then takes nobody
                if (group.parent / file).exists() and (group.parent / "notify_on_release").exists():
                    (group / file).write_text((group.parent / file).read_text())
        yield groups
    finally:
        for group in groups:
            with suppress(FileNotFoundError):
                wait_for(f"the end of {group}", lambda group=group: _removed(group), 10)  # type: ignore[misc]


def _removed(group: Path) -> bool:
    """Whether the cgroup and all below it could be removed: the last process may be on its way out."""
    try:
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)
    except OSError:
        return not group.exists()
    return True
