"""``ram.policies``: every policy of a cluster, and who has it. Nothing is ever detached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hybridc.catalog import ram as catalog
from hybridc.lower.names import NODE_TOKEN, made_for, policy_name
from hybridc.lower.ram_holders import HOLDERS
from hybridc.lower.steps.cloud import detach
from hybridc.publish import ram_calls as calls
from hybridc.publish import ram_roles as roles
from hybridc.publish.context import Context
from hybridc.publish.plan import Action, Change, Refusal
from hybridc.publish.ram_calls import Attached, Kind, Policy, Role, Version, Wanted
from hybridc.publish.ram_document import same
from hybridc.publish.ram_policy import Target, requests
from hybridc.spec.origin import plain


class Holder(NamedTuple):
    """Who is to have the policies of ``products``."""

    kind: Kind
    name: str
    products: tuple[str, ...]

    @property
    def words(self) -> str:
        """``RAM user x``."""
        return f"RAM {self.kind.lower()} {self.name}"

    @property
    def made_here(self) -> bool:
        """Whether ``ram.policies`` makes it: the role by which nodes read the token. Others are of ``ram.user``."""
        return self.products == (NODE_TOKEN,)


class Seen(NamedTuple):
    """What is there: who has what (None: no such user or role), roles, policies, and versions where those differ."""

    attached: dict[Holder, tuple[Attached, ...] | None]
    roles: dict[str, Role | None]
    policies: dict[str, Policy | None]
    versions: dict[str, tuple[Version, ...]]


class Policies:
    """The step of one cluster."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._mark = made_for(context.spec)
        self._targets = {
            product: Target(str(policy_name(context.spec, product)), plain(document), context)
            for product, document in context.bundle.ram.items()
            if product not in HOLDERS
        }
        self._holders = tuple(self._all_holders())

    def action(self, step: str) -> Action:
        """As an action."""
        return Action(step, self._read, self._differ, self._apply, self._notes)

    def _all_holders(self) -> Iterator[Holder]:
        ram, token = self._context.spec.ram, self._context.spec.node_init.join.token
        own = tuple(product for product in self._targets if product != NODE_TOKEN)
        if own:
            yield Holder("User", str(ram.user), own) if ram.role is None else Holder("Role", str(ram.role), own)
        if NODE_TOKEN in self._targets:
            yield Holder("Role", str(token.role), (NODE_TOKEN,))

    def _read(self) -> Seen:
        attached = {each: calls.attached(self._context, each.kind, each.name) for each in self._holders}
        named = dict.fromkeys(each.name for each in self._holders if each.kind == "Role")
        found = {product: calls.policy(self._context, target.name) for product, target in self._targets.items()}
        versions = {
            product: calls.versions(self._context, self._targets[product].name)
            for product, policy in found.items()
            if policy is not None and not same(policy.document, self._targets[product].document)
        }
        return Seen(attached, {name: calls.role(self._context, name) for name in named}, found, versions)

    def _differ(self, seen: Seen) -> list[Change]:
        return [change for each in (*self._made(seen), *self._attachments(seen)) for change in each.changes]

    def _apply(self, seen: Seen) -> None:
        """All that is made, or else all that is attached: what was just made is looked at first."""
        for holder, attached in seen.attached.items():
            if attached is None and not holder.made_here:
                raise Refusal(f"there is no {holder.words}", "hybridc publish ram.user makes it")
        for wanted in self._made(seen) or self._attachments(seen):
            calls.send(self._context, wanted)

    def _made(self, seen: Seen) -> list[Wanted]:
        """Roles and policies that are not there, or are to become others. Raises Refusal."""
        found = []
        for holder in seen.attached:
            role = seen.roles.get(holder.name) if holder.kind == "Role" else None
            if role is not None:
                roles.check(self._context, holder.name, role)
            elif holder.made_here:
                found.append(roles.make(self._context, holder.name))
        for product, target in self._targets.items():
            found += requests(target, seen.policies[product], seen.versions.get(product))
        return found

    def _attachments(self, seen: Seen) -> Iterator[Wanted]:
        for holder, attached in seen.attached.items():
            there = {each.name for each in attached or () if each.type == "Custom"}
            for name in (self._targets[product].name for product in holder.products):
                if name not in there:
                    parameters = {"PolicyType": "Custom", "PolicyName": name, f"{holder.kind}Name": holder.name}
                    change = Change("+", f"{holder.words} has policy {name}")
                    yield Wanted(f"AttachPolicyTo{holder.kind}", parameters, (change,))

    def _notes(self, seen: Seen) -> list[str]:
        found = [line for name, role in seen.roles.items() for line in roles.notes(name, role)]
        for product, policy in seen.policies.items():
            if policy is not None and policy.description != self._mark and not self._context.flags.adopt:
                name = self._targets[product].name
                found.append(f"policy {name} does not say that it is this cluster's: --adopt writes it down")
            if policy is not None and policy.having > self._having(seen, self._targets[product].name):
                found.append(f"policy {self._targets[product].name} is attached to others too: a change is one for all")
        for holder, attached in seen.attached.items():
            found += [f"there is no {holder.words} yet"] if attached is None else self._more(holder, attached)
        return list(dict.fromkeys(found))

    def _having(self, seen: Seen, name: str) -> int:
        """To how many of the users and roles that were looked at a policy is attached."""
        there = {holder[:2]: attached for holder, attached in seen.attached.items()}
        return sum(name in {each.name for each in attached or ()} for attached in there.values())

    def _more(self, holder: Holder, attached: Sequence[Attached]) -> Iterator[str]:
        """What a user or role has besides."""
        products = [product for each in self._holders if each[:2] == holder[:2] for product in each.products]
        own = {self._targets[product].name for product in products}
        of_onectl = {f"{catalog.ONECTL_POLICIES}{product}": product for product in products}
        foreign = []
        for each in attached:
            if each.type == "Custom" and each.name in own:
                continue
            if each.description == self._mark:
                command = self._detach(holder, each)
                yield f"{holder.words} has policy {each.name}, which the spec does not give it: {command}"
            elif each.name in of_onectl:
                instead = f"{self._targets[of_onectl[each.name]].name} replaces it, once the add-on works with it"
                yield f"{holder.words} has policy {each.name} of onectl. {instead}: {self._detach(holder, each)}"
            else:
                foreign.append(f"{each.name} ({each.type})")
        if foreign:
            yield f"{holder.words} may do more, by what hybridc leaves alone: {', '.join(foreign)}"

    def _detach(self, holder: Holder, policy: Attached) -> str:
        return detach(self._context.spec, holder.kind, holder.name, policy.name)
