"""The flags of every verb that reports findings, and the session that they set up."""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from hybridc import exits
from hybridc.cli.files import replace
from hybridc.cli.say import document, note, out, report, terminal_width, to_terminal
from hybridc.report.digest import Digest
from hybridc.report.reporter import FORMATS, Reporter
from hybridc.session import Session

_KIND = re.compile(rb"""^\s*"?kind"?\s*:\s*["']?HybridCluster\b""", re.MULTILINE)
_HEAD = 65536
_LOCK = "hybridc.lock.json"  # as in hybridc.layout.lock, which validate does not load


class FindingsOptions(NamedTuple):
    """``strict``: warnings count as errors. ``format``: one of FORMATS. ``report``: a file for them in that format.

    Text goes to stderr; any other format is a document, which goes to ``report``, or is all that stdout holds. Of text
    ``quiet`` leaves errors alone, and ``statistics`` a line for each code instead of the findings.
    """

    strict: bool = False
    format: str = "text"
    report: str | None = None
    quiet: bool = False
    statistics: bool = False


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument(
        "--format", choices=(*FORMATS,), default="text", help="text: findings on stderr; else: a document on stdout"
    )
    parser.add_argument(
        "--report", type=_file, metavar="FILE", help="write findings to FILE in that format, and as text to stderr"
    )

    parser.add_argument(
        "-q", "--quiet", action="store_true", help="errors alone: no warnings, and nothing that is fine"
    )
    parser.add_argument("--statistics", action="store_true", help="how often each code was found, instead of findings")


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
    return FindingsOptions(arguments.strict, arguments.format, arguments.report, arguments.quiet, arguments.statistics)


def for_programs(options: FindingsOptions) -> bool:
    """Whether nobody is to be shown more than errors: a program reads, or ``quiet`` says so."""
    return options.format != "text" or options.quiet


def wrong(options: FindingsOptions, inputs: Sequence[str], prints: str = "") -> str | None:
    """Why the report may not be where it should go.

    ``inputs`` are the files that the verb reads, ``prints`` what it puts on stdout itself ("": lines for people).
    """
    path = options.report
    if prints and path is None and options.format != "text":
        return f"stdout is {prints}: --format {options.format} goes with --report FILE"
    if path is None or not _is_plain(path):
        return None
    if same := next((file for file in inputs if file != "-" and _is_same(path, file)), None):
        return f"--report {path} would overwrite {same}"
    if _is_spec(path):
        return f"--report {path} would overwrite a hybrid.yaml"
    return _in_output(path)


def _is_plain(path: str) -> bool:
    """Whether a file is replaced: a pipe or a device is written to."""
    return not os.path.exists(path) or os.path.isfile(path)


def _is_same(path: str, other: str) -> bool:
    with suppress(OSError):
        return os.path.realpath(path) == os.path.realpath(other) or os.path.samefile(path, other)
    return False


def _is_spec(path: str) -> bool:
    """Whether there is a spec: reports quote one, but never with its kind at the start of a line."""
    with suppress(OSError), open(path, "rb") as file:
        return _KIND.search(file.read(_HEAD)) is not None
    return False


def _in_output(path: str) -> str | None:
    """Why not, when it lies in a folder that hybridc wrote: its lock tells."""
    with suppress(OSError):
        folder = os.path.dirname(os.path.realpath(path))
        while folder != os.path.dirname(folder):
            if os.path.lexists(os.path.join(folder, _LOCK)):
                return f"--report {path} lies in {folder}, which hybridc writes"
            folder = os.path.dirname(folder)
    return None


class Findings:
    """A session whose findings are shown as the options say; :meth:`close` writes what is left and gives the exit code.

    ``brief`` text only counts infos.
    """

    def __init__(self, options: FindingsOptions, *, brief: bool = False) -> None:
        self._form, self._file = options.format, options.report
        self._on_stdout = self._form != "text" and self._file is None
        self._keep = self._form != "text" or self._file is not None
        # The commands of GitHub's log are lines of the same log, where a finding would stand twice.
        digest = None if self._on_stdout and self._form == "github" else self._digest(options, brief=brief)
        self._quiet = options.quiet
        self.outputs: list[dict[str, Any]] | None = None
        """What a build did, for the document; None: the verb has no such result."""
        self._reporter = Reporter(self._form, digest, keep=self._keep)
        self.session = Session(self._reporter.take, today(), strict=options.strict)

    def _digest(self, options: FindingsOptions, *, brief: bool) -> Digest:
        return Digest(
            quiet=options.quiet,
            statistics=options.statistics,
            brief=brief,
            color=to_terminal(),
            width=terminal_width(),
        )

    def say(self, text: str) -> None:
        """A line about how it goes, unless nobody wants to know."""
        if not self._quiet:
            note(text)

    def out(self, text: str, *more: str) -> None:
        """Lines of the result, for people: on stderr where stdout is the document."""
        if self._quiet:
            return
        (note if self._on_stdout else out)(text, *more)

    def close(self) -> int:
        """The sum, the document; and the worst exit code, 3 when the document cannot be written."""
        report(self._reporter.text(self.session.promoted))
        if self._on_stdout:
            document(self._reporter.document(self.outputs))
        elif self._file is not None:
            return max(self.session.code, self._report(self._file))
        return self.session.code

    def _report(self, path: str) -> int:
        # A build has made its folders only now.
        if _is_plain(path) and (wrong := _in_output(path)):
            note(f"hybridc: error: {wrong}")
            return exits.WRONG_INPUT
        try:
            replace(path, self._reporter.document(self.outputs))
        except OSError as error:
            note(f"hybridc: error: cannot write {path}: {error.strerror or error}")
            return exits.WORLD_FAILED
        return exits.FINE


def today() -> str:
    """The date that acceptances end on, ISO, UTC: SOURCE_DATE_EPOCH when it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch.isascii() and epoch.isdigit() and len(epoch) < 12 else None
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
