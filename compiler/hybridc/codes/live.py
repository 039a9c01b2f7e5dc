"""Codes of the live cluster as a whole (LIVE), and of paths that no test has walked (PATH)."""

from __future__ import annotations

from hybridc.code import OPEN, Code, Stage
from hybridc.diagnostic import ERROR, WARNING

CODES = (
    Code("LIVE001", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("LIVE002", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("LIVE003", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("PATH001", "0.2.0", WARNING, (Stage.SPEC,), OPEN),
)
