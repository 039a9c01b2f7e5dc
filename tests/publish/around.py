"""Around a run of publish: the folder of the build, and a cluster on loopback where everything was synced."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.doctor.clusters import synced as objects
from tests.live.api import Api, by_resource, serving
from tests.pinned import ROOT
from tests.publish.cloud import Cloud

from hybridc.compile import Compiled, compile_spec

Data = dict[str, Any]


def built(cloud: Cloud) -> Path:
    """The folder ``out`` of a build of the spec as it is now."""
    out = cloud.folder / "out"
    command = [sys.executable, "-m", "hybridc", "build", str(cloud.folder / "hybrid.yaml"), "-o", str(out), "--force"]
    subprocess.run(command, env={"PYTHONPATH": str(ROOT / "compiler")}, check=True, capture_output=True)
    return out


def compiled(cloud: Cloud) -> Compiled:
    """The spec of a cloud, compiled."""
    found = compile_spec("hybrid.yaml", (cloud.folder / "hybrid.yaml").read_bytes(), "2026-01-01")
    assert isinstance(found, Compiled)
    return found


def objects_of(cloud: Cloud) -> list[Data]:
    """The objects of a cluster where all of the spec was done."""
    return objects(compiled(cloud))


@contextmanager
def synced(cloud: Cloud, change: Callable[[list[Data]], list[Data]] = lambda items: items) -> Iterator[Path]:
    """The kubeconfig of a cluster where all of the spec was done, with ``change`` made to its objects."""
    with serving(Api(by_resource(change(objects_of(cloud))))) as api:
        yield api.kubeconfig(cloud.folder)
