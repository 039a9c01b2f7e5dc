"""The cloud, and a cluster that keeps Secrets: what the tests of ``publish token`` run against."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from tests.lab.servers.oss import Bucket, Stored
from tests.publish.cloud import Cloud, Ran
from tests.publish.secrets_api import Secrets, holding

BUCKET, KEY = "kubelet-idc-hangzhou", "idc-hangzhou/bootstrap-token"
K10 = f"K10{'a' * 64}::abcdef.0123456789abcdef"
GIVEN = "abcdef.0123456789abcdef"


class World:
    """The cloud with the bucket, and a cluster that holds Secrets."""

    def __init__(self, cloud: Cloud, api: Secrets, kubeconfig: str) -> None:
        self.cloud, self.api, self._kubeconfig = cloud, api, kubeconfig
        self.seen: set[str] = set()
        cloud.oss.buckets[BUCKET] = Bucket(owner=cloud.account.id)

    def mint(self, *words: str, **more: Any) -> Ran:
        ran = self.cloud.publish("token", "--mint", "--kubeconfig", self._kubeconfig, *words, **more)
        self.seen |= set(self.api.values().values())
        return ran

    @property
    def object(self) -> str:
        stored = self.cloud.oss.buckets[BUCKET].objects.get(KEY)
        return "" if stored is None else stored.data.decode()

    def forget(self) -> None:
        self.cloud.forget()
        self.api.writes.clear()

    def writes(self) -> list[str]:
        return [*self.api.writes, *self.cloud.writes()]

    def age(self, by: timedelta) -> None:
        """As if all that is there were older."""
        for item in self.api.secrets.values():
            made = datetime.fromisoformat(item["metadata"]["creationTimestamp"]) - by
            item["metadata"]["creationTimestamp"] = f"{made:%Y-%m-%dT%H:%M:%SZ}"
            ends = datetime.fromisoformat(base64.b64decode(item["data"]["expiration"]).decode()) - by
            item["data"]["expiration"] = base64.b64encode(f"{ends:%Y-%m-%dT%H:%M:%SZ}".encode()).decode()
        bucket = self.cloud.oss.buckets[BUCKET]
        if KEY in bucket.objects:
            old = bucket.objects[KEY]
            bucket.objects[KEY] = Stored(old.data, old.headers, old.acl, old.modified - by)


@contextmanager
def world_of(cloud: Cloud) -> Iterator[World]:
    """It runs until the block ends; then nothing may have shown a token."""
    with holding(cloud.folder) as (api, kubeconfig):
        found = World(cloud, api, kubeconfig)
        yield found
        texts = [*(ran.said for ran in cloud.runs), *api.asked]
        for value in found.seen:
            half = value.partition(".")[2]
            assert not [text for text in texts if half in text or base64.b64encode(half.encode()).decode() in text]
            for path in cloud.folder.rglob("*"):
                assert not path.is_file() or half.encode() not in path.read_bytes(), path
