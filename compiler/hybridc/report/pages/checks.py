"""What ``checks.ignore`` reports of itself."""

from __future__ import annotations

PAGES = {
    "CHK001": """\
An acceptance in `checks.ignore` has ended.

Its `until` is before today. The finding that it covered is accepted no longer, so that somebody decides again.

Fails::
    checks: {ignore: [{code: CNI025, reason: "until the review", until: 2025-01-31}]}
Passes::
    checks: {ignore: [{code: CNI025, reason: "reviewed again", until: 2027-06-30}]}

Source: hybridc.
""",
    "CHK002": """\
An entry of `checks.ignore` covers nothing.

The finding is gone, or nothing stands at its `at`. Left in place, the entry would hide the next one of its kind. Said
of a spec without errors: what an error hides may be found again.

Fails::
    checks: {ignore: [{code: NET005, reason: "routed"}]}     # the spec has no NET005
Passes::
    checks: {ignore: [{code: CNI025, reason: "no NetworkPolicy selects cloud pods"}]}

Source: hybridc.
""",
    "CHK003": """\
An entry of `checks.ignore` names what cannot be ignored, or no rule at all.

Rules that guard secrets or objects of others, violations of the schema and proofs over the output cannot be
accepted away, and with `at` only what is found in the spec. A code that no rule has is a warning.

Fails::
    checks: {ignore: [{code: SEC001, reason: "we rotate it"}]}
Passes::
    checks: {ignore: [{code: CNI025, reason: "no NetworkPolicy selects cloud pods"}]}

Source: hybridc.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
