"""``preflight --cloud`` against servers that verify every request: what it asks, and what faults and rights do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.lab.servers.account import ALL, Key
from tests.lab.servers.acs_words import refusal, throttled
from tests.lab.servers.exchange import Answer, Change, Fault, Reply, Reset, Silence, Truncate, html
from tests.patched import patched
from tests.pinned import ROOT
from tests.preflight.cases import BASE
from tests.preflight.clouds import Cloud, cloud_for, look, signs
from tests.preflight.clusters import compiled, healthy, seen
from tests.preflight.test_cases import FITTING

from hybridc.cli.main import main
from hybridc.live.folder import dump, load
from hybridc.live.state import State
from hybridc.preflight.cloud import asked
from hybridc.preflight.run import hold

Capture = pytest.CaptureFixture[str]
SPEC = BASE.read_text("utf-8")
FOUND = compiled(SPEC)
READS = ("Describe", "Get", "List")
FAULTS: dict[str, Callable[[], Fault]] = {
    "429": throttled,
    "500": lambda: refusal(500, "InternalError"),
    "html": lambda: html(502),
    "html 200": lambda: html(200),
    "reset": Reset,
    "silence": Silence,
    "truncated": Truncate,
}
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with cloud_for(FOUND) as running:
        yield running


@pytest.fixture
def run(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """``run(*flags, key=…)``: exit code and what was said by preflight, whose cluster is a folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795478400")  # 2026-11-24
    dump(seen(FOUND.spec, healthy(FOUND.spec)), "cluster")
    Path("hybrid.yaml").write_text(SPEC, encoding="utf-8")

    def go(*flags: str, key: Key | None = None, spec: str = "hybrid.yaml") -> tuple[int, str]:
        signs(monkeypatch, key or cloud.account.root())
        code = main(["preflight", "--from", "cluster", spec, "--cloud", *cloud.endpoints, *flags])
        captured = capsys.readouterr()
        said = captured.out + captured.err
        assert not [each for each in cloud.account.keys.values() if each.secret in said]
        return code, said

    return go


def test_a_cloud_that_fits_has_nothing_against_the_spec(cloud: Cloud, run: Run) -> None:
    code, said = run()
    assert code == 0
    assert "hybrid.yaml: nothing in the way" in said
    assert f"looked at account {cloud.account.id} in cn-shanghai" in said


@pytest.mark.parametrize("name", ["guide", "two-zone", "everything"])
def test_a_cloud_that_fits_an_example(name: str) -> None:
    found = compiled((ROOT / "examples" / name / "hybrid.yaml").read_text("utf-8"))
    with cloud_for(found) as cloud:
        state = replace(seen(found.spec, healthy(found.spec)), cloud=look(cloud, found.spec))
    assert hold(found, state).found == []


def test_a_cloud_that_fits_a_spec_without_terway() -> None:
    found = compiled(patched(BASE, FITTING["no Terway"]))
    with cloud_for(found) as cloud:
        state = replace(seen(found.spec, healthy(found.spec)), cloud=look(cloud, found.spec))
    assert hold(found, state).found == []


def test_it_asks_and_changes_nothing(cloud: Cloud, run: Run) -> None:
    run()
    assert [call for call in cloud.asked if not call.partition(":")[2].startswith(READS)] == []


def test_a_vswitch_of_another_zone_is_said(cloud: Cloud, run: Run) -> None:
    cloud.network.vswitches[0]["ZoneId"] = "cn-shanghai-m"
    code, said = run()
    assert code == 1
    assert "CLD001 error" in said


def test_lists_are_read_to_the_last_page(cloud: Cloud) -> None:
    table = f"rtb-{FOUND.spec.alibaba_cloud.vpc.id}"
    for number in range(250):
        cloud.network.add_route(table, f"10.99.{number}.0/24", "ri-uf6idc")
    found = look(cloud, FOUND.spec).all("RouteTable", str(FOUND.spec.alibaba_cloud.vpc.id))
    assert len(found[0]["Entries"]) == len(cloud.network.entries[table])


def test_credentials_of_another_account_reach_nothing(cloud: Cloud, run: Run) -> None:
    cloud.account.id = "9999999999999999"
    code, said = run()
    assert code == 2
    assert "the credentials are of account 9999999999999999" in said
    assert cloud.asked == ["sts:GetCallerIdentity"]


def test_without_credentials_it_says_so(cloud: Cloud, run: Run) -> None:
    key = cloud.account.root()
    del cloud.account.keys[key.id]
    code, said = run(key=key)
    assert code == 3
    assert "the AccessKey is wrong, inactive or deleted" in said


@pytest.mark.parametrize(("service", "name"), [*(("vpc", name) for name in FAULTS), ("sts", "html"), ("cs", "reset")])
def test_a_cloud_that_is_ill_is_a_sentence_in_time(cloud: Cloud, run: Run, service: str, name: str) -> None:
    cloud.servers[service].fault(FAULTS[name](), times=99)
    code, said = run("--deadline", "1")
    assert code == 3
    assert f"{service}" in said
    assert "help:" in said


JUNK = (
    "{}",
    "[]",
    "null",
    "3",
    '{"VSwitches": 3, "nodepools": {}}',
    '{"Vpcs": {"Vpc": [3]}, "Policies": {"Policy": [[]]}}',
)


def _junk(text: str) -> Answer:
    return Answer(lambda _: Reply(200, {"content-type": "application/json"}, text.encode()))


@pytest.mark.parametrize("text", JUNK)
def test_an_answer_that_is_none_is_never_taken_for_absence(cloud: Cloud, run: Run, text: str) -> None:
    for service in ("vpc", "ecs", "ram", "cs"):
        cloud.servers[service].fault(_junk(text), times=999)
    code, said = run()
    assert code == 0, said
    assert "LIVE001" in said
    assert " error" not in said


