"""What the guide's own init-node-ecs.sh does where ours does not, run in the same sandbox.

Its text is not ours to copy: it is read from a checkout that has the guide beside it, and skipped elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.node_script.sandbox import LABELS, NODE, PEM, PROVIDER_ID, Result, Sandbox, inputs

GUIDE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "guide.zh.txt"
KUBELET_FILE = "/etc/sysconfig/kubelet"
PROGRAMS = ("yum", "yum-config-manager", "crictl", "kubectl")
JOINS = "echo joined; exit 0"
pytestmark = pytest.mark.skipif(not GUIDE.exists(), reason=f"the guide is not at {GUIDE}: only our own half was run")


def guide_script() -> str:
    """The second script of the page, without the page's margin."""
    text = GUIDE.read_text(encoding="utf-8")
    found = re.search(r"init-node-ecs\.sh脚本示例\n\s*\n( +)(#!/bin/bash\n.*?kubeadm join [^\n]*\n)", text, re.DOTALL)
    assert found, "the page has changed"
    return re.sub(rf"(?m)^{found[1]}", "", found[2])


@pytest.fixture
def alinux(sandbox: Sandbox) -> Sandbox:
    """A system as the guide has it: with sudo, and a kubelet package that brings its file."""
    sandbox.system = "alinux"
    sandbox.files = {KUBELET_FILE: "KUBELET_EXTRA_ARGS=\n", "/etc/yum.repos.d/base.repo": ""}
    sandbox.stubs = dict.fromkeys(PROGRAMS, "") | {"sudo": '"$@"; exit', "kubeadm": JOINS}
    return sandbox


def ran(
    sandbox: Sandbox, environment: dict[str, str] | None = None, interpreter: tuple[str, ...] = ("/bin/bash",)
) -> Result:
    """The guide's script ends well whatever happened."""
    result = sandbox.run(guide_script(), environment, interpreter=interpreter)
    assert result.status == 0, result.output
    return result


def kubelet_file(result: Result) -> str:
    return result.text(KUBELET_FILE) or ""


def test_guide_01_ends_well_when_everything_failed(alinux: Sandbox) -> None:
    alinux.stubs |= {"yum": "exit 1", "systemctl": "exit 1", "containerd": "exit 1"}
    assert "joined" in ran(alinux).output


def test_guide_02_an_at_sign_loses_all_labels(alinux: Sandbox) -> None:
    result = ran(alinux, inputs(ALIBABA_CLOUD_LABELS=f"{LABELS},mail=a@b"))
    assert "node-labels" not in kubelet_file(result)


@pytest.mark.parametrize("before", ["", None], ids=["empty", "missing"])
def test_guide_03_an_empty_file_stays_empty(alinux: Sandbox, before: str | None) -> None:
    alinux.files = {} if before is None else {KUBELET_FILE: before}
    assert ran(alinux).text(KUBELET_FILE) == before


def test_guide_04_quotes_end_up_in_the_middle(alinux: Sandbox) -> None:
    alinux.files = {KUBELET_FILE: 'KUBELET_EXTRA_ARGS="--v=2"\n'}
    assert re.search(r'^KUBELET_EXTRA_ARGS=--\S+ .*"--v=2"$', kubelet_file(ran(alinux)))


def test_guide_05_two_names_are_glued_together(alinux: Sandbox) -> None:
    alinux.files = {KUBELET_FILE: "KUBELET_EXTRA_ARGS=--hostname-override=old --provider-id=old\n"}
    text = kubelet_file(ran(alinux))
    assert f"--hostname-override={NODE},old" in text
    assert f"--provider-id={PROVIDER_ID},old" in text


def test_guide_06_kubeadm_is_not_told_the_name(alinux: Sandbox) -> None:
    (join,) = re.findall("(?m)^kubeadm join.*", ran(alinux).calls)
    assert NODE not in join


def test_guide_07_and_08_a_second_run_removes_packages_and_repeats_flags(alinux: Sandbox) -> None:
    alinux.files = {KUBELET_FILE: kubelet_file(ran(alinux))}
    result = ran(alinux)
    assert re.search(r"(?m)^yum remove -y kubelet", result.calls)
    assert re.search(r"(?m)^yum remove -y containerd\.io", result.calls)
    assert f"--node-labels={LABELS},{LABELS}" in kubelet_file(result)


def test_guide_09_a_key_stands_twice_in_the_runtime_configuration(alinux: Sandbox) -> None:
    default = (
        '      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n        SystemdCgroup = false\n'
    )
    sandbox_image = '    sandbox_image = "registry.k8s.io/pause:3.6"\n'
    alinux.stubs |= {"containerd": f"printf '%s' '{sandbox_image}{default}'; exit"}
    text = ran(alinux).text("/etc/containerd/config.toml") or ""
    assert text.count("SystemdCgroup") == 2
    assert "registry.k8s.io/pause:3.6" in text


