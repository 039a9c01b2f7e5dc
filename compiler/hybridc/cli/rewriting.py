"""Rewrite the files that the command line names: what ``fmt``, ``migrate`` and ``import --update`` share."""

from __future__ import annotations

from hybridc import exits
from hybridc.cli import files
from hybridc.cli.say import document, note, out
from hybridc.session import Session


def put(path: str, raw: bytes, text: str, session: Session, done: str, *, check: bool = False) -> None:
    """Put ``text`` in the place of ``raw`` and say so (``formatted``); ``check`` only says it, and exit code is 1 then.

    ``-`` is standard output. What cannot be written is said, and exit code is 3 then.
    """
    if path == "-" and not check:
        document(text)
    elif text.encode() == raw:
        return
    elif check:
        out(f"{path}: would be {done}")
        session.code = max(session.code, exits.DIFFERENT)
    else:
        try:
            files.replace(path, text, was=raw)
            out(f"{path}: {done}")
        except OSError as error:
            note(f"hybridc: error: cannot write {path}: {error.strerror or error}")
            session.code = max(session.code, exits.WORLD_FAILED)
