"""Codes of the cloud: permissions (RAM), and what its API shows (CLD). What a write to it finds belongs here too."""

from __future__ import annotations

from hybridc.code import GUARDED, OPEN, Code, Stage
from hybridc.diagnostic import ERROR, INFO, WARNING

CODES = (
    Code("RAM001", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM002", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM003", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM004", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM006", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM007", "0.1.0", INFO, (Stage.SPEC,), OPEN),
    Code("RAM008", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM009", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("RAM011", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM012", "0.1.0", ERROR, (Stage.OUTPUT,), GUARDED),
    Code("RAM014", "0.1.0", WARNING, (Stage.SPEC,), OPEN),
    Code("RAM015", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("RAM016", "0.1.0", WARNING, (Stage.SPEC,), OPEN),
    Code("RAM017", "0.1.0", ERROR, (Stage.SPEC,), OPEN),
    Code("RAM018", "0.2.0", ERROR, (Stage.SPEC,), OPEN),
    Code("CLD001", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD002", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("CLD003", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD004", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD005", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("CLD006", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD007", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("CLD008", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("CLD009", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD010", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD011", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD012", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
    Code("CLD013", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
    Code("CLD014", "0.2.0", WARNING, (Stage.LIVE,), OPEN),
)
