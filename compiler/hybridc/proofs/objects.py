"""Proofs: what Terway and the ACK agent read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hybridc.catalog import ack
from hybridc.catalog.cni import plugin
from hybridc.lower.bundle import Bundle
from hybridc.lower.names import script_key
from hybridc.proofs.breach import breach, embedded, find, proof
from hybridc.rules.rule import Findings
from hybridc.spec.model import Spec

ENI_CONFIG = f"ConfigMap {ack.NAMESPACE}/{ack.ENI_CONFIG}"
_AGENT = f"ConfigMap {ack.NAMESPACE}/{ack.AGENT_CONFIG}"


def eni_conf(bundle: Bundle) -> dict[str, Any]:
    """The eni_conf of the output; {} when there is none."""
    found: dict[str, Any] = embedded(_data(bundle, ack.ENI_CONFIG).get("eni_conf", {}))
    return found


def overlays(bundle: Bundle) -> Iterator[dict[str, Any]]:
    """The eni_conf of each dynamic configuration."""
    for item in bundle.objects:
        if item["kind"] == "ConfigMap" and item["metadata"]["name"] != ack.ENI_CONFIG and "eni_conf" in item["data"]:
            yield embedded(item["data"]["eni_conf"])


def _data(bundle: Bundle, name: str) -> dict[str, Any]:
    """The data of a synced ConfigMap; {} when there is none."""
    item = find(bundle, "ConfigMap", name)
    return {} if item is None else item["data"]


@proof("ENI029")
def missing_file(bundle: Bundle, spec: Spec) -> Findings:
    """eni-config lacks a file that Terway reads.

    eni_conf and 10-terway.conf: without one of them Terway's init container ends with "this file must exist" on
    every node.

    Fails::
        data: {eni_conf: '{"version": "1"}'}
    Passes::
        data: {eni_conf: '{"version": "1"}', 10-terway.conf: '{"type": "terway"}'}

    Source: Terway cmd/terway-cli, seen running.
    """
    for key in () if spec.terway is None else ("eni_conf", "10-terway.conf"):
        if not _data(bundle, ack.ENI_CONFIG).get(key):
            yield breach(ENI_CONFIG, f"{key} is missing: Terway does not start without it")


@proof("CNI001")
def network_policy_is_off(bundle: Bundle, spec: Spec) -> Findings:
    """Terway's NetworkPolicy is on beside an on-prem Calico or Canal.

    Without `disable_network_policy: "true"` (a string, and absent means on) Terway runs calico-felix on cloud nodes,
    against the same crd.projectcalico.org objects as the IDC's Calico: the IDC's network can break. hybridc always
    writes it, so a spec cannot be wrong here; `validate --eni-config` says so of a live eni-config, as a warning,
    since that does not tell which CNI the IDC has.

    Fails::
        data: {disable_network_policy: "false"}
    Passes::
        data: {disable_network_policy: "true"}

    Source: Alibaba Cloud 208052; Terway cmd/terway-cli/common.go, policy.go.
    """
    policy = _data(bundle, ack.ENI_CONFIG).get("disable_network_policy")
    if spec.terway is None or plugin(spec.cluster.cni.type).crds != "crd.projectcalico.org":
        return
    if not isinstance(policy, str) or policy != "true":
        message = f'disable_network_policy must be the string "true" beside {spec.cluster.cni.type}'
        yield breach(ENI_CONFIG, message, policy)


@proof("ENI017")
def no_access_key(bundle: Bundle, spec: Spec) -> Findings:
    """No eni_conf of the output holds an AccessKey."""
    for conf in () if spec.terway is None else (eni_conf(bundle), *overlays(bundle)):
        for key in ("access_key", "access_secret"):
            if conf.get(key):
                yield breach(ENI_CONFIG, f"{key} is not empty", conf[key])


@proof("CNI022")
def centralized_ipam(bundle: Bundle, spec: Spec) -> Findings:
    """Terway's chart with `centralizedIPAM: true` in a registered cluster.

    It is the chart's default, and terway-controlplane ignores nodes without topology labels: cloud pods never get an
    address. hybridc's values set it to false, so a spec cannot be wrong here; look at it when you merge the values
    with your own.

    Fails::
        centralizedIPAM: true
    Passes::
        centralizedIPAM: false

    Source: Terway pkg/controller/node/predict.go.
    """
    values = bundle.terway_values
    if values is not None and values.get("centralizedIPAM") is not False:
        yield breach("the values of Terway's chart", "centralizedIPAM is not false", values.get("centralizedIPAM"))


@proof("GIT016")
def agent_data(bundle: Bundle, spec: Spec) -> Findings:
    """The output writes more of the agent's objects than the one key.

    The agent keeps state in ack-agent-config and in ConfigMap provider; what we write there we would take from it.

    Fails::
        data: {addNodeScriptPath: …, isInit: "true"}
    Passes::
        data: {addNodeScriptPath: …}

    Source: alibabacloud-ack-connector meta_messenger.go.
    """
    keys = list(_data(bundle, ack.AGENT_CONFIG))
    if keys != [ack.AGENT_CONFIG_KEY]:
        yield breach(_AGENT, f"it holds {', '.join(keys) or 'nothing'}, not {ack.AGENT_CONFIG_KEY} alone")
    if find(bundle, "ConfigMap", "provider") is not None:
        yield breach(f"ConfigMap {ack.NAMESPACE}/provider", "the object is the agent's own")


def _url(bundle: Bundle) -> str:
    """The address of the script, as the agent reads it."""
    found: str = _data(bundle, ack.AGENT_CONFIG).get(ack.AGENT_CONFIG_KEY, "")
    return found


@proof("OSS001")
def script_url(bundle: Bundle, spec: Spec) -> Findings:
    """The agent is given an http(s) URL."""
    url = _url(bundle)
    if (url or bundle.script is not None) and not url.startswith(("http://", "https://")):
        yield breach(_AGENT, f"{ack.AGENT_CONFIG_KEY} is no http(s) URL", url)


@proof("OSS002")
def long_url(bundle: Bundle, spec: Spec) -> Findings:
    """The place of the script has more than 1024 characters.

    The agent refuses it as OSS001 says (its own text says 100).

    Fails::
        a URL signed with STS credentials (1317 characters)
    Passes::
        https://<bucket>.oss-<region>-internal.aliyuncs.com/<key>

    Source: alibabacloud-ack-connector, isCustomizeCommandValidate.
    """
    url = _url(bundle)
    if len(url) > ack.SCRIPT_URL_LIMIT:
        yield breach(_AGENT, f"{len(url)} characters, the agent takes {ack.SCRIPT_URL_LIMIT}", url)


@proof("OSS016")
def another_script(bundle: Bundle, spec: Spec) -> Findings:
    """The script that is published is not the one that addNodeScriptPath names.

    New nodes would run another script than the one that was reviewed, or find none.

    Fails::
        addNodeScriptPath: …/init-node-ecs-000000000000.sh
    Passes::
        addNodeScriptPath: …/init-node-ecs-<sha256 of the script, 12 hex>.sh

    Source: ACK One, ack-agent-config.
    """
    url = _url(bundle)
    if url != bundle.script_url:
        yield breach(_AGENT, f"{ack.AGENT_CONFIG_KEY} is not where the script is published", url)
    if bundle.script is None or spec.node_init.oss is None:
        return
    if not bundle.script_url.endswith(f"/{script_key(spec, bundle.script)}"):
        yield breach("cloud/node/init-node-ecs.sh", "addNodeScriptPath does not name this script by its digest")
