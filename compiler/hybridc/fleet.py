"""What several specs of one call make together, and what they dispute.

Two specs must not write one folder, RAM policy, OSS key or node pool; clusters of one repository share an
ApplicationSet and an AppProject.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hybridc.claims import Claim, claims
from hybridc.codes import CODES
from hybridc.compile import Compiled
from hybridc.diagnostic import Diagnostic, Place
from hybridc.layout.kustomize import one_a_file
from hybridc.layout.tree import Tree, dump, with_lock
from hybridc.lower.bundle import Manifest, Member
from hybridc.lower.fleet import fleet
from hybridc.rules.ignores import accepted
from hybridc.spec.origin import origins

FOLDER = "argocd"
_APART = "give each its own gitops.destination; ignore this when every cluster has an Argo CD of its own"
_MERGE = "merge this cluster's statement into the policy that the bucket has: putting a policy replaces all of it"
_DIFFERENT = {
    "GIT031": "give them different names",
    "GIT045": "give them different names (a GitRepository has that of gitops.project); ignore this when every cluster "
    "has an engine of its own",
}
_MOST_NAMES = 3
_MOST_SETS = 20


class _Named(NamedTuple):
    """A cluster whose spec names something that others name too: its name, and where its spec does."""

    cluster: str
    path: str
    place: Place
    pointer: str


class Fleet:
    """The specs of one call, one after the other; it keeps of each only what the others can dispute."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self._same: dict[str, Any] = {}
        self._claimed = {f"the folder {FOLDER}": ("the ApplicationSet of the fleet", "")}
        self._sent: dict[str, list[_Named]] = {}
        self._buckets: dict[str, list[_Named]] = {}
        self._groups: dict[str, list[_Named]] = {}
        self._projects: dict[str, list[_Named]] = {}
        self._alone_on_purpose: set[str] = set()

    def add(self, compiled: Compiled) -> list[Diagnostic]:
        """Take a compiled spec; GIT031 or GIT045 for each earlier one of which it would overwrite something."""
        spec, bundle = compiled.spec, compiled.bundle
        if bundle.fleet is not None:
            self.members.append(self._small(bundle.fleet))
            self._groups.setdefault(bundle.fleet.group, []).append(_named(compiled, spec.gitops.repo_url))
            self._projects.setdefault(str(spec.gitops.project), []).append(_named(compiled, spec.gitops.project))
            if "GIT044" in accepted(spec):
                self._alone_on_purpose.add(str(spec.name))
            if "GIT032" not in accepted(spec):
                self._send(compiled, bundle.fleet)
        if "OSS022" not in accepted(spec):
            self._share(compiled)
        return self._overwritten(compiled)

    def _small(self, member: Member) -> Member:
        """The member, with what earlier ones have too kept once: most of it is the same in all of a fleet."""
        shared, allowed = (
            {key: self._same.setdefault(repr(value), value) for key, value in part.items()}
            for part in (member.shared, member.allowed)
        )
        return member._replace(
            shared=self._same.setdefault(repr(shared), shared), allowed=self._same.setdefault(repr(allowed), allowed)
        )

    def _overwritten(self, compiled: Compiled) -> list[Diagnostic]:
        disputed: dict[tuple[str, str], list[Claim]] = {}
        for claim in claims(compiled):
            mine = (compiled.document.path, claim.content)
            other, content = self._claimed.setdefault(claim.what, mine)
            if other != mine[0] and not claim.content == content != "":
                disputed.setdefault((other, claim.code), []).append(claim)
        return [_both_write(compiled, other, found) for (other, _), found in disputed.items()]

    def _send(self, compiled: Compiled, member: Member) -> None:
        to = compiled.spec.gitops.destination
        place = member.parameters["server"] or member.parameters["name"]
        self._sent.setdefault(place, []).append(_named(compiled, to.server or to.name))

    def _share(self, compiled: Compiled) -> None:
        oss = compiled.spec.node_init.oss
        if compiled.bundle.oss and oss is not None:
            self._buckets.setdefault(str(oss.bucket), []).append(_named(compiled, oss.bucket))

    def disputes(self, *, whole: bool) -> Iterator[Diagnostic]:
        """What several specs name that is one thing outside: each is shown at the second of them.

        GIT032: clusters of one fleet at one destination. OSS022: one bucket, which has one policy. GIT045: two
        ApplicationSets of one name. With ``whole``, the call sees the whole fleet: GIT044, at each cluster that no
        ApplicationSet makes an Application for.
        """
        if whole:
            yield from self._left_out()
        yield from self._sets_of_one_name()
        for place, named in self._sent.items():
            if len(named) > 1:
                yield _dispute("GIT032", named, f"the fleet sends several clusters to {place}", _APART)
        for bucket, named in self._buckets.items():
            if len(named) > 1:
                yield _dispute("OSS022", named, f"bucket {bucket} has one policy, and several clusters need it", _MERGE)

    def _left_out(self) -> Iterator[Diagnostic]:
        """Clusters whose settings no other has, where others have a set."""
        first = {member.group: member for member in reversed(self.members)}
        sets = [first[group] for group, named in self._groups.items() if len(named) > 1][:_MOST_SETS]
        for group, named in self._groups.items() if sets else ():
            (one, *others) = named
            if not others and one.cluster not in self._alone_on_purpose:
                differs = min((_differs(first[group], other) for other in sets), key=len)
                yield _left_out(one, differs)

    def _sets_of_one_name(self) -> Iterator[Diagnostic]:
        """The set for Terway's chart of one project may have the name of another project's set."""
        seen: dict[tuple[str, str], Manifest] = {}
        for item in self._objects():
            meta = item["metadata"]
            if seen.setdefault((item["kind"], f"{meta['namespace']}/{meta['name']}"), item) is not item:
                project = item["spec"]["template"]["spec"]["project"]
                named = self._projects[project]
                what = f"the fleet of project {project} and another would both write {item['kind']} {meta['name']}"
                yield _dispute("GIT045", named, what, "give them different values of gitops.project")

    def _objects(self) -> list[Manifest]:
        return fleet(self.members) if len(self.members) > 1 else []

    def tree(self) -> Tree:
        """The folder beside the clusters' own; {} when there is no fleet."""
        files = one_a_file(FOLDER, self._objects())
        tree = {path.partition("/")[2]: dump(path, data).encode() for path, data in files.items()}
        return with_lock(tree) if tree else {}


