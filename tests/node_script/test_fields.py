"""What fields of nodeInit do on a node: CAs, disks, runtimes, the hook before the join, registries of k3s and RKE2."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.node_script import specs, whole
from tests.node_script.sandbox import Sandbox, inputs
from tests.node_script.test_behaviour import AGENT_STARTS, AGENT_TOKEN

from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("root")

NVIDIA = whole.RUNTIMES[0]
CRI = "io.containerd.grpc.v1.cri"
POOL = "hybridc.dev/pool=cpu"


def containerd_configuration(sandbox: Sandbox, **node_init: Any) -> dict[str, Any]:
    result = sandbox.run(node_script(specs.spec(**node_init)))
    assert result.status == 0, result.output
    plugins = tomllib.loads(result.text("/etc/containerd/config.toml") or "")["plugins"]
    found: dict[str, Any] = plugins[CRI]
    return found


@pytest.mark.walks("runtimes")
def test_a_further_runtime_stands_in_the_one_configuration(sandbox: Sandbox) -> None:
    binary = str(NVIDIA["binary"])
    sandbox.files = {binary: ""}
    run = ("/bin/bash", "-c", f'chmod +x {binary} && exec bash "$0"')
    result = sandbox.run(node_script(specs.spec(containerd={"runtimes": whole.RUNTIMES})), interpreter=run)
    assert result.status == 0, result.output
    written = tomllib.loads(result.text("/etc/containerd/config.toml") or "")
    assert "imports" not in written
    found = written["plugins"][CRI]["containerd"]
    assert found["default_runtime_name"] == "nvidia"
    assert found["runtimes"]["nvidia"]["options"] == {"BinaryName": binary, "SystemdCgroup": True}
    assert found["runtimes"]["runc"]["options"] == {"SystemdCgroup": True}


def test_a_runtime_is_the_default_only_where_its_program_is(sandbox: Sandbox) -> None:
    found = containerd_configuration(sandbox, containerd={"runtimes": whole.RUNTIMES})["containerd"]
    assert "default_runtime_name" not in found
    assert set(found["runtimes"]) == {"runc", "nvidia"}


def test_the_hook_before_the_join_finds_containerd_configured(sandbox: Sandbox) -> None:
    hook = "cp /etc/containerd/config.toml /stub/seen && printf '\\n# mine' >>/etc/containerd/config.toml"
    result = sandbox.run(node_script(specs.spec(hooks={"preJoin": hook})))
    assert result.status == 0, result.output
    assert "sandbox_image" in (result.folder / "out" / "seen").read_text()
    assert (result.text("/etc/containerd/config.toml") or "").endswith("# mine")
    assert result.output.index("phase hook_before_join") < result.output.index("phase join_kubeadm")


@pytest.mark.parametrize(
    ("system", "folder", "update"),
    [
        ("debian", "/usr/local/share/ca-certificates", "update-ca-certificates"),
        ("alinux", "/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
    ],
)
def test_trusted_certificates_are_there_before_the_first_download(
    sandbox: Sandbox, system: str, folder: str, update: str
) -> None:
    sandbox.system = system
    sandbox.stubs = {update: ""}
    result = sandbox.run(node_script(specs.spec(trustedCAs=[whole.CA, whole.CA.replace("MIIB", "MIIC")])))
    assert result.status == 0, result.output
    assert result.text(f"{folder}/hybridc-1.crt") == whole.CA
    assert "MIIC" in (result.text(f"{folder}/hybridc-2.crt") or "")
    near = [line for line in result.calls.splitlines() if line.startswith((update, "curl", "dnf", "apt-get"))]
    assert next(line for line in near if "100.100.100.200" not in line).startswith(update)


def test_a_mirror_with_a_ca_of_its_own(sandbox: Sandbox) -> None:
    mirror = {"url": "https://m.example.com", "ca": whole.CA}
    second = {"url": "https://n.example.com", "skipVerify": True}
    result = sandbox.run(node_script(specs.spec(registryMirrors={"docker.io": [mirror, second]})))
    assert result.status == 0, result.output
    folder = "/etc/containerd/certs.d/docker.io"
    hosts = tomllib.loads(result.text(f"{folder}/hosts.toml") or "")["host"]
    assert hosts["https://m.example.com"]["ca"] == f"{folder}/ca-0.pem"
    assert hosts["https://n.example.com"]["skip_verify"] is True
    assert result.text(f"{folder}/ca-0.pem") == whole.CA


@pytest.mark.parametrize("method", ["k3s", "rke2"])
def test_the_registry_of_a_distribution_is_the_first_mirror_of_docker_io(sandbox: Sandbox, method: str) -> None:
    sandbox.files = {"/etc/hybridc/bootstrap-token": AGENT_TOKEN}
    sandbox.stubs = {"systemctl": AGENT_STARTS, method: ""}
    mirror = {"url": "https://m.example.com:5000/v2", "ca": whole.CA}
    spec = specs.spec(
        join=specs.join(method, "file"),
        packages=specs.packages("preinstalled"),
        systemDefaultRegistry="registry.idc.example.com:5000",
        registryMirrors={"docker.io": [mirror]},
    )
    result = sandbox.run(node_script(spec))
    assert result.status == 0, result.output
    written = yaml.safe_load(result.text(f"/etc/rancher/{method}/registries.yaml") or "")
    first, own = "https://registry.idc.example.com:5000", "https://m.example.com:5000/v2"
    assert written["mirrors"] == {"docker.io": {"endpoint": [first, own]}}
    path = written["configs"]["m.example.com:5000"]["tls"]["ca_file"]
    assert result.text(path) == whole.CA
    configuration = yaml.safe_load(result.text(f"/etc/rancher/{method}/config.yaml") or "")
    assert ("system-default-registry" in configuration) == (method == "rke2")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[str]:
    """An empty disk of 40 MiB, as a loop device."""
    image = tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(40 << 20)
    device = subprocess.run(["losetup", "--show", "-f", str(image)], check=True, capture_output=True, text=True)
    yield device.stdout.strip()
    subprocess.run(["losetup", "-d", device.stdout.strip()], check=True)


def disks(sandbox: Sandbox, *listed: str, mounts: tuple[tuple[int, str], ...] = ((200, "/var/lib/containerd"),)) -> str:
    """The script of a pool with data disks, on a machine whose lsblk lists these lines."""
    lines = "\\n".join(listed)
    sandbox.stubs = {"lsblk": f"[[ $* != *SIZE* ]] || printf '{lines}\\n'; exit"}
    made = [{"category": "cloud_essd", "sizeGiB": size, "mount": path} for size, path in mounts]
    return node_script(specs.with_disks(specs.spec(), made))


SYSTEM = f"/dev/vda disk {120 << 30}"
LABELLED = inputs(ALIBABA_CLOUD_LABELS=f"{inputs()['ALIBABA_CLOUD_LABELS']},{POOL}")


@pytest.mark.walks("data-disks")
def test_an_empty_disk_is_formatted_and_mounted_by_its_id(sandbox: Sandbox, disk: str) -> None:
    """The mount itself is inside the sandbox's own mounts; what an image had in the folder is on the disk."""
    script = disks(sandbox, SYSTEM, f"{disk} disk {200 << 30}")
    sandbox.files = {"/var/lib/containerd/of-the-image": "kept"}
    sandbox.stubs["node"] = sandbox.stubs.get("node") or ""
    del sandbox.stubs["node"]
    after = (
        "findmnt -no SOURCE,FSTYPE /var/lib/containerd >/stub/mounted; cat /var/lib/containerd/of-the-image >/stub/kept"
    )
    look = f'bash "$0"; s=$?; {after}; exit $s'
    result = sandbox.run(script, LABELLED, interpreter=("/bin/bash", "-c", look))
    assert f"{disk} becomes /var/lib/containerd" in result.output, result.output
    assert (result.folder / "out" / "mounted").read_text() == f"{disk} ext4\n"
    assert (result.folder / "out" / "kept").read_text() == "kept"
    uuid = subprocess.run(
        ["blkid", "-p", "-o", "value", "-s", "UUID", disk], check=True, capture_output=True, text=True
    )
    line = next(line for line in (result.text("/etc/fstab") or "").splitlines() if "containerd" in line)
    assert line.startswith(f"UUID={uuid.stdout.strip()} /var/lib/containerd ext4 defaults,nofail,")
    assert "x-systemd.required-by=containerd.service" in line


