"""``hybridc build``: compile specs into a folder for each cluster."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from hybridc.cli import exits, report
from hybridc.cli.files import Unreadable, read_spec, today
from hybridc.cli.report import Findings, failure, out
from hybridc.diagnostics.model import ERROR, START, WARNING, Diagnostic, Place
from hybridc.output import fresh
from hybridc.output.compare import Difference, Tree, compare
from hybridc.output.lock import Claim
from hybridc.source.document import Document

if TYPE_CHECKING:
    from hybridc.output.write import Writer

_MOST_FILES = 40


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    parser.add_argument("specs", nargs="+", metavar="SPEC", help="a hybrid.yaml, or - for standard input")
    parser.add_argument("-o", "--out", default="out", metavar="DIR", help="where the folders go (default: out)")
    parser.add_argument(
        "--layout", choices=("kustomize", "helm", "both"), help="what Argo CD applies (default: spec.gitops.format)"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something would change")
    parser.add_argument("--force", action="store_true", help="overwrite files that a person edited or put there")
    parser.add_argument("--shard", metavar="I/N", help="only every N-th spec, starting with the I-th")
    report.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compile every spec; nothing is written when one of them is wrong."""
    specs = _shard(arguments.specs, arguments.shard)
    if specs is None:
        report.note(f'hybridc: error: --shard "{arguments.shard}" is not I/N with 1 <= I <= N')
        return exits.WRONG_INPUT
    if not arguments.out:
        report.note("hybridc: error: -o names no folder")
        return exits.WRONG_INPUT
    if os.path.lexists(arguments.out) and not os.path.isdir(arguments.out):
        report.note(f"hybridc: error: {arguments.out} is not a folder")
        return exits.WRONG_INPUT
    build = _Build(arguments)
    try:
        code = build.check(specs) if arguments.check else build.write(specs)
    except OSError as error:
        path = str(error.filename) if error.filename else arguments.out
        changed = f"changed already: {', '.join(build.placed)}; build again" if build.placed else "nothing was changed"
        build.findings.add([failure("OUT004", path, f"{error.strerror or error}", changed)], None)
        code = exits.WORLD_FAILED
    return max(code, build.findings.close())


def _shard(specs: list[str], shard: str | None) -> list[str] | None:
    """Every N-th spec from the I-th on; None when the flag makes no sense."""
    first: dict[str, str] = {}
    for path in specs:
        first.setdefault(path if path == "-" else os.path.realpath(path), path)
    specs = list(first.values())
    if shard is None:
        return specs
    index, _, count = shard.partition("/")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in (index, count)):
        return None
    return specs[int(index) - 1 :: int(count)] if 1 <= int(index) <= int(count) else None


_FLEET = "argocd"
_APART = "give each its own gitops.destination; ignore this when every cluster has an Argo CD of its own"


class _Built(NamedTuple):
    """A cluster that was compiled: ``tree`` is None when its folder is known to be what it should be."""

    path: str
    place: str
    cluster: str
    tree: Tree | None


