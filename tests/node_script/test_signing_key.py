"""A signing key that comes over plain http, looked at by the real gpg: only the one of the catalog is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node_script import specs
from tests.node_script.bash import call
from tests.node_script.repositories import Key, signing_key

from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("debian")

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Key, Key]]:
    """The right one, which has a subkey as those of package repositories have, and another."""
    folder = tmp_path_factory.mktemp("keys")
    with signing_key(folder / "right") as right, signing_key(folder / "other") as other:
        passphrase = ("--pinentry-mode", "loopback", "--passphrase", "")
        right.gpg(*passphrase, "--quick-add-key", _fingerprint(right), "rsa2048", "encr", "never")
        yield right, other


def _fingerprint(key: Key) -> str:
    found = re.search(r"(?m)^fpr:+([0-9A-F]{40}):", key.gpg("--with-colons", "--list-keys"))
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("served", "status"),
    [
        ("right", 0),
        ("right in binary", 0),
        ("other", 10),
        ("right, then other", 10),
        ("other, then right", 10),
        ("<html>", 10),
        ("", 10),
    ],
)
def test_what_a_mirror_serves(served: str, status: int, keys: tuple[Key, Key], tmp_path: Path) -> None:
    right, other = keys
    text = {"right": right.public, "other": other.public}
    if served == "right in binary":
        right.gpg("--output", str(tmp_path / "served"), "--export")
    else:
        (tmp_path / "served").write_text("".join(text.get(part, part) for part in served.split(", then ")))
    commands = f'download() {{ cp served "$2"; }}\nfetch_key http://mirror/key {_fingerprint(right)}'
    done = call(node_script(specs.spec()), f"PATH={PATH}\n{commands}", tmp_path)
    assert done.returncode == status, done.stderr
    assert (b"is not " in done.stderr) == (status != 0)
    assert {path.name for path in tmp_path.iterdir()} <= {"served", "key", "pubring.kbx", "trustdb.gpg"}
