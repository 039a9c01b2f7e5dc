"""Everything around a node, in a network namespace of its own: the API server, a mirror, ECS metadata."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.servers.process import process, wait_for

API_ADDRESS = "10.200.1.253"
FILES = "http://10.0.0.10"
METADATA_ADDRESS = "100.100.100.200"
ADDRESSES = (API_ADDRESS, "10.0.0.10", METADATA_ADDRESS)
METADATA = {
    "region-id": "cn-hangzhou",
    "zone-id": "cn-hangzhou-j",
    "instance-id": "i-frommetadata",
    "private-ipv4": "10.10.23.7",
    "instance/instance-type": "ecs.g6.xlarge",
}
# Answers like the metadata of an instance in hardened mode: nothing without a token.
_METADATA_SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

answers = dict(word.split("=", 1) for word in sys.argv[2:])

class Handler(BaseHTTPRequestHandler):
    def do_PUT(self):
        seconds = self.headers.get("X-aliyun-ecs-metadata-token-ttl-seconds")
        self.answer(200 if self.path == "/latest/api/token" and seconds else 400, "metadata-token")

    def do_GET(self):
        if self.headers.get("X-aliyun-ecs-metadata-token") != "metadata-token":
            return self.answer(403, "hardened")
        found = answers.get(self.path.removeprefix("/latest/meta-data/"))
        self.answer(404 if found is None else 200, found or "")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

ThreadingHTTPServer((sys.argv[1], 80), Handler).serve_forever()
"""


@dataclass(frozen=True)
class Namespace:
    """A network namespace: it is gone, with its interfaces, when the process that holds it ends."""

    pid: int

    @property
    def path(self) -> str:
        return f"/proc/{self.pid}/ns/net"

    def command(self, *words: str) -> list[str]:
        """``words`` as a command inside."""
        return ["nsenter", f"--net={self.path}", "--", *words]

    def run(self, *words: str) -> str:
        """The output of a command inside; raises with its words when it fails."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout


@contextmanager
def namespace(name: str, folder: Path) -> Iterator[Namespace]:
    """A new namespace whose loopback is up."""
    with process(name, ["unshare", "--net", "--", "sleep", "infinity"], folder) as holder:
        own = os.readlink("/proc/self/ns/net")
        held = Namespace(holder.child.pid)
        holder.wait(lambda: os.readlink(held.path) != own)
        held.run("ip", "link", "set", "lo", "up")
        yield held


def connect(world: Namespace, node: Namespace, number: int) -> str:
    """A wire between the two; the node's address, from which it reaches all of the world."""
    near, far, network = f"node{number}", "eth0", f"10.10.{24 + number}"
    world.run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", str(node.pid))
    for space, link, address in ((world, near, f"{network}.1"), (node, far, f"{network}.7")):
        space.run("ip", "address", "add", f"{address}/24", "dev", link)
        space.run("ip", "link", "set", link, "up")
    node.run("ip", "route", "add", "default", "via", f"{network}.1")
    return f"{network}.7"


@dataclass(frozen=True)
class World:
    """Where the servers are, and ``files``: what is below it is at :data:`FILES`."""

    net: Namespace
    folder: Path
    files: Path


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The mirror and the metadata; the API server comes with :mod:`tests.node_boot.control_plane`."""
    files = folder / "files"
    files.mkdir(parents=True)
    (folder / "metadata.py").write_text(_METADATA_SERVER)
    facts = [f"{name}={value}" for name, value in METADATA.items()]
    with ExitStack() as stack:
        net = stack.enter_context(namespace("world", folder))
        for address in ADDRESSES:
            net.run("ip", "address", "add", f"{address}/32", "dev", "lo")
        mirror = [sys.executable, "-m", "http.server", "--bind", "10.0.0.10", "--directory", str(files), "80"]
        metadata = [sys.executable, str(folder / "metadata.py"), METADATA_ADDRESS, *facts]
        for name, command in (("mirror", mirror), ("metadata", metadata)):
            stack.enter_context(process(name, net.command(*command), folder))
        wait_for("the mirror", lambda: _answers(net, f"{FILES}/"))
        wait_for("the metadata", lambda: _answers(net, f"http://{METADATA_ADDRESS}/"))
        yield World(net, folder, files)


def _answers(net: Namespace, url: str) -> bool:
    command = net.command("curl", "-s", "-o", "/dev/null", "--noproxy", "*", "-m", "5", url)
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
