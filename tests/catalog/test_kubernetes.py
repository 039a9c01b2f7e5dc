"""What the catalog says of kubeadm and the kubelet, asked of the programs themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gitops.variants import run

from hybridc.catalog import ack, kubernetes, load

Tool = Callable[[str], str]
LINES = (28, 34, 37)


def kubeadm(tool: Tool, minor: int, *words: str) -> str:
    return run(tool(f"kubeadm-1.{minor}"), *words)


@pytest.mark.needs("kubeadm")
@pytest.mark.parametrize("minor", LINES)
def test_the_join_configuration_is_of_the_version_that_kubeadm_itself_writes(minor: int, tool: Tool) -> None:
    written = kubeadm(tool, minor, "config", "print", "join-defaults")
    assert re.search(r"^apiVersion: (\S+)$", written, re.MULTILINE)[1] == kubernetes.release(minor).kubeadm_api  # type: ignore[index]


@pytest.mark.needs("kubeadm")
@pytest.mark.parametrize("minor", LINES)
def test_kubeadm_validates_where_the_catalog_says_so(minor: int, tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "join.yaml"
    path.write_text(kubeadm(tool, minor, "config", "print", "join-defaults"), encoding="utf-8")
    assert kubernetes.release(minor).config_validate
    kubeadm(tool, minor, "config", "validate", "--config", str(path))


@pytest.mark.needs("kubeadm")
def test_the_pause_image_is_a_release_of_pause_and_no_newer_than_kubeadms_own(tool: Tool) -> None:
    """Its mirror holds one tag. kubeadm warns of another than its own, and joins."""
    own = [re.search(r"/pause:([\d.]+)$", _images(tool, minor), re.MULTILINE)[1] for minor in LINES]  # type: ignore[index]
    (ours,) = {kubernetes.default_sandbox_image(minor, "cn-hangzhou").rpartition(":")[2] for minor in LINES}
    assert ours in own
    assert all(_numbers(ours) <= _numbers(version) for version in own)


def _images(tool: Tool, minor: int) -> str:
    return kubeadm(tool, minor, "config", "images", "list", "--kubernetes-version", f"v1.{minor}.0")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


@pytest.mark.needs("kubernetes")
def test_the_kubelet_has_the_flags_of_the_script_and_none_that_are_gone(tool: Tool) -> None:
    """kubelet 1.37.2 lists every flag; one that it does not list ends it."""
    flags = set(re.findall(r"^ +(?:-\w, )?--([a-z][a-z0-9-]*)", run(tool("kubelet"), "--help"), re.MULTILINE))
    gone = {flag for entry in load("kubernetes")["removed_kubelet_flags"] for flag in entry["flags"]}
    assert set(ack.SCRIPT_FLAGS) - flags == set()
    assert gone & flags == set()
    assert {kubernetes.removed_kubelet_flag(flag, 37) for flag in flags} == {None}
