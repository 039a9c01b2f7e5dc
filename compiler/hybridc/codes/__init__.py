"""Every code that a finding can have: who reports it, how bad it is, since when, whether it can be accepted.

A module holds the families of one subject; its first line names them. A code is never used again for something else:
one that is gone stands in :data:`RETIRED`. Its documentation stands with the check that reports it, or in
``report/pages`` when no function of its own does (:mod:`hybridc.report.book`).
"""

from __future__ import annotations

from hybridc.code import Code
from hybridc.codes import cloud, cni, files, gitops, live, network, nodes, script, terway

RETIRED = {
    "CNI031": "the schema limits the names of workloads, to what fits into a file name and a key of a ConfigMap",
    "ENI027": "an overlay that Terway cannot merge is ENI023, as in any eni-config",
}
"""Codes that were given once, and why nothing reports them any more. Numbers that are missing were never given."""

_SUBJECTS = (network, terway, cni, nodes, cloud, script, gitops, live, files)

CODES: dict[str, Code] = {code.id: code for subject in _SUBJECTS for code in subject.CODES}
"""Every code by id, in the order of families and numbers."""
