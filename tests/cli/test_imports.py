"""What a verb loads is what it takes to start: nothing is imported on a path that does not use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.cli.programs import GUIDE, modules

import hybridc

NEVER = {
    *("kubernetes", "alibabacloud_ram20150501", "alibabacloud_cs20151215", "alibabacloud_oss_v2", "Tea", "darabonba"),
    *("alibabacloud_credentials", "alibabacloud_tea_openapi"),
    *("rich", "jsonschema", "ruamel", "requests", "urllib3", "ssl", "asyncio", "shtab"),
}
TEXT = {"jinja2", "markupsafe"}
PARSERS = {"yaml", "jsonschema_rs", "_yaml"}


def test_version_loads_nothing() -> None:
    loaded = modules("--version")
    assert loaded & (NEVER | TEXT | PARSERS | {"argparse", "json", "re", "dataclasses"}) == set()
    assert {name for name in loaded if name.startswith("hybridc.")} <= {"hybridc.__main__"}


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["build", "--help"],
        ["validate", "--help"],
        ["preflight", "--help"],
        ["publish", "--help"],
        ["doctor", "--help"],
        ["schema"],
        ["init", "-"],
        ["steps", "--help"],
        ["ram", "--help"],
        ["fmt", "--help"],
        ["migrate", "--help"],
        ["import", "--help"],
    ],
)
def test_what_reads_no_spec_loads_no_parser(argv: list[str]) -> None:
    loaded = modules(*argv)
    assert loaded & (NEVER | TEXT | PARSERS) == set()
    names = {name for name in loaded if name.startswith(("hybridc.rules", "hybridc.lower", "hybridc.layout."))}
    assert names <= {"hybridc.layout.registry"}


@pytest.mark.parametrize("argv", [["explain", "spec.terway"], ["explain", "NET004"]])
def test_explain_loads_no_parser(argv: list[str]) -> None:
    assert modules(*argv) & (NEVER | TEXT | PARSERS) == set()


def test_validate_renders_nothing() -> None:
    loaded = modules("validate", str(GUIDE))
    assert loaded & (NEVER | TEXT) == set()
    assert not {name for name in loaded if name.startswith(("hybridc.lower", "hybridc.layout", "hybridc.output"))}


def test_steps_loads_nothing_that_writes() -> None:
    loaded = modules("steps", str(GUIDE))
    assert loaded & NEVER == set()
    assert not {name for name in loaded if name.startswith("hybridc.output")}


def test_ram_show_loads_no_client_and_nothing_that_writes() -> None:
    loaded = modules("ram", "show", str(GUIDE))
    assert loaded & NEVER == set()
    assert not {name for name in loaded if name.startswith(("hybridc.output", "hybridc.cloud", "hybridc.publish"))}


def test_build_loads_what_it_writes_with(tmp_path: Path) -> None:
    loaded = modules("build", str(GUIDE), cwd=tmp_path)
    assert loaded & NEVER == set()
    assert {"yaml", "jsonschema_rs", "jinja2"} <= loaded


def test_preflight_on_a_folder_loads_no_client(tmp_path: Path) -> None:
    (tmp_path / "version.json").write_text('{"gitVersion": "v1.34.2"}')
    (tmp_path / "node.json").write_text('{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "idc-1"}}')
    loaded = modules("preflight", str(GUIDE), "--from", str(tmp_path))
    assert loaded & NEVER == set()
    assert "hybridc.live.connection" not in loaded


def test_one_module_alone_imports_the_client() -> None:
    package = Path(hybridc.__file__).parent
    importing = re.compile(r"^\s*(?:from|import) (?:kubernetes|urllib3)\b", re.MULTILINE)
    found = {str(path.relative_to(package)) for path in package.rglob("*.py") if importing.search(path.read_text())}
    assert found == {"live/connection.py", "live/kubeconfig.py"}


def test_what_reads_a_cluster_sends_nothing_but_get() -> None:
    live = Path(hybridc.__file__).parent / "live"
    sent = {word for path in live.rglob("*.py") for word in re.findall(r'Sent\("(\w+)"', path.read_text())}
    assert sent == {"GET"}


def test_one_module_alone_writes_to_a_cluster() -> None:
    package = Path(hybridc.__file__).parent
    found = {str(path.relative_to(package)) for path in package.rglob("*.py") if "Sent(" in path.read_text()}
    assert found == {"live/connection.py", "publish/cluster.py"}
    talking = re.compile(r"^from hybridc\.live\.connection import", re.MULTILINE)
    users = {str(path.relative_to(package)) for path in package.rglob("*.py") if talking.search(path.read_text())}
    assert users == {"live/cluster.py", "publish/cluster.py"}


def test_one_room_alone_imports_the_packages_of_alibaba_cloud() -> None:
    package = Path(hybridc.__file__).parent
    importing = re.compile(r"^\s*(?:from|import) (?:alibabacloud_|darabonba|Tea)", re.MULTILINE)
    found = {str(path.relative_to(package)) for path in package.rglob("*.py") if importing.search(path.read_text())}
    assert found == {"cloud/acs.py", "cloud/identity.py", "cloud/oss.py"}


def test_only_what_rewrites_a_file_loads_ruamel(tmp_path: Path) -> None:
    (tmp_path / "hybrid.yaml").write_bytes(GUIDE.read_bytes())
    loaded = modules("fmt", "hybrid.yaml", cwd=tmp_path)
    assert loaded & (NEVER | TEXT) == {"ruamel"}
    assert not {name for name in loaded if name.startswith(("hybridc.rules", "hybridc.lower", "hybridc.output"))}
