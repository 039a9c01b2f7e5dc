"""The flags of every verb that reports findings, and the session that they set up."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import NamedTuple

from hybridc import exits
from hybridc.cli.files import replace
from hybridc.cli.say import color, note
from hybridc.report.reporter import FORMATS, Reporter
from hybridc.session import Session


class FindingsOptions(NamedTuple):
    """``strict``: warnings count as errors. ``format``: one of FORMATS. ``output``: a file for them; None: stderr."""

    strict: bool = False
    format: str = "text"
    output: str | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings look on stderr")
    parser.add_argument(
        "--output", type=_file, metavar="FILE", help="write findings to FILE in that format, and as text to stderr"
    )


def _file(path: str) -> str:
    """A path that can be a file: known before anything is done."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not path:
        raise argparse.ArgumentTypeError(f'"{path}" is a folder, not a file')
    if not os.path.isdir(folder):
        raise argparse.ArgumentTypeError(f'there is no folder "{folder}"')
    return path


def options(arguments: argparse.Namespace) -> FindingsOptions:
    """What the flags say."""
    return FindingsOptions(arguments.strict, arguments.format, arguments.output)


class Findings:
    """A session whose findings are shown as the options say; :meth:`close` writes what is left and gives the exit code.

    ``brief`` text leaves out the infos of files without errors.
    """

    def __init__(self, options: FindingsOptions, *, brief: bool = False) -> None:
        self._form, self._output = options.format, options.output
        as_text = self._form == "text" or self._output is not None
        self._keep = self._form != "text" or self._output is not None
        write = sys.stderr.write if as_text else None
        self._reporter = Reporter(self._form, write, keep=self._keep, brief=brief, color=color(sys.stderr))
        self.session = Session(self._reporter.take, today(), strict=options.strict)

    def close(self) -> int:
        """The sum, the document; and the worst exit code, 3 when the document cannot be written."""
        sys.stderr.write(self._reporter.sum(self.session.promoted))
        if not self._keep:
            return self.session.code
        if self._output is None:
            sys.stderr.write(self._reporter.document())
            return self.session.code
        try:
            replace(self._output, self._reporter.document())
        except OSError as error:
            note(f"hybridc: error: cannot write {self._output}: {error.strerror or error}")
            return max(self.session.code, exits.WORLD_FAILED)
        return self.session.code


def today() -> str:
    """The date that acceptances end on, ISO, UTC: SOURCE_DATE_EPOCH when it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch.isascii() and epoch.isdigit() and len(epoch) < 12 else None
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
