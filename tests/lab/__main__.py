"""``make lab``: hybridc's output in a real Argo CD on this machine, to try a delivery mode before production.

Needs root, for the mount namespaces in which the hooks run.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.bare import EXAMPLES
from tests.cni import manifests
from tests.lab.lab import Lab, compile_spec, lab, with_ca, with_repository
from tests.lab.played import Played, played
from tests.lab.servers.kubelet import Run
from tests.lab.servers.process import LabError
from tests.lab.world import prepare
from tests.pinned import ROOT

_CNI = "calico-v3.24.5"
_LOOK = """
In another terminal:
  export KUBECONFIG={kubeconfig}
  # sync, health, and what the last operation said
  kubectl -n argocd get application {name} -o yaml
  # the exclusion, under affinity
  kubectl -n kube-system get daemonset calico-node -o yaml
  # what is ours
  kubectl -n kube-system get configmaps,roles,rolebindings -l app.kubernetes.io/managed-by=hybridc
  # what the hooks and the servers said
  less {folder}/hooks/*/log {folder}/servers/*.log
  # Alibaba Cloud on loopback, empty but for what the spec only names: it verifies signatures and rights
  {variables}
  hybridc publish {spec} all -o {folder}/spec/out {endpoints}
Change and save {spec}: it is compiled, pushed and synced. Ctrl-C stops everything.
"""


def main(argv: list[str] | None = None) -> int:
    """Command line. Exit 0, 3 when a tool is missing, a server fails or the sync does; 130 on Ctrl-C before that."""
    parser = argparse.ArgumentParser(prog="make lab", description=__doc__)
    parser.add_argument("spec", nargs="?", type=Path, default=EXAMPLES / "guide" / "hybrid.yaml")
    parser.add_argument("--manifest", type=Path, default=manifests.path(_CNI), help="the CNI's own manifest")
    parser.add_argument("--once", action="store_true", help="stop when the first sync is done")
    args = parser.parse_args(argv)
    # A stop from outside is a Ctrl-C: the servers end in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="hybridc-lab-") as folder:
            _run(Path(folder), args.spec, args.manifest, once=args.once)
    except (LabError, RuntimeError, OSError) as error:
        sys.stderr.write(f"lab: {error}\n")
        return 3
    except KeyboardInterrupt:
        sys.stderr.write("\nlab: stopped\n")
        return 130
    return 0


def _tool(name: str) -> str:
    path = ROOT / ".tools" / "bin" / name
    if not path.exists():
        raise LabError(f"{name} is not installed: python3 tools/install.py {name}")
    return str(path)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _run(folder: Path, spec: Path, manifest: Path, *, once: bool) -> None:
    start = time.monotonic()
    _say("lab: starting etcd, kube-apiserver, kube-controller-manager and Argo CD on loopback")
    with lab(_tool, folder) as running:
        _say(f"lab: all there after {time.monotonic() - start:.0f} s")
        running.cluster.run("apply", "--server-side", "-f", str(manifest))
        prepare(running.cluster)
        name, revision = _publish(running, folder, spec)
        running.argocd.wait_synced(name, revision)
        _say(f"lab: {name} is Synced, Succeeded after {time.monotonic() - start:.0f} s; its hooks:")
        for run in running.kubelet.runs:
            _say(_told(run))
        if not once:
            with played(spec.read_text(encoding="utf-8")) as cloud:
                _say(_look(running, cloud, folder, spec, name))
                _until_interrupted(running, folder, spec, name)
        _say("lab: stopping")


def _look(running: Lab, cloud: Played, folder: Path, spec: Path, name: str) -> str:
    """What a person may do; the key is of no use but here."""
    variables = "\n  ".join(f"export {variable}={value}" for variable, value in cloud.environment.items())
    return _LOOK.format(
        kubeconfig=running.cluster.kubeconfig,
        name=name,
        folder=folder,
        spec=spec,
        variables=variables,
        endpoints=" ".join(cloud.endpoints),
    )


def _publish(running: Lab, folder: Path, spec: Path) -> tuple[str, str]:
    """Compile, push, apply what is for Argo CD; gives the Application's name and the revision."""
    text = with_ca(with_repository(spec.read_text(encoding="utf-8"), running.repository.url))
    out = compile_spec(text, folder / "spec")
    revision = running.repository.publish(out)
    (inventory,) = out.glob("*/hybridc.lock.json")
    running.register(inventory.parent)
    return inventory.parent.name, revision


def _told(run: Run) -> str:
    lines = "\n".join(f"    {line}" for line in run.ended.log.splitlines())
    return f"  {run.kind} {run.namespace}/{run.name}, exit {run.ended.status}\n{lines}"


def _until_interrupted(running: Lab, folder: Path, spec: Path, name: str) -> None:
    """Follow the spec, the hooks and the Application's state until Ctrl-C."""
    saved, told, state = spec.stat().st_mtime_ns, len(running.kubelet.runs), ""
    try:
        while True:
            time.sleep(0.5)
            if spec.stat().st_mtime_ns != saved:
                saved = spec.stat().st_mtime_ns
                _push(running, folder, spec, name)
            for run in running.kubelet.runs[told:]:
                told += 1
                _say(_told(run))
            now = _state(running, name)
            if now != state:
                state = now
                _say(f"lab: {name} is {state}")
    except KeyboardInterrupt:
        _say("")


def _push(running: Lab, folder: Path, spec: Path, name: str) -> None:
    try:
        _, revision = _publish(running, folder, spec)
    except RuntimeError as error:
        _say(str(error))
        return
    _say(f"lab: pushed {revision[:7]}")
    running.argocd.refresh(name)


def _state(running: Lab, name: str) -> str:
    status = (running.argocd.application(name) or {}).get("status", {})
    operation = status.get("operationState", {})
    words = (status.get("sync", {}).get("status", "Unknown"), operation.get("phase", "Pending"))
    return f"{', '.join(words)}: {operation.get('message', '')}"


if __name__ == "__main__":
    sys.exit(main())
