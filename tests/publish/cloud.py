"""A small cloud on loopback, and ``hybridc publish`` run against it: what every test of an action uses.

    def test_x(cloud: Cloud) -> None:                       # the fixture is in conftest.py
        cloud.write(spec={"ram": {"user": "hybridc"}})       # a patch of examples/guide (RFC 7386); default: as it is
        ran = cloud.publish("ram", "--yes")                  # a process of its own; key=, env=, stdin=, kill=
        assert (ran.code, cloud.writes()) == (0, ["CreateUser", ...])

``cloud.account`` is who is known and what RAM grants (``account.user(name, statement…)`` makes a key of less rights),
``cloud.ram``, ``cloud.sts``, ``cloud.cs`` and ``cloud.oss`` are the servers: they verify every signature, obey the
account's policies, and log (``requests``). Without ``key=`` the account itself asks.

Faults: ``cloud.ram.fault(FAULTS["reset after"]("ram"), operation="CreatePolicy")``; a run whose fault never ends takes
``"--deadline", "2"``. Kill -9: ``cloud.publish(…, kill=Kill(3, "after"))`` ends the process at its third request, whose
work is done ("after") or which never arrives ("before"); ``ran.code`` is -9, or the code of a run that was shorter.
At the end of a test every stream and every log is searched for the secrets of the account.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from tests.lab.servers.account import Account, Key
from tests.lab.servers.acs import Acs
from tests.lab.servers.acs_words import refusal, throttled
from tests.lab.servers.cs import cs
from tests.lab.servers.cs_state import Cluster
from tests.lab.servers.exchange import Fault, Reset, Seen, Silence, Truncate, html
from tests.lab.servers.oss import Oss, oss
from tests.lab.servers.oss import refusal as oss_refusal
from tests.lab.servers.oss_signature import Key as OssKey
from tests.lab.servers.ram import ram
from tests.lab.servers.sts import sts
from tests.node_script.specs import merged
from tests.pinned import ROOT

GUIDE = ROOT / "examples/guide/hybrid.yaml"
READS = ("Get", "List", "Describe", "Head")


def _status(status: int, code: str) -> Callable[[str], Fault]:
    return lambda service: (oss_refusal if service == "oss" else refusal)(status, code)


FAULTS: dict[str, Callable[[str], Fault]] = {
    "404": _status(404, "EntityNotExist"),
    "409": _status(409, "OperationConflict"),
    "429": lambda service: _status(429, "Throttling")(service) if service == "oss" else throttled(),
    "500": _status(500, "InternalError"),
    "503": _status(503, "ServiceUnavailable"),
    "html": lambda _: html(502),
    "html 200": lambda _: html(200),
    "reset before": lambda _: Reset(),
    "reset after": lambda _: Reset(after=True),
    "silence before": lambda _: Silence(),
    "silence after": lambda _: Silence(after=True),
    "truncated": lambda _: Truncate(),
}
"""Name → the fault, of a service."""


class Ran(NamedTuple):
    """What a process said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams."""
        return self.out + self.err


class Kill(NamedTuple):
    """Kill -9 at a request of the run, from 1, over all services: it never arrives, or its work is done."""

    number: int
    when: Literal["before", "after"]


class Spawner:
    """Runs commands in forks of a process that has imported everything."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.publish.spawner"]
        env = {**os.environ, "PYTHONPATH": f"{ROOT / 'compiler'}:{ROOT}"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env
        )

    def run(self, started: Callable[[int], None], **asked: Any) -> int:
        """The exit code of a command; ``started`` is told its process id."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        started(self._answer()["pid"])
        return self._answer()["code"]

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Cloud:
    """The servers, an account, and a spec in ``folder``."""

    def __init__(self, folder: Path, spawner: Spawner, servers: tuple[Acs, Acs, Acs, Oss], cluster: Cluster) -> None:
        self.folder, self.cluster = folder, cluster
        self.sts, self.ram, self.cs, self.oss = servers
        self.account = self.sts.account
        self.root = self.account.root()
        self.runs: list[Ran] = []
        self.pid = 0
        """The process that runs, or ran last."""
        self._spawner = spawner
        self.write()

    def write(self, name: str = "hybrid.yaml", **patch: Any) -> Path:
        """The spec of examples/guide with ``patch`` merged in (``spec=…``, ``metadata=…``), as a file."""
        path = self.folder / name
        path.write_text(yaml.safe_dump(merged(yaml.safe_load(GUIDE.read_text()), patch)))
        return path

    def publish(
        self,
        *words: str,
        key: Key | None = None,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        kill: Kill | None = None,
    ) -> Ran:
        """``hybridc publish WORDS``, for the spec in hybrid.yaml where the words name none."""
        spec = () if any(word.endswith(".yaml") for word in words) else (str(self.folder / "hybrid.yaml"),)
        out, err = self.folder / "out.txt", self.folder / "err.txt"
        with self._killer(kill) as started:
            code = self._spawner.run(
                started,
                argv=["publish", *spec, *words, *self.endpoints()],
                env=self.environment(key or self.root) if env is None else dict(env),
                stdin=stdin,
                folder=str(self.folder),
                out=str(out),
                err=str(err),
            )
        self.runs.append(Ran(code, out.read_text(), err.read_text()))
        return self.runs[-1]

    def fresh(self, *words: str, key: Key | None = None) -> Ran:
        """The same, in a process that was started for it."""
        command = [sys.executable, "-m", "hybridc", "publish", str(self.folder / "hybrid.yaml"), *words]
        done = subprocess.run(
            [*command, *self.endpoints()],
            env={**self.environment(key or self.root), "PYTHONPATH": str(ROOT / "compiler")},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        self.runs.append(Ran(done.returncode, done.stdout, done.stderr))
        return self.runs[-1]

    def requests(self) -> list[Seen]:
        """Every request, service by service."""
        return [line for server in self.servers.values() for line in server.requests]

    def asked(self) -> list[str]:
        """Every call as RAM names it: ``ram:GetUser``; service by service."""
        return [f"{name}:{line.operation}" for name, server in self.servers.items() for line in server.requests]

    def writes(self) -> list[str]:
        """The operations that changed something, or were to; service by service."""
        return [line.operation for line in self.requests() if not line.operation.startswith(READS)]

    def forget(self) -> None:
        """Empty the logs."""
        for server in self.servers.values():
            server.requests.clear()

    @property
    def servers(self) -> dict[str, Acs | Oss]:
        """By service, as ``--endpoint`` names them."""
        return {"sts": self.sts, "ram": self.ram, "cs": self.cs, "oss": self.oss}

    def secrets(self) -> set[str]:
        """What nothing may show."""
        found = {text for key in self.account.keys.values() for text in (key.secret, key.token)}
        return found - {""}

    def check_secrets(self) -> None:
        """Fail when a stream or a log has a secret of the account."""
        logs = [repr(line) for line in self.requests()]
        for text in (*logs, *(ran.said for ran in self.runs)):
            assert not [secret for secret in self.secrets() if secret in text], text

    def endpoints(self) -> list[str]:
        """The flags that lead to the servers."""
        return [word for name, server in self.servers.items() for word in ("--endpoint", f"{name}={server.url}")]

    def environment(self, key: Key) -> dict[str, str]:
        """The variables with which a key is found."""
        principal = key.principal

        def allows(action: str, resource: str) -> bool:
            return self.account.allows(principal, action, resource)

        self.oss.keys[key.id] = OssKey(
            key.id, key.secret, self.account.id, principal.name, allows, key.token, key.expires
        )
        names = ("ID", "SECRET")
        keys = {
            f"ALIBABA_CLOUD_ACCESS_KEY_{name}": value for name, value in zip(names, (key.id, key.secret), strict=True)
        }
        token = {"ALIBABA_CLOUD_SECURITY_TOKEN": key.token} if key.token else {}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "NO_COLOR": "1", **keys, **token}

    @contextmanager
    def _killer(self, kill: Kill | None) -> Iterator[Callable[[int], None]]:
        """Hooks into every server that kill the process; gives what is to be told its id."""
        pid, known, count = [0], threading.Event(), [0]

        def hook(when: str, _: Seen) -> bool:
            count[0] += when == "before"
            if kill is None or kill != (count[0], when):
                return False
            known.wait(10)
            os.kill(pid[0], signal.SIGKILL)
            return True

        def started(number: int) -> None:
            pid[0] = self.pid = number
            known.set()

        if kill is not None:
            for server in self.servers.values():
                server.hook = hook
        try:
            yield started
        finally:
            if kill is not None:
                for server in self.servers.values():
                    server.hook = None


@contextmanager
def cloud_in(folder: Path, spawner: Spawner) -> Iterator[Cloud]:
    """The servers run until the block ends; then nothing may have shown a secret."""
    account, cluster = Account(), Cluster(offered={"terway-eniip": ["v1.16.0", "v1.17.5"]})
    with ExitStack() as stack:
        enter = stack.enter_context
        servers = (enter(sts(account)), enter(ram(account)), enter(cs(account, cluster)), enter(oss()))
        cloud = Cloud(folder, spawner, servers, cluster)
        yield cloud
        cloud.check_secrets()
