"""The script on this machine, as nobody: what each look says of servers on loopback, and what is found by it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.node_check.world import CLUSTER_INFO, Answer, Authority, authority, cluster_info, serve
from tests.node_script import specs
from tests.records import replace

from hybridc.lower.node_check import node_check, registries
from hybridc.preflight.node_report import Look, NodeReport, fits, parse
from hybridc.preflight.on_node import node_rules
from hybridc.spec import model
from hybridc.spec.items import Items

pytestmark = pytest.mark.needs("debian")  # curl, and OpenSSL 3 that makes certificates

NOBODY = 65534
METADATA = {
    "/latest/api/token": Answer(body="a-token"),
    "/latest/meta-data/region-id": Answer(body="cn-hangzhou"),
    "/latest/meta-data/vpc-id": Answer(body="vpc-bp1a"),
}
PLAIN = {
    "http://mirrors.cloud.aliyuncs.com": "/mirrors",
    "https://kubelet-idc.oss-cn-hangzhou-internal.aliyuncs.com": "/oss",
    "https://registry-cn-hangzhou-vpc.ack.aliyuncs.com": "/registry",
    "https://m.example.com": "/mirror",
}
HEALTHY = METADATA | {
    "/mirrors/*": Answer(),
    "/oss/*": Answer(),
    "/registry/v2/": Answer(401),
    "/mirror/v2/": Answer(401),
}
"""What the plain server answers where everything is well."""
HOST = {"system", "eth0", "cgroup", "resolvers"}
"""Looks at this machine itself, whatever it is."""


class Seen(NamedTuple):
    """What the script wrote: its report, its lines, its exit code; and the spec."""

    spec: model.Spec
    report: NodeReport
    lines: str
    code: int

    def look(self, name: str) -> Look:
        (found,) = [look for look in self.report.looks if look.name == name]
        return found

    @property
    def failed(self) -> set[str]:
        """What failed, this machine aside."""
        return {look.name for look in self.report.looks if look.result == "failed"} - HOST

    @property
    def codes(self) -> dict[str, str]:
        """Codes that are found, with their severity."""
        looks = tuple(look for look in self.report.looks if look.name not in HOST)
        report = self.report._replace(looks=looks)
        return {r.code.id: f.severity or r.code.severity for r in node_rules() for f in r.check(self.spec, report)}


@pytest.fixture(scope="module")
def cas(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Authority]:
    """That of the cluster, and another one."""
    folder = tmp_path_factory.mktemp("cas")
    return authority(folder / "own"), authority(folder / "other")


def cluster(api_server: str, *hashes: str) -> model.Spec:
    spec = specs.spec(registryMirrors={"docker.io": [{"url": "https://m.example.com"}]})
    return replace(spec, cluster=replace(spec.cluster, api_server=api_server, ca_cert_hashes=Items(hashes)))


def run(
    spec: model.Spec,
    answers: Mapping[str, Answer],
    *flags: str,
    changes: Mapping[str, str] | None = None,
    programs: str = os.environ["PATH"],
) -> Seen:
    """The script's result where a plain server gives ``answers``; ``changes`` are to its text."""
    text = node_check(spec)
    with serve(answers) as port:
        text = text.replace("http://100.100.100.200", f"http://127.0.0.1:{port}")
        for url, path in PLAIN.items():
            text = text.replace(url, f"http://127.0.0.1:{port}{path}")
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            Path(folder).chmod(0o777)
            done = subprocess.run(
                ["bash", "-s", "--", "--json", *flags],
                input=text.encode(),
                capture_output=True,
                cwd="/",
                env={"TMPDIR": folder, "PATH": programs},
                user=NOBODY if os.geteuid() == 0 else None,
                timeout=120,
                check=False,
            )
            assert os.listdir(folder) == []
    report = parse(done.stdout, "report")
    fits(report, spec, "report")
    lines = done.stderr.decode()
    assert len(lines.splitlines()) == len(report.looks), lines
    return Seen(spec, report, lines, done.returncode)


class Api(NamedTuple):
    """What differs from a healthy API server."""

    healthz: Answer = Answer()
    info: Answer | None = None
    pin: str = "own"
    tls: str = "own"


WELL = Api()


