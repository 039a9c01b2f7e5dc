"""Rules whose one folder cannot show everything: what else they find, and what they leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hybridc.cli.main import main

Found = Callable[[str], list[tuple[str, str, str, str]]]
BASE = (Path(__file__).parent / "NODE025" / "pass.yaml").read_text("utf-8")
API = "apiServer: 192.168.10.10:6443"
JOIN = "token: {from: file}"
REPO = "repoURL: https://git.example.com/platform/hybrid-out.git"
TERWAY = "    version: 1.16.8\n"
TERMS = "existingNodeSelectorTerms: []"
SIZE = "      size: {max: 50}\n"
MIRROR = 'url: "https://repo.idc.example.com/k8s/v1.34/rpm/", keyURL: "https://repo.idc.example.com/k8s/key"'
K3S = 'method: k3s, server: "https://192.168.10.10:6443"'


def replaced(old: str, new: str) -> str:
    assert old in BASE, old
    return BASE.replace(old, new, 1)


@pytest.fixture
def found(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Found:
    """``found(text)``: ``(code, severity, message, help)`` of every finding."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")

    def run(text: str) -> list[tuple[str, str, str, str]]:
        path = tmp_path / "hybrid.yaml"
        path.write_text(text, encoding="utf-8")
        capsys.readouterr()
        assert main(["validate", "--format", "json", str(path)]) in (0, 2)
        return [
            (str(each["code"]), str(each["severity"]), str(each["message"]), str(each.get("help", "")))
            for each in json.loads(capsys.readouterr().err)["diagnostics"]
        ]

    return run


CASES = {
    "six numbers": (API, "apiServer: 10.200.1.2.3.4:6443", "INIT010", "error"),
    "three numbers": (API, "apiServer: 10.200.1:6443", "INIT010", "error"),
    "colons": (API, 'apiServer: "[::::]:6443"', "INIT010", "error"),
    "localhost": (API, "apiServer: localhost:6443", "INIT047", "error"),
    "any address": (API, "apiServer: 0.0.0.0:6443", "INIT047", "error"),
    "link-local": (API, "apiServer: 169.254.3.4:6443", "INIT047", "error"),
    "of the cloud": (API, "apiServer: 100.100.2.136:6443", "INIT047", "error"),
    "IPv6 loopback": (API, 'apiServer: "[::1]:6443"', "INIT047", "error"),
    "Flux and a Service of its own": (
        REPO,
        f"engine: flux\n    {REPO}\n    destination: {{name: x}}",
        "GIT036",
        "warning",
    ),
    "no shell": (REPO, f"{REPO}\n    jobImage: registry.k8s.io/kubectl:v1.34.2", "GIT037", "error"),
    "no version": (REPO, f"{REPO}\n    jobImage: registry.example.com:5000/kubectl:latest", "GIT037", "warning"),
    "a GitLab token": (REPO, "repoURL: https://glpat-abc@git.example.com/a/b", "SEC024", "error"),
    "a long user": (REPO, "repoURL: https://abcdefghijklmnopqrstu@git.example.com/a/b", "SEC024", "error"),
    "a token in a hook": (
        JOIN,
        f'{JOIN}\n    hooks: {{pre: "git clone https://gho_abc@github.com/a/b"}}',
        "SEC024",
        "error",
    ),
    "custom and flags": (
        JOIN,
        f"{JOIN}\n      method: custom\n      command: join\n    kubeletExtraArgs: {{v: '2'}}",
        "INIT042",
        "warning",
    ),
    "two repositories": (
        JOIN,
        f"{JOIN}\n    packages:\n      repositories:\n"
        + f"        - {{name: kubernetes, family: rpm, {MIRROR}}}\n" * 2,
        "INIT045",
        "error",
    ),
    "a tarball for k3s": (
        f"join:\n      {JOIN}",
        (
            f"join: {{{K3S}, {JOIN}}}\n    packages: {{source: tarball, tarballs: [{{name: k3s-airgap, "
            f'url: "https://a.example.com/k", arch: amd64, sha256: {"7c2e6913" * 8}}}]}}'
        ),
        "INIT046",
        "error",
    ),
    "a label for all nodes": (JOIN, f"{JOIN}\n    labels: {{extra: {{type: virtual-kubelet}}}}", "NODE028", "error"),
    "the CNI is Terway's": (TERMS, f"{TERMS}\n      daemonSet: {{name: terway-eniip}}", "CNI028", "error"),
    "only virtual nodes": (
        TERMS,
        "existingNodeSelectorTerms: [{matchExpressions: [{key: type, operator: In, values: [virtual-kubelet]}]}]",
        "CNI030",
        "error",
    ),
    "a schedule on day 0": (TERMS, f'{TERMS}\n      recheck: "0 0 0 * *"', "CNI029", "error"),
    "two limits of a type": (
        SIZE,
        SIZE + "      spot: {strategy: SpotWithPriceLimit, limits: "
        '[{instanceType: ecs.g6.xlarge, priceLimit: "1"}, {instanceType: ecs.g6.xlarge, priceLimit: "2"}]}\n',
        "NODE030",
        "error",
    ),
}


