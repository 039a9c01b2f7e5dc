"""A secret in hybrid.yaml is found wherever it stands, and never repeated: not in text, not in any other format."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.diagnostics.leaks import ALNUM, LOWER, chance
from tests.errors.cases import CASES

from hybridc.cli.main import main
from hybridc.report.reporter import FORMATS
from hybridc.source import secrets

BASE = CASES["enum-typo"].spec
SECRETS = {
    "bootstrap token": st.builds("{}.{}".format, chance(LOWER, 6), chance(LOWER, 16)),
    "AccessKey id": chance(ALNUM, 12, 26).map("LTAI{}".format),
    "JSON web token": st.builds(
        "eyJ{}.{}.{}".format, chance(ALNUM + "-_", 8, 40), chance(ALNUM + "-_", 8, 40), chance(ALNUM + "-_", 8, 40)
    ),
    "private key": st.builds(
        "-----BEGIN {0}PRIVATE KEY-----{1}-----END {0}PRIVATE KEY-----".format,
        st.sampled_from(["", "RSA ", "EC ", "OPENSSH "]),
        chance(ALNUM + "+/", 40, 64),
    ),
}
# Where a secret can stand. Each place is a change of a line of BASE; @ is the secret.
PLACES = {
    "a label": ("labels: {workload: cpu}", 'labels: {workload: "@"}'),
    "a key": ("labels: {workload: cpu}", 'labels: {"@": cpu}'),
    "a field of its own": ("os: alinux3", 'os: "@"'),
    "a misspelled field": ("os: alinux3", 'oss_token: "@"'),
    "a number's place": ("desired: 0", 'desired: "@"'),
    "a CIDR's place": ("[192.168.0.0/24]", '["@"]'),
    "a comment": ("os: alinux3", "os: alinux3 # @"),
    "the end of a sentence": ("os: alinux3", "os: alinux3 # it is @."),
    "a hook": ("os: alinux3", "hooks:\n      pre: |\n        echo start\n        run --with @ now"),
    "a pass-through": ("version: 1.8.18", 'version: 1.8.18\n    extraEniConf: {some_key: "@"}'),
    "a repository": ("https://git.example.com/platform", "https://user:@@git.example.com/platform"),
    "a broken line": ("os: alinux3", "os: alinux3\n    oss: {bucket: @"),
    "an unclosed quote": ("os: alinux3", 'os: "@'),
    "a colon too many": ("os: alinux3", "os: a: @"),
    "a duplicate key": ("os: alinux3", 'os: alinux3\n    os: "@"'),
    "a second document": ("os: alinux3", "os: alinux3\n--- # @\na: b"),
    "an anchor's line": ("os: alinux3", 'os: &x "@"'),
    "a tag": ("os: alinux3", 'os: !x "@"'),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_never_repeated(
    place: str, form: str, data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command; test_leaks.py has more places and spellings."""
    kind = data.draw(st.sampled_from(list(SECRETS)))
    secret = data.draw(SECRETS[kind])
    old, new = PLACES[place]
    spec = tmp_path / "hybrid.yaml"
    spec.write_text(BASE.replace(old, new.replace("@", secret, 1), 1), encoding="utf-8")
    code = main(["validate", "--format", form, str(spec)])
    said = capsys.readouterr()
    assert code == 2
    for part in (secret, secret.split(".")[-1], secret[11:-11] if kind == "private key" else secret):
        assert part not in said.out + said.err


@pytest.mark.parametrize("kind", SECRETS)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_found_in_any_text(kind: str, data: st.DataObject) -> None:
    secret = data.draw(SECRETS[kind])
    around = data.draw(st.sampled_from(["{}", " {} ", '"{}"', "x={}", "--token {}", "it is {}.", "({})", "{},"]))
    shown = around.format(secret)
    assert kind in [found for found, _, _ in secrets.find(shown)]
    assert secrets.redact(shown) == around.format(secrets.MASK)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ci:hunter2@git.example.com/a.git", "https://{}@git.example.com/a.git"),
        ("https://ghp_abc123@git.example.com/a", "https://{}@git.example.com/a"),
        ("https://:hunter2@git.example.com/a.git", "https://{}@git.example.com/a.git"),
        ("https://ghp_0123456789abcdefABCDEF@git.example.com/a", "https://{}@git.example.com/a"),
        ("ssh://git@git.example.com/a.git", "ssh://git@git.example.com/a.git"),
        ("git@git.example.com:a/b.git", "git@git.example.com:a/b.git"),
        ("https://h.example.com:8443/a@b", "https://h.example.com:8443/a@b"),
    ],
)
def test_who_logs_in_by_url(url: str, shown: str) -> None:
    assert secrets.redact(url) == shown.format(secrets.MASK)


@pytest.mark.parametrize(
    "harmless",
    [
        "10.10.25.0/24",
        "mirror.idc.example.com",
        "registry-cn-hangzhou-vpc.ack.aliyuncs.com/acs/pause:3.9",
        "sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866",
        "c0123456789abcdef0123456789abcdef",
        "vsw-bp1nodea7c3e9g5i1k",
        "-----BEGIN CERTIFICATE-----",
        "LTAI",
        "token: {from: file}",
        "kube-system/alibaba-addon-secret",
    ],
)
def test_what_only_resembles_a_secret_is_shown(harmless: str) -> None:
    assert secrets.redact(harmless) == harmless


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("access_secret: hunter2", "access_secret: ***"),
        ("accessKeySecret: hunter2", "accessKeySecret: ***"),
        ('{"password": "hun,ter}2", "a": 1}', '{"password": ***'),
        ("config: {db_password: hunter2}", "config: {db_password: ***"),
        ("bootstrap-token: hunter2 # x", "bootstrap-token: ***"),
    ],
)
def test_a_value_behind_a_telling_key_is_not_shown(line: str, shown: str) -> None:
    assert secrets.redact(line) == shown


@pytest.mark.parametrize(
    "value",
    ["hunter2-hunter2", '"hunter2,hunter2"', "\n        hunter2-hunter2", "|\n        hunter2\n        hunter2"],
)
@pytest.mark.parametrize("key", ["access_secret", "password", "apiToken", "some_credential"])
def test_a_literal_in_a_pass_through_is_not_shown(
    key: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "hybrid.yaml"
    text = f"version: 1.8.18\n    extraEniConf:\n      {key}: {value}"
    spec.write_text(BASE.replace("version: 1.8.18", text), encoding="utf-8")
    for form in ("text", "json"):
        assert main(["validate", "--format", form, str(spec)]) == 2
        said = capsys.readouterr()
        assert "hunter2" not in said.out + said.err
        assert "SEC023" in said.err or "ENI017" in said.err
