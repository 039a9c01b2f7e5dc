"""The wheelhouse of `make dist`: what is pinned, and what stands in its requirements.txt. Gathering needs an index."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests.pinned import ROOT

from tools import wheelhouse

DEV = (ROOT / "requirements" / "dev.txt").read_text("utf-8")


def test_every_pin_has_its_version_and_its_hashes() -> None:
    pins = wheelhouse.pins(DEV)
    assert len(pins) == len(re.findall(r"(?m)^\S+==", DEV)) > 50
    for name, block in pins.items():
        assert name == wheelhouse.canonical(block.partition("==")[0])
        assert re.findall(r"--hash=sha256:[0-9a-f]{64}", block)
    assert "".join(pins.values()) == DEV


def test_every_extra_is_in_it() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8").split("[project.optional-dependencies]")[1].split("\n[")[0]
    assert sorted(re.findall(r"(?m)^(\w+) =", text)) == sorted(["dev", *wheelhouse.EXTRAS.split(",")])


def test_its_requirements_name_each_wheel_with_its_hash(tmp_path: Path) -> None:
    (tmp_path / "Jinja_2-3.1.6-py3-none-any.whl").write_bytes(b"one")
    (tmp_path / "alibabacloud_oss_v2-1.4.1-py3-none-any.whl").write_bytes(b"two")
    assert wheelhouse.requirements(tmp_path).splitlines() == [
        f"jinja-2==3.1.6 --hash=sha256:{hashlib.sha256(b'one').hexdigest()}",
        f"alibabacloud-oss-v2==1.4.1 --hash=sha256:{hashlib.sha256(b'two').hexdigest()}",
    ]
