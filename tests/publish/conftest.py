"""The cloud that the tests of actions publish to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.publish.cloud import Cloud, Spawner, cloud_in
from tests.publish.token_world import World, world_of


@pytest.fixture(scope="session")
def spawner() -> Iterator[Spawner]:
    running = Spawner()
    yield running
    running.close()


@pytest.fixture
def cloud(tmp_path: Path, spawner: Spawner) -> Iterator[Cloud]:
    with cloud_in(tmp_path, spawner) as running:
        yield running


@pytest.fixture
def world(cloud: Cloud) -> Iterator[World]:
    with world_of(cloud) as found:
        yield found
