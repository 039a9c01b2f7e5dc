"""What is done to a cluster that runs: the same kind of list, in an order that nobody has to think about."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.programs import GUIDE, hybridc
from tests.records import replace
from tests.steps import cover

from hybridc.cli.steps import PURPOSES
from hybridc.lower.delivery import deliver
from hybridc.lower.steps.day_two.lists import LISTS
from hybridc.lower.steps.step import Step
from hybridc.spec import model
from hybridc.spec.items import Items
from hybridc.spec.origin import plain

GOLDENS = Path(__file__).parent / "goldens"
ROWS = cover.rows()
LISTED = [cover.day_two(cover.spec(row)) for row in ROWS]
ALWAYS = {"upgrade-kubernetes", "add-zone", "roll-back", "uninstall"}
# Before → after, wherever both are in a list.
ORDER: dict[str, tuple[tuple[str, str], ...]] = {
    "upgrade-kubernetes": (
        ("see.skew", "upgrade.control-plane"),
        (r"pool\.\w+\.pause", "upgrade.control-plane"),
        ("see.control-plane", "oss.script"),
        ("see.control-plane", "see.terway-version"),
        ("gitops.sync", r"pool\.\w+\.new"),
        ("gitops.sync", "see.exclusion"),
        ("see.exclusion", r"pool\.\w+\.new"),
        ("see.node", r"pool\.\w+\.replace"),
        (r"pool\.\w+\.replace", r"pool\.\w+\.scale"),
    ),
    "rotate-token": (("token.id", "token.put"), ("token.put", "see.token")),
    "rotate-accesskey": (
        ("see.accesskey", "accesskey.new"),
        ("accesskey.new", "addons.restart"),
        ("addons.restart", "accesskey.off"),
        ("accesskey.off", "see.accesskey-off"),
        ("see.accesskey-off", "accesskey.delete"),
    ),
    "rotate-ca": (
        ("see.ca-hash", "gitops.sync"),
        ("gitops.sync", "ca.bundle"),
        ("see.ca-bundle", r"pool\.\w+\.new"),
        (r"pool\.\w+\.replace", "ca.certificates"),
        ("see.ca", "ca.drop"),
        ("ca.drop", "oss.old"),
        ("ca.rotate", "token.put"),
        ("token.put", r"pool\.\w+\.new"),
    ),
    "add-zone": (
        ("network.routes", "gitops.sync"),
        ("network.routes", "ippools"),
        ("ram.policies", "gitops.sync"),
        ("gitops.sync", "terway.restart"),
        ("see.eni-config", "terway.restart"),
        ("terway.restart", r"pool\.\w+\.change"),
        ("see.exclusion", r"pool\.\w+\.one"),
    ),
    "change-pool": (
        (r"pool\.\w+\.change", r"pool\.\w+\.mark"),
        (r"pool\.\w+\.mark", r"pool\.\w+\.new"),
        ("see.node", r"pool\.\w+\.replace"),
        (r"pool\.\w+\.replace", "see.replaced"),
    ),
    "remove-pool": (
        ("pool.pause", "pool.drain"),
        ("pool.drain", "pool.empty"),
        ("pool.empty", "see.pool"),
        ("see.pool", "pool.delete"),
        ("pool.delete", "git.merge"),
    ),
    "upgrade-terway": (
        ("ram.policies", "gitops.sync"),
        ("gitops.sync", "terway.upgrade"),
        ("terway.upgrade", "see.terway-version"),
    ),
    "roll-back": (
        ("gitops.pause", "git.revert"),
        ("oss.script", "git.merge"),
        ("git.merge", "gitops.resume"),
        ("gitops.resume", "gitops.sync"),
        ("gitops.sync", "terway.restart"),
    ),
    "uninstall": (
        ("gitops.stop", "address.empty"),
        (r"pool\.\w+\.pause", "address.empty"),
        ("address.empty", "see.address"),
        ("see.address", r"pool\.\w+\.drain"),
        (r"pool\.\w+\.delete", "see.no-cloud-node"),
        ("see.no-cloud-node", r"addon\..+\.remove"),
        ("see.no-cloud-node", "ippools.delete"),
        # A CronJob would put the exclusion back.
        ("objects.delete", "exclusion.back"),
        (r"addon\..+\.remove", "eni-config.delete"),
        (r"addon\..+\.remove", "see.interfaces"),
        (r"addon\..+\.remove", "credentials.delete"),
        # Its id is read from the object.
        ("token.id", "oss.delete"),
        ("credentials.delete", "git.remove"),
    ),
}


def test_the_verb_offers_what_there_is() -> None:
    assert tuple(LISTS) == PURPOSES
    assert set(ORDER) == set(PURPOSES)
    assert all(any(purpose in listed for listed in LISTED) for purpose in PURPOSES)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_list_has_one_order(purpose: str) -> None:
    seen = set[tuple[str, str]]()
    for listed in LISTED:
        ids = [step.id for step in listed.get(purpose, ())]
        assert len(set(ids)) == len(ids)
        assert [step.after for step in listed.get(purpose, ())] == [
            (before,) if before else () for before in ["", *ids][: len(ids)]
        ]
        for before, after in ORDER[purpose]:
            places = [[n for n, i in enumerate(ids) if re.fullmatch(name, i)] for name in (before, after)]
            if all(places):
                seen.add((before, after))
                assert max(places[0]) < min(places[1]), (before, after, ids)
    assert seen == set(ORDER[purpose]), "a pair that never meets proves nothing"


def test_what_has_nothing_to_do_with_a_spec_is_not_listed() -> None:
    for row, listed in zip(ROWS, LISTED, strict=True):
        spec = cover.spec(row)
        assert listed.keys() >= ALWAYS
        assert ("change-pool" in listed) == ("remove-pool" in listed) == bool(spec.node_pools)
        assert ("upgrade-terway" in listed) == (spec.terway is not None)
        assert ("rotate-token" in listed) == (spec.node_init.mode == "script")
        assert ("rotate-ca" in listed) == (spec.node_init.mode == "script" and spec.node_init.join.method != "custom")
        with_key = "credentials.secret" in {step.id for step in cover.steps_of(spec)}
        assert ("rotate-accesskey" in listed) == (with_key and spec.ram.user is not None)


def every(purpose: str) -> list[Step]:
    return [step for listed in LISTED for step in listed.get(purpose, ())]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_step_says_what_it_takes_and_how_one_sees_that_it_worked(purpose: str) -> None:
    for step in every(purpose):
        texts = (step.who, step.sentence, step.expects, step.undo)
        assert all(texts[:3]), step.id
        assert not any(
            "\n" in text or "  " in text or text.endswith((" ", ".")) for text in (step.who, step.expects, step.undo)
        )
        assert step.undo or step.id.startswith("see."), step.id
        assert step.command or step.id == "token.put", step.id


@pytest.mark.parametrize("purpose", ["upgrade-kubernetes", "rotate-ca", "uninstall"])
def test_what_a_person_sees(purpose: str, golden: Callable[[Path, str], None]) -> None:
    done = hybridc("steps", str(GUIDE), "--for", purpose)
    assert done.returncode == 0
    golden(GOLDENS / f"{purpose}.text", re.sub("init-node-ecs-[0-9a-f]{12}", "init-node-ecs-0123456789ab", done.stdout))


def patched(tool: Callable[[str], str], command: str, affinity: Any, folder: Path) -> Any:
    """The affinity after the patch of a command, by kubectl alone; None when it does not fit."""
    words = shlex.split(command)
    kind, name = words[4:6]
    labels = {"app": "x"}
    pod = {"containers": [{"name": "x", "image": "x"}], "affinity": affinity}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    item = {"apiVersion": "apps/v1", "kind": {"daemonset": "DaemonSet", "deployment": "Deployment"}[kind]}
    file = folder / "item.json"
    file.write_text(json.dumps({**item, "metadata": {"name": name}, "spec": spec}), encoding="utf-8")
    call = [tool("kubectl"), "patch", "--local", "-f", str(file), "-o", "json", *words[6:]]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return None if done.returncode else json.loads(done.stdout)["spec"]["template"]["spec"]["affinity"]


def test_an_uninstall_brings_the_terms_of_before_back(tool: Callable[[str], str], tmp_path: Path) -> None:
    spec = cover.spec(
        ("calico hook", "argocd", "addon", "oss", "oss", "kubeadm", "none", "exclude", "https://a.example/a")
    )
    terms = [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]
    workload = model.Workload("DaemonSet", "kube-system", "calico-node", Items(terms))
    spec = replace(spec, cluster=replace(spec.cluster, cni=replace(spec.cluster.cni, daemon_set=workload)))
    step = next(step for step in cover.day_two(spec)["uninstall"] if step.id == "exclusion.back")
    commands = step.command.split(" &&\n")
    excluded = deliver(spec).all
    assert len(commands) == len(excluded) == 2
    for command, exclusion in zip(commands, excluded, strict=True):
        required = {"nodeSelectorTerms": plain(exclusion.wanted)}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
        found = patched(tool, command, affinity, tmp_path)["nodeAffinity"]
        left = found.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", [])
        assert left == plain(exclusion.expected)
        required["nodeSelectorTerms"] = [*required["nodeSelectorTerms"], *terms]
        assert patched(tool, command, affinity, tmp_path) is None, "terms that somebody has changed are left alone"


def test_every_form_has_the_list() -> None:
    document = json.loads(hybridc("steps", str(GUIDE), "--for", "remove-pool", "--format", "json").stdout)
    assert document["for"] == "remove-pool"
    ids = [step["id"] for step in document["steps"]]
    assert ids == ["pool.pause", "pool.drain", "pool.empty", "see.pool", "pool.delete", "git.merge"]
    assert (
        re.findall(
            r"^if next (.+); then$",
            hybridc("steps", str(GUIDE), "--for", "remove-pool", "--format", "sh").stdout,
            re.MULTILINE,
        )
        == ids
    )


def test_nothing_to_do_is_said_and_no_error(tmp_path: Path) -> None:
    spec = tmp_path / "hybrid.yaml"
    text = GUIDE.read_text("utf-8")
    spec.write_text(re.sub(r"(?ms)^  nodePools:\n.*?(?=^  \w)", "", text), encoding="utf-8")
    done = hybridc("steps", str(spec), "--for", "remove-pool")
    assert (done.returncode, done.stdout) == (0, "")
    assert "remove-pool: nothing to do. The spec has no node pool.\n" in done.stderr
    document = json.loads(hybridc("steps", str(spec), "--for", "remove-pool", "--format", "json").stdout)
    assert document["steps"] == []


def test_a_word_that_is_none() -> None:
    done = hybridc("steps", str(GUIDE), "--for", "upgrade-kubernets")
    assert done.returncode == 2
    assert "did you mean upgrade-kubernetes?" in done.stderr
