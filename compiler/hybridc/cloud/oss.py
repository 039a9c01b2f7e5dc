"""Requests to OSS, through alibabacloud-oss-v2 (1.4.1): V4 signatures, CRC64 of what is sent, no redirect.

The package's own retries are off: :mod:`hybridc.cloud.patience` knows which request may be sent again.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import regions
from hybridc.cloud import trouble
from hybridc.cloud.endpoints import Endpoint
from hybridc.cloud.identity import Identity, missing_extra
from hybridc.cloud.patience import CONNECT, Deadline, patient
from hybridc.cloud.trouble import Trouble

_NAME = "oss"


class Oss:
    """Calls of one identity to one endpoint, within one deadline."""

    def __init__(self, identity: Identity, region: str, deadline: Deadline, endpoint: Endpoint | None = None) -> None:
        self.identity = identity
        self.region = region
        self.deadline = deadline
        self._endpoint = endpoint
        self._made: Any = None

    @property
    def endpoint(self) -> str:
        """Where the requests go: what was given, else the public host of the region."""
        return self._endpoint.url if self._endpoint is not None else f"https://{regions.public_endpoint(self.region)}"

    def call(self, operation: str, *, again: bool = True, **parameters: Any) -> Any:
        """One operation by the package's name for it (``put_object``), with the fields of its request; its result.

        That of ``get_object`` has the bytes as ``content``.

        ``again``: it may be sent twice without a look between. Raises :class:`Trouble`.
        """
        try:
            import alibabacloud_oss_v2 as sdk
        except ImportError:
            raise missing_extra() from None
        words = "".join(word.capitalize() for word in operation.split("_"))
        request = getattr(sdk, f"{words}Request")(**parameters)
        return patient(lambda: self._once(sdk, operation, words, request), self.deadline, again=again)

    def _once(self, sdk: Any, operation: str, words: str, request: Any) -> Any:
        _, read = self.deadline.timeouts(_NAME, words)
        client = self._client(sdk)
        try:
            result = getattr(client, operation)(request, readwrite_timeout=read)
            if operation == "get_object":
                result.content = result.body.content  # read here, where a connection that breaks is said
            return result
        except Exception as error:
            raise self._in_words(sdk, words, error) from None

    def _client(self, sdk: Any) -> Any:
        if self._made is None:
            config = sdk.config.load_default()
            config.credentials_provider = sdk.credentials.CredentialsProviderFunc(self._keys(sdk))
            config.region, config.endpoint = self.region, self.endpoint
            config.retry_max_attempts, config.connect_timeout = 1, CONNECT
            config.user_agent = "hybridc"
            # A bucket's own host name does not resolve on loopback.
            config.use_path_style = self._endpoint is not None and self._endpoint.protocol == "http"
            self._made = sdk.Client(config)
        return self._made

    def _keys(self, sdk: Any) -> Any:
        def keys() -> Any:
            return sdk.credentials.Credentials(*self.identity.keys())

        return keys

    def _in_words(self, sdk: Any, call: str, error: Exception) -> Trouble:
        """The trouble of an exception of the package, whose texts hold whole answers."""
        inner: Any = error
        while hasattr(inner, "unwrap") and inner.unwrap() is not None:
            inner = inner.unwrap()
        if isinstance(inner, Trouble):
            return inner
        errors = sdk.exceptions
        if isinstance(inner, errors.ServiceError):
            return self._refused(call, inner)
        if isinstance(inner, errors.InconsistentError):
            return trouble.strange(_NAME, call, "another checksum than that of what was sent")
        if isinstance(inner, errors.DeserializationError):
            return trouble.strange(_NAME, call, "no XML")
        return trouble.broken(_NAME, call, self.identity.clean(trouble.reason(str(inner))))

    def _refused(self, call: str, error: Any) -> Trouble:
        status, code = int(error.status_code or 0), str(error.code or "")
        if code == "BadErrorResponse":
            return trouble.strange(_NAME, call, f"{status} and no XML", status)
        fields = error.error_fileds or {}
        action = str(fields.get("AuthAction") or "") if isinstance(fields, dict) else ""
        return trouble.refused(_NAME, call, status, code, self.identity.clean(str(error.message or "")), action=action)
