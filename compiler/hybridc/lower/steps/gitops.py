"""Steps from the merge to the sync, with Argo CD or Flux."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hybridc.catalog import ack, argocd
from hybridc.lower.guard import READER
from hybridc.lower.names import flux_url, ip_pools_application, kustomizations, releases, terway_application
from hybridc.lower.steps.step import Step, ask, chain, check, code, word
from hybridc.spec.model import Chart, Spec

_LOCAL = "https://kubernetes.default.svc"
FLUX = "kubectl -n flux-system"
_WAIT = """for _ in $(seq 60); do
  now=$({get})
  [ "$now" = "$wanted" ] && break
  sleep 10
done &&
[ "$now" = "$wanted" ]"""
_ENABLE_HELM = """options=$({argo} get configmap argocd-cm -o jsonpath='{{.data.kustomize\\.buildOptions}}') &&
case " $options " in
  *' --enable-helm '*) ;;
  *)
    {argo} patch configmap argocd-cm --type merge -p \\
      "$(jq -n --arg options "$options --enable-helm" '{{data: {{"kustomize.buildOptions": $options}}}}')"
    ;;
esac"""


def steps(spec: Spec, url: str, *, by_chart: bool) -> Iterator[Step | None]:
    """From the merge to the sync; ``url`` is what the agent is told then, ``by_chart``: a chart is synced."""
    yield merge(spec)
    yield repository(spec)
    yield destination(spec)
    yield apply(spec, by_chart=by_chart)
    yield sync(spec, url, by_chart=by_chart)


def merge(spec: Spec) -> Step:
    """The pull request is merged; with Terway's chart its copy is part of it."""
    chart = spec.terway.chart if spec.terway is not None and spec.terway.install == "chart" else None
    url, revision = word(spec.gitops.repo_url), word(spec.gitops.revision)
    look = chain(f"git fetch -q {url} {revision}", "git diff --exit-code --stat FETCH_HEAD -- .")
    with_chart = " Terway's chart is copied to `terway/charts/terway` and committed too." if chart is not None else ""
    return Step(
        "git.merge",
        ("agent.private", "network.security-groups", "network.images", "credentials.secret", "oss.script", "token.put"),
        f"whoever may merge into {code(spec.gitops.repo_url)}",
        f"Merge `hybrid.yaml` and this folder into {code(spec.gitops.revision)}.{with_chart} Where an Application that "
        "syncs by itself is there already, this is the sync.",
        chain(_vendored(chart), look) if chart is not None else look,
        "no file of this folder differs from what is merged",
        "revert the commit: the address goes back to the script before; restarted pods, IPPools and node pools do not",
    )


def _vendored(chart: Chart) -> str:
    """Terway's chart beside the kustomization that inflates it."""
    return chain(
        "copy=$(mktemp -d)",
        f'git clone -q --depth 1 --branch {word(chart.revision)} -- {word(chart.repository)} "$copy"',
        "mkdir -p terway/charts",
        "rm -rf terway/charts/terway",
        f'cp -R "$copy"/{word(chart.path)} terway/charts/terway',
    )


def repository(spec: Spec) -> Step:
    """The engine can read the repository."""
    argocd, url = spec.gitops.engine == "argocd", word(spec.gitops.repo_url)
    undo = f"argocd repo rm {url}" if argocd else f"{FLUX} delete secret {word(spec.gitops.project)}"
    return Step(
        "gitops.repository",
        ("git.merge",),
        f"administrator of {engine(spec)}",
        f"{engine(spec)} may read {code(spec.gitops.repo_url)}. A repository that everybody may read needs nothing.",
        _access(spec, argocd=argocd),
        "the command ends with 0",
        code(undo),
    )


def _access(spec: Spec, *, argocd: bool) -> str:
    """Hands over a key or a password; neither is an argument of a command."""
    url, secret, by_password = word(spec.gitops.repo_url), word(spec.gitops.project), "https://"
    user = ask("GIT_USER", "the name of a user that may read the repository")
    key = ask("DEPLOY_KEY", "the file of an SSH key that may read the repository")
    password = ask("GIT_TOKEN_FILE", "the file of a token that may read the repository")
    if spec.gitops.repo_url.startswith(by_password):
        if argocd:
            return f"argocd repo add {url} --username {user} --upsert"
        return f"{FLUX} create secret generic {secret} --from-literal=username={user} --from-file=password={password}"
    if argocd:
        return f"argocd repo add {url} --ssh-private-key-path {key} --upsert"
    return f"flux create secret git {secret} --url={word(flux_url(spec))} --private-key-file={key}"


