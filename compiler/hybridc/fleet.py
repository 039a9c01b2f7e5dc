"""What several specs of one call make together, and what they dispute.

Two specs must not write one folder, RAM policy, OSS key or node pool; clusters of one repository share an
ApplicationSet and an AppProject.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hybridc.codes import CODES
from hybridc.compile import Compiled
from hybridc.diagnostic import Diagnostic, Place
from hybridc.layout.kustomize import one_a_file
from hybridc.layout.tree import Tree, dump, with_lock
from hybridc.lower.bundle import Bundle, Member
from hybridc.lower.fleet import fleet
from hybridc.lower.names import key_prefix, policy_name
from hybridc.rules.ignores import accepted
from hybridc.spec.model import Spec
from hybridc.spec.origin import origins

FOLDER = "argocd"
_APART = "give each its own gitops.destination; ignore this when every cluster has an Argo CD of its own"
_MERGE = "merge this cluster's statement into the policy that the bucket has: putting a policy replaces all of it"
_MOST_NAMES = 3


def claims(spec: Spec, bundle: Bundle) -> Iterator[tuple[str, str]]:
    """What a cluster writes outside of its own folder: each as a phrase, and the value that names it."""
    cloud, init = spec.alibaba_cloud, spec.node_init
    yield f"the folder {spec.name}", spec.name
    for product in bundle.ram:
        yield f"the RAM policy {policy_name(spec, product)} of {cloud.account_id}", spec.name
    if init.mode == "script" and init.oss is not None:
        yield f"the OSS keys {init.oss.bucket}/{key_prefix(spec)}", init.oss.prefix or init.oss.bucket
    for pool in spec.node_pools:
        yield f"the node pool {pool.name} of {cloud.registered_cluster_id}", pool.name


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
        self._claims = {f"the folder {FOLDER}": "the ApplicationSet of the fleet"}
        self._sent: dict[tuple[str, str], list[_Named]] = {}
        self._buckets: dict[str, list[_Named]] = {}
        self._groups: dict[str, list[_Named]] = {}
        self._alone_on_purpose: set[str] = set()

    def add(self, compiled: Compiled) -> Diagnostic | None:
        """Take a compiled spec; GIT031 when it would overwrite what an earlier one writes."""
        spec, bundle, document = compiled.spec, compiled.bundle, compiled.document
        if bundle.fleet is not None:
            self.members.append(bundle.fleet)
            self._groups.setdefault(bundle.fleet.group, []).append(_named(compiled, spec.gitops.repo_url))
            if "GIT044" in accepted(spec):
                self._alone_on_purpose.add(str(spec.name))
            if "GIT032" not in accepted(spec):
                self._send(compiled, bundle.fleet)
        if "OSS022" not in accepted(spec):
            self._share(compiled)
        for what, value in claims(spec, bundle):
            other = self._claims.setdefault(what, document.path)
            if other != document.path:
                pointer = next((origin.pointer for origin in origins(value)), "")
                message = f"this spec and {other} would both write {what}"
                advice, severity = "give them different names", CODES["GIT031"].severity
                return Diagnostic("GIT031", severity, document.path, document.place(pointer), message, advice, pointer)
        return None

    def _send(self, compiled: Compiled, member: Member) -> None:
        to = compiled.spec.gitops.destination
        place = member.parameters["server"] or member.parameters["name"]
        self._sent.setdefault((member.group, place), []).append(_named(compiled, to.server or to.name))

    def _share(self, compiled: Compiled) -> None:
        oss = compiled.spec.node_init.oss
        if compiled.bundle.oss and oss is not None:
            self._buckets.setdefault(str(oss.bucket), []).append(_named(compiled, oss.bucket))

    def disputes(self) -> Iterator[Diagnostic]:
        """What several specs name that is one thing outside: each is shown at the second of them.

        GIT032: clusters of one fleet at one destination. OSS022: one bucket, which has one policy. GIT044, at each: a
        cluster that no ApplicationSet makes an Application for.
        """
        yield from self._left_out()
        for (_, place), named in self._sent.items() if len(self.members) > 1 else ():
            if len(named) > 1:
                yield _dispute("GIT032", named, f"the fleet sends several clusters to {place}", _APART)
        for bucket, named in self._buckets.items():
            if len(named) > 1:
                yield _dispute("OSS022", named, f"bucket {bucket} has one policy, and several clusters need it", _MERGE)

    def _left_out(self) -> Iterator[Diagnostic]:
        """Clusters whose settings no other has, where others have a set."""
        first = {member.group: member for member in reversed(self.members)}
        sets = [first[group] for group, named in self._groups.items() if len(named) > 1]
        for group, named in self._groups.items() if sets else ():
            (one, *others) = named
            if not others and one.cluster not in self._alone_on_purpose:
                differs = min((_differs(first[group], other) for other in sets), key=len)
                yield _left_out(one, differs)

    def tree(self) -> Tree:
        """The folder beside the clusters' own; {} when there is no fleet."""
        objects = fleet(self.members) if len(self.members) > 1 else []
        files = one_a_file(FOLDER, objects)
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


def _dispute(code: str, named: list[_Named], what: str, advice: str) -> Diagnostic:
    names = ", ".join([one.cluster for one in named[:_MOST_NAMES]] + ["…"] * (len(named) > _MOST_NAMES))
    at = named[1]
    return Diagnostic(code, CODES[code].severity, at.path, at.place, f"{what}: {names}", advice, at.pointer)
