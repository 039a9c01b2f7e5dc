"""A State as a folder, and folders of others: what is read back is what was written, and nothing more is believed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.preflight.cases import BASE
from tests.preflight.clusters import compiled, healthy, seen

from hybridc.cli.main import main
from hybridc.live.folder import Unusable, dump, load
from hybridc.live.reads import Id
from hybridc.live.shapes import public_data
from hybridc.live.state import State, Unseen

Capture = pytest.CaptureFixture[str]
SPEC = compiled(BASE.read_text("utf-8")).spec
ITEMS = healthy(SPEC)
HIDDEN = {Id("ConfigMap", "kube-system", "kube-proxy"): "needs get", Id("Pod"): "needs list on pods"}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "alibaba-addon-secret",
        "namespace": "kube-system",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"access-key-id":"c2VjcmV0"}}'},
    },
    "data": {"access-key-id": "c2VjcmV0", "access-key-secret": "c2VjcmV0"},
}


def item(kind: str, name: str, namespace: str = "kube-system", api: str = "apps/v1", **more: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **more}


def listed(*items: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}


def texts(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.iterdir())


@pytest.mark.parametrize("state", [seen(SPEC, ITEMS), seen(SPEC, ITEMS, hidden=HIDDEN), State("https://a:6443")])
def test_what_is_read_is_what_was_written(state: State, tmp_path: Path) -> None:
    dump(state, str(tmp_path))
    assert load(str(tmp_path)) == state


def test_a_dump_is_the_same_bytes_and_replaces_an_earlier_one(tmp_path: Path) -> None:
    state = seen(SPEC, ITEMS)
    dump(state, str(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    dump(seen(SPEC, [*ITEMS, item("Pod", "p", "default", "v1")]), str(tmp_path))
    dump(state, str(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    dump(State("https://a:6443", objects={Id("Node", "", "a"): {"metadata": {"name": "a"}}}), str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"nodes.json", "state.json"}


@pytest.mark.parametrize("more", [{}, {"metadata": {"continue": "x"}}])
def test_a_list_of_the_api_holds_all_of_a_namespace(more: dict[str, Any], tmp_path: Path) -> None:
    api = "argoproj.io/v1alpha1"
    raw = {"apiVersion": api, "kind": "ApplicationList", "items": [item("Application", "a", "argocd", api)], **more}
    (tmp_path / "applications.json").write_text(json.dumps(raw))
    state = load(str(tmp_path))
    if more:
        with pytest.raises(Unseen):
            state.all("Application", "argocd")
    else:
        assert [each["metadata"]["name"] for each in state.all("Application", "argocd")] == ["a"]
    with pytest.raises(Unseen):
        state.all("Application", "other")


@pytest.mark.parametrize("name", ["notes.txt", "nodes.json", "hybrid.yaml", ".git"])
def test_a_folder_of_others_is_never_written_to(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(Unusable, match="holds something else than a dump"):
        dump(seen(SPEC, ITEMS), str(tmp_path))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "mine"}


def test_a_file_beside_a_dump_is_never_lost(tmp_path: Path) -> None:
    dump(seen(SPEC, ITEMS), str(tmp_path))
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Unusable, match=r"notes\.txt"):
        dump(seen(SPEC, ITEMS), str(tmp_path))


KUBEADM = """apiServer:
  extraArgs:
    authorization-mode: Node,RBAC
    token-auth-file: nobody-may-see-this
