"""VER: versions that do not fit each other."""

from __future__ import annotations

from hybridc.catalog import kubernetes, terway
from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.spec.model import Spec


@rule("VER001", ERROR)
def terway_needs_newer_kubernetes(spec: Spec) -> Findings:
    """Terway needs a newer Kubernetes.

    Terway's release notes name the oldest Kubernetes of each line; an older API server lacks what it watches, and no
    cloud pod gets an address.

    Source: Terway release notes; maintained pairs: 1.24 to 1.28 with 1.8.17, 1.30 with 1.9.14, 1.31+ with 1.13.6.
    """
    if spec.terway is None:
        return
    oldest = terway.oldest_minor(spec.terway.release)
    if oldest is None:
        yield finding(spec.terway.version, f"Terway {spec.terway.version} is too old", "use 1.8.18 or later")
    elif spec.cluster.minor < oldest:
        yield finding(
            spec.terway.version,
            f"Terway {spec.terway.version} needs Kubernetes 1.{oldest} or later, the cluster has "
            f"{spec.cluster.kubernetes_version}",
            _fitting(spec.cluster.minor),
        )


def _fitting(minor: int) -> str:
    if minor >= 31:
        return "use Terway 1.13.6 or later"
    return "use Terway 1.9.14 to 1.9.17" if minor == 30 else "use Terway 1.8.17 or 1.8.18"


@rule("VER006", ERROR)
def kubernetes_out_of_range(spec: Spec) -> Findings:
    """A Kubernetes that this release of hybridc does not know.

    Below 1.24 nothing here was tested: an error. A newer minor than the catalog's newest gets the facts of the newest
    known one: a warning.

    Source: catalog/kubernetes.toml.
    """
    known = kubernetes.known_minors()
    version = spec.cluster.kubernetes_version
    if spec.cluster.minor < known[0]:
        yield finding(
            version,
            f"Kubernetes {version} is older than 1.{known[0]}, the oldest supported",
            "upgrade the cluster first",
        )
    elif spec.cluster.minor > known[-1]:
        yield finding(
            version,
            f"Kubernetes {version} is newer than 1.{known[-1]}, the newest that this hybridc knows",
            f"the facts of 1.{known[-1]} are used; look for a newer hybridc",
            WARNING,
        )


@rule("VER007", WARNING)
def terway_is_newer_than_the_catalog(spec: Spec) -> Findings:
    """A Terway that this release of hybridc does not know.

    The keys and actions of the newest known one are used.

    Source: catalog/terway.toml.
    """
    if spec.terway is not None and spec.terway.release > terway.release(terway.NEWEST):
        yield finding(
            spec.terway.version,
            f"Terway {spec.terway.version} is newer than {terway.NEWEST}, the newest that this hybridc knows",
            "check the version on the add-on's page",
        )
