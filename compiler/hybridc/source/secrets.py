"""What looks like a secret, and how text is shown without it.

hybrid.yaml has no field for a secret, so whatever looks like one is a mistake wherever it stands (rule SEC001,
SEC002) and must never be repeated in an excerpt or a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from hybridc.catalog import ack

MASK = "***"
BOOTSTRAP_TOKEN = "bootstrap token"  # noqa: S105 - the name of a kind, not a secret
ACCESS_KEY = "AccessKey id"
PRIVATE_KEY = "private key"
JWT = "JSON web token"
SIGNATURE = "signature in a URL"
PASSWORD = "password in a URL"  # noqa: S105 - the name of a kind, not a secret

# Sources: RAM AccessKey ids start with LTAI; kubeadm's token format (bootstraputil.BootstrapTokenPattern);
# RFC 7468 for PEM; RFC 7519 with a JSON header ("eyJ" is '{"' in base64); RFC 3986 §3.2.1 for user:password@ in a URL,
# and the prefixes that GitHub, GitLab and Slack give their tokens.
# Each kind has a text that every one of them holds: most files hold none, and are searched no further. No pattern scans
# a stretch of text more than a fixed number of times, so that a hostile file takes no longer than an ordinary one.
_KINDS = (
    (ACCESS_KEY, "LTAI", re.compile(r"LTAI[A-Za-z0-9]{12,}")),
    (
        PRIVATE_KEY,
        "-----BEGIN ",
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"),
    ),
    (JWT, "eyJ", re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*")),
    (SIGNATURE, "ignature=", re.compile(r"(?i)(?<=[?&])(?:x-oss-signature|Signature)=[^&\s\"'#]+")),
    # user:password@host; and a user too long for a name, as tokens of Git hosts are given.
    (
        PASSWORD,
        "@",
        re.compile(
            r"(?<=//)(?:[^/\s:@]{0,256}:[^/\s@]{1,1024}|[^/\s:@]{21,1024}"
            r"|(?:gh[opsu]_|github_pat_|glpat-|xox[abp]-)[^/\s:@]{1,1024})(?=@)"
        ),
    ),
    (BOOTSTRAP_TOKEN, ".", re.compile(r"(?<![A-Za-z0-9.])[a-z0-9]{6}\.[a-z0-9]{16}(?!\.?[A-Za-z0-9])")),
)
SECRET_KEY = re.compile(r"(?i)access_?key|secret|passw|token|credential")
# A value after a key that sounds like a secret; `token:` and `credentials:` are fields of the spec itself.
_KEYED = re.compile(
    r"(?i)(?P<key>[\"']?(?<![\w-])(?!token[\"']?\s*:|credentials[\"']?\s*:)"
    r"[\w-]{0,64}(?:access_?key|secret|passw|token|credential)[\w-]{0,64}[\"']?\s*:\s*)(?P<value>[^\s{\[#].*)"
)
_TOKEN_TAIL = re.compile(r"\.[a-z0-9]{16}(?![A-Za-z0-9.])")
_MARKS = {ACCESS_KEY: "LTAI", PRIVATE_KEY: "-----BEGIN", JWT: "eyJ"}
_SIGNED = re.compile("[?&](?:" + "|".join(re.escape(name) for name in ack.PRESIGNED) + ")=")
_PASS_THROUGH = re.compile(r"/(?:extra[A-Z][A-Za-z]*|config|nodePools/[0-9]+/extra)/")


NAMED_LIKE_SECRETS = ("credential_path", "http_tokens")
"""Keys that sound like a secret and hold none: a path (ENI016), and whether ECS metadata asks for a token."""


def find(text: str) -> Iterator[tuple[str, int, int]]:
    """``(kind, start, end)`` of everything in ``text`` that looks like a secret."""
    for kind, mark, pattern in _KINDS:
        if mark in text:
            for match in pattern.finditer(text):
                yield kind, match.start(), match.end()


def is_pass_through_secret(pointer: str) -> bool:
    """Whether a literal at this pointer of hybrid.yaml stands in a pass-through, under a key that names a secret."""
    inside = _PASS_THROUGH.search(pointer)
    if not inside:
        return False
    keys = pointer[inside.end() :].split("/")
    return any(SECRET_KEY.search(key) for key in keys if key not in NAMED_LIKE_SECRETS)


@lru_cache(maxsize=64)
def redact(text: str) -> str:
    """``text`` with ``***`` in place of everything that looks like a secret."""
    if ":" in text and SECRET_KEY.search(text):
        text = _KEYED.sub(lambda match: match["key"] + MASK, text)
    for _, mark, pattern in _KINDS:
        if mark in text:
            text = pattern.sub(MASK, text)
    return text


def may_hold(kind: str, text: str) -> bool:
    """The cheap question before the dear one: whether a text could hold a secret of this kind."""
    if kind == BOOTSTRAP_TOKEN:
        return _TOKEN_TAIL.search(text) is not None
    return _MARKS[kind] in text


def is_signed(text: str) -> bool:
    """Whether a URL with a signature is in the text."""
    return any(f"{name}=" in text for name in ack.PRESIGNED) and _SIGNED.search(text) is not None
