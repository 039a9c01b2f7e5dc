"""A wheel compiles as the source tree does, from templates that were compiled into it; no cache lies beside either."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "examples" / "guide" / "hybrid.yaml"


def make(folder: Path, **environment: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("wheel"), PYTHONHASHSEED="1")


@pytest.fixture(scope="module")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def build(code: Path, out: Path, **environment: str) -> dict[str, bytes]:
    command = [sys.executable, "-B", "-m", "hybridc", "build", str(GUIDE), "-o", str(out), "--layout", "both"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(code), **environment}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_the_wheel_gives_the_same_bytes(package: Path, tmp_path: Path) -> None:
    assert build(package, tmp_path / "wheel") == build(ROOT / "compiler", tmp_path / "source")


def test_the_wheel_compiles_no_template(package: Path, tmp_path: Path) -> None:
    """The templates' text may be missing: what is rendered was compiled when the wheel was built."""
    texts = sorted(package.glob("hybridc/_data/chart-templates/**/*.j2"))
    compiled = sorted(package.glob("hybridc/_data/templates/tmpl_*.py"))
    assert len(texts) == len(compiled) > 10
    kept = {path: path.read_bytes() for path in texts}
    for path in texts:
        path.write_text("{{ nothing }}")
    try:
        assert build(package, tmp_path / "out")
    finally:
        for path, data in kept.items():
            path.write_bytes(data)


@pytest.mark.parametrize("code", ["wheel", "source"])
def test_nothing_is_written_to_a_cache(code: str, package: Path, tmp_path: Path) -> None:
    home, cache = tmp_path / "home", tmp_path / "cache"
    home.mkdir()
    cache.mkdir()
    build(
        {"wheel": package, "source": ROOT / "compiler"}[code],
        tmp_path / "out",
        HOME=str(home),
        XDG_CACHE_HOME=str(cache),
    )
    assert [*home.rglob("*"), *cache.rglob("*")] == []


def test_a_wheel_is_the_same_whenever_it_is_built(wheel: Path, tmp_path: Path) -> None:
    assert make(tmp_path, PYTHONHASHSEED="2").read_bytes() == wheel.read_bytes()


def test_pip_installs_the_wheel_with_a_command_in_an_empty_home(wheel: Path, tmp_path: Path) -> None:
    home, place = tmp_path / "home", tmp_path / "place"
    home.mkdir()
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--quiet"]
    bare = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(place)}
    subprocess.run(
        [*pip, "install", "--no-cache-dir", "--no-index", "--no-deps", "--target", str(place), str(wheel)],
        env=bare,
        check=True,
    )
    done = subprocess.run(
        [place / "bin" / "hybridc", "init", "-"], env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "kind: HybridCluster" in done.stdout
