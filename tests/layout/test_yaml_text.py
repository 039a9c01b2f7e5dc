"""Text that hybridc writes is the text that kubectl, kustomize, Helm and other YAML readers get."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.layout.readers import objects, tool_output

from hybridc.layout import json_text, yaml_text
from hybridc.lower.bundle import JsonText

BARE = r"""
    on off yes no y n Y N ON Off true True TRUE false null Null NULL ~ nan NaN .nan .inf -.inf +.inf inf t f
    0 1 -1 +1 017 0o17 08 09 0x1F 0X1F 0b11 1e3 1E3 1.e3 12e03 .5 +.5 5. 1_000 1,000 1.10 22:22 1:30:00 190:20:30
    2026-11-22 2026-11-22T00:00:00Z 12:00:00 0001-01-01 << = ! & * ? - -- --- ... | > |- >- ` @ % # {} [] {
    } [ ] , : :: a:b a: :a a#b #a a ' " '' "" \ \n \u0041 %YAML @a *a &a !a !!str <<: {{ }} {{x}} {{.Values.x}}
    {{"{{"}} {{- -}} ${HOME} $HOME $(id) `id` a=b a/b a.b a-b a_b /a .a -a _a é 中文 🙂 ﷽
"""
WORDS = BARE.split()
LINES = [
    "",
    " ",
    "  lead",
    "trail ",
    "\t",
    "\ttab first",
    "tab\tinside",
    "a: b",
    "a #b",
    "a\n",
    "\n",
    "\n\n",
    "\na",
    "a\n\n",
    "a\n\n\n",
    "a\nb",
    "a\nb\n",
    "a\n b\n",
    " a\nb\n",
    "a \nb\n",
    "a\n\nb\n",
    "a\n---\nb\n",
    "a\n...\n",
    "#!/bin/sh\nset -e\n# comment\n",
    "a\r\nb\r\n",
    "a\rb",
    "\r",
    "a\tb\nc\n",
    "- a\n- b\n",
    "key: value\nother: [1, 2]\n",
    "{{ if .Values.x }}\n{{ end }}\n",
    "a\x85b",
    "a\u2028b\u2029c\n",
    "\ufeffbom",
    "a\ufeffb\n",
    "\x00",
    "\x07\x1b[31m",
    "\x7f",
    "\x80\x9f\xa0",
    "\ud7ff\ue000\ufffd\ufffe\uffff",
    "\U0001f642\U0010ffff\n",
    "e\u0301",
    "\u202eright to left",
    "x" * 5000,
    "word " * 500,
    "long " * 100 + "\n" + "line " * 100 + "\n",
    "'single' \"double\" \\back\n",
    'say "hi"',
    "it's",
    "'\"",
    ' "quoted" ',
]
AWKWARD = [*WORDS, *LINES]
ANY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.text(st.sampled_from(list("aA01eE+-._:/#'\"\\{}[]&*!|>%@`,?~= \n\t")), max_size=14),
    st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=3).map("\n".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("".join),
)
KEY = ANY.filter(lambda text: len(text) < LONGEST_KEY)
UNSEEN = re.compile("[\x7f-\x9f\ufffe\uffff]")
LONGEST_KEY = 320  # of a label or an annotation; YAML's own limit is 1024
Object = dict[str, Any]
Read = Callable[[Object], Object]
FAST = settings(
    max_examples=8,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def for_kustomize(strings: list[str]) -> list[str]:
    """What kustomize can read again after it has printed it.

    Not some unseen characters, no key ``<<`` even quoted, and no tab where it folds a long line.
    """
    return [
        text for text in strings if text != "<<" and not UNSEEN.search(text) and ("\t" not in text or text in AWKWARD)
    ]


def config_map(strings: list[str]) -> dict[str, Any]:
    """An object that holds every string as a value, and each as a key once."""
    metadata = {"name": "x", "annotations": {f"k{number}": text for number, text in enumerate(strings)}}
    data = {text: "value" for text in strings if 0 < len(text) < LONGEST_KEY} | {
        f"k{number}": text for number, text in enumerate(strings)
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.fixture
def read(tool: Callable[[str], str], tmp_path: Path) -> dict[str, Read]:
    """Each of the real tools as a reader of one object, as hybridc writes it."""
    kubectl, kustomize = tool("kubectl"), tool("kustomize")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "kustomization.yaml").write_text("resources: [x.yaml]\n")
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 0.1.0\n")
    # Printed as base64, so that nothing but Helm's reading of values.yaml is looked at.
    (tmp_path / "chart" / "templates" / "x.yaml").write_text("x: {{ .Values.object | toJson | b64enc }}\n")

    def by_kubectl(data: Object) -> Object:
        (found,) = objects(kubectl, yaml_text.dump(data))
        return found

    def by_kustomize(data: Object) -> Object:
        (tmp_path / "tree" / "x.yaml").write_text(yaml_text.dump(data), encoding="utf-8")
        (found,) = objects(kubectl, tool_output([kustomize, "build", str(tmp_path / "tree")]))
        return found

    def by_helm(helm: str) -> Read:
        def read_values(data: Object) -> Object:
            (tmp_path / "chart" / "values.yaml").write_text(yaml_text.dump({"object": data}), encoding="utf-8")
            printed = tool_output([helm, "template", "x", str(tmp_path / "chart")])
            found: Object = json.loads(base64.b64decode(printed.rpartition("x: ")[2]))
            return found

        return read_values

    return {
        "kubectl": by_kubectl,
        "kustomize": by_kustomize,
        "helm3": by_helm(tool("helm3")),
        "helm4": by_helm(tool("helm4")),
    }


READERS = ("kubectl", "kustomize", "helm3", "helm4")


@pytest.mark.parametrize("reader", READERS)
def test_awkward_strings(read: dict[str, Read], reader: str) -> None:
    wanted = config_map(for_kustomize(AWKWARD) if reader == "kustomize" else AWKWARD)
    assert read[reader](wanted) == wanted


@pytest.mark.parametrize("reader", READERS)
def test_any_string(read: dict[str, Read], reader: str) -> None:
    @FAST
    @given(st.lists(ANY, min_size=40, max_size=60))
    def check(strings: list[str]) -> None:
        wanted = config_map(for_kustomize(strings) if reader == "kustomize" else strings)
        assert read[reader](wanted) == wanted

    check()


TREES = st.recursive(
    st.one_of(ANY, st.booleans(), st.integers(-(2**53), 2**53)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEY, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.dictionaries(KEY, TREES, max_size=4), st.lists(TREES, max_size=4)))
def test_nested_data(data: Any) -> None:
    """PyYAML reads YAML 1.1, ruamel.yaml 1.2: what is written means the same in both."""
    text = yaml_text.dump(data)
    assert yaml.load(text, yaml.CSafeLoader) == data
    assert YAML(typ="safe", pure=True).load(io.StringIO(text)) == data
    assert text.endswith("\n")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES)
