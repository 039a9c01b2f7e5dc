"""No link to a host that nobody serves, and no package that a stranger may own: in everything that users read."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path

import pytest
from tests.docs import pages
from tests.pinned import ROOT

import hybridc

READ = (
    "*.md",
    "docs",
    "schemas",
    "chart-templates",
    "compiler",
    "examples",
    "tools",
    "pyproject.toml",
    "Dockerfile",
    ".github",
)
SERVED = {
    *("github.com", "go.dev", "kubernetes.io", "pkgs.k8s.io", "keepachangelog.com", "semver.org", "json-schema.org"),
    *(
        "docs.astral.sh",
        "pipx.pypa.io",
        "json.schemastore.org",
        "developer.hashicorp.com",
        "download.docker.com",
        "www.apache.org",
    ),
    *("mirrors.aliyun.com", "registry.aliyuncs.com", "rancher-mirror.rancher.cn"),
}
"""Hosts that answer in public; a new one is opened in a browser first."""
INSIDE = {"mirrors.cloud.aliyuncs.com", "kubelet.oss-cn-shanghai.aliyuncs.com", "lb.kubesphere.local"}
"""Hosts of a VPC, of a user's bucket, of a cluster."""
_URL = re.compile(r"https?://(?:[^/@\s\"'`<>{}()]*@)?([A-Za-z0-9.-]*[A-Za-z0-9])(/?)")
_INSTALLS = re.compile(
    r"(?:\b(?:pip3?|pipx|uv)\b[^\n`]*\b(?:install|add|download|run|wheel)|\buvx)\b[^\n`]*?\s['\"]?hybridc(?:\[[a-z,]+\])?['\"]?(?=[\s`'\"]|$)",
    re.M,
)
# What RFC 2606 and 6761 keep for examples, and for what no public name can be.
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost|svc)$")


def texts() -> list[Path]:
    found = [path for name in READ for top in ROOT.glob(name) for path in (top.rglob("*") if top.is_dir() else [top])]
    return [
        path for path in found if path.is_file() and path.suffix not in (".pyc", ".so") and "egg-info" not in str(path)
    ]


def unserved(text: str) -> set[str]:
    """The hosts of a text's links that are neither served, nor inside of somebody's network, nor an example."""
    return {host for host, _ in _URL.findall(text) if not (host in SERVED | INSIDE or _is_example(host))}


def _is_example(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or _RESERVED.search(host) is not None


def foreign(text: str) -> list[str]:
    """Commands that take the name hybridc from an index."""
    return [found[0] for found in _INSTALLS.finditer(text)]


def test_no_link_leads_to_a_host_that_nobody_serves() -> None:
    found = {str(path.relative_to(ROOT)): unserved(path.read_text("utf-8")) for path in texts()}
    assert {path: hosts for path, hosts in found.items() if hosts} == {}
    assert len(found) > 300


def test_nobody_is_told_to_install_a_name_that_is_not_ours() -> None:
    found = {str(path.relative_to(ROOT)): foreign(path.read_text("utf-8")) for path in texts()}
    assert {path: commands for path, commands in found.items() if commands} == {}


@pytest.mark.parametrize("link", ["https://hybridc.dev", "see http://hybridc.dev/issues.", "https://me@hybrid.io/a"])
def test_a_dead_link_is_seen(link: str) -> None:
    assert unserved(link)


@pytest.mark.parametrize(
    "command",
    ["pip install 'hybridc[cluster]'", "pipx install hybridc", "uv tool install hybridc", "pip install -U hybridc"],
)
def test_a_strangers_package_is_seen(command: str) -> None:
    assert foreign(f"`{command}`")
    assert foreign(f"{command}\n")


@pytest.mark.parametrize(
    "command", ["pip install ./hybridc", "pip install '/path/to/hybridc[cluster]'", "pip install ."]
)
def test_a_path_is_no_strangers_package(command: str) -> None:
    assert foreign(f"`{command}`") == []


def test_the_address_of_the_repository_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project.get("urls", {}).values()) == ({hybridc.REPOSITORY} if hybridc.REPOSITORY else set())
    assert not hybridc.REPOSITORY.endswith("/")


PAGES = [str(path.relative_to(ROOT)) for path in texts() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", re.sub(r"(?ms)^ *```.*?^ *```$", "", pages.text_of(page)))
    here = (ROOT / page).parent
    assert [link for link in links if "://" not in link and not (here / link).exists()] == []
