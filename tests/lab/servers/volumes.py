"""A pod's volumes as folders: ConfigMaps, Secrets, empty ones, and the token of its ServiceAccount."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.lab.servers.cluster import Cluster, Json
from tests.lab.servers.container import Mount

_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


class NotThereYet(Exception):
    """An object that a volume needs does not exist; a kubelet waits for it."""


def mounts(cluster: Cluster, namespace: str, pod: Json, folder: Path) -> list[Mount]:
    """What the pod's first container mounts; ``pod`` is a pod spec. Raises NotThereYet."""
    made = {volume["name"]: _volume(cluster, namespace, volume, folder) for volume in pod.get("volumes", [])}
    found = [
        Mount(made[wanted["name"]] / wanted.get("subPath", ""), wanted["mountPath"], wanted.get("readOnly", False))
        for wanted in pod["containers"][0].get("volumeMounts", [])
    ]
    if pod.get("automountServiceAccountToken", True):
        found.append(Mount(_token(cluster, namespace, pod, folder), _TOKEN))
    return found


def _volume(cluster: Cluster, namespace: str, volume: Json, folder: Path) -> Path:
    place: Path = folder / "volumes" / volume["name"]
    place.mkdir(parents=True, exist_ok=True)
    # Whoever the container runs as writes to an emptyDir.
    place.chmod(0o777)
    if "configMap" in volume:
        _keys(cluster, f"/api/v1/namespaces/{namespace}/configmaps/{volume['configMap']['name']}", volume, place)
    elif "secret" in volume:
        _keys(cluster, f"/api/v1/namespaces/{namespace}/secrets/{volume['secret']['secretName']}", volume, place)
    elif "emptyDir" not in volume:
        raise NotImplementedError(f"the lab's kubelet has no volumes like {volume}")
    return place


def _keys(cluster: Cluster, path: str, volume: Json, place: Path) -> None:
    wanted = volume.get("configMap") or volume["secret"]
    found = cluster.get(path)
    if found is None:
        if wanted.get("optional"):
            return
        raise NotThereYet(path)
    data = found.get("data") or {}
    decode = base64.b64decode if "secret" in volume else str.encode
    names = {item["key"]: item["path"] for item in wanted.get("items", [])} or {key: key for key in data}
    for key, name in names.items():
        (place / name).write_bytes(decode(data[key]))


def _token(cluster: Cluster, namespace: str, pod: Json, folder: Path) -> Path:
    place = folder / "token"
    place.mkdir(parents=True, exist_ok=True)
    name = pod.get("serviceAccountName", "default")
    asked = cluster.run("-n", namespace, "create", "token", name, check=False)
    if asked.returncode:
        raise NotThereYet(f"ServiceAccount {namespace}/{name}")
    (place / "token").write_text(asked.stdout.strip())
    (place / "ca.crt").write_bytes(cluster.ca.read_bytes())
    (place / "namespace").write_text(namespace)
    return place
