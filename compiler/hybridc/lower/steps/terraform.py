"""Steps of those who keep the cloud in Terraform: the same ids in the same order, done by ``terraform apply``.

There are three folders, each with a state of its own: RAM and OSS are applied before the merge, add-ons after the sync,
pools after Terway was seen. A second apply changes nothing, so each step of a folder applies it whole, alone or in a
list of day two. Nothing that is there already is made a second time: an add-on is taken over by the provider itself, a
pool is imported by its name and tag, anything else is refused by the cloud until a person imports it.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybridc.catalog import ack
from hybridc.lower.names import CLUSTER_TAG, script_key
from hybridc.lower.steps import filters
from hybridc.lower.steps.step import Step, aliyun, chain, cluster_path, code, word
from hybridc.lower.terraform.account import BUCKET_POLICY, SCRIPT
from hybridc.spec.model import Spec

ACCOUNT, ADDONS, POOLS = "cloud/terraform", "cloud/terraform/addons", "cloud/terraform/pools"
_IN_ACCOUNT = ("ram.user", "ram.policies", "oss.bucket", "oss.policy", "oss.script")
_WHO = "Terraform (or OpenTofu: `tofu`) with the rights to make what its plan shows"
_DOES = {
    ACCOUNT: "does all of RAM and OSS at once, without an AccessKey or a token. What is there already is imported "
    "first (docs/terraform.md)",
    ADDONS: "installs the add-ons that name a version, and takes over those that are there",
    POOLS: "makes the pools without nodes and without scaling, whatever their sizes are, and imports those of this "
    "cluster that are there. How many nodes they have is never Terraform's",
}


def folders(spec: Spec) -> dict[str, str]:
    """Step → the folder whose apply does it. An add-on without a version, and Terway's chart, are not Terraform's."""
    if not spec.alibaba_cloud.terraform:
        return {}
    found = {step: ACCOUNT for step in _IN_ACCOUNT if step != "oss.script" or spec.node_init.url is None}
    if spec.terway is not None and spec.terway.install == "addon":
        found[f"addon.{ack.TERWAY_ADDON}"] = ADDONS
    found |= {f"addon.{addon.name}": ADDONS for addon in spec.addons if addon.version is not None}
    return found | {f"pool.{pool.name}.create": POOLS for pool in spec.node_pools}


def by_terraform(spec: Spec, steps: Sequence[Step], owned: dict[str, str], script: str | None) -> list[Step]:
    """The steps; those that are ``owned`` by a folder have its commands."""
    if not owned:
        return list(steps)
    before = {ACCOUNT: _let_go(spec, script), ADDONS: [], POOLS: _imported(spec)}
    return [
        step if folder is None else _applies(step, folder, before[folder])
        for step, folder in ((step, owned.get(step.id)) for step in steps)
    ]


def _terraform(folder: str, arguments: str) -> str:
    return f"terraform -chdir={folder} {arguments}"


def _applies(step: Step, folder: str, before: list[str]) -> Step:
    """A step that a folder does. A person reads the plan and says yes."""
    command = chain(_terraform(folder, "init"), *before, _terraform(folder, "apply"))
    who, more = _WHO, ""
    if step.id == "oss.policy":
        state = _terraform(folder, "state list")
        command += f" &&\n{{\n{state} | grep -F {BUCKET_POLICY} || {{\n{step.command}\n}}\n}}"
        who, more = f"{who}; with `own_bucket = false` {step.who}", " With `own_bucket = false` it is merged as below."
    return step._replace(
        who=who,
        sentence=f"`terraform apply` in {code(folder + '/')} {_DOES[folder]}.{more} {step.sentence}",
        command=command,
        expects="a second apply says `No changes`",
    )


def _let_go(spec: Spec, script: str | None) -> list[str]:
    """A script of before stays in OSS: nodes read it until the sync. The state forgets it, so nothing deletes it."""
    if script is None or spec.node_init.oss is None or spec.node_init.url is not None:
        return []
    listed = _terraform(ACCOUNT, f"state list {SCRIPT} 2>/dev/null")
    shown = _terraform(ACCOUNT, f"state show -no-color {SCRIPT}")
    is_this = f"grep -F {word(script_key(spec, script))}"
    forget = _terraform(ACCOUNT, f"state rm {SCRIPT}")
    return [f'{{\n  [ -z "$({listed})" ] ||\n  {shown} | {is_this} ||\n  {forget}\n}}']


def _imported(spec: Spec) -> list[str]:
    """A second request would make a second pool of that name; one without this cluster's tag is somebody else's."""
    tag = f"--arg tag {CLUSTER_TAG} --arg cluster {word(spec.name)}"
    imported = _terraform(POOLS, f'import "$address" {word(spec.alibaba_cloud.registered_cluster_id)}:"$pool"')
    loop = (
        "while read -r address name; do\n"
        f'  pool=$(jq -r --arg name "$name" {tag} {word(filters.OWN_POOL)} <<<"$pools") || exit 1\n'
        f'  [ -z "$pool" ] || grep -xF "$address" <<<"$state" || {imported} </dev/null || exit 1\n'
        f"done < <(jq -r {word(filters.POOL_ADDRESSES)} {POOLS}/pools.tf.json)"
    )
    return [
        f"pools=$({aliyun(spec, 'cs', 'GET', cluster_path(spec, 'nodepools'))})",
        f"state=$({_terraform(POOLS, 'state list 2>/dev/null')} || true)",
        f"(\n{loop}\n)",
    ]