@pytest.mark.parametrize("text", JUNK)
def test_nobody_is_told_an_account_by_junk(cloud: Cloud, run: Run, text: str) -> None:
    cloud.servers["sts"].fault(_junk(text), times=999)
    code, said = run()
    assert code == 3
    assert "sts answers GetCallerIdentity with no AccountId" in said


def test_a_right_that_is_missing_hides_one_thing(cloud: Cloud, run: Run) -> None:
    calls = sorted({*_asked_by(cloud, run)} - {"sts:GetCallerIdentity"})
    assert len(calls) >= 12
    for call in calls:
        deny = {"Effect": "Deny", "Action": call, "Resource": "*"}
        code, said = run(key=cloud.account.user(f"without-{call.replace(':', '-')}", ALL, deny))
        assert code == 0, said
        assert f"(needs {call})" in said
        assert " error" not in said


def test_the_policy_of_the_page_is_what_it_takes(cloud: Cloud, run: Run) -> None:
    """Of a user with exactly these rights nothing is hidden; and each of them is one that a call takes."""
    page = (ROOT / "docs" / "preflight.md").read_text("utf-8").partition("<!-- policy -->\n```json\n")[2]
    (statement,) = json.loads(page.partition("```")[0])["Statement"]
    cloud.account.groups["ops"] = ["ack-one-user-shanghai"]
    key = cloud.account.user("reader", statement)
    assert run(key=key)[0] == 0
    role = asked([FOUND.spec])._replace(addons=True, roles=("idc",), images=("m-uf6a1b2c3d4e5f6",))
    cloud.account.session("idc")
    assert not look(cloud, FOUND.spec, key, what=role).unseen
    assert set(cloud.asked) - {"sts:GetCallerIdentity"} == set(statement["Action"])


def _asked_by(cloud: Cloud, run: Run) -> list[str]:
    run()
    return list(cloud.asked)


def test_a_dump_has_the_cloud_and_no_secret(cloud: Cloud, run: Run, capsys: Capture) -> None:
    cloud.network.vswitches[0]["ZoneId"] = "cn-shanghai-m"
    said = run("--dump", "seen")[1]
    text = Path("seen/cloud.json").read_text("utf-8")
    assert json.loads(text)["account"] == cloud.account.id
    assert not [each for each in cloud.account.keys.values() if each.secret in text or each.id in text]
    count = len(cloud.asked)
    assert main(["preflight", "--from", "seen", "hybrid.yaml"]) == 1
    assert _findings(capsys.readouterr().err) == _findings(said)
    assert len(cloud.asked) == count


def _findings(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("hybrid.yaml:")]


def test_a_dump_is_what_was_seen(cloud: Cloud, tmp_path: Path) -> None:
    cloud.account.roles.clear()
    key = cloud.account.user("less", ALL, {"Effect": "Deny", "Action": "ecs:*", "Resource": "*"})
    found = State("https://192.168.10.10:6443", cloud=look(cloud, FOUND.spec, key))
    dump(found, str(tmp_path / "seen"))
    assert load(str(tmp_path / "seen")) == found


def test_a_dump_of_another_account_is_refused(cloud: Cloud, run: Run, capsys: Capture) -> None:
    run("--dump", "seen")
    Path("hybrid.yaml").write_text(SPEC.replace(cloud.account.id, "9999999999999999"), encoding="utf-8")
    assert main(["preflight", "--from", "seen", "hybrid.yaml"]) == 2
    assert f"seen has account {cloud.account.id} in cn-shanghai" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", '{"kind": "CloudState"}', '{"kind": "CloudState", "objects": [[1]]}'])
def test_a_file_that_is_no_dump_is_a_sentence(run: Run, capsys: Capture, text: str) -> None:
    run("--dump", "seen")
    Path("seen/cloud.json").write_text(text, encoding="utf-8")
    assert main(["preflight", "--from", "seen", "hybrid.yaml"]) == 2
    assert "cloud.json is" in capsys.readouterr().err


def test_several_accounts_are_refused_before_anything(cloud: Cloud, run: Run) -> None:
    Path("other.yaml").write_text(SPEC.replace(cloud.account.id, "9999999999999999"), encoding="utf-8")
    code, said = run("other.yaml")
    assert code == 2
    assert "several accounts or regions" in said
    assert cloud.asked == []


def test_a_script_for_a_node_asks_no_cloud(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "hybrid.yaml").write_text(SPEC, encoding="utf-8")
    assert main(["preflight", "--node", "--cloud", str(tmp_path / "hybrid.yaml")]) == 2
    assert "asks no cloud" in capsys.readouterr().err


def test_an_endpoint_that_is_none(run: Run) -> None:
    code, said = run("--endpoint", "http://example.com")
    assert code == 2
    assert "is not encrypted" in said


def test_a_list_without_an_end_is_not_seen(cloud: Cloud, run: Run) -> None:
    vpc, first = cloud.servers["vpc"], dict[str, dict[str, object]]()

    def without_end(call: str, **more: object) -> None:
        def changed(reply: Reply) -> Reply:
            number = len([line for line in vpc.requests if line.operation == call])
            tokens = {"NextToken": "ab"[number % 2]} if call == "DescribeRouteEntryList" else {}
            first.setdefault(call, json.loads(reply.body))
            return Reply(200, {}, json.dumps({**first[call], **tokens, **more}).encode())

        vpc.fault(Change(changed), times=10_000, operation=call)

    without_end("DescribeRouteEntryList")
    without_end("DescribeVpcs", TotalCount=10**9)
    code, said = run("--deadline", "20")
    assert code != 3, said
    assert "the cloud answers with something else" in said, said
    assert len(vpc.requests) < 40
