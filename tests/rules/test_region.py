"""A region with a wrong letter is one finding, which names the region that is meant."""

from __future__ import annotations

import pytest
from tests.gitops.variants import example

from hybridc.compile import compile_spec

ENDPOINT = "oss-cn-hangzhou-internal.aliyuncs.com"
ABOUT_REGION = {"ID003", "ID011", "ID012", "OSS006", "OSS021"}


@pytest.mark.parametrize("endpoint", [None, ENDPOINT], ids=["no endpoint", "an endpoint"])
@pytest.mark.parametrize("zones", [True, False], ids=["zones too", "zones are right"])
@pytest.mark.parametrize("region", ["cn-hangzhuo", "cn-hangzhu", "cn-hanghzou"])
def test_one_finding_names_what_is_meant(region: str, zones: bool, endpoint: str | None) -> None:
    raw = example("guide", nodeInit__oss={"endpoint": endpoint} if endpoint else {}).decode()
    raw = raw.replace("zone: cn-hangzhou-", f"zone: {region}-") if zones else raw
    raw = raw.replace("region: cn-hangzhou\n", f"region: {region}\n")
    found = [one for one in compile_spec("hybrid.yaml", raw.encode(), "2026-01-01").found if one.code in ABOUT_REGION]
    assert len(found) == 1, found
    assert 'did you mean "cn-hangzhou"?' in found[0].help
    assert found[0].pointer == "/spec/alibabaCloud/region"


def test_a_region_that_is_known_without_its_endpoint_asks_for_that_alone() -> None:
    raw = (
        example("guide")
        .decode()
        .replace("cn-hangzhou-j", "us-southeast-1a")
        .replace("region: cn-hangzhou\n", "region: us-southeast-1\n")
    )
    found = [one for one in compile_spec("hybrid.yaml", raw.encode(), "2026-01-01").found if one.code in ABOUT_REGION]
    assert [(one.code, "nodeInit.oss.endpoint" in one.help) for one in found] == [("OSS021", True)]
