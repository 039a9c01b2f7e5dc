"""What can go wrong on a node: the script ends with the code of the cause and a sentence that names it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.node_script import specs
from tests.node_script.sandbox import CA, LOOPBACK, PEM, TOKEN, Sandbox, inputs, node

from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("root")


@dataclass
class Failure:
    """A cause: what differs from a run that succeeds, and how the run then ends."""

    name: str
    status: int
    says: str
    minor: int = 34
    spec: dict[str, Any] = field(default_factory=dict)
    beyond: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    files: dict[str, str | None] = field(default_factory=dict)
    never: str = "kubeadm join"


def stubs(**texts: str) -> dict[str, Any]:
    return {"stubs": texts}


CLUSTER_INFO = (
    r'{"data":{"kubeconfig":"clusters:\n- cluster:\n    server: https://lb.kubesphere.local:6443\n  name: a\n"}}'
)
TARBALL = {"packages": specs.packages("tarball")}
PREINSTALLED = {"packages": specs.packages("preinstalled")}
JOIN_FAILS = "if [[ $1 == join ]]; then echo '{}'; exit 1; fi"

FAILURES = [
    Failure("system other than compiled for", 11, "compiled for ubuntu-22.04", spec={"os": "ubuntu-22.04"}),
    Failure("cgroup v1 and a kubelet that refuses it", 11, "cgroup v1", minor=35, machine={"cgroup1": True}),
    Failure("first interface of another name", 11, "no interface eth0", machine={"interface": "ens5"}),
    Failure("nothing from ACK", 10, "HYBRIDC_WITHOUT_ACK=1", inputs={"ALIBABA_CLOUD_LABELS": ""}),
    Failure(
        "no loopback",
        12,
        "no /opt/cni/bin/loopback",
        files={LOOPBACK: None},
        machine=stubs(cp="exit 1"),
    ),
    Failure("lock held", 20, "another run holds the lock", machine=stubs(flock="exit 1")),
    Failure("no network", 10, "100.64.0.0/10", machine=stubs(answers="unreachable")),
    Failure("label without a value", 10, "bad label: workload", inputs={"ALIBABA_CLOUD_LABELS": "a=b,workload"}),
    Failure("label with an at sign", 10, "bad label: a=b@c", inputs={"ALIBABA_CLOUD_LABELS": "a=b@c"}),
    Failure("label with a newline", 10, "control characters", inputs={"ALIBABA_CLOUD_LABELS": "a=b\nc=d"}),
    Failure(
        "label that runs code", 10, "bad label: $(touch", inputs={"ALIBABA_CLOUD_LABELS": "$(touch /stub/pwned)=x"}
    ),
    Failure(
        "label that a kubelet may not set",
        10,
        "a kubelet may not set the label node-role.kubernetes.io/worker",
        spec={"labels": {"restricted": "fail"}},
        inputs={"ALIBABA_CLOUD_LABELS": "node-role.kubernetes.io/worker=a"},
    ),
    Failure("taint without an effect", 10, "bad taint: a=b", inputs={"ALIBABA_CLOUD_TAINTS": "a=b"}),
    Failure("taint with an unknown effect", 10, "bad effect", inputs={"ALIBABA_CLOUD_TAINTS": "a=b:NoEntry"}),
    Failure("node name in capitals", 10, "bad node name: iZ0Z", inputs={"ALIBABA_CLOUD_NODE_NAME": "iZ0Z"}),
    Failure("provider id of another cloud", 10, "bad provider id", inputs={"ALIBABA_CLOUD_PROVIDER_ID": "aws:///a/b"}),
    Failure(
        "package manager down",
        12,
        "apt-get update of kubernetes: failed 5 times",
        machine=stubs(**{"apt-get": "exit 100"}),
    ),
    Failure(
        "package missing",
        12,
        "apt-get install: failed 3",
        machine=stubs(**{"apt-get": '[[ "$*" != *install* ]] || exit 100'}),
    ),
    Failure("dnf down", 12, "dnf install: failed 3 times", machine={"system": "alinux", **stubs(dnf="exit 1")}),
    Failure("another signing key", 12, "is not DE15B1", machine=stubs(gpg="echo pub:; echo fpr:::::::::ABCD:; exit")),
    Failure("a second signing key", 12, "is not DE15B1", machine=stubs(gpg="echo pub:; echo fpr:::::::::ABCD:")),
    Failure("key server down", 12, "key http://mirrors", machine=stubs(answers="[[ $url != *key ]] || answer 500 ''")),
    Failure("tarball with another hash", 12, "does not have the sha256", spec=TARBALL),
    Failure(
        "image with another kubelet",
        12,
        "the image has kubelet 1.33.9",
        spec=PREINSTALLED,
        machine=stubs(kubelet="echo Kubernetes v1.33.9; exit"),
    ),
    Failure(
        "containerd does not start",
        13,
        "ended with 1",
        machine=stubs(systemctl="[[ $* != 'restart containerd' ]] || exit 1"),
    ),
    Failure(
        "containerd ignores the file",
        13,
        "does not heed",
        machine=stubs(containerd="echo 'SystemdCgroup = false'; exit"),
    ),
    Failure(
        "token missing",
        14,
        "kubeadm token create",
        machine=stubs(answers="[[ $url != *token ]] || answer 404 '<xml/>'"),
    ),
    Failure(
        "token forbidden",
        14,
        "bucket policy",
        machine=stubs(answers="[[ $url != */bootstrap-token ]] || answer 403 ''"),
    ),
    Failure(
        "token server away",
        14,
        "token from https://kubelet-idc",
        machine=stubs(answers="[[ $url != */bootstrap-token ]] || unreachable"),
    ),
    Failure(
        "token malformed",
        14,
        "no bootstrap token",
        machine=stubs(answers="[[ $url != */bootstrap-token ]] || answer 200 '<html>'"),
    ),
    Failure("token file missing", 14, "no token in /etc/hybridc", spec={"join": specs.join(token="file")}),
    Failure("token variable empty", 14, "HYBRIDC_BOOTSTRAP_TOKEN is empty", spec={"join": specs.join(token="env")}),
    Failure(
        "API server unreachable",
        15,
        "API server 10.200.1.253:6443: failed 5 times",
        machine=stubs(answers="[[ $url != */healthz ]] || unreachable"),
    ),
    Failure(
        "cluster-info names a server that this node does not reach",
        15,
        "https://lb.kubesphere.local:6443, which does not answer here (apiServer is 10.200.1.253:6443)",
        machine=stubs(
            answers=f"""case $url in
              */cluster-info*) answer 200 '{CLUSTER_INFO}' ;;
              https://lb.*) exit 6 ;;
            esac"""
        ),
    ),
    Failure(
        "token of a k3s server",
        14,
        "has the token of a server, which opens the whole cluster: k3s token create --ttl 24h",
        spec={"join": specs.join("k3s", "file"), "packages": specs.packages("preinstalled")},
        files={"/etc/hybridc/bootstrap-token": f"K10{'0f' * 32}::server:0123456789"},
        machine=stubs(k3s=""),
        never="restart k3s-agent",
    ),
    Failure(
        "token of rke2 without an end, in OSS",
        14,
        "is no join token that ends and names the CA",
        spec={"join": specs.join("rke2"), "packages": specs.packages("preinstalled")},
        machine=stubs(
            rke2="", answers=f"[[ $url != */bootstrap-token ]] || answer 200 K10{'0f' * 32}::node:0123456789"
        ),
        never="restart rke2-agent",
    ),
    Failure(
        "token of k3s without the hash of the CA",
        14,
        "is no join token that names the CA",
        spec={"join": specs.join("k3s", "file"), "packages": specs.packages("preinstalled")},
        files={"/etc/hybridc/bootstrap-token": "0123456789"},
        machine=stubs(k3s=""),
        never="restart k3s-agent",
    ),
    Failure(
        "joined, and the API server unreachable",
        15,
        "left as it is",
        files={PEM: "pem", CA: "ca"},
        never="kubeadm reset",
        machine=stubs(answers="[[ $url != */nodes/* ]] || unreachable"),
    ),
    Failure(
        "wrong CA hash",
        16,
        "none of caCertHashes",
        never="try 2",
        machine=stubs(kubeadm=JOIN_FAILS.format('none of the public keys "sha256:00" are pinned')),
    ),
    Failure(
        "token expired",
        14,
        "the API server does not know the token",
        never="try 4",
        machine=stubs(kubeadm=JOIN_FAILS.format("could not find a JWS signature in the cluster-info ConfigMap")),
    ),
    Failure(
        "join fails",
        16,
        "kubeadm join failed 3 times",
        never="try 4",
        machine=stubs(kubeadm=JOIN_FAILS.format("preflight")),
    ),
    Failure(
        "invalid join configuration",
        16,
        "kubeadm config validate",
        machine=stubs(kubeadm="[[ $* != 'config validate'* ]] || exit 3"),
    ),
    Failure(
        "joined without a Node",
        17,
        "did not appear (HTTP 404)",
        beyond={"budget_seconds": 6},
        never="has joined",
        machine=stubs(answers="[[ $url != */nodes/* ]] || { /bin/sleep 1; answer 404 ''; }"),
    ),
    Failure(
        "Node without its label", 17, "lacks label", machine=stubs(node=node(labels={"a": "b"})), never="has joined"
    ),
    Failure(
        "Node without a taint",
        17,
        'lacks taint {"key":"dedicated"',
        never="has joined",
        machine=stubs(node=node(taints=[{"key": "workload", "value": "ack", "effect": "NoSchedule"}])),
    ),
    Failure(
        "Node of another machine",
        17,
        "lacks providerID",
        machine=stubs(node=node(providerID="x.i-y")),
        never="has joined",
    ),
    Failure("hook fails", 18, "hook_pre", spec={"hooks": {"pre": "true\nfalse\ntrue"}}, never="apt-get"),
    Failure("second hook fails", 18, "hook_post", spec={"hooks": {"post": "false | true"}}, never="has joined"),
    Failure(
        "budget used up",
        19,
        "no time left",
        beyond={"budget_seconds": 2},
        machine=stubs(**{"apt-get": "/bin/sleep 60"}),
    ),
    Failure(
        "custom command fails",
        16,
        "join_custom",
        spec={"join": specs.join("custom", command="exit 7")},
        never="has joined",
    ),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.name.replace(" ", "-"))
def test_cause_and_code(sandbox: Sandbox, failure: Failure) -> None:
    for name, value in {"files": failure.files, **failure.machine}.items():
        setattr(sandbox, name, value)
    spec = specs.beyond(specs.spec(failure.minor, **failure.spec), **failure.beyond)
    result = sandbox.run(node_script(spec), inputs(**failure.inputs))
    assert (result.status, failure.says in result.output) == (failure.status, True), result.output
    assert failure.never not in result.calls.replace("\\ ", " ")
    assert "hybridc" not in result.left_in_run
    assert not (result.folder / "out" / "pwned").exists()
    assert TOKEN not in result.output + result.calls + result.environments


def test_an_unexpected_end_names_line_and_command(sandbox: Sandbox) -> None:
    sandbox.stubs = {"kubeadm": "[[ $* != 'config validate'* ]] || exit 3"}
    script = node_script(specs.spec())
    said = sandbox.run(script).output
    found = re.search(
        r"ERROR join_kubeadm: line (\d+) from (\d+) from .*: 'kubeadm config validate --config .*' ended with 3", said
    )
    assert found, said
    assert "kubeadm config validate" in script.splitlines()[int(found[2]) - 1]


def test_an_el_that_docker_has_no_packages_for(sandbox: Sandbox) -> None:
    sandbox.system = "euler"
    without_apt = 'rm /usr/local/sbin/apt-get /usr/bin/apt-get && exec bash "$0"'
    result = sandbox.run(node_script(specs.spec()), interpreter=("/bin/bash", "-c", without_apt))
    assert (result.status, "containerd.io has no packages for EL 22" in result.output) == (11, True), result.output


def test_needs_root(sandbox: Sandbox) -> None:
    user = ("/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "/bin/bash")
    result = sandbox.run(node_script(specs.spec()), interpreter=user)
    assert (result.status, "needs root" in result.output) == (11, True)