def is_remote(spec: Spec) -> bool:
    """Whether Argo CD runs in another cluster."""
    to = spec.gitops.destination
    local = to.name == "in-cluster" if to.name is not None else str(to.server).rstrip("/") == _LOCAL
    return spec.gitops.engine == "argocd" and not local


def destination(spec: Spec) -> Step | None:
    """Argo CD knows the cluster that it syncs to; None when that is its own."""
    if not is_remote(spec):
        return None
    to = spec.gitops.destination
    name = to.name or to.server
    named = f" --name {word(to.name)}" if to.name is not None else ""
    return Step(
        "gitops.destination",
        ("git.merge",),
        "administrator of Argo CD; kubectl: cluster-admin",
        f"Argo CD knows the cluster as {code(name)}.",
        f'argocd cluster add "$(kubectl config current-context)"{named} --upsert --yes',
        f"{code(f'argocd cluster get {word(name)}')} shows it",
        code(f"argocd cluster rm {word(name)}"),
    )


def apply(spec: Spec, *, by_chart: bool) -> Step:
    """The objects that make Argo CD or Flux look at this folder."""
    if spec.gitops.engine == "flux":
        return _apply_flux()._replace(command=_applied(spec))
    sentences = [
        f"Apply the AppProject and the Application, for Argo CD {argocd.LEAST} or later.",
        "For several clusters of one repository: what lies in `../argocd/` instead.",
        "The reader lets the guard list Nodes; no sync brings it.",
    ]
    if _enable_helm(spec) is not None:
        sentences.append(
            "Terway's chart needs `kustomize.buildOptions: --enable-helm` in ConfigMap argocd-cm; the chart's own "
            "credentials, CRDs of Calico and control plane are left out."
        )
    if by_chart:
        sentences.append(
            "With Helm by hand instead: `--set agentConfig.enabled=false` first, and `=true` after `see.exclusion`."
        )
    return Step(
        "gitops.apply",
        ("gitops.repository", "gitops.destination"),
        "kubectl: write AppProjects and Applications where Argo CD runs; cluster-admin for the reader",
        " ".join(sentences),
        chain(*filter(None, [_enable_helm(spec), _applied(spec)])),
        "they are there",
        "`kubectl delete -f argocd/`: what was synced stays",
    )


def _apply_flux() -> Step:
    """Flux applies server-side, so who made the agent's object is looked at here as well."""
    return Step(
        "gitops.apply",
        ("gitops.repository",),
        "kubectl: write the objects of flux-system",
        "Apply the GitRepository and what reads it: the guard's Kustomization first, and the others wait for it (in a "
        f"chart it is a hook). Flux itself was not run in a test. Where `kubectl apply` made {code(ack.AGENT_CONFIG)}, "
        "keys of others may be lost, so the command stops there. The reader lets the guard list Nodes.",
        "",
        "they are there",
        "`kubectl delete -f flux/`: what is hybridc's own goes with it, eni-config and ack-agent-config stay",
    )


def _enable_helm(spec: Spec) -> str | None:
    """Argo CD builds with Helm: needed for Terway's chart, else None."""
    if spec.gitops.engine != "argocd" or spec.terway is None or spec.terway.install != "chart":
        return None
    return _ENABLE_HELM.format(argo=f"{kubectl(spec)} -n {word(spec.gitops.argocd_namespace)}")


def _applied(spec: Spec) -> str:
    """Where Argo CD runs elsewhere, its objects go there and the reader into the cluster itself."""
    if spec.gitops.engine == "flux":
        claimed = "jsonpath='{.metadata.annotations.kubectl\\.kubernetes\\.io/last-applied-configuration}'"
        get = f"kubectl -n {ack.NAMESPACE} get configmap {ack.AGENT_CONFIG} --ignore-not-found -o {claimed}"
        look = check(f'claimed=$({get}) && [ -z "$claimed" ]', "kubectl apply made it: look at its managedFields first")
        return chain(look, "kubectl apply -f flux/", _with_secret(spec))
    if not is_remote(spec):
        return "kubectl apply -f argocd/"
    names = [f"appproject-{spec.gitops.project}", f"application-{spec.name}"]
    if _enable_helm(spec) is not None:
        names.append(f"application-{terway_application(spec.name)}")
    if spec.cluster.cni.disabled_ip_pools == "api":
        names.append(f"application-{ip_pools_application(spec.name)}")
    readers = [f"clusterrole-{READER}", f"clusterrolebinding-{READER}"]
    return chain(f"{kubectl(spec)} apply {_files(names)}", f"kubectl apply {_files(readers)}")


