"""NODE: data disks, which a pool pays for and a node may or may not use."""

from __future__ import annotations

from collections import Counter

from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.model import Spec


@rule("NODE035")
def unused_disk(spec: Spec) -> Findings:
    """A data disk that nothing on the node uses.

    ACK attaches it as it is, without a file system: images and pods stay on the system disk. With `mount` the node
    script formats an empty disk and mounts it there by its id, also after a reboot. With `nodeInit.mode: managed` there
    is no such script.

    Fails::
        nodePools: [{dataDisks: [{category: cloud_essd, sizeGiB: 200}]}]
    Passes::
        nodePools: [{dataDisks: [{category: cloud_essd, sizeGiB: 200, mount: /var/lib/containerd}]}]

    Source: ACK OpenAPI CreateClusterNodePool: data_disks; the node script.
    """
    managed = spec.node_init.mode == "managed"
    for pool in spec.node_pools:
        for disk in pool.data_disks:
            if disk.mount is None:
                advice = "give mount, such as /var/lib/containerd; or say in checks.ignore what uses it"
                yield finding(disk.size_gib, "nothing formats or mounts this data disk", advice)
            elif managed:
                message = f"nothing mounts this disk at {disk.mount}: mode managed has no script of ours"
                yield finding(disk.mount, message, "use nodeInit.mode: script, or remove mount")


@rule("NODE036")
def disks_alike(spec: Spec) -> Findings:
    """A data disk that the node script cannot tell from another.

    It knows a disk by its size, since an instance names its disks in any order: with two of one size, and with two for
    one folder, it formats nothing and ends.

    Fails::
        nodePools:
          - dataDisks:
              - {category: cloud_essd, sizeGiB: 200, mount: /var/lib/containerd}
              - {category: cloud_essd, sizeGiB: 200, mount: /var/lib/kubelet}
    Passes::
        nodePools:
          - dataDisks:
              - {category: cloud_essd, sizeGiB: 200, mount: /var/lib/containerd}
              - {category: cloud_essd, sizeGiB: 100, mount: /var/lib/kubelet}

    Source: the node script; ECS documentation, device names of data disks.
    """
    for pool in spec.node_pools:
        sizes = Counter(int(disk.size_gib) for disk in pool.data_disks)
        seen: set[str] = set()
        for disk in pool.data_disks:
            if disk.mount is None:
                continue
            if sizes[int(disk.size_gib)] > 1:
                message = f"the pool has {sizes[int(disk.size_gib)]} disks of {disk.size_gib} GiB: which one is this?"
                yield finding(disk.size_gib, message, "give each disk of the pool a size of its own")
            if str(disk.mount) in seen:
                yield finding(disk.mount, f"another disk of the pool is mounted at {disk.mount}", "use another folder")
            seen.add(str(disk.mount))
