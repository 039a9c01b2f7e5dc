"""Nothing here opens a socket, and nothing that the environment holds gets out."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest
from tests.build.cli import EXAMPLES, ROOT, call, clean_environment, run, written

NAMES = [path.parent.name for path in EXAMPLES]


def commands(out: Path) -> list[list[str]]:
    specs = [str(path) for path in EXAMPLES]
    return [
        ["build", *specs, "-o", str(out)],
        ["build", *specs, "-o", str(out), "--layout", "both", "--force"],
        ["build", *specs, "-o", str(out), "--check", "--format", "json"],
        ["validate", *specs],
        ["explain", "spec.terway.poolSize"],
        ["explain", "NET001"],
        ["schema"],
        ["--version"],
    ]


@pytest.mark.needs("root")
def test_without_a_network(tmp_path: Path) -> None:
    """In a network namespace of its own there is not even a loopback device that is up."""
    for command in commands(tmp_path / "out"):
        done = run(*command, before=("unshare", "--net"))
        assert done.code in ((0, 1) if "--check" in command else (0,)), done.err


def test_no_socket_is_ever_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname", "getfqdn", "gethostname"):
        monkeypatch.setattr(socket, name, refuse)
    for command in commands(tmp_path / "out"):
        assert call(*command).code in (0, 1)


LOADED = """
import io, sys
from hybridc.cli.main import main
printed, sys.stdout = sys.stdout, io.StringIO()
main({words!r})
print(*sorted(sys.modules), file=printed)
"""


def test_no_network_module_is_even_loaded(tmp_path: Path) -> None:
    """Of the modules that a build loads, none talks to a network or belongs to a cloud or cluster client.

    ``socket`` itself is there: the schema validator imports the standard library's email package.
    """
    words = ["build", *map(str, EXAMPLES), "-o", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    roots = {name.split(".")[0] for name in done.stdout.split()}
    never = {"ssl", "http", "urllib3", "requests", "kubernetes", "alibabacloud_oss_v2", "Tea", "rich", "asyncio"}
    assert not roots & never


SECRETS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tQvXk2mNsecret01",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "kq8Zr2sV0wXyB4secret02cD6eF8g",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "CAISsecret03aGVsbG8gd29ybGQ",
    "OSS_ACCESS_KEY_ID": "LTAI5tQvXk2mNsecret04",
    "OSS_ACCESS_KEY_SECRET": "Hn3secret05Lm5Np7Qr9St1Uv",
    "HYBRIDC_BOOTSTRAP_TOKEN": "abcdef.secret0601234567",
    "ARGOCD_AUTH_TOKEN": "eyJhbGciOisecret07.eyJzdWIi.c2ln",
    "GITHUB_TOKEN": "ghp_secret08AbCdEfGhIjKlMn",
    "HOME": "/home/person-secret09",
    "USER": "person-secret10",
    "HTTPS_PROXY": "http://user:pass-secret11@proxy.example.com:3128",
}
KUBECONFIG = "users: [{name: a, user: {token: kubeconfig-secret12-token}}]\n"


def test_no_secret_of_the_environment_is_written_or_printed(tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    environment = clean_environment(**SECRETS, KUBECONFIG=str(tmp_path / "kubeconfig"))
    bad = tmp_path / "bad.yaml"
    bad.write_text("apiVersion: hybridc.dev/v1alpha1\nkind: [\n")
    said = b""
    for command in [*commands(tmp_path / "out"), ["build", str(bad)], ["build", "--debug", str(bad)], ["--wrong"]]:
        done = run(*command, environment=environment, cwd=tmp_path)
        said += (done.out + done.err).encode()
    held = [*SECRETS.values(), "kubeconfig-secret12-token"]
    files = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert len(files) > 50
    for secret in held:
        assert len(secret) >= 12
        assert secret.encode() not in said
        assert [path for path, content in files.items() if secret.encode() in content] == []


def test_a_secret_in_the_spec_is_not_repeated(tmp_path: Path) -> None:
    """Not in the finding's words, and not in the excerpt."""
    token, key = "abcdef.0123456789abcdef", "LTAI5tQvXk2mNpRsTuVwXyZa"
    secrets = {
        "{workload: cpu}": f"{{workload: cpu, a: {key}}}",
        "os: alinux3": f"os: alinux3\n    hooks: {{pre: 'echo {token}'}}",
    }
    path = written(tmp_path, replaced=secrets)
    for form in ("text", "json"):
        done = call("build", path, "-o", tmp_path / "out", "--format", form)
        assert done.code == 2
        assert token not in done.out + done.err
        assert key not in done.out + done.err
    assert not (tmp_path / "out").exists()


def test_the_repository_builds_its_own_examples() -> None:
    assert {"guide", "two-zone", "everything"} <= set(NAMES)
    assert (ROOT / "schemas" / "hybrid.schema.json").is_file()
