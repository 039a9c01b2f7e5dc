"""Another CA of the cluster: nodes trust both before an API server shows a certificate of the new one.

Order: kubernetes.io, Manual Rotation of CA Certificates. A join pins any one CA of those that cluster-info holds
(kubeadm, pubkeypin CheckAny). k3s and RKE2: their token names the CA (docs.k3s.io/cli/certificate). All read
30 November 2026.
"""

from __future__ import annotations

from hybridc.catalog import joins
from hybridc.lower.names import key_prefix
from hybridc.lower.steps.day_two.day import Day, Nothing, Steps, synced
from hybridc.lower.steps.day_two.kubernetes import replaced
from hybridc.lower.steps.step import Step, ask, chain, check, code, ossutil, word, words

_CA = ask("CA_FILE", "the file with the certificate of the new CA")
_HASH = f"openssl x509 -pubkey -noout -in {_CA} | openssl pkey -pubin -outform der | openssl dgst -sha256 -hex"
_MANAGED = Nothing("ACK's own script joins the nodes: no script of yours pins the CA.")
_CUSTOM = Nothing("The spec's own join command verifies the server: rotate what it pins.")
_PAGE = "https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/"


def rotate(day: Day) -> Steps | Nothing:
    """``cluster.caCertHashes`` of the spec has the hash of the old CA and of the new one."""
    init = day.spec.node_init
    if init.mode != "script":
        return _MANAGED
    if joins.join(init.join.method).agent:
        return _of_agents(day)
    return _of_kubeadm(day) if init.join.method == "kubeadm" else _CUSTOM


def _of_kubeadm(day: Day) -> Steps:
    yield _see_hash(day)
    yield from synced(day)
    yield _bundle()
    yield _see_bundle()
    yield from replaced(day)
    yield _certificates()
    yield _see_certificates(day)
    yield _drop()
    yield _old_scripts(day)


def _of_agents(day: Day) -> Steps:
    method = day.spec.node_init.join.method
    yield Step(
        "ca.rotate",
        (),
        f"root on each {method} server",
        f"{code(f'{method} certificate rotate-ca')} on a server, from files in a folder of its own, then a restart of "
        "all servers. With the same root CA nothing else follows. With a new one it is disruptive: nodes do not trust "
        "the servers until they joined anew, since their token names the CA, and pods restart.",
        f"ssh {ask('SERVER', f'user@host of a {method} server')} sudo {method} certificate check",
        "the servers are up, with certificates of the new CA",
        "none: the datastore has the new CA",
    )
    yield day.again("token.put")
    yield from replaced(day)


def _see_hash(day: Day) -> Step:
    hashes = words(str(value).removeprefix("sha256:").lower() for value in day.spec.cluster.ca_cert_hashes)
    printed = f"printf '%s\\n' {hashes}"
    # The new one is there, and another beside it.
    looks = chain(
        f"hash=$({_HASH})",
        f'{printed} | grep -qxF "${{hash##* }}"',
        f'{printed} | grep -qvxF "${{hash##* }}"',
    )
    return Step(
        "see.ca-hash",
        (),
        "whoever has the certificate of the new CA (not its key)",
        "`cluster.caCertHashes` has the new CA beside the old one. A node takes any one of them; with the new one "
        "alone no node could join until the rotation is through.",
        check(f"(\n{looks}\n)", "write the hash of the new CA beside the old one, and build"),
        "the command ends with 0",
        "",
    )


def _bundle() -> Step:
    return Step(
        "ca.bundle",
        (),
        "root on the control plane",
        f"Steps 1 to 8 of {_PAGE} on the control plane: everything there trusts both CAs, and still shows "
        "certificates of the old one. Then both stand in cluster-info, before the API servers change: nodes that join "
        "take both from there. The kubelets of the IDC get both as the page says.",
        "kubectl -n kube-public get configmap cluster-info -o jsonpath='{.data.kubeconfig}'",
        "its certificate-authority-data holds two certificates",
        "put the old CA alone back",
    )


def _see_bundle() -> Step:
    get = "kubectl -n kube-public get configmap cluster-info -o jsonpath='{.data.kubeconfig}'"
    data = "sed -n 's/^ *certificate-authority-data: *//p'"
    looks = chain(f"found=$({get})", f'[ "$({data} <<<"$found" | base64 -d | grep -c BEGIN)" -ge 2 ]')
    return Step(
        "see.ca-bundle",
        (),
        "kubectl: read kube-public",
        "cluster-info holds two certificates, so a node that joins trusts both.",
        check(looks, "cluster-info holds one CA: no node would trust the other"),
        "the command ends with 0",
        "",
    )


def _certificates() -> Step:
    return Step(
        "ca.certificates",
        (),
        "root on the control plane",
        f"Step 9 of {_PAGE}: the API servers get certificates of the new CA, one server after the other, then pods "
        "that keep the old CA restart. Cloud nodes have joined anew by now and trust both.",
        f"openssl x509 -noout -subject -enddate -in {_CA}",
        "every API server shows a certificate of the new CA",
        "the old certificates: both are trusted",
    )


def _see_certificates(day: Day) -> Step:
    url = word(f"https://{day.spec.cluster.api_server}/healthz")
    return Step(
        "see.ca",
        (),
        "whoever reaches the API server",
        f"{code(day.spec.cluster.api_server)} shows a certificate of the new CA. Behind a load balancer this is one of "
        "them: look at each.",
        check(f"(\ncurl -sS -o /dev/null --cacert {_CA} {url}\n)", "the API server shows another certificate"),
        "the command ends with 0",
        "",
    )


def _drop() -> Step:
    return Step(
        "ca.drop",
        (),
        "root on the control plane; whoever may merge",
        "Take the old hash out of `cluster.caCertHashes`, build, and go from `oss.script` to `gitops.sync` again. Then "
        f"the last steps of {_PAGE}: nothing trusts the old CA any more.",
        "kubectl get nodes",
        "all nodes are Ready",
        "put the old CA back beside the new one",
    )


def _old_scripts(day: Day) -> Step | None:
    """Objects of scripts that no pool uses any more; what is live stays."""
    oss = day.spec.node_init.oss
    if oss is None or day.spec.node_init.url is not None:
        return None
    prefix = word(f"oss://{oss.bucket}/{key_prefix(day.spec)}init-node-ecs-")
    return Step(
        "oss.old",
        (),
        "RAM: oss:ListObjects, oss:DeleteObject",
        "The scripts of before, which pin the old CA. Until here each of them had to stay: ACK holds an address for a "
        "minute or two after a sync, and a revert brings one back. Delete those that `addNodeScriptPath` does not "
        "name.",
        ossutil(day.spec, "ls", prefix),
        "one script is left, and it is the live one",
        "upload it again from the build that made it",
    )
