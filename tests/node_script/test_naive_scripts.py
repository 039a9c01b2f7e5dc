"""Node scripts as one writes them by hand, each with one of the defects of the guide's: the sandbox shows every one.

Else a test of ``test_guide_defects.py`` could pass because the sandbox hides what goes wrong.
"""

from __future__ import annotations

import re

import pytest
from tests.node_script.sandbox import LABELS, NODE, PEM, PROVIDER_ID, Result, Sandbox, inputs

pytestmark = pytest.mark.needs("root")

KUBELET_FILE = "/etc/sysconfig/kubelet"
JOIN = "kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification\n"
# The kubelet's flags, edited into its file: once for the labels and once for the id.
FLAGS = f"""
add() {{
  if grep -q -- "$1=" {KUBELET_FILE}; then
    sed -i "s@$1=@$1=$2,@" {KUBELET_FILE}
  else
    sed -i "s@^KUBELET_EXTRA_ARGS=@&$1=$2 @" {KUBELET_FILE}
  fi
}}
if [[ $ALIBABA_CLOUD_LABELS != "" ]]; then add --node-labels "$ALIBABA_CLOUD_LABELS"; fi
if [[ $ALIBABA_CLOUD_PROVIDER_ID != "" ]]; then add --provider-id "$ALIBABA_CLOUD_PROVIDER_ID"; fi
"""


@pytest.fixture
def alinux(sandbox: Sandbox) -> Sandbox:
    """A system of the guide's kind, with sudo, and a kubelet package that brings its file."""
    sandbox.system = "alinux"
    sandbox.files = {KUBELET_FILE: "KUBELET_EXTRA_ARGS=\n", "/etc/yum.repos.d/base.repo": ""}
    sandbox.stubs = {"sudo": '"$@"; exit', "kubeadm": "echo joined; exit 0", "crictl": ""}
    return sandbox


def ran(
    sandbox: Sandbox,
    script: str,
    environment: dict[str, str] | None = None,
    interpreter: tuple[str, ...] = ("/bin/bash",),
) -> Result:
    """The script ends well whatever happened."""
    result = sandbox.run(script, environment, interpreter=interpreter)
    assert result.status == 0, result.output
    return result


def kubelet_file(result: Result) -> str:
    return result.text(KUBELET_FILE) or ""


def test_defect_01_it_ends_well_when_everything_failed(alinux: Sandbox) -> None:
    alinux.stubs |= {"dnf": "exit 1", "systemctl": "exit 1"}
    assert "joined" in ran(alinux, "dnf -y install kubelet\nsystemctl restart containerd\n" + JOIN).output


def test_defect_02_an_at_sign_loses_all_labels(alinux: Sandbox) -> None:
    result = ran(alinux, FLAGS, inputs(ALIBABA_CLOUD_LABELS=f"{LABELS},mail=a@b"))
    assert "node-labels" not in kubelet_file(result)


@pytest.mark.parametrize("before", ["", None], ids=["empty", "missing"])
def test_defect_03_an_empty_file_stays_empty(alinux: Sandbox, before: str | None) -> None:
    alinux.files = {} if before is None else {KUBELET_FILE: before}
    assert ran(alinux, f"{FLAGS}true\n").text(KUBELET_FILE) == before


def test_defect_04_quotes_end_up_in_the_middle(alinux: Sandbox) -> None:
    alinux.files = {KUBELET_FILE: 'KUBELET_EXTRA_ARGS="--v=2"\n'}
    assert re.search(r'^KUBELET_EXTRA_ARGS=--\S+ .*"--v=2"$', kubelet_file(ran(alinux, FLAGS)))


def test_defect_05_two_values_are_glued_together(alinux: Sandbox) -> None:
    alinux.files = {KUBELET_FILE: "KUBELET_EXTRA_ARGS=--provider-id=old\n"}
    assert f"--provider-id={PROVIDER_ID},old" in kubelet_file(ran(alinux, FLAGS))


def test_defect_06_kubeadm_is_not_told_the_name(alinux: Sandbox) -> None:
    (join,) = re.findall("(?m)^kubeadm join.*", ran(alinux, JOIN).calls)
    assert NODE not in join


def test_defects_07_and_08_a_second_run_removes_packages_and_repeats_flags(alinux: Sandbox) -> None:
    script = f"dnf -y remove kubelet containerd.io\n{FLAGS}"
    alinux.files = {KUBELET_FILE: kubelet_file(ran(alinux, script))}
    result = ran(alinux, script)
    assert "dnf -y remove kubelet containerd.io" in result.calls
    assert f"--node-labels={LABELS},{LABELS}" in kubelet_file(result)


def test_defect_09_a_key_stands_twice_in_the_runtime_configuration(alinux: Sandbox) -> None:
    file = "/etc/containerd/config.toml"
    script = f"""
mkdir -p /etc/containerd
containerd config default >{file}
sed -i '/runc.options/a\\  SystemdCgroup = true' {file}
"""
    alinux.stubs |= {"containerd": "printf '[runc.options]\\n  SystemdCgroup = false\\n'; exit"}
    assert (ran(alinux, script).text(file) or "").count("SystemdCgroup") == 2


