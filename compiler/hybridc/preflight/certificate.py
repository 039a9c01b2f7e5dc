"""The hash of a CA that ``kubeadm join --discovery-token-ca-cert-hash`` takes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_BEFORE_KEY = 5
"""serialNumber, signature, issuer, validity and subject stand before the key, and a version that may be left out."""
_VERSION = 0xA0


def key_hashes(pem: str) -> list[str]:
    """``sha256:<hex>`` of the public key (SubjectPublicKeyInfo, DER) of every certificate; nothing for what is none.

    Source: kubeadm's pubkeypin.Hash; RFC 5280, 4.1.
    """
    found = (_key(match[1]) for match in _PEM.finditer(pem))
    return list(dict.fromkeys("sha256:" + hashlib.sha256(key).hexdigest() for key in found if key))


def _key(text: str) -> bytes:
    try:
        certificate, _ = _inside(base64.b64decode("".join(text.split()), validate=True))
        fields, _ = _inside(certificate)
        if fields[:1] == bytes([_VERSION]):
            fields = _behind(fields)
        for _ in range(_BEFORE_KEY):
            fields = _behind(fields)
        return fields[: len(fields) - len(_behind(fields))]
    except (binascii.Error, ValueError):
        return b""


def _inside(der: bytes) -> tuple[bytes, bytes]:
    """What the first element of a DER text holds, and what follows it. Raises ValueError when it breaks off."""
    if len(der) < 2:
        raise ValueError("no element")
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if len(der) < start + length or start > 8:
        raise ValueError("it breaks off")
    return der[start : start + length], der[start + length :]


def _behind(der: bytes) -> bytes:
    return _inside(der)[1]
