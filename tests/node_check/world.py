"""What a node dials, on loopback: an API server with a CA of its own, and one server for all that is plain HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

CLUSTER_INFO = "/api/v1/namespaces/kube-public/configmaps/cluster-info"


class Authority(NamedTuple):
    """A CA, and a certificate of it for 127.0.0.1."""

    ca: Path
    certificate: Path
    key: Path

    @property
    def hash(self) -> str:
        """As caCertHashes has it: of the public key, in DER."""
        public = _openssl("x509", "-in", str(self.ca), "-noout", "-pubkey")
        return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(_as_certificate(public.decode()))).hexdigest()


def _as_certificate(public: str) -> str:
    """Python's reader of PEM asks for the words of a certificate."""
    return public.replace("PUBLIC KEY", "CERTIFICATE")


def authority(folder: Path) -> Authority:
    """A new CA in a folder."""
    folder.mkdir()
    ca, key, made = folder / "ca.pem", folder / "key.pem", folder / "server.pem"
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
    _openssl(*new, "-subj", "/CN=ca", "-keyout", str(folder / "ca.key"), "-out", str(ca))
    signed = ("-CA", str(ca), "-CAkey", str(folder / "ca.key"))
    name = ("-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1")
    _openssl(
        *new, *name, "-addext", "basicConstraints=critical,CA:FALSE", *signed, "-keyout", str(key), "-out", str(made)
    )
    return Authority(ca, made, key)


def _openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout


class Answer(NamedTuple):
    """What a path is answered with; ``after`` seconds."""

    status: int = 200
    body: str = "ok"
    date: float | None = None
    after: float = 0


@contextmanager
def serve(answers: Mapping[str, Answer], tls: Authority | None = None) -> Iterator[int]:
    """The port of a server on loopback that answers each path, else 404.

    A path may have a method before it, and a final star: all that begin so.
    """

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            found = (
                answers.get(f"{self.command} {self.path}")
                or answers.get(self.path)
                or next(
                    (answers[path] for path in answers if path[-1] == "*" and self.path.startswith(path[:-1])),
                    Answer(404),
                )
            )
            time.sleep(found.after)
            self.send_response_only(found.status)
            self.send_header("Date", formatdate(time.time() if found.date is None else found.date, usegmt=True))
            self.send_header("Content-Length", str(len(found.body.encode())))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found.body.encode())

        do_GET = do_HEAD = do_PUT = answer  # noqa: N815 - the names that it has there

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has there
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def cluster_info(ca: Authority, server: str) -> Answer:
    """The ConfigMap as an API server gives it."""
    data = base64.b64encode(ca.ca.read_bytes()).decode()
    cluster = {"certificate-authority-data": data, "server": server}
    lines = "".join(f"    {key}: {value}\n" for key, value in cluster.items())
    kubeconfig = f"apiVersion: v1\nclusters:\n- cluster:\n{lines}  name: ''\n"
    return Answer(body=json.dumps({"kind": "ConfigMap", "data": {"kubeconfig": kubeconfig}}, ensure_ascii=False))
