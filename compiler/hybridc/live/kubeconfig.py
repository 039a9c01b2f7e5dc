"""Which cluster a kubeconfig names, and as whom: the settings of the package ``kubernetes``."""

from __future__ import annotations

import binascii
import logging
import os
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from hybridc.live.texts import mapping, text
from hybridc.words import with_extra


class Target(NamedTuple):
    """Which cluster: ``kubeconfig`` and ``context`` as kubectl takes them, or its defaults; ``deadline`` in seconds."""

    kubeconfig: str | None = None
    context: str | None = None
    deadline: float = 30


class Unreachable(Exception):
    """The cluster cannot be read: what happened, and what to do. ``wrong``: a flag or the kubeconfig is."""

    def __init__(self, message: str, help: str, *, wrong: bool = False) -> None:  # noqa: A002
        super().__init__(message)
        self.help = help
        self.wrong = wrong


def configure(target: Target) -> Any:
    """The package's configuration for a target. Raises :class:`Unreachable`."""
    try:
        from kubernetes import client
    except ImportError as error:
        raise Unreachable("the Python package kubernetes is not installed", with_extra("cluster")) from error
    configuration = type.__call__(client.Configuration)
    said = _Said()
    logging.getLogger().addHandler(said)
    try:
        _configure(configuration, target)
    finally:
        logging.getLogger().removeHandler(said)
    if not _is_address(configuration.host):
        raise Unreachable("the kubeconfig has no address of an API server", "look at its server", wrong=True)
    if said.words:
        raise Unreachable(
            f"the kubeconfig gives nobody to log in as ({said.words[0]})",
            "see whether kubectl get nodes works with this kubeconfig",
        )
    return configuration


def _is_address(host: object) -> bool:
    """Whether it is a URL that can be dialled."""
    try:
        parts = urlsplit(str(host))
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class _Said(logging.Handler):
    """Errors that the package logs instead of raising them: a credential plugin that fails."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(_words(record.getMessage()))


def _configure(configuration: Any, target: Target) -> None:
    from kubernetes import config

    path = target.kubeconfig or os.environ.get("KUBECONFIG") or os.path.expanduser("~/.kube/config")
    there = any(os.path.exists(each) for each in path.split(os.pathsep) if each)
    in_a_pod = not (target.kubeconfig or target.context or there) and "KUBERNETES_SERVICE_HOST" in os.environ
    if not there and not in_a_pod:
        raise Unreachable(f"there is no kubeconfig {path}", "name one: --kubeconfig FILE", wrong=True)
    if os.path.isdir(path):
        raise Unreachable(f"{path} is a folder, not a kubeconfig", "name a file: --kubeconfig FILE", wrong=True)
    what = "the ServiceAccount of this pod" if in_a_pod else f"the kubeconfig {path}"
    try:
        if in_a_pod:
            config.load_incluster_config(client_configuration=configuration)
        else:
            config.load_kube_config(path, _context(target, path), configuration, persist_config=False)
    except OSError as error:
        message = f"cannot read {error.filename or path}: {error.strerror or error}"
        raise Unreachable(message, "look at its rights") from error
    except Exception as error:
        # A kubeconfig is a person's: whatever the package says of a wrong one (ConfigException, yaml, KeyError, …).
        form = isinstance(error, (AttributeError, LookupError, TypeError, binascii.Error))
        words = "it does not have the form of a kubeconfig" if form else _words(str(error))
        message = f"{what} cannot be used: {words}"
        raise Unreachable(message, "see whether kubectl get nodes works with it", wrong=True) from error


def _context(target: Target, path: str) -> str | None:
    """The context that somebody named; of several files in KUBECONFIG that of the first which names one, as kubectl.

    The package takes that of the last one, which may be another cluster.
    """
    paths = [os.path.expanduser(each) for each in path.split(os.pathsep) if each]
    if target.context is not None or len(paths) < 2:
        return target.context
    for each in filter(os.path.isfile, paths):
        with open(each, encoding="utf-8") as file:
            if name := text(mapping(file.read()), "current-context"):
                return name
    return None


def _words(text: str) -> str:
    return " ".join(text.split())[:300]
