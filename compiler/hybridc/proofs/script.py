"""Proofs: the node script is safe to start, joins as this Kubernetes wants it, and is the one that is published."""

from __future__ import annotations

import re

from hybridc.catalog import kubernetes
from hybridc.lower.bundle import Bundle
from hybridc.proofs.breach import breach, proof
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec

_WHERE = "cloud/node/init-node-ecs.sh"
_GUARD = 'if [ -z "${BASH_VERSION:-}" ]; then'
_CRICTL = re.compile(r"crictl\s(?!(?:amd64|arm64) )")  # not the row of a tarball


@proof("INIT024")
def script_shape(bundle: Bundle, spec: Spec) -> Findings:
    """The script is not safe to start.

    It must start with a line for bash, hand over to bash when sh runs it, hold no carriage return, and end with
    main "$@", so that half a download does nothing.

    Fails::
        echo done      # as the last line
    Passes::
        main "$@"

    Source: seen running with dash, and cut at seven places.
    """
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
            yield breach(_WHERE, problem)


@proof("INIT002")
def join_configuration(bundle: Bundle, spec: Spec) -> Findings:
    """The JoinConfiguration is of another API version than this kubeadm reads.

    kubeadm up to 1.30 reads v1beta3 only, 1.37 reads v1beta4 only; the wrong one is an error on every node. hybridc
    chooses it, there is no field.

    Fails::
        apiVersion: kubeadm.k8s.io/v1beta3      # Kubernetes 1.37.1
    Passes::
        apiVersion: kubeadm.k8s.io/v1beta4      # Kubernetes 1.37.1

    Source: kubeadm 1.36.2, seen running; changelog of 1.37.
    """
    api = kubernetes.release(spec.cluster.minor).kubeadm_api
    if _kubeadm(bundle, spec) and f"\napiVersion: {api}\nkind: JoinConfiguration\n" not in (bundle.script or ""):
        yield breach(_WHERE, f"its JoinConfiguration is not of {api}")


@proof("INIT023")
def old_certificates(bundle: Bundle, spec: Spec) -> Findings:
    """The script keeps node certificates of a custom image.

    The new node would act as the machine that the image was taken from.

    Fails::
        kubeadm join …      # and /var/lib/kubelet/pki of the image is still there
    Passes::
        rm -rf /var/lib/kubelet/pki, before the join

    Source: ACK One, custom images.
    """
    if _kubeadm(bundle, spec) and "rm -rf /var/lib/kubelet/pki" not in (bundle.script or ""):
        yield breach(_WHERE, "it keeps the certificates of the machine that an image was taken from")


@proof("INIT026")
def config_validate(bundle: Bundle, spec: Spec) -> Findings:
    """The script calls kubeadm config validate where there is none.

    The subcommand exists from 1.28 on.

    Fails::
        kubeadm config validate --config join.yaml      # Kubernetes 1.24
    Passes::
        the same from 1.28 on

    Source: kubeadm.
    """
    known = kubernetes.release(spec.cluster.minor).config_validate
    if _kubeadm(bundle, spec) and not known and "kubeadm config validate" in (bundle.script or ""):
        yield breach(_WHERE, "kubeadm config validate exists from 1.28 on")


@proof("INIT027")
def crictl(bundle: Bundle, spec: Spec) -> Findings:
    """The script calls crictl.

    From 1.32 on the kubeadm packages no longer bring it.

    Fails::
        crictl config runtime-endpoint …
    Passes::
        /etc/crictl.yaml, written as a file

    Source: krel package metadata.
    """
    script = bundle.script or ""
    if any(_begins_a_line(script, match.start()) for match in _CRICTL.finditer(script)):
        yield breach(_WHERE, "it calls crictl, which may be absent")


def _begins_a_line(text: str, index: int) -> bool:
    return not text[text.rfind("\n", 0, index) + 1 : index].strip()


@proof("INIT037")
def swap(bundle: Bundle, spec: Spec) -> Findings:
    """The script leaves swap on.

    failSwapOn is true by default: the kubelet stops.

    Fails::
        kubeadm join …      # and nothing before it turns swap off
    Passes::
        swapoff -a

    Source: kubelet.
    """
    if bundle.script is not None and "swapoff -a" not in bundle.script:
        yield breach(_WHERE, "it leaves swap on, and the kubelet stops with it")


@proof("INIT039")
def foreign_cni(bundle: Bundle, spec: Spec) -> Findings:
    """The script leaves other CNI configurations in place.

    containerd takes the first file by name, and 05-cilium, 10-calico, 10-canal and 10-flannel sort before
    10-terway.

    Fails::
        kubeadm join …      # and /etc/cni/net.d/10-calico.conflist of the image is still there
    Passes::
        rm -f /etc/cni/net.d/*.conf*, before the join

    Source: containerd; Terway (inferred).
    """
    if _kubeadm(bundle, spec) and "/etc/cni/net.d/*." not in (bundle.script or ""):
        yield breach(_WHERE, "it keeps CNI configurations that sort before Terway's")


def _kubeadm(bundle: Bundle, spec: Spec) -> bool:
    """Whether there is a script in which kubeadm joins."""
    return bundle.script is not None and spec.node_init.join.method == "kubeadm"
