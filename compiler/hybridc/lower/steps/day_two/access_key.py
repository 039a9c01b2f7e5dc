"""Another AccessKey for the add-ons: both live until nothing takes the old one.

A RAM user has at most two AccessKeys (limits of RAM). What reads the Secret reads it when it starts (Terway:
daemon/builder.go; for the other add-ons it is assumed). Calls: alibabacloud_ram20150501 1.3.0.
"""

from __future__ import annotations

from hybridc.catalog import ack
from hybridc.lower.steps import filters
from hybridc.lower.steps.day_two.day import Day, Nothing, Steps, see_node
from hybridc.lower.steps.step import Step, aliyun, chain, check, code, word

_SECRET = f"kubectl -n {ack.NAMESPACE} get secret {ack.CREDENTIALS_SECRET}"
NOW = f"now=$({_SECRET} -o jsonpath='{{.data.access-key-id}}' | base64 -d)"
"""Reads the id of the AccessKey that the Secret holds into ``$now``."""
_USERS = (
    f'.items[] | select(tostring | contains("{ack.CREDENTIALS_SECRET}")) | '
    '"\\(.kind | ascii_downcase)/\\(.metadata.name)"'
)
_HELD = "[.AccessKeys.AccessKey[].AccessKeyId] | index($now) != null"
_OTHERS = ".AccessKeys.AccessKey[] | select(.AccessKeyId != $now) | .AccessKeyId"
_ONE = '[.AccessKeys.AccessKey[] | select(.Status == "Active") | .AccessKeyId] == [$now]'
_NONE = Nothing("No add-on of this spec takes the AccessKey of a RAM user.")


def rotate(day: Day) -> Steps | Nothing:
    """The same spec; another AccessKey of ``ram.user``."""
    return _rotate(day) if "credentials.secret" in day.first and day.spec.ram.user is not None else _NONE


def _rotate(day: Day) -> Steps:
    yield _see_one(day)
    yield _new(day)
    yield _restart()
    yield see_node(day)
    yield _each_other(
        day, "off", "UpdateAccessKey", " --Status Inactive", "is disabled: what still takes it fails, and says so"
    )
    yield _see_active(day)
    yield _each_other(
        day, "delete", "DeleteAccessKey", "", "is deleted. **Not on the same day**: a disabled one can be enabled again"
    )


def _list(day: Day) -> str:
    return aliyun(day.spec, "ram", "ListAccessKeys", "--UserName", word(day.spec.ram.user))


def _see_one(day: Day) -> Step:
    looks = chain(NOW, filters.asks(_list(day), "[.AccessKeys.AccessKey[].AccessKeyId] == [$now]", '--arg now "$now"'))
    return Step(
        "see.accesskey",
        (),
        "RAM: ram:ListAccessKeys; kubectl: read the Secret",
        f"User {code(day.spec.ram.user)} has one AccessKey, the one that the Secret holds: there is room for another.",
        check(looks, "the user has another AccessKey, or the Secret holds that of another user: look whose it is"),
        "the command ends with 0",
        "",
    )


def _new(day: Day) -> Step:
    make = aliyun(day.spec, "ram", "CreateAccessKey", "--UserName", word(day.spec.ram.user))
    names = f"--arg name {ack.CREDENTIALS_SECRET} --arg namespace {ack.NAMESPACE}"
    return Step(
        "accesskey.new",
        (),
        "RAM: ram:CreateAccessKey; kubectl: write Secrets in kube-system",
        f"A second AccessKey, in the Secret {code(f'{ack.NAMESPACE}/{ack.CREDENTIALS_SECRET}')}; the first one still "
        "works. Where a vault's operator owns the Secret, it goes there. Copies in other namespaces (`velero`) too. "
        "One that was made and not stored (the second half failed) is to be deleted.",
        f"{make} |\njq {names} {word(filters.KEY_MANIFEST)} |\nkubectl replace -f -",
        "the Secret is replaced",
        "put the first AccessKey back, and restart",
    )


def _restart() -> Step:
    get = f"kubectl -n {ack.NAMESPACE} get deployment,daemonset,statefulset -o json"
    restart = f'kubectl -n {ack.NAMESPACE} rollout restart "$name" </dev/null'
    wait = f'kubectl -n {ack.NAMESPACE} rollout status "$name" --timeout=30m </dev/null'
    return Step(
        "addons.restart",
        (),
        "kubectl: write workloads in kube-system",
        "Whatever names the Secret starts anew, Terway among it: it reads the files when it starts.",
        chain(
            f"users=$({get})",
            f'(\nwhile read -r name; do\n{restart} && {wait} || exit 1\ndone < <(jq -r {word(_USERS)} <<<"$users")\n)',
        ),
        "each restart is through",
        "the same with the first AccessKey in the Secret",
    )


def _each_other(day: Day, what: str, call: str, more: str, sentence: str) -> Step:
    """Something with every AccessKey of the user but that of the Secret; nothing when that one is not the user's."""
    user = word(day.spec.ram.user)
    does = aliyun(day.spec, "ram", call, "--UserName", user, f'--UserAccessKeyId "$key"{more}')
    others = f'jq -r --arg now "$now" {word(_OTHERS)} <<<"$keys"'
    loop = f"while read -r key; do\n{does} </dev/null || exit 1\ndone < <({others})"
    return Step(
        f"accesskey.{what}",
        (),
        f"RAM: ram:{call}, ram:ListAccessKeys; kubectl: read the Secret",
        f"The AccessKey that the Secret no longer holds {sentence}.",
        chain(
            NOW,
            f"keys=$({_list(day)})",
            f'jq -e --arg now "$now" {word(_HELD)} <<<"$keys" >/dev/null',
            f"(\n{loop}\n)",
        ),
        "a RequestId",
        "the same with `--Status Active`" if what == "off" else "none",
    )


def _see_active(day: Day) -> Step:
    looks = chain(NOW, filters.asks(_list(day), _ONE, '--arg now "$now"'))
    last = aliyun(
        day.spec, "ram", "GetAccessKeyLastUsed", "--UserName", word(day.spec.ram.user), "--UserAccessKeyId <id>"
    )
    return Step(
        "see.accesskey-off",
        (),
        "RAM: ram:ListAccessKeys; kubectl: read the Secret",
        f"One AccessKey is active, and the Secret holds it. {code(last)} tells when the old one was last used.",
        check(looks, "another AccessKey is active, or that of the Secret is not"),
        "the command ends with 0",
        "",
    )
