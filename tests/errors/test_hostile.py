"""Files that nobody would write by hand: a coded finding with a place, exit code 2, no traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hybridc.cli.main import main
from hybridc.compile import Compiled, compile_spec
from hybridc.words import invisible

GUIDE_PATH = Path(__file__).parents[2] / "examples" / "guide" / "hybrid.yaml"
GUIDE = GUIDE_PATH.read_bytes()
HEAD = re.compile(r"\S+hybrid\.yaml:(\d+):(\d+): ([A-Z]{2,5}\d{3}) error: .+")
Validate = Callable[[bytes], tuple[int, str]]

BILLION_LAUGHS = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c, c, c - 1, c - 1) for c in range(98, 110))
REFUSED = {
    "empty": (b"", "YAML010", 1, 1),
    "blank lines": (b"\n\n  \n", "YAML010", 1, 1),
    "only a byte order mark": (b"\xef\xbb\xbf", "YAML010", 1, 1),
    "null": (b"~\n", "YAML010", 1, 1),
    "only a document start": (b"---\n", "YAML010", 1, 1),
    "one byte over 1 MiB": (b"#" * (1024 * 1024 + 1), "YAML006", 1, 1),
    "50 MB": (b"a: b\n" * 10_000_000, "YAML006", 1, 1),
    "one line of 1 MiB": (b"a: " + b"x" * (1024 * 1024 - 3), "SPEC001", 1, 1),
    "900 brackets": (b"[" * 900, "YAML007", 1, 65),
    "100,000 braces": (b"{a: " * 100_000, "YAML007", 1, 257),
    "100,000 dashes": (b"- " * 100_000, "YAML007", 1, 129),
    "100,000 question marks": (b"? " * 100_000, "YAML011", 1, 3),
    "10,001 values": (b"a: [" + b"x, " * 10_001 + b"]", "YAML008", 1, 29996),
    "aliases that explode": (BILLION_LAUGHS, "YAML003", 1, 4),
    "an alias of itself": (b"a: &a [*a]", "YAML003", 1, 4),
    "merge keys": (b"a: &a {b: c}\nd: {<<: *a}\n", "YAML003", 1, 4),
    "a Python object": (b"!!python/object/apply:os.system [id]", "YAML004", 1, 1),
    "an ELF file": (b"\x7fELF\x02\x01\x01\x00\x00\x00", "YAML009", 1, 1),
    "a gzip file": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "YAML009", 1, 2),
    "random bytes": (bytes(range(128, 256)) * 1000, "YAML009", 1, 1),
    "UTF-16": ("a: b\n".encode("utf-16"), "YAML009", 1, 1),
    "UTF-16 without a mark": ("a: b\n".encode("utf-16-le"), "YAML009", 1, 2),
    "invalid UTF-8": (b"a: b\nc: \xc3\xa9\xff\n", "YAML009", 2, 5),
    "half of a character": (b"a: \xe4\xbd", "YAML009", 1, 4),
    "a surrogate": (b"a: \xed\xa0\x80", "YAML009", 1, 4),
    "NUL": (b"a: b\nc: \x00", "YAML009", 2, 4),
    "a bell behind wide characters": ("é: 中文\x07\n".encode(), "YAML009", 1, 6),
    "an escape sequence": (b"a: \x1b[31mred\n", "YAML009", 1, 4),
    "U+0085": ("a: b\u0085c\n".encode(), "YAML009", 1, 5),
    "U+2028": ("a: b\r\nc: d\u2028e\n".encode(), "YAML009", 2, 5),
    "U+FEFF inside": ("a: b\ufeffc\n".encode(), "YAML009", 1, 5),
    "U+FFFE": ("a: \ufffe\n".encode(), "YAML009", 1, 4),
    "a YAML 3 directive": (b"%YAML 3.0\n---\na: b\n", "YAML001", 1, 1),
    "a key that sounds like a secret, and 1 MiB of dashes": (b"secret: " + b"a-" * 524_000, "SPEC001", 1, 1),
    "the start of many private keys": (b"# " + b"-----BEGIN PRIVATE KEY-----" * 38_000, "YAML010", 1, 1),
    "the start of many web tokens": (b"a: " + b"eyJaaaaaaaaa-" * 80_000, "SPEC001", 1, 1),
    "5,000 digits": (b"a: " + b"9" * 5000, "YAML012", 1, 4),
    "1e999": (b"a: 1e999", "YAML012", 1, 4),
    "JSON": (b'{"kind": "HybridCluster"}', "SPEC002", 1, 1),
}


@pytest.fixture
def validate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Validate:
    """``validate(bytes)``: exit code and stderr; nothing on stdout, nothing written."""

    def run(raw: bytes) -> tuple[int, str]:
        spec = tmp_path / "hybrid.yaml"
        spec.write_bytes(raw)
        code = main(["build", str(spec), "-o", str(tmp_path / "out")])
        said = capsys.readouterr()
        assert (said.out, list(tmp_path.iterdir())) == ("", [spec]) or code == 0
        return code, said.err

    return run


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, validate: Validate) -> None:
    raw, code, line, column = REFUSED[name]
    exit_code, said = validate(raw)
    assert exit_code == 2
    heads = [HEAD.match(text) for text in said.splitlines() if "hybrid.yaml:" in text.partition(" ")[0]]
    assert all(heads), said
    assert (str(line), str(column), code) in [head.groups() for head in heads if head]
    assert "Traceback" not in said
    assert len(said) < 20_000
    assert not re.search(r"[^\n -\U0010ffff]|[\x7f-\x9f]", said), "nothing that moves a terminal's cursor"


def test_brackets_beyond_what_the_parser_nests(validate: Validate) -> None:
    """PyYAML 6.0.4 ends at 1,000 levels by itself, before the limit of a spec is seen."""
    code, said = validate(b"[" * 100_000)
    assert (code, said.count(" error: ")) == (2, 1)
    assert "YAML007" in said or "YAML001" in said


def test_a_limit_is_the_only_finding(validate: Validate) -> None:
    for name in ("50 MB", "900 brackets", "100,000 braces", "10,001 values"):
        assert validate(REFUSED[name][0])[1].count(" error: ") == 1, name


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + GUIDE,
        GUIDE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GUIDE.replace(b"\n", b"\r\n"),
        GUIDE.replace(b"\n", b"\r"),
        GUIDE.rstrip(b"\n"),
        b"---\n" + GUIDE + b"...\n",
        b"%YAML 1.2\n---\n" + GUIDE,
        GUIDE.replace(b"idc-ops", b'"idc-\\x6fps"'),
        GUIDE + b"#" * (1024 * 1024 - len(GUIDE)),
    ],
    ids=["BOM", "CRLF", "BOM and CRLF", "CR", "no last line end", "document marks", "1.2", "escape", "exactly 1 MiB"],
)
def test_accepted(raw: bytes, validate: Validate) -> None:
    code, said = validate(raw)
    assert code == 0, said


def test_a_place_counts_lines_alike_whatever_ends_them(validate: Validate) -> None:
    broken = GUIDE.replace(b"type: calico", b"type: calcio")
    plain = validate(broken)[1]
    for raw in (broken.replace(b"\n", b"\r\n"), broken.replace(b"\n", b"\r"), b"\xef\xbb\xbf" + broken):
        assert validate(raw)[1] == plain


EVERYTHING = json.loads(
    json.dumps(yaml.safe_load((GUIDE_PATH.parents[1] / "everything" / "hybrid.yaml").read_text("utf-8")), default=str)
)


def _put(holder: Any, text: str) -> Iterator[bytes]:
    """The example with ``text`` in the place of each of its scalars, one after the other."""
    for key, value in list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder)):
        if isinstance(value, (dict, list)):
            yield from _put(value, text)
        else:
            holder[key] = text
            yield json.dumps(EVERYTHING).encode()
            holder[key] = value


@pytest.mark.parametrize(
    "text", ["a\0b", "a\r\nb\x85\ufeff\n", "a\nb\ta\xa0\n", "'\n$(id)\n{{ x }}\nHOOK\n\nYAML", "9" * 300]
)
def test_no_text_of_a_spec_makes_the_build_fall_over(text: str) -> None:
    """Nothing that a spec can hold is an exception in what is made of it, and no file of the output holds NUL."""
    built = 0
    for raw in _put(EVERYTHING, text):
        result = compile_spec("hybrid.yaml", raw, "2026-11-30")
        if isinstance(result, Compiled):
            built += 1
            assert not [path for path, data in result.tree.items() if b"\0" in data]
        else:
            assert any(finding.severity == "error" for finding in result.found)
    assert (built == 0) == (invisible().search(text) is not None)
