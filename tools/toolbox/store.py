"""The cache of built tools: one folder an entry, there only when it is whole."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.toolbox import SetupError, debian
from tools.toolbox.catalog import REPO, Tool, key

LINKS = REPO / ".tools"
Builder = Callable[[Tool, Path], None]


def root() -> Path:
    """$HYBRIDC_CACHE/tools, else hybridc/tools in the user's cache folder."""
    if own := os.environ.get("HYBRIDC_CACHE"):
        return Path(own).expanduser().absolute() / "tools"
    shared = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(shared).expanduser().absolute() / "hybridc" / "tools"


def entry(tool: Tool) -> Path:
    """Where `tool` stands in the cache, built or not; a Debian program's own path."""
    if tool.kind == "debian":
        return debian.program(tool, LINKS / "bin")
    return root() / f"{tool.name}-{key(tool)}" / tool.name


def make(tool: Tool, builder: Builder, waiting: Callable[[], None]) -> bool:
    """Build `tool` unless it is there; True when this call built it.

    `builder(tool, folder)` writes `folder/<tool.name>`. It runs in a folder
    beside the entry that is renamed at the end, so a build that dies leaves no
    entry. `waiting` is called once when another process is building it.
    """
    final = entry(tool)
    if final.exists():
        return False
    with _locked(tool, waiting):
        if final.exists():
            return False
        _build(tool, builder, final.parent)
    return True


def _build(tool: Tool, builder: Builder, final: Path) -> None:
    """Run `builder` in a fresh folder and rename that folder to `final`."""
    folder = root() / ".building" / tool.name
    # Whoever left it was killed: the lock on this tool is ours.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        builder(tool, folder)
        folder.rename(final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(tool: Tool, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of one tool; the kernel frees it when the process dies."""
    locks = root() / ".locks"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock = (locks / tool.name).open("w")
    except OSError as error:
        raise SetupError(f"cannot write the cache {root()} ({error.strerror}): set HYBRIDC_CACHE") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def link_path(tool: Tool) -> Path:
    """The tool's place in the repository: .tools/bin/<name>, or .tools/<name> for a folder."""
    return LINKS / tool.name if tool.kind in ("schemas", "files", "source", "image") else LINKS / "bin" / tool.name


def link(tool: Tool) -> None:
    """Point `link_path(tool)` at the cache entry, in one step."""
    place = link_path(tool)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink() and Path(os.readlink(place)) == entry(tool):
        return
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(entry(tool))
    fresh.replace(place)
