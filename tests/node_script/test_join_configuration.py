"""The JoinConfiguration that the script writes, as the real kubeadm of its version reads it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node_script import bash, specs
from tests.records import replace

from hybridc.lower.node_script import node_script
from hybridc.spec import model
from hybridc.spec.items import Items

pytestmark = pytest.mark.needs("kubeadm")

TOKEN = "abcdef.0123456789abcdef"
RENDER = "metadata() { ANSWER=cn-hangzhou; }\nread_inputs\njoin_configuration >join.yaml"
HOSTILE = "a 'b' \"c\" $HOME `id` $(id) {{ x }} \\ é😀 # : - [x] \n\t\u2028\u0085\x7f end"
NAME = "cn-hangzhou.192.168.1.113"
PROVIDER_ID = "cn-hangzhou.i-wz9"


def kubeadm_of(minor: int) -> str:
    """The pinned kubeadm that serves the API of this minor."""
    return "kubeadm-1.28" if minor <= 30 else "kubeadm-1.34" if minor < 37 else "kubeadm-1.37"


def write(folder: Path, spec: model.Spec, labels: str = "", taints: str = "", name: str = NAME) -> tuple[int, str]:
    """Let the script write ``folder/join.yaml``; its exit code and what it said."""
    (folder / "token").write_text(TOKEN)
    done = bash.call(
        node_script(spec),
        RENDER,
        folder,
        ALIBABA_CLOUD_PROVIDER_ID=PROVIDER_ID,
        ALIBABA_CLOUD_NODE_NAME=name,
        ALIBABA_CLOUD_LABELS=labels,
        ALIBABA_CLOUD_TAINTS=taints,
    )
    return done.returncode, done.stderr.decode()


def validate(kubeadm: str, folder: Path) -> None:
    done = subprocess.run(
        [kubeadm, "config", "validate", "--config", "join.yaml"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + (folder / "join.yaml").read_text()
    assert "deprecated" not in done.stderr


def arguments(document: dict[str, Any]) -> dict[str, str]:
    found = document["nodeRegistration"]["kubeletExtraArgs"]
    return found if isinstance(found, dict) else {entry["name"]: entry["value"] for entry in found}


@pytest.mark.parametrize("minor", range(24, 38))
@pytest.mark.parametrize("unsafe", [False, True], ids=["pinned", "unsafe"])
def test_every_minor(minor: int, unsafe: bool, tmp_path: Path, tool: Callable[[str], str]) -> None:
    spec = specs.spec(minor, join=specs.join(unsafeSkipCAVerification=unsafe))
    join = replace(spec.node_init.join, ignore_preflight_errors=Items(["Swap", HOSTILE]))
    spec = specs.beyond(spec, join=join, kubelet_extra_args={"v": "4", "x": HOSTILE, "provider-id": "stolen"})
    status, said = write(tmp_path, spec, "a=b,workload=cpu", "workload=ack:NoSchedule,b:NoExecute")
    assert status == 0, said
    validate(tool(kubeadm_of(minor)), tmp_path)
    document = yaml.safe_load((tmp_path / "join.yaml").read_text())
    assert document["nodeRegistration"]["name"] == NAME
    assert document["nodeRegistration"]["ignorePreflightErrors"] == ["Swap", HOSTILE]
    assert document["nodeRegistration"]["taints"] == [
        {"key": "workload", "value": "ack", "effect": "NoSchedule"},
        {"key": "b", "effect": "NoExecute"},
    ]
    found = arguments(document)
    assert (found["v"], found["x"], found["provider-id"]) == ("4", HOSTILE, PROVIDER_ID)
    assert "alibabacloud.com/external=true" in found["node-labels"].split(",")
    bootstrap = document["discovery"]["bootstrapToken"]
    assert bootstrap["token"] == TOKEN
    assert ("caCertHashes" in bootstrap) == (not unsafe)


PIECES = st.sampled_from(
    [
        "a",
        "b.c/d",
        "=",
        ":",
        ",",
        "'",
        '"',
        "$(id)",
        "`id`",
        "\\",
        " ",
        "\n",
        "é",
        "{{",
        "-",
        "NoSchedule",
        "NoExecute",
        "kubernetes.io/",
        "x" * 64,
        "#",
        "[",
        "}",
        "|",
        "&",
        "*",
    ]
)
TEXT = st.lists(PIECES, max_size=8).map("".join)


@pytest.mark.parametrize("minor", [28, 34, 37])
def test_hostile_inputs_are_refused_or_valid(minor: int, tool: Callable[[str], str]) -> None:
    kubeadm, spec = tool(kubeadm_of(minor)), specs.spec(minor)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(labels=TEXT, taints=TEXT, name=st.one_of(st.just(NAME), TEXT.filter(bool)))
    def check(labels: str, taints: str, name: str) -> None:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            status, said = write(folder, spec, labels, taints, name)
            assert status in (0, 10), said
            if status == 0:
                validate(kubeadm, folder)

    check()
