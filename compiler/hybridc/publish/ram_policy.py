"""One policy: whose it is, and the requests that make it say what the spec says.

It is ours when its description says so. Its default version is never deleted: the request that makes a version makes
it the default too, so a stop anywhere leaves the old or the new.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hybridc.catalog import ram as catalog
from hybridc.lower.names import made_for, maker
from hybridc.publish.context import Context
from hybridc.publish.plan import Change, Refusal
from hybridc.publish.ram_calls import Policy, Version, Wanted
from hybridc.publish.ram_document import Document, beyond, grants, same, sentences

_ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


class Target(NamedTuple):
    """A policy that there is to be."""

    name: str
    document: Document
    context: Context

    @property
    def text(self) -> str:
        """The document as it is sent."""
        return json.dumps(self.document, separators=(",", ":"))

    @property
    def mark(self) -> str:
        """The description of a policy that is ours."""
        return made_for(self.context.spec)

    def change(self, sign: str, text: str) -> Change:
        """A change of it."""
        return Change("+" if sign == "+" else "-" if sign == "-" else "~", f"policy {self.name}: {text}")


def requests(target: Target, policy: Policy | None, versions: Sequence[Version] | None) -> Iterator[Wanted]:
    """What is left to send; ``versions`` (the oldest first) None: the document says what it should.

    Raises Refusal for a policy that is not ours.
    """
    if policy is None:
        says = tuple(target.change("+", each) for each in sentences(grants(target.document).values()))
        parameters = {"PolicyName": target.name, "PolicyDocument": target.text, "Description": target.mark}
        yield Wanted("CreatePolicy", parameters, says)
        return
    if policy.description != target.mark:
        _check_owner(target, policy, differs=versions is not None)
        if target.context.flags.adopt:
            change = (target.change("~", f"is {target.mark}"),)
            yield Wanted("UpdatePolicyDescription", {"PolicyName": target.name, "NewDescription": target.mark}, change)
    if versions is not None:
        yield _version(target, policy, versions)


def _check_owner(target: Target, policy: Policy, *, differs: bool) -> None:
    """Refuse a policy of another cluster, and one that nobody says to be ours where it would be changed."""
    owner, context = maker(policy.description), target.context
    if owner is not None and owner.cluster != str(context.spec.name):
        raise Refusal(f"the policy {target.name} was {owner}", "set another ram.namePrefix in one of the specs")
    if context.flags.adopt or (owner is None and not differs):
        return
    if owner is not None:
        raise Refusal(
            f"the policy {target.name} was {owner}, the spec says {context.spec.alibaba_cloud.registered_cluster_id}",
            "if that cluster is gone, --adopt; if not, set another ram.namePrefix in one of the specs",
        )
    says = context.identity.clean(policy.description)[:100]
    raise Refusal(
        f"there is a policy {target.name} that allows something else, and nothing says that it is this cluster's "
        f"(its description: {says or 'none'})",
        "set another ram.namePrefix; or --adopt: it is then changed to what the spec says",
    )


def _version(target: Target, policy: Policy, versions: Sequence[Version]) -> Wanted:
    """A version that says so already becomes the default, or a new one is made.

    Of five RAM takes away the oldest that is not the default, by the same request: what it refuses costs no version.
    """
    says = [target.change("+", each) for each in beyond(target.document, policy.document)]
    says += [target.change("-", each) for each in beyond(policy.document, target.document)]
    others = [version for version in versions if not version.default]
    fitting = [each for each in others if each.document is not None and same(each.document, target.document)]
    if fitting:
        says.append(target.change("~", f"version {fitting[-1].id}, which says so, becomes the default"))
        parameters = {"PolicyName": target.name, "VersionId": fitting[-1].id}
        return Wanted("SetDefaultPolicyVersion", parameters, tuple(says))
    parameters = {"PolicyName": target.name, "PolicyDocument": target.text, "SetAsDefault": "true"}
    if others and len(versions) >= catalog.POLICY_VERSIONS:
        parameters["RotateStrategy"] = _ROTATE
        oldest = f"version {others[0].id} of {others[0].created}, the oldest that is not the default"
        says.append(target.change("-", oldest))
    return Wanted("CreatePolicyVersion", parameters, tuple(says))
