"""The cloud that `make lab` plays for a spec."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.bare import EXAMPLES
from tests.lab.clients import sdk
from tests.lab.played import Played, played
from tests.lab.servers.acs import Acs
from tests.pinned import ROOT

GUIDE = EXAMPLES / "guide" / "hybrid.yaml"


def publish(cloud: Played, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hybridc", "publish", str(GUIDE), *words, *cloud.endpoints]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT / "compiler")}
    return subprocess.run(
        command, env=environment | cloud.environment, cwd=folder, capture_output=True, text=True, check=False
    )


def test_publish_makes_the_bucket_of_the_spec_there(tmp_path: Path) -> None:
    with played(GUIDE.read_text()) as cloud:
        first = publish(cloud, tmp_path, "oss.bucket", "--yes")
        assert first.returncode == 0, first.stderr
        made = len(cloud.servers["oss"].written)
        again = publish(cloud, tmp_path, "oss.bucket", "--yes")
        assert again.returncode == 0, again.stderr
        assert made > 0
        assert len(cloud.servers["oss"].written) == made


@pytest.mark.parametrize("name", ["guide", "everything", "two-zone"])
def test_what_a_spec_names_is_there(name: str) -> None:
    text = (EXAMPLES / name / "hybrid.yaml").read_text()
    place = yaml.safe_load(text)["spec"]["alibabaCloud"]
    with played(text) as cloud:
        region = {"RegionId": place["region"], "PageSize": "50"}
        vpc = cloud.servers["vpc"]
        assert isinstance(vpc, Acs)
        found = sdk(vpc, cloud.key)("DescribeVSwitches", **region)["VSwitches"]["VSwitch"]
    wanted = [*place["vpc"]["nodeVSwitches"], *place["vpc"].get("podVSwitches", ())]
    assert {item["VSwitchId"]: item["ZoneId"] for item in found} == {item["id"]: item["zone"] for item in wanted}
