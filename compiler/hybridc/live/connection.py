"""A connection to an API server, through the package ``kubernetes``.

The package knows kubeconfigs, their credential plugins and certificates. Requests are made here, on its connection
pool: its own calls parse into classes, and know neither a deadline nor a page. Everything ends at one deadline, in a
thread of its own, since a name server or a credential plugin that hangs cannot be interrupted in any other way.

What reads uses :meth:`Connection.get`; what writes stands in ``publish/cluster.py``.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

from hybridc.live import children
from hybridc.live.collect import Expired, Forbidden, Missing
from hybridc.live.kubeconfig import Target, Unreachable, configure
from hybridc.live.reading import Reading, wait

T = TypeVar("T")
_CONNECT, _READ = 5.0, 15.0
_ATTEMPTS = 4
_MOST_BYTES = 128 << 20
_CHUNK = 1 << 16
_AGAIN = (429, 500, 502, 503, 504)


def late(target: Target, what: str) -> Unreachable:
    """What was not done in time."""
    return Unreachable(
        f"{what} not read within {target.deadline:g} s",
        "look whether the API server is well, or give it more time: --deadline",
    )


def hung(target: Target) -> Unreachable:
    """That a credential plugin did not end."""
    return Unreachable(
        f"the credential plugin that the kubeconfig names (exec) did not end within {target.deadline:g} s",
        "see whether kubectl get nodes works with it, or give it more time: --deadline",
    )


def within(
    target: Target, work: Callable[[float], T], reading: Reading, tell: Callable[[str], None] | None = None
) -> T:
    """What ``work`` gives, which is told when it has to end (monotonic seconds). Raises :class:`Unreachable`.

    ``tell`` takes lines about what ``reading`` notes.
    """
    deadline = time.monotonic() + target.deadline
    ended: list[tuple[T] | Exception] = []

    def run() -> None:
        try:
            ended.append((work(deadline),))
        except Exception as error:
            ended.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    stuck = False
    try:
        wait(worker, target.deadline + 0.5, reading, tell)
    finally:
        stuck = not ended and children.end(worker.native_id)
    if stuck:
        raise hung(target)
    if not ended:
        raise late(target, "the cluster was")
    if isinstance(ended[0], Exception):
        raise ended[0]
    return ended[0][0]


class Connection:
    """An API server, the pool of connections to it, and what each request carries."""

    def __init__(self, target: Target, deadline: float, client: Any, reading: Reading) -> None:
        self._reading = reading
        self.server = _bare(str(client.configuration.host))
        self._target, self._deadline = target, deadline
        self._client, self._pool = client, client.rest_client.pool_manager
        self.host = str(client.configuration.host).rstrip("/")

    def get(self, path: str, query: Mapping[str, str], accept: str) -> Any:
        """What the API server answers to a GET, as data. Raises Missing, Forbidden, Expired, :class:`Unreachable`."""
        self._reading.asks(path)
        url = f"{self.host}{path}" + (f"?{urlencode(query)}" if query else "")
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self.once(Sent("GET", url, {"Accept": accept}), last=attempt == _ATTEMPTS)
            if answer is not None and answer.status not in _AGAIN:
                return self.data(path, answer)
            pause = _pause(answer, attempt)
            if answer is not None and (attempt == _ATTEMPTS or pause >= self._left):
                raise self.refused(path, answer)
            time.sleep(min(pause, max(self._left, 0)))
        raise AssertionError("the last attempt answers or raises")

    @property
    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def once(self, sent: Sent, *, last: bool) -> Answer | None:
        """One request; None when the connection broke and another one may do better."""
        import urllib3
        from urllib3.exceptions import HTTPError

        if self._left <= 0:
            raise late(self._target, f"{self.server} was")
        headers = {**sent.headers, "Accept-Encoding": "gzip", "User-Agent": "hybridc"}
        for each in self._client.configuration.auth_settings().values():
            headers[each["key"]] = each["value"]
        timeout = urllib3.Timeout(connect=min(_CONNECT, self._left), read=min(_READ, self._left))
        try:
            response = self._pool.request(
                sent.method,
                sent.url,
                body=sent.body,
                headers=headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            return self._read(response)
        except UnicodeError as error:
            raise self._unsendable() from error
        except (HTTPError, OSError) as error:
            if self._left <= 0:
                raise late(self._target, f"{self.server} was") from error
            if last or not _passing(error):
                raise self._broken(error) from error
            return None
        except ValueError as error:
            # Its text holds the header that cannot be sent, which is the token.
            raise self._unsendable() from error

    def _unsendable(self) -> Unreachable:
        message = f"the token or the address in the kubeconfig of {self.server} cannot be sent"
        return Unreachable(message, "see whether kubectl get nodes works with it", wrong=True)

    def _read(self, response: Any) -> Answer:
        """The whole body, as long as there is time and it is not absurdly large."""
        body = bytearray()
        try:
            while chunk := response.read1(_CHUNK):
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise Unreachable(f"{self.server} sends an answer without an end", "is this an API server?")
                if self._left <= 0:
                    raise late(self._target, f"{self.server} was")
        finally:
            response.close() if self._left <= 0 else response.release_conn()
        return Answer(response.status, response.headers, body)

    def data(self, path: str, answer: Answer) -> Any:
        if answer.status == 404 and (answer.is_status or answer.body.startswith(b"404 page not found")):
            raise Missing(path)
        if answer.status == 403 and answer.is_status:
            raise Forbidden(path)
        if answer.status == 410:
            raise Expired(path)
        if answer.status != 200:
            raise self.refused(path, answer)
        data = answer.data
        if data is None:
            raise self._strange(f"answers {path} with {answer.looks}")
        return data

    def refused(self, path: str, answer: Answer) -> Unreachable:
        if answer.status == 401:
            message = f"{self.server} does not know this user (401)"
            return Unreachable(message, "log in again: the credentials of the kubeconfig are wrong or have expired")
        if answer.status == 429:
            return Unreachable(f"{self.server} is busy and takes no more requests (429)", "try again later")
        if 300 <= answer.status < 400:
            return self._strange(f"sends {path} on to {answer.headers.get('location', 'another address')}")
        if not answer.is_status:
            return self._strange(f"answers {path} with {answer.status} and {answer.looks}")
        return Unreachable(
            f"{self.server} answers {path} with {answer.status}: {answer.message}",
            "look whether the API server is well",
        )

    def _strange(self, what: str) -> Unreachable:
        return Unreachable(
            f"{self.server} {what}", "is this the address of an API server? Look for a proxy or a login page before it"
        )

    def _broken(self, error: Exception) -> Unreachable:
        from urllib3.exceptions import NameResolutionError, ProxyError

        host = urlsplit(self.host).hostname
        reason = _innermost(error)
        if isinstance(error, ProxyError):
            return Unreachable(
                f"the proxy before {self.server} does not let through: {reason}", "look at HTTPS_PROXY and NO_PROXY"
            )
        if isinstance(error, NameResolutionError):
            return Unreachable(
                f"there is no host {host}", "look at the server of the kubeconfig, and at your DNS or VPN"
            )
        if isinstance(reason, ssl.SSLCertVerificationError):
            message = f"the certificate of {self.server} is not the kubeconfig's: {reason.verify_message}"
            return Unreachable(message, "look at certificate-authority-data and tls-server-name of the kubeconfig")
        if isinstance(reason, ConnectionRefusedError):
            return Unreachable(
                f"nothing listens at {self.server}", "look at the server of the kubeconfig, and whether a tunnel is up"
            )
        return Unreachable(
            f"the connection to {self.server} broke: {reason}", "try again, and look at the way to the API server"
        )


class Sent(NamedTuple):
    """A request as it goes out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Answer(NamedTuple):
    """A status, headers, and a body."""

    status: int
    headers: Mapping[str, str]
    body: bytearray

    @property
    def data(self) -> Any:
        """The body when it is a JSON object; None when it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def is_status(self) -> bool:
        """Whether an API server speaks: its errors are objects of the kind Status."""
        return (self.data or {}).get("kind") == "Status"

    @property
    def message(self) -> str:
        """What a Status says."""
        return str((self.data or {}).get("message", ""))[:300]

    @property
    def looks(self) -> str:
        """The body in words."""
        if b"<html" in self.body[:1000].lower():
            return "a page of HTML"
        return (
            "JSON that breaks off"
            if self.body.lstrip()[:1] == b"{" and self.data is None
            else "something else than JSON"
        )


def _passing(error: Exception) -> bool:
    """Whether a second try may do better: not with a wrong certificate, and not without a host."""
    from urllib3.exceptions import NameResolutionError

    return not isinstance(_innermost(error), ssl.SSLError) and not isinstance(error, NameResolutionError)


def _innermost(error: BaseException) -> BaseException:
    """What lies behind an error of urllib3."""
    while True:
        behind = (
            error.__cause__ or error.__context__ or next((a for a in error.args if isinstance(a, BaseException)), None)
        )
        if behind is None:
            return error
        error = behind


def _pause(answer: Answer | None, attempt: int) -> float:
    """Seconds until the next try: what the server asks for, or twice as long each time."""
    asked = "" if answer is None else str(answer.headers.get("retry-after", ""))
    return float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0.25 * 2 ** (attempt - 1)


def _bare(server: str) -> str:
    """An address without a user and a password in it."""
    parts = urlsplit(server)
    return server if "@" not in parts.netloc else parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def connect(target: Target, deadline: float, reading: Reading) -> Connection:
    """A connection as a kubeconfig says; inside a pod without one, as its ServiceAccount. Raises Unreachable."""
    configuration = configure(target)
    import urllib3
    from kubernetes import client

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return Connection(target, deadline, client.ApiClient(configuration), reading)
