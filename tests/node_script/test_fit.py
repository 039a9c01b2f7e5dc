"""What a joined node must be to run pods: adapted to by the script, or said."""

from __future__ import annotations

import re

import pytest
from tests.node_script import specs
from tests.node_script.sandbox import LOOPBACK, NODE, READY, Sandbox, node
from tests.records import replace

from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("root")

CONFIG = "/var/lib/kubelet/config.yaml"
FLAGS = "/var/lib/kubelet/kubeadm-flags.env"
OLD = {"containerd": {"version": "1.7"}}
SERVER = "https://127.0.0.1:6443"


def kubelet_config(text: str) -> dict[str, str]:
    """A kubeadm that brings this kubelet-config."""
    return {"kubeadm": f"[[ $1 != join ]] || {{ mkdir -p /var/lib/kubelet; printf 'kind: x\\n{text}\\n' >{CONFIG}; }}"}


@pytest.mark.parametrize("line", ["cgroupDriver: cgroupfs", 'cgroupDriver: "cgroupfs"', ""])
def test_containerd_follows_the_cgroup_driver_of_the_kubelets(sandbox: Sandbox, line: str) -> None:
    """Without a line it is cgroupfs, the kubelet's own default."""
    sandbox.stubs = kubelet_config(line)
    result = sandbox.run(node_script(specs.spec(30, **OLD)))
    assert result.status == 0, result.output
    assert "the kubelets of this cluster use cgroupfs: containerd follows" in result.output
    assert "SystemdCgroup = false" in (result.text("/etc/containerd/config.toml") or "")
    assert result.calls.count("systemctl restart containerd") == 2


def test_the_same_cgroup_driver_changes_nothing(sandbox: Sandbox) -> None:
    result = sandbox.run(node_script(specs.spec(30, **OLD)))
    assert "SystemdCgroup = true" in (result.text("/etc/containerd/config.toml") or "")
    assert result.calls.count("systemctl restart containerd") == 1
    assert "systemctl restart kubelet" not in result.calls


def test_a_kubelet_that_asks_containerd_needs_no_adapting() -> None:
    """KEP-4033, and a containerd that answers."""
    assert "cgroupDriver" not in node_script(specs.spec(34))
    assert "cgroupDriver" in node_script(specs.spec(34, packages=specs.packages("preinstalled")))
    assert "cgroupDriver" in node_script(specs.spec(30))


