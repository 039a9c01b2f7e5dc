"""What README's Install and the Dockerfile name: files that the image is made of, and Pythons that CI tests."""

from __future__ import annotations

import re
import tomllib

import yaml
from tests.docs import pages
from tests.pinned import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TESTED = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["test"]["strategy"]["matrix"]


def section(title: str) -> str:
    return pages.text_of("README.md").split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_install_comes_first_and_names_the_pythons_that_are_tested() -> None:
    assert re.findall(r"(?m)^## (.*)", pages.text_of("README.md"))[0] == "Install"
    assert re.findall(r"3\.1\d", section("Install").splitlines()[1]) == TESTED["python"]
    labels = [label for label in PROJECT["project"]["classifiers"] if "Python :: 3." in label]
    assert [label.rpartition(" ")[2] for label in labels] == TESTED["python"]


def test_the_extras_that_it_names_exist() -> None:
    named = {name for found in re.findall(r"'\.\[([a-z,]+)\]'", section("Install")) for name in found.split(",")}
    assert named == {"cluster", "alibaba"}
    assert named <= set(PROJECT["project"]["optional-dependencies"])


def test_the_image_is_made_of_files_that_its_context_holds() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert ignored[0] == "*"
    assert [name for name in kept if not (ROOT / name).exists()] == []
    hatch = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    read = [*hatch["packages"], *hatch["force-include"], hatch["hooks"]["custom"]["path"], "README.md", "LICENSE"]
    assert {name.split("/")[0] for name in [*read, "requirements", "pyproject.toml"]} == kept


def test_the_image_starts_as_nobody() -> None:
    users = re.findall(r"(?m)^USER (.*)", (ROOT / "Dockerfile").read_text("utf-8"))
    assert users == ["65534:65534"]
