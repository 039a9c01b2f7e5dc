"""Hypothesis strategies for specs: cluster shapes that exist, with awkward but legal text in them.

``specs()`` gives plain data, ``text_of(spec)`` the hybrid.yaml. A spec is meant to be valid; a rule may still refuse
one, so a test looks at how the build ended.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hybridc.catalog import systems
from hybridc.layout import yaml_text

Spec = dict[str, Any]
SYSTEMS = ("auto", *(system.id for system in systems.known_systems()))
WITH_CGROUP_2 = ("auto", *(system.id for system in systems.known_systems() if system.cgroup == 2))
ZONES = ("cn-shanghai-l", "cn-shanghai-m", "cn-shanghai-g")
HARM = (
    "'",
    '"',
    "$",
    "`",
    "\\",
    "$(touch canary)",
    "`touch canary`",
    "';touch canary;'",
    "\n",
    "\r",
    "{{ x }}",
    "{% if %}",
    "{#",
    "HOOK\n",
    "HOOK_\n",
    "YAML\n",
    "TOML\n",
    "\nEOF\n",
    "%s",
    "!",
    "é",
    "中文",
    "😀",
    "\x7f",
    "\x1b",
    "\u2028",
    "\ufeff",
    "a b",
    "&&",
    "*",
)
"""What a shell, a template or a heredoc might take for more than text."""
FRAGMENTS = (
    "a b",
    "it's",
    '"quoted"',
    "$HOME",
    "${x:-y}",
    "$(touch /tmp/pwned)",
    "`id`",
    "\\",
    "\\n",
    "\n",
    "{{ .Values.x }}",
    "{{",
    "}}",
    "{%",
    "#}",
    "# no comment",
    ": ",
    "- ",
    "%s",
    "EOF",
    "'\"'",
    ";|&<>",
    "!history",
    "*?[a]",
    "\t",
    "é中文🙂",
    "=",
    "~",
    "on",
    "1e3",
    "</script>",
    "\xa0",
)
FREE_TEXT = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join).filter(lambda t: t.strip() != "")
LINE = FREE_TEXT.map(lambda t: t.replace("\n", " ").strip()).filter(bool)
# A label's value by Kubernetes' own rule, among them those that a YAML reader takes for something else.
LABEL_VALUE = st.one_of(
    st.sampled_from(
        ["on", "off", "yes", "no", "y", "null", "true", "false", "1e3", "017", "0x1F", "1.10", "2026-11-22"]
    ),
    st.from_regex(r"\A[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?\Z"),
)
LABEL_KEY = st.sampled_from(["workload", "on", "y", "team", "example.com/on", "example.com/1e3", "a.b_c-d"])
LABELS = st.dictionaries(LABEL_KEY, LABEL_VALUE, max_size=3)
TAINT = st.builds(
    "{}={}:{}".format, LABEL_KEY, LABEL_VALUE, st.sampled_from(["NoSchedule", "NoExecute", "PreferNoSchedule"])
)
TERMS = st.lists(
    st.fixed_dictionaries(
        {
            "matchExpressions": st.lists(
                st.fixed_dictionaries(
                    {
                        "key": LABEL_KEY,
                        "operator": st.sampled_from(["In", "NotIn"]),
                        "values": st.tuples(LABEL_VALUE).map(list),
                    }
                ),
                min_size=1,
                max_size=2,
            )
        },
        optional={
            "matchFields": st.just([{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]),
        },
    ),
    max_size=2,
)
# type, routing, install, and the deliveries that are possible then
NETWORKS = (
    ("calico", "bgp", "manifest", ("hook", "ssa", "component", "manual")),
    ("calico", "bgp", "operator", ("values", "manual")),
    ("calico", "overlay", "manifest", ()),
    ("canal", "overlay", "manifest", ()),
    ("canal", "bgp", "manifest", ("hook", "component")),
    ("flannel", "bgp", "manifest", ("hook", "component")),
    ("flannel", "overlay", "manifest", ()),
    ("flannel", "bgp", "helm", ("hook", "ssa", "manual")),
    ("canal", "bgp", "helm", ("hook", "manual")),
    ("cilium", "bgp", "helm", ("values", "manual")),
    ("cilium", "overlay", "helm", ()),
    ("none", "host", "manifest", ()),
)
VERSIONS = {"calico": "3.31.2", "canal": "3.31.2", "flannel": "0.28.9", "cilium": "1.18.4"}


def terway_versions(minor: int) -> tuple[str, ...]:
    """Terways that run on a minor of Kubernetes."""
    if minor >= 31:
        return ("1.13.6", "1.16.8", "1.17.5", "1.13.2-1718bc8")
    return ("1.9.14",) if minor == 30 else ("1.8.17", "1.8.18")


@st.composite
def cni(draw: st.DrawFn) -> Spec:
    """``cluster.cni``."""
    kind, routing, install, deliveries = draw(st.sampled_from(NETWORKS))
    made: Spec = {"type": kind, "routing": routing}
    if kind == "none":
        return made
    made |= {"install": install, "version": VERSIONS[kind]}
    if deliveries:
        made["delivery"] = draw(st.sampled_from(deliveries))
        if install == "manifest" and draw(st.booleans()):
            made["existingNodeSelectorTerms"] = draw(TERMS)
    return made


@st.composite
def pools(draw: st.DrawFn, switches: list[str]) -> list[Spec]:
    """``nodePools``."""
    made = []
    for number in range(draw(st.integers(0, 2))):
        pool: Spec = {
            "name": f"pool-{number}",
            "vSwitches": switches[: draw(st.integers(1, len(switches)))],
            "instanceTypes": ["ecs.g7.2xlarge"],
            "image": {"id": "m-uf6a1b2c3d4e5f6g7h8i9"},
            "keyPair": "ops",
            "size": {"desired": 1, "min": 0, "max": draw(st.integers(1, 20))},
        }
        for field, values in (("labels", LABELS), ("taints", st.lists(TAINT, max_size=2, unique=True))):
            value = draw(values)
            if value:
                pool[field] = value
        made.append(pool)
    return made


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A whole hybrid.yaml as data."""
    network = draw(cni())
    minor = draw(st.integers(24, 37))
    zones = ZONES[: draw(st.integers(1, 3))]
    node_switches = [{"id": f"vsw-uf6node{n}", "zone": zone, "cidr": f"10.20.{n}.0/24"} for n, zone in enumerate(zones)]
    pod_switches = [
        {"id": f"vsw-uf6pod{n}", "zone": zone, "cidr": f"10.20.{64 + 32 * n}.0/19"} for n, zone in enumerate(zones)
    ]
    with_terway = network["routing"] != "overlay"
    vpc: Spec = {"id": "vpc-uf6k8m2q9s7x4v6z0n3j5", "cidrs": ["10.20.0.0/16"], "nodeVSwitches": node_switches}
    if with_terway:
        vpc["podVSwitches"] = pod_switches
    vpc["securityGroups"] = ["sg-uf6a1b2c3d4e5f6"]
    made: Spec = {
        "cluster": {
            "kubernetesVersion": f"1.{minor}.{draw(st.integers(0, 9))}",
            "apiServer": "k8s-api.idc.example.com:6443",
            "caCertHashes": ["sha256:" + "7c2e6913" * 8],
            "serviceCIDRs": ["172.20.0.0/16"],
            "nodeCIDRs": ["192.168.10.0/24"],
            "podCIDRs": [] if network["type"] == "none" else ["172.28.0.0/14"],
            "cni": network,
        },
        "alibabaCloud": {
            "region": "cn-shanghai",
            "accountID": "1234567890123456",
            "registeredClusterID": "c" + "0123456789abcdef" * 2,
            "vpc": vpc,
        },
        "ram": {
            draw(st.sampled_from(["user", "role"])): "ack-one",
            "profile": draw(st.sampled_from(["documented", "minimal"])),
            "scope": draw(st.sampled_from(["account", "resources"])),
        },
        "nodeInit": draw(node_init(minor)),
        "nodePools": draw(pools([switch["id"] for switch in node_switches])),
        "gitops": {
            "format": draw(st.sampled_from(["kustomize", "helm"])),
            "repoURL": "https://git.example.com/platform/hybrid-out.git",
        },
    }
    if with_terway:
        made["terway"] = draw(terway(minor))
    if draw(st.booleans()):
        made["addons"] = [{"name": "logtail-ds", "config": {"note": draw(FREE_TEXT)}}]
    if draw(st.booleans()):
        made["checks"] = {"ignore": [{"code": "OSS018", "reason": draw(LINE)}]}
    return {
        "apiVersion": "hybridc.dev/v1alpha1",
        "kind": "HybridCluster",
        "metadata": {"name": "idc-generated"},
        "spec": made,
    }


