"""A flag before the verb is a flag of the verb."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.bare import written_bare
from tests.build.cli import call

from hybridc.cli.main import VERBS, _takes_value
from hybridc.cli.order import verb_first


@pytest.mark.parametrize(
    ("argv", "same_as"),
    [
        ("build x", "build x"),
        ("--strict build x", "build x --strict"),
        ("--format json build x -o y", "build x -o y --format json"),
        ("--format=json --strict build x", "build x --format=json --strict"),
        ("-o out build x", "build x -o out"),
        ("-o build build x", "build x -o build"),
        ("--report validate validate x", "validate x --report validate"),
        ("--watch doctor x", "doctor x --watch"),
        ("--check fmt -- -x", "fmt --check -- -x"),
        ("--debug validate x", "validate x --debug"),
        ("--chek build x", "build x --chek"),
        ("help build", "build --help"),
        ("help", "--help"),
        ("version", "--version"),
    ],
)
def test_moved(argv: str, same_as: str) -> None:
    assert verb_first(argv.split(), VERBS, _takes_value) == same_as.split()


@pytest.mark.parametrize("argv", ["", "x build", "--version build x", "--help build", "--strict x build", "-- build x"])
def test_left_as_it_is(argv: str) -> None:
    assert verb_first(argv.split(), VERBS, _takes_value) == argv.split()


@pytest.mark.parametrize("flags", [["--strict"], ["--format", "json"], ["--format=github"], ["--debug"]])
@pytest.mark.parametrize("verb", ["validate", "build"])
def test_the_same_result(flags: list[str], verb: str, tmp_path: Path) -> None:
    spec = str(written_bare(tmp_path))
    more = ["-o", str(tmp_path / "out"), "--check"] if verb == "build" else []
    assert call(*flags, verb, spec, *more) == call(verb, spec, *more, *flags)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("--chek build x", "there is no flag --chek\n  help: did you mean --check?"),
        (
            "--format jsn build x",
            '--format: "jsn" is not one of text, json, sarif, github, junit\n  help: did you mean json?',
        ),
        ("lint x", 'there is no command "lint"\n  help: did you mean validate?'),
        ("a/hybrid.yaml", 'there is no command "a/hybrid.yaml"\n  help: did you mean hybridc build a/hybrid.yaml?'),
        ("build", "name a SPEC, the path of a hybrid.yaml\n  help: did you mean hybridc build hybrid.yaml?"),
    ],
)
def test_what_is_wrong_is_said_as_ever(argv: str, said: str) -> None:
    done = call(*argv.split())
    assert (done.code, done.out, done.err) == (2, "", f"hybridc: error: {said}\n")
