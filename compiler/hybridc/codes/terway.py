"""Codes of Terway's configuration (ENI)."""

from __future__ import annotations

from hybridc.code import GUARDED, OPEN, Code, Stage
from hybridc.diagnostic import ERROR, WARNING

CODES = (
    Code("ENI001", "0.1.0", ERROR, (Stage.SPEC, Stage.OUTPUT, Stage.ENI_CONFIG), OPEN),
    Code("ENI002", "0.1.0", WARNING, (Stage.SPEC,), OPEN),
    Code("ENI003", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI004", "0.1.0", ERROR, (Stage.SPEC,), OPEN),
    Code("ENI005", "0.1.0", ERROR, (Stage.SPEC, Stage.FORM, Stage.ENI_CONFIG), GUARDED),
    Code("ENI006", "0.1.0", WARNING, (Stage.SPEC,), OPEN),
    Code("ENI007", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI008", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI009", "0.1.0", WARNING, (Stage.ENI_CONFIG,), GUARDED),
    Code("ENI010", "0.1.0", ERROR, (Stage.SPEC, Stage.FORM, Stage.ENI_CONFIG), GUARDED),
    Code("ENI011", "0.1.0", ERROR, (Stage.FORM, Stage.ENI_CONFIG), GUARDED),
    Code("ENI012", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI013", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI014", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI015", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI016", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI017", "0.1.0", ERROR, (Stage.SPEC, Stage.OUTPUT, Stage.ENI_CONFIG), GUARDED),
    Code("ENI018", "0.1.0", ERROR, (Stage.SPEC,), OPEN),
    Code("ENI019", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI020", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI021", "0.1.0", ERROR, (Stage.ENI_CONFIG,), GUARDED),
    Code("ENI022", "0.1.0", WARNING, (Stage.ENI_CONFIG,), GUARDED),
    Code("ENI023", "0.1.0", ERROR, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI024", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI025", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI026", "0.1.0", ERROR, (Stage.SPEC,), OPEN),
    Code("ENI028", "0.1.0", WARNING, (Stage.SPEC, Stage.ENI_CONFIG), OPEN),
    Code("ENI029", "0.1.0", ERROR, (Stage.OUTPUT, Stage.ENI_CONFIG), GUARDED),
    Code("ENI030", "0.1.0", ERROR, (Stage.SPEC,), OPEN),
    Code("ENI031", "0.1.0", WARNING, (Stage.SPEC,), OPEN),
    Code("ENI032", "0.1.0", ERROR, (Stage.SPEC,), OPEN),
    Code("ENI033", "0.1.0", WARNING, (Stage.SPEC,), OPEN),
    Code("ENI034", "0.2.0", ERROR, (Stage.SPEC,), OPEN),
    Code("ENI040", "0.2.0", ERROR, (Stage.LIVE,), OPEN),
)
