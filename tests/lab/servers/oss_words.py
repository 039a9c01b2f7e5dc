"""How OSS writes: XML, and refusals.

Shape of an error: https://www.alibabacloud.com/help/en/oss/user-guide/overview-14 (x-oss-ec, EC, RecommendDoc). For a
HEAD the same XML stands in x-oss-err, in base64, as the official SDK reads it (alibabacloud-oss-v2 1.4.1, _client.py).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Union
from xml.etree import ElementTree

from tests.lab.servers.exchange import Reply

Content = Union[str, Mapping[str, "Content"], "list[tuple[str, Content]]"]


class RefusedError(Exception):
    """OSS says no: status, Code, Message, EC (empty where the documents give none), and elements of this error."""

    def __init__(self, status: int, code: str, message: str, ec: str = "", **elements: Content) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.ec, self.elements = status, code, message, ec, elements

    def reply(self, method: str, host: str) -> Reply:
        """The answer to a request with this ``method`` to this ``host``."""
        request_id = secrets.token_hex(12).upper()
        content: dict[str, Content] = {
            "Code": self.code,
            "Message": self.message,
            "RequestId": request_id,
            "HostId": host,
            **self.elements,
        }
        if self.ec:
            content |= {"EC": self.ec, "RecommendDoc": f"https://api.alibabacloud.com/troubleshoot?q={self.ec}"}
        headers = {"content-type": "application/xml", "x-oss-request-id": request_id} | (
            {"x-oss-ec": self.ec} if self.ec else {}
        )
        body = xml("Error", content)
        if method == "HEAD":
            return Reply(self.status, headers | {"x-oss-err": base64.b64encode(body).decode()})
        return Reply(self.status, headers, body)


def xml(name: str, content: Content) -> bytes:
    """A document: text, or children; a list where a name comes several times."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(_element(name, content))


def _element(name: str, content: Content) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, str):
        element.text = content
    else:
        element.extend(_element(*child) for child in (content.items() if isinstance(content, Mapping) else content))
    return element


def text_of(body: bytes, *path: str) -> str | None:
    """The text of an element below the root of a document that a client sent; 400 MalformedXML."""
    try:
        return ElementTree.fromstring(body).findtext("/".join(path))
    except ElementTree.ParseError:
        message = "The XML you provided was not well-formed or did not validate against our published schema."
        raise RefusedError(400, "MalformedXML", message, "0031-00000001") from None
