"""A look of day two, run with what the programs say: 0 when it is so, 1 when it is not."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.records import replace
from tests.steps import cover

from hybridc.lower.steps.step import Step

pytestmark = pytest.mark.needs("debian")

ROW = ("calico hook", "argocd", "addon", "oss", "oss", "kubeadm", "by hand", "", "https://git.example.com/a.git")


def _spec_steps() -> dict[str, Step]:
    spec = cover.spec(ROW)
    spec = replace(spec, cluster=replace(spec.cluster, kubernetes_version="1.34.2"))
    return {step.id: step for steps in cover.day_two(spec).values() for step in steps}


STEPS = _spec_steps()
TERWAY = str(cover.spec(ROW).terway.version)  # type: ignore[union-attr]
ZONES: dict[str, list[str]] = {}
for switch in cover.spec(ROW).alibaba_cloud.vpc.pod_vswitches:
    ZONES.setdefault(str(switch.zone), []).append(str(switch.id))


def nodes(*versions: str) -> str:
    return json.dumps({"items": [{"status": {"nodeInfo": {"kubeletVersion": version}}} for version in versions]})


def keys(*found: tuple[str, str]) -> str:
    return json.dumps(
        {"AccessKeys": {"AccessKey": [{"AccessKeyId": name, "Status": status} for name, status in found]}}
    )


def secret(end: str | None) -> str:
    return json.dumps({"data": {} if end is None else {"expiration": base64.b64encode(end.encode()).decode()}})


def eni_config(zones: Any) -> str:
    return json.dumps({"data": {"eni_conf": json.dumps({"vswitches": zones})}})


def kubeconfig(certificates: int) -> str:
    data = base64.b64encode(b"-----BEGIN CERTIFICATE-----\n" * certificates).decode()
    return f"clusters:\n- cluster:\n    certificate-authority-data: {data}\n    server: https://10.200.1.253:6443\n"


HELD = base64.b64encode(b"now").decode()
LOOKS: list[tuple[str, dict[str, str], int]] = [
    ("see.skew", {"kubectl": nodes("v1.31.9", "v1.34.1+k3s1")}, 0),
    ("see.skew", {"kubectl": nodes("v1.34.2", "v1.30.9")}, 1),
    ("see.skew", {"kubectl": nodes("v1.35.0")}, 1),
    ("see.control-plane", {"kubectl": json.dumps({"serverVersion": {"minor": "34+"}})}, 0),
    ("see.control-plane", {"kubectl": json.dumps({"serverVersion": {"minor": "33"}})}, 1),
    ("see.kubelets", {"kubectl": nodes("v1.34.2", "v1.34.2+rke2r1")}, 0),
    ("see.kubelets", {"kubectl": nodes("v1.34.2", "v1.33.2")}, 1),
    ("see.terway-version", {"kubectl": f"registry/acs/terway:v{TERWAY}-1718bc8 registry/acs/terway:v{TERWAY}"}, 0),
    ("see.terway-version", {"kubectl": f"registry/acs/terway:v{TERWAY}9"}, 1),
    ("see.eni-config", {"kubectl": eni_config(ZONES)}, 0),
    ("see.eni-config", {"kubectl": eni_config({})}, 1),
    ("see.eni-config", {"kubectl": json.dumps({"data": {}})}, 1),
    ("see.token", {"ossutil": "abcdef.0123456789abcdef", "kubectl": secret("2099-01-01T00:00:00Z")}, 0),
    ("see.token", {"ossutil": "K100f::abcdef.0123456789abcdef", "kubectl": secret(None)}, 0),
    ("see.token", {"ossutil": "abcdef.0123456789abcdef", "kubectl": secret("2020-01-01T00:00:00Z")}, 1),
    ("see.token", {"ossutil": "", "kubectl": secret(None)}, 1),
    ("see.accesskey", {"kubectl": HELD, "aliyun": keys(("now", "Active"))}, 0),
    ("see.accesskey", {"kubectl": HELD, "aliyun": keys(("now", "Active"), ("old", "Inactive"))}, 1),
    ("see.accesskey", {"kubectl": HELD, "aliyun": keys(("other", "Active"))}, 1),
    ("see.accesskey-off", {"kubectl": HELD, "aliyun": keys(("old", "Inactive"), ("now", "Active"))}, 0),
    ("see.accesskey-off", {"kubectl": HELD, "aliyun": keys(("old", "Active"), ("now", "Active"))}, 1),
    ("see.interfaces", {"aliyun": json.dumps({"NetworkInterfaceSets": {"NetworkInterfaceSet": []}})}, 0),
    ("see.interfaces", {"aliyun": json.dumps({"NetworkInterfaceSets": {"NetworkInterfaceSet": [{}]}})}, 1),
    ("see.no-cloud-node", {"kubectl": ""}, 0),
    ("see.no-cloud-node", {"kubectl": "node/cloud"}, 1),
    ("see.replaced", {"kubectl": ""}, 0),
    ("see.replaced", {"kubectl": "node/cloud"}, 1),
    ("see.address", {"kubectl": ""}, 0),
    ("see.address", {"kubectl": "https://files.example.com/init.sh"}, 1),
    ("see.ca-bundle", {"kubectl": kubeconfig(2)}, 0),
    ("see.ca-bundle", {"kubectl": kubeconfig(1)}, 1),
]


@pytest.mark.parametrize(("look", "said", "ends"), LOOKS, ids=[f"{look} {ends}" for look, _, ends in LOOKS])
def test_a_look(look: str, said: dict[str, str], ends: int, tmp_path: Path) -> None:
    for name, text in said.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    programs = "".join(f"{name}() {{ cat {tmp_path / name}; }}\n" for name in said)
    done = subprocess.run(
        ["/bin/bash", "-c", f"{programs}{STEPS[look].command}"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == ends, done.stderr


@pytest.mark.parametrize(
    ("listed", "done"),
    [
        (keys(("now", "Active"), ("old", "Active")), ["old"]),
        (keys(("now", "Active")), []),
        # The Secret holds the AccessKey of another user: none of this one is touched.
        (keys(("one", "Active"), ("two", "Active")), None),
    ],
)
def test_only_the_access_key_that_nothing_holds_is_disabled(
    listed: str, done: list[str] | None, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text(listed, encoding="utf-8")
    programs = (
        f"kubectl() {{ echo {HELD}; }}\n"
        'aliyun() { [ "$2" = ListAccessKeys ] && cat keys || echo "$6 $8" >>changed; }\n'
    )
    ran = subprocess.run(
        ["/bin/bash", "-c", programs + STEPS["accesskey.off"].command],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert (ran.returncode == 0) == (done is not None)
    changed = tmp_path / "changed"
    found = changed.read_text("utf-8").splitlines() if changed.exists() else []
    assert found == [f"{key} Inactive" for key in done or ()]
