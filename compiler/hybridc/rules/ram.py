"""RAM: policies, as far as the spec alone decides them; what the policies hold is proved over the output."""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.catalog import ram as catalog
from hybridc.catalog import terway as facts
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec, Terway
from hybridc.spec.origin import written
from hybridc.words import nearest


@rule("RAM007", over=TERWAY)
def dead_actions(spec: Spec, terway: Terway) -> Findings:
    """The documented profile, written out, grants actions that this Terway never calls.

    `documented` is what Alibaba's page grants, plus what this version calls; older versions called more. The managed
    add-on is Alibaba's own build, so the difference is kept by default and only mentioned where the spec chooses it.
    `minimal` leaves it out.

    Fails::
        terway: {version: 1.16.8}
        ram: {profile: documented}
    Passes::
        terway: {version: 1.16.8}
        ram: {profile: minimal}

    Source: call sites in the tags of Terway.
    """
    if spec.ram.profile != "documented" or not written(spec.ram.profile):
        return
    release, stack = terway.release, terway.ip_stack
    actions = catalog.terway_actions()
    dead = [action.name for action in actions if action.documented and not action.called_by(release, stack)]
    if dead:
        yield finding(
            spec.ram.profile,
            f"{facts.told(terway.version)} does not call {', '.join(dead)}",
            "profile: minimal leaves them out",
        )


@rule("RAM014")
def addon_without_policy(spec: Spec) -> Findings:
    """What rights an add-on needs is not known.

    It is installed without a policy of its own. If it calls Alibaba Cloud, it fails there with Forbidden.RAM, seen in
    its own log only.

    Fails::
        addons: [{name: cloud-node-controller}, {name: my-addon}]
    Fails::
        addons: [{name: cloud-node-controller}, {name: logtail}]
    Passes::
        addons: [{name: cloud-node-controller}, {name: logtail-ds}]

    Source: the pages of the add-ons of registered clusters.
    """
    for addon in spec.addons:
        if is_hole(addon.name) or addon.name == ack.TERWAY_ADDON or catalog.addon_actions(addon.name) is not None:
            continue
        meant = nearest(addon.name, catalog.addons())
        advice = (
            f'did you mean "{meant}"?' if meant else "grant what its page asks for, then accept this in checks.ignore"
        )
        yield finding(addon.name, f"the rights that the add-on {addon.name} needs are not known", advice)


@rule("RAM016")
def nothing_to_grant(spec: Spec) -> Findings:
    """`ram.profile` or `ram.scope`, and there is nothing for it to shape.

    Both are about the policy of Terway. Without Terway (routing overlay) they change nothing; the policies of other
    add-ons are as their pages have them.

    Fails::
        cluster: {cni: {routing: overlay, existingNodeSelectorTerms: null, excludeAlso: null}}
        alibabaCloud: {vpc: {podVSwitches: null}}
        terway: null
        ram: {profile: minimal, scope: resources}
    Passes::
        cluster: {cni: {routing: overlay, existingNodeSelectorTerms: null, excludeAlso: null}}
        alibabaCloud: {vpc: {podVSwitches: null}}
        terway: null
        ram: {user: ack-one-user}

    Source: hybridc.
    """
    if is_hole(spec.terway) or spec.terway is not None:
        return
    for name, value in (("profile", spec.ram.profile), ("scope", spec.ram.scope)):
        if written(value):
            yield finding(value, f"ram.{name} has no effect: it shapes the policy of Terway", "remove it")


@rule("RAM017")
def addon_given_twice(spec: Spec) -> Findings:
    """An add-on is listed twice.

    It is installed once, and its policy and its values have one name: one entry would overwrite the other.

    Fails::
        addons: [{name: cloud-node-controller}, {name: cloud-node-controller, version: v1.0.2}]
    Passes::
        addons: [{name: cloud-node-controller, version: v1.0.2}]

    Source: hybridc.
    """
    seen: set[str] = set()
    for addon in spec.addons:
        if is_hole(addon.name):
            continue
        if addon.name in seen:
            yield finding(addon.name, f"the add-on {addon.name} is listed already", "remove one")
        seen.add(addon.name)


@rule("RAM018", over=TERWAY)
def credentials_of_another_identity(spec: Spec, terway: Terway) -> Findings:
    """The policies go to one identity, and Terway's credentials are of another.

    An AccessKey belongs to a RAM user: a policy on a role gives it nothing. The credentials of an instance belong to
    its RAM role: a policy on a user gives them nothing. Either way Terway is refused with Forbidden.RAM at the first
    ENI, and no pod gets an address.

    Fails::
        ram: {user: null, role: ack-one-role}
        terway: {credentials: addonSecret}
    Passes::
        ram: {user: ack-one-user}
        terway: {credentials: addonSecret}

    Source: RAM, AccessKeys and instance RAM roles.
    """
    instance = terway.credentials == "instanceRole"
    given, wanted = (spec.ram.user, "role") if instance else (spec.ram.role, "user")
    if given is not None:
        holder = "the role of the instance" if instance else "an AccessKey, which is a RAM user's"
        yield finding(
            given,
            f"with credentials: {terway.credentials} Terway uses {holder}, and the policies go to {given}",
            f"give ram.{wanted} instead, or change terway.credentials",
        )
