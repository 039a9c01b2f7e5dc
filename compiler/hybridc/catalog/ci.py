"""What jobs in a CI take for granted (``ci.toml``)."""

from __future__ import annotations

from hybridc.catalog import load

_FACTS = load("ci")

AUDIENCE: str = _FACTS["oidc"]["audience"]
"""What the token of a CI's OIDC provider is made out to."""
CHECKOUT: str = _FACTS["github"]["checkout"]
"""GitHub's action that checks out, by the commit of a release."""
RUNNER: str = _FACTS["github"]["runner"]
LEAST_MINUTES: int = _FACTS["github_schedule"]["least_minutes"]
"""Minutes between two runs of a schedule of GitHub's, at least."""
IMAGE: str = _FACTS["gitlab"]["image"]