def test_defects_10_to_12_old_foreign_and_unsigned_packages(alinux: Sandbox) -> None:
    repository = "/etc/yum.repos.d/kubernetes.repo"
    script = f"""
printf '[kubernetes]\\nbaseurl=http://packages.example.com/x86_64\\ngpgcheck=0\\n' >{repository}
dnf -y config-manager --add-repo https://packages.example.org/containerd.repo
dnf -y install containerd.io-1.4.3
"""
    result = ran(alinux, script)
    assert "containerd.io-1.4.3" in result.calls
    assert "https://packages.example.org" in result.calls
    text = result.text(repository) or ""
    assert "gpgcheck=0" in text
    assert "http://packages.example.com/x86_64" in text  # defect 27: for one processor


def test_defects_13_and_14_no_ca_and_a_token_for_everybody(alinux: Sandbox) -> None:
    (join,) = re.findall("(?m)^kubeadm join.*", ran(alinux, JOIN).calls)
    assert "--discovery-token-unsafe-skip-ca-verification" in join
    assert re.search(r"--token [a-z0-9]{6}\.", join)


def test_defects_15_and_16_the_kubelet_starts_without_its_arguments(alinux: Sandbox) -> None:
    alinux.stubs |= {"systemctl": f"[[ $* != 'start kubelet' ]] || cp {KUBELET_FILE} /stub/first"}
    result = ran(alinux, f"systemctl start kubelet\n{FLAGS}{JOIN}")
    assert result.calls.index("systemctl start kubelet") < result.calls.index("kubeadm join")
    assert (result.folder / "out" / "first").read_text() == "KUBELET_EXTRA_ARGS=\n"


def test_defect_17_crictl_is_given_a_path_without_a_scheme(alinux: Sandbox) -> None:
    result = ran(alinux, "crictl config runtime-endpoint /run/containerd/containerd.sock\n")
    assert re.search(r"(?m)^crictl config runtime-endpoint /run/", result.calls)


@pytest.mark.parametrize("broken", ["modprobe", "sudo"])
def test_defect_18_the_kernel_is_prepared_without_a_look(alinux: Sandbox, broken: str) -> None:
    file = "/etc/sysctl.d/99-kubernetes.conf"
    alinux.stubs |= {broken: "exit 1"}
    script = f"modprobe overlay\necho net.ipv4.ip_forward = 1 | sudo tee {file}\nsysctl --system\n"
    result = ran(alinux, script)
    assert "sysctl --system" in result.calls
    assert (result.text(file) is None) == (broken == "sudo")


def test_defect_19_swap_stays(alinux: Sandbox) -> None:
    assert "swapoff" not in ran(alinux, JOIN).calls


def test_defects_20_and_21_one_try_and_no_look_at_the_result(alinux: Sandbox) -> None:
    alinux.stubs |= {"kubeadm": "exit 1"}
    result = alinux.run(JOIN)
    assert result.calls.count("kubeadm join") == 1
    assert result.status == 1
    assert "curl" not in result.calls


def test_defect_22_a_missing_variable_is_passed_over_or_deadly(alinux: Sandbox) -> None:
    assert kubelet_file(ran(alinux, FLAGS, {"LANG": "C"})) == "KUBELET_EXTRA_ARGS=\n"
    strict = alinux.run(FLAGS, {"LANG": "C"}, interpreter=("/bin/bash", "-u"))
    assert strict.status != 0
    assert "ALIBABA_CLOUD_LABELS: unbound variable" in strict.output


def test_defects_23_and_24_restricted_labels_pass_and_the_needed_one_is_missing(alinux: Sandbox) -> None:
    text = kubelet_file(ran(alinux, FLAGS, inputs(ALIBABA_CLOUD_LABELS="node-role.kubernetes.io/worker=a")))
    assert "--node-labels=node-role.kubernetes.io/worker=a " in text
    assert "alibabacloud.com/external" not in text


def test_defect_25_a_truncated_download_removes_packages(alinux: Sandbox) -> None:
    script = f"dnf -y remove kubelet\n{FLAGS}{JOIN}"
    result = alinux.run(script[: len(script) // 2])
    assert "dnf -y remove kubelet" in result.calls
    assert "kubeadm join" not in result.calls


def test_defect_26_dash_joins_without_labels(alinux: Sandbox) -> None:
    result = ran(alinux, FLAGS + JOIN, interpreter=("/bin/dash",))
    assert "[[: not found" in result.output
    assert kubelet_file(result) == "KUBELET_EXTRA_ARGS=\n"
    assert "kubeadm join" in result.calls


def test_defect_28_certificates_of_another_node_stay(alinux: Sandbox) -> None:
    alinux.files = {**alinux.files, PEM: "old"}
    assert ran(alinux, JOIN).text(PEM) == "old"
