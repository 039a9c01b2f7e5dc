"""Terway's own parser reads what the spec says, and knows every key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from tests.build.cli import EXAMPLES, call
from tests.gitops.variants import build, example
from tests.layout.readers import tool_output
from tests.strategies import Spec, specs, text_of

from hybridc.catalog.terway import keys, knows, release

Tool = Callable[[str], str]
Data = dict[str, Any]


def load(path: Path) -> Data:
    found: Data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def config_map(cluster: Path, name: str) -> Data:
    """The data of a ConfigMap of the kustomize layout."""
    found: Data = load(cluster / "kustomize" / f"configmap-{name}.yaml")["data"]
    return found


def as_terway_reads(tool: Tool, folder: Path, *layers: str) -> Data:
    """The configuration that Terway runs with: of one ``eni_conf``, or of an overlay over another."""
    paths = []
    for number, text in enumerate(layers):
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(text, encoding="utf-8")
    base = ["--base", str(paths[0])] if len(paths) == 2 else []
    found: Data = json.loads(tool_output([tool("terway-config"), *base, str(paths[-1])]))
    return found


def wanted(spec: Data) -> Data:
    """What must be where, by the words of the spec and its documented defaults."""
    cloud, terway = spec["alibabaCloud"], spec["terway"]
    pool = terway.get("poolSize", {})
    zones: dict[str, list[str]] = {}
    for switch in cloud["vpc"]["podVSwitches"]:
        zones.setdefault(switch["zone"], []).append(switch["id"])
    return {
        "version": "1",
        "max_pool_size": pool.get("max", 5),
        "min_pool_size": pool.get("min", 0),
        "vswitches": zones,
        "eni_tags": {"ack.aliyun.com": cloud["registeredClusterID"], **terway.get("eniTags", {})},
        "service_cidr": ",".join(spec["cluster"]["serviceCIDRs"]),
        "security_groups": terway.get("securityGroups", cloud["vpc"]["securityGroups"]),
        "ip_stack": terway.get("ipStack", "ipv4"),
        "vswitch_selection_policy": terway.get("vSwitchSelection", "ordered"),
        "resource_group_id": cloud.get("resourceGroupID", ""),
        "enable_eni_trunking": False,
        "access_key": "",
        "access_secret": "",
    }


def check(tool: Tool, folder: Path, cluster: Path, spec: Data) -> None:
    """Every value where the spec put it, no key that this version does not know."""
    data = config_map(cluster, "eni-config")
    extra = spec["terway"].get("extraEniConf", {})
    conf = json.loads(data["eni_conf"])
    unknown = set(extra) - set(keys())
    for key in set(conf) - unknown:
        assert knows(key, release(spec["terway"]["version"])), key
    known = {key: value for key, value in conf.items() if key not in unknown}
    assert {key: conf[key] for key in unknown} == {key: extra[key] for key in unknown}
    read = as_terway_reads(tool, folder, json.dumps(known))
    expected = wanted(spec) | {key: value for key, value in extra.items() if key not in unknown}
    assert {key: read[key] for key in expected} == expected
    assert (conf["access_key"], conf["access_secret"]) == ("", "")
    assert data["disable_network_policy"] == "true"
    for name, overlay in spec["terway"].get("dynamicConfigs", {}).items():
        check_overlay(as_terway_reads(tool, folder, json.dumps(known), overlay_of(cluster, name)), read, overlay)


def overlay_of(cluster: Path, name: str) -> str:
    found: str = config_map(cluster, f"eni-config-{name}")["eni_conf"]
    return found


def check_overlay(merged: Data, base: Data, overlay: Data) -> None:
    """What the overlay names is new, all else is as without it."""
    expected = dict(base)
    pool = overlay.get("poolSize", {})
    for end in ("min", "max"):
        if end in pool:
            expected[f"{end}_pool_size"] = pool[end]
    expected["eni_tags"] = base["eni_tags"] | overlay.get("eniTags", {})
    if "securityGroups" in overlay:
        expected["security_groups"] = overlay["securityGroups"]
    if "vSwitchSelection" in overlay:
        expected["vswitch_selection_policy"] = overlay["vSwitchSelection"]
    expected |= overlay.get("extraEniConf", {})
    assert merged == expected


@pytest.mark.walks("addon")
@pytest.mark.parametrize("path", EXAMPLES, ids=[path.parent.name for path in EXAMPLES])
def test_examples(tool: Tool, tmp_path: Path, built: dict[str, Path], path: Path) -> None:
    check(tool, tmp_path, built[path.parent.name], load(path)["spec"])


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.parent.name for path in EXAMPLES])
def test_the_cni_configuration_is_json(built: dict[str, Path], path: Path) -> None:
    conf = json.loads(config_map(built[path.parent.name], "eni-config")["10-terway.conf"])
    assert (conf["name"], conf["type"]) == ("terway", "terway")


@pytest.mark.walks("cni-chain")
def test_a_chain_holds_what_terway_is_given_without_one(built: dict[str, Path]) -> None:
    data = config_map(built["everything"], "eni-config")
    alone = json.loads(data["10-terway.conf"])
    terway, portmap = json.loads(data["10-terway.conflist"])["plugins"]
    assert terway == {key: value for key, value in alone.items() if key not in ("name", "cniVersion")}
    assert portmap == {"type": "portmap", "capabilities": {"portMappings": True}}


@pytest.mark.parametrize("address", [None, "169.254.20.10", "169.254.25.10"])
@pytest.mark.parametrize("datapath", ["veth", "datapathv2"])
def test_pods_reach_the_cache_that_the_spec_names_and_nothing_is_guessed(
    tmp_path: Path, datapath: str, address: str | None
) -> None:
    """Only datapathv2 keeps packets from the host's stack; a chain's own entry gets the same."""
    terway = {"version": "1.16.8", "datapath": datapath, "cniChain": [{"type": "terway"}]}
    changes = {"cluster__kubernetesVersion": "1.34.2", "cluster__nodeLocalDNS": address, "terway": terway}
    data = config_map(build(example("guide", **changes), tmp_path, "kustomize"), "eni-config")
    wanted = [f"{address}/32"] if address is not None and datapath == "datapathv2" else None
    chained = json.loads(data["10-terway.conflist"])["plugins"][0]
    for conf in (json.loads(data["10-terway.conf"]), chained):
        assert conf.get("host_stack_cidrs") == wanted


def test_an_eni_config_names_the_keys_that_hybridc_wrote(built: dict[str, Path]) -> None:
    for path in (path for cluster in built.values() for path in cluster.glob("kustomize/configmap-eni-config.yaml")):
        item = load(path)
        assert item["metadata"]["annotations"]["hybridc.dev/keys"].split() == list(item["data"])


def test_generated_specs(tool: Tool, tmp_path: Path) -> None:
    path, out = tmp_path / "hybrid.yaml", tmp_path / "out"

    @settings(
        max_examples=15, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(specs())
    def run(made: Spec) -> None:
        assume("terway" in made["spec"])
        path.write_text(text_of(made), encoding="utf-8")
        assume(call("build", path, "-o", out, "--layout", "kustomize").code == 0)
        check(tool, tmp_path, out / "idc-generated", made["spec"])

    run()


def test_a_dual_stack_names_both_service_networks(tool: Tool, tmp_path: Path) -> None:
    text = EXAMPLES[-1].read_text().replace("kubernetesVersion: 1.24.3", "kubernetesVersion: 1.34.2")
    text = text.replace("[172.20.0.0/16]", '[172.20.0.0/16, "fd00:172:20::/112"]')
    text = text.replace("  terway:\n", "  terway:\n    ipStack: dual\n")
    for number, zone in enumerate(("l", "m")):
        for kind in ("node", "pod"):
            old = f"{{id: vsw-uf6{kind}{zone}, zone: cn-shanghai-{zone}, "
            assert old in text
            text = text.replace(
                old, f'{old}ipv6CIDR: "2408:4005:300:{kind[0].replace("n", "a").replace("p", "b")}{number}::/64", '
            )
    path = tmp_path / "hybrid.yaml"
    path.write_text(text)
    done = call("build", path, "-o", tmp_path / "out", "--layout", "kustomize")
    assert done.code == 0, done.err
    read = as_terway_reads(tool, tmp_path, config_map(tmp_path / "out" / "idc-shanghai", "eni-config")["eni_conf"])
    assert (read["ip_stack"], read["service_cidr"]) == ("dual", "172.20.0.0/16,fd00:172:20::/112")
