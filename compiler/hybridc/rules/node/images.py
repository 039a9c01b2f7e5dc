"""NODE: image types."""

from __future__ import annotations

from hybridc.catalog import ack, systems
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec
from hybridc.words import nearest

_WINDOWS = "Windows"


@rule("NODE031")
def unknown_image_type(spec: Spec) -> Findings:
    """An image type that ACK is not known to have.

    A wrong name is refused when the pool is made, after everything else has been applied. A newer type than this list
    is fine: accept it in `checks.ignore`.

    Fails::
        nodePools: [{image: {type: AlyunLinux3}}]
    Passes::
        nodePools: [{image: {type: AliyunLinux3}}]

    Source: ACK OpenAPI CreateClusterNodePool, image_type.
    """
    types = [name for entry in systems.known_systems() for name in entry.image_types]
    types = list(dict.fromkeys([*types, *ack.LEGACY_IMAGES, *ack.IMAGE_TYPES]))
    for pool in spec.node_pools:
        name = pool.image.type
        if is_hole(name) or name is None or name in types or name.startswith(_WINDOWS):
            continue
        meant = nearest(name, types)
        advice = f'did you mean "{meant}"?' if meant else "use AliyunLinux3 or Ubuntu, or the id of an image"
        yield finding(name, f"ACK is not known to have the image type {name}", advice)


@rule("NODE032")
def windows_image(spec: Spec) -> Findings:
    """A pool of Windows nodes.

    The node script is for bash, Terway and the exclusion are for Linux: such a node never joins.

    Fails::
        nodePools: [{image: {type: Windows}}]
    Passes::
        nodePools: [{image: {type: AliyunLinux3}}]

    Source: hybridc; Terway runs on Linux.
    """
    for pool in spec.node_pools:
        name = pool.image.type
        if not is_hole(name) and name is not None and name.startswith(_WINDOWS):
            yield finding(
                name, f"image {name}: Windows nodes cannot join through hybridc", "use AliyunLinux3 or Ubuntu"
            )
