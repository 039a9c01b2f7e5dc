"""The Helm layout: the same objects as the kustomize layout, as a chart.

An object's YAML is dumped from data; what could be read as a template in it is escaped. Templates add only what a
person may set in values.yaml: which parts are installed, and the image of the short-lived pods.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from hybridc import __version__
from hybridc.layout import yaml_text
from hybridc.layout.kustomize import by_file
from hybridc.lower.bundle import Bundle, Manifest
from hybridc.lower.templates import render

FOLDER = "chart"
_BRACES = re.compile(r"\{\{|\}\}")
_IMAGE = "\ue000image\ue000"  # stands for the image while the object is dumped; no spec can hold it (private use)


def chart(bundle: Bundle) -> dict[str, str]:
    """Chart.yaml, values with their schema, a template for each object, notes and a README."""
    image = _image(bundle)
    parts = sorted({_part(item) for item in bundle.objects})
    files = {f"templates/{name}": _template(item, image) for name, item in by_file(bundle.objects).items()}
    version = _version(files)
    values: dict[str, Any] = {"image": image, "parts": parts, "cluster": bundle.cluster, "version": version}
    files |= {
        "Chart.yaml": yaml_text.dump(_chart(bundle, version)),
        "values.schema.json": json.dumps(_schema(parts, bool(image)), indent=2) + "\n",
        "templates/_helpers.tpl": render("chart/_helpers.tpl.j2", **values),
        "templates/NOTES.txt": render("chart/NOTES.txt.j2", **values),
        "values.yaml": render("chart/values.yaml.j2", quoted=yaml_text.scalar, **values),
        "README.md": render("chart/README.md.j2", **values),
    }
    return {f"{FOLDER}/{name}": text for name, text in files.items()}


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


def _part(item: Manifest) -> str:
    """The name in values.yaml of what the object belongs to."""
    name = str(item["metadata"]["name"])
    if name.startswith("hybridc-cni-exclusion"):
        return "cniExclusion"
    if name in ("hybridc", "hybridc-guard"):
        return "guard"
    if name == "hybridc-token-refresh":
        return "tokenRefresh"
    if name == "ack-agent-config":
        return "agentConfig"
    kinds = {"DaemonSet": "cniExclusion", "Deployment": "cniExclusion", "StatefulSet": "cniExclusion"}
    return {**kinds, "IPPool": "ipPools"}.get(str(item["kind"]), "eniConfig")


def _image(bundle: Bundle) -> str:
    """The image of the short-lived pods; "" when there are none."""
    for item in bundle.objects:
        for container in _pod(item).get("containers", []):
            return str(container["image"])
    return ""


def _pod(item: Manifest) -> dict[str, Any]:
    """The pod spec in an object; {} when it has none."""
    spec = item.get("spec", {})
    if item["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    found: dict[str, Any] = spec if item["kind"] == "Pod" else spec.get("template", {}).get("spec", {})
    return found


def _template(item: Manifest, image: str) -> str:
    text = yaml_text.dump(_with_image_mark(item, image))
    escaped = _BRACES.sub(lambda match: '{{ "' + match[0] + '" }}', text)
    body = escaped.replace(f'"{_IMAGE}"', '{{ include "hybridc.image" . }}')
    return f"{{{{- if .Values.{_part(item)}.enabled }}}}\n{body}{{{{- end }}}}\n"


def _with_image_mark(data: Any, image: str) -> Any:
    """The object with a mark wherever the image stands, in a pod or in a ConfigMap that tracks it."""
    if isinstance(data, dict):
        return {key: _with_image_mark(value, image) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_image_mark(value, image) for value in data]
    return _IMAGE if image and isinstance(data, str) and data == image else data


def _schema(parts: list[str], has_image: bool) -> dict[str, Any]:
    """values.schema.json: draft-07 only, since Helm before 3.19 ignores newer keywords silently."""
    switch = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"enabled": {"type": "boolean", "description": "Whether these objects are installed."}},
        "required": ["enabled"],
    }
    properties: dict[str, Any] = dict.fromkeys(parts, switch)
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
