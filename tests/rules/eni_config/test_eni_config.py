"""``hybridc validate --eni-config``: the field's own samples, and where a finding stands in every style of YAML.

``T….txt`` holds what is said about ``T….yaml`` or ``T….json``; ``T….terway-X.Y.Z.txt`` with ``--terway-version X.Y.Z``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hybridc.catalog import terway
from hybridc.cli.main import main
from hybridc.diagnostic import Place
from hybridc.eni_config.lint import lint

HERE = Path(__file__).parent
NEWEST = terway.release(terway.NEWEST)
SAMPLES = sorted(path.name for path in HERE.iterdir() if path.suffix in (".yaml", ".json"))
OLDER = (("T11-idle-reclaim.json", "1.15.3"), ("T9-eip.json", "1.8.18"), ("wrong-values.yaml", "1.7.2"))
CONF = '{\n  "max_pool_size": 5,\n  "min_pool_size": 50,\n  "vswitches": {"cn-hangzhou-j": ["vsw-é"]}\n}\n'


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    """The exit code and stderr of ``hybridc validate``, called in this folder."""
    monkeypatch.chdir(HERE)
    code = main(["validate", *arguments])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(
    name: str,
    golden: Callable[[Path, str], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, err = said(capsys, monkeypatch, "--eni-config", name)
    golden((HERE / name).with_suffix(".txt"), err)
    assert code == (2 if " error: " in err else 0)


@pytest.mark.parametrize(("name", "version"), OLDER)
def test_sample_with_an_older_terway(
    name: str,
    version: str,
    golden: Callable[[Path, str], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, err = said(capsys, monkeypatch, "--eni-config", name, "--terway-version", version)
    golden(HERE / f"{Path(name).stem}.terway-{version}.txt", err)


def config_map(style: str) -> str:
    """A ConfigMap with CONF in a style of YAML, as kubectl, ``-o json`` and people write it."""
    if style == "json":
        return json.dumps({"kind": "ConfigMap", "data": {"eni_conf": CONF}}, indent=2)
    if style == "plain":
        return f"kind: ConfigMap\ndata:\n  eni_conf: '{CONF.replace(chr(10), ' ')}'\n"
    return "kind: ConfigMap\ndata:\n" + "".join(
        f"  {line}\n"
        for line in yaml.dump(
            {"eni_conf": CONF}, default_style=style, width=50, allow_unicode=style != '"'
        ).splitlines()
    )


@pytest.mark.parametrize("style", ["|", ">", '"', "'", "json", "plain"])
def test_place_in_every_style(style: str) -> None:
    text = config_map(style)
    document, found = lint("cm.yaml", text.encode(), NEWEST)
    places = {d.code: d.place for d in found if d.code in ("ENI005", "ID001")}
    assert cut(document.lines(), places["ENI005"]) == "50"
    assert cut(document.lines(), places["ID001"]).lstrip('\\"').startswith("vsw-")


def cut(lines: list[str], place: Place) -> str:
    """What stands at a place; up to the end of the line when YAML folded it."""
    line = lines[place.line - 1]
    return line[place.column - 1 : place.end_column - 1 if place.line == place.end_line else len(line)]


@pytest.mark.parametrize(
    ("conf", "sentence"),
    [
        ('{"max_pool_size": 5,}', "a comma stands before }"),
        ('{"max_pool_size": 5 "min_pool_size": 0}', "a comma or } was expected"),
        ('{"max_pool_size": 5', "a comma or } was expected"),
        ("{'max_pool_size': 5}", "a key in double quotes was expected"),
        ('{"max_pool_size": 05}', "a value was expected"),
        ('{"version": "1', "a string does not end, or holds a character that JSON escapes"),
        ('{"version": "1"} {}', "something follows after the end"),
        ('\ufeff{"version": "1"}', "the text starts with a byte order mark"),
        ('{"version": "1", "version": "1"}', 'the key "version" stands twice, Terway takes this one'),
        ('{"version": "1" // one\n}', "JSON has no comments"),
        ('{"version": "1" /* one */}', "JSON has no comments"),
        ("{" + '"a": {' * 80, "nested deeper than 64 levels"),
        ('{"a": ' + "[" * 100_000, "nested deeper than 64 levels"),
        ('{"max_pool_size": ' + "1" * 5000 + "}", f"{'1' * 40}… is too large for an integer of 64 bits"),
        ('{"max_pool_size": -9223372036854775809}', "-9223372036854775809 is too large for an integer of 64 bits"),
        ('{"no_such_key": [1e999]}', "1e999 is too large for a number"),
        ('{"eni_cap_ratio": -1.5E+4000000000}', "-1.5E+4000000000 is too large for a number"),
        ('{"eni_cap_ratio": NaN}', "a value was expected"),
        ('{"eni_cap_ratio": -Infinity}', "a value was expected"),
    ],
)
def test_what_is_no_json(conf: str, sentence: str) -> None:
    _, found = lint("eni.json", conf.encode(), NEWEST)
    messages = [d.message for d in found if d.code == "ENI023"]
    assert f"eni_conf is not JSON for Terway: {sentence}" in messages
    assert all(d.place.line >= 1 and d.place.column >= 1 for d in found)


@pytest.mark.parametrize(
    ("conf", "sentence"),
    [
        ({"max_pool_size": "5"}, 'max_pool_size is "5", Terway wants a whole number'),
        ({"max_pool_size": 5.0}, "max_pool_size is 5.0, Terway wants a whole number"),
        ({"vswitches": ["vsw-1"]}, "vswitches is a list, Terway wants a mapping"),
        ({"vswitches": {"cn-hangzhou-j": "vsw-1"}}, 'vswitches.cn-hangzhou-j is "vsw-1", Terway wants a list'),
        ({"security_group": ["sg-1"]}, "security_group is a list, Terway wants a string"),
        ({"eni_tags": {"a": 1}}, "eni_tags.a is 1, Terway wants a string"),
        ({"enable_erdma": "true"}, 'enable_erdma is "true", Terway wants true or false'),
        ({"eni_cap_ratio": "0.5"}, 'eni_cap_ratio is "0.5", Terway wants a number'),
        ({"idle_ip_reclaim_jitter_factor": 0.1}, "idle_ip_reclaim_jitter_factor is 0.1, Terway wants a string"),
    ],
)
def test_wrong_types_of_the_handbook(conf: dict[str, object], sentence: str) -> None:
    _, found = lint("eni.json", json.dumps(conf).encode(), NEWEST)
    assert [d.message for d in found if d.code in ("ENI019", "ENI023")] == [sentence]


@pytest.mark.parametrize("secret", ["LTAI5tAbCdEfGhIjKlMnOpQr", "aVerySecretThing"])
def test_an_access_key_is_never_repeated(
    secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cm.yaml"
    for text in (json.dumps({"access_secret": secret}), json.dumps({"access_secret": secret}, indent=1)):
        file.write_text(yaml.dump({"kind": "ConfigMap", "data": {"eni_conf": text}}), encoding="utf-8")
        for form in ("text", "json", "sarif"):
            code, err = said(capsys, monkeypatch, "--eni-config", str(file), "--format", form)
            assert code == 2
            assert "ENI017" in err
            assert secret not in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name a SPEC, or --eni-config FILE"),
        (("--terway-version", "1.8.18", "x.yaml"), "--terway-version goes with --eni-config"),
        (("--eni-config", "absent.yaml"), "there is no such file"),
        (("--eni-config", "../../../examples/guide/hybrid.yaml"), "neither a ConfigMap nor the JSON of eni_conf"),
    ],
)
def test_wrong_use(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, err = said(capsys, monkeypatch, *arguments)
    assert code == 2
    assert sentence in err
