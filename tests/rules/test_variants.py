"""What the published examples do not show: other ways into a rule, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.patched import patched

from hybridc.cli.main import main

Found = Callable[[str], list[tuple[str, str, str, str]]]
BASE = Path(__file__).parent / "base.yaml"
MIRROR = 'url: "https://repo.idc.example.com/k8s/v1.34/rpm/", keyURL: "https://repo.idc.example.com/k8s/key"'
KUBERNETES = f"{{name: kubernetes, family: rpm, {MIRROR}}}"
K3S = 'method: k3s, server: "https://192.168.10.10:6443"'
AIRGAP = '{name: k3s-airgap, url: "https://a.example.com/k", arch: amd64, sha256: 7c2e6913…}'
RANGES = ", ".join(f"172.28.{number}.0/24" for number in range(200))
EXTERNAL = "{key: alibabacloud.com/external, operator: In, values: ['true', 'false']}"
VIRTUAL = "{key: type, operator: In, values: [virtual-kubelet]}"
LIMITS = '[{instanceType: ecs.g6.xlarge, priceLimit: "1"}, {instanceType: ecs.g6.xlarge, priceLimit: "2"}]'


@pytest.fixture
def found(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Found:
    """``found(patch)``: ``(code, severity, message, help)`` of every finding of the base with a patch."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")

    def run(patch: str) -> list[tuple[str, str, str, str]]:
        path = tmp_path / "hybrid.yaml"
        path.write_text(patched(BASE, patch), encoding="utf-8")
        capsys.readouterr()
        assert main(["validate", "--format", "json", str(path)]) in (0, 2)
        return [
            (str(each["code"]), str(each["severity"]), str(each["message"]), str(each.get("help", "")))
            for each in json.loads(capsys.readouterr().out)["diagnostics"]
        ]

    return run


CASES = {
    "six numbers": ("cluster: {apiServer: 10.200.1.2.3.4:6443}", "INIT010", "error"),
    "three numbers": ("cluster: {apiServer: 10.200.1:6443}", "INIT010", "error"),
    "colons": ('cluster: {apiServer: "[::::]:6443"}', "INIT010", "error"),
    "localhost": ("cluster: {apiServer: localhost:6443}", "INIT047", "error"),
    "any address": ("cluster: {apiServer: 0.0.0.0:6443}", "INIT047", "error"),
    "link-local": ("cluster: {apiServer: 169.254.3.4:6443}", "INIT047", "error"),
    "of the cloud": ("cluster: {apiServer: 100.100.2.136:6443}", "INIT047", "error"),
    "IPv6 loopback": ('cluster: {apiServer: "[::1]:6443"}', "INIT047", "error"),
    "201 ranges": (f"cluster: {{nodeCIDRs: [192.168.10.0/24], podCIDRs: [{RANGES}]}}", "NET017", "warning"),
    "Flux and a Service of its own": ("gitops: {engine: flux, destination: {name: x}}", "GIT036", "warning"),
    "no shell": ("gitops: {jobImage: registry.k8s.io/kubectl:v1.34.2}", "GIT037", "error"),
    "no version": ("gitops: {jobImage: registry.example.com:5000/kubectl:latest}", "GIT037", "warning"),
    "a GitLab token": ("gitops: {repoURL: https://glpat-abc@git.example.com/a/b}", "SEC024", "error"),
    "a long user": ("gitops: {repoURL: https://abcdefghijklmnopqrstu@git.example.com/a/b}", "SEC024", "error"),
    "a token in a hook": (
        'nodeInit: {hooks: {pre: "git clone https://gho_abc@github.com/a/b"}}',
        "SEC024",
        "error",
    ),
    "custom and flags": (
        "nodeInit: {join: {method: custom, command: join}, kubeletExtraArgs: {v: '2'}}",
        "INIT042",
        "warning",
    ),
    "two repositories": (
        f"nodeInit: {{packages: {{repositories: [{KUBERNETES}, {KUBERNETES}]}}}}",
        "INIT045",
        "error",
    ),
    "a tarball for k3s": (
        f"nodeInit: {{join: {{{K3S}}}, packages: {{source: tarball, tarballs: [{AIRGAP}]}}}}",
        "INIT046",
        "error",
    ),
    "a label for all nodes": ("nodeInit: {labels: {extra: {type: virtual-kubelet}}}", "NODE028", "error"),
    "hybridc's label for all nodes": ("nodeInit: {labels: {extra: {hybridc.dev/pool: x}}}", "NODE048", "error"),
    "the mark of nodes that go": ('nodePools: [{labels: {hybridc.dev/replace: "true"}}]', "NODE048", "error"),
    "the CNI is Terway's": ("cluster: {cni: {daemonSet: {name: terway-eniip}}}", "CNI028", "error"),
    "only virtual nodes": (
        f"cluster: {{cni: {{existingNodeSelectorTerms: [{{matchExpressions: [{VIRTUAL}]}}]}}}}",
        "CNI030",
        "error",
    ),
    "a schedule on day 0": ('cluster: {cni: {recheck: "0 0 0 * *"}}', "CNI029", "error"),
    "an image of a person": ("nodePools: [{image: {type: Custom}}]", "NODE031", "warning"),
    "the next Alibaba Cloud Linux": ("nodePools: [{image: {type: AliyunLinux4}}]", "NODE031", "warning"),
    "Alibaba Cloud Linux 2 with UEFI": ("nodePools: [{image: {type: AliyunLinuxSecurity}}]", "INIT033", "warning"),
    "two limits of a type": (
        f"nodePools: [{{spot: {{strategy: SpotWithPriceLimit, limits: {LIMITS}}}}}]",
        "NODE030",
        "error",
    ),
}


