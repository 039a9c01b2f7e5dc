"""An object that no client-side apply takes is refused, at the field that most of it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.build.cli import call, written

from hybridc.catalog.kubernetes import ANNOTATION_BYTES


def eni_conf(folder: Path, extra: str, engine: str = "argocd") -> Path:
    """The guide's spec with more in extraEniConf."""
    return written(
        folder,
        replaced={
            "  terway:\n": f"  terway:\n    extraEniConf:\n{extra}",
            "gitops:\n": f"gitops:\n    engine: {engine}\n",
        },
    )


ONE = f"      note: {'x' * 300_000}\n"
MANY = "".join(f"      zz{number}: {'<' * 25}\n" for number in range(2000))


@pytest.mark.parametrize(("extra", "field"), [(ONE, "extraEniConf.note"), (MANY, "extraEniConf")])
def test_the_field_is_named(extra: str, field: str, tmp_path: Path) -> None:
    done = call("build", eni_conf(tmp_path, extra), "-o", tmp_path / "out")
    assert done.code == 2
    assert f"a client-side apply takes {ANNOTATION_BYTES:,}" in done.err
    assert f"shorten spec.terway.{field}, which" in done.err


def test_flux_keeps_no_copy_of_an_object(tmp_path: Path) -> None:
    assert "GIT046" not in call("build", eni_conf(tmp_path, ONE, "flux"), "-o", tmp_path / "out").err


def test_what_fits_is_built(tmp_path: Path) -> None:
    half = f"      note: {'x' * (ANNOTATION_BYTES - 4000)}\n"
    assert call("build", eni_conf(tmp_path, half), "-o", tmp_path / "out").code == 0