def around(
    cas: tuple[Authority, Authority],
    api: Api = WELL,
    other: Mapping[str, Answer] | None = None,
    *flags: str,
    changes: Mapping[str, str] | None = None,
) -> Seen:
    """The script beside an API server like ``api``, and a healthy plain server but for ``other``."""
    by_name = dict(zip(("own", "other"), cas, strict=True))
    answers = {"/healthz": api.healthz}
    with serve(answers, by_name[api.tls]) as port:
        server = f"127.0.0.1:{port}"
        answers[CLUSTER_INFO] = api.info or cluster_info(by_name["own"], f"https://{server}")
        spec = cluster(server, by_name[api.pin].hash)
        plain = {**(other or {}), **{path: one for path, one in HEALTHY.items() if path not in (other or {})}}
        return run(spec, plain, *flags, changes=changes)


def test_where_everything_is_well(cas: tuple[Authority, Authority]) -> None:
    seen = around(cas)
    assert (seen.report.side, seen.failed, seen.codes) == ("cloud", set(), {})
    unseen = {look.name for look in seen.report.looks if look.result == "unseen"}
    assert unseen == {"port-10250"}
    assert {
        "api-server",
        "cluster-info",
        "cluster-info-server",
        "ca",
        "certificate",
        "clock",
        "metadata",
        "script",
    } <= {look.name for look in seen.report.looks if look.result == "ok"}
    assert seen.look("mirror").seen.startswith("HTTP 401")


def test_on_a_host_of_the_idc_nothing_of_the_cloud_is_asked_for(cas: tuple[Authority, Authority]) -> None:
    everything_else = dict.fromkeys(METADATA, Answer(404))
    seen = around(cas, WELL, everything_else)
    assert (seen.report.side, seen.failed, seen.codes) == ("idc", set(), {})
    for name in ("system", "eth0", "metadata", "region", "vpc", "script", "token", "pause-image", "mirror"):
        assert seen.look(name).result == "unseen"
    assert seen.look("certificate").result == "ok"


def test_the_ca_is_none_of_the_hashes(cas: tuple[Authority, Authority]) -> None:
    seen = around(cas, Api(pin="other"))
    assert seen.failed == {"ca"}
    assert cas[0].hash in seen.look("ca").seen
    assert (seen.codes, seen.code) == ({"NODE051": "error"}, 1)


def test_the_certificate_is_of_another_ca(cas: tuple[Authority, Authority]) -> None:
    seen = around(cas, Api(tls="other"))
    assert seen.failed == {"certificate"}
    assert seen.codes == {"NODE051": "error"}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_cluster_info_is_not_to_be_read(cas: tuple[Authority, Authority], status: int) -> None:
    seen = around(cas, Api(info=Answer(status)))
    assert seen.failed == {"cluster-info"}
    assert seen.codes == {"NODE052": "error"}


