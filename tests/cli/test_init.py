"""``hybridc init`` writes a first spec whose only mistakes are the values that a person alone knows."""

from __future__ import annotations

import json
import re
import resource
from pathlib import Path

import pytest
from tests.build.cli import tree
from tests.output import faults

from hybridc.cli.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_the_file_and_names_the_placeholders(capsys: Capture) -> None:
    assert main(["init"]) == 0
    said = capsys.readouterr()
    names = list(dict.fromkeys(re.findall(r"<[a-z0-9-]+>", Path("hybrid.yaml").read_text(encoding="utf-8"))))
    assert said.out == (
        f"hybrid.yaml: written. Replace {len(names)} placeholders: {', '.join(names)}\n"
        "then: hybridc validate hybrid.yaml\n"
    )
    assert said.err == ""


def test_every_placeholder_is_one_finding_and_nothing_else_is_wrong(capsys: Capture) -> None:
    main(["init"])
    capsys.readouterr()
    assert main(["validate", "--format", "json", "hybrid.yaml"]) == 2
    said = capsys.readouterr()
    found = [finding for finding in json.loads(said.out)["diagnostics"] if finding["severity"] == "error"]
    assert {finding["code"] for finding in found} == {"ID004"}
    lines = Path("hybrid.yaml").read_text(encoding="utf-8").splitlines()
    placeholders = [n for n, line in enumerate(lines, 1) for _ in re.findall(r"<[a-z0-9-]+>", line.partition(" #")[0])]
    assert [finding["line"] for finding in found] == placeholders
    assert all(re.search(r"replace it with .+", finding["help"]) for finding in found)


def test_with_real_values_it_is_valid_and_nothing_is_warned_of(capsys: Capture) -> None:
    main(["init"])
    values = {
        "<api-server-host>": "10.1.2.3",
        "<ca-cert-hash>": "7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866",
        "<account-id>": "1234567890123456",
        "<registered-cluster-id>": "c0123456789abcdef0123456789abcdef",
        "<vpc-id>": "vpc-bp1k8m2q9s7x4v6z0n3j5",
        "<node-vswitch-j>": "vsw-bp1nodej",
        "<node-vswitch-k>": "vsw-bp1nodek",
        "<pod-vswitch-j>": "vsw-bp1podj",
        "<pod-vswitch-k>": "vsw-bp1podk",
        "<security-group-id>": "sg-bp1f3h5j7l9n1p3r5t7v",
        "<ram-user>": "ack-one",
        "<bucket>": "kubelet-idc",
        "<key-pair>": "idc-ops",
        "<git-repository-url>": "https://git.example.com/platform/out.git",
        "<registry>": "registry.idc.example.com",
        "<why-isolated-pods-stay-in-the-idc>": "their namespaces have a nodeSelector",
        "<why-the-vpc-may-read-the-join-token>": "nothing else runs there",
    }
    text = Path("hybrid.yaml").read_text(encoding="utf-8")
    for name, value in values.items():
        assert name in text
        text = text.replace(name, value)
    assert not re.search(r"<[a-z0-9-]+>", text)
    Path("hybrid.yaml").write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert main(["validate", "--strict", "hybrid.yaml"]) == 0, capsys.readouterr().err
    assert main(["build", "hybrid.yaml"]) == 0, capsys.readouterr().err


def test_it_overwrites_nothing_unless_told_to(capsys: Capture) -> None:
    Path("hybrid.yaml").write_text("mine\n", encoding="utf-8")
    assert main(["init"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hybridc: hybrid.yaml exists already; --force overwrites it\n")
    assert Path("hybrid.yaml").read_text(encoding="utf-8") == "mine\n"
    assert main(["init", "--force"]) == 0
    assert Path("hybrid.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")


def test_a_dash_is_standard_output(capsys: Capture) -> None:
    assert main(["init", "-"]) == 0
    text = capsys.readouterr().out
    assert list(Path().iterdir()) == []
    main(["init", "idc.yaml"])
    assert Path("idc.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("path", "why"), [("none/x.yaml", "No such file or directory"), (".", "Is a directory")])
def test_paths_that_cannot_be_written(path: str, why: str, capsys: Capture) -> None:
    assert main(["init", path, "--force"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"hybridc: cannot write {path}: {why}\n")


def test_a_symbolic_link_is_not_followed_to_somebody_elses_file(capsys: Capture) -> None:
    Path("theirs").write_text("theirs\n", encoding="utf-8")
    Path("hybrid.yaml").symlink_to("theirs")
    assert main(["init"]) == 2
    assert Path("theirs").read_text(encoding="utf-8") == "theirs\n"


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_an_empty_file_is_no_obstacle(force: list[str]) -> None:
    """A full disk has left it."""
    Path("hybrid.yaml").touch()
    assert main(["init", *force]) == 0
    assert Path("hybrid.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")
    assert [path.name for path in Path().iterdir()] == ["hybrid.yaml"]


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("there", [None, "", "mine\n"])
def test_a_full_disk_leaves_what_was_there(force: list[str], there: str | None, tmp_path: Path) -> None:
    """Written to a limit of 100 bytes, the file is as it was, and the next init works."""
    if there is not None:
        Path("hybrid.yaml").write_text(there, encoding="utf-8")
    before = tree(tmp_path)
    code = faults.child(["init", *force], lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    assert code == (2 if there and not force else 3)
    assert tree(tmp_path) == before
    assert main(["init", "--force"]) == 0


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_killed_at_any_moment(force: list[str], tmp_path: Path) -> None:
    """The file is not there, or whole; with --force the old one or the new one."""
    count = len(faults.moments(["init", *force], tmp_path))
    whole = Path("hybrid.yaml").read_bytes()
    for at in range(1, count + 1):
        for path in tmp_path.iterdir():
            path.unlink()
        if force:
            Path("hybrid.yaml").write_text("mine\n", encoding="utf-8")
        faults.child(["init", *force], faults.strike(at, faults.kill))
        found = Path("hybrid.yaml").read_bytes() if Path("hybrid.yaml").exists() else None
        assert found in ((b"mine\n", whole) if force else (None, whole)), at


def test_with_force_a_link_stays_one_and_permissions_stay() -> None:
    Path("theirs").write_text("mine\n", encoding="utf-8")
    Path("theirs").chmod(0o640)
    Path("hybrid.yaml").symlink_to("theirs")
    assert main(["init", "--force"]) == 0
    assert Path("hybrid.yaml").is_symlink()
    assert Path("theirs").read_text(encoding="utf-8").startswith("# yaml-language-server")
    assert Path("theirs").stat().st_mode & 0o777 == 0o640
