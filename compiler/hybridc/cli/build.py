"""``hybridc build``: compile specs into a folder for each cluster."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from hybridc import exits
from hybridc.cli import findings
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import note
from hybridc.layout.registry import CHOICES
from hybridc.words import few

if TYPE_CHECKING:
    from hybridc.compile import Compiled
    from hybridc.fleet import Fleet
    from hybridc.layout.tree import Tree
    from hybridc.output.compare import Difference
    from hybridc.output.outcome import Outcome
    from hybridc.output.write import Writer

_MOST_FILES = 40
_MOST_NAMES = 20


class BuildOptions(NamedTuple):
    """What a build is told: the specs (``-``: standard input), the folder ``out`` that clusters' folders go to.

    ``layout`` overrides the specs' ``gitops.format`` ("": it does not). ``check`` compares and writes nothing.
    ``force`` overwrites files that a person edited or put there. ``shard`` (``I/N``): every N-th spec from the I-th on.
    ``prune``: these are all specs of ``out``, so hybridc's folders that none of them makes are removed.
    """

    specs: Sequence[str]
    out: str = "out"
    layout: str = ""
    check: bool = False
    force: bool = False
    shard: str | None = None
    prune: bool = False
    findings: FindingsOptions = FindingsOptions()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("-o", "--out", default="out", metavar="DIR", help="where the folders go (default: out)")
    parser.add_argument("--layout", choices=CHOICES, help="what Argo CD applies (default: spec.gitops.format)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something would change")
    parser.add_argument("--force", action="store_true", help="overwrite files that a person edited or put there")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--shard", metavar="I/N", help="only every N-th spec, starting with the I-th")
    part.add_argument(
        "--prune", action="store_true", help="these are all specs: remove folders that none of them makes"
    )
    findings.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return build(
        BuildOptions(
            specs=arguments.specs,
            out=arguments.out,
            layout=arguments.layout or "",
            check=arguments.check,
            force=arguments.force,
            shard=arguments.shard,
            prune=arguments.prune,
            findings=findings.options(arguments),
        )
    )


def build(options: BuildOptions) -> int:
    """Compile every spec; nothing is written when one of them is wrong. Exit code 1 when a check finds differences."""
    specs = _shard(options.specs, options.shard)
    wrong = _wrong(options, specs)
    if wrong or specs is None:
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings, brief=True)
    job = _Build(options, shown)
    try:
        job.check(specs) if options.check else job.write(specs)
    except OSError as error:
        from hybridc.output.dangers import failed

        shown.session.report([failed(options.out, error, job.done())], code=exits.WORLD_FAILED)
    shown.outputs = job.outputs()
    return shown.close()


def _wrong(options: BuildOptions, specs: list[str] | None) -> str | None:
    if specs is None:
        return f'--shard "{options.shard}" is not I/N with 1 <= I <= N'
    if not options.out:
        return "-o names no folder"
    if os.path.lexists(options.out) and not os.path.isdir(options.out):
        return f"{options.out} is not a folder"
    return findings.wrong(options.findings, specs)


def _shard(specs: Sequence[str], shard: str | None) -> list[str] | None:
    """Every N-th spec from the I-th on, each once; None when the shard makes no sense."""
    first: dict[str, str] = {}
    for path in specs:
        first.setdefault(path if path == "-" else _real(path), path)
    once = list(first.values())
    if shard is None:
        return once
    index, _, count = shard.partition("/")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in (index, count)):
        return None
    return once[int(index) - 1 :: int(count)] if 1 <= int(index) <= int(count) else None


def _real(path: str) -> str:
    """The path without links; as it is where the working directory is gone."""
    try:
        return os.path.realpath(path)
    except FileNotFoundError:
        return path


class _Built(NamedTuple):
    """A folder as it should be: its name below ``out``, and what it holds; nothing when it is to go.

    ``spec`` is the file that it is made of ("": of several), ``script`` the node script's address and its place.
    """

    name: str
    tree: Tree
    spec: str = ""
    script: tuple[str, str] = ("", "")


class _Build:
    """One run over all specs: compile, compare, and write or say what would be written."""

    def __init__(self, options: BuildOptions, shown: Findings) -> None:
        self.session = shown.session
        self._shown = shown
        self._writer: Writer | None = None
        self._out = options.out
        self._force = options.force
        self._layout = options.layout
        self._shard = options.shard is not None
        self._prune = options.prune
        self._outcomes: list[Outcome] | None = [] if options.findings.format == "json" else None

    def check(self, specs: list[str]) -> None:
        """Compare every folder with what a build would write."""
        different = [self._differs(built) for built in self._folders(specs)]
        if any(different):
            self.session.code = max(self.session.code, exits.DIFFERENT)

    def _differs(self, built: _Built) -> bool:
        """Say how a folder differs from what a build would write."""
        place = os.path.join(self._out, built.name)
        difference = self._compared(place, built)
        from hybridc.output.dangers import stale

        self._refuses(place, difference, exits.DIFFERENT)
        self.session.report(list(stale(built.spec, self._out, place, difference)), code=exits.DIFFERENT)
        self._shown.out(*_told(place, difference, "would be ", gone=not built.tree))
        return bool(difference)

    def write(self, specs: list[str]) -> None:
        """Stage every folder, then put them all in place."""
        from hybridc.output.dangers import left_over
        from hybridc.output.hold import locked
        from hybridc.output.write import Writer

        with locked(self._out, self._waits) as left:
            self._writer = writer = Writer(self._out)
            try:
                # Of a folder that is staged only what will be said is kept: a fleet has thousands.
                done = [self._staged(writer, built) for built in self._folders(specs)]
                if self.session.code == exits.FINE:
                    self._commit(writer)
            except KeyboardInterrupt:
                note(f"hybridc: {self.done()}")
                raise
            finally:
                writer.abandon()
        fine = self.session.code == exits.FINE
        self.session.report(list(left_over([*left, *writer.left])), code=exits.WORLD_FAILED)
        if fine:
            for told in done:
                self._shown.out(*told)

    def _waits(self, process: int | None) -> None:
        who = f" (process {process})" if process else ""
        note(f"hybridc: another build{who} is at work in {self._out}; waiting for its end")

    def _commit(self, writer: Writer) -> None:
        from hybridc.output.dangers import altered
        from hybridc.output.write import Altered

        try:
            writer.commit()
        except Altered as change:
            place = os.path.join(self._out, change.cluster)
            self.session.report(list(altered(place, change.paths, self.done())))

    def done(self) -> str:
        """Which folders are new already, when a build ends before all are."""
        writer = self._writer
        if writer is None or not writer.placed:
            return "nothing was changed"
        waiting = f", as before: {_names(writer.waiting)}" if writer.waiting else ""
        return f"new already: {_names(writer.placed)}{waiting}"

    def _staged(self, writer: Writer, built: _Built) -> list[str]:
        """Stage a folder, unless a person's work would be lost, or it cannot be replaced; what is said of it later."""
        from hybridc.output.dangers import not_ours

        place = os.path.join(self._out, built.name)
        difference = self._compared(place, built)
        refused = self._refuses(place, difference, exits.WRONG_INPUT)
        if difference and not refused:
            refused = self.session.report(list(not_ours(self._out, place, difference)), code=exits.WORLD_FAILED)
        if not refused and self.session.code == exits.FINE:
            writer.stage(built.name, built.tree, difference)
        return _told(place, difference, "", gone=not built.tree)

    def _compared(self, place: str, built: _Built) -> Difference:
        from hybridc.output.compare import compare
        from hybridc.output.strays import removal

        difference = compare(place, built.tree) if built.tree else removal(place)
        if self._outcomes is not None:
            from hybridc.output.outcome import Script, outcome

            script = Script(*built.script)
            self._outcomes.append(outcome(place, built.name, built.spec, built.tree, difference, script))
        return difference

    def outputs(self) -> list[dict[str, Any]] | None:
        """What was done to each folder, or would be; None when nobody wants to know."""
        if self._outcomes is None:
            return None
        from hybridc.output.outcome import document

        placed = set(self._writer.placed) if self._writer is not None else set()
        return [document(self._out, each, written=each.name in placed) for each in self._outcomes]

    def _refuses(self, place: str, difference: Difference, code: int) -> bool:
        """Report mounts in the folder, edited files and foreign files in the way; --force overwrites such files."""
        from hybridc.output.dangers import foreign_in_chart, in_danger, line_ends, mounted

        self.session.report([*foreign_in_chart(place, difference), *line_ends(place, difference)])
        found = list(mounted(self._out, place, difference)) if difference else []
        if not self._force:
            found += in_danger(place, difference)
        return self.session.report(found, code=code)

    def _folders(self, specs: list[str]) -> Iterator[_Built]:
        """What each spec compiles to, and last what they make together; wrong specs are reported and left out."""
        from hybridc.fleet import Fleet

        fleet, names = Fleet(), set[str]()
        for path in specs:
            compiled = self.session.compile(path, self._layout)
            if compiled is None:
                continue
            disputes = fleet.add(compiled)
            if not disputes or not self.session.report(disputes, compiled.document):
                yield _Built(str(compiled.spec.name), compiled.tree, path, _script(compiled))
            names.add(str(compiled.spec.name))
        if not self._shard and self.session.code <= exits.DIFFERENT:
            yield from self._together(fleet, names)

    def _together(self, fleet: Fleet, names: set[str]) -> Iterator[_Built]:
        """What the specs make together, where this call sees all of them; with --prune also the folders that go."""
        from hybridc.fleet import FOLDER
        from hybridc.output.dangers import in_part
        from hybridc.output.strays import strays

        tree = fleet.tree()
        others = strays(self._out, names | {FOLDER})
        whole = self._prune or not others
        self.session.report(list(fleet.disputes(whole=whole)))
        if whole and tree:
            yield _Built(FOLDER, tree)
        if self._prune:
            yield from (_Built(name, {}) for name in strays(self._out, names | ({FOLDER} if tree else set())))
        elif others and (tree or os.path.lexists(os.path.join(self._out, FOLDER))):
            self.session.report([in_part(os.path.join(self._out, FOLDER), others)])


