"""NODE: what a node pool says and Terraform's provider cannot be told, with `alibabaCloud.terraform`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack, terraform
from hybridc.rules.rule import Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import NodePool, Spec
from hybridc.words import few


@rule("NODE067")
def not_in_terraform(spec: Spec) -> Findings:
    """`extra` of a pool has keys that Terraform's provider has no argument for.

    They are in `cloud/node-pools/<name>.json` and not in `cloud/terraform/pools/`: a pool that Terraform makes is
    without them, and nothing says so. An argument that hybridc does not know may stand in an override file beside,
    which a build leaves alone.

    Fails::
        alibabaCloud: {terraform: true}
        nodePools: [{extra: {scaling_group: {resource_pool_options: {strategy: None}}}}]
    Passes::
        alibabaCloud: {terraform: true}
        nodePools: [{extra: {scaling_group: {instance_metadata_options: {http_tokens: required}}}}]
    Passes::
        nodePools: [{extra: {scaling_group: {resource_pool_options: {strategy: None}}}}]

    Source: aliyun/terraform-provider-alicloud 1.289.0, resourceAliCloudAckNodepoolCreate.
    """
    if is_hole(spec.alibaba_cloud.terraform) or not spec.alibaba_cloud.terraform:
        return
    for pool in spec.node_pools:
        # What a field of the pool is for is NODE045.
        paths = [path for path in _without_argument(pool.extra) if path not in ack.POOL_FIELDS]
        if paths:
            message = f'Terraform cannot be told what pool "{pool.name}" passes on: {few(paths)}'
            advice = "if the provider has it, say it in pools/override.tf.json; then accept this in checks.ignore"
            yield finding(next(iter(pool.extra)), message, advice)


def _without_argument(passed: dict[str, Any], path: str = "") -> Iterator[str]:
    """The keys that a pool passes on, by their path, that no argument is for; a section that is empty says nothing."""
    for key, value in passed.items():
        here = f"{path}.{key}" if path else str(key)
        if "." not in key and isinstance(value, dict) and (value or not path):
            yield from _without_argument(value, here)
        elif "." in key or here not in terraform.ARGUMENTS:
            yield here


@rule("NODE068")
def refused_by_the_provider(spec: Spec) -> Findings:
    """A value of a pool that ACK takes and Terraform's provider refuses.

    `terraform plan` ends with an error for `cloud/terraform/pools/` as a whole: no pool is made by it. A provider that
    is newer than the one that was read may take it: accept this then.

    Fails::
        alibabaCloud: {terraform: true}
        nodePools: [{image: {type: AliyunLinux3Security}}]
    Fails::
        alibabaCloud: {terraform: true}
        nodePools: [{dataDisks: [{category: cloud_essd, sizeGiB: 32768, mount: /var/lib/containerd}]}]
    Passes::
        alibabaCloud: {terraform: true}
        nodePools: [{image: {type: AliyunLinux3}}]

    Source: aliyun/terraform-provider-alicloud 1.289.0, resourceAliCloudAckNodepool: ValidateFunc.
    """
    if is_hole(spec.alibaba_cloud.terraform) or not spec.alibaba_cloud.terraform:
        return
    for pool in spec.node_pools:
        for value, what in _refused(pool):
            advice = "choose another value, or accept this with a provider that takes it"
            yield finding(value, f"Terraform's provider refuses {what}", advice)


def _refused(pool: NodePool) -> Iterator[tuple[object, str]]:
    """Values with what is said of them."""
    image = pool.image.type
    if not is_hole(image) and image is not None and image in ack.IMAGE_TYPES and image not in terraform.IMAGE_TYPES:
        yield image, f"image type {image}"
    least = pool.size.min
    if not is_hole(least) and not is_hole(pool.auto_scaling) and pool.auto_scaling and least > terraform.MOST_MIN_SIZE:
        yield least, f"size.min {least}: at most {terraform.MOST_MIN_SIZE}"
    for disk in pool.data_disks:
        if not is_hole(disk.size_gib) and disk.size_gib > terraform.MOST_DATA_DISK:
            yield disk.size_gib, f"a data disk of {disk.size_gib} GiB: at most {terraform.MOST_DATA_DISK}"
