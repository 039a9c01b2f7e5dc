"""What Terway calls, by the source of the newest release that the Go module proxy serves."""

from __future__ import annotations

import re

from tests import pinned
from tests.needs import TOOLS

from hybridc.catalog import ram, terway

CALL = re.compile(r"\b(ECS|VPC)(?:V2)?\(\)\.(\w+)\(")


def called() -> set[str]:
    """The actions behind every call of ECS and the VPC; EFLO's are of machines that no node pool has."""
    sources = [path for path in pinned.folder("terway-client").glob("*.go") if not path.name.endswith("_test.go")]
    found = {call for path in sources for call in CALL.findall(path.read_text("utf-8"))}
    return {f"{service.lower()}:{name}" for service, name in found}


def test_the_actions_of_the_newest_terway_are_what_it_calls() -> None:
    """An ENI is made with tags, so that the right to tag is asked for without a call of its own."""
    newest = terway.release(TOOLS["terway-client"].version)
    granted = {action.name for action in ram.terway_actions() if action.called_by(newest, "dual")}
    assert granted - {"ecs:TagResources"} == called()
    only_dual = {action.name for action in ram.terway_actions() if action.dual_only}
    assert only_dual == {name for name in called() if "Ipv6" in name}


def test_the_newest_terway_is_the_one_that_is_looked_at() -> None:
    assert TOOLS["terway-client"].version == terway.NEWEST