def test_guide_10_to_12_old_foreign_and_unsigned_packages(alinux: Sandbox) -> None:
    result = ran(alinux)
    assert re.search(r"(?m)^yum install -y containerd\.io-1\.4\.", result.calls)
    assert "https://download.docker.com" in result.calls
    text = result.text("/etc/yum.repos.d/kubernetes.repo") or ""
    assert "baseurl=http://" in text
    assert "\ngpgcheck=0\nrepo_gpgcheck=0\n" in text
    assert "x86_64" in text  # number 27


def test_guide_13_and_14_no_ca_and_a_token_for_everybody(alinux: Sandbox) -> None:
    (join,) = re.findall("(?m)^kubeadm join.*", ran(alinux).calls)
    assert "--discovery-token-unsafe-skip-ca-verification" in join
    assert re.search(r"--token [a-z0-9]{6}\.", join)


def test_guide_15_and_16_the_kubelet_starts_without_its_arguments(alinux: Sandbox) -> None:
    copy = f"[[ $* != 'start kubelet' || -e /stub/first ]] || cp {KUBELET_FILE} /stub/first"
    alinux.stubs |= {"systemctl": copy}
    result = ran(alinux)
    assert result.calls.index("systemctl start kubelet") < result.calls.index("kubeadm join")
    assert (result.folder / "out" / "first").read_text() == "KUBELET_EXTRA_ARGS=\n"


def test_guide_17_and_18_crictl_without_a_scheme_and_everybodys_sysctls(alinux: Sandbox) -> None:
    alinux.stubs |= {"modprobe": "exit 1"}
    calls = ran(alinux).calls
    assert re.search(r"(?m)^crictl config runtime-endpoint /run/", calls)
    assert "sysctl --system" in calls


def test_guide_18_needs_sudo(alinux: Sandbox) -> None:
    alinux.stubs |= {"sudo": "exit 127"}
    assert ran(alinux).text("/etc/sysctl.d/99-kubernetes-cri.conf") is None


def test_guide_19_swap_stays(alinux: Sandbox) -> None:
    assert "swapoff" not in ran(alinux).calls


def test_guide_20_and_21_one_try_and_no_look_at_the_result(alinux: Sandbox) -> None:
    alinux.stubs |= {
        "kubeadm": 'case "$(</stub/calls)" in *"kubeadm join"*"kubeadm join"*) exit 0 ;; *) exit 1 ;; esac'
    }
    result = alinux.run(guide_script())
    assert result.calls.count("kubeadm join") == 1
    assert result.status == 1
    assert "curl" not in result.calls


def test_guide_22_a_missing_variable_is_skipped_or_deadly(alinux: Sandbox) -> None:
    assert kubelet_file(ran(alinux, {"LANG": "C"})) == "KUBELET_EXTRA_ARGS=\n"
    strict = alinux.run(guide_script(), {"LANG": "C"}, interpreter=("/bin/bash", "-u"))
    assert strict.status != 0
    assert "ALIBABA_CLOUD_LABELS: unbound variable" in strict.output


def test_guide_23_and_24_restricted_labels_pass_and_the_needed_one_is_missing(alinux: Sandbox) -> None:
    text = kubelet_file(ran(alinux, inputs(ALIBABA_CLOUD_LABELS="node-role.kubernetes.io/worker=a")))
    assert "--node-labels=node-role.kubernetes.io/worker=a " in text
    assert "alibabacloud.com/external" not in text


def test_guide_25_a_truncated_download_removes_packages(alinux: Sandbox) -> None:
    script = guide_script()
    result = alinux.run(script[: len(script) // 2])
    assert "yum remove -y kubelet kubeadm kubectl" in result.calls
    assert "kubeadm join" not in result.calls


def test_guide_26_dash_joins_without_labels(alinux: Sandbox) -> None:
    result = ran(alinux, interpreter=("/bin/dash",))
    assert "[[: not found" in result.output
    assert kubelet_file(result) == "KUBELET_EXTRA_ARGS=\n"
    assert "kubeadm join" in result.calls


def test_guide_28_certificates_of_another_node_stay(alinux: Sandbox) -> None:
    alinux.files |= {PEM: "old"}
    assert ran(alinux).text(PEM) == "old"


def test_the_page_is_read_as_a_whole() -> None:
    script = guide_script()
    assert script.startswith("#!/bin/bash\n")
    assert script.count("ALIBABA_CLOUD_") == 16