@pytest.mark.parametrize(("old", "new", "code", "severity"), CASES.values(), ids=CASES)
def test_found(found: Found, old: str, new: str, code: str, severity: str) -> None:
    assert {each[:2] for each in found(replaced(old, new)) if each[0] == code} == {(code, severity)}


FINE = {
    "an IPv6 address": (API, 'apiServer: "[fd00::1]:6443"', ("INIT010", "INIT047")),
    "a name": (API, "apiServer: k8s.idc.example.com:6443", ("INIT010", "INIT047")),
    "a name with numbers": (API, "apiServer: 10.example.com:6443", ("INIT010", "INIT047")),
    "a user": (REPO, "repoURL: https://org@dev.azure.com/org/project/_git/repo", ("SEC024",)),
    "an at sign in the path": (REPO, "repoURL: https://git.example.com/team@abcdefghijklmnopqrstuvwx/b", ("SEC024",)),
    "a digest": (REPO, f"{REPO}\n    jobImage: a.example.com/kubectl@sha256:{'7c2e6913' * 8}", ("GIT037",)),
    "latest with a digest": (REPO, f"{REPO}\n    jobImage: a.io/kubectl:latest@sha256:{'7c2e6913' * 8}", ("GIT037",)),
    "Flux and its defaults": (REPO, f"engine: flux\n    {REPO}", ("GIT033", "GIT034", "GIT035", "GIT036")),
    "Flux and a project": (REPO, f"engine: flux\n    {REPO}\n    project: default", ("GIT033",)),
    "a term that names other nodes too": (
        TERMS,
        (
            "existingNodeSelectorTerms: "
            "[{matchExpressions: [{key: alibabacloud.com/external, operator: In, values: ['true', 'false']}]}]"
        ),
        ("CNI030",),
    ),
    "a Deployment named kube-proxy": (
        TERMS,
        f"{TERMS}\n      excludeAlso: [{{kind: Deployment, namespace: kube-system, name: kube-proxy, {TERMS}}}]",
        ("CNI028",),
    ),
    "a schedule with names": (TERMS, f'{TERMS}\n      recheck: "5/10 0-23/2 1,31 Jan-Dec SUN,6"', ("CNI029",)),
    "an empty overlay list": (JOIN, f"{JOIN}\n      ignorePreflightErrors: []", ("INIT042",)),
    "an image of a person": ("image: {type: AliyunLinux3}", "image: {type: Custom}", ("NODE031",)),
}


@pytest.mark.parametrize(("old", "new", "codes"), FINE.values(), ids=FINE)
def test_left_alone(found: Found, old: str, new: str, codes: tuple[str, ...]) -> None:
    assert [each for each in found(replaced(old, new)) if each[0] in codes or each[0].startswith("SPEC")] == []


def test_a_token_is_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = "gho_" + "Zq3vX8kLm2Np5Rt7Wy9B"
    path = tmp_path / "hybrid.yaml"
    path.write_text(replaced(REPO, f"repoURL: https://{token}@github.com/a/b"), encoding="utf-8")
    assert main(["validate", str(path)]) == 2
    said = "".join(capsys.readouterr())
    assert "SEC024" in said
    assert token not in said


def overlay(conf: str) -> str:
    text = replaced(TERWAY, f"{TERWAY}    dynamicConfigs: {{gpu: {{extraEniConf: {conf}}}}}\n")
    return text.replace(SIZE, f"{SIZE}      terwayConfig: gpu\n")


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
