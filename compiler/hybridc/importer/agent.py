"""What ACK's agent was told about new nodes, and which add-ons run."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from hybridc.catalog import ack, regions
from hybridc.catalog.ram import addons
from hybridc.importer.seen import Found, Note, Seen, Sources, filled
from hybridc.source.secrets import find, is_signed

_NODE_INIT = "/spec/nodeInit"
_OURS = re.compile(r"/(?:(?P<prefix>[^?#]+)/)?(?P<cluster>[a-z0-9][a-z0-9-]*)/init-node-ecs-[0-9a-f]{12}\.sh\Z")
_OSS = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9-]{1,61}[a-z0-9])\.(?P<endpoint>oss-[a-z0-9.-]+)\Z")
_MASKED = re.compile(r"(?<!\*)\*\*\*(?!\*)")
"""What a State has in the place of a secret; a page has four stars."""
_WHERE = f"ConfigMap {ack.NAMESPACE}/{ack.AGENT_CONFIG}, {ack.AGENT_CONFIG_KEY}"


def observe(sources: Sources) -> Found:
    """``nodeInit.oss`` or ``.url``, ``metadata.name``, ``addons``."""
    ours = sources.config_map(ack.NAMESPACE, "hybridc").get("cluster")
    if ours:
        yield Seen("/metadata/name", ours, f"ConfigMap {ack.NAMESPACE}/hybridc")
    yield from _script(sources.config_map(ack.NAMESPACE, ack.AGENT_CONFIG).get(ack.AGENT_CONFIG_KEY, ""))
    for each, node in sources.all("Node"):
        cluster = node["metadata"].get("labels", {}).get(ack.CLUSTER_TAG)
        if cluster:
            yield Seen("/spec/alibabaCloud/registeredClusterID", cluster, f"Node {each.name}, its label")
            break
    running = {each.name: each for kind in ("Deployment", "DaemonSet") for each, _ in sources.all(kind)}
    found = [name for name in addons() if name in running and running[name].namespace == ack.NAMESPACE]
    if found:
        yield Seen("/spec/addons", [{"name": name} for name in found], f"workloads in {ack.NAMESPACE}")


def _script(url: str) -> Found:
    """Where new nodes find their script: an object in OSS, or another server's file."""
    parts = _split(url)
    bucket = _OSS.match(parts.hostname or "")
    secret = is_signed(url) or next(find(url), None) is not None or _MASKED.search(url) is not None
    if secret:
        yield Note(f"{_WHERE} holds a signature or a password, which was not read. hybridc needs none: docs/secrets.md")
    if bucket is None:
        if parts.hostname and not secret and filled(url):
            yield Seen(f"{_NODE_INIT}/url", url, _WHERE)
        return
    if not filled(bucket[0]):
        return
    yield Seen(f"{_NODE_INIT}/oss/bucket", bucket["bucket"], _WHERE)
    yield Seen(f"{_NODE_INIT}/oss/endpoint", bucket["endpoint"], _WHERE)
    known = regions.of_endpoint(bucket["endpoint"])
    if known is not None:
        yield Seen("/spec/alibabaCloud/region", known.region, f"{_WHERE}, its endpoint")
    ours = _OURS.match(parts.path)
    if ours:
        yield Seen("/metadata/name", ours["cluster"], f"{_WHERE}, the folder of the script")
        if ours["prefix"]:
            yield Seen(f"{_NODE_INIT}/oss/prefix", ours["prefix"], _WHERE)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
