"""What goes wrong between hybridc and the cloud, as one exception with a sentence and a way out."""

from __future__ import annotations

import re

from hybridc.catalog import api
from hybridc.words import one_line

_MOST = 300
_REASON = re.compile(
    r"\[Errno -?\d+\] [A-Za-z ]+|CERTIFICATE_VERIFY_FAILED\][^'\"()]*|timed out|Connection aborted|Connection reset"
    r"|Remote end closed connection|Name or service not known|IncompleteRead"
)


class Trouble(Exception):
    """A request that did not do what it should: a sentence, and what to do.

    ``status`` is that of HTTP, 0 where there was no answer; ``code`` is the service's own. ``unsure``: the request may
    have been done all the same, so whoever sent it looks before it is sent again. ``action`` is the right that a 403
    speaks of.
    """

    def __init__(
        self,
        message: str,
        help: str,  # noqa: A002
        *,
        status: int = 0,
        code: str = "",
        unsure: bool = False,
        action: str = "",
    ) -> None:
        super().__init__(message)
        self.help = help
        self.action = action
        self.status = status
        self.code = code
        self.unsure = unsure

    @property
    def missing(self) -> bool:
        """Whether what was asked for is not there."""
        return self.status == 404

    @property
    def passing(self) -> bool:
        """Whether the same request may do better in a moment."""
        return self.status in (429, 500, 502, 503, 504) or self.status == 0 or api.is_throttled(self.code)


def refused(service: str, call: str, status: int, code: str, message: str, *, action: str = "") -> Trouble:
    """The trouble of an answer that is an error. ``action`` is the RAM action that the service says is missing."""
    said = one_line(f"{service} answers {call} with {status} {code}: {message}")[:_MOST]
    right = action or f"{service}:{call}"
    advice = _help(status, code, message, right)
    return Trouble(said, advice, status=status, code=code, unsure=status >= 500, action=right)


def _help(status: int, code: str, message: str, right: str) -> str:
    if code in api.SKEWED:
        return "the clock of this machine is wrong by more than 15 minutes: set it, and run this again"
    if code in api.EXPIRED:
        return "the temporary credentials have expired: get new ones, and run this again"
    if code in api.WRONG_KEY:
        return "the AccessKey is wrong, inactive or deleted: see which one the credentials chain finds"
    if status == 403 and "specified endpoint" in message:
        return "it is in another region: compare the region in hybrid.yaml, and --endpoint"
    if status == 403 and message.startswith("Put public"):
        return "Block Public Access is on: nothing public is needed here"
    if status == 403:
        return f"who runs this lacks {right}: cloud/ram/ of the build has the policies, hybridc ram show says why"
    if status == 404:
        return "look at the id or name in hybrid.yaml, its region, and whether the step before it was done"
    if code.startswith("LimitExceeded"):
        return "a limit of the service is reached: take away what is not needed, or ask Alibaba Cloud for more"
    if status == 409:
        return "something else changed it meanwhile: run this again, it looks first"
    if status == 429 or status >= 500 or api.is_throttled(code):
        return "the service is busy or ill: run this again later, it goes on where it stopped"
    return "look at the message; the steps before this one are done and stay done"


def strange(service: str, call: str, what: str, status: int = 0) -> Trouble:
    """The trouble of an answer that the service would not give."""
    return Trouble(
        one_line(f"{service} answers {call} with {what}")[:_MOST],
        "is this the service? Look for a proxy or a login page before it, and at --endpoint",
        status=status,
        unsure=True,
    )


def broken(service: str, call: str, reason: str) -> Trouble:
    """The trouble of a connection that gave no answer; ``reason`` without secrets."""
    return Trouble(
        one_line(f"no answer from {service} to {call}: {reason}")[:_MOST],
        "look at the way to the service (proxy, DNS, firewall), and run this again: it looks before it writes",
        unsure=True,
    )


def reason(text: str) -> str:
    """What broke, out of a text of urllib3, whose beginning is the URL with every parameter."""
    found = _REASON.findall(text)
    return found[-1].strip(" ]") if found else "the connection broke"


def late(service: str, call: str, seconds: float) -> Trouble:
    """The trouble of a deadline."""
    return Trouble(
        f"{service} did not do {call} within {seconds:g} s",
        "run this again, it looks before it writes; or give it more time: --deadline",
        unsure=True,
    )
