"""The Helm layout: the same objects as the kustomize layout, as a chart.

An object's YAML is dumped from data; what could be read as a template in it is escaped. Templates add only what a
person may set in values.yaml: which parts are installed, and the image of the short-lived pods.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hybridc import __version__
from hybridc.layout import yaml_text
from hybridc.layout.kustomize import by_file
from hybridc.layout.registry import Files, Layout
from hybridc.lower.bundle import Bundle, JobImage, Manifest, Part, Synced
from hybridc.lower.templates import render


class Switch(NamedTuple):
    """What a person turns off in values.yaml: the name there, and the comment above it."""

    name: str
    about: str


_ENI_CONFIG = Switch("eniConfig", "Terway's configuration: ConfigMap kube-system/eni-config and its overlays.")
SWITCHES: dict[Part, Switch] = {
    "eniConfig": _ENI_CONFIG,
    "dynamicConfigs": _ENI_CONFIG,  # they are merged over it
    "agentConfig": Switch("agentConfig", "The address of the node script in ConfigMap kube-system/ack-agent-config."),
    "cniExclusion": Switch("cniExclusion", "What keeps the on-prem CNI off cloud nodes."),
    "tokenRefresh": Switch("tokenRefresh", "What keeps the bootstrap token alive."),
    "guard": Switch("guard", "The look at the cluster before anything is changed. Leave it on."),
}
_BRACES = re.compile(r"\{\{|\}\}")
_IMAGE = "\ue000image\ue000"  # stands for the image while the object is dumped; SEC026 keeps it out of a spec


def chart(bundle: Bundle) -> Files:
    """Chart.yaml, values with their schema, a template for each object, notes and a README."""
    image = next(_images(bundle.objects), "")
    of_objects = [SWITCHES[part].name for part, objects in bundle.parts.items() for _ in objects]
    objects = zip(by_file(bundle.objects).items(), of_objects, strict=True)
    files = {f"templates/{name}": _template(item, switch) for (name, item), switch in objects}
    version, switches = _version(files), sorted({SWITCHES[part] for part in bundle.parts})
    values: dict[str, Any] = {"image": image, "switches": switches, "cluster": bundle.cluster, "version": version}
    files |= {
        "Chart.yaml": yaml_text.dump(_chart(bundle, version)),
        "values.schema.json": json.dumps(_schema(switches, bool(image)), indent=2) + "\n",
        "templates/_helpers.tpl": render("chart/_helpers.tpl.j2", **values),
        "templates/NOTES.txt": render("chart/NOTES.txt.j2", **values),
        "values.yaml": render("chart/values.yaml.j2", quoted=yaml_text.scalar, **values),
        "README.md": render("chart/README.md.j2", **values),
    }
    return Files({}, files)


LAYOUT = Layout(Synced("chart", True, {part: switch.name for part, switch in SWITCHES.items()}), chart)


def _chart(bundle: Bundle, version: str) -> dict[str, Any]:
    return {
        "apiVersion": "v2",
        "name": bundle.cluster,
        "description": f"Hybrid cluster {bundle.cluster}, compiled by hybridc",
        "type": "application",
        "version": version,
        "appVersion": __version__,
    }


def _version(files: dict[str, str]) -> str:
    """A SemVer that changes with the content: an OCI registry keeps every chart that was ever pushed."""
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:12]
    return f"0.0.0-h{digest}"


def _images(data: Any) -> Iterator[JobImage]:
    """The image of the short-lived pods, wherever it stands; nothing when there are no such pods."""
    if isinstance(data, JobImage):
        yield data
    elif isinstance(data, (dict, list, tuple)):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _images(item)


def _template(item: Manifest, switch: str) -> str:
    escaped = _BRACES.sub(lambda match: '{{ "' + match[0] + '" }}', yaml_text.dump(_with_image_mark(item)))
    body = escaped.replace(f'"{_IMAGE}"', '{{ include "hybridc.image" . }}')
    return f"{{{{- if .Values.{switch}.enabled }}}}\n{body}{{{{- end }}}}\n"


def _with_image_mark(data: Any) -> Any:
    """The object with a mark wherever the image stands, in a pod or in a ConfigMap that tracks it."""
    if isinstance(data, dict):
        return {key: _with_image_mark(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_image_mark(value) for value in data]
    return _IMAGE if isinstance(data, JobImage) else data


def _schema(switches: list[Switch], has_image: bool) -> dict[str, Any]:
    """values.schema.json: draft-07 only, since Helm before 3.19 ignores newer keywords silently."""
    switch = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"enabled": {"type": "boolean", "description": "Whether these objects are installed."}},
        "required": ["enabled"],
    }
    properties: dict[str, Any] = {name: switch for name, _ in switches}
    if has_image:
        properties["jobImage"] = {
            "type": "string",
            "minLength": 1,
            "pattern": r"^[^\s]+$",
            "description": "Image with kubectl and sh for the hooks, with a tag or a digest.",
        }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "properties": {**properties, "global": {"type": "object", "description": "Values of a parent chart."}},
        "required": list(properties),
    }