@st.composite
def terway(draw: st.DrawFn, minor: int) -> Spec:
    """``terway``."""
    least = draw(st.integers(0, 5))
    made: Spec = {
        "version": draw(st.sampled_from(terway_versions(minor))),
        "poolSize": {"min": least, "max": least + draw(st.integers(0, 10))},
        "vSwitchSelection": draw(st.sampled_from(["ordered", "random"])),
    }
    tags = draw(st.dictionaries(st.sampled_from(["team", "on", "1e3"]), LABEL_VALUE, max_size=2))
    if tags:
        made["eniTags"] = tags
    if draw(st.booleans()):
        made["dynamicConfigs"] = {"big": {"poolSize": {"min": 5, "max": 30}, "eniTags": {"size": "big"}}}
    if draw(st.booleans()):
        made["extraEniConf"] = {"not_modelled": draw(FREE_TEXT)}
    return made


@st.composite
def node_init(draw: st.DrawFn, minor: int) -> Spec:
    """``nodeInit``."""
    if minor >= 30 and draw(st.integers(0, 9)) == 0:
        return {"mode": "managed"}
    made: Spec = {
        "os": draw(st.sampled_from(SYSTEMS if minor < 35 else WITH_CGROUP_2)),
        "packages": {"mirror": draw(st.sampled_from(["vpc", "aliyun", "upstream"]))},
        "join": {"token": {"from": draw(st.sampled_from(["oss", "env", "file"]))}},
        "oss": {"bucket": "kubelet-idc-generated"},
    }
    hooks = {name: draw(FREE_TEXT) for name in ("pre", "post") if draw(st.booleans())}
    if hooks:
        made["hooks"] = hooks
    labels = draw(LABELS)
    if labels:
        made["labels"] = {"extra": labels}
    return made


def text_of(spec: Spec) -> str:
    """The hybrid.yaml."""
    return yaml_text.dump(spec)