@pytest.mark.parametrize(("patch", "code", "severity"), CASES.values(), ids=CASES)
def test_found(found: Found, patch: str, code: str, severity: str) -> None:
    assert {each[:2] for each in found(patch) if each[0] == code} == {(code, severity)}


FINE = {
    "an IPv6 address": ('cluster: {apiServer: "[fd00::1]:6443"}', ("INIT010", "INIT047")),
    "a name": ("cluster: {apiServer: k8s.idc.example.com:6443}", ("INIT010", "INIT047")),
    "a name with numbers": ("cluster: {apiServer: 10.example.com:6443}", ("INIT010", "INIT047")),
    "a user": ("gitops: {repoURL: https://org@dev.azure.com/org/project/_git/repo}", ("SEC024",)),
    "an at sign in the path": (
        "gitops: {repoURL: https://git.example.com/team@abcdefghijklmnopqrstuvwx/b}",
        ("SEC024",),
    ),
    "a digest": ("gitops: {jobImage: 'a.example.com/kubectl@sha256:7c2e6913…'}", ("GIT037",)),
    "latest with a digest": ("gitops: {jobImage: 'a.io/kubectl:latest@sha256:7c2e6913…'}", ("GIT037",)),
    "Flux and its defaults": ("gitops: {engine: flux}", ("GIT033", "GIT034", "GIT035", "GIT036")),
    "Flux and a project": ("gitops: {engine: flux, project: default}", ("GIT033",)),
    "a term that names other nodes too": (
        f"cluster: {{cni: {{existingNodeSelectorTerms: [{{matchExpressions: [{EXTERNAL}]}}]}}}}",
        ("CNI030",),
    ),
    "a Deployment named kube-proxy": (
        "cluster: {cni: {excludeAlso: [{kind: Deployment, namespace: kube-system, name: kube-proxy}]}}",
        ("CNI028",),
    ),
    "a schedule with names": ('cluster: {cni: {recheck: "5/10 0-23/2 1,31 Jan-Dec SUN,6"}}', ("CNI029",)),
    "an empty overlay list": ("nodeInit: {join: {ignorePreflightErrors: []}}", ("INIT042",)),
}


@pytest.mark.parametrize(("patch", "codes"), FINE.values(), ids=FINE)
def test_left_alone(found: Found, patch: str, codes: tuple[str, ...]) -> None:
    assert [each for each in found(patch) if each[0] in codes or each[0].startswith("SPEC")] == []


def test_a_token_is_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = "gho_" + "Zq3vX8kLm2Np5Rt7Wy9B"
    path = tmp_path / "hybrid.yaml"
    path.write_text(patched(BASE, f"gitops: {{repoURL: https://{token}@github.com/a/b}}"), encoding="utf-8")
    assert main(["validate", str(path)]) == 2
    said = "".join(capsys.readouterr())
    assert "SEC024" in said
    assert token not in said


def test_what_terraform_cannot_be_told_is_named_by_its_key(found: Found) -> None:
    known = "scaling_group: {}, management: {enable: true}"
    extra = f"{{{known}, scaling_group.period: 1, kubernetes_config: {{runtime.x: 1}}}}"
    patch = f"alibabaCloud: {{terraform: true}}\nnodePools: [{{name: cpu, extra: {extra}}}]"
    (said,) = [each[2] for each in found(patch) if each[0] == "NODE067"]
    assert said.endswith("passes on: scaling_group.period, kubernetes_config.runtime.x")


def overlay(conf: str) -> str:
    return (
        f"terway: {{dynamicConfigs: {{gpu: {{extraEniConf: {conf}}}}}}}\nnodePools: [{{name: cpu, terwayConfig: gpu}}]"
    )


def test_vswitches_of_a_dynamic_configuration(found: Found) -> None:
    codes = [each[0] for each in found(overlay("{vswitches: {cn-shanghai-l: [vsw-uf6gpu]}}"))]
    assert [code for code in codes if code.startswith("ENI")] == []
    codes = [each[0] for each in found(overlay("{vswitches: [vsw-uf6gpu]}"))]
    assert [code for code in codes if code.startswith("ENI")] == ["ENI023"]


def test_the_field_of_a_dynamic_configuration_is_named(found: Found) -> None:
    helps = [each[3] for each in found(overlay("{security_groups: [sg-uf6a1b2c3d4e5f6]}")) if each[0] == "ENI030"]
    assert helps == ["use terway.dynamicConfigs.gpu.securityGroups"]
    helps = [each[3] for each in found(overlay("{ip_stack: dual}")) if each[0] == "ENI030"]
    assert helps == ["use terway.ipStack"]