@pytest.mark.parametrize("local", ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"])
def test_a_resolv_conf_of_another_system_is_replaced(sandbox: Sandbox, local: str) -> None:
    sandbox.stubs = kubelet_config("cgroupDriver: systemd\\nresolvConf: /run/other/resolv.conf")
    sandbox.files = {"/etc/resolv.conf": "", local: "nameserver 100.100.2.136\n"}
    result = sandbox.run(node_script(specs.spec()))
    assert result.status == 0, result.output
    assert result.text(FLAGS) == f'KUBELET_KUBEADM_ARGS="--node-labels=a=b --resolv-conf={local}"\n'
    assert "resolvConf of the cluster is /run/other/resolv.conf, which is not here" in result.output
    assert "systemctl restart kubelet" in result.calls


def test_a_resolv_conf_that_is_there_stays(sandbox: Sandbox) -> None:
    sandbox.stubs = kubelet_config("cgroupDriver: systemd\\nresolvConf: /etc/resolv.conf")
    sandbox.files = {"/etc/resolv.conf": ""}
    result = sandbox.run(node_script(specs.spec()))
    assert "--resolv-conf" not in (result.text(FLAGS) or "")
    assert "restart kubelet" not in result.calls


def test_a_node_that_is_not_ready_is_said_with_the_reason(sandbox: Sandbox) -> None:
    why = "container runtime network not ready: cni plugin not initialized"
    sandbox.stubs = {"node": node(ready=READY | {"status": "False", "message": why})}
    result = sandbox.run(node_script(specs.spec()))
    assert result.status == 0, result.output
    assert f"WARN {NODE} has joined and is not Ready: {why}\n" in result.output


def test_ready_is_waited_for(sandbox: Sandbox) -> None:
    late = node(ready=READY | {"status": "Unknown", "message": "no word yet"})
    sandbox.stubs = {
        "late": late,
        "answers": """
        [[ $url != */api/v1/nodes/* ]] || (($(grep -c nodes/ /stub/calls) > 4)) || answer 200 "$(</stub/late)"
        """,
    }
    result = sandbox.run(node_script(specs.spec()))
    assert result.status == 0, result.output
    assert "not Ready" not in result.output


@pytest.mark.parametrize(("reached", "said"), [("exit 7", True), ("answer 200 ok", False)])
def test_a_kube_proxy_that_dials_its_own_host_is_said(sandbox: Sandbox, reached: str, said: bool) -> None:
    config = rf'{{"data":{{"kubeconfig.conf":"clusters:\n- cluster:\n    server: {SERVER}\n  name: a\n"}}}}'
    sandbox.stubs = {
        "answers": f"""case $url in
          */configmaps/kube-proxy*) answer 200 '{config}' ;;
          {SERVER}*) {reached} ;;
        esac"""
    }
    result = sandbox.run(node_script(specs.spec()))
    assert result.status == 0, result.output
    assert (f"kube-proxy is sent to {SERVER}, which does not answer here" in result.output) == said


def test_cluster_info_with_another_name_of_the_same_server(sandbox: Sandbox) -> None:
    config = r'{"data":{"kubeconfig":"clusters:\n- cluster:\n    server: https://api.idc:6443\n  name: a\n"}}'
    sandbox.stubs = {"answers": f"[[ $url != */cluster-info* ]] || answer 200 '{config}'"}
    result = sandbox.run(node_script(specs.spec()))
    assert result.status == 0, result.output
    assert "https://api.idc:6443/healthz" in result.calls


@pytest.mark.walks("dual")
def test_dual_stack_forwards_ipv6_and_gives_both_addresses(sandbox: Sandbox) -> None:
    sandbox.stubs = {
        "ip": "echo '2: eth0 inet6 fd00::1/64 global temporary' && echo '2: eth0 inet6 fd00::7/128 global'; exit"
    }
    result = sandbox.run(node_script(specs.dual(specs.spec())))
    assert result.status == 0, result.output
    assert "name: node-ip\n    value: '10.0.0.7,fd00::7'\n" in (result.join_configuration or "")
    sysctls = result.text("/etc/sysctl.d/99-zz-hybridc.conf") or ""
    for line in ("net.ipv6.conf.all.forwarding = 1", "net.ipv6.conf.default.forwarding = 1", "eth0.accept_ra = 2"):
        assert f"{line}\n" in sysctls


def test_dual_stack_without_an_ipv6_address_is_said(sandbox: Sandbox) -> None:
    """Whether ACK gives instances one is not established: pods have theirs from Terway's interfaces."""
    sandbox.stubs = {"ip": ""}
    result = sandbox.run(node_script(specs.dual(specs.spec())))
    assert (result.status, "WARN eth0 has no IPv6 address" in result.output) == (0, True), result.output
    assert "node-ip" not in (result.join_configuration or "")


def test_an_api_server_with_ipv6_wants_it_forwarded() -> None:
    """kubeadm 1.34: FileContent--proc-sys-net-ipv6-conf-default-forwarding."""
    spec = specs.spec()
    far = node_script(replace(spec, cluster=replace(spec.cluster, api_server="[fd00:192:168::10]:6443")))
    assert "net.ipv6.conf.default.forwarding = 1\n" in far
    assert "node-ip" not in far
    assert "ipv6" not in node_script(spec)


def test_hosts_outlive_a_cloud_init_that_writes_them_anew(sandbox: Sandbox) -> None:
    template = "/etc/cloud/templates/hosts.debian.tmpl"
    sandbox.files = {template: "## template:jinja\n127.0.1.1 {{hostname}}\n", "/etc/hosts": "127.0.0.1 localhost\n"}
    result = sandbox.run(node_script(specs.spec(hosts={"lb.local": "10.0.0.1"})))
    block = "# hybridc begin\n10.0.0.1 lb.local\n# hybridc end\n"
    assert result.text(template) == f"## template:jinja\n127.0.1.1 {{{{hostname}}}}\n{block}"
    assert result.text("/etc/hosts") == f"127.0.0.1 localhost\n{block}"


@pytest.mark.parametrize(
    ("manager", "path", "line"),
    [
        (
            "NetworkManager",
            "/etc/NetworkManager/conf.d/99-hybridc.conf",
            "interface-name:eth*;except:interface-name:eth0",
        ),
        ("systemd-networkd", "/etc/systemd/network/01-hybridc.network", "Name=eth[1-9]* cali*\n[Link]\nUnmanaged=yes"),
        ("systemd-networkd", "/etc/systemd/networkd.conf.d/hybridc.conf", "ManageForeignRoutes=no"),
    ],
)
def test_interfaces_of_terway_are_left_alone(sandbox: Sandbox, manager: str, path: str, line: str) -> None:
    assert sandbox.run(node_script(specs.spec())).text(path) is None
    sandbox.stubs = {"systemctl": f"[[ $* != 'is-active -q {manager}' ]] || exit 0", "networkctl": ""}
    result = sandbox.run(node_script(specs.spec()))
    assert result.status == 0, result.output
    assert line in (result.text(path) or "")


def test_plugins_of_the_distribution_are_taken(sandbox: Sandbox) -> None:
    sandbox.files = {LOOPBACK: None, "/usr/libexec/cni/loopback": "theirs"}
    run = ("/bin/bash", "-c", 'chmod +x /usr/libexec/cni/loopback && exec bash "$0"')
    result = sandbox.run(node_script(specs.spec()), interpreter=run)
    assert result.status == 0, result.output
    assert (result.folder / "changes" / LOOPBACK[1:]).read_text() == "theirs"


@pytest.mark.parametrize("method", ["kubeadm", "k3s", "rke2"])
def test_every_node_has_plugins_from_the_kubernetes_repository(method: str) -> None:
    """k3s and RKE2 keep theirs to themselves, and Terway brings no loopback."""
    text = node_script(specs.spec(join=specs.join(method, "file")))
    assert re.search(r"(?m)^  phase 12 check_plugins$", text)
    assert ("'kubernetes-cni'" in text) == (method != "kubeadm")
    without = replace(specs.spec(join=specs.join(method, "file")), terway=None)
    assert ("check_plugins" in node_script(without)) == (method == "kubeadm")
