"""GIT: fields that an engine does not read, and the image of the Jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.catalog import argocd, network
from hybridc.diagnostic import ERROR
from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import is_hole, sure
from hybridc.spec.model import Spec, Terway
from hybridc.spec.origin import written

_WITHOUT_SHELL = re.compile(r"registry\.k8s\.io/kubectl(?:[:@]|\Z)")
_TAG = re.compile(r":([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})\Z")


@rule("GIT033")
def built_in_project(spec: Spec) -> Findings:
    """`gitops.project` is `default`.

    hybridc writes an AppProject of that name, limited to what it deploys. `default` is Argo CD's own project, which
    admits everything: applying ours over it would refuse every other Application of the installation.

    Fails::
        gitops: {project: default}
    Passes::
        gitops: {project: hybrid}

    Source: Argo CD, Projects: the default project.
    """
    gitops = spec.gitops
    if gitops.engine == "argocd" and gitops.project == "default":
        message = "the AppProject default is Argo CD's own: ours would replace it for every Application"
        yield finding(gitops.project, message, "use another name; hybrid is the default")


@rule("GIT034", over=TERWAY)
def chart_without_argocd(spec: Spec, terway: Terway) -> Findings:
    """Terway from its chart, with Flux.

    With Argo CD an Application of its own renders `terway/kustomization.yaml`. Flux has nothing of the kind (its
    kustomize-controller inflates no charts), so nothing applies it and cloud nodes stay without a network plugin.
    When something else of yours does, accept it in `checks.ignore`.

    Fails::
        terway:
          install: chart
          chart:
            repository: https://git.example.com/mirror/terway.git
            path: charts/terway
            revision: v1.16.8
        gitops: {engine: flux}
    Passes::
        terway: {install: addon}
        gitops: {engine: flux}

    Source: fluxcd/kustomize-controller issues 579 and 1284: no helmCharts.
    """
    if terway.install == "chart" and spec.gitops.engine == "flux":
        message = "with Flux nothing applies terway/kustomization.yaml: cloud nodes would have no network plugin"
        yield finding(terway.install, message, "use install: addon, or engine: argocd")


@rule("GIT035")
def local_repository(spec: Spec) -> Findings:
    """Flux is to read a repository of the file system.

    A GitRepository takes http, https and ssh; the API server refuses any other URL.

    Fails::
        gitops: {engine: flux, repoURL: "file:///srv/git/hybrid-out.git"}
    Passes::
        gitops: {engine: flux, repoURL: "https://git.example.com/platform/hybrid-out.git"}

    Source: Flux source-controller, GitRepository spec.url.
    """
    if spec.gitops.engine == "flux" and spec.gitops.repo_url.startswith("file:"):
        yield finding(spec.gitops.repo_url, "Flux reads no repository of the file system", "use https:// or ssh://")


@rule("GIT036")
def not_read_by_flux(spec: Spec) -> Findings:
    """A field that only Argo CD has a use for, with Flux.

    Flux runs in the cluster that it delivers to, in `flux-system`: neither another destination nor the namespace of
    Argo CD changes anything.

    Fails::
        gitops: {engine: flux, destination: {name: idc-shanghai}, argocdNamespace: argo}
    Passes::
        gitops: {engine: flux}

    Source: hybridc; Flux Kustomization.
    """
    if spec.gitops.engine != "flux":
        return
    for name, value in _of_argocd(spec):
        yield finding(value, f"gitops.{name} has no effect with engine flux", "remove it, or use engine: argocd")


def _of_argocd(spec: Spec) -> Iterator[tuple[str, str]]:
    to = spec.gitops.destination
    for name, value in (("destination.name", to.name), ("destination.server", to.server)):
        if not is_hole(value) and value is not None and value != argocd.IN_CLUSTER:
            yield name, value
    namespace = spec.gitops.argocd_namespace
    if written(namespace):
        yield "argocdNamespace", namespace


@rule("GIT037")
def job_image(spec: Spec) -> Findings:
    """The image of the Jobs is not pinned, or has no shell (an error).

    Hook and guard are shell scripts. `registry.k8s.io/kubectl` holds kubectl alone, so their pods do not start. What
    `latest` is tomorrow nobody has tested: it changes under a sync that has write rights to the CNI's DaemonSet.

    Fails::
        gitops: {jobImage: "registry.idc.example.com/tools/kubectl-shell:latest"}
    Passes::
        gitops: {jobImage: "registry.idc.example.com/tools/kubectl-shell:1.34.2"}

    Source: registry.k8s.io/kubectl, looked into; Kubernetes, "Images".
    """
    image = sure(spec.gitops.job_image)
    if _WITHOUT_SHELL.match(image):
        yield finding(image, "registry.k8s.io/kubectl has no shell, and the Jobs are shell scripts", _ADVICE, ERROR)
        return
    tag = _TAG.search(image)
    if "@" not in image and (tag is None or tag[1] == "latest"):
        yield finding(image, f"{image} can change without a change in Git", "name a version or a digest")


@rule("GIT038")
def image_from_abroad(spec: Spec) -> Findings:
    """The image of the Jobs comes from a registry that is hard to reach from mainland China.

    Guard, hook and CronJobs run on IDC nodes. Where their image cannot be pulled, every sync ends with a failure after
    five minutes: nothing breaks, and nothing is applied.

    Fails::
        gitops: {jobImage: "docker.io/alpine/k8s:1.34.2"}
    Passes::
        gitops: {jobImage: "registry.idc.example.com/tools/kubectl-shell:1.34.2"}

    Source: docs/delivery.md, "A mirror in mainland China"; catalog/network.toml, registries.
    """
    image, region = spec.gitops.job_image, str(spec.alibaba_cloud.region)
    host, slash, _ = str(image).partition("/")
    registry = host if slash and any(mark in host for mark in ".:") else "docker.io"
    if region.startswith("cn-") and region not in _NOT_MAINLAND and registry in network.PUBLIC_REGISTRIES:
        yield finding(image, f"IDC nodes in mainland China hardly reach {registry}, where {image} is", _MIRROR)


_NOT_MAINLAND = ("cn-hongkong",)
_MIRROR = "mirror it, and set gitops.jobImage (docs/delivery.md); accept it in checks.ignore when your nodes reach it"
_ADVICE = "use an image with kubectl and sh, or leave jobImage out"
