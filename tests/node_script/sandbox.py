"""Runs of a rendered script, unchanged, where every command that would touch the world is a stub."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
TOKEN = "abcdef.0123456789abcdef"
NODE = "cn-hangzhou.192.168.1.113"
PROVIDER_ID = "cn-hangzhou.i-wz92ewt14n9wx9mol2cd"
LABELS = "alibabacloud.com/nodepool-id=np0,ack.aliyun.com=c0,workload=cpu"
TAINTS = "workload=ack:NoSchedule,dedicated:NoExecute"
PEM = "/var/lib/kubelet/pki/kubelet-client-current.pem"
CA = "/etc/kubernetes/pki/ca.crt"
KUBECONFIG = "/etc/kubernetes/kubelet.conf"
LOOPBACK = "/opt/cni/bin/loopback"

OS_RELEASE = {
    "debian": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    "alinux": 'ID="alinux"\nID_LIKE="rhel fedora centos anolis"\nVERSION_ID="3"\n',
    "euler": 'ID="openEuler"\nVERSION_ID="22.03"\n',
    "unknown": "ID=trisquel\nVERSION_ID=11\nVERSION_CODENAME=aramo\n",
}

# Every stub writes its words to /stub/calls, then runs /stub/<name> (a test's own) or the default below.
STUB = """#!/bin/bash
name=${0##*/}
printf '%s\\n' "$(printf '%q ' "$name" "$@")" >>/stub/calls
tr '\\0' '\\n' </proc/self/environ >>/stub/environments
if [[ -e /stub/$name ]]; then . "/stub/$name"; fi
case $name in
  curl)
    for ((i = 1; i <= $#; i++)); do
      case ${!i} in
        -o) j=$((i + 1)) file=${!j} ;;
        -w) code=yes ;;
        -f | -fsSL) fail=yes ;;
      esac
    done
    url=${!#}
    answer() { # STATUS TEXT
      [[ -z ${file:-} || $file == /dev/null ]] || printf '%s' "$2" >"$file"
      [[ -z ${code:-} ]] || printf '%s' "$1"
      [[ -z ${fail:-} || $1 == 2* ]] || exit 22
      exit 0
    }
    unreachable() {
      [[ -z ${code:-} ]] || printf 000
      exit 7
    }
    if [[ -e /stub/answers ]]; then . /stub/answers; fi
    case $url in
      */api/token) answer 200 metadata-token ;;
      */region-id) answer 200 cn-hangzhou ;;
      */zone-id) answer 200 cn-hangzhou-j ;;
      */instance-id) answer 200 i-frommetadata ;;
      */private-ipv4) answer 200 10.0.0.7 ;;
      */instance-type) answer 200 ecs.g6.xlarge ;;
      */bootstrap-token) answer 200 'abcdef.0123456789abcdef' ;;
      */api/v1/nodes/*) if [[ -e /stub/joined ]]; then answer 200 "$(</stub/node)"; else answer 404 ''; fi ;;
      */healthz) answer 200 ok ;;
      *) answer 200 "-----BEGIN PGP $url" ;;
    esac
    ;;
  gpg)
    case $(<"${!#}") in
      *kubernetes-new*) echo fpr:::::::::DE15B14486CD377B9E876E1A234654DA9A296436: ;;
      *docker-ce/linux/rhel*) echo fpr:::::::::060A61C51B558A7F742B77AAC52FEB6B621E9F35: ;;
      *) echo fpr:::::::::9DC858229FC7DD38854AE2D88D81803C0EBFCD88: ;;
    esac | sed 's/^/pub:x\\n/'
    ;;
  containerd) echo 'SystemdCgroup = true' ;;
  systemctl)
    [[ $1 != is-active ]] || exit 3
    if [[ "$*" == 'restart containerd' ]]; then
      mkdir -p /run/containerd
      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/containerd/containerd.sock")'
    fi
    ;;
  kubelet) echo 'Kubernetes v1.34.2' ;;
  kubeadm)
    if [[ $1 == join ]]; then
      cp "$3" /stub/join.yaml
      mkdir -p /etc/kubernetes/pki /var/lib/kubelet/pki
      [[ -e /var/lib/kubelet/config.yaml ]] || printf 'kind: x\\ncgroupDriver: systemd\\n' >/var/lib/kubelet/config.yaml
      printf 'KUBELET_KUBEADM_ARGS="--node-labels=a=b"\\n' >/var/lib/kubelet/kubeadm-flags.env
      echo ca >/etc/kubernetes/pki/ca.crt
      echo pem >/var/lib/kubelet/pki/kubelet-client-current.pem
      touch /etc/kubernetes/kubelet.conf /stub/joined
    elif [[ $1 == reset ]]; then
      rm -rf /etc/kubernetes
    fi
    ;;
  logger) exit 1 ;;