# At what the first run dies, and what the image's folder holds by the second, so that a second copy shows.
KILLED = {
    "as it copies": ("cp", "[[ $* != */run/hybridc-disk ]] || { kill -9 $PPID; exit; }", "of the second run"),
    "once all is copied": ("e2label", "kill -9 $PPID; exit", "of the second run"),
    "before it is mounted": ("mount", "[[ $* != /var/lib/containerd ]] || { kill -9 $PPID; exit; }", "of the first"),
}


@pytest.mark.parametrize(("command", "death", "kept"), KILLED.values(), ids=KILLED)
def test_a_disk_that_a_killed_run_began_with_is_taken_up_again(
    sandbox: Sandbox, disk: str, command: str, death: str, kept: str
) -> None:
    script = disks(sandbox, SYSTEM, f"{disk} disk {200 << 30}")
    stubs = dict(sandbox.stubs)
    sandbox.stubs = stubs | {command: f'{death}\nPATH=/usr/sbin:/usr/bin {command} "$@"; exit'}
    sandbox.files = {"/var/lib/containerd/of-the-image": "of the first"}
    killed = sandbox.run(script, LABELLED, interpreter=("/bin/bash", "-c", 'bash "$0"; exit $?'))
    assert killed.status == 137, killed.output
    assert _told(disk, "UUID")

    sandbox.stubs, sandbox.files = stubs, {"/var/lib/containerd/of-the-image": "of the second run"}
    look = "findmnt -no SOURCE /var/lib/containerd >/stub/mounted; cat /var/lib/containerd/of-the-image >/stub/kept"
    result = sandbox.run(script, LABELLED, interpreter=("/bin/bash", "-c", f'bash "$0"; {look}'))
    assert (result.folder / "out" / "mounted").read_text() == f"{disk}\n", result.output
    assert (result.folder / "out" / "kept").read_text() == kept
    assert _told(disk, "LABEL") == "hybridc"


