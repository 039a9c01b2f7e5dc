"""Every reason of the guard has a code of the live cluster, and what the spec accepts of them reaches it."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.gitops.variants import ROOT, Object, build, example
from tests.lab.world import CAS, HASHES

from hybridc.code import Stage
from hybridc.codes import CODES
from hybridc.compile import Refused, compile_spec
from hybridc.preflight.registry import rules as live_rules
from hybridc.report.pages import guard

HOOKS = ROOT / "chart-templates" / "hooks"
SAID = {code for path in HOOKS.glob("*.sh") for code in re.findall(r"\b([A-Z]{3,4}\d{3})\b", path.read_text())}
# Secrets or objects of others would be lost, or nobody looked.
NEVER = {"SEC010", "GIT040", "GIT041", "CNI041", "CNI043"}


def instructions(folder: Path) -> Object:
    data: Object = yaml.safe_load((folder / "kustomize" / "configmap-hybridc-guard.yaml").read_text())["data"]
    return data


def test_the_guard_says_what_the_rule_book_explains_and_nothing_else() -> None:
    by_preflight_too = {rule.code.id for rule in live_rules()}
    assert set(guard.PAGES) == SAID - by_preflight_too
    assert {code for code in SAID if Stage.LIVE not in CODES[code].stages} == set()


def test_what_protects_secrets_and_objects_of_others_cannot_be_accepted() -> None:
    refusals = {code for path in HOOKS.glob("*.sh") for code in re.findall(r"found ([A-Z]+\d{3}) ", path.read_text())}
    assert {code for code in refusals if not CODES[code].acceptable} == NEVER
    for code in sorted(NEVER):
        raw = example("guide", checks={"ignore": [{"code": code, "reason": "no time"}]})
        assert isinstance(compile_spec("hybrid.yaml", raw, "2026-01-01"), Refused), code


def test_an_acceptance_reaches_the_guard_with_its_reason(tmp_path: Path) -> None:
    accepted = [
        {"code": "NODE040", "reason": "Cilium brings\n  its own"},
        {"code": "NET005", "reason": "routed"},
    ]
    data = instructions(build(example("guide", checks={"ignore": accepted}), tmp_path / "a"))
    assert data["accepted"] == "NODE040 Cilium brings its own\n"
    assert "accepted" not in instructions(build(example("guide"), tmp_path / "b"))


def test_a_workload_that_may_be_absent_is_passed_over_by_the_hook_too(tmp_path: Path) -> None:
    accepted = {"ignore": [{"code": "CNI040", "reason": "it comes next week"}]}
    folder = build(example("guide", checks=accepted), tmp_path)
    hook = yaml.safe_load((folder / "kustomize" / "configmap-hybridc-cni-exclusion.yaml").read_text())["data"]
    line = "daemonset.kube-system.calico-node daemonset kube-system calico-node optional\n"
    assert hook["objects"] == instructions(folder)["terms"] == line


def test_the_guard_looks_at_what_there_is(tmp_path: Path) -> None:
    """No kube-proxy of k3s, no foreign chain beside one of the spec's, nothing of Terway without it."""
    spec = example("guide", terway__cniChain=[{"type": "terway"}])
    assert "conflist" not in instructions(build(spec, tmp_path / "chain"))["checks"].split()
    overlay = example("guide", cluster__cni={"routing": "overlay"}, terway=None, alibabaCloud__vpc__podVSwitches=None)
    folder = build(overlay, tmp_path / "overlay")
    assert instructions(folder)["checks"].split() == ["keys", "version", "proxy", "join"]
    assert not list((folder / "argocd").glob("clusterrole*"))


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_guard_hashes_a_ca_as_kubeadm_pins_it(shell: str) -> None:
    """Keys of two kinds, and a certificate of version 1 with a long serial number; what is none is passed over."""
    functions = (HOOKS / "look-join.sh").read_text().partition("\nif ! info=")[0]
    junk = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
    pem = junk + "".join((CAS / f"{name}.crt").read_text() for name in HASHES)
    done = subprocess.run([shell, "-euc", f"{functions}\npins"], input=pem, text=True, capture_output=True, check=True)
    assert done.stdout.split() == list(HASHES.values())


def test_the_guard_is_given_taints_ranges_and_hashes(tmp_path: Path) -> None:
    pool = yaml.safe_load(example("guide"))["spec"]["nodePools"][0]
    pool["taints"] = ["gpu:NoExecute", "spot=true:PreferNoSchedule", "team.example.com/a=b:NoSchedule"]
    spec = example("guide", nodePools=[pool], nodeInit__hosts={"API.idc": "10.200.1.253"})
    data = instructions(build(spec, tmp_path))
    assert data["proxy"].splitlines()[1:] == [
        "taint elastic gpu = NoExecute",
        "taint elastic team.example.com/a =b NoSchedule",
        "pods 10.10.25.0/24 168433920 168434175",
    ]
    assert data["reach"].splitlines() == [
        "hosts 10.200.1.253 api.idc",
        "dial 10.200.1.253:6443",
        "never 172.16.0.0/16 2886729728 2886795263",
        "never 10.100.0.0/16 174325760 174391295",
    ]
    assert data["join"] == "sha256 7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866\n"


@pytest.mark.parametrize(
    ("programs", "data", "said"),
    [
        (["sed"], "bm8gY2VydGlmaWNhdGU=", "not seen: whether caCertHashes has the CA"),
        (["sed"], "", "NODE043 ConfigMap kube-public/cluster-info has no CA"),
        (
            ["sed", "base64", "od", "sha256sum"],
            (CAS / "p256.crt").read_bytes(),
            f"has sha256:{HASHES['p256']}, none of",
        ),
    ],
    ids=["no programs", "no CA", "another CA"],
)
def test_an_image_that_cannot_hash_refuses_nothing(
    programs: list[str], data: str | bytes, said: str, tmp_path: Path
) -> None:
    for name in programs:
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    (tmp_path / "join").write_text(f"sha256 {HASHES['rsa']}\n")
    encoded = data if isinstance(data, str) else base64.b64encode(data).decode()
    functions = (HOOKS / "look-join.sh").read_text().partition("\nif ! info=")[0]
    lines = [
        functions,
        'found() { echo "$1 $2"; }',
        "has() { return 1; }",
        f"cluster_of() {{ echo '{encoded}'; }}",
        f"info=there dir={tmp_path}",
        "ca",
    ]
    shell = shutil.which("sh") or ""
    environment = {"PATH": str(tmp_path)}
    done = subprocess.run([shell, "-euc", "\n".join(lines)], env=environment, text=True, capture_output=True)
    assert (done.returncode, said in done.stdout) == (0, True), done
