"""``hybridc validate --eni-config``: what is wrong with a live eni-config, without a spec.

What needs more than the file (which CNI the IDC has, which zones have nodes, how large the nodes are) is left out, or
is a warning that says what it depends on. A ConfigMap of another name, and bare JSON, may be an overlay that Terway
merges over the rest: nothing is said about what is missing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hybridc.catalog.network import LOCAL_DNS
from hybridc.catalog.terway import Release
from hybridc.diagnostic import ERROR, START, WARNING, Diagnostic, Place, in_file_order
from hybridc.eni_config.conf import eni_conf_findings, misspelled
from hybridc.eni_config.file import EniFile, Part, read_eni_file
from hybridc.eni_config.json_reader import decoded
from hybridc.eni_config.keys import Problem, problems
from hybridc.source.document import Document, Scalar, join, parent
from hybridc.spec.hole import is_hole
from hybridc.words import PLACEHOLDER, nearest, parts

_NAME = "eni-config"
_CNI_CONF = "10-terway.conf"
_CONFLIST = "10-terway.conflist"
_DATA_KEYS = (
    "eni_conf",
    _CNI_CONF,
    _CONFLIST,
    "disable_network_policy",
    "in_cluster_loadbalance",
    "felix_relay_service",
)
_LOCAL_DNS = f"{LOCAL_DNS}/32"


class Linted(NamedTuple):
    """The file, for excerpts, and what is wrong with it."""

    document: Document
    found: list[Diagnostic]


def lint(path: str, raw: bytes, version: Release) -> Linted:
    """Everything that is wrong with an eni-config for a version of Terway, in the order of the file."""
    file, found = read_eni_file(path, raw)
    if file is None:
        text = raw.decode("utf-8", "replace")
        if not found:
            message = "this is neither a ConfigMap nor the JSON of eni_conf"
            advice = "write it with: kubectl -n kube-system get cm eni-config -o yaml"
            found = [Diagnostic("ENI029", ERROR, path, START, message, advice)]
        return Linted(Document(path, text, unread=True), found)
    _tell(file)
    found += [
        Diagnostic(problem.code, problem.severity, path, place, problem.message, problem.help, problem.pointer)
        for place, problem in _findings(file, version)
    ]
    return Linted(file.document, in_file_order(found))


def _tell(file: EniFile) -> None:
    """Say to whoever shows the file what stands in its JSON, and where that could not be read."""
    document = file.document
    for part in file.parts.values():
        text, base = part.json.text, part.pointer
        document.embedded.add(base)
        document.unread = document.unread or not part.json.whole
        for fault in part.json.faults:
            document.apart.append(Scalar(base, part.place(fault.extent), text[slice(*fault.extent)]))
        for pointer, (start, end) in (*part.json.values.items(), *part.json.lost):
            if text[start : start + 1] not in ("{", "[") and text[start:end] not in ("true", "false", "null"):
                value = decoded(text[start:end])
                document.apart.append(Scalar(base + pointer, part.place((start, end)), value))
        for pointer, extent in part.json.keys.items():
            document.apart.append(Scalar(base + parent(pointer), part.place(extent), parts(pointer)[-1]))


def _findings(file: EniFile, version: Release) -> Iterator[tuple[Place, Problem]]:
    yield from _data(file)
    for key, part in file.parts.items():
        if key == "eni_conf":
            checks = eni_conf_findings(part.json, version, complete=_complete(file))
        else:
            checks = _cni_findings(part, version, chained=key == _CONFLIST)
        for problem in (*_faults(key, part), *checks, *_placeholders(part)):
            place = part.of(problem.pointer, key=problem.at_key)
            yield place, problem._replace(pointer=part.pointer + problem.pointer)
        for fault in part.json.faults:
            message = f"{key} is not JSON for Terway: {fault.message}"
            yield part.place(fault.extent), Problem("ENI023", ERROR, part.pointer, message, fault.help)


def _complete(file: EniFile) -> bool:
    """Whether the file is the whole configuration, and no overlay."""
    return file.data is not None and file.name in (None, _NAME)


def _data(file: EniFile) -> Iterator[tuple[Place, Problem]]:
    """The data of the ConfigMap, beside what the JSON texts say."""
    if file.data is None:
        return
    document = file.document
    for key, value in file.data.items():
        pointer = join("/data", key)
        if not isinstance(value, str):
            message = f"data.{key} is no string, and a ConfigMap holds nothing else"
            yield document.place(pointer), Problem("ENI023", ERROR, pointer, message, f'quote it: "{_word(value)}"')
        meant = nearest(key, _DATA_KEYS) if key not in _DATA_KEYS else None
        if meant and meant not in file.data:
            message = f'Terway reads no "{key}" of this ConfigMap'
            yield document.key_place(pointer), Problem("ENI014", ERROR, pointer, message, f'did you mean "{meant}"?')
    near = {nearest(key, _DATA_KEYS) for key in file.data if key not in _DATA_KEYS}
    for key in ("eni_conf", _CNI_CONF) if _complete(file) else ("eni_conf",):
        if key not in file.data:
            message = f'the ConfigMap has no {key}: Terway\'s init ends with "this file must exist"'
            if not _complete(file):
                message = f"the ConfigMap has no {key}, so that Terway ignores it"
            yield document.key_place("/data"), Problem("ENI029", ERROR, "/data", message, f"add {key}")
    if _complete(file) and "disable_network_policy" not in near:
        yield from _policy(document, file.data.get("disable_network_policy"))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _policy(document: Document, value: object) -> Iterator[tuple[Place, Problem]]:
    if str(value).lower() not in ("none", "", "0", "false"):
        return
    pointer = "/data/disable_network_policy"
    state = "is not set" if value is None else f'is "{_word(value)}"'
    message = (
        f"disable_network_policy {state}: Terway's NetworkPolicy is on, and takes over the objects of an IDC Calico"
    )
    advice = 'write disable_network_policy: "true" when the IDC runs Calico or Canal'
    yield document.place(pointer), Problem("CNI001", WARNING, pointer, message, advice)


def _faults(key: str, part: Part) -> Iterator[Problem]:
    if part.json.whole and not is_hole(part.json.data) and not isinstance(part.json.data, dict):
        message = (
            f"{key} is {'a list' if isinstance(part.json.data, list) else 'a single value'}, Terway wants a mapping"
        )
        yield Problem("ENI023", ERROR, "", message, "write it as {…}")


def _placeholders(part: Part) -> Iterator[Problem]:
    """Values and keys that a page left for a person to fill in; a template outside of quotes is a fault of the JSON."""
    for pointer in part.json.keys:
        key = parts(pointer)[-1]
        if PLACEHOLDER.search(key):
            yield Problem("ID004", ERROR, pointer, f'unreplaced placeholder "{key}"', _REPLACE, True)
    for pointer, (start, end) in part.json.values.items():
        if part.json.text.startswith('"', start) and PLACEHOLDER.search(part.json.text, start + 1, end - 1):
            text = part.json.text[start:end]
            yield Problem("ID004", ERROR, pointer, f"unreplaced placeholder {text}", _REPLACE)


_REPLACE = "replace it with the real value"


def _cni_findings(part: Part, version: Release, *, chained: bool) -> Iterator[Problem]:
    conf = part.json.data
    if not isinstance(conf, dict):
        return
    if not chained:
        yield from _plugin(conf, "", version, whole=part.json.whole)
        return
    plugins = conf.get("plugins")
    plugins = plugins if isinstance(plugins, list) else []
    for index, plugin in enumerate(plugins):
        if _is_terway(plugin):
            yield from _plugin(plugin, f"/plugins/{index}", version, whole=True)
    if part.json.whole and not any(_is_terway(plugin) for plugin in plugins):
        yield Problem("CNI021", ERROR, "", "no plugin of the chain has type terway", 'add {"type": "terway"}')


def _is_terway(plugin: object) -> bool:
    return isinstance(plugin, dict) and isinstance(plugin.get("type"), str) and plugin["type"] == "terway"


def _plugin(conf: dict[str, object], base: str, version: Release, *, whole: bool) -> Iterator[Problem]:
    """One plugin's configuration; ``base`` is its pointer."""
    meant = misspelled("cni_conf", conf)
    for key, value in conf.items():
        for problem in problems("cni_conf", key, value, version):
            severity = ERROR if key in meant else problem.severity
            yield problem._replace(pointer=join(base, key) + problem.pointer, severity=severity)
    kind = conf.get("type")
    if whole and kind is None and "type" not in meant.values():
        message = 'the CNI configuration has no type: Terway\'s init ends with "type not found"'
        yield Problem("CNI021", ERROR, base, message, 'add "type": "terway"')
    elif isinstance(kind, str) and kind != "terway":
        yield Problem("CNI021", ERROR, f"{base}/type", f'type "{kind}" is another plugin than terway', 'write "terway"')
    datapath = conf.get("eniip_virtual_type")
    # Without a list datapathv2 assumes the usual address by itself, ipvlan none.
    cidrs = conf.get("host_stack_cidrs", [] if str(datapath).lower() == "ipvlan" else None)
    if (
        str(datapath).lower() in ("datapathv2", "ipvlan")
        and isinstance(cidrs, list)
        and not any(cidr.startswith(LOCAL_DNS) for cidr in cidrs if isinstance(cidr, str))
    ):
        message = f"{datapath} without {_LOCAL_DNS} in host_stack_cidrs: pods cannot reach node-local-dns"
        advice = f'add "host_stack_cidrs": ["{_LOCAL_DNS}"] unless no node runs node-local-dns'
        yield Problem("CNI005", WARNING, f"{base}/eniip_virtual_type", message, advice)
