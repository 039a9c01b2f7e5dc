"""What the guard alone says before a sync: a code in its sentence, in the Application's status and in the pod's log.

What ``hybridc preflight`` says as well is documented by its rule.
"""

from __future__ import annotations

PAGES = {
    "GIT041": """\
The guard could not look.

Its instructions are missing or empty, an object cannot be read, or the API server does not tell its version. A guard
that saw nothing refuses; it cannot be accepted.

Fails::
    kubectl -n kube-system get configmap hybridc-guard      # without the key checks
Passes::
    sync again, so that the instructions and rights are applied anew

Source: hybridc.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
