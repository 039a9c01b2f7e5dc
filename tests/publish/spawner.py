"""Processes of hybridc that cost little: everything is imported once, and each command is a fork of that.

Run as a program, it reads a JSON object a line: ``argv``, ``env`` (all of it), ``folder``, ``stdin`` (text), ``out``
and ``err`` (files). It answers with ``{"pid"}``, and when that process has ended with ``{"code"}``, -9 after kill -9.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from typing import Any

from tests.pinned import ROOT

GUIDE = ROOT / "examples/guide/hybrid.yaml"
IMPORTED = (
    *("hybridc.cli.main", "hybridc.cli.publish", "hybridc.publish.actions", "hybridc.publish.run", "hybridc.compile"),
    *("hybridc.session", "hybridc.lower.lower", "hybridc.layout.kustomize", "requests", "alibabacloud_oss_v2"),
    *("alibabacloud_ram20150501.client", "alibabacloud_cs20151215.client", "alibabacloud_tea_openapi.client"),
)


def main() -> None:
    """Until standard input ends."""
    for name in IMPORTED:
        importlib.import_module(name)
    _warm()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _child(asked)
        _say(pid=pid)
        _, status = os.waitpid(pid, 0)
        _say(code=os.waitstatus_to_exitcode(status))


def _warm() -> None:
    """Compile once, so that templates and catalogs are read; and no page of it is copied by the collector later."""
    from hybridc.compile import compile_spec

    compile_spec(str(GUIDE), GUIDE.read_bytes(), "2026-01-01")
    gc.collect()
    gc.freeze()


def _say(**answer: int) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _child(asked: dict[str, Any]) -> None:
    """The command, in a process that never comes back."""
    code = 1
    try:
        reader, writer = os.pipe()
        os.write(writer, asked["stdin"].encode())
        os.close(writer)
        os.dup2(reader, 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["env"])
        # It reads the environment when it is imported.
        importlib.reload(importlib.import_module("alibabacloud_credentials.utils.auth_util"))
        code = importlib.import_module("hybridc.cli.main").main(asked["argv"])
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