def _named(compiled: Compiled, value: object) -> _Named:
    document = compiled.document
    pointer = next((origin.pointer for origin in origins(value)), "")
    return _Named(str(compiled.spec.name), document.path, document.place(pointer), pointer)


_SETTINGS = {
    "project": "project",
    "namespace": "argocdNamespace",
    "repoURL": "repoURL",
    "revision": "revision",
    "prefix": "pathPrefix",
    "folder": "format",
    "syncPolicy": "autoSync, or cluster.cni.delivery",
}
"""What a set shares (:func:`hybridc.lower.fleet.member`), and the field of ``gitops`` that says it."""


def _differs(one: Member, other: Member) -> list[str]:
    return [field for key, field in _SETTINGS.items() if one.shared[key] != other.shared[key]]


def _left_out(one: _Named, differs: list[str]) -> Diagnostic:
    message = (
        f"no ApplicationSet of {FOLDER}/ makes the Application of {one.cluster}: its {', '.join(differs)} is another"
    )
    advice = f"apply {one.cluster}/argocd/ too, or give it the settings of the others"
    return Diagnostic("GIT044", CODES["GIT044"].severity, one.path, one.place, message, advice, one.pointer)


def _both_write(compiled: Compiled, other: str, found: list[Claim]) -> Diagnostic:
    (first, *more), at = found, _named(compiled, found[0].value)
    also = f", and {len(more)} more" if more else ""
    message = f"this spec and {other} would both write {first.what}{also}"
    return Diagnostic(
        first.code, CODES[first.code].severity, at.path, at.place, message, _DIFFERENT[first.code], at.pointer
    )


def _dispute(code: str, named: list[_Named], what: str, advice: str) -> Diagnostic:
    names = ", ".join([one.cluster for one in named[:_MOST_NAMES]] + ["…"] * (len(named) > _MOST_NAMES))
    at = named[:2][-1]
    return Diagnostic(code, CODES[code].severity, at.path, at.place, f"{what}: {names}", advice, at.pointer)
