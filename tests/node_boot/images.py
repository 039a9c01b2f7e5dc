"""Container images that a test builds: one static program, as an archive for `ctr images import` (OCI layout)."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

PAUSE = "registry.example.com/pause:3.9"
BUSYBOX = "registry.example.com/busybox:1"
COMMANDS = {PAUSE: ["sleep", "infinity"], BUSYBOX: ["httpd", "-f", "-p", "8080", "-h", "/"]}
"""What the images run, by their name."""


def archive(busybox: Path, target: Path) -> None:
    """Write ``target`` with both images, whose only file is the program ``busybox``."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as files:
        files.add(busybox, "bin/busybox", filter=lambda entry: entry.replace(mode=0o755, uid=0, gid=0))
    with tarfile.open(target, "w") as out:
        blobs = {name: _image(out, layer.getvalue(), command) for name, command in COMMANDS.items()}
        manifests = [{**blob, "annotations": {"io.containerd.image.name": name}} for name, blob in blobs.items()]
        _add(out, "oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"}).encode())
        _add(out, "index.json", json.dumps({"schemaVersion": 2, "manifests": manifests}).encode())


def _image(out: tarfile.TarFile, layer: bytes, command: list[str]) -> dict[str, Any]:
    """The descriptor of an image whose blobs are added."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    config = {
        "architecture": machine,
        "os": "linux",
        "config": {"Entrypoint": ["/bin/busybox", *command]},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _blob(out, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [_blob(out, layer, "application/vnd.oci.image.layer.v1.tar")],
    }
    return _blob(out, json.dumps(manifest).encode(), manifest["mediaType"])


def _blob(out: tarfile.TarFile, data: bytes, kind: Any) -> dict[str, Any]:
    name = f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    if name not in out.getnames():
        _add(out, name, data)
    return {"mediaType": kind, "digest": _digest(data), "size": len(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _add(out: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    out.addfile(entry, io.BytesIO(data))
