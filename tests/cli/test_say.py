"""Words from outside reach a terminal, a CI log and a document as text: never as a command, never unseen."""

from __future__ import annotations

import ast
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.diagnostics.leaks import rendered

from hybridc import words
from hybridc.cli import main as cli
from hybridc.cli.main import main
from hybridc.diagnostic import Diagnostic, Place
from hybridc.report import as_json, junit, sarif
from hybridc.report.excerpt import Report, show
from hybridc.report.reporter import FORMATS
from hybridc.source.document import Document

SOURCES = Path(__file__).parents[2] / "compiler" / "hybridc"
GUIDE = Path(__file__).parents[2] / "examples" / "guide" / "hybrid.yaml"
Capture = pytest.CaptureFixture[str]
EVIL = {
    "a workflow command": "x\n::error::pwn",
    "a command at the start": "::add-mask::x",
    "an old command": "x##[error]pwn",
    "a command of Azure": "x##vso[task.setvariable variable=a]b",
    "a section of GitLab": "section_start:1:a\r\x1b[0Kx",
    "an escape sequence": "\x1b[31mred",
    "C1": "\x9b31mred",
    "a mark of direction": "a\u202eb\u2066c",
    "no width": "a\u200bb\u2060c\ufeffd",
    "lines": "a\u2028b\u2029c\x85d",
    "private use": "a\ue000b\U000f0000c",
    "tags": "a\U000e0041b",
    "half a character": "a\udcffb",
    "a filler": "a\u3164b",
    "delete": "a\x7fb",
}


def is_harmless(text: str) -> bool:
    """Whether every line is text that a person sees, and no command of a CI log."""
    lines = text.split("\n")
    assert all(not words.invisible().search(line) and "\t" not in line for line in lines), text
    assert not [line for line in lines if line.lstrip().startswith("::")], text
    return not re.search(r"##(?:\[|vso\[)", text)


def test_one_module_writes_to_the_streams() -> None:
    for path in SOURCES.rglob("*.py"):
        names = {
            f"{node.value.id}.{node.attr}"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
        where = path.relative_to(SOURCES).as_posix()
        # The version alone is printed before anything is imported.
        assert len(calls) == (where == "__main__.py"), where
        assert where == "cli/say.py" or not names & {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}, (
            where
        )


@pytest.mark.parametrize("name", EVIL)
def test_a_file_name(name: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = EVIL[name] + ".yaml"
    Path(spec).write_bytes(GUIDE.read_bytes())
    assert main(["validate", spec]) == 0
    said = capsys.readouterr()
    assert ": valid\n" in said.out
    assert is_harmless(said.out + said.err)


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize(
    "argv",
    [
        ["validate", "@"],
        ["build", "@", "-o", "@"],
        ["build", str(GUIDE), "-o", "@"],
        ["build", str(GUIDE), "--check", "-o", "@"],
        ["build", str(GUIDE), "--shard", "@"],
        ["build", str(GUIDE), "--layout", "@"],
        ["validate", str(GUIDE), "--report", "@/@"],
        ["validate", "--eni-config", str(GUIDE), "--terway-version", "@"],
        ["validate", str(GUIDE), "@", "--@"],
        ["explain", "@"],
        ["explain", "spec.@"],
        ["rules", "@"],
        ["init", "@/@"],
        ["preflight", str(GUIDE), "--from", "@"],
        ["steps", "@"],
        ["@"],
        ["--@"],
    ],
    ids=lambda argv: " ".join(argv).replace(str(GUIDE), "G"),
)
def test_an_argument(
    argv: list[str], name: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with suppress(SystemExit):
        main([arg.replace("@", EVIL[name]) for arg in argv])
    said = capsys.readouterr()
    assert said.out + said.err
    assert is_harmless(said.out + said.err)


def test_files_of_a_folder(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a lock names is pruned, and said: a lock can come with a pull request."""
    monkeypatch.chdir(tmp_path)
    assert main(["build", str(GUIDE)]) == 0
    (folder,) = Path("out").iterdir()
    lock = json.loads((folder / "hybridc.lock.json").read_text("utf-8"))
    for evil in EVIL.values():
        if "\udcff" not in evil:
            (folder / evil).write_bytes(b"")
            lock["files"][evil] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / "hybridc.lock.json").write_text(json.dumps(lock), "utf-8")
    assert main(["build", "--check", str(GUIDE)]) == 1
    assert main(["build", str(GUIDE)]) == 0
    said = capsys.readouterr()
    assert "  D " in said.out
    assert is_harmless(said.out + said.err)


TOKENS = ["LTAI5tExampleExample1234", "abcdef.0123456789abcdef", "https:--ci:hunter2hunter2@h".replace("-", "/")]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "argv", [["validate", "@"], ["build", "@"], ["build", str(GUIDE), "-o", "@"], ["--token=@"], ["@"]]
)
def test_a_token_in_an_argument(
    argv: list[str], token: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with suppress(SystemExit):
        main([arg.replace("@", token) for arg in argv])
    said = capsys.readouterr()
    assert said.out + said.err
    assert token not in said.out + said.err


@pytest.mark.parametrize("form", FORMATS)
def test_a_token_in_a_file_name(form: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{TOKENS[0]}.yaml"
    Path(name).write_text("a: b\n", "utf-8")
    assert main(["validate", "--format", form, name]) == 2
    said = capsys.readouterr()
    assert TOKENS[0] not in said.out + said.err


@given(st.text(max_size=40), st.sampled_from(sorted(EVIL)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_format(text: str, name: str) -> None:
    """A finding whose every word comes from outside: readable by the format's reader, and harmless as lines."""
    evil = EVIL[name] + text
    found = [Diagnostic("SPEC005", "error", evil, Place(1, 1, 1, 9), evil, evil, f"/{evil}", evil)]
    document = Document(evil, evil.replace("\n", " ") + "x")
    assert "SPEC005" in rendered(found, document)
    reports = [Report(evil, show(document, found))]
    for shown in (as_json.render(reports), junit.render(reports), sarif.render(reports)):
        assert is_harmless(shown)
    json.loads(as_json.render(reports))
    json.loads(sarif.render(reports))
    ElementTree.fromstring(junit.render(reports))


def test_json_says_what_it_said() -> None:
    for evil in EVIL.values():
        safe = words.in_json(json.dumps({"a": evil}, ensure_ascii=False))
        assert json.loads(safe) == {"a": evil}
        assert not words.invisible().search(safe)


def test_a_bug_says_no_values(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    secret = "hunter2" * 2

    def broken(_: list[str]) -> int:
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise ValueError(f"cannot read {secret!r} of pools: token: abcdef") from error

    monkeypatch.setattr(cli, "_run", broken)
    for flags in ([], ["--debug"]):
        assert main(["schema", *flags]) == 70
        said = capsys.readouterr().err
        assert "ValueError: cannot read '***' of pools: token: ***" in said
        assert secret not in said
        assert ("test_say.py" in said) is bool(flags)


def test_a_fleet_of_odd_folders(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.makedirs("out/::error::x")
    Path("out/::error::x/hybridc.lock.json").write_text('{"lockVersion": 2, "files": {}}', "utf-8")
    main(["build", str(GUIDE)])
    said = capsys.readouterr()
    assert is_harmless(said.out + said.err)