def _script(compiled: Compiled) -> tuple[str, str]:
    """The address of the node script, and where it has to lie."""
    from hybridc.lower.names import script_place

    bundle = compiled.bundle
    return str(bundle.script_url), str(script_place(compiled.spec, bundle.script))


def _names(clusters: list[str]) -> str:
    more = f" and {len(clusters) - _MOST_NAMES} more" if len(clusters) > _MOST_NAMES else ""
    return ", ".join(clusters[:_MOST_NAMES]) + more


def _files(number: int) -> str:
    return f"{number} file{'s' if number != 1 else ''}"


def _told(place: str, difference: Difference, would: str, *, gone: bool) -> list[str]:
    """A line for the folder, and one for each file that is another now."""
    if gone:
        stay = f", {len(difference.foreign)} of others stay" if difference.foreign else ""
        return [f"{place}: {would}removed, {_files(len(difference.removed) + len(difference.edited))}{stay}"]
    if not difference:
        return [f"{place}: unchanged"]
    if not difference.exists:
        return [f"{place}: {would}created, {_files(len(difference.added))}"]
    marks = (("A", difference.added), ("M", difference.changed), ("M", difference.edited), ("D", difference.removed))
    files = sorted((path, mark) for mark, paths in marks for path in paths)
    merged = [f"  of a merge: {few(difference.conflicted)}"] if difference.conflicted else []
    lines = [
        f"{place}: {would}updated, {_files(len(files))}",
        *(f"  {mark} {path}" for path, mark in files[:_MOST_FILES]),
    ]
    more = [f"  ... and {len(files) - _MOST_FILES} more"] if len(files) > _MOST_FILES else []
    return lines + more + merged
