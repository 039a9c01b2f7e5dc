"""What a preflight rule is: a generator of findings over a spec and a cluster as it was seen.

::

    @live("SEC010", over=TERWAY)
    def no_credentials(spec: Spec, terway: Terway, state: State) -> Findings:
        '''The Secret is missing.

        What happens without it.

        Fails::
            …
        Passes::
            …

        Source: …
        '''
        keys = state.secret_keys("kube-system", "alibaba-addon-secret")
        if keys is None:
            yield finding(terway.credentials, "what was seen", "what to do", where="Secret kube-system/…")

What could not be seen is a hole: asking for it ends the rule, and LIVE001 says what it was and which rules it ended.
The place of a finding is that of the value in hybrid.yaml, ``where`` the object that was looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hybridc.codes import CODES
from hybridc.rules.rule import BUNDLE, CLOUD, SPEC, Findings, Over, Rule

F = TypeVar("F", bound=Callable[..., Any])
RULES: dict[str, Rule] = {}
"""Every rule whose module was imported; :mod:`hybridc.preflight.registry` imports them all."""


def live(code: str, *, over: Over = SPEC) -> Callable[[F], F]:
    """Register the check of a code: it takes ``(spec, state)``.

    ``over=TERWAY`` makes it ``(spec, terway, state)``, ``over=BUNDLE`` ``(spec, bundle, state)``, ``over=CLOUD``
    ``(spec, cloud)``, asked where the cloud was looked at. KeyError when the code is not listed.
    """

    def register(function: F) -> F:
        RULES[code] = Rule(CODES[code], function, over)
        return function

    return register


__all__ = ["BUNDLE", "CLOUD", "RULES", "Findings", "live"]
