"""Functions of a rendered script, called one by one in a real bash."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path


def call(script: str, commands: str, folder: Path, /, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``commands`` after the script's definitions, in ``folder`` as working and run directory."""
    definitions = script[: script.rindex('main "$@"')].replace("/etc/hosts", str(folder / "etc-hosts"))
    text = f'{definitions}\nRUN_DIR={folder} DEADLINE=99999 CODE=10\nlog() {{ echo "$*" >&2; }}\n{commands}\n'
    # A file: bash reads a pipe byte by byte.
    with tempfile.NamedTemporaryFile() as file:
        file.write(os.fsencode(text))
        file.flush()
        return subprocess.run(
            ["bash", file.name], capture_output=True, cwd=folder, env=environment, timeout=60, check=False
        )
