"""SEC: secrets. hybrid.yaml has no field for one, so whatever looks like one is a mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from hybridc.diagnostic import Place
from hybridc.rules.rule import DOCUMENT, Finding, Findings, rule
from hybridc.source import secrets
from hybridc.source.document import Document, parent
from hybridc.source.secrets import may_hold
from hybridc.words import invisible, parts

_GIT_TOKEN = re.compile(
    r"https?://(?:(?:gh[opsu]_|github_pat_|glpat-|gldt-|xox[abp]-)[^/\s@\"'<>]{0,1024}|[A-Za-z0-9._~%-]{21,1024})(?=@)"
)
_ADVICE = "remove it and revoke it: it is in the repository's history from its first commit on"


@rule("SEC001", over=DOCUMENT)
def bootstrap_token(document: Document) -> Findings:
    """A bootstrap token, or a token of k3s or RKE2, in the spec.

    Its holder can join a node, and read every Secret of the pods that are scheduled there; with the server's own token
    of k3s or RKE2 all of the cluster. The token is an object of
    its own (`nodeInit.join.token`), never part of a spec, a script or any other output.

    Fails::
        nodeInit: {hooks: {pre: "kubeadm join 192.168.10.10:6443 --token abcdef.0123456789abcdef"}}
    Fails::
        nodeInit: {hooks: {pre: "k3s agent --token K10ca5ff1e0ca5ff1e0ca5ff1e0ca5ff1e::server:not-in-git"}}
    Passes::
        nodeInit: {join: {token: {from: oss}}}

    Source: kubeadm; bootstraptoken group RBAC; k3s, pkg/clientaccess/token.go.
    """
    yield from _looks_like(document, secrets.BOOTSTRAP_TOKEN, secrets.JOIN_TOKEN)


@rule("SEC002", over=DOCUMENT)
def access_key_id(document: Document) -> Findings:
    """An AccessKey id in the spec, or the secret that stands beside one.

    Whoever can read the repository can act as that RAM user. Add-ons read the Secret
    `kube-system/alibaba-addon-secret`; hybridc itself reads credentials from the environment when it publishes.

    Fails::
        nodeInit: {hooks: {pre: "aliyun configure set --access-key-id LTAI5tExample0123456"}}
    Passes::
        terway: {credentials: addonSecret}

    Source: RAM; Terway daemon/builder.go.
    """
    yield from _looks_like(document, secrets.ACCESS_KEY)
    ids = {parent(pointer) for pointer, _, text in texts(document) if "LTAI" in text} if _has_id(document) else set()
    for pointer, place, text in texts(document):
        if parent(pointer) in ids and secrets.is_secret_of_an_id(text) and "LTAI" not in text:
            yield Finding(pointer, "this looks like the AccessKey secret of the id beside it", _ADVICE, place=place)


@rule("SEC021", over=DOCUMENT)
def private_key(document: Document) -> Findings:
    """A private key in the spec.

    No field of a spec takes one, and what stands in Git is known to all who ever cloned it.

    Fails::
        nodeInit: {hooks: {pre: "echo '-----BEGIN PRIVATE KEY-----' > /etc/key"}}
    Passes::
        nodeInit: {hooks: {pre: "install -m 0600 /opt/image/key /etc/key"}}

    Source: RFC 7468.
    """
    yield from _looks_like(document, secrets.PRIVATE_KEY)


@rule("SEC022", over=DOCUMENT)
def json_web_token(document: Document) -> Findings:
    """A JSON web token in the spec.

    ServiceAccount and OIDC tokens are credentials, and many of them do not expire.

    Fails::
        nodeInit: {hooks: {post: "curl -H 'Authorization: Bearer eyJhbGciOiJub25l.eyJzdWIiOiJub2RlIn0.c2ln'"}}
    Passes::
        nodeInit: {hooks: {post: "curl --cert /var/lib/kubelet/pki/kubelet-client-current.pem https://inventory/nodes"}}

    Source: RFC 7519.
    """
    yield from _looks_like(document, secrets.JWT)


@rule("SEC024", over=DOCUMENT)
def token_in_a_url(document: Document) -> Findings:
    """An access token as the user of a URL.

    `https://<token>@github.com/…` is how Git hosts take tokens. The URL stands in every Application and in the
    repository itself: whoever reads it can push what the clusters then apply. Names of users (`git`, `org`) are fine.

    Fails::
        gitops: {repoURL: "https://ghp_Zq3vX8kLm2Np5Rt7Wy9Bc1Df4Gh6JsAe0UiO@github.com/platform/hybrid-out.git"}
    Passes::
        gitops: {repoURL: "https://git@github.com/platform/hybrid-out.git"}

    Source: GitHub and GitLab, formats of tokens; Argo CD, private repositories.
    """
    if "@" not in document.text:
        return
    for pointer, place, text in texts(document):
        if _GIT_TOKEN.search(text):
            advice = "revoke it; give Argo CD or Flux the credential as a Secret, and write the URL without it"
            yield Finding(pointer, "the user of this URL looks like an access token", advice, place=place)


@rule("SEC023", over=DOCUMENT)
def secret_in_pass_through(document: Document) -> Findings:
    """A literal under a key that names a secret, in a pass-through.

    What is passed through lands in a ConfigMap or in a request file in Git. `credential_path` is a path and has a
    rule of its own (ENI016).

    Fails::
        addons: [{name: cloud-node-controller}, {name: logtail-ds, config: {accessKeySecret: not-in-git}}]
    Passes::
        addons: [{name: cloud-node-controller}, {name: logtail-ds, config: {}}]

    Source: hybridc.
    """
    said: set[str] = set()
    for pointer, place in document.values.items():
        if not secrets.is_pass_through_secret(pointer) or pointer.endswith(("/access_key", "/access_secret")):
            continue
        value, holder = _scalar(document, pointer), _without_indexes(pointer)
        if value not in (None, "") and not isinstance(value, bool) and holder not in said:
            said.add(holder)
            key = next(part for part in reversed(parts(holder)) if secrets.is_telling(part))
            message = f'"{key}" holds a literal, and its name says that it is a secret'
            yield Finding(pointer, message, "refer to a Secret that exists in the cluster instead", place=place)


@rule("SEC026", over=DOCUMENT)
def unseen_character(document: Document) -> Findings:
    r"""A character that nobody sees, or that acts on whoever shows it.

    A mark of direction makes a reviewer read another line than bash runs ("Trojan Source"); a character without width
    makes two names look like one; a control character writes to terminals and logs. Tabs and line ends are fine, and so
    are letters of any language.

    Fails::
        nodeInit: {hooks: {pre: "echo \u202e; curl https://mirror.idc.example.com/setup | bash"}}
    Fails::
        nodePools: [{name: cpu, tags: {owner: "ops\u200b"}}]
    Passes::
        nodePools: [{name: cpu, tags: {owner: "运维"}}]

    Source: CVE-2021-42574; Unicode, UTS #55.
    """
    if "\\" not in document.text and document.text.isascii():
        return
    found = invisible()
    lines: set[int] = set()
    for pointer, place, text in texts(document):
        for bad in islice(found.finditer(text), 1):
            lines.update(range(place.line, place.end_line + 1))
            yield _unseen(bad[0], pointer, place)
    for number, line in enumerate(document.lines(), start=1):
        for bad in islice(found.finditer(line), number not in lines):
            yield _unseen(bad[0], "", Place(number, bad.start() + 1, number, bad.end() + 1))


def _unseen(char: str, pointer: str, place: Place) -> Finding:
    message = f"the character U+{ord(char):04X} stands here, which nobody sees or which acts on a terminal"
    return Finding(pointer, message, "remove it", place=place)


def _without_indexes(pointer: str) -> str:
    while re.fullmatch("[0-9]+", pointer.rpartition("/")[2]):
        pointer = pointer.rpartition("/")[0]
    return pointer


def _scalar(document: Document, pointer: str) -> object:
    try:
        value = document.get(pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        return None
    return None if isinstance(value, (dict, list)) else value


def _has_id(document: Document) -> bool:
    return "\\" in document.text or may_hold(secrets.ACCESS_KEY, document.text)


def _looks_like(document: Document, *kinds: str) -> Iterator[Finding]:
    """Everything in the file that looks like one of these kinds: in values, keys and comments, once a place."""
    if "\\" not in document.text and not any(may_hold(kind, document.text) for kind in kinds):
        return  # without escapes every value stands in the text as it is
    lines: set[int] = set()
    for pointer, place, text in texts(document):
        kind = next((found for found, _, _ in secrets.find(text) if found in kinds), None)
        if kind is not None:
            lines.update(range(place.line, place.end_line + 1))
            yield Finding(pointer, _looks(kind), _ADVICE, place=place)
    for number, line in enumerate(document.lines(), start=1):
        for kind, start, end in secrets.find(line):
            if kind in kinds and number not in lines:
                place = Place(number, start + 1, number, end + 1)
                yield Finding("", _looks(kind), _ADVICE, place=place)


def _looks(kind: str) -> str:
    return f"this looks like {'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def texts(document: Document) -> Iterator[tuple[str, Place, str]]:
    """Every string of the file, keys included: JSON pointer, place, text."""
    for pointer, place in document.values.items():
        value = _scalar(document, pointer)
        if isinstance(value, str):
            yield pointer, place, value
    for pointer, place in document.keys.items():
        yield pointer, place, parts(pointer)[-1]
