"""Whatever an API server does, preflight ends: with its findings, or with a sentence and exit code 3."""

from __future__ import annotations

import gzip
import json
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.live.api import Api, Handler, by_resource, serving, status
from tests.preflight.cases import BASE
from tests.preflight.clusters import compiled, healthy

from hybridc.cli.main import main
from hybridc.live.reads import LISTS, NAMED
from hybridc.preflight.run import wanted

Capture = pytest.CaptureFixture[str]
SPEC = BASE.read_text("utf-8")


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api(by_resource(healthy(compiled(SPEC).spec)))) as running:
        yield running


@pytest.fixture
def look(api: Api, tmp_path: Path, capsys: Capture) -> Callable[..., tuple[int, str]]:
    """``look(*flags)``: exit code and stderr of preflight at this server."""
    kubeconfig = api.kubeconfig(tmp_path)
    spec = tmp_path / "hybrid.yaml"
    spec.write_text(SPEC, encoding="utf-8")

    def run(*flags: str, deadline: float = 20) -> tuple[int, str]:
        words = ["preflight", str(spec), f"--kubeconfig={kubeconfig}", f"--deadline={deadline}", *flags]
        code = main(words)
        return code, capsys.readouterr().err

    return run


Look = Callable[..., tuple[int, str]]


def always(code: int, body: bytes, **headers: str) -> Callable[[Handler], bool]:
    """Answer everything with this."""

    def fault(handler: Handler) -> bool:
        handler.say(code, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return fault


def first(count: int, fault: Callable[[Handler], bool]) -> Callable[[Handler], bool]:
    """Only the first ``count`` requests."""
    return lambda handler: len(handler.api.asked) <= count and fault(handler)


def of(part: str, fault: Callable[[Handler], bool]) -> Callable[[Handler], bool]:
    """Only requests whose path has ``part``."""
    return lambda handler: part in handler.path and fault(handler)


def _body(code: int) -> bytes:
    return json.dumps(status(code, "so")).encode()


def _drop(handler: Handler) -> bool:
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def _breaks_off(handler: Handler) -> bool:
    """Half of what was announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"items": [')
    handler.close_connection = True
    return True


def _silence(handler: Handler) -> bool:
    """Take the request, and say nothing for longer than anybody waits."""
    time.sleep(60)
    return True


def _drips(handler: Handler) -> bool:
    """A byte now and then, for ever: no single read is ever late."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(600):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)
    return True


def _drips_headers(handler: Handler) -> bool:
    for _ in range(600):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n"[:1])
        handler.wfile.flush()
        time.sleep(0.1)
    return True


def _endless(handler: Handler) -> bool:
    """A small body that unpacks to more than anybody may send."""
    handler.say(200, gzip.compress(b" " * (129 << 20), 1), {"Content-Encoding": "gzip"})
    return True


HTML = b"<!DOCTYPE html><html>sign in</html>"
FAULTS: dict[str, tuple[Callable[[Handler], bool], str]] = {
    "401": (always(401, _body(401)), "does not know this user (401)"),
    "403": (always(403, _body(403)), "lets this user see nothing of what decides (403)"),
    "403 of a proxy": (always(403, HTML), "answers /version with 403 and a page of HTML"),
    "429": (always(429, _body(429), Retry_After="3600"), "is busy and takes no more requests (429)"),
    "429 without a time": (always(429, _body(429)), "is busy and takes no more requests (429)"),
    "500": (always(500, _body(500)), "answers /version with 500: it is so"),
    "503 of a proxy": (always(503, HTML), "answers /version with 503 and a page of HTML"),
    "HTML": (always(200, HTML), "answers /version with a page of HTML"),
    "a login page": (always(302, b"", Location="https://sso.example.com/login"), "on to https://sso.example.com/login"),
    "a list": (always(200, b"[]"), "answers /version with something else than JSON"),
    "nothing": (always(200, b""), "something else than JSON"),
    "half JSON": (always(200, b'{"gitVersion": "v1.3'), "answers /version with JSON that breaks off"),
    "dropped": (_drop, "broke: "),
    "breaks off": (_breaks_off, "broke: "),
    "no gzip": (always(200, b"{}", Content_Encoding="gzip"), "broke: "),
    "endless": (_endless, "sends an answer without an end"),
    "brackets": (always(200, b'{"a":' + b"[" * 100_000), "answers /version with JSON that breaks off"),
    "a list of 500": (of("pods", always(500, _body(500))), "answers /api/v1/pods with 500: it is so"),
    "a list that is a page": (of("pods", always(200, HTML)), "answers /api/v1/pods with a page of HTML"),
}


@pytest.mark.parametrize(("fault", "sentence"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_a_sentence(fault: Callable[[Handler], bool], sentence: str, api: Api, look: Look) -> None:
    api.faults.append(fault)
    code, said = look()
    assert code == 3
    assert sentence in said
    assert said.startswith("hybridc: error: ")
    assert said.count("\n") == 2, "a sentence, and a help"


@pytest.mark.parametrize("fault", [_silence, _drips, _drips_headers, of("pods", _silence)])
def test_nothing_lasts_longer_than_the_deadline(fault: Callable[[Handler], bool], api: Api, look: Look) -> None:
    api.faults.append(fault)
    started = time.monotonic()
    code, said = look(deadline=1)
    assert time.monotonic() - started < 40, "before the fault ends"
    assert code == 3
    assert "not read within 1 s" in said
    assert "--deadline" in said


@pytest.mark.parametrize(
    "fault", [always(500, _body(500)), always(429, _body(429), Retry_After="0"), _drop, _breaks_off, always(503, HTML)]
)
def test_what_passes_is_tried_again(fault: Callable[[Handler], bool], api: Api, look: Look) -> None:
    api.faults.append(first(2, fault))
    code, said = look()
    assert code == 0, said
    assert "error" not in said


def test_an_answer_may_be_packed(api: Api, look: Look) -> None:
    body = gzip.compress(json.dumps({"gitVersion": "v1.34.9"}).encode())
    api.faults.append(of("/version", always(200, body, Content_Encoding="gzip")))
    code, said = look()
    assert code == 0, said
    assert "Kubernetes v1.34.9" in said


def test_a_server_that_is_gone(api: Api, look: Look, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        api.port = taken.getsockname()[1]
        api.kubeconfig(tmp_path)
        code, said = look()
    assert code == 3
    assert f"nothing listens at http://127.0.0.1:{api.port}" in said


def test_a_host_that_is_not_there(look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(kubeconfig.read_text().replace("127.0.0.1", "api.invalid"))
    code, said = look()
    assert code == 3
    assert "there is no host api.invalid" in said


def test_pages_that_expire_are_read_anew(api: Api, look: Look) -> None:
    expired: list[str] = []

    def fault(handler: Handler) -> bool:
        if "continue" not in handler.path or expired:
            return False
        expired.append(handler.path)
        handler.say(410, _body(410))
        return True

    at = {"spec": {"nodeName": "idc-1"}, "status": {"podIPs": [{"ip": "172.28.0.7"}]}}
    pods = [{"metadata": {"name": f"p-{number:04}"}, **at} for number in range(1100)]
    api.items = {**api.items, "pods": pods}
    api.faults.append(fault)
    code, said = look()
    assert code == 0, said
    assert "1100 Pods" in said
    assert len([path for path in api.asked if path.startswith("/api/v1/pods")]) == 2 + 3


@pytest.mark.parametrize("count", [0, 1, 500, 501, 4000])
def test_a_list_takes_a_request_a_page_and_an_object_one(count: int, api: Api, look: Look) -> None:
    node = api.items["nodes"][0]
    api.items = {**api.items, "nodes": [{**node, "metadata": {"name": f"idc-{number}"}} for number in range(count)]}
    code, said = look()
    assert code == 0, said
    asked = [path.partition("?")[0] for path in api.asked]
    assert asked.count("/api/v1/nodes") == max(1, -(-count // 500))
    listed = {each.kind for each in LISTS}
    every = {each for each in (*NAMED, *wanted(compiled(SPEC).spec)) if each.kind not in listed}
    named = {each for each in every if not each.name or each._replace(name="") not in every}
    asked_once = ["the version", "the Pods", *(kind for kind in listed if kind != "Node"), *named]
    assert len(asked) - asked.count("/api/v1/nodes") == len(asked_once)


def test_pages_that_always_expire_are_not_seen(api: Api, look: Look) -> None:
    api.faults.append(of("/api/v1/pods", always(410, _body(410))))
    code, said = look()
    assert code == 0
    assert "LIVE001 warning: cannot see the Pods (the list changes faster than it can be read)" in said


def test_a_page_that_follows_itself(api: Api, look: Look) -> None:
    page = {"kind": "List", "metadata": {"continue": "0"}, "items": []}
    api.faults.append(of("/api/v1/nodes", always(200, json.dumps(page).encode())))
    code, said = look()
    assert code == 0
    assert (
        "cannot see the Nodes (the API server answers with something else: the page that follows is the page itself)"
        in said
    )


@pytest.mark.parametrize(
    "body",
    [{"items": "none"}, {"items": [None]}, {"items": [{"metadata": {"name": 7}}]}, {"metadata": []}, {"items": [{}]}],
)
def test_objects_of_a_wrong_form_are_not_seen(body: object, api: Api, look: Look) -> None:
    api.faults.append(of("/api/v1/nodes", always(200, json.dumps(body).encode())))
    code, said = look()
    assert code == 0
    assert "LIVE001 warning: cannot see the Nodes (the API server answers with something else" in said


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "PodList", "items": []},
        {"kind": "Table", "columnDefinitions": [{"name": "Name"}], "rows": []},
        {
            "kind": "Table",
            "columnDefinitions": [{"name": name} for name in ("Name", "IP", "Node")],
            "rows": [{"cells": ["a"]}],
        },
        {
            "kind": "Table",
            "columnDefinitions": [{"name": name} for name in ("Name", "IP", "Node")],
            "rows": [{"cells": 1}],
        },
        {"kind": "Table", "columnDefinitions": 1},
    ],
)
def test_pods_that_are_no_table_are_not_seen(body: object, api: Api, look: Look) -> None:
    api.faults.append(of("/api/v1/pods", always(200, json.dumps(body).encode())))
    code, said = look()
    assert code == 0
    assert "LIVE001 warning: cannot see the Pods (the API server answers with something else" in said


def test_a_list_that_is_forbidden_is_asked_by_name(api: Api, look: Look) -> None:
    paths = ("/apis/apps/v1/daemonsets", "/apis/apps/v1/deployments")
    api.faults.append(lambda handler: handler.path.startswith(paths) and always(403, _body(403))(handler))
    code, said = look()
    # Whatever needs all of them is not decided; what asks for the workloads of the spec by name is.
    assert (code, re.findall("LIVE001 .* cannot see the (.*) \\(needs list", said)) == (0, ["DaemonSets"]), said
    assert "CNI040" not in said
    api.items = {**api.items, "daemonsets": []}
    code, said = look()
    assert code == 1
    assert "CNI040 error: DaemonSet kube-system/calico-node is not in the cluster" in said


def test_the_kinds_of_an_addon_that_is_not_there_are_none(api: Api, look: Look) -> None:
    api.faults.append(of("/api/v1/pods", always(404, b"404 page not found\n")))
    assert look()[0] == 0


def test_no_answer_of_a_server_writes_to_the_terminal(api: Api, look: Look) -> None:
    api.version = "v1.34.2\x1b[2J"
    _, said = look()
    assert "\x1b" not in said
    assert "v1.34.2\\x1b[2J" in said


def test_a_token_is_never_repeated(api: Api, look: Look) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
    body = json.dumps({**status(500, ""), "message": f"no user for {token}"}).encode()
    api.faults.append(always(500, body))
    _, said = look()
    assert token not in said


KUBECONFIGS = {
    "is not there": (None, "there is no kubeconfig"),
    "empty": ("", "cannot be used"),
    "no YAML": ("{", "cannot be used"),
    "a list": ("[]", "cannot be used"),
    "no contexts": ("apiVersion: v1\nkind: Config\n", "cannot be used"),
    "another context": ("apiVersion: v1\nkind: Config\ncurrent-context: b\ncontexts: []\n", "cannot be used"),
    "text": ("nothing of that kind", "cannot be used: it does not have the form of a kubeconfig"),
}


@pytest.mark.parametrize(("text", "sentence"), KUBECONFIGS.values(), ids=KUBECONFIGS)
def test_a_wrong_kubeconfig_is_a_wrong_input(text: str | None, sentence: str, look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.unlink() if text is None else kubeconfig.write_text(text)
    code, said = look()
    assert (code, sentence in said) == (2, True), said


def test_a_context_that_is_not_there(look: Look) -> None:
    code, said = look("--context=other")
    assert (code, "other" in said) == (2, True), said


def test_a_plugin_that_fails_is_said(look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    config = json.loads(kubeconfig.read_text())
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": ["-c", "echo who are you >&2; exit 1"],
    }
    config["users"][0]["user"] = {"exec": command}
    kubeconfig.write_text(json.dumps(config))
    code, said = look()
    assert code == 3
    assert "who are you" in said


PLUGINS = {
    "waits": "echo $$ >%s; exec sleep 600",
    "waits for another": "sleep 600 & echo $! >%s; wait",
    "will not end": "trap '' TERM; echo $$ >%s; while :; do sleep 600; done",
}


@pytest.mark.parametrize("text", PLUGINS.values(), ids=PLUGINS)
def test_a_plugin_that_hangs_ends_with_the_deadline(text: str, look: Look, tmp_path: Path) -> None:
    kubeconfig, process = tmp_path / "kubeconfig", tmp_path / "process"
    config = json.loads(kubeconfig.read_text())
    command = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", text % process]}
    config["users"][0]["user"] = {"exec": command}
    kubeconfig.write_text(json.dumps(config))
    code, said = look(deadline=1)
    assert (code, "plugin that the kubeconfig names (exec) did not end within 1 s" in said) == (3, True), said
    deadline = time.monotonic() + 20
    while runs(process.read_text().strip()):
        assert time.monotonic() < deadline, "the plugin runs on"
        time.sleep(0.01)


def runs(process: str) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text("ascii")
    except FileNotFoundError:
        return False


def test_tls_where_none_is_spoken(api: Api, look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(kubeconfig.read_text().replace("http:", "https:"))
    code, said = look()
    assert code == 3
    assert f"the connection to https://127.0.0.1:{api.port} broke: " in said


def test_without_the_package(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    code, said = look()
    assert code == 3
    assert "the Python package kubernetes is not installed" in said
    assert "pip install 'PATH[cluster]'" in said


def test_a_pod_without_its_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "172.16.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    assert main(["preflight", str(BASE)]) == 2
    assert "the ServiceAccount of this pod cannot be used" in capsys.readouterr().err


def test_the_kubeconfig_of_the_environment(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("KUBECONFIG", f"/nothing:{api.kubeconfig(tmp_path)}")
    assert main(["preflight", str(BASE)]) == 0
    assert f"looked at http://127.0.0.1:{api.port}" in capsys.readouterr().err


def test_the_first_current_context_of_several_files_counts_as_for_kubectl(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "none").write_text("apiVersion: v1\nkind: Config\ncurrent-context: ''\n")
    other = {"name": "other", "cluster": {"server": "http://127.0.0.1:1"}}
    context = {"name": "other", "context": {"cluster": "other", "user": "test"}}
    rest = {"current-context": "other", "clusters": [other], "contexts": [context]}
    (tmp_path / "other").write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **rest}))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none:{api.kubeconfig(tmp_path)}:{tmp_path}/other")
    assert main(["preflight", str(BASE)]) == 0
    assert f"looked at http://127.0.0.1:{api.port}" in capsys.readouterr().err


def test_a_token_that_cannot_be_sent_is_not_shown(look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(kubeconfig.read_text().replace("a-token", "a-token\\nof-two-lines"))
    code, said = look()
    assert code == 2
    assert "cannot be sent" in said
    assert "a-token" not in said


def test_a_folder_is_no_kubeconfig(look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.unlink()
    kubeconfig.mkdir()
    code, said = look()
    assert (code, f"{kubeconfig} is a folder" in said) == (2, True), said


@pytest.mark.parametrize("server", ["not an address", "", "http://", "http://127.0.0.1:port", "7"])
def test_a_server_that_is_no_address(server: str, api: Api, look: Look, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(kubeconfig.read_text().replace(f"http://127.0.0.1:{api.port}", server))
    code, said = look()
    assert code in (2, 3)
    assert said.startswith("hybridc: error: ")


def test_objects_of_calico_where_its_crds_are_of_the_other_group(api: Api, look: Look) -> None:
    pool = {"metadata": {"name": "more"}, "spec": {"cidr": "10.101.0.0/16", "natOutgoing": True}}
    listed = {"kind": "IPPoolList", "apiVersion": "projectcalico.org/v3", "metadata": {}, "items": [pool]}
    api.faults.append(of("/crd.projectcalico.org/", always(404, json.dumps(status(404, "NotFound")).encode())))
    api.faults.append(of("/projectcalico.org/v3/ippools", always(200, json.dumps(listed).encode())))
    code, said = look()
    assert code == 1, said
    assert "NET036 error: pods of the IDC get addresses outside podCIDRs: 10.101.0.0/16 (IPPool more)" in said
    assert "CNI047 warning: IPPool more (10.101.0.0/16) has natOutgoing" in said
