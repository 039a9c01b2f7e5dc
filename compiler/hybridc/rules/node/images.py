"""NODE: image types."""

from __future__ import annotations

import re

from hybridc.catalog import ack
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec
from hybridc.words import nearest

_OTHERWISE = "use AliyunLinux3, or the id of an image"
_RELEASE = re.compile(r"[0-9]+")


@rule("NODE031")
def unknown_image_type(spec: Spec) -> Findings:
    """An image type that ACK's API does not document.

    A wrong name is refused when the pool is made, after everything else has been applied. There is none for Ubuntu,
    Debian, Anolis or an image of your own: name such an image by its `id`, and its system in `nodeInit.os` (or `auto`).
    A newer type than this list is fine: accept it in `checks.ignore`.

    Fails::
        nodePools: [{image: {type: AlyunLinux3}}]
    Fails::
        nodeInit: {os: ubuntu-24.04}
        nodePools: [{image: {type: Ubuntu}}]
    Passes::
        nodePools: [{image: {type: AliyunLinux3}}]
    Passes::
        nodeInit: {os: ubuntu-24.04}
        nodePools: [{image: {type: null, id: m-uf6a1b2c3d4e5f6}}]

    Source: alibabacloud_cs20151215 7.2.3, CreateClusterNodePool: image_type.
    """
    for pool in spec.node_pools:
        name = pool.image.type
        if is_hole(name) or name is None or name in ack.IMAGE_TYPES:
            continue
        meant = nearest(name, [known for known in ack.IMAGE_TYPES if _release(known) == _release(name)])
        advice = f'did you mean "{meant}"?' if meant else _OTHERWISE
        yield finding(name, f"ACK documents no image type {name}", advice)


def _release(name: str) -> str | None:
    """The first number in the name of an image type: AliyunLinux3 is nothing like AliyunLinux4."""
    found = _RELEASE.search(name)
    return found[0] if found else None


@rule("NODE032")
def closed_image(spec: Spec) -> Findings:
    """An image whose nodes cannot join: Windows, and ContainerOS.

    The node script is for bash, Terway and the exclusion are for Linux. ContainerOS has a read-only root and no
    package manager, and is offered for ACK managed clusters only.

    Fails::
        nodePools: [{image: {type: Windows}}]
    Fails::
        nodePools: [{image: {type: ContainerOS}}]
    Passes::
        nodePools: [{image: {type: AliyunLinux3}}]

    Source: hybridc; Terway runs on Linux; help.aliyun.com, ACK: "What is ContainerOS".
    """
    for pool in spec.node_pools:
        name = pool.image.type
        if not is_hole(name) and name in ack.CLOSED_IMAGES:
            what = f"nodes of image {name} cannot join through hybridc: it is {ack.CLOSED_IMAGES[name]}"
            yield finding(name, what, _OTHERWISE)
