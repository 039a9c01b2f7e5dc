"""Formatting changes how a file looks and nothing else, whatever it looked like before."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from tests.cli.programs import hybridc
from tests.rewrite.texts import FILES, TEXTS, WORDS, texts

from hybridc.cli import files
from hybridc.cli.main import main
from hybridc.rewrite import nodes
from hybridc.rewrite.fmt import formatted
from hybridc.rewrite.tree import same
from hybridc.source.reader import read

HERE = Path(__file__).parent
Capture = pytest.CaptureFixture[str]


def comments(text: str) -> list[str]:
    """The comments of a text, by another judge than the formatter's own: what is left of it without all tokens."""
    found, lines = [], [list(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        start, end = token.start_mark, token.end_mark
        block = isinstance(token, yaml.ScalarToken) and token.style in ("|", ">")
        for number in range(start.line, end.line + 1):
            first = start.column if number == start.line else 0
            last = end.column if number == end.line else len(lines[number])
            if block and number == start.line:
                last = first + 1
            lines[number][first:last] = " " * (last - first)
    for line in lines:
        rest = "".join(line)
        if "#" in rest:
            found.append(rest[rest.index("#") :].rstrip())
    return sorted(found)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts())
def test_values_and_comments_stay_and_a_second_time_changes_nothing(text: str) -> None:
    before, wrong = read("x", text.encode())
    assume(not wrong)
    after, found = formatted("x", text.encode())
    assert found == []
    assert same(read("x", after.encode())[0].data, before.data)
    assert comments(after) == comments(text.removeprefix("\ufeff"))
    assert formatted("x", after.encode())[0] == after


ODD = {
    "complexkey": b"? a\n: b\n? c # x\n: - d\n",
    "longkey": b"spec:\n  labels:\n    " + b"k" * 200 + b": v # c\n    # d\n    b: 1\n",
    "directive": b"%YAML 1.2\n---\nkind: a\n...\n# after\n",
    "cr": b"kind: a\rapiVersion: b # c\r",
    "mixed": b"kind: a\r\napiVersion: b\n",
    "bom": "\ufeffkind: a\napiVersion: b\n".encode(),
    "tabs": b"kind:\ta\t# c\napiVersion: b\n",
    "docstart": b"--- # c\nkind: a\napiVersion: b\n",
    "docflow": b"--- {kind: a, apiVersion: b} # c\n",
    "list": b"# h\n- a # b\n# c\n- d\n",
    "nulls": b"a:\nb: ~ # c\nc: null\nd:\n  # only comment\ne: 1\n",
    "emptylist": b"a: [] # x\nb: {} # y\nc: [ # z\n ]\n",
    "literal_end": b"a: |\n  x\n\n\n# c\nb: |+\n  y\n\n\nc: >+\n  z\n\n",
    "literal_indent": b"a: |2\n    x\n   y\nb: |1-\n  q\n",
    "keep_at_end": b"b: 1\na: |+\n  x\n\n",
    "plain_multi": b"a: x\n\n  y # c\nb: it's\n  so\n",
    "quoted_multi": b"a: 'x\n\n  y' # c\nb: \"p\\\n   q\" # d\n",
    "flow_pair": b"l: [a: b, {c: d}, [e: f # g\n ]]\n",
    "dashes": b"l:\n- - a # 1\n  - b\n# 2\n- - c\n",
    "zero": b"a:\n- b\n# c\n- d\n # e\nf: 1\n",
    "hash in plain": b'a: b#c\nd: e #f\n"g#h": i\n',
    "nbsp": "a: b\u00a0# not\n".encode(),
    "nel": b"a: x # c\n\n\n\n#d\n\n\n",
    "trail": b"a: 1   \nb: 2 # c   \n",
    "octal": b"a: 0o17\nb: 017\nc: 1e3\nd: .5\ne: +1\nf: 0x1F\ng: 1_000\nh: 2026-01-01\ni: =\nj: <<\n",
    "unicode esc": b'a: "\\u0041\\x0a\\e\\_"\n',
    "big": b"a: 99999999999999\n",
    "indent7": b"a:\n       b:\n              - c\n              -   d: 1\n                  e: 2\n",
    "comment only nested": b"a:\n  # x\n  b: 1\n  # y\n# z\n",
    "flow comment first": b"a: # 1\n  # 2\n  [ # 3\n  # 4\n  b, # 5\n  # 6\n  c # 7\n  # 8\n  ] # 9\n",
    "star": b"a: '*x'\nb: \"&y\"\nc: '!z'\nd: '%'\ne: '@'\n",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_yaml_keeps_its_values_and_comments(name: str) -> None:
    raw = ODD[name]
    before, wrong = read("x", raw)
    after, found = formatted("x", raw)
    assert (wrong, found) == ([], [])
    assert same(read("x", after.encode())[0].data, before.data)
    assert comments(after) == comments(raw.decode("utf-8-sig"))
    assert formatted("x", after.encode())[0] == after


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_examples_are_formatted(path: Path) -> None:
    assert formatted(str(path), path.read_bytes())[0] == path.read_text("utf-8")


def test_keys_take_the_order_of_the_schema_with_what_belongs_to_them() -> None:
    before = (HERE / "untidy.yaml").read_bytes()
    assert formatted("untidy.yaml", before)[0] == (HERE / "tidy.yaml").read_text("utf-8")


def test_line_ends_and_json_stay_what_they_are() -> None:
    assert formatted("x", b"kind: a # c\r\napiVersion: |\r\n  b\r\n")[0] == "apiVersion: |\r\n  b\r\nkind: a  # c\r\n"
    assert formatted("x", b'{"kind": "a", "apiVersion": 1}')[0] == '{\n  "apiVersion": 1,\n  "kind": "a"\n}\n'


def test_work_grows_with_the_size_of_the_file() -> None:
    """A file with as many values, collections and comments as the reader takes."""
    lines = [f"k{number}: {{a: [1]}} # c" for number in range(1500)]
    text = "spec: {" + " # open\n".join(f"k{number}: {{a: 1}}," for number in range(1500)) + "}\n"
    for each in (text, "\n".join(lines) + "\n"):
        assert formatted("x", each.encode())[0].count("#") == each.count("#")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "hybrid.yaml"
    path.write_bytes((HERE / "untidy.yaml").read_bytes())
    return path


def test_the_verb_writes_the_file_once(spec: Path, capsys: Capture) -> None:
    spec.chmod(0o640)
    assert main(["fmt", "--check", str(spec)]) == 1
    assert capsys.readouterr() == (f"{spec}: would be formatted\n", "")
    assert spec.read_bytes() == (HERE / "untidy.yaml").read_bytes()
    assert main(["fmt", str(spec)]) == 0
    assert capsys.readouterr() == (f"{spec}: formatted\n", "")
    assert spec.read_bytes() == (HERE / "tidy.yaml").read_bytes()
    assert (spec.stat().st_mode & 0o777, [path.name for path in spec.parent.iterdir()]) == (0o640, ["hybrid.yaml"])
    assert main(["fmt", "--check", str(spec)]) == 0
    assert main(["fmt", str(spec)]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_dash_goes_from_standard_input_to_standard_output() -> None:
    done = hybridc("fmt", "-", stdin=(HERE / "untidy.yaml").read_bytes())
    assert (done.returncode, done.stdout, done.stderr) == (0, (HERE / "tidy.yaml").read_text("utf-8"), "")


@pytest.mark.parametrize("text", ["a: [1\n", "a: 1\na: 2\n", "a: &x 1\nb: *x\n", "# nothing\n", "a: 1\n---\nb: 2\n"])
def test_a_file_that_cannot_be_read_is_left_alone(text: str, spec: Path, capsys: Capture) -> None:
    spec.write_text(text, encoding="utf-8")
    assert main(["fmt", str(spec)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.match(rf"{re.escape(str(spec))}:\d+:\d+: YAML\d+ error: ", said.err)
    assert spec.read_text("utf-8") == text
    assert main(["fmt", str(spec.with_name("none.yaml"))]) == 2


@pytest.mark.parametrize("value", ["!!str hunter2", "&a hunter2", "\n  !x hunter2"])
@pytest.mark.parametrize("key", ["auth", "password", "sk"])
def test_a_file_that_cannot_be_read_shows_no_secret(key: str, value: str, spec: Path, capsys: Capture) -> None:
    spec.write_text(f"{key}: {value}\n")
    assert main(["fmt", str(spec)]) == 2
    assert "hunter2" not in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_is_said(
    spec: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    assert main(["fmt", str(spec)]) == 3
    assert capsys.readouterr().err == f"hybridc: error: cannot write {spec}: Permission denied\n"
    assert [path.name for path in spec.parent.iterdir()] == ["hybrid.yaml"]


def test_what_changed_meanwhile_is_not_overwritten(spec: Path) -> None:
    with pytest.raises(files.Changed):
        files.replace(str(spec), "mine\n", was=b"what was read\n")
    assert spec.read_bytes() == (HERE / "untidy.yaml").read_bytes()
    spec.with_name("link.yaml").symlink_to("hybrid.yaml")
    files.replace(str(spec.with_name("link.yaml")), "mine\n", was=spec.read_bytes())
    assert (spec.read_text("utf-8"), spec.with_name("link.yaml").is_symlink()) == ("mine\n", True)


@pytest.mark.parametrize(
    "text",
    [*WORDS, *TEXTS, "0x1F", "1e3", "1.30", "1.2.3", "10.0.0.0/8", "1.2.3.4", "nan", "y", "012", "1:30", "-", "=", "é"],
)
def test_text_that_is_put_into_a_spec_stays_text(text: str) -> None:
    written = nodes.write(nodes.from_data({"a": text, "b": [text], "c": {text or "k": text}}))
    assert read("x", written.encode())[0].data == {"a": text, "b": [text], "c": {text or "k": text}}
    for reader in (yaml.CSafeLoader, yaml.SafeLoader):
        assert yaml.load(written, reader)["a"] == text