def test_cluster_info_names_a_server_that_does_not_answer(cas: tuple[Authority, Authority]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        gone = f"https://127.0.0.1:{closed.getsockname()[1]}"
        seen = around(cas, Api(info=cluster_info(cas[0], gone)))
    assert seen.failed == {"cluster-info-server"}
    assert seen.look("cluster-info-server").about == gone
    assert seen.codes == {"NODE050": "error"}


def test_a_closed_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        spec = cluster(f"127.0.0.1:{closed.getsockname()[1]}", specs.HASH)
        seen = run(spec, HEALTHY)
    assert seen.failed == {"api-server"}
    assert "refused" in seen.look("api-server").seen
    assert {seen.look(name).result for name in ("clock", "cluster-info")} == {"unseen"}
    assert seen.codes == {"NODE050": "error"}


def test_a_name_that_does_not_resolve() -> None:
    spec = cluster(f"{64 * 'a'}.invalid:6443", specs.HASH)  # no resolver is asked for a name that cannot be
    seen = run(spec, HEALTHY)
    assert seen.look("api-server").seen == "the name does not resolve"


def test_a_name_that_the_node_script_will_write_into_etc_hosts(cas: tuple[Authority, Authority]) -> None:
    with serve({"/healthz": Answer()}, cas[0]) as port:
        spec = cluster(f"api.idc.invalid:{port}", specs.HASH)
        hosts = {"api.idc.invalid": "127.0.0.1"}
        seen = run(replace(spec, node_init=replace(spec.node_init, hosts=hosts)), HEALTHY)
    assert seen.look("api-server").result == "ok"


@pytest.mark.parametrize("status", [200, 401, 403])
def test_an_api_server_that_knows_nobody_answers(cas: tuple[Authority, Authority], status: int) -> None:
    assert around(cas, Api(healthz=Answer(status))).look("api-server").result == "ok"


@pytest.mark.parametrize("status", [404, 500, 502])
def test_what_answers_is_no_healthy_api_server(cas: tuple[Authority, Authority], status: int) -> None:
    seen = around(cas, Api(healthz=Answer(status)))
    assert f"HTTP {status}" in seen.look("api-server").seen
    assert seen.codes["NODE050"] == "error"


@pytest.mark.parametrize(
    ("skew", "codes"), [(200, {}), (-200, {}), (900, {"NODE056": "error"}), (-900, {"NODE056": "warning"})]
)
def test_the_clock(cas: tuple[Authority, Authority], skew: int, codes: dict[str, str]) -> None:
    """An API server that is ahead: the certificate that it gives a kubelet is not valid yet."""
    assert around(cas, Api(healthz=Answer(date=time.time() + skew))).codes == codes


REFUSED = {403: "may not be read", 404: "is not there", 500: "HTTP 500"}


@pytest.mark.parametrize(
    ("name", "path"), [("script", "/oss/bootstrap/idc/init-*"), ("token", "/oss/bootstrap/idc/boot*")]
)
def test_the_script_and_the_token_in_oss(cas: tuple[Authority, Authority], name: str, path: str) -> None:
    for status, words in REFUSED.items():
        seen = around(cas, WELL, {path: Answer(status)})
        assert seen.failed == {name}
        assert words in seen.look(name).seen
        assert seen.codes == {"NODE053": "error"}
    slow = around(cas, WELL, {path: Answer(after=4)}, changes={"-m 20": "-m 2"})
    assert (slow.failed, slow.codes) == ({name}, {"NODE053": "error"})
    assert slow.look(name).seen.startswith("no answer in time")


def test_a_signed_address_is_asked_for_by_get(cas: tuple[Authority, Authority]) -> None:
    """What stands behind it holds for GET: a HEAD would be refused."""
    spec = cluster("127.0.0.1:1", specs.HASH)
    spec = replace(spec, node_init=replace(spec.node_init, url="https://m.example.com/i.sh?Signature=a"))
    seen = run(spec, {"GET /mirror/i.sh?Signature=a": Answer()} | HEALTHY)
    assert (seen.look("script").result, seen.look("script").about[-5:]) == ("ok", "/i.sh")


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("registry.k8s.io/pause:3.10", "registry.k8s.io"),
        ("docker.io/library/pause:3.10", "registry-1.docker.io"),
        ("library/pause:3.10", "registry-1.docker.io"),
        ("pause:3.10", "registry-1.docker.io"),
        ("localhost:5000/pause:3.10", "localhost:5000"),
    ],
)
def test_the_registry_of_the_pause_image(image: str, host: str) -> None:
    asked = registries(specs.spec(containerd={"sandboxImage": image}))
    assert [target.url for target in asked] == [f"https://{host}/v2/"]


def test_another_region_and_vpc(cas: tuple[Authority, Authority]) -> None:
    other = {"/latest/meta-data/region-id": Answer(body="cn-beijing"), "/latest/meta-data/vpc-id": Answer(body="vpc-b")}
    seen = around(cas, WELL, other)
    assert seen.failed == {"region", "vpc"}
    assert seen.codes == {"NODE054": "error"}


def test_a_cloud_node_without_metadata(cas: tuple[Authority, Authority]) -> None:
    seen = around(cas, WELL, dict.fromkeys(METADATA, Answer(404)), "--side", "cloud")
    assert seen.failed == {"metadata"}
    assert {seen.look(name).result for name in ("region", "vpc")} == {"unseen"}


def test_registries_and_mirrors(cas: tuple[Authority, Authority]) -> None:
    seen = around(cas, WELL, {"/registry/v2/": Answer(404), "/mirror/v2/": Answer(502)})
    assert seen.failed == {"pause-image", "mirror"}
    assert seen.codes == {"NODE055": "error"}


