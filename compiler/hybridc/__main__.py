"""``python -m hybridc`` and the console script."""

from __future__ import annotations

import sys
from contextlib import suppress


def run() -> None:
    """Run the command line and leave with its exit code; ``--version`` alone needs no import."""
    if sys.argv[1:] == ["--version"]:
        from hybridc import __version__

        with suppress(OSError):  # what cannot be written is said below
            print(f"hybridc {__version__}", flush=True)  # noqa: T201
            return
    try:
        from hybridc.cli.main import main
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
