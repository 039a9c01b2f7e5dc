"""No part of a secret is said in any format: whatever it is, wherever it stands, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.diagnostics.leaks import KINDS, LITERALS, TELLING, grams, rendered, said, specs
from tests.errors.cases import CASES

from hybridc.catalog import terway
from hybridc.eni_config.lint import lint

BASE = CASES["enum-typo"].spec


def leaked(secret: str, text: str) -> list[str]:
    shown = said(text)
    assert shown
    return [gram for gram in grams(secret) if gram in shown]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_kind(kind: str, data: st.DataObject) -> None:
    secret = data.draw(KINDS[kind])
    text = data.draw(specs(secret))
    assert leaked(secret, text) == []


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_a_telling_key_holds(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(TELLING))
    secret = data.draw(LITERALS)
    text = data.draw(specs(secret, key))
    assert leaked(secret, text) == []


def spec(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new, 1)


PEM = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEcanaryCANARY0123\\n-----END RSA PRIVATE KEY-----"
OLD = "os: alinux3"
# The reproductions: a change of a line of the base, and what must not be said.
CHANGES: dict[str, tuple[str, str, list[str]]] = {
    "an escape in an id": (OLD, 'os: "LTAI5tQqWw\\x45eRrTtYyUuIiOo"', ["tQqWw", "RrTtYyUuIi"]),
    "an escape in a token": (OLD, 'os: "q1w2e3\\x2ea1s2d3f4g5h6j7k8"', ["q1w2e3", "s2d3f4"]),
    "a folded token": (OLD, 'os: "q1w2e3.a1s2\\\n      d3f4g5h6j7k8"', ["q1w2e3", "a1s2", "d3f4"]),
    "an escape in a private key": (OLD, 'os: "-----BEGIN\\x20PRIVATE KEY-----\\nMIIEcanary"', ["MIIEcanary"]),
    "a private key below a telling key": (OLD, f'kubeletExtraArgs: {{bootstrap-token: "{PEM}"}}', ["MIIEcanary"]),
    "lines below a telling key": (OLD, 'kubeletExtraArgs: {"": x, password: "aaa\\nhunter2"}', ["hunter2"]),
    "a token of k3s": ("token: {from: file}", "token: K10…::server:hunter2hunter2", ["hunter2"]),
    "what stands at from": ("token: {from: file}", "token: {from: hunter2hunter2}", ["hunter2"]),
    "what stands at an unknown key": ("token: {from: file}", "token: {from: file, value: hunter}", ["hunter"]),
    "in place of a name": ("  gitops:\n", "  gitops:\n    imagePullSecrets: [{access_key: q7ti1gCzl}]\n", ["q7ti1g"]),
    "below what stands at from": ("token: {from: file}", "token: {from: {x: q7ti1gCzl}}", ["q7ti1g"]),
    "what stands at credentials": ("version: 1.8.18", "version: 1.8.18\n    credentials: Xq9vXq9v", ["Xq9v"]),
    "a short word at credentials": ("version: 1.8.18", "version: 1.8.18\n    credentials: Xq9", ["Xq9"]),
    "the next line": ("labels: {workload: cpu}", 'labels:\n        secret:\n          "hunter2 hunter2"', ["hunter2"]),
    "a tag in a list": (OLD, "accessKey:\n    - !x hunter3", ["hunter3"]),
    "a question mark": (OLD, "labels:\n    ? secret\n    : hunter2", ["hunter2"]),
    "private_key": ("version: 1.8.18", "version: 1.8.18\n    extraEniConf: {private_key: hunter2}", ["hunter2"]),
    "apiKey": ("version: 1.8.18", "version: 1.8.18\n    extraEniConf: {apiKey: hunter2}", ["hunter2"]),
    "pwd": ("version: 1.8.18", "version: 1.8.18\n    extraEniConf: {pwd: hunter2}", ["hunter2"]),
    "a number": (OLD, "password: 99999999999999999999999", ["999999"]),
    "a secret beside an id": (
        OLD,
        'hooks: {pre: "export AK=LTAI5tExampleExample1234 SK=abcdEFGHijklMNOPqrstUVWXyz0123"}',
        ["abcdEF", "MNOPqr"],
    ),
    "a pair in two fields": (
        "labels: {workload: cpu}",
        "labels: {a: LTAI5tExampleExample1234, b: abcdEFGHijklMNOPqrstUVWXyz0123}",
        ["abcdEF", "MNOPqr"],
    ),
    "an escaped key that tells": (OLD, '"p\\x61ssword": hunter2', ["hunter2"]),
    "a password option": (OLD, "os: curl --password hunter2", ["hunter2"]),
    "behind an error": (OLD, 'password:\n      "hunter2\n  - [', ["hunter2"]),
    "a value as it stands, escaped": (OLD, 'packages: "LTAI\\x35\\x74\\x45\\x78ampleExample1234"', ["x35", "ampleEx"]),
    "an anchor": (OLD, "password: &hunter2hunter2 x", ["hunter2"]),
    "a key that stands twice": (
        OLD,
        "os: alinux3\n    password: aaaaaa1\n    password: hunter2",
        ["hunter2", "aaaaaa1"],
    ),
}

PAIR_ID, PAIR_ESCAPED = "LTAI5tExampleExample1234", "L\\x54AI5tExampl\\u0065Example1234"
PAIR_SECRET = "abcdEFGHijklMNOPqrstUVWXyz0123"
# Where the two of a pair stand apart, and a part of the file was not read: what is no YAML, and a second document.
APART = {
    "an escaped id above": f'os: "{PAIR_ESCAPED}"\n  - "{PAIR_SECRET}"',
    "an escaped id below": f'- "{PAIR_SECRET}"\n    os: "{PAIR_ESCAPED}"',
    "an id in what was read": f'os: "{PAIR_ESCAPED}"\n    ? [x]\n    : {{a: "{PAIR_SECRET}"}}',
    "an escaped secret": f'os: {PAIR_ID}\n    bad: [\n    "{PAIR_SECRET}"'.replace("j", "\\x6a"),
    "an id in another document": f'"{PAIR_SECRET}": x\n---\na: {PAIR_ID}',
    "an id in a comment": f'"{PAIR_SECRET}": x  # {PAIR_ID}',
    "a folded secret": f'os: "{PAIR_ESCAPED}"\n  - "{PAIR_SECRET[:12]}\\\n     {PAIR_SECRET[12:]}"',
}


@pytest.mark.parametrize("name", APART)
def test_a_pair_that_stands_apart(name: str) -> None:
    shown = said(spec(OLD, APART[name]))
    assert " error: " in shown
    assert not {PAIR_SECRET[start : start + 6] for start in range(14, 24) if PAIR_SECRET[start : start + 6] in shown}


@pytest.mark.parametrize("key", ["sk", "db-ak", "psk", "pass", "auth", '"bearer"', "my_jwt"])
@pytest.mark.parametrize("value", [": !!str hunter2", ":\n      hunter2", " : [hunter2", ": {a: hunter2"])
def test_a_short_key_that_tells_in_what_is_no_yaml(key: str, value: str) -> None:
    assert "hunter2" not in said("}\n" + spec(OLD, key + value))


@pytest.mark.parametrize("within", ["\ufffd", "\x07", "\x85", "\u2028", "\ufeff"])
@pytest.mark.parametrize(
    "secret",
    ["\\x4c\\u00|54AIhunter2hunter2hunter2", "LTAIhunter2|hunter2hunter2", "K10abcdef0123|4567::server:hunter2"],
)
def test_a_secret_around_what_no_yaml_holds(secret: str, within: str) -> None:
    assert "hunter2" not in said(spec(OLD, f'os: "{secret.replace("|", within)}"' + "\x07" * (within == "\ufffd")))


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_said_once(name: str) -> None:
    old, new, secrets = CHANGES[name]
    shown = said(spec(old, new))
    assert " error: " in shown
    assert [secret for secret in secrets if secret in shown] == []


def test_the_secret_beside_an_id_is_found() -> None:
    old, new, _ = CHANGES["a pair in two fields"]
    assert "SEC002 error: this looks like the AccessKey secret of the id beside it" in said(spec(old, new))


def test_a_secret_that_stands_a_second_time() -> None:
    new = "labels: {workload: hunter2-hunter2}\n      extra: {scaling_group: {password: hunter2-hunter2}}"
    assert "hunter2" not in said(spec("labels: {workload: cpu}", new))


def test_a_secret_as_long_as_a_file() -> None:
    secret = " ".join(f"hunter{number}" for number in range(10_000))
    shown = said(spec(OLD, f'os: "password={secret}"'))
    assert "SPEC" in shown
    assert "hunter" not in shown


ENI_CONFIG = """\
kind: ConfigMap
metadata: {name: eni-config}
data:
  eni_conf: |
    @
