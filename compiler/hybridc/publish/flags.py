"""What the command line says of single steps."""

from __future__ import annotations

from typing import NamedTuple


class Flags(NamedTuple):
    """What the command line says.

    ``out`` is the folder of the build. ``done`` are steps that the person says to have done. ``kubeconfig`` and
    ``context`` name the cluster as kubectl takes them. ``adopt``: what somebody else made under our name becomes ours.
    ``despite`` is why the gate before node pools is passed although it is closed. ``prune_days``: old scripts go that
    were replaced so long ago. ``mint``: a bootstrap token is made that lives ``ttl`` seconds (None: as the spec says),
    with ``renew`` also beside a fresh one; ``token_file`` (``-`` is standard input) or ``token_env`` holds one instead.
    ``rotate_days``: an AccessKey that is as old is replaced.
    """

    out: str = "out"
    done: tuple[str, ...] = ()
    kubeconfig: str | None = None
    context: str | None = None
    adopt: bool = False
    despite: str | None = None
    prune_days: float | None = None
    token_file: str | None = None
    token_env: str | None = None
    mint: bool = False
    ttl: int | None = None
    renew: bool = False
    rotate_days: float | None = None
