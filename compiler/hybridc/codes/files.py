"""Codes of accepted findings (CHK), the schema (SPEC), the text of a file (YAML), spec files (FILE) and out/ (OUT)."""

from __future__ import annotations

from hybridc.code import GUARDED, OPEN, Code, Stage
from hybridc.diagnostic import ERROR, WARNING

CODES = (
    Code("CHK001", "0.1.0", ERROR, (Stage.SPEC,), GUARDED),
    Code("CHK002", "0.1.0", WARNING, (Stage.SPEC,), GUARDED),
    Code("CHK003", "0.1.0", ERROR, (Stage.SPEC,), GUARDED),
    Code("CHK004", "0.1.0", WARNING, (Stage.SPEC,), GUARDED),
    Code("CHK005", "0.1.0", ERROR, (Stage.SPEC,), GUARDED),
    Code("SPEC001", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC002", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC003", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC004", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC005", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC006", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC007", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC008", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC009", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("SPEC010", "0.1.0", ERROR, (Stage.FORM,), GUARDED),
    Code("YAML001", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML002", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML003", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML004", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML005", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML006", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML007", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML008", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML009", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML010", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML011", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML012", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("YAML013", "0.2.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("FILE001", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("FILE002", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("FILE003", "0.1.0", ERROR, (Stage.TEXT,), GUARDED),
    Code("OUT001", "0.1.0", ERROR, (Stage.DISK,), GUARDED),
    Code("OUT002", "0.1.0", ERROR, (Stage.DISK,), GUARDED),
    Code("OUT003", "0.1.0", ERROR, (Stage.DISK,), GUARDED),
    Code("OUT004", "0.1.0", ERROR, (Stage.DISK,), GUARDED),
    Code("OUT005", "0.1.0", WARNING, (Stage.DISK,), OPEN),
    Code("OUT006", "0.2.0", WARNING, (Stage.DISK,), OPEN),
    Code("OUT007", "0.2.0", ERROR, (Stage.DISK,), GUARDED),
    Code("OUT008", "0.2.0", ERROR, (Stage.DISK,), GUARDED),
    Code("OUT009", "0.2.0", WARNING, (Stage.DISK,), OPEN),
)
