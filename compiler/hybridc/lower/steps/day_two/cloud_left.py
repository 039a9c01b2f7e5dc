"""What is taken back in the cloud when no node is left: the token, what lies in OSS, the AccessKey, the policies."""

from __future__ import annotations

from hybridc.catalog import ack, joins
from hybridc.lower.names import NODE_TOKEN, key_prefix, policy_name, token_id
from hybridc.lower.ram import policies
from hybridc.lower.steps import filters
from hybridc.lower.steps.cloud import detach
from hybridc.lower.steps.day_two import access_key, token
from hybridc.lower.steps.day_two.day import Day, Steps
from hybridc.lower.steps.step import Step, aliyun, chain, code, listed, ossutil, word
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.spec.model import Spec
from hybridc.spec.node_model import Oss


def steps(day: Day) -> Steps:
    """In the order in which nothing is left that could still be used."""
    spec, oss = day.spec, day.spec.node_init.oss
    yield from _token(day)
    if oss is not None and spec.node_init.mode == "script":
        yield _objects(spec, oss)
        yield _bucket_policy(spec, oss)
    if "credentials.secret" in day.first and spec.ram.user is not None:
        yield _access_key(spec)
    if day.again("ram.policies") is not None:
        yield _policies(spec)


def _token(day: Day) -> Steps:
    init = day.spec.node_init
    if init.mode != "script" or not (init.join.method == "kubeadm" or joins.join(init.join.method).agent):
        return
    if is_refreshed_in_cluster(day.spec):
        yield token.revoke(day, word(token_id(day.spec)), "Nothing keeps it alive any more, either.")
    else:
        yield token.which(day)
        yield token.revoke(day, token.OLD, "Nobody joins with it any more.")


def _objects(spec: Spec, oss: Oss) -> Step:
    prefix = f"oss://{oss.bucket}/{key_prefix(spec)}"
    return Step(
        "oss.delete",
        (),
        "RAM: oss:ListObjects, oss:DeleteObject",
        f"The scripts and the token of this cluster: everything below {code(prefix)}.",
        ossutil(spec, "rm", word(prefix), "-r", "-f"),
        "nothing is listed there",
        "upload them again",
    )


def _bucket_policy(spec: Spec, oss: Oss) -> Step:
    """The statements of others stay; a policy without one is deleted."""
    name = f"--bucket {word(oss.bucket)}"
    keys = f"acs:oss:*:{spec.alibaba_cloud.account_id}:{oss.bucket}/{key_prefix(spec)}"
    without = f"jq -ce --arg keys {word(keys)} --argjson mine '{{\"Statement\": []}}' {word(filters.WITH_STATEMENTS)}"
    put = ossutil(spec, "api put-bucket-policy", name, '--body "$policy"')
    return Step(
        "oss.policy-back",
        (),
        "RAM: oss:GetBucketPolicy, oss:PutBucketPolicy, oss:DeleteBucketPolicy",
        f"The VPC may read nothing of this cluster in {code(oss.bucket)} any more; the statements of others stay. The "
        f"bucket itself: {code(f'ossutil rb oss://{oss.bucket}')}, when it is empty.",
        chain(
            f"policy=$({ossutil(spec, 'api get-bucket-policy', name)})",
            f"policy=$(sed '/(s) elapsed$/d' <<<\"$policy\" | {without})",
            "if jq -e '.Statement == []' <<<\"$policy\" >/dev/null; then\n"
            f"{ossutil(spec, 'api delete-bucket-policy', name)}\nelse\n"
            f"{put}\nfi",
        ),
        "the statement is gone",
        "`oss.policy` of the first list",
    )


def _access_key(spec: Spec) -> Step:
    delete = aliyun(spec, "ram", "DeleteAccessKey", "--UserName", word(spec.ram.user), '--UserAccessKeyId "$now"')
    return Step(
        "credentials.delete",
        (),
        "RAM: ram:DeleteAccessKey; kubectl: write Secrets in kube-system",
        f"The AccessKey of the Secret, then the Secret. Where {code(spec.ram.user)} is left for this alone: "
        "`aliyun ram DeleteUser`.",
        chain(
            access_key.NOW,
            '[ -n "$now" ]',
            delete,
            f"kubectl -n {ack.NAMESPACE} delete secret {ack.CREDENTIALS_SECRET}",
        ),
        "both are gone",
        "`credentials.secret` of the first list",
    )


def _policies(spec: Spec) -> Step:
    products = list(policies(spec))
    commands = []
    for product in products:
        role = spec.node_init.join.token.role if product == NODE_TOKEN else spec.ram.role
        to, whose = ("Role", role) if role is not None else ("User", spec.ram.user)
        name = f"--PolicyName {word(policy_name(spec, product))}"
        commands += [
            detach(spec, to, str(whose), policy_name(spec, product)),
            aliyun(spec, "ram", f"DeletePolicy --CascadingDelete true {name}"),
        ]
    return Step(
        "ram.delete",
        (),
        "RAM administrator",
        f"The policies {listed(policy_name(spec, product) for product in products)}, with all their versions. "
        f"{code(policy_name(spec, 'publisher'))} and those of `setup.json` and `operator.json` go from who has them, "
        "last.",
        chain(*commands),
        "they are gone",
        "`ram.policies` of the first list",
    )
