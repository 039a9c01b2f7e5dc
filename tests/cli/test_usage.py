"""Wrong flags and verbs: one sentence, the nearest right one, exit code 2, nothing on stdout."""

from __future__ import annotations

import re

import pytest

from hybridc import __version__
from hybridc.cli.main import VERBS, main

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    try:
        code = main(list(argv))
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("argv", "message", "help_"),
    [
        ("biuld", 'there is no command "biuld"', "did you mean build?"),
        ("BUILD", 'there is no command "BUILD"', "did you mean build?"),
        ("frobnicate", 'there is no command "frobnicate"', "hybridc --help lists them"),
        ("build --chek x", "there is no flag --chek", "did you mean --check?"),
        ("build --che x", "there is no flag --che", "did you mean --check?"),
        ("validate --zzz x", "there is no flag --zzz", "hybridc validate --help lists them"),
        ("build", "name a SPEC, the path of a hybrid.yaml", "did you mean hybridc build hybrid.yaml?"),
        ("completion fsh", 'shell: "fsh" is not one of bash, zsh, tcsh', "did you mean zsh?"),
        ("schema extra", "unrecognized arguments: extra", "hybridc schema --help lists them"),
        ("--verison", "there is no flag --verison", "did you mean --version?"),
        ("stepps x", 'there is no command "stepps"', "did you mean steps?"),
        (
            "steps x --format xml",
            '--format: "xml" is not one of text, markdown, json, sh',
            "hybridc steps --help lists them",
        ),
        ("validate x --report", "argument --report: expected one argument", "hybridc validate --help lists them"),
    ],
)
def test_wrong(argv: str, message: str, help_: str, capsys: Capture) -> None:
    assert run(capsys, *argv.split()) == (2, "", f"hybridc: error: {message}\n  help: {help_}\n")


def test_a_wrong_format_names_the_formats(capsys: Capture) -> None:
    code, out, err = run(capsys, "validate", "--format", "jsn", "x")
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r'hybridc: error: --format: "jsn" is not one of text, json.*\n  help: did you mean json\?\n', err
    )


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", "", "1/9999999"])
def test_a_wrong_shard(shard: str, capsys: Capture) -> None:
    code, out, err = run(capsys, "build", f"--shard={shard}", "x")
    assert (code, out) == (2, "")
    assert err == f'hybridc: error: --shard "{shard}" is not I/N with 1 <= I <= N\n'


def test_nothing_at_all_shows_the_commands_and_is_an_error(capsys: Capture) -> None:
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    assert all(verb in err for verb in VERBS)


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(flag: str, capsys: Capture) -> None:
    code, out, err = run(capsys, flag)
    assert (code, err) == (0, "")
    assert all(re.search(rf"(?m)^ +{verb}\b", out) for verb in VERBS)
    assert "--debug" not in out


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb: str, capsys: Capture) -> None:
    code, out, err = run(capsys, verb, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: hybridc {verb} ")
    assert VERBS[verb][1][1:] in " ".join(out.split())


def test_version(capsys: Capture) -> None:
    assert run(capsys, "--version") == (0, f"hybridc {__version__}\n", "")


def test_words_after_a_flag_belong_to_those_before_it(capsys: Capture) -> None:
    code, _, said = run(capsys, "validate", "none/a.yaml", "--strict", "none/b.yaml")
    assert code == 2
    assert {"none/a.yaml", "none/b.yaml"} <= set(re.findall(r"none/[ab]\.yaml", said))