"""
# What stands as the JSON of an eni-config; every hunter… is a secret.
ENI_CONFIGS = {
    "two keys": '{"access_key": "hunter1x", "access_secret": "hunter2x"}',
    "escapes": '{"access_secr\\u0065t": "hunter1\\u0078hunter2"}',
    "a key that stands twice": '{"access_secret": "hunter1x", "access_secret": "hunter2x"}',
    "an id where a number stands": '{"max_pool_size": "LTAIhunter1xhunter2x"}',
    "an id as a key": '{"LTAIhunter1xhunter2x": "abcdefhunter3hunter4hunter5678"}',
    "a mapping": '{"access_secret": {"a": ["hunter1x"]}, "credentials": {"b": {"c": "hunter2x"}}}',
    "a comment": '{ // AK=LTAIhunter1xhunter2x SK=hunter3x\n    "version": "1"}',
    "no JSON": '{"version": \'1\', "access_secret": "hunter1x"}',
    "cut": '{"version": "1", "access_secret": "hunter1x',
    "the same a second time": '{"access_secret": "hunter1x", "security_group": "hunter1x"}',
    "JSON in a string": '{"note": "{\\"access_secret\\": \\"hunter1x\\"}"}',
}


@pytest.mark.parametrize("name", ENI_CONFIGS)
@pytest.mark.parametrize(
    "form", [ENI_CONFIG, "@", ENI_CONFIG.replace("eni_conf", "eni_cnf"), "kind: Secret\ndata:\n  a: |\n    @"]
)
def test_an_eni_config(form: str, name: str) -> None:
    linted = lint("f.yaml", form.replace("@", ENI_CONFIGS[name]).encode(), terway.release(terway.NEWEST))
    assert linted.found
    assert "hunter" not in rendered(linted.found, linted.document)