def test_a_second_run_in_the_same_boot_finds_the_disk_still_mounted(sandbox: Sandbox, disk: str) -> None:
    script = disks(sandbox, SYSTEM, f"{disk} disk {200 << 30}")
    sandbox.stubs["cp"] = 'PATH=/usr/sbin:/usr/bin cp "$@"; [[ $* != */run/hybridc-disk ]] || kill -9 $PPID; exit'
    sandbox.files = {"/var/lib/containerd/of-the-image": "kept"}
    look = "findmnt -no SOURCE /var/lib/containerd >/stub/mounted; cat /var/lib/containerd/of-the-image >/stub/kept"
    twice = f'bash "$0"; findmnt -no SOURCE /run/hybridc-disk >/stub/left; rm /usr/local/sbin/cp; bash "$0"; {look}'
    result = sandbox.run(script, LABELLED, interpreter=("/bin/bash", "-c", twice))
    said = {name: (result.folder / "out" / name).read_text() for name in ("left", "mounted", "kept")}
    assert said == {"left": f"{disk}\n", "mounted": f"{disk}\n", "kept": "kept"}, result.output
    assert _told(disk, "LABEL") == "hybridc"


def _told(device: str, what: str) -> str:
    command = ["blkid", "-p", "-o", "value", "-s", what, device]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("provider", ["cn-hangzhou.i-another", None])
def test_a_disk_of_another_instance_or_of_a_person_is_left_alone(
    sandbox: Sandbox, disk: str, provider: str | None
) -> None:
    script = disks(sandbox, SYSTEM, f"{disk} disk {200 << 30}")
    if provider is None:
        subprocess.run(["mkfs.ext4", "-q", "-L", "hybridc-new", disk], check=True)
    else:
        sandbox.run(script, LABELLED | {"ALIBABA_CLOUD_PROVIDER_ID": provider})
        assert _told(disk, "LABEL") == "hybridc"
    before = Path(disk).read_bytes()
    result = sandbox.run(script, LABELLED)
    assert (result.status, "there is: none" in result.output) == (11, True), result.output
    assert Path(disk).read_bytes() == before


PARTITION = bytes.fromhex("00000000830000000008000000100000")
WRITTEN = {
    "ext4": (1024 + 56, b"\x53\xef"),
    "partitions": (446, PARTITION + bytes(48) + b"\x55\xaa"),
    "LVM": (512, b"LABELONE" + bytes(16) + b"LVM2 001"),
    "data of a program": (4096, b"rows"),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_a_disk_that_somebody_wrote_to_is_left_alone(sandbox: Sandbox, disk: str, what: str) -> None:
    offset, data = WRITTEN[what]
    with Path(disk).open("r+b") as file:
        file.seek(offset)
        file.write(data)
    before = Path(disk).read_bytes()
    result = sandbox.run(disks(sandbox, SYSTEM, f"{disk} disk {200 << 30}"), LABELLED)
    wants = "/var/lib/containerd wants one empty disk of 200 GiB, and there is: none"
    assert (result.status, wants in result.output) == (11, True), result.output
    assert Path(disk).read_bytes() == before


def test_two_disks_of_one_size_end_the_script(sandbox: Sandbox, disk: str) -> None:
    twice = [f"{disk} disk {200 << 30}"] * 2
    result = sandbox.run(disks(sandbox, SYSTEM, *twice), LABELLED)
    assert (result.status, f"and there is: {disk} {disk}" in result.output) == (11, True), result.output
    assert subprocess.run(["blkid", "-p", disk], capture_output=True, check=False).returncode == 2


def test_a_disk_of_another_size_is_not_taken(sandbox: Sandbox, disk: str) -> None:
    result = sandbox.run(disks(sandbox, SYSTEM, f"{disk} disk {100 << 30}"), LABELLED)
    assert (result.status, "there is: none" in result.output) == (11, True), result.output


def test_a_node_of_another_pool_or_of_none_touches_no_disk(sandbox: Sandbox, disk: str) -> None:
    script = disks(sandbox, SYSTEM, f"{disk} disk {200 << 30}")
    result = sandbox.run(script)
    assert "no label hybridc.dev/pool: no data disk is mounted" in result.output
    other = inputs(ALIBABA_CLOUD_LABELS="hybridc.dev/pool=other")
    assert "no data disk" not in sandbox.run(script, other).output
    assert subprocess.run(["blkid", "-p", disk], capture_output=True, check=False).returncode == 2