def test_json(data: Any) -> None:
    text = json_text.dump(data)
    assert json.loads(text) == data
    assert text.endswith("\n")
    for indent in (2, None):
        assert json.loads(json_text.embedded(JsonText(data, indent))) == data


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES)
def test_json_in_yaml(data: Any) -> None:
    text = yaml_text.dump({"data": {"conf": JsonText(data)}})
    assert json.loads(yaml.load(text, yaml.CSafeLoader)["data"]["conf"]) == data
    assert not UNSEEN.search(text)


def test_json_in_yaml_stays_readable() -> None:
    text = yaml_text.dump({"conf": JsonText({"a": "é\x7f\u2028\ufeff"})})
    assert text == 'conf: |\n  {\n    "a": "é\\u007f\\u2028\\ufeff"\n  }\n'


def test_json_is_read_by_another_program(tool: Callable[[str], str]) -> None:
    text = json_text.dump(config_map(AWKWARD))
    assert objects(tool("kubectl"), text) == [config_map(AWKWARD)]


def test_the_form_that_people_review() -> None:
    data = {
        "plain": "a-b/c.d",
        "text": "set -e\necho done\n",
        "quoted": "on",
        "list": [{"key": "a", "values": ["x", "true"]}, "b"],
        "empty": {},
        "none": [],
        "number": 3,
        "flag": True,
    }
    assert yaml_text.dump(data) == (
        "plain: a-b/c.d\n"
        "text: |\n  set -e\n  echo done\n"
        'quoted: "on"\n'
        'list:\n  - key: a\n    values:\n      - x\n      - "true"\n  - b\n'
        "empty: {}\nnone: []\nnumber: 3\nflag: true\n"
    )
