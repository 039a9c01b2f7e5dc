"""The step that puts the join token where nodes read it. It passes through pipes, never through a file or `ps`."""

from __future__ import annotations

from hybridc.catalog import joins, kubernetes
from hybridc.lower.names import token_id, token_key
from hybridc.lower.steps.step import Step, ask, chain, code, ossutil, word
from hybridc.lower.token_ci import GITHUB, GITLAB, cron, is_renewed_by_ci
from hybridc.lower.token_refresh import is_refreshed_in_cluster
from hybridc.spec.model import Spec

_PRINTED = 'printf %s "$token"'


def token(spec: Spec) -> Step:
    """How the token is made depends on the join, where it goes on ``token.from``."""
    join, oss = spec.node_init.join, spec.node_init.oss
    made, how = _made(spec)
    after: tuple[str, ...] = ("agent.private",)
    if join.token.source in ("oss", "ramRole") and oss is not None:
        url = f"oss://{oss.bucket}/{token_key(spec)}"
        put = ossutil(spec, "cp", "-", word(url), "-f")
        command = (
            chain(made, f"{_PRINTED} | {put}") if made else f"{put} <{ask('TOKEN_FILE', 'the file that holds it')}"
        )
        where = f"put into the object {code(url)}"
        where += f", which role {code(join.token.role)} may read" if join.token.source == "ramRole" else ""
        after, undo = ("oss.bucket", "oss.policy"), code(ossutil(spec, "rm", word(url)))
    else:
        command, undo = chain(made, 'echo "$token"') if made else "", "take it away from there"
        where = _place(spec)
    if join.method == "kubeadm":
        undo += ", `kubeadm token delete`"
    return Step(
        "token.put",
        after,
        _who(spec),
        f"{how}; {where}.{_by_ci(spec)}",
        command,
        "a node that joins finds it",
        undo,
    )


def _by_ci(spec: Spec) -> str:
    """What a person copies so that the token does not end."""
    if not is_renewed_by_ci(spec):
        return ""
    secret = "" if spec.node_init.join.method == "kubeadm" else ", with the token in the secret `HYBRIDC_TOKEN`"
    workflow = code(f".github/workflows/hybridc-token-{spec.name}.yaml")
    return (
        f" CI renews it{secret}: copy `cloud/ci/{GITHUB}.yaml` to {workflow}, or include `cloud/ci/{GITLAB}.yaml` in "
        f"`.gitlab-ci.yml` with a schedule {code(cron(spec))} that sets {code(f'HYBRIDC_CLUSTER={spec.name}')}."
    )


def _place(spec: Spec) -> str:
    token = spec.node_init.join.token
    if token.source == "url":
        return f"serve it at {code(token.url)}"
    if token.source == "file":
        return f"put it into the image as {code(token.path)}"
    return f"give it to the script as {code(token.name)}"


def _made(spec: Spec) -> tuple[str, str]:
    """The command that reads the token into ``$token``, "" where there is none; and what to know of it."""
    join = spec.node_init.join
    if is_refreshed_in_cluster(spec):
        config = (
            f"printf 'apiVersion: %s\\nkind: InitConfiguration\\nbootstrapTokens: [{{token: \"%s\", ttl: %s}}]\\n' "
            f'{word(kubernetes.release(spec.cluster.minor).kubeadm_api)} "$token" {word(join.token.ttl)}'
        )
        make = f"kubeadm token create --config <({config}) >/dev/null"
        again = f"to make another: `kubeadm token delete {token_id(spec)}`"
        command = chain(f"token={token_id(spec)}.$(openssl rand -hex 8)", make)
        return (
            command,
            f"The bootstrap token, once; a CronJob keeps it alive ({again})",
        )
    if join.method == "kubeadm":
        command = f"token=$(kubeadm token create --ttl {word(join.token.ttl)})"
        return command, f"A bootstrap token, again before it ends after {code(join.token.ttl)}, or scaling out stops"
    if joins.join(join.method).agent:
        server = ask("SERVER", f"user@host of a {join.method} server")
        command = f"token=$(ssh {server} sudo {join.method} token create --ttl {word(join.token.ttl)})"
        ends = f"An agent token of {join.method} that ends after {code(join.token.ttl)}, again before it ends"
        return command, f"{ends}; never the server's own token, which makes control-plane nodes"
    return "", "The token: whatever the join command reads from `$HYBRIDC_TOKEN_FILE`"


def _who(spec: Spec) -> str:
    join = spec.node_init.join
    makes = {"kubeadm": "kubeadm with the cluster's admin.conf", "custom": "whoever has the token"}
    found = makes.get(join.method, f"root on a {join.method} server")
    return f"{found}; RAM: oss:PutObject (publisher)" if join.token.source in ("oss", "ramRole") else found
