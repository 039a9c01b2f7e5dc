"""The 28 defects of the guide's init-node-ecs.sh: for each, a run of ours in which it would show.

``test_naive_scripts.py`` shows that the sandbox lets them show.
"""

from __future__ import annotations

import re
import tomllib

import pytest
from tests.node_script import specs
from tests.node_script.sandbox import CA, KUBECONFIG, LABELS, NODE, PEM, PROVIDER_ID, TOKEN, Result, Sandbox, inputs

from hybridc.catalog import kubernetes, systems
from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("root")

KUBELET_FILE = "/etc/sysconfig/kubelet"
CNI_ONLY = "alibabacloud.com/external=true"


@pytest.fixture
def alinux(sandbox: Sandbox) -> Sandbox:
    """The guide's kind of system: dnf, and a kubelet file in /etc/sysconfig."""
    sandbox.system = "alinux"
    return sandbox


def joins(sandbox: Sandbox, environment: dict[str, str] | None = None) -> Result:
    result = sandbox.run(node_script(specs.spec()), environment)
    assert result.status == 0, result.output
    return result


def written(result: Result) -> str:
    """The JoinConfiguration that kubeadm was given."""
    return result.join_configuration or ""


@pytest.mark.parametrize(
    ("broken", "status"),
    [({"dnf": "exit 1"}, 12), ({"systemctl": "[[ $* != 'restart containerd' ]] || exit 1"}, 13)],
    ids=["dnf", "containerd"],
)
def test_defect_01_failures_are_ignored(alinux: Sandbox, broken: dict[str, str], status: int) -> None:
    alinux.stubs = broken
    result = alinux.run(node_script(specs.spec()))
    assert result.status == status, result.output
    assert "kubeadm join" not in result.calls


@pytest.mark.parametrize("label", ["mail=a@b", "a=b&c", "a=b\\c", "a=b\nc=d"])
def test_defect_02_a_special_character_loses_all_labels(alinux: Sandbox, label: str) -> None:
    result = alinux.run(node_script(specs.spec()), inputs(ALIBABA_CLOUD_LABELS=f"{LABELS},{label}"))
    assert result.status == 10, result.output
    assert re.search("bad label: |control characters", result.output)
    assert "kubeadm join" not in result.calls


@pytest.mark.parametrize("files", [{KUBELET_FILE: ""}, {}], ids=["empty", "missing"])
def test_defect_03_empty_kubelet_file_loses_all_labels(alinux: Sandbox, files: dict[str, str]) -> None:
    alinux.files = files
    result = joins(alinux)
    assert set(LABELS.split(",")) < set(re.findall(r"[\w./-]+=[\w./-]+", written(result)))
    assert result.text(KUBELET_FILE) == files.get(KUBELET_FILE)


def test_defect_04_quoted_kubelet_arguments_are_broken(alinux: Sandbox) -> None:
    alinux.files = {KUBELET_FILE: 'KUBELET_EXTRA_ARGS="--v=2"\n'}
    assert joins(alinux).text(KUBELET_FILE) == 'KUBELET_EXTRA_ARGS="--v=2"\n'


def test_defect_05_a_second_value_is_glued_to_the_first(alinux: Sandbox) -> None:
    before = "KUBELET_EXTRA_ARGS=--hostname-override=old --provider-id=old --register-with-taints=a=b:NoSchedule\n"
    alinux.files = {KUBELET_FILE: before}
    result = joins(alinux)
    assert result.text(KUBELET_FILE) == before
    assert "kubelet flags in /etc/sysconfig/kubelet" in result.output
    assert f"name: '{NODE}'\n" in written(result)
    assert f"value: '{PROVIDER_ID}'\n" in written(result)
    assert 'taints: [{"key":"workload","value":"ack","effect":"NoSchedule"},' in written(result)


def test_defect_06_kubeadm_does_not_know_the_node_name(alinux: Sandbox) -> None:
    text = written(joins(alinux))
    assert re.search(rf"(?m)^nodeRegistration:\n(  .*\n)*  name: '{re.escape(NODE)}'$", text)
    assert "hostname-override" not in text


def test_defect_07_a_second_run_removes_the_kubelet_of_a_live_node(alinux: Sandbox) -> None:
    alinux.files = {PEM: "pem", CA: "ca", KUBECONFIG: "conf", KUBELET_FILE: "KUBELET_EXTRA_ARGS=--v=2\n"}
    alinux.stubs = {"joined": ""}
    result = joins(alinux)
    assert "nothing to do" in result.output
    assert not re.search(r"(?m)^(dnf|yum|kubeadm) |stop|restart", result.calls)
    assert result.text(KUBELET_FILE) == "KUBELET_EXTRA_ARGS=--v=2\n"


def test_defect_08_containerd_is_removed_first(alinux: Sandbox) -> None:
    calls = joins(alinux).calls
    assert re.search(r"dnf .* install .*containerd\.io-2\.3", calls)
    assert not re.search(r"remove|erase|purge", calls)


