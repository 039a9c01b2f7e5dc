"""``--endpoint``: one service or all, never without TLS beyond this machine."""

from __future__ import annotations

import pytest

from hybridc.cloud.endpoints import SERVICES, Endpoint, WrongEndpoint, parse


def test_one_address_is_for_every_service() -> None:
    assert parse(["https://cloud.example:8443"]) == dict.fromkeys(SERVICES, Endpoint("https", "cloud.example:8443"))


def test_a_service_has_an_address_of_its_own() -> None:
    assert parse(["https://a.example", "oss=http://127.0.0.1:9"])["oss"] == Endpoint("http", "127.0.0.1:9")


def test_a_host_alone_is_https() -> None:
    assert parse(["ram=ram.example"]) == {"ram": Endpoint("https", "ram.example")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://10.0.0.1", "is not encrypted"),
        ("oss=http://oss.example", "is not encrypted"),
        ("rds=https://a.example", "is no service"),
        ("oss=", "is no address"),
        ("oss=https://a.example/path", "is no address"),
        ("oss=https://user:pw@a.example", "is no address"),
        ("oss=https://a.example:port", "is no address"),
        ("oss=ftp://a.example", "is no address"),
    ],
)
def test_what_cannot_be_taken_is_said(text: str, said: str) -> None:
    with pytest.raises(WrongEndpoint, match=said):
        parse([text])
