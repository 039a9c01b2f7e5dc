"""hybridc as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "examples" / "guide" / "hybrid.yaml"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "compiler"), "LC_ALL": "C"}
COMMAND = [sys.executable, "-m", "hybridc"]


def hybridc(*argv: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*COMMAND, *argv],
        input=stdin.decode(),
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def modules(*argv: str, cwd: Path | None = None) -> set[str]:
    """The top-level modules and the modules of hybridc that a run loads."""
    program = (
        "import runpy, sys\n"
        "try: runpy.run_module('hybridc', run_name='__main__')\n"
        "except SystemExit as left: assert not left.code, left.code\n"
        "sys.stdout.flush(); sys.stderr.write('\\nLOADED ' + ' '.join(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *argv],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    loaded = done.stderr.rpartition("LOADED ")[2].split()
    return {name if name.startswith("hybridc") else name.partition(".")[0] for name in loaded}
