"""Proofs: nothing in the output is, or looks like, a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from hybridc.lower.bundle import Bundle, JsonText, YamlText
from hybridc.proofs.breach import breach, manifests, name_of, proof
from hybridc.rules.rule import Findings
from hybridc.source import secrets
from hybridc.spec.model import Spec

_MESSAGE = "something there looks like a secret"
_IN_URL = frozenset((secrets.SIGNATURE, secrets.PASSWORD))


@proof("SEC004")
def secret_manifest(bundle: Bundle, spec: Spec) -> Findings:
    """A Secret is in the output.

    What Argo CD syncs lies in Git. Secrets are made in the cluster, or by External Secrets or Sealed Secrets.

    Fails::
        kind: Secret
    Passes::
        kind: ExternalSecret

    Source: Argo CD, operator-manual/secret-management.
    """
    for item in manifests(bundle):
        if item["kind"] == "Secret":
            yield breach(name_of(item), "a Secret would lie in Git")


def _proof_of(code: str, *kinds: str) -> Callable[[Bundle, Spec], Findings]:
    """The proof that no text of the output looks like these kinds of secrets."""

    def check(bundle: Bundle, spec: Spec) -> Findings:
        for where, text in _texts(bundle):
            if any(secrets.may_hold(kind, text) and kind in _kinds(text) for kind in kinds):
                yield breach(where, _MESSAGE)

    check.__doc__ = f"No text of the output looks like this: {', '.join(kinds)}."
    return proof(code)(check)


bootstrap_token = _proof_of("SEC001", secrets.BOOTSTRAP_TOKEN, secrets.JOIN_TOKEN)
access_key_id = _proof_of("SEC002", secrets.ACCESS_KEY)
private_key = _proof_of("SEC021", secrets.PRIVATE_KEY)
json_web_token = _proof_of("SEC022", secrets.JWT)


@proof("SEC007")
def credential_in_a_url(bundle: Bundle, spec: Spec) -> Findings:
    """No URL of the output carries a signature or a password."""
    for where, text in _texts(bundle):
        if secrets.is_signed(text) or _kinds(text) & _IN_URL:
            yield breach(where, _MESSAGE)


@lru_cache(maxsize=8)
def _kinds(text: str) -> frozenset[str]:
    """The kinds of secrets in a text; several proofs ask of the same few."""
    return frozenset(kind for kind, _, _ in secrets.find(text))


_last: list[tuple[Bundle, tuple[tuple[str, str], ...]]] = []


def _texts(bundle: Bundle) -> tuple[tuple[str, str], ...]:
    """``(where, text)``: all text of a Bundle in a few pieces. Those of the last one are kept for the next proof."""
    if not _last or _last[0][0] is not bundle:
        _last[:] = [(bundle, tuple(_pieces(bundle)))]
    return _last[0][1]


def _pieces(bundle: Bundle) -> Iterator[tuple[str, str]]:
    yield "the manifests", "\n".join(_strings(list(manifests(bundle))))
    documents: list[Any] = [bundle.ram, bundle.oss, bundle.addons, bundle.node_pools, bundle.terraform]
    documents += [bundle.terway_values, bundle.terway_chart, bundle.cni_values]
    yield "cloud/", "\n".join(_strings(documents))
    yield "the node script", bundle.script or ""
    yield "SUMMARY.md", bundle.summary


def _strings(todo: list[Any]) -> Iterator[str]:
    """Every string of some data, keys included."""
    for item in todo:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            todo += item.values()
        elif isinstance(item, (list, tuple)):
            todo += item
        elif isinstance(item, (JsonText, YamlText)):
            todo.append(item.data)
