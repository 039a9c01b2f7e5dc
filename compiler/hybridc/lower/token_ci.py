"""``join.token.refresh: ci``: a scheduled job for GitHub Actions and for GitLab that renews the token before it ends.

It asks three times in the life of a token; ``publish`` makes a new one only when less than half of it is left. No
secret stands in an argument: kubeconfig and OIDC token are files of mode 0600, which go when the job ends.
"""

from __future__ import annotations

from typing import Any

from hybridc.catalog import ci, joins
from hybridc.lower.steps.published import published_by
from hybridc.lower.token_refresh import schedule
from hybridc.spec.model import Spec
from hybridc.spec.origin import text

GITHUB, GITLAB = "github", "gitlab"
_STEP = "token.put"
_ASK = (
    "printf 'Authorization: bearer %s\\n' \"$ACTIONS_ID_TOKEN_REQUEST_TOKEN\" |\n"
    f'  curl -fsS --retry 3 -H @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience={ci.AUDIENCE}" |\n'
    "  python3 -c 'import json, sys; sys.stdout.write(json.load(sys.stdin)[\"value\"])' "
    '>"$ALIBABA_CLOUD_OIDC_TOKEN_FILE"'
)
_FOLDER = "$CI_PROJECT_DIR/.hybridc"
_INSTALL = 'pip" install --quiet "${HYBRIDC}[alibaba,cluster]"'


def is_renewed_by_ci(spec: Spec) -> bool:
    """Whether a job in a CI can renew the token of this spec."""
    init = spec.node_init
    token = init.join.token
    known = init.join.method == "kubeadm" or joins.join(init.join.method).agent
    return init.mode == "script" and token.refresh == "ci" and token.ttl_seconds != 0 and known and _command(spec) != ""


def token_ci(spec: Spec) -> dict[str, Any]:
    """By CI: the file that it reads; none where it cannot renew the token, or is not asked to."""
    return {GITHUB: _github(spec), GITLAB: _gitlab(spec)} if is_renewed_by_ci(spec) else {}


def cron(spec: Spec) -> str:
    """When the job runs."""
    return schedule(spec.node_init.join.token.ttl_seconds, ci.LEAST_MINUTES)


def _command(spec: Spec) -> str:
    return published_by(spec, _STEP)


def _is_minted(spec: Spec) -> bool:
    """Whether hybridc makes the token itself; a token of k3s or RKE2 is made on a server, and a secret of the CI."""
    return spec.node_init.join.method == "kubeadm"


def _publish(spec: Spec, program: str) -> str:
    """The command that renews the token; the spec is where the variable says."""
    if _is_minted(spec):
        return f'{program} publish {_STEP} --mint --yes "$HYBRIDC_SPEC"'
    return f'printf %s "$HYBRIDC_TOKEN" | {program} publish {_STEP} --token-file - --yes "$HYBRIDC_SPEC"'


def _github(spec: Spec) -> dict[str, Any]:
    name = text("hybridc-token-{}", spec.name)
    return {
        "name": name,
        "on": {"schedule": [{"cron": cron(spec)}], "workflow_dispatch": {}},
        "permissions": {},
        "concurrency": {"group": name, "cancel-in-progress": False},
        "defaults": {"run": {"shell": "bash"}},
        "jobs": {
            "renew": {
                "runs-on": f"${{{{ vars.HYBRIDC_RUNNER || '{ci.RUNNER}' }}}}",
                "timeout-minutes": 10,
                # Its variables and secrets are this cluster's, and the OIDC token names it.
                "environment": text("hybridc-{}", spec.name),
                "permissions": {"contents": "read", "id-token": "write"},
                "steps": [
                    {"uses": ci.CHECKOUT, "with": {"persist-credentials": False}},
                    _github_install(),
                    _github_renew(spec),
                ],
            }
        },
    }


def _github_install() -> dict[str, Any]:
    return {
        "name": "Install hybridc",
        "env": {"HYBRIDC": "${{ vars.HYBRIDC }}"},
        "run": f'python3 -m venv "$RUNNER_TEMP/hybridc"\n"$RUNNER_TEMP/hybridc/bin/{_INSTALL}\n',
    }


def _github_renew(spec: Spec) -> dict[str, Any]:
    secret = ("KUBECONFIG_TEXT", "HYBRIDC_KUBECONFIG") if _is_minted(spec) else ("HYBRIDC_TOKEN", "HYBRIDC_TOKEN")
    files = '"$ALIBABA_CLOUD_OIDC_TOKEN_FILE"' + (' "$KUBECONFIG"' if _is_minted(spec) else "")
    lines = ["umask 077", f"trap 'rm -f {files}' EXIT"]
    if _is_minted(spec):
        lines += ['printf \'%s\\n\' "$KUBECONFIG_TEXT" >"$KUBECONFIG"', "unset KUBECONFIG_TEXT"]
    env = {
        "ALIBABA_CLOUD_ROLE_ARN": "${{ vars.ALIBABA_CLOUD_ROLE_ARN }}",
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "${{ vars.ALIBABA_CLOUD_OIDC_PROVIDER_ARN }}",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "${{ runner.temp }}/oidc-token",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "HYBRIDC_SPEC": "${{ vars.HYBRIDC_SPEC }}",
        secret[0]: f"${{{{ secrets.{secret[1]} }}}}",
    }
    if _is_minted(spec):
        env["KUBECONFIG"] = "${{ runner.temp }}/kubeconfig"
    program = '"$RUNNER_TEMP/hybridc/bin/hybridc"'
    return {"name": "Renew the token", "env": env, "run": "\n".join([*lines, _ASK, _publish(spec, program), ""])}


def _gitlab(spec: Spec) -> dict[str, Any]:
    """One job, to be included; its pipeline schedule is a setting of the project."""
    name = text("hybridc-token-{}", spec.name)
    variables = {
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": f"{_FOLDER}/oidc-token",
    }
    # A variable of the type file, which is its path here; within `variables` older versions put its content.
    kubeconfig = ['export KUBECONFIG="$HYBRIDC_KUBECONFIG"'] if _is_minted(spec) else []
    return {
        name: {
            "image": ci.IMAGE,
            "rules": [{"if": text('$CI_PIPELINE_SOURCE == "schedule" && $HYBRIDC_CLUSTER == "{}"', spec.name)}],
            "environment": {"name": text("hybridc-{}", spec.name), "action": "access"},
            "resource_group": name,
            "timeout": "10 minutes",
            "id_tokens": {"HYBRIDC_ID_TOKEN": {"aud": ci.AUDIENCE}},
            "variables": variables,
            "script": [
                "umask 077",
                f'python3 -m venv "{_FOLDER}"',
                f'"{_FOLDER}/bin/{_INSTALL}',
                'printf %s "$HYBRIDC_ID_TOKEN" >"$ALIBABA_CLOUD_OIDC_TOKEN_FILE"',
                "unset HYBRIDC_ID_TOKEN",
                *kubeconfig,
                _publish(spec, f'"{_FOLDER}/bin/hybridc"'),
            ],
            "after_script": [f'rm -rf "{_FOLDER}"'],
        }
    }