def test_defect_09_sed_breaks_the_containerd_configuration(alinux: Sandbox) -> None:
    result = joins(alinux)
    text = result.text("/etc/containerd/config.toml") or ""
    cri = tomllib.loads(text)["plugins"]["io.containerd.grpc.v1.cri"]  # a repeated key would not parse
    assert cri["containerd"]["runtimes"]["runc"]["options"] == {"SystemdCgroup": True}
    assert cri["sandbox_image"] == "registry-cn-hangzhou-vpc.ack.aliyuncs.com/acs/pause:3.9"
    assert "containerd --config /etc/containerd/config.toml config dump" in result.calls
    assert "containerd config default" not in result.calls


@pytest.mark.parametrize("minor", kubernetes.known_minors())
def test_defect_10_containerd_too_old_for_kubernetes(minor: int) -> None:
    for system in ("auto", *(entry.id for entry in systems.known_systems())):
        line = tuple(int(part) for part in kubernetes.default_containerd(minor, system).split("."))
        assert line >= (1, 6), system


def test_defect_11_packages_come_from_abroad() -> None:
    text = node_script(specs.spec())
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    assert hosts
    assert all(host.endswith(("aliyuncs.com", "100.100.100.200")) for host in hosts), hosts
    assert "yum-utils" not in text


def test_defect_12_a_dead_repository_without_signatures(alinux: Sandbox) -> None:
    result = joins(alinux)
    for name in ("kubernetes", "containerd"):
        text = result.text(f"/etc/yum.repos.d/hybridc-{name}.repo") or ""
        assert "\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/" in text
    text = result.text("/etc/yum.repos.d/hybridc-kubernetes.repo") or ""
    assert "/kubernetes-new/core/stable/v1.34/rpm/\n" in text


def test_defect_12_a_key_over_http_is_only_taken_by_its_fingerprint(alinux: Sandbox) -> None:
    alinux.stubs = {"gpg": "echo pub:; echo fpr:::::::::0000:; exit"}
    result = alinux.run(node_script(specs.spec()))
    assert (result.status, "is not DE15B1" in result.output) == (12, True)
    assert "dnf" not in result.calls


def test_defect_13_the_ca_is_not_verified(alinux: Sandbox) -> None:
    text = written(joins(alinux))
    assert f'caCertHashes: ["{specs.HASH}"]' in text
    assert "unsafe" not in text


