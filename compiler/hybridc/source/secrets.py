"""What a secret looks like, in any text, and how text is shown without it.

hybrid.yaml has no field for a secret, so whatever looks like one is a mistake wherever it stands (rules SEC001,
SEC002 …) and must never be repeated. What of a document is one is decided in :mod:`hybridc.source.hidden`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from hybridc.catalog import ack

MASK = "***"
BOOTSTRAP_TOKEN = "bootstrap token"  # noqa: S105 - the name of a kind, not a secret
JOIN_TOKEN = "token of k3s or RKE2"  # noqa: S105 - the name of a kind, not a secret
ACCESS_KEY = "AccessKey id"
ACCESS_KEY_SECRET = "AccessKey secret"  # noqa: S105 - the name of a kind, not a secret
PRIVATE_KEY = "private key"
JWT = "JSON web token"
SIGNATURE = "signature in a URL"
PASSWORD = "password in a URL"  # noqa: S105 - the name of a kind, not a secret

# Sources: RAM AccessKey ids start with LTAI, and their secrets have 30 letters and digits (gitleaks, alibaba rules);
# kubeadm's token format (bootstraputil.BootstrapTokenPattern); k3s, pkg/clientaccess/token.go (K10<hash of the
# CA>::<user>:<password>); RFC 7468 for PEM; RFC 7519 with a JSON header ("eyJ" is '{"' in base64); RFC 3986 §3.2.1
# for user:password@ in a URL, and the prefixes that GitHub, GitLab and Slack give their tokens.
# Each kind has a text that every one of them holds: most files hold none, and are searched no further. No pattern scans
# a stretch of text more than a fixed number of times, so that a hostile file takes no longer than an ordinary one.
_KINDS = (
    (
        PRIVATE_KEY,
        "-----BEGIN",
        re.compile(
            r"-----BEGIN[A-Z0-9\s]{1,64}PRIVATE\s{1,64}KEY(?:\s{1,64}BLOCK)?-----[\s\S]*?"
            r"(?:-----END[A-Z0-9\s]{1,64}PRIVATE\s{1,64}KEY(?:\s{1,64}BLOCK)?-----|\Z)"
        ),
    ),
    (JOIN_TOKEN, "K10", re.compile(r"(?<![A-Za-z0-9])K10[0-9a-fA-F]{8,256}::[^\s\"'\\]{1,1024}")),
    (ACCESS_KEY, "LTAI", re.compile(r"LTAI[A-Za-z0-9]{12,}")),
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
_SECRET_OF_AN_ID = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{30}(?![A-Za-z0-9])")
TELLING = (
    r"access[-_.]?key|secret|passw|passphrase|pwd|token|credential"
    r"|(?:private|api|signing|encryption|client|ssh|master|shared|account)[-_.]?key"
)
TELLING_WHOLE = "ak|sk|psk|pass|auth|authorization|bearer|jwt"
SECRET_KEY = re.compile(rf"(?i){TELLING}|(?:\A|[-_.])(?:{TELLING_WHOLE})\Z")
"""A key that names a secret."""
# A name of a secret and what it is set to, within some text: NAME=x, "name": "x", --name x, Authorization: Bearer x.
_SET = re.compile(
    rf"(?i)(?:(?:(?:{TELLING}|authorization|bearer)[\w.-]{{0,64}}[\"'\\]{{0,4}}\s{{0,16}}[:=]\s{{0,16}}"
    rf"|(?<=-)(?:{TELLING})[\w-]{{0,64}}\s{{1,16}}|bearer\s{{1,16}})(?=[\"'\\]{{0,4}}[^\s\"'\\{{\[,}}\]])"
    # In JSON also a mapping or a list that is not empty.
    rf"|(?:{TELLING})[\w.-]{{0,64}}[\"'\\]{{1,4}}\s{{0,16}}:\s{{0,16}}(?=[{{\[]\s{{0,16}}[^\s}}\]]))(?P<value>)"
)
_WORDS, _LETTERS = re.compile(r"[^\s'\"(),:]{6,}"), re.compile(r"[A-Za-z_.\[\]]+")
_TOKEN_TAIL = re.compile(r"\.[a-z0-9]{16}(?![A-Za-z0-9.])")
_MARKS = {ACCESS_KEY: "LTAI", ACCESS_KEY_SECRET: "LTAI", PRIVATE_KEY: "-----BEGIN", JWT: "eyJ", JOIN_TOKEN: "K10"}
_SIGNED = re.compile("[?&](?:" + "|".join(re.escape(name) for name in ack.PRESIGNED) + ")=")
_PASS_THROUGH = re.compile(r"/(?:extra[A-Z][A-Za-z]*|config|nodePools/[0-9]+/extra)/")


_NAMED_LIKE_SECRETS = ("credential_path", "http_tokens")
"""Keys that sound like a secret and hold none: a path (ENI016), and whether ECS metadata asks for a token."""


def find(text: str, *, with_id: bool = False) -> Iterator[tuple[str, int, int]]:
    """``(kind, start, end)`` of everything in ``text`` that looks like a secret.

    ``with_id``: an AccessKey id is known to stand near, in ``text`` or elsewhere.
    """
    for kind, mark, pattern in _KINDS:
        if mark in text:
            for match in pattern.finditer(text):
                with_id = with_id or kind == ACCESS_KEY
                yield kind, match.start(), match.end()
    if with_id:
        for match in _SECRET_OF_AN_ID.finditer(text):
            if not text.startswith("LTAI", match.start()):
                yield ACCESS_KEY_SECRET, match.start(), match.end()


@lru_cache(maxsize=2048)
def is_telling(key: str) -> bool:
    """Whether a key says that its value is a secret."""
    return key not in _NAMED_LIKE_SECRETS and SECRET_KEY.search(key) is not None


def is_pass_through_secret(pointer: str) -> bool:
    """Whether a literal at this pointer of hybrid.yaml stands in a pass-through, under a key that names a secret."""
    inside = _PASS_THROUGH.search(pointer)
    return inside is not None and any(map(is_telling, pointer[inside.end() :].split("/")))


def is_secret_of_an_id(text: str) -> bool:
    """Whether a text as a whole has the form of an AccessKey secret: it is one where an AccessKey id stands near."""
    return _SECRET_OF_AN_ID.fullmatch(text.strip()) is not None


def names_an_id(text: str) -> bool:
    """Whether an AccessKey id stands in a text."""
    return "LTAI" in text and any(kind == ACCESS_KEY for kind, _, _ in find(text))


def is_set(text: str) -> re.Match[str] | None:
    """Where some text gives a name that tells of a secret a value; the group ``value`` starts there."""
    return _SET.search(text)


@lru_cache(maxsize=64)
def redact(text: str) -> str:
    """``text`` with ``***`` in place of everything that looks like a secret, or stands after a name that tells of one.

    What follows such a name is masked to the end of the text: nothing says where the value ends.
    """
    text = without_kinds(text)
    found = is_set(text)
    return text if found is None or text.startswith(MASK, found.start("value")) else text[: found.start("value")] + MASK


def without_kinds(text: str) -> str:
    """``text`` with ``***`` in place of everything that looks like a secret, whatever stands before it."""
    spans = sorted((start, end) for _, start, end in find(text))
    shown, at = [], 0
    for start, end in spans:
        if end > at:
            shown += [text[at:start], MASK] if start >= at else []
            at = end
    return "".join([*shown, text[at:]])


def plain_words(text: str) -> str:
    """A sentence without any word that could be a value: words of letters stay, and what is short."""
    return _WORDS.sub(lambda word: word[0] if _LETTERS.fullmatch(word[0]) else MASK, redact(text))


def may_hold(kind: str, text: str) -> bool:
    """The cheap question before the dear one: whether a text could hold a secret of this kind."""
    if kind == BOOTSTRAP_TOKEN:
        return _TOKEN_TAIL.search(text) is not None
    return _MARKS[kind] in text


def is_signed(text: str) -> bool:
    """Whether a URL with a signature is in the text."""
    return any(f"{name}=" in text for name in ack.PRESIGNED) and _SIGNED.search(text) is not None
