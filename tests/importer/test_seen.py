"""What is seen in the files that people have, in whatever form they have them; and what is never taken from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.importer.clusters import CA, CA_HASH
from tests.pinned import ROOT

from hybridc.eni_config.file import read_eni_file
from hybridc.importer.cni import without_exclusion
from hybridc.importer.draft import draft
from hybridc.importer.kubernetes import host_port
from hybridc.importer.observe import Observed, observe
from hybridc.importer.seen import Sources
from hybridc.importer.terway import region_of
from hybridc.live.collect import projected
from hybridc.live.reads import KINDS, Id
from hybridc.live.state import State
from hybridc.live.texts import networks
from hybridc.preflight.certificate import key_hashes

HERE = Path(__file__).parent
ENI_CONFIGS = sorted((ROOT / "tests" / "rules" / "eni_config").glob("*.yaml")) + sorted(
    (ROOT / "tests" / "rules" / "eni_config").glob("*.json")
)
Data = dict[str, Any]


def values(found: Observed) -> Data:
    return {pointer.removeprefix("/spec/"): each.value for pointer, each in found.seen.items()}


def of_script(text: str) -> Observed:
    return observe(Sources(script=text, script_path="join.sh"))


def of_eni_conf(conf: Data | str, **more: str) -> Observed:
    text = conf if isinstance(conf, str) else json.dumps(conf)
    return observe(Sources(eni_config={"eni_conf": text, **more}, eni_path="eni.yaml"))


def of_objects(*items: Data) -> Observed:
    return observe(Sources(State("there", "", dict(projected(KINDS[item["kind"]], item) for item in items))))


def config_map(name: str, data: dict[str, str], namespace: str = "kube-system") -> Data:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def daemon_set(namespace: str, name: str, image: str, terms: list[Data], **labels: str) -> Data:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    pod = {"containers": [{"name": name, "image": image}], "affinity": {"nodeAffinity": required}}
    meta = {"namespace": namespace, "name": name, "labels": labels}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta, "spec": {"template": {"spec": pod}}}


def test_the_script_of_the_page() -> None:
    found = of_script((HERE / "init-node-ecs.sh").read_text("utf-8"))
    assert values(found) == {
        "cluster/kubernetesVersion": "1.24.3",
        "cluster/apiServer": "10.200.1.253:6443",
        "cluster/caCertHashes": ["sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"],
        "nodeInit/registryMirrors/docker.io": [{"url": "https://registry.example.com"}],
        "nodeInit/proxy/https": "http://proxy.example.com:3128",
    }
    assert found.notes == [
        "join.sh holds a token, which was not read. The node script takes one at its start: docs/secrets.md"
    ]
    assert "cqgql5" not in draft(found)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("kubeadm join 10.200.1.253:XXXX --token a", None),
        ("kubeadm join --token x.y 'k8s.example.com:6443'", "k8s.example.com:6443"),
        ("kubeadm  join k8s.example.com:16443 --node-name $N", "k8s.example.com:16443"),
        ("/usr/bin/kubeadm join --v=5 10.0.0.1:6443", "10.0.0.1:6443"),
        ('kubeadm join "[fd00::1]:6443"', "[fd00::1]:6443"),
        ("kubeadm join $SERVER --token x", None),
        ("# kubeadm join 10.0.0.1:6443", None),
        ("kubeadm join --config join.yaml", None),
        ("kubeadm join 127.0.0.1:6443", None),
    ],
)
def test_the_address_that_kubeadm_dials(text: str, address: str | None) -> None:
    assert values(of_script(text)).get("cluster/apiServer") == address


def test_agents_of_other_distributions() -> None:
    k3s = of_script("curl -sfL https://get.k3s.io | K3S_URL=https://10.0.0.1:6443 K3S_TOKEN=K10aa::server:bb sh -\n")
    assert values(k3s) == {"nodeInit/join/method": "k3s", "nodeInit/join/server": "https://10.0.0.1:6443"}
    assert len(k3s.notes) == 1
    assert "K10aa" not in draft(k3s) + str(k3s.notes)
    assert values(of_script("systemctl enable rke2-agent\n")) == {"nodeInit/join/method": "rke2"}


@pytest.mark.parametrize("path", ENI_CONFIGS, ids=lambda path: path.name)
def test_every_eni_config_that_people_have_gives_a_draft(path: Path) -> None:
    file, _ = read_eni_file(str(path), path.read_bytes())
    assert file is not None
    found = observe(Sources(eni_config={key: part.json.text for key, part in file.parts.items()}, eni_path=path.name))
    text = draft(found)
    for each in found.seen.values():
        assert "{{" not in str(each.value)
    for word in ("LTAI", "access_key", "access_secret"):
        assert word not in text


def test_an_eni_conf() -> None:
    found = of_eni_conf(
        {
            "version": "1",
            "access_key": "LTAI4Fabcdefghijklmn",
            "access_secret": "s3cr3t",
            "max_pool_size": 7,
            "min_pool_size": 2,
            "vswitches": {"cn-hangzhou-j": ["vsw-a", "vsw-b"], "cn-hangzhou-k": ["vsw-c"]},
            "eni_tags": {"ack.aliyun.com": "c123", "team": "a"},
            "service_cidr": "172.16.0.0/16,fd00::/108",
            "security_group": "sg-a",
            "vswitch_selection_policy": "random",
            "ip_stack": "dual",
            "eni_gc_interval": "5m",
        },
        **{"10-terway.conf": '{"eniip_virtual_type": "datapathv2", "host_stack_cidrs": ["169.254.20.10/32"]}'},
    )
    assert values(found) == {
        "alibabaCloud/vpc/podVSwitches": [
            {"id": "vsw-a", "zone": "cn-hangzhou-j", "cidr": "<cidr-of-vsw-a>"},
            {"id": "vsw-b", "zone": "cn-hangzhou-j", "cidr": "<cidr-of-vsw-b>"},
            {"id": "vsw-c", "zone": "cn-hangzhou-k", "cidr": "<cidr-of-vsw-c>"},
        ],
        "alibabaCloud/region": "cn-hangzhou",
        "alibabaCloud/registeredClusterID": "c123",
        "terway/eniTags": {"team": "a"},
        "cluster/serviceCIDRs": ["172.16.0.0/16", "fd00::/108"],
        "alibabaCloud/vpc/securityGroups": ["sg-a"],
        "terway/poolSize": {"min": 2, "max": 7},
        "terway/vSwitchSelection": "random",
        "terway/ipStack": "dual",
        "terway/extraEniConf": {"eni_gc_interval": "5m"},
        "terway/datapath": "datapathv2",
        "cluster/nodeLocalDNS": "169.254.20.10",
    }
    assert len(found.notes) == 1
    assert "AccessKeys, which were not read" in found.notes[0]
    text = draft(found)
    assert "LTAI" not in text
    assert "s3cr3t" not in text


def test_what_terway_does_without_a_key_is_said() -> None:
    """hybridc's defaults are the page's, and others: a build would change what runs."""
    found = of_eni_conf(
        {"vswitches": {"cn-hangzhou-j": ["vsw-a"]}, "max_pool_size": 3, "vswitch_selection_policy": "rnd"}
    )
    assert values(found)["terway/poolSize"] == {"min": 0, "max": 3}
    assert values(found)["terway/vSwitchSelection"] == "random"
    where = found.seen["/spec/terway/poolSize"].where
    assert where.endswith("min_pool_size and max_pool_size; without min_pool_size Terway does so")
    bare = values(of_eni_conf({"vswitches": {"cn-hangzhou-j": ["vsw-a"], "AZoneID": ["VswitchId"]}}))
    assert (bare["terway/poolSize"], bare["terway/vSwitchSelection"]) == ({"min": 0, "max": 0}, "random")
    assert [each["id"] for each in bare["alibabaCloud/vpc/podVSwitches"]] == ["vsw-a"]


def test_a_page_that_nobody_filled_in_shows_nothing_of_the_cluster() -> None:
    found = of_eni_conf(
        '{"vswitches": {"AZoneID":["VswitchId"]}, "eni_tags": {"ack.aliyun.com":"{{.ClusterID}}"},'
        '"service_cidr": "{{.ServiceCIDR}}", "security_group": "{{.SecurityGroupId}}", "max_pool_size": {{n}}, // 5\n}'
    )
    assert (values(found), found.notes) == ({}, [])


def test_a_cni_by_its_names_its_labels_and_its_image() -> None:
    terms = [{"matchExpressions": [{"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]}]}]
    node = daemon_set("calico-system", "calico-node", "r/calico/node:v3.31.2", terms)
    found = values(of_objects(node))
    assert found["cluster/cni/install"] == "operator"
    operator = daemon_set("tigera-operator", "tigera-operator", "o:v1", [], **{"app.kubernetes.io/managed-by": "Helm"})
    by_chart = of_objects(node, {**operator, "kind": "Deployment"})
    assert values(by_chart)["cluster/cni/install"] == "helm"
    assert found["cluster/cni/existingNodeSelectorTerms"] == []
    helm = {"app.kubernetes.io/managed-by": "Helm"}
    linux = [{"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]}]
    found = values(of_objects(daemon_set("kube-flannel", "kube-flannel-ds", "flannel:v0.28.9", linux, **helm)))
    assert {key.rpartition("/")[2]: value for key, value in found.items()} == {
        "type": "flannel",
        "install": "helm",
        "version": "0.28.9",
        "existingNodeSelectorTerms": linux,
    }
    assert values(of_objects(daemon_set("kube-system", "weave-net", "weave:2.8.1", []))) == {}


@pytest.mark.parametrize("terms", [[], [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]])
def test_no_draft_tells_of_another_cni(terms: list[Data]) -> None:
    text = draft(of_objects(daemon_set("kube-flannel", "kube-flannel-ds", "flannel:v0.28.9", terms)))
    assert "existingNodeSelectorTerms" in text
    assert "calico-" not in text


def test_the_exclusion_is_taken_out_of_every_term() -> None:
    mine = {"key": "disk", "operator": "In", "values": ["ssd"]}
    ours = [
        {"key": "alibabacloud.com/external", "operator": "NotIn", "values": ["true"]},
        {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
    ]
    fields = [{"key": "metadata.name", "operator": "In", "values": ["n"]}]
    found = without_exclusion([{"matchExpressions": [mine, *ours]}, {"matchExpressions": ours, "matchFields": fields}])
    assert found == [{"matchExpressions": [mine]}, {"matchFields": fields}]
    assert without_exclusion([{"matchExpressions": ours}]) == []


def test_the_address_of_the_script() -> None:
    def path(url: str) -> Observed:
        return of_objects(config_map("ack-agent-config", {"addNodeScriptPath": url}))

    page = path("https://kubelet-abc.oss-cn-hangzhou-internal.aliyuncs.com/init-node-ecs.sh")
    assert values(page) == {
        "nodeInit/oss/bucket": "kubelet-abc",
        "nodeInit/oss/endpoint": "oss-cn-hangzhou-internal.aliyuncs.com",
        "alibabaCloud/region": "cn-hangzhou",
    }
    assert values(path("http://files.example.com/a.sh")) == {"nodeInit/url": "http://files.example.com/a.sh"}
    for secret in (
        "https://u:p4ssw0rd@files.example.com/a.sh",
        "https://b.oss-cn-hangzhou.aliyuncs.com/a?Signature=abc%2F",
    ):
        found = path(secret)
        assert "nodeInit/url" not in values(found)
        assert len(found.notes) == 1
        assert "p4ssw0rd" not in draft(found) + str(found.notes)
    assert values(path("")) == {}
    assert values(path("https://kubelet-****.oss-cn-hangzhou-internal.aliyuncs.com/init-node-ecs.sh")) == {}


def test_two_sources_that_disagree_are_said() -> None:
    state = State("there", "v1.34.2", {})
    found = observe(Sources(state, script="K8S_VERSION=1.24.3\n", script_path="join.sh"))
    assert found.seen["/spec/cluster/kubernetesVersion"].value == "1.34.2"
    assert found.notes == ["spec.cluster.kubernetesVersion: 1.34.2 in version of the API server, but 1.24.3 in join.sh"]


def test_the_hash_is_that_of_openssl() -> None:
    assert key_hashes(CA) == [CA_HASH]
    assert key_hashes(CA + CA) == [CA_HASH]
    assert key_hashes(CA.replace("MIIB", "MIIZ")) == []
    assert key_hashes("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n") == []
    for end in range(30, 500, 7):
        key_hashes(f"-----BEGIN CERTIFICATE-----\n{CA.split(chr(10))[1][:end]}\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize(
    "text", ["apiVersion: [", "- a", "clusters: 3", "clusters: [a]", "clusters: [{cluster: {server: 3}}]"]
)
def test_objects_that_hold_something_else_show_nothing(text: str) -> None:
    found = of_objects(
        config_map("kubeadm-config", {"ClusterConfiguration": text}),
        config_map("cluster-info", {"kubeconfig": text}, "kube-public"),
        config_map("kube-proxy", {"kubeconfig.conf": text}),
        config_map("eni-config", {"eni_conf": text, "10-terway.conflist": text}),
        config_map("hybridc-cni-exclusion", {"objects": text}),
    )
    assert values(found) == {}


def test_addresses_and_networks() -> None:
    assert host_port("https://10.0.0.1") == "10.0.0.1:443"
    assert host_port("k8s.example.com") == "k8s.example.com:6443"
    assert [host_port(text) for text in ("", "http://[", "a:b", "localhost:1", "<host>:6443")] == [""] * 5
    assert networks("10.0.0.1/16, fd00::1/64") == ["10.0.0.0/16", "fd00::/64"]
    assert (networks("10.0.0.0/16,x"), networks(None), networks(3)) == ([], [], [])
    assert (region_of("cn-hangzhou-j"), region_of("eu-central-1a"), region_of("mars-1")) == (
        "cn-hangzhou",
        "eu-central-1",
        None,
    )


def test_overlays_are_read_from_a_folder() -> None:
    conf = {
        "max_pool_size": 30,
        "min_pool_size": 5,
        "security_groups": ["sg-b"],
        "vswitches": {"cn-hangzhou-j": ["vsw-x"]},
    }
    found = of_objects(config_map("eni-config-big", {"eni_conf": json.dumps(conf)}))
    assert values(found) == {
        "terway/dynamicConfigs/big": {
            "poolSize": {"min": 5, "max": 30},
            "securityGroups": ["sg-b"],
            "extraEniConf": {"vswitches": {"cn-hangzhou-j": ["vsw-x"]}},
        }
    }


def test_no_secret_is_passed_through() -> None:
    for value in (
        {"auth": {"password": "hunter2hunter2"}},
        ["LTAI4Fabcdefghijklmn"],
        "https://u:hunter2hunter2@x.example.com/",
    ):
        found = of_eni_conf({"vswitches": {}, "other": value})
        assert "terway/extraEniConf" not in values(found)
        assert "looks like a secret" in found.notes[-1]
        assert "hunter2" not in draft(found) + str(found.notes)
    assert values(of_eni_conf({"note": "{{ .Values.x }}"}))["terway/extraEniConf"] == {"note": "{{ .Values.x }}"}


def test_what_could_not_be_seen_is_said() -> None:
    state = State("there", "", {}, unseen={Id("IPPool"): "needs list on ippools.crd.projectcalico.org"})
    assert observe(Sources(state)).notes == ["cannot see the IPPools (needs list on ippools.crd.projectcalico.org)"]


def test_secrets_are_never_asked_for() -> None:
    from hybridc.importer.observe import WANTED

    assert not [each for each in WANTED if each.kind == "Secret"]
    assert Id("ConfigMap", "kube-public", "cluster-info") in WANTED