def _files(names: list[str]) -> str:
    return " ".join(f"-f {word(f'argocd/{name}.yaml')}" for name in names)


def _with_secret(spec: Spec) -> str:
    """The GitRepository reads with the Secret, where there is one."""
    name = word(spec.gitops.project)
    reference = word(json.dumps({"spec": {"secretRef": {"name": spec.gitops.project}}}))
    none = f'[ -z "$({FLUX} get secret {name} --ignore-not-found -o name)" ]'
    return f"{{\n  {none} ||\n  {FLUX} patch gitrepository {name} --type merge -p {reference}\n}}"


def sync(spec: Spec, url: str, *, by_chart: bool) -> Step:
    """The sync, and that it reached the last object of it: what the agent reads."""
    started = _started(spec, by_chart=by_chart)
    get = f"kubectl -n {ack.NAMESPACE} get configmap {ack.AGENT_CONFIG} -o jsonpath='{{.data.{ack.AGENT_CONFIG_KEY}}}'"
    wait = chain(f"wanted={word(url)}", _WAIT.format(get=get))
    argocd = spec.gitops.engine == "argocd"
    value = code(url) if url else "empty: ACK's own script is used"
    return Step(
        "gitops.sync",
        ("gitops.apply",),
        f"{engine(spec)}; kubectl: read {ack.AGENT_CONFIG}",
        f"The sync.{' The guard looks first and refuses with a sentence.' if argocd else ''} The agent reports the "
        "script's address within a minute after it: wait for two before a pool grows.",
        chain(started, wait) if started else wait,
        f"`{ack.AGENT_CONFIG_KEY}` is {value}; when not, the reason stands in the status of the "
        + ("Application" if argocd else "Flux object"),
        "revert the commit, and sync",
    )


def _started(spec: Spec, *, by_chart: bool) -> str:
    """The command that starts a sync which does not start by itself, or hurries one that does."""
    gitops = spec.gitops
    if gitops.engine == "argocd":
        if not gitops.auto_sync:
            return f"argocd app sync {word(spec.name)}"
        argo = f"{kubectl(spec)} -n {word(gitops.argocd_namespace)}"
        return f"{argo} annotate application {word(spec.name)} argocd.argoproj.io/refresh=normal --overwrite"
    if gitops.auto_sync:
        return ""
    return _suspended(spec, suspend=False, by_chart=by_chart)


def _suspended(spec: Spec, *, suspend: bool, by_chart: bool) -> str:
    kind, names = ("helmrelease", releases(spec)) if by_chart else ("kustomization", kustomizations(spec))
    patch = word(json.dumps({"spec": {"suspend": suspend}}))
    return chain(*(f"{FLUX} patch {kind} {word(name)} --type merge -p {patch}" for name in names))


def automatic(spec: Spec, *, on: bool) -> str:
    """The command that lets the engine sync by itself, or keeps it from it: it puts a change by hand back otherwise."""
    if spec.gitops.engine == "argocd":
        automated = {"prune": True, "selfHeal": True} if on else None
        patch = word(json.dumps({"spec": {"syncPolicy": {"automated": automated}}}))
        argo = f"{kubectl(spec)} -n {word(spec.gitops.argocd_namespace)}"
        return f"{argo} patch application {word(spec.name)} --type merge -p {patch}"
    return _suspended(spec, suspend=not on, by_chart=spec.gitops.format == "helm")


def engine(spec: Spec) -> str:
    """How the engine is called in a sentence."""
    return "Argo CD" if spec.gitops.engine == "argocd" else "Flux"


def kubectl(spec: Spec) -> str:
    """Kubectl for the cluster that the engine runs in."""
    if not is_remote(spec):
        return "kubectl"
    return f"kubectl --context {ask('ARGOCD_CONTEXT', 'the kubeconfig context of the cluster that runs Argo CD')}"