def test_defect_14_the_token_stands_in_the_script(alinux: Sandbox) -> None:
    script = node_script(specs.spec())
    assert not re.search(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", script)
    result = joins(alinux)
    assert TOKEN in written(result)
    assert TOKEN not in result.calls + result.output + result.environments
    assert "hybridc" not in result.left_in_run


def test_defect_15_the_kubelet_crash_loops_before_the_join(alinux: Sandbox) -> None:
    before, _, _ = joins(alinux).calls.partition("kubeadm join")
    assert "systemctl enable -q kubelet" in before
    assert not re.search(r"systemctl (re)?start kubelet|systemctl enable .*--now kubelet", before)


def test_defect_16_the_kubelet_starts_before_its_arguments_are_written(alinux: Sandbox) -> None:
    """kubeadm, which starts the kubelet, is given all of them beforehand."""
    result = joins(alinux)
    assert all(name in written(result) for name in ("node-labels", "provider-id", "max-pods", "taints: [{"))
    assert not re.search(r"systemctl (re)?start kubelet", result.calls)


def test_defect_17_crictl_is_called_and_its_endpoint_has_no_scheme(alinux: Sandbox) -> None:
    alinux.stubs = {"crictl": "exit 127"}
    result = joins(alinux)
    assert result.text("/etc/crictl.yaml") == "runtime-endpoint: unix:///run/containerd/containerd.sock\n"
    assert "crictl " not in result.calls


def test_defect_18_the_kernel_is_prepared_without_a_look(alinux: Sandbox) -> None:
    alinux.stubs = {"sudo": "exit 127"}
    result = joins(alinux)
    assert "sudo" not in result.calls
    assert "sysctl -q -e -p /etc/sysctl.d/99-zz-hybridc.conf" in result.calls
    assert "sysctl --system" not in result.calls


def test_defect_18_a_kernel_without_overlayfs_is_said_at_once(alinux: Sandbox) -> None:
    alinux.stubs = {"grep": '[[ $* != *overlay* ]] || exit 1\nexec /usr/bin/grep "$@"', "modprobe": "exit 1"}
    result = alinux.run(node_script(specs.spec()))
    assert (result.status, "the kernel has no overlayfs" in result.output) == (11, True)


def test_defect_19_swap_clock_and_firewall_are_left_alone(alinux: Sandbox) -> None:
    line = "/dev/vdb1 none swap sw 0 0\n"
    alinux.files = {"/etc/fstab": line}
    alinux.stubs = {"wc": "echo 2; exit", "systemctl": "[[ $* != *is-active*firewalld ]] || exit 0"}
    result = joins(alinux)
    assert "swapoff -a" in result.calls
    assert result.text("/etc/fstab") == f"# {line}"
    assert result.text("/etc/fstab.hybridc-bak") == line
    assert "systemctl enable -q --now chronyd" in result.calls
    assert "firewalld runs" in result.output


@pytest.mark.parametrize(("minor", "needed"), [(31, True), (32, False)])
def test_defect_19_conntrack_is_installed_where_kubeadm_asks_for_it(alinux: Sandbox, minor: int, needed: bool) -> None:
    result = alinux.run(node_script(specs.spec(minor)))
    assert ("conntrack-tools" in result.calls) == needed


def test_defect_20_one_lost_packet_ends_it(alinux: Sandbox) -> None:
    once = "if [[ ! -e /stub/failed.$name ]]; then touch /stub/failed.$name; exit 1; fi"
    alinux.stubs = {"dnf": once, "answers": f"[[ $url != */bootstrap-token ]] || {{ name=token; {once}; }}"}
    calls = joins(alinux).calls
    assert calls.count("dnf -y") == 2
    assert len(re.findall("(?m)^curl .*/bootstrap-token", calls)) == 2


def test_defect_20_a_command_that_hangs_ends_with_the_budget(alinux: Sandbox) -> None:
    alinux.stubs = {"dnf": "/bin/sleep 60"}
    assert alinux.run(node_script(specs.beyond(specs.spec(), budget_seconds=2))).status == 19


def test_defect_21_nothing_says_what_happened(alinux: Sandbox) -> None:
    result = joins(alinux)
    assert len(re.findall(r"(?m)^\d{4}-\d\d-\d\dT[\d:+-]+ INFO phase \w+ ", result.output)) > 8
    assert f"Node {NODE} has its labels, taints and provider id" in result.output
    alinux.stubs = {"answers": "[[ $url != */nodes/* ]] || { /bin/sleep 1; answer 404 ''; }"}
    assert alinux.run(node_script(specs.beyond(specs.spec(), budget_seconds=6))).status == 17


def test_defect_22_a_missing_variable_goes_unnoticed(alinux: Sandbox) -> None:
    result = alinux.run(node_script(specs.spec()), {"HYBRIDC_WITHOUT_ACK": "1"}, interpreter=("/bin/bash", "-u"))
    assert "name: 'cn-hangzhou.10.0.0.7'" in written(result), result.output
    assert "value: 'cn-hangzhou.i-frommetadata'" in written(result)
    assert CNI_ONLY in written(result)


def test_defect_23_a_restricted_label_kills_the_kubelet(alinux: Sandbox) -> None:
    result = joins(alinux, inputs(ALIBABA_CLOUD_LABELS=f"node-role.kubernetes.io/worker=,{LABELS}"))
    assert "label node-role.kubernetes.io/worker dropped" in result.output
    assert "node-role" not in written(result)
    assert "workload=cpu" in written(result)


@pytest.mark.parametrize("labels", [LABELS, "", "alibabacloud.com/external=false"])
def test_defect_24_the_required_label_is_left_to_chance(alinux: Sandbox, labels: str) -> None:
    result = alinux.run(node_script(specs.spec()), inputs(ALIBABA_CLOUD_LABELS=labels, HYBRIDC_WITHOUT_ACK="1"))
    assert re.search(rf"value: '[^']*\b{CNI_ONLY}\b", written(result)), result.output
    assert "external=false" not in written(result)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.99])
def test_defect_25_a_truncated_download_runs_its_beginning(alinux: Sandbox, share: float) -> None:
    script = node_script(specs.spec())
    result = alinux.run(script[: int(len(script) * share)])
    assert result.status != 0
    assert result.calls == ""
    assert result.changed == []


def test_defect_26_dash_skips_what_it_does_not_know(alinux: Sandbox) -> None:
    result = alinux.run(node_script(specs.spec()), interpreter=("/bin/dash",))
    assert result.status == 0, result.output
    assert "workload=cpu" in written(result)


def test_defect_27_arm_gets_packages_of_x86(alinux: Sandbox) -> None:
    assert "x86_64" not in node_script(specs.spec())
    alinux.stubs = {"uname": "echo aarch64; exit"}
    result = alinux.run(node_script(specs.spec(packages=specs.packages("tarball"))))
    assert "https://files.example.com/arm64/" in result.calls
    assert "https://files.example.com/amd64/" not in result.calls


def test_defect_28_an_image_brings_the_certificates_of_another_node(alinux: Sandbox) -> None:
    alinux.files = {PEM: "old", "/var/lib/kubelet/pki/kubelet.key": "old"}
    result = joins(alinux)
    assert result.text("/var/lib/kubelet/pki/kubelet.key") is None
    assert result.text(PEM) == "pem\n"


def test_every_defect_has_a_test() -> None:
    numbers = {int(name[12:14]) for name in globals() if name.startswith("test_defect_")}
    assert numbers == set(range(1, 29))