class _Build:
    """One run over all specs: the worst exit code, the findings, and what each spec claims for itself."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.out: str = arguments.out
        self.force: bool = arguments.force
        self.checking: bool = arguments.check
        self.layout: str = arguments.layout or ""
        self.findings = Findings.of(arguments, brief=True)
        self.today = today()
        self.code = exits.FINE
        self.placed: list[str] = []
        self.claims = {f"the folder {_FLEET}": "the ApplicationSet of the fleet"}
        # A shard sees only a part of the fleet.
        self.whole = arguments.shard is None
        self.members: list[dict[str, Any]] = []

    def check(self, specs: list[str]) -> int:
        """Compare every cluster's folder with what a build would write."""
        different = False
        for path in specs:
            built = self.compile(path)
            if built is None:
                continue
            different |= self.differs(built)
        fleet = self.fleet()
        different |= fleet is not None and self.differs(fleet)
        return self.code or (exits.DIFFERENT if different else exits.FINE)

    def differs(self, built: _Built) -> bool:
        """Say how a folder differs from what a build would write."""
        difference = Difference(exists=True) if built.tree is None else compare(built.place, built.tree)
        self.refuse(built, difference, exits.DIFFERENT)
        _show(built.place, difference, "would be ")
        return bool(difference)

    def fleet(self) -> _Built | None:
        """What makes an Application for each of several clusters; None for one cluster and for a part of a fleet."""
        if not self.whole or len(self.members) < 2 or self.code > exits.DIFFERENT:
            return None
        from hybridc.compile import compile_fleet

        tree, notes = compile_fleet(self.members)
        if self.findings.add([Diagnostic("GIT032", WARNING, self.out, START, note, _APART) for note in notes], None):
            self.code = exits.WRONG_INPUT
        return _Built("", os.path.join(self.out, _FLEET), _FLEET, tree) if tree else None

    def write(self, specs: list[str]) -> int:
        """Stage every cluster's folder, then put them all in place."""
        from hybridc.output.write import Writer, locked

        done: list[tuple[str, Difference]] = []
        with locked(self.out):
            writer = Writer(self.out)
            self.placed = writer.placed
            try:
                for path in specs:
                    built = self.compile(path)
                    if built is not None:
                        done.append((built.place, self.stage(writer, built)))
                fleet = self.fleet()
                if fleet is not None:
                    done.append((fleet.place, self.stage(writer, fleet)))
                if self.code == exits.FINE:
                    writer.commit()
            finally:
                writer.abandon()
        if self.code == exits.FINE:
            for place, difference in done:
                _show(place, difference, "")
        return self.code

    def stage(self, writer: Writer, built: _Built) -> Difference:
        """Stage a folder, unless a person's work would be lost."""
        if built.tree is None:
            return Difference(exists=True)
        difference = compare(built.place, built.tree)
        refused = self.refuse(built, difference, exits.WRONG_INPUT)
        if not refused and self.code == exits.FINE:
            writer.stage(built.cluster, built.tree, difference)
        return difference

    def refuse(self, built: _Built, difference: Difference, code: int) -> bool:
        """Report edited files and foreign files in the way; with --force they are overwritten."""
        if self.findings.add(list(_rendered(built.place, difference)), None):
            self.code = max(self.code, exits.WRONG_INPUT)
        if self.force:
            return False
        found = list(_in_danger(built.place, difference))
        self.findings.add(found, None)
        self.code = max(self.code, code if found else exits.FINE)
        return bool(found)

    def compile(self, path: str) -> _Built | None:
        """One spec up to its tree; None when there are errors, which are reported then."""
        try:
            raw = read_spec(path)
        except Unreadable as error:
            self.findings.add([error.finding], None)
            self.code = max(self.code, error.code)
            return None
        # A check is there to find what a lock file would hide, so it takes no lock file's word.
        known = None if self.checking else fresh.recall(self.out, path, raw, self.today, self.layout)
        if known is None:
            return self.compile_anew(path, raw)
        if self.findings.add(known.found, Document(path, known.text)):
            self.code = max(self.code, exits.WRONG_INPUT)
            return None
        self.members.append(known.fleet)
        document = Document(path, known.text)
        return self.claimed(
            known.claims, document, _Built(path, os.path.join(self.out, known.cluster), known.cluster, None)
        )

    def compile_anew(self, path: str, raw: bytes) -> _Built | None:
        from hybridc.compile import compile_spec

        result = compile_spec(path, raw, self.today, self.layout)
        if self.findings.add(result.found, result.document) or result.tree is None:
            self.code = max(self.code, exits.WRONG_INPUT)
            return None
        self.members.append(result.fleet)
        place = os.path.join(self.out, result.cluster)
        return self.claimed(result.claims, result.document, _Built(path, place, result.cluster, result.tree))

    def claimed(self, claims: list[Claim], document: Document, built: _Built) -> _Built | None:
        """Two specs of one call must not overwrite each other's folder, policies, keys or pools (rule GIT031)."""
        for what, *place, pointer in claims:
            other = self.claims.setdefault(what, built.path)
            if other != built.path:
                message = f"this spec and {other} would both write {what}"
                advice = "give them different names"
                found = Diagnostic("GIT031", ERROR, built.path, Place(*place), message, advice, pointer)
                self.findings.add([found], document)
                self.code = max(self.code, exits.WRONG_INPUT)
                return None
        return built


def _rendered(place: str, difference: Difference) -> Iterator[Diagnostic]:
    """Foreign files that are synced because of where they lie."""
    for path in difference.rendered:
        message = "a file that hybridc did not write lies in the chart, and Helm installs what it holds"
        where = os.path.join(place, path)
        yield Diagnostic("OUT005", WARNING, where, START, message, "move it out of the chart")


def _in_danger(place: str, difference: Difference) -> list[Diagnostic]:
    def found(code: str, path: str, message: str, help: str) -> Diagnostic:  # noqa: A002
        return failure(code, os.path.join(place, path), message, help)

    edited = "put the change into hybrid.yaml (or a pass-through); --force overwrites the file"
    return [
        *(found("OUT001", path, "a person has edited this generated file", edited) for path in difference.edited),
        *(
            found("OUT002", path, "a file that hybridc did not write is in the way", "move it; --force overwrites it")
            for path in difference.in_the_way
        ),
        *(
            found(
                "OUT003",
                "hybridc.lock.json",
                f"the lock file is damaged: {why}",
                "restore it from Git; --force rewrites it",
            )
            for why in ([difference.damaged] if difference.damaged else [])
        ),
    ]


def _show(place: str, difference: Difference, would: str) -> None:
    """A line for the folder, and one for each file that is another now."""
    if not difference:
        out(f"{place}: unchanged")
        return
    if not difference.exists:
        out(f"{place}: {would}created, {len(difference.added)} files")
        return
    marks = (("A", difference.added), ("M", difference.changed), ("M", difference.edited), ("D", difference.removed))
    files = sorted((path, mark) for mark, paths in marks for path in paths)
    out(f"{place}: {would}updated, {len(files)} files")
    for path, mark in files[:_MOST_FILES]:
        out(f"  {mark} {path}")
    if len(files) > _MOST_FILES:
        out(f"  ... and {len(files) - _MOST_FILES} more")
