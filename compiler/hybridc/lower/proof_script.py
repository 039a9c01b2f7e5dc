"""Proofs: the node script is safe to start, joins as this Kubernetes wants it, and is the one that is published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybridc.catalog import ack, kubernetes
from hybridc.lower.agent_config import script_key
from hybridc.lower.bundle import Bundle
from hybridc.lower.claim import Breach, Proof
from hybridc.spec.model import Spec

_WHERE = "cloud/node/init-node-ecs.sh"
_GUARD = 'if [ -z "${BASH_VERSION:-}" ]; then'
_CRICTL = re.compile(r"crictl\s")


def shape(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """INIT024: bash by its first line and by a guard, nothing runs before the last line has arrived."""
    script = bundle.script
    if script is None:
        return
    first = next((line for line in script.split("\n", 40)[:40] if line and not line.startswith("#")), "")
    for holds, problem in (
        (script.startswith("#!/usr/bin/env bash\n"), "it does not start with #!/usr/bin/env bash"),
        ("\r" not in script, "it holds a carriage return"),
        (first == _GUARD, "its first statement is not the guard against other shells"),
        (script.endswith('\nmain "$@"\n'), 'its last line is not main "$@"'),
    ):
        if not holds:
            yield Breach("INIT024", _WHERE, problem)


def label(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """INIT014: the label that every node gets is the one that the exclusion and Terway look for."""
    wanted = "=".join(ack.EXTERNAL_LABEL)
    if bundle.script is not None and f"\nreadonly REQUIRED_LABEL='{wanted}'\n" not in bundle.script:
        yield Breach("INIT014", _WHERE, f"it does not make sure of the label {wanted}")


def join(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """INIT002, INIT023, INIT026, INIT027, INIT037, INIT039: what a join of this version needs, and what it lacks."""
    script = bundle.script
    if script is None:
        return
    if any(_begins_a_line(script, match.start()) for match in _CRICTL.finditer(script)):
        yield Breach("INIT027", _WHERE, "it calls crictl, which may be absent")
    if "swapoff -a" not in script:
        yield Breach("INIT037", _WHERE, "it leaves swap on, and the kubelet stops with it")
    if spec.node_init.join.method != "kubeadm":
        return
    release = kubernetes.release(spec.cluster.minor)
    if f"\napiVersion: {release.kubeadm_api}\nkind: JoinConfiguration\n" not in script:
        yield Breach("INIT002", _WHERE, f"its JoinConfiguration is not of {release.kubeadm_api}")
    if "kubeadm config validate" in script and not release.config_validate:
        yield Breach("INIT026", _WHERE, "kubeadm config validate exists from 1.28 on")
    if "rm -rf /var/lib/kubelet/pki" not in script:
        yield Breach("INIT023", _WHERE, "it keeps the certificates of the machine that an image was taken from")
    if "/etc/cni/net.d/*." not in script:
        yield Breach("INIT039", _WHERE, "it keeps CNI configurations that sort before Terway's")


def _begins_a_line(text: str, index: int) -> bool:
    return not text[text.rfind("\n", 0, index) + 1 : index].strip()


def published(bundle: Bundle, spec: Spec) -> Iterator[Breach]:
    """OSS016: the URL names exactly this script, by its digest."""
    if bundle.script is None or spec.node_init.oss is None:
        return
    if not bundle.script_url.endswith(f"/{script_key(spec, bundle.script)}"):
        yield Breach("OSS016", _WHERE, "addNodeScriptPath does not name this script by its digest")


PROOFS: tuple[Proof, ...] = (shape, label, join, published)
