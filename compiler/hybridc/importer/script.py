"""The script of the page (``init-node-ecs.sh``), or one like it: the lines that say something about the cluster."""

from __future__ import annotations

import re

from hybridc.importer.kubernetes import host_port
from hybridc.importer.seen import Found, Note, Seen, Sources, filled

_JOIN = "/spec/nodeInit/join"
_LINES = re.compile(r"\\\r?\n[ \t]*")
_JOINS = re.compile(r"\bkubeadm\s+join\s")
_END = re.compile(r"[;&|]")
_ADDRESS = re.compile(r"[\w.-]+:[0-9]+|\[[0-9a-fA-F:]+\]:[0-9]+")
_TOKEN = re.compile(r"--(?:discovery-)?token[ =]\S|\b(?:K3S|RKE2)_TOKEN=")
_HASH = re.compile(r"--discovery-token-ca-cert-hash[ =](sha256:[0-9a-f]{64})\b")
_VERSION = re.compile(r"\b(?:K8S|KUBE|KUBERNETES)_VERSION=[\"']?v?([0-9]+\.[0-9]+\.[0-9]+)\b")
_MIRROR = re.compile(r"\bREGISTRY_MIRROR=[\"']?(https?://[^\s\"']+)")
_PROXY = re.compile(r"\b(https?)_proxy=[\"']?(https?://[^\s\"'@]+)", re.IGNORECASE)
_SERVER = re.compile(r"\bK3S_URL=[\"']?(https://[^\s\"']+)|--server[ =][\"']?(https://[^\s\"']+)")
_AGENT = re.compile(r"\b(?:get\.(k3s|rke2)\.io|(rke2)-agent\b|(k3s) agent\b)")


def observe(sources: Sources) -> Found:
    """What the script says; of a line that is a comment nothing, and of a token nothing but that it is there."""
    text = _LINES.sub(" ", sources.script or "")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    where, text = sources.script_path, "\n".join(lines)
    if version := _VERSION.search(text):
        yield Seen("/spec/cluster/kubernetesVersion", version[1], where)
    yield from _kubeadm(text, where)
    yield from _agent(text, where)
    if (mirror := _MIRROR.search(text)) and filled(mirror[1]):
        yield Seen("/spec/nodeInit/registryMirrors/docker.io", [{"url": mirror[1]}], f"{where}, REGISTRY_MIRROR", True)
    for scheme, url in dict(_PROXY.findall(text)).items():
        yield Seen(f"/spec/nodeInit/proxy/{scheme.lower()}", url, f"{where}, {scheme}_proxy")
    if _TOKEN.search(text):
        yield Note(
            f"{where} holds a token, which was not read. The node script takes one at its start: docs/secrets.md"
        )


def _kubeadm(text: str, where: str) -> Found:
    if address := _dialled(text):
        yield Seen("/spec/cluster/apiServer", address, f"{where}, kubeadm join")
    if hashes := list(dict.fromkeys(_HASH.findall(text))):
        yield Seen("/spec/cluster/caCertHashes", hashes, f"{where}, kubeadm join")
    elif "--discovery-token-unsafe-skip-ca-verification" in text:
        yield Note(f"{where} joins without a look at the CA; the spec names its hash, and nodes check it")


def _dialled(text: str) -> str:
    """The address behind the first ``kubeadm join`` that has one; "" for none."""
    for line in text.splitlines():
        command = _JOINS.search(line)
        words = _END.split(line[command.end() :], maxsplit=1)[0].split() if command else []
        found = next((word for word in map(_unquoted, words) if _ADDRESS.fullmatch(word)), "")
        if found:
            return host_port(found)
    return ""


def _unquoted(word: str) -> str:
    return word.strip("\"'")


def _agent(text: str, where: str) -> Found:
    """k3s and RKE2."""
    kind = _AGENT.search(text)
    if kind is None or _JOINS.search(text):
        return
    yield Seen(f"{_JOIN}/method", next(name for name in kind.groups() if name), where)
    if (server := _SERVER.search(text)) and filled(server[0]):
        yield Seen(f"{_JOIN}/server", server[1] or server[2], where)
