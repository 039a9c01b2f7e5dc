"""A step: what a person or ``publish`` does around a build. And how its commands are made.

Commands are for bash and for the cluster's folder. ``kubectl`` speaks to the cluster in the IDC. Parts are joined by
``&&``, so that a pasted command stops at what fails without closing the shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import Any, NamedTuple

from hybridc.spec.model import Spec

TOOLS = (
    *("kubectl", "aliyun", "ossutil", "jq", "git", "curl", "openssl", "python3", "ssh", "terraform"),
    *("argocd", "flux", "helm", "kustomize", "kubeadm", "calicoctl"),
)
_FIRST_WORD = re.compile(r"(?:^|(?<=[\s(|;]))([a-z0-9]+)(?=\s)")


class Step(NamedTuple):
    """One thing to do.

    ``after``: ids of what must be done before. ``who``: the right or role that it takes. ``sentence``, ``expects``
    (what one sees when it worked) and ``undo`` are Markdown on one line. ``command`` can be pasted, and is "" where
    there is none; that of ``see.…`` changes nothing that stays and ends with 1 when it is not so. ``published_by`` is
    the ``hybridc`` command that does it, "" where none does.
    """

    id: str
    after: tuple[str, ...]
    who: str
    sentence: str
    command: str
    expects: str
    undo: str
    published_by: str = ""


def word(value: Any) -> str:
    """A value as one word of a shell command."""
    return shlex.quote(str(value))


def words(values: Iterable[Any]) -> str:
    """Values as words of a shell command."""
    return " ".join(word(value) for value in values)


def chain(*commands: str) -> str:
    """Commands of which each runs when the one before it worked."""
    return " &&\n".join(commands)


def each(variable: str, values: Sequence[Any], body: str) -> str:
    """``body`` for each value; for a single one without a loop. It ends with ``exit 1``: put it into a subshell."""
    if len(values) == 1:
        return f"{variable}={word(values[0])}\n{body}"
    return f"for {variable} in {words(values)}; do\n{indent(body, '  ')}\ndone"


def check(command: str, otherwise: str) -> str:
    """A command that ends with 0, or says a sentence and ends with 1; a pasted one leaves the shell open."""
    return f"{{\n{command}\n}} || (echo {word(otherwise)} >&2; exit 1)"


def ask(variable: str, what: str) -> str:
    """A value that only the reader knows, from a variable of the shell; without it the command ends and says so."""
    return f'"${{{variable}:?{what}}}"'


def code(value: Any) -> str:
    """A value as a code span of Markdown, on one line."""
    return f"`{' '.join(str(value).replace('`', chr(39)).split())}`"


def listed(values: Iterable[Any]) -> str:
    """Values as code spans."""
    return ", ".join(code(value) for value in values)


def aliyun(spec: Spec, *arguments: str) -> str:
    """A call of the Alibaba Cloud CLI; ``arguments`` are shell words already."""
    return " ".join(["aliyun", *arguments, "--region", word(spec.alibaba_cloud.region)])


def ossutil(spec: Spec, *arguments: str) -> str:
    """A call of ossutil 2; ``arguments`` are shell words already."""
    return " ".join(["ossutil", *arguments, "--region", word(spec.alibaba_cloud.region)])


def cluster_path(spec: Spec, path: str) -> str:
    """A path of the ACK API below the registered cluster, as a shell word."""
    return word(f"/clusters/{spec.alibaba_cloud.registered_cluster_id}/{path}")


def tools(steps: Iterable[Step]) -> list[str]:
    """The programs that the commands of these steps call."""
    commands = "\n".join(step.command for step in steps)
    called = set(_FIRST_WORD.findall(commands))
    return [tool for tool in TOOLS if tool in called]
