"""A job in a CI renews the token: its own linters take it, it runs, and no secret of it is an argument or stays."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.build.cli import call, written
from tests.node_script import specs

from hybridc.lower.steps import published
from hybridc.lower.token_ci import cron, token_ci
from hybridc.spec.model import Spec

Data = dict[str, Any]
SECRETS = {
    "OIDC": "eyJ0-the-oidc-token",
    "BEARER": "the-bearer",
    "KUBE": "the: kubeconfig",
    "TOKEN": "K10abc::id.secret",
}
YAMLLINT = "{extends: default, rules: {document-start: disable, line-length: disable, truthy: {check-keys: false}}}"


def spec(method: str = "kubeadm", source: str = "oss", **token: str) -> Spec:
    join = specs.join(method, source)
    join["token"].update(token)
    return specs.spec(34, join=join)


def jobs(tmp_path: Path) -> dict[str, Path]:
    """The files of a build, by CI."""
    done = call("build", written(tmp_path), "-o", tmp_path / "out")
    assert done.code == 0, done.err
    return {path.stem: path for path in (tmp_path / "out" / "idc-hangzhou" / "cloud" / "ci").iterdir()}


def test_a_build_has_a_file_for_each_ci_and_its_summary_says_where_it_goes(tmp_path: Path) -> None:
    assert sorted(jobs(tmp_path)) == ["github", "gitlab"]
    summary = (tmp_path / "out" / "idc-hangzhou" / "SUMMARY.md").read_text("utf-8")
    assert "copy `cloud/ci/github.yaml` to `.github/workflows/hybridc-token-idc-hangzhou.yaml`" in summary


def test_nothing_is_written_while_publish_does_not_do_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "PUBLISHED", published.PUBLISHED - {"token.put"})
    assert call("build", written(tmp_path), "-o", tmp_path / "out").code == 0
    assert not (tmp_path / "out" / "idc-hangzhou" / "cloud" / "ci").exists()


@pytest.mark.parametrize("method", ["kubeadm", "k3s", "rke2"])
@pytest.mark.parametrize("source", ["oss", "ramRole"])
def test_every_token_in_oss_that_ends_has_a_job(method: str, source: str) -> None:
    assert set(token_ci(spec(method, source))) == {"github", "gitlab"}


@pytest.mark.parametrize(
    "other",
    [
        lambda: spec("custom"),
        lambda: spec(source="url"),
        lambda: spec(source="file"),
        lambda: spec(source="env"),
        lambda: spec(refresh="cronJob"),
        lambda: spec(refresh="external"),
        lambda: spec(ttl="0s"),
        lambda: specs.spec(34, mode="managed", oss=None),
    ],
)
def test_no_other_token_has_one(other: Callable[[], Spec]) -> None:
    assert token_ci(other()) == {}


@pytest.mark.parametrize(
    ("ttl", "when"),
    [
        ("24h", "17 * * * *"),
        ("3h", "17 * * * *"),
        ("90m", "*/30 * * * *"),
        ("1h", "*/20 * * * *"),
        ("5m", "*/5 * * * *"),
    ],
)
def test_it_runs_three_times_in_the_life_of_a_token_and_no_more_often_than_github_allows(ttl: str, when: str) -> None:
    assert cron(spec(ttl=ttl)) == when
    assert token_ci(spec(ttl=ttl))["github"]["on"]["schedule"] == [{"cron": when}]


def test_actionlint_takes_the_workflow(tmp_path: Path, tool: Callable[[str], str]) -> None:
    command = [tool("actionlint"), "-shellcheck", tool("shellcheck"), "-pyflakes=", str(jobs(tmp_path)["github"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_yamllint_takes_both(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "yamllint", "-s", "-d", YAMLLINT, *map(str, jobs(tmp_path).values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_shellcheck_takes_what_gitlab_runs(tmp_path: Path, tool: Callable[[str], str]) -> None:
    (job,) = yaml.safe_load(jobs(tmp_path)["gitlab"].read_text("utf-8")).values()
    script = "\n".join([*job["script"], *job["after_script"]])
    done = subprocess.run(
        [tool("shellcheck"), "--shell=sh", "-"], input=script.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("method", ["kubeadm", "k3s"])
def test_the_workflow_may_read_the_repository_and_ask_who_it_is_and_no_more(method: str) -> None:
    workflow = token_ci(spec(method))["github"]
    (job,) = workflow["jobs"].values()
    assert (workflow["permissions"], job["permissions"]) == ({}, {"contents": "read", "id-token": "write"})
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    (used,) = [step["uses"] for step in job["steps"] if "uses" in step]
    assert len(used.partition("@")[2]) == 40
    assert "${{" not in "".join(step.get("run", "") for step in job["steps"])


def program(folder: Path, name: str) -> None:
    """A program that writes down its arguments, what it reads, and the files that the credentials are in."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"""\
        #!/bin/bash
        printf '%s\\0' {Path(name).name} "$@" >>"$WORDS"
        [ -p /dev/stdin ] && cat >"$WORDS.stdin"
        for file in "$ALIBABA_CLOUD_OIDC_TOKEN_FILE" "$KUBECONFIG"; do
          [ -f "$file" ] && stat -c '%a %s' "$file" >>"$WORDS.files" && cat "$file" >>"$WORDS.content"
        done
        env >"$WORDS.env"
        """
    path.write_text("\n".join(line.strip() for line in text.splitlines()), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def environment(tmp_path: Path) -> dict[str, str]:
    answer = tmp_path / "answer.json&audience=sts.aliyuncs.com"
    answer.write_text(json.dumps({"value": SECRETS["OIDC"]}), encoding="utf-8")
    return {
        "PATH": os.environ["PATH"],
        "WORDS": str(tmp_path / "words"),
        "RUNNER_TEMP": str(tmp_path),
        "CI_PROJECT_DIR": str(tmp_path),
        "HYBRIDC_SPEC": "clusters/a b/hybrid.yaml",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(tmp_path / "oidc-token"),
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "KUBECONFIG_TEXT": SECRETS["KUBE"],
        "HYBRIDC_TOKEN": SECRETS["TOKEN"],
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRETS["BEARER"],
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"file://{tmp_path}/answer.json",
    }


@pytest.mark.parametrize("method", ["kubeadm", "k3s"])
def test_the_job_of_github_runs_and_leaves_no_secret(method: str, tmp_path: Path) -> None:
    (job,) = token_ci(spec(method))["github"]["jobs"].values()
    program(tmp_path, "hybridc/bin/hybridc")
    command = ["bash", "--noprofile", "--norc", "-exo", "pipefail", "-c", job["steps"][-1]["run"]]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = (tmp_path / "words").read_text().rstrip("\0").split("\0")
    minted = method == "kubeadm"
    source = ["--mint"] if minted else ["--token-file", "-"]
    assert words == ["hybridc", "publish", "token.put", *source, "--yes", "clusters/a b/hybrid.yaml"]
    if not minted:
        assert (tmp_path / "words.stdin").read_text() == SECRETS["TOKEN"]
    content = (tmp_path / "words.content").read_text()
    assert content == SECRETS["OIDC"] + (f"{SECRETS['KUBE']}\n" if minted else "")
    assert {line.split()[0] for line in (tmp_path / "words.files").read_text().splitlines()} == {"600"}
    assert not (tmp_path / "oidc-token").exists()
    assert not (tmp_path / "kubeconfig").exists()


def test_the_job_stops_where_github_does_not_say_who_it_is(tmp_path: Path) -> None:
    (job,) = token_ci(spec())["github"]["jobs"].values()
    program(tmp_path, "hybridc/bin/hybridc")
    none = {**environment(tmp_path), "ACTIONS_ID_TOKEN_REQUEST_URL": f"file://{tmp_path}/none"}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", job["steps"][-1]["run"]]
    done = subprocess.run(command, env=none, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not (tmp_path / "words").exists()
    assert not (tmp_path / "kubeconfig").exists()


@pytest.mark.parametrize("method", ["kubeadm", "k3s"])
def test_the_job_of_gitlab_runs_and_leaves_no_secret(method: str, tmp_path: Path) -> None:
    (job,) = token_ci(spec(method))["gitlab"].values()
    program(tmp_path, ".hybridc/bin/hybridc")
    program(tmp_path, ".hybridc/bin/pip")
    file = tmp_path / ".hybridc" / "oidc-token"
    mine = {**environment(tmp_path), "HYBRIDC_ID_TOKEN": SECRETS["OIDC"], "HYBRIDC": "./a b.whl"}
    mine |= {"ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(file)}
    mine |= {"HYBRIDC_KUBECONFIG": str(tmp_path / "given"), "KUBECONFIG": ""}
    assert job["variables"]["ALIBABA_CLOUD_OIDC_TOKEN_FILE"] == "$CI_PROJECT_DIR/.hybridc/oidc-token"
    lines = [line for line in job["script"] if not line.startswith("python3 -m venv")]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)], env=mine, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    words = (tmp_path / "words").read_text()
    assert "pip\0install\0--quiet\0./a b.whl[alibaba,cluster]\0hybridc\0publish\0token.put\0" in words
    assert not [name for name, secret in SECRETS.items() if secret in words]
    assert (tmp_path / "words.content").read_text() == SECRETS["OIDC"]
    given = f"KUBECONFIG={tmp_path}/given\n" if method == "kubeadm" else "KUBECONFIG=\n"
    assert f"\n{given}" in (tmp_path / "words.env").read_text()
    assert "HYBRIDC_ID_TOKEN" not in (tmp_path / "words.env").read_text()
    subprocess.run(["bash", "-c", "\n".join(job["after_script"])], env=mine, check=True)
    assert not file.exists()


def test_a_name_in_the_rule_is_that_of_the_cluster() -> None:
    (job,) = token_ci(spec())["gitlab"].values()
    (rule,) = job["rules"]
    assert shlex.split(rule["if"])[-1] == "idc"
