"""What is seen of the steps that a person, or somebody else, does: in the cluster, and in the cloud."""

from __future__ import annotations

from hybridc.cloud.trouble import Trouble
from hybridc.doctor import cloud
from hybridc.doctor.answer import Answer
from hybridc.doctor.nodes import NONE_ASKED
from hybridc.doctor.steps import answered
from hybridc.live import cloud_collect
from hybridc.publish.context import Context
from hybridc.publish.plan import Result


def see(context: Context, step: str) -> Result:
    """Whether a step is seen done in the cluster or the cloud as it is now, or said to be done (``--done``)."""
    if step in context.flags.done:
        return Result(step, "same", notes=("you said that it is done: it was not looked at",))
    try:
        answer = _of_the_cloud(context, step) if step in cloud.STEPS else answered(context.look(), step)
    except Trouble as trouble:
        return Result(step, "failed", said=str(trouble), help=trouble.help)
    if answer.mark == "ok" or answer == NONE_ASKED:
        return Result(step, "same", notes=(context.identity.clean(answer.seen),))
    command = next(each.command for each in context.bundle.steps if each.id == step)
    advice = answer.help or ("hybridc steps has its command" if command else "hybridc steps says what to do")
    said = context.identity.clean(f"{answer.seen} ({answer.mark})")
    return Result(step, "yours", said=said, help=f"{advice}; if it is done and cannot be seen: --done {step}")


def _of_the_cloud(context: Context, step: str) -> Answer:
    """What the account's VPC and security groups show. Raises Trouble."""
    account = str(context.spec.alibaba_cloud.account_id)
    found = cloud_collect.read(context.acs, account, cloud.wanted(context.spec, step))
    return cloud.answered(context.spec, found, step)
