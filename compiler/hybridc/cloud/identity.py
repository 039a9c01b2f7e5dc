"""Who asks: credentials from the chain of Alibaba's own package, and what of them must never be shown.

The chain: environment, OIDC (RRSA), a profile of the CLI, an ECS role, a URI (alibabacloud_credentials 1.0.12). It
reads the environment when it is imported.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from hybridc.cloud.trouble import Trouble
from hybridc.source.secrets import MASK, redact
from hybridc.words import one_line, with_extra

_SETTINGS = (
    "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, a profile in ~/.aliyun/config.json, or in CI "
    "ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE"
)
_SHORTEST = 8


class Identity:
    """Credentials that the SDKs take (``chain``), and texts without their secrets."""

    def __init__(self, chain: Any) -> None:
        self.chain = chain
        self._secrets: set[str] = set()

    def keys(self) -> tuple[str, str, str]:
        """Id, secret and token ("" where there is none) of now: they may be renewed. Raises :class:`Trouble`."""
        found = self.chain.get_credential()
        keys = (found.access_key_id or "", found.access_key_secret or "", found.security_token or "")
        self.hide(*keys[1:])
        return keys

    def hide(self, *secrets: str) -> None:
        """Never show these."""
        self._secrets.update(secret for secret in secrets if len(secret) >= _SHORTEST)

    def clean(self, text: str) -> str:
        """A text of the cloud or of its packages, in one line, without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return one_line(redact(text))


def find(deadline: float) -> Identity:
    """The credentials that the chain finds, within ``deadline`` seconds. Raises :class:`Trouble`."""
    # With DEBUG=sdk the packages print headers, tokens among them.
    if os.environ.get("DEBUG", "").lower() == "sdk":
        del os.environ["DEBUG"]
    for name in ("alibabacloud_credentials", "alibabacloud_tea_openapi", "credentials", "urllib3"):
        logging.getLogger(name).disabled = True
    found: list[Identity | Exception] = []

    def work() -> None:
        try:
            from alibabacloud_credentials.client import Client

            identity = Identity(Client())
            identity.keys()
            found.append(identity)
        except Exception as error:
            found.append(error)

    # The chain may ask the metadata server of ECS, which outside of the cloud never answers.
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(deadline)
    if not found:
        raise Trouble(f"no credentials of Alibaba Cloud within {deadline:g} s", _SETTINGS)
    if isinstance(found[0], Exception):
        raise _none(found[0])
    return found[0]


def _none(error: Exception) -> Trouble:
    if isinstance(error, ImportError):
        return missing_extra()
    # The text of a failed OIDC request holds the token of the CI.
    said = str(error).split("OIDCToken")[0]
    if "any of the providers in the chain" in said:
        return Trouble("no credentials of Alibaba Cloud: nothing in the chain of providers has any", _SETTINGS)
    reason = one_line(redact(said))[:200]
    return Trouble(f"no credentials of Alibaba Cloud: {reason}", _SETTINGS)


def missing_extra() -> Trouble:
    """The trouble of an installation without the SDKs."""
    return Trouble("the packages of Alibaba Cloud are not installed", with_extra("alibaba"))
