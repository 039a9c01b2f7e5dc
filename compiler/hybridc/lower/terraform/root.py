"""What every configuration begins with: the provider, its region, and the look at whose credentials these are."""

from __future__ import annotations

from typing import Any

from hybridc.catalog import terraform
from hybridc.lower.terraform.text import Template, expression, quoted
from hybridc.spec.model import Spec

Block = dict[str, Any]
KEPT: Block = {"prevent_destroy": True}
"""For what hurts when it is gone: a plan that would destroy it fails."""


def root(spec: Spec, **blocks: Any) -> Block:
    """The file ``main.tf.json``; ``blocks`` are variables and outputs beside."""
    cloud = spec.alibaba_cloud
    account = {
        "condition": expression(f"self.id == {quoted(cloud.account_id)}"),
        "error_message": "The credentials are those of another account than alibabaCloud.accountID.",
    }
    return {
        "terraform": {
            "required_version": terraform.TERRAFORM,
            "required_providers": {"alicloud": {"source": terraform.PROVIDER, "version": terraform.VERSION}},
        },
        "provider": {"alicloud": {"region": cloud.region}},
        # A plan with the credentials of another account fails here, before anything is written.
        "data": {"alicloud_account": {"current": {"lifecycle": {"postcondition": account}}}},
        **blocks,
    }


def switch(description: str) -> Block:
    """A variable that is true unless a person says otherwise."""
    return {"type": "bool", "default": True, "description": description}


def if_set(variable: str) -> Template:
    """How many of a resource there are: one with the variable, else none."""
    return expression(f"var.{variable} ? 1 : 0")
