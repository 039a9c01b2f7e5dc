"""Any text of a spec reaches the script, and what the script writes, byte for byte, and none of it is run."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.node_script import bash, specs
from tests.records import replace
from tests.strategies import HARM

from hybridc.lower.node_script import node_script
from hybridc.lower.shell import bare, heredoc, quote, systemd_assignment, toml_string, variable, yaml_string
from hybridc.spec import node_model
from hybridc.spec.items import Items

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.lists(st.one_of(st.sampled_from(HARM), st.text(CHARACTERS, max_size=6)), max_size=8).map("".join)
LINE = TEXT.map(lambda text: "".join(text.split("\n")).replace("\r", ""))
COLLECT = r"""
write_file() { n=$((n + 1)) && cat >"file-$n"; }
service() { :; }
attempt() { :; }
retry() { :; }
containerd() { echo 'SystemdCgroup = true'; }
run_hook() { cat >"hook-$1"; }
n=0
printf '%s\0' "${SPEC_LABELS[@]}" "$TOKEN_FILE" >words
hook_pre
hook_post
: >etc-hosts
write_hosts
configure_containerd
MAX_PODS='' NODE_NAME=n PROVIDER_ID=p
echo token >token
join_configuration >join.yaml
"""


@settings(max_examples=250, deadline=None)
@given(text=TEXT, line=LINE)
@example(text="'", line="$(touch canary)")
@example(text="\n\n", line="'; touch canary; '")
@example(text="", line="")
def test_every_free_text_of_a_spec(text: str, line: str) -> None:
    base = specs.spec(join=specs.join(token="file"))
    spec = specs.beyond(
        base,
        join=replace(base.node_init.join, token=replace(specs.token("file"), path=text)),
        hooks=node_model.Hooks(text, text, line),
        hosts={line: "10.0.0.1"},
        labels=node_model.NodeLabels(False, "drop", {"a": text, text: "b"}),
        kubelet_extra_args={"x": text},
        registry_mirrors={"docker.io": (node_model.RegistryMirror(text, True, text, True),)},
        containerd=node_model.Containerd("2.3", text, Items((node_model.Runtime("a", text, False),))),
    )
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        done = bash.call(node_script(spec), COLLECT, folder)
        assert (done.returncode, done.stderr) == (0, b"")
        assert not (folder / "canary").exists()
        assert (folder / "words").read_bytes().decode().split("\0")[:-1] == [f"a={text}", f"{text}=b", text]
        assert (folder / "hook-pre").read_bytes().decode() == (text if text.endswith("\n") else text + "\n")
        assert (folder / "hook-post").read_bytes().decode() == line + "\n"
        hosts = f"# hybridc begin\n10.0.0.1 {line}\n# hybridc end\n"
        assert (folder / "etc-hosts").read_bytes().decode() == hosts
        config = tomllib.loads((folder / "file-1").read_bytes().decode())
        assert config["plugins"]["io.containerd.grpc.v1.cri"]["sandbox_image"] == text
        assert (
            config["plugins"]["io.containerd.grpc.v1.cri"]["containerd"]["runtimes"]["a"]["options"]["BinaryName"]
            == text
        )
        assert (folder / "file-2").read_bytes().decode() == (text if text.endswith("\n") else text + "\n")
        assert list(tomllib.loads((folder / "file-3").read_bytes().decode())["host"]) == [text]
        arguments = yaml.safe_load((folder / "join.yaml").read_bytes().decode())["nodeRegistration"]["kubeletExtraArgs"]
        assert {"name": "x", "value": text} in arguments


@given(text=TEXT)
def test_formats(text: str) -> None:
    assert yaml.safe_load(yaml_string(text)) == text
    assert tomllib.loads(f"x = {toml_string(text)}") == {"x": text}
    assert "\n" not in yaml_string(text) + toml_string(text) + systemd_assignment("A", text)


def test_what_a_shell_cannot_hold_is_refused() -> None:
    for refuse in (quote, lambda text: heredoc(text, "EOF"), bare, variable):
        with pytest.raises(ValueError, match=r"."):
            refuse("a\0b")
    for text in ("a b", "", "$x", "a\nb"):
        with pytest.raises(ValueError, match="plain word"):
            bare(text)
    with pytest.raises(ValueError, match="variable"):
        variable("A-B")
