"""The same bytes in give the same bytes out, wherever, whenever and by whom it is built."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.build.cli import EXAMPLES, call, clean_environment, run, tree


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the examples compile to, here and now."""
    out = tmp_path_factory.mktemp("reference") / "out"
    assert call("build", *EXAMPLES, "-o", out, "--layout", "both").code == 0
    return tree(out)


def specs_in(folder: Path) -> list[Path]:
    """The examples' files, copied elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy(path, folder / f"{path.parent.name}.yaml")) for path in EXAMPLES]


ENVIRONMENTS = {
    "C": {"LC_ALL": "C"},
    "POSIX without UTF-8": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Latin-1": {"LANG": "de_DE.ISO-8859-1", "PYTHONIOENCODING": "latin-1"},
    "Turkish": {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    "far east": {"TZ": "Pacific/Kiritimati"},
    "far west": {"TZ": "Etc/GMT+12"},
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 12345": {"PYTHONHASHSEED": "12345"},
    "another year": {"SOURCE_DATE_EPOCH": "1767225600"},
    "no home": {"HOME": "/nonexistent", "USER": "nobody"},
    "a terminal": {"TERM": "xterm-256color", "COLUMNS": "20", "FORCE_COLOR": "1"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


@pytest.mark.parametrize("more", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_environments(tmp_path: Path, reference: dict[str, bytes], more: dict[str, str]) -> None:
    specs = specs_in(tmp_path)
    done = run("build", *specs, "-o", tmp_path / "out", "--layout", "both", environment=clean_environment(**more))
    assert done.code == 0, done.err
    assert tree(tmp_path / "out") == reference


def test_folders_and_names_of_the_spec(tmp_path: Path, reference: dict[str, bytes]) -> None:
    """Neither the working directory, nor the path of a spec or of the output, is in what comes out."""
    here = tmp_path / "ein Ordner mit Ümlaut" / "deep"
    names = [path.name for path in specs_in(here)]
    done = run("build", *reversed(names), "-o", "../somewhere else", "--layout", "both", cwd=here)
    assert done.code == 0, done.err
    assert tree(here.parent / "somewhere else") == reference


def test_standard_input(tmp_path: Path, reference: dict[str, bytes]) -> None:
    command = [sys.executable, "-m", "hybridc", "build", "-", "-o", str(tmp_path / "out"), "--layout", "both"]
    guide = next(path for path in EXAMPLES if path.parent.name == "guide")
    subprocess.run(command, input=guide.read_bytes(), env=clean_environment(), check=True, capture_output=True)
    assert tree(tmp_path / "out").items() <= reference.items()


@pytest.mark.parametrize("umask", [0o077, 0o002])
def test_umask(tmp_path: Path, reference: dict[str, bytes], umask: int) -> None:
    """Content is the same; permissions are the person's."""
    out = tmp_path / "out"
    assert run("build", *EXAMPLES, "-o", out, "--layout", "both", umask=umask).code == 0
    assert tree(out) == reference
    for path in out.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o777 if path.is_dir() else 0o666) & ~umask


def test_over_an_older_tree(tmp_path: Path, reference: dict[str, bytes]) -> None:
    """What a rebuild leaves is what a first build makes."""
    specs = specs_in(tmp_path)
    texts = [path.read_bytes() for path in specs]
    for path in specs:
        path.write_bytes(path.read_bytes().replace(b"name: cpu", b"name: old").replace(b"elastic", b"old"))
    assert call("build", *specs, "-o", tmp_path / "out", "--layout", "both").code == 0
    for path, text in zip(specs, texts, strict=True):
        path.write_bytes(text)
    assert call("build", *specs, "-o", tmp_path / "out", "--layout", "both").code == 0
    assert tree(tmp_path / "out") == reference


def test_line_ends_and_byte_order_mark_change_the_digest_only(tmp_path: Path) -> None:
    """A checkout on Windows gives the same manifests."""
    unix, windows = specs_in(tmp_path / "unix"), specs_in(tmp_path / "windows")
    for path in windows:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    for specs in (unix, windows):
        assert call("build", *specs, "-o", specs[0].parent / "out").code == 0
    trees = [tree(specs[0].parent / "out") for specs in (unix, windows)]
    differ = {path for path in trees[0].keys() | trees[1].keys() if trees[0].get(path) != trees[1].get(path)}
    assert {path.rpartition("/")[2] for path in differ} <= {"hybridc.lock.json"}


def test_a_comment_in_a_spec_changes_nothing(tmp_path: Path, reference: dict[str, bytes]) -> None:
    specs = specs_in(tmp_path)
    for path in specs:
        path.write_text(f"# reviewed\n\n{path.read_text('utf-8')}", "utf-8")
    assert call("build", *specs, "-o", tmp_path / "out", "--layout", "both").code == 0
    assert tree(tmp_path / "out") == reference