def test_peers(cas: tuple[Authority, Authority]) -> None:
    with socket.socket() as there, socket.socket() as closed:
        there.bind(("127.0.0.1", 0))
        there.listen()
        closed.bind(("127.0.0.1", 0))
        open_, shut = (f"127.0.0.1:{one.getsockname()[1]}" for one in (there, closed))
        seen = around(cas, WELL, None, "--peer", open_, "--peer", shut)
    results = {look.about: look.result for look in seen.report.looks if look.name == "peer"}
    assert results == {open_: "ok", shut: "failed"}
    assert seen.codes == {"NODE057": "warning"}  # loopback is in no range of the spec


PING = """#!/usr/bin/env bash
# a network that lets pieces of up to MTU bytes through; with 0 nothing, with -1 ping itself fails
((MTU >= 0)) || exit 2
size=56
while (($# > 1)); do [[ $1 != -s ]] || size=$2; shift; done
((size + 28 <= MTU))
"""


@pytest.mark.parametrize(
    ("mtu", "peer", "seen", "codes"),
    [
        (1500, "ok", "1500 bytes pass", set()),
        (1499, "ok", "1450 bytes pass in one piece, and 1500 do not", {"NODE058"}),
        (1400, "ok", "1400 bytes pass in one piece, and 1500 do not", {"NODE058"}),
        (1280, "ok", "1280 bytes pass in one piece, and 1500 do not", {"NODE058"}),
        (600, "ok", "not even 1280 bytes pass", {"NODE058"}),
        (0, "failed", "", {"NODE057"}),
        (-1, "unseen", "", set()),
    ],
)
def test_a_ping(mtu: int, peer: str, seen: str, codes: set[str]) -> None:
    """With a program that stands in for ping: no network of a test machine has a small MTU."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        program = Path(folder, "ping")
        program.write_text(PING.replace("MTU", str(mtu)))
        program.chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        found = run(cluster("127.0.0.1:1", specs.HASH), HEALTHY, "--peer", "10.10.25.9", programs=path)
    assert found.look("peer").result == peer
    assert [seen for look in found.report.looks if look.name == "mtu" and look.seen.startswith(seen)] == [seen][
        : peer == "ok"
    ]
    assert {code for code in found.codes if code in ("NODE057", "NODE058")} == codes


@pytest.mark.parametrize("words", ["\x1b[31mred", 'a","result":"ok', "x" * 5000, "\u202eevil"])
def test_what_servers_say_is_data(cas: tuple[Authority, Authority], words: str) -> None:
    info = cluster_info(cas[0], f"https://127.0.0.1:1/{words}")
    seen = around(cas, Api(info=info), {"/latest/meta-data/vpc-id": Answer(body=words)})
    assert seen.look("vpc").result == "unseen"
    assert all(line.isprintable() and len(line) < 1500 for line in seen.lines.splitlines())
    assert all((look.about + look.seen).isprintable() for look in seen.report.looks)


@pytest.mark.parametrize(
    "flags", [["--peer", "-x"], ["--peer", "a b"], ["--peer"], ["--side", "moon"], ["--what"], ["x"]]
)
def test_wrong_flags(flags: list[str]) -> None:
    text = node_check(cluster("127.0.0.1:1", specs.HASH))
    done = subprocess.run(
        ["bash", "-s", "--", *flags], input=text.encode(), capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"usage:" in done.stderr


@pytest.mark.parametrize("flags", [["--help"], ["-h"], ["--side", "idc", "--help"]])
def test_help_is_no_mistake(flags: list[str]) -> None:
    text = node_check(cluster("127.0.0.1:1", specs.HASH))
    done = subprocess.run(
        ["bash", "-s", "--", *flags], input=text.encode(), capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"usage: ")


def test_a_report_in_a_file(cas: tuple[Authority, Authority], tmp_path: Path) -> None:
    """The same lines as --json, and the person's on stdout."""
    text = node_check(cluster("127.0.0.1:1", specs.HASH)).replace("100.100.100.200", "127.0.0.1:1")
    report = tmp_path / "seen.json"
    command = ["bash", "-s", "--", "--side", "idc", "--report", str(report)]
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert lines[-1] == {"end": len(lines) - 2}
    assert len(done.stdout.splitlines()) == len(lines) - 2
