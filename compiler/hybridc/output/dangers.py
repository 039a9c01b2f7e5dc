"""What a build would lose or take along, as findings: edited, foreign and unreadable files of a folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from shlex import quote as word

import hybridc
from hybridc.codes import CODES
from hybridc.diagnostic import Diagnostic, of_file
from hybridc.layout.lock import NAME
from hybridc.output.compare import Difference
from hybridc.words import few

_MOST_NAMES = 3
_MOST = 20
_WAYS_OUT = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room within the quota",
    errno.EACCES: "get the right to write there, or build as its owner",
    errno.EPERM: "get the right to write there, or build as its owner",
    errno.EROFS: "mount the file system writable, or choose another -o",
    errno.EBUSY: "something is mounted there: unmount it",
    errno.EXDEV: "keep the folder on one file system",
}
_IMMUTABLE = "nothing was changed; look with lsattr -d, and take it back with chattr -i"
_EDITED = "put the change into hybrid.yaml (or a pass-through); --force overwrites the file, also after a merge"


def foreign_in_chart(place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT005: foreign files that are synced because of where they lie; ``place`` is the folder."""
    for path in difference.rendered:
        message = "a file that hybridc did not write lies in the chart, and Helm installs what it holds"
        yield _found("OUT005", place, path, message, "move it out of the chart")


def in_danger(place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT001 to OUT003: what only ``--force`` overwrites."""
    for path in difference.edited:
        yield _found("OUT001", place, path, "a person has edited this generated file", _EDITED)
    for path in difference.in_the_way:
        message = "a file that hybridc did not write is in the way"
        yield _found("OUT002", place, path, message, "move it; --force overwrites it")
    if difference.newer:
        advice = "build with that version, or a newer one (docs/ci.md: one version everywhere); --force rewrites it"
        yield _found("OUT003", place, NAME, str(difference.damaged), advice)
    elif difference.damaged:
        message = f"the lock file is damaged: {difference.damaged}"
        yield _found("OUT003", place, NAME, message, "restore it from Git; --force rewrites it")


def line_ends(place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT010: files that Git has checked out with CR LF: one finding for all of them."""
    if difference.crlf:
        message = f"{_number(difference.crlf)} here with Windows line ends (CR LF): Git changed them at the checkout"
        advice = "add a line to .gitattributes, out/** -text, and commit it; build writes the files anew"
        yield _found("OUT010", place, "", message, advice)


def stale(spec: str, out: str, place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT011: the folder is not what ``spec`` compiles to ("": it belongs to several); it stands at the spec."""
    if not (difference.added or difference.changed or difference.removed or difference.damaged):
        return
    message = f"{place} is not what {'it compiles to' if spec else 'the specs of this call compile to'}"
    if difference.conflicted:
        message = f"{place} holds an unresolved merge, in {few(difference.conflicted)}"
    elif difference.tool and difference.tool != hybridc.__version__:
        message += f": hybridc {difference.tool} built it, this is {hybridc.__version__}"
    ways = {"": "build all specs in one call", "-": f"build it without --check, with -o {word(out)}"}
    advice = f"{ways.get(spec, f'run hybridc build {word(spec)} -o {word(out)}')}, and commit {place}"
    yield of_file("OUT011", spec or place, message, advice, CODES["OUT011"].severity)


def _number(files: list[str]) -> str:
    return "a file is" if len(files) == 1 else f"{len(files)} files are"


def in_part(place: str, others: list[str]) -> Diagnostic:
    """OUT006: ``place``, made by a fleet together, is left alone; the call does not name the clusters ``others``."""
    names = ", ".join(others[:_MOST_NAMES] + ["…"] * (len(others) > _MOST_NAMES))
    message = f"left as it is: this call names no spec for {names}, and what lies here is for all clusters"
    advice = "build all specs in one call; with --prune when these are all, which removes the folders of the others"
    return of_file("OUT006", place, message, advice, CODES["OUT006"].severity)


def mounted(out: str, place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT007: other file systems in the folder, which would be emptied with it, or lose their place."""
    for path in difference.mounts:
        message = "a file system is mounted here, and hybridc puts another folder in the place of the cluster's"
        yield _found("OUT007", place, path, message, f"unmount it, or mount {out} as a whole")


def not_ours(out: str, place: str, difference: Difference) -> Iterator[Diagnostic]:
    """OUT004: folders whose old content could not be removed; where nothing may be written, the first write says so."""
    for path in difference.locked[:1] if os.access(out, os.W_OK) else ():
        folder = os.path.join(place, path).rstrip("/")
        owner = os.stat(folder).st_uid
        if owner == os.geteuid():
            yield _found("OUT004", folder, "", "its files cannot be replaced: it is immutable", _IMMUTABLE)
            continue
        message = f"its files could not be replaced: it belongs to {_user(owner)}, and you are {_user(os.geteuid())}"
        advice = f"nothing was changed; build as its owner, or give it away: sudo chown -R {os.geteuid()} {word(place)}"
        yield _found("OUT004", folder, "", message, advice)


def _user(uid: int) -> str:
    return "root" if uid == 0 else f"user {uid}"


def altered(place: str, paths: list[str], done: str) -> Iterator[Diagnostic]:
    """OUT008: what somebody changed while the build ran; ``done`` says what became of the build."""
    for path in paths[:_MOST]:
        what = "the folder" if not path else "this file"
        yield _found("OUT008", place, path, f"somebody has changed {what} while the build ran", f"{done}; build again")


def failed(out: str, error: OSError, done: str) -> Diagnostic:
    """OUT004: why the folder could not be written, what became of the build, and the way out."""
    path = str(error.filename) if error.filename else out
    way = _WAYS_OUT.get(error.errno or 0)
    return of_file("OUT004", path, error.strerror or str(error), f"{done}; {way}" if way else done)


def left_over(paths: list[str]) -> Iterator[Diagnostic]:
    """OUT009: old folders that stay, since they cannot be removed."""
    for path in paths:
        message = "an old folder, which cannot be removed: nothing reads it"
        yield _found("OUT009", path, "", message, f"sudo rm -r {word(path)}; every build tries again")


def _found(code: str, place: str, path: str, message: str, help: str) -> Diagnostic:  # noqa: A002
    return of_file(code, os.path.join(place, path) if path else place, message, help, CODES[code].severity)