controlPlaneEndpoint: 10.200.1.253:6443
password: nobody-may-see-this
"""


def test_a_text_in_yaml_loses_its_secrets_and_keeps_its_other_keys() -> None:
    pair = json.dumps({"id": "LTAI5tExampleExample1234", "other": "nobodymayseethisnobodymayseethi"[:30]})
    kept = public_data({"a": KUBEADM, "b": f"x: &y [{KUBEADM!r}]\nz: *y\n", "c": pair, "d": f"{KUBEADM}: ["}, "")
    assert json.loads(kept["a"]) == {
        "apiServer": {"extraArgs": {"authorization-mode": "Node,RBAC", "token-auth-file": "***"}},
        "controlPlaneEndpoint": "10.200.1.253:6443",
        "password": "***",
    }
    assert not any("nobody" in text or "LTAI" in text for text in kept.values())


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_no_value_of_a_secret_is_kept(form: str, tmp_path: Path) -> None:
    given, dumped = tmp_path / "given", tmp_path / "dumped"
    given.mkdir()
    conf = json.dumps(
        {"version": "1", "access_key": "an-access-key", "access_secret": "its-secret", "credential_path": "/c"}
    )
    items = [
        SECRET,
        item("ConfigMap", "eni-config", api="v1", data={"eni_conf": conf, "password": "c2VjcmV0"}),
        next(each for each in ITEMS if each["metadata"]["name"] == "ack-cluster-agent"),
    ]
    text = json.dumps(listed(*items)) if form == "json" else yaml.safe_dump(listed(*items))
    (given / f"all.{form}").write_text(text)
    state = load(str(given))
    dump(state, str(dumped))
    for secret in ("c2VjcmV0", "an-access-key", "its-secret", "nobody-may-see-this"):
        assert secret in text
        assert secret not in texts(dumped)
    assert sorted(state.secret_keys("kube-system", "alibaba-addon-secret") or ()) == [
        "access-key-id",
        "access-key-secret",
    ]
    kept = state.config_map("kube-system", "eni-config") or {}
    assert json.loads(kept["eni_conf"]) == {
        "version": "1",
        "access_key": "***",
        "access_secret": "***",
        "credential_path": "/c",
    }


TOKEN = "q1w2e3.a1s2d3f4g5h6j7k8"
# Every text that is kept of an object, with a secret in the place of its own or behind it.
KEPT: list[dict[str, Any]] = [
    item("DaemonSet", f"a {TOKEN}"),
    item("DaemonSet", "a", TOKEN),
    {**SECRET, "data": {TOKEN: "eA=="}},
    item("ConfigMap", "a", api="v1", data={TOKEN: "b", "c": json.dumps({TOKEN: {"d": f"e {TOKEN}"}})}),
    item("ConfigMap", "a", api="v1", data={"b": json.dumps({"token": {"c": [TOKEN.upper(), 1234567]}})}),
    {**item("Node", "a", "", "v1"), "spec": {"providerID": f"b://{TOKEN}", "taints": [{"key": TOKEN, "value": TOKEN}]}},
    {**item("Node", "a", "", "v1"), "metadata": {"name": "a", "labels": {"b": TOKEN, TOKEN: "c"}}},
    {**item("Node", "a", "", "v1"), "metadata": {"name": "a", "annotations": {f"hybridc.dev/{TOKEN}": TOKEN}}},
    item("DaemonSet", "a", spec={"template": {"spec": {"nodeSelector": {"b": TOKEN, TOKEN: "c"}}}}),
    item("DaemonSet", "a", spec={"template": {"spec": {"containers": [{"name": TOKEN, "image": f"b:{TOKEN}"}]}}}),
]


@pytest.mark.parametrize("given", KEPT)
def test_no_text_of_an_object_keeps_what_looks_like_a_secret(given: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "all.json").write_text(json.dumps(given))
    dump(load(str(tmp_path / "given")), str(tmp_path / "dumped"))
    shown = texts(tmp_path / "dumped")
    assert "***" in shown
    assert not [part for part in (*TOKEN.split("."), TOKEN.upper(), "1234567") if part in shown]


def test_an_empty_key_is_told_from_one_with_a_value(tmp_path: Path) -> None:
    conf = {"access_key": "", "access_secret": ""}
    config = item("ConfigMap", "eni-config", api="v1", data={"eni_conf": json.dumps(conf)})
    (tmp_path / "a.json").write_text(json.dumps(config))
    assert json.loads((load(str(tmp_path)).config_map("kube-system", "eni-config") or {})["eni_conf"]) == conf


def test_a_list_of_several_namespaces_is_all_and_another_is_not(tmp_path: Path) -> None:
    sets = [item("DaemonSet", "a"), item("DaemonSet", "b", "calico-system")]
    (tmp_path / "sets.yaml").write_text(yaml.safe_dump(listed(*sets)))
    (tmp_path / "deployments.yaml").write_text(yaml.safe_dump(listed(item("Deployment", "a"))))
    state = load(str(tmp_path))
    assert state.daemon_set("kube-system", "calico-node") is None
    assert state.deployment("kube-system", "a") is not None
    with pytest.raises(Unseen, match="cannot see Deployment kube-system/b"):
        state.deployment("kube-system", "b")
    with pytest.raises(Unseen, match="cannot see the Nodes"):
        _ = state.nodes


def test_single_objects_several_documents_and_what_the_api_lists(tmp_path: Path) -> None:
    (tmp_path / "two.yml").write_text(yaml.safe_dump_all([item("DaemonSet", "a"), None, item("Deployment", "b")]))
    bare = {"kind": "NodeList", "apiVersion": "v1", "items": [{"metadata": {"name": "idc-1"}}]}
    (tmp_path / "raw.json").write_text(json.dumps(bare))
    (tmp_path / "version.json").write_text('{"major": "1", "gitVersion": "v1.34.2"}')
    (tmp_path / "notes.txt").write_text("not looked at")
    state = load(str(tmp_path))
    assert [node["metadata"]["name"] for node in state.nodes] == ["idc-1"]
    assert (state.minor, len(state.objects)) == (34, 3)


def test_kinds_of_other_groups_are_nobody_s(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(item("DaemonSet", "a", api="apps.kruise.io/v1alpha1")))
    with pytest.raises(Unusable, match="holds nothing that decides"):
        load(str(tmp_path))


LAUGHS = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{b}, *{b}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True))
WRONG: dict[str, tuple[str, str, str]] = {
    "no YAML": ("a.yaml", "a: [", "a.yaml is no YAML"),
    "no JSON": ("a.json", "{", "a.json is no JSON"),
    "brackets": ("a.json", '{"a":' + "[" * 100_000, "a.json is no JSON"),
    "brackets in YAML": ("a.yaml", "[" * 100_000, "nested too deep"),
    "laughs": ("a.yaml", LAUGHS, "holds aliases"),
    "a tag": ("a.yaml", "!!python/object/apply:os.system [id]", "a.yaml is no YAML"),
    "text": ("a.yaml", "Error from server (Forbidden)", "is no output of kubectl get"),
    "a wrong form": ("a.json", json.dumps(item("DaemonSet", "a", spec="none")), "spec must be a mapping"),
    "labels of numbers": (
        "a.json",
        '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a","labels":{"b":1}}}',
        "labels.b",
    ),
    "no name": ("a.json", '{"apiVersion":"v1","kind":"Node","metadata":{}}', "metadata.name is missing"),
    "half a state": ("state.json", '{"kind":"ClusterState"}', "is not as hybridc writes it"),
    "a state of lies": (
        "state.json",
        '{"kind":"ClusterState","server":"a","version":"","lists":[1],"absent":[],"unseen":[]}',
        "is not as hybridc writes it",
    ),
    "nothing": ("a.json", "{}", "holds nothing that decides"),
}


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_a_sentence(name: str, text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Unusable, match=sentence):
        load(str(tmp_path))


def test_two_files_that_disagree(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(item("ConfigMap", "kube-proxy", api="v1", data={"a": "1"})))
    (tmp_path / "b.json").write_text(json.dumps(item("ConfigMap", "kube-proxy", api="v1", data={"a": "2"})))
    with pytest.raises(Unusable, match=r"a\.json and b\.json hold ConfigMap kube-system/kube-proxy, and not the same"):
        load(str(tmp_path))


def _missing(folder: Path) -> None:
    folder.rmdir()


def _file(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file")


def _latin(folder: Path) -> None:
    (folder / "a.yaml").write_bytes(b"a: \xff")


@pytest.mark.parametrize("damage", [_missing, _file, _latin])
def test_what_is_no_folder_of_text_is_a_wrong_input(
    damage: Callable[[Path], None], tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "seen"
    folder.mkdir()
    damage(folder)
    assert main(["preflight", str(BASE), "--from", str(folder)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("hybridc: error: ")
    assert "\n  help: " in said


@pytest.mark.parametrize("flags", [["--kubeconfig=a"], ["--context=b"]])
def test_a_folder_is_instead_of_a_cluster(flags: list[str], tmp_path: Path, capsys: Capture) -> None:
    assert main(["preflight", str(BASE), "--from", str(tmp_path), *flags]) == 2
    assert "--from is instead of a cluster" in capsys.readouterr().err


def test_a_wrong_spec_is_said_before_any_cluster_is_looked_for(tmp_path: Path, capsys: Capture) -> None:
    spec = tmp_path / "hybrid.yaml"
    spec.write_text(BASE.read_text("utf-8").replace("type: calico", "type: calcio"))
    assert main(["preflight", str(spec), "--kubeconfig=/nothing"]) == 2
    said = capsys.readouterr().err
    assert "SPEC004 error" in said
    assert "kubeconfig" not in said


def test_one_wrong_spec_does_not_hide_what_the_cluster_says_of_another(tmp_path: Path, capsys: Capture) -> None:
    folder, wrong = tmp_path / "seen", tmp_path / "wrong.yaml"
    wrong.write_text("kind: HybridCluster\n")
    dump(seen(SPEC, [each for each in ITEMS if each["kind"] != "Secret"]), str(folder))
    assert main(["preflight", str(wrong), str(BASE), "--from", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "SEC010 error" in said


def test_strict_does_not_let_pass_what_was_not_seen(tmp_path: Path, capsys: Capture) -> None:
    dump(seen(SPEC, ITEMS, hidden=HIDDEN), str(tmp_path))
    words = ["preflight", str(BASE), "--from", str(tmp_path)]
    assert main(words) == 0
    assert main([*words, "--strict"]) == 1
    assert "LIVE001 error: cannot see the Pods" in capsys.readouterr().err


@pytest.mark.parametrize("deadline", ["0", "-1", "soon", "nan", "inf", "3601"])
def test_a_deadline_is_a_time(deadline: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["preflight", str(BASE), f"--deadline={deadline}"])
    assert "no number of seconds" in capsys.readouterr().err


def test_a_spec_behind_watch_is_told_its_place(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "--watch", str(BASE)])
    assert "hybridc doctor SPEC --watch" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_document_on_stdout_is_nothing_else(form: str, tmp_path: Path, capsys: Capture) -> None:
    spec = tmp_path / "hybrid.yaml"
    accepted = "  checks: {ignore: [{code: NODE040, reason: Cilium replaces it}]}\n"
    spec.write_text(BASE.read_text("utf-8") + accepted, encoding="utf-8")
    items = [each for each in ITEMS if each["metadata"]["name"] not in ("kube-proxy", "alibaba-addon-secret")]
    dump(seen(SPEC, items), str(tmp_path / "seen"))
    assert main(["preflight", str(spec), "--from", str(tmp_path / "seen"), "--format", form]) == 1
    said = capsys.readouterr()
    assert "SEC010" in json.dumps(json.loads(said.out))
    assert "accepted, NODE040" in said.err


def test_text_that_is_no_unicode_is_kept_as_it_is(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "a.json").write_text('{"apiVersion":"v1","kind":"Node","metadata":{"name":"a","labels":{"b":"\\ud800"}}}')
    state = load(str(given))
    dump(state, str(tmp_path / "seen"))
    assert load(str(tmp_path / "seen")).objects == state.objects


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(item("DaemonSet", "a")))
    os.mkfifo(tmp_path / "b.json")
    (tmp_path / "c.yaml").mkdir()
    assert len(load(str(tmp_path)).objects) == 1


def test_a_dump_that_cannot_be_written_whole_is_no_dump(tmp_path: Path, capsys: Capture) -> None:
    """A folder stands where a file of an earlier dump was to be replaced."""
    folder = tmp_path / "seen"
    dump(seen(SPEC, ITEMS), str(folder))
    (folder / "nodes.json").unlink()
    (folder / "nodes.json").mkdir()
    assert main(["preflight", str(BASE), "--from", str(folder), "--dump", str(folder)]) == 3
    assert capsys.readouterr().err.startswith("hybridc: error: ")
    assert [path.name for path in folder.iterdir() if path.name == "state.json" or path.name.startswith(".")] == []


def test_an_empty_list_of_the_api_says_what_is_not_there(tmp_path: Path) -> None:
    listed = {"apiVersion": "crd.projectcalico.org/v1", "kind": "BGPPeerList", "items": []}
    (tmp_path / "peers.json").write_text(json.dumps(listed))
    version = {"clientVersion": {"gitVersion": "v1.30.0"}, "serverVersion": {"gitVersion": "v1.26.3"}}
    (tmp_path / "version.json").write_text(json.dumps(version))
    found = load(str(tmp_path))
    assert found.version == "v1.26.3"
    assert found.all("BGPPeer") == []