esac
exit 0
"""
READY = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
NOT_PRESSED = {"type": "PIDPressure", "status": "False", "reason": "KubeletHasSufficientPID", "message": "enough PIDs"}
STUBBED = [
    "apt-get",
    "apt-mark",
    "containerd",
    "curl",
    "dnf",
    "gpg",
    "journalctl",
    "kubeadm",
    "kubelet",
    "logger",
    "modprobe",
    "sleep",
    "swapoff",
    "sysctl",
    "systemctl",
]


def node(**changes: object) -> str:
    """The Node as the API server gives it back after the default run; a change replaces a field of it."""
    labels = dict(pair.split("=") for pair in LABELS.split(","))
    labels |= {
        "alibabacloud.com/external": "true",
        "topology.kubernetes.io/region": "cn-hangzhou",
        "topology.kubernetes.io/zone": "cn-hangzhou-j",
        "node.kubernetes.io/instance-type": "ecs.g6.xlarge",
        "kubernetes.io/hostname": NODE,
    }
    taints = [
        {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"},
        {"key": "workload", "value": "ack", "effect": "NoSchedule"},
        {"key": "dedicated", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z"},
    ]
    found = {"labels": labels, "taints": taints, "providerID": PROVIDER_ID, "ready": READY} | changes
    metadata = {
        "name": NODE,
        "labels": found["labels"],
        "annotations": {"last": '{"labels":{"workload":"no"},"taints":[]}'},
        "managedFields": [{"fieldsV1": {"f:metadata": {"f:labels": {".": {}}}}}],
    }
    data = {
        "kind": "Node",
        "metadata": metadata,
        "spec": {"providerID": found["providerID"], "taints": found["taints"]},
        "status": {"conditions": [NOT_PRESSED, found["ready"]]},
    }
    return json.dumps(data, separators=(",", ":"))


def inputs(**changes: str) -> dict[str, str]:
    """The environment that ACK gives."""
    return {
        "ALIBABA_CLOUD_PROVIDER_ID": PROVIDER_ID,
        "ALIBABA_CLOUD_NODE_NAME": NODE,
        "ALIBABA_CLOUD_LABELS": LABELS,
        "ALIBABA_CLOUD_TAINTS": TAINTS,
    } | changes


@dataclass
class Result:
    """What a run left behind; ``calls`` are the words of every stubbed command, in order."""

    status: int
    output: str
    calls: str
    environments: str
    left_in_run: list[str]
    folder: Path

    def text(self, path: str) -> str | None:
        """The file at ``path`` if the run wrote it."""
        found = self.folder / "changes" / path.lstrip("/")
        return found.read_text() if found.is_file() else None

    @property
    def join_configuration(self) -> str | None:
        found = self.folder / "out" / "join.yaml"
        return found.read_text() if found.exists() else None

    @property
    def changed(self) -> list[str]:
        """Files that the run made or changed, but for those of the sandbox itself."""
        root = self.folder / "changes"
        found = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        return sorted(path for path in found if not path.startswith(("usr/local/sbin/", LOOPBACK[1:])))


@dataclass
class Sandbox:
    """A machine to run on: ``files`` lie on it (None: this one does not), ``stubs`` are shell text that
    comes before a command's default.

    Three stubs are no commands: ``answers`` comes before curl's own answers, ``node`` is the Node that the API
    server gives, and while ``joined`` exists there is one. ``folders`` lie on it too; commands of ``real`` are the
    machine's own.
    """

    folder: Path
    files: Mapping[str, str | None] = field(default_factory=dict)
    stubs: dict[str, str] = field(default_factory=dict)
    system: str = "debian"
    cgroup1: bool = False
    interface: str = "eth0"
    folders: dict[str, Path] = field(default_factory=dict)
    real: tuple[str, ...] = ()

    def run(
        self, script: str, environment: dict[str, str] | None = None, *, interpreter: tuple[str, ...] = ("/bin/bash",)
    ) -> Result:
        """Run the text as a file, with ACK's environment unless another is given."""
        self._lay_out(script, inputs() if environment is None else environment)
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "bash", str(HERE / "sandbox.sh"), str(self.folder)]
        done = subprocess.run([*command, *interpreter, "/stub/script"], capture_output=True, text=True, timeout=120)
        assert not done.stderr, f"the sandbox itself failed: {done.stderr}"
        out = self.folder / "out"
        return Result(
            done.returncode,
            (self.folder / "output").read_text(),
            (out / "calls").read_text(),
            (out / "environments").read_text(),
            (self.folder / "run").read_text().split(),
            self.folder,
        )

    def _lay_out(self, script: str, environment: dict[str, str]) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("fs", "files", "stubs", "out", "changes"):
            (self.folder / name).mkdir(parents=True)
        for name in {*STUBBED, *self.stubs} - {"answers", "joined", "node", *self.real}:
            path = self.folder / "stubs" / name
            path.write_text(STUB)
            path.chmod(0o755)
        files = {"/etc/os-release": OS_RELEASE[self.system], LOOPBACK: "#!/bin/sh\n", **self.files}
        for place, text in files.items():
            if text is None:
                continue
            target = self.folder / "files" / place.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            target.chmod(0o755 if place.startswith("/opt/cni/bin/") else 0o644)
        for place, folder in self.folders.items():
            shutil.copytree(folder, self.folder / "files" / place.lstrip("/"))
        stubs = {"calls": "", "environments": "", "node": node(), "script": script, **self.stubs}
        for stub, text in stubs.items():
            (self.folder / "out" / stub).write_text(text)
        words = [f"{key}={value}" for key, value in environment.items()]
        (self.folder / "environment").write_text("\0".join(words))
        (self.folder / "interface").write_text(self.interface)
        if self.cgroup1:
            (self.folder / "cgroup1").touch()
