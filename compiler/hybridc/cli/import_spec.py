"""``hybridc import``: a draft of hybrid.yaml from what exists, with where each value was seen; read only."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hybridc import exits
from hybridc.cli import cloud, cluster, files, findings
from hybridc.cli.cluster import Where
from hybridc.cli.findings import Findings, FindingsOptions
from hybridc.cli.say import document, note
from hybridc.session import Session

if TYPE_CHECKING:
    from hybridc.cloud.patience import Deadline
    from hybridc.importer.observe import Observed
    from hybridc.importer.seen import Sources
    from hybridc.live.state import State
    from hybridc.source.document import Document


class ImportOptions(NamedTuple):
    """What is looked at, and where the draft goes.

    ``eni_config`` is a file of the ConfigMap or of eni_conf, ``script`` the node script of today; with one of them no
    cluster is read unless one is named. ``update`` is a spec that gets what was seen; ``output`` a file, else stdout,
    which is overwritten when it is the one that is updated, or with ``force``. ``cloud``: Alibaba Cloud is asked about
    the ids that were seen, at ``endpoints``.
    """

    cluster: Where = Where()
    eni_config: str | None = None
    script: str | None = None
    update: str | None = None
    output: str | None = None
    force: bool = False
    findings: FindingsOptions = FindingsOptions()
    cloud: bool = False
    endpoints: Sequence[str] = ()


def arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the verb."""
    cluster.arguments(parser)
    cloud.arguments(parser)
    parser.add_argument(
        "-f", "--eni-config", metavar="FILE", help="a ConfigMap eni-config of Terway, or the JSON of its eni_conf"
    )
    parser.add_argument("--script", metavar="FILE", help="the script that nodes join with today: init-node-ecs.sh")
    parser.add_argument("--update", metavar="SPEC", help="a hybrid.yaml that keeps what was not seen, and its comments")
    parser.add_argument("-o", "--out", metavar="FILE", help="where the spec goes (default: stdout)")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")
    findings.arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The verb with these flags."""
    return import_spec(
        ImportOptions(
            cluster=cluster.options(arguments),
            eni_config=arguments.eni_config,
            script=arguments.script,
            update=arguments.update,
            output=arguments.out,
            force=arguments.force,
            findings=findings.options(arguments),
            cloud=arguments.cloud,
            endpoints=arguments.endpoint,
        )
    )


def import_spec(options: ImportOptions) -> int:
    """Write the draft, and say what was seen and what is left to fill in.

    Exit code 2 for a wrong flag or a file that cannot be read as what it should be, 3 when the world failed.
    """
    if wrong := _wrong(options):
        note(f"hybridc: error: {wrong}")
        return exits.WRONG_INPUT
    shown = Findings(options.findings)
    from hybridc.importer.observe import observe

    sources = _sources(options, shown.session)
    if isinstance(sources, int):
        return max(shown.close(), sources)
    observed = observe(sources)
    _draft(options, observed, shown)
    for each in observed.notes:
        note(cluster.shown(f"note: {each}"))
    return shown.close()


def _wrong(options: ImportOptions) -> str | None:
    read = (options.eni_config, options.script, options.update, options.cluster.kubeconfig)
    inputs = [path for path in read if path is not None]
    prints = "the spec" if options.output is None else ""
    if wrong := cluster.wrong(options.cluster) or findings.wrong(options.findings, inputs, prints):
        return wrong
    if options.output is not None and os.path.isdir(options.output):
        return f"{options.output} is a folder, not a file"
    updates = options.update is not None and options.output is not None and _same(options.update, options.output)
    if options.output is not None and os.path.lexists(options.output) and not (options.force or updates):
        return f"{options.output} exists already; --force overwrites it, --update {options.output} keeps its comments"
    return None


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _sources(options: ImportOptions, session: Session) -> Sources | int:
    """What the flags name, read; or an exit code, when the reason is said or reported."""
    from hybridc.cloud.patience import Deadline
    from hybridc.eni_config.file import read_eni_file
    from hybridc.importer.observe import WANTED, overlays
    from hybridc.importer.seen import Sources
    from hybridc.live.state import State

    data, script = None, None
    if options.eni_config is not None:
        raw = session.read(options.eni_config)
        file, found = read_eni_file(options.eni_config, raw) if raw is not None else (None, [])
        if session.report(found) or file is None:
            return session.code or _no_eni_config(options.eni_config)
        data = {key: part.json.text for key, part in file.parts.items()}
    if options.script is not None:
        raw = session.read(options.script)
        if raw is None:
            return session.code
        script = raw.decode("utf-8", "replace")
    spec = _updated(options, session)
    named = spec.data.get("metadata") if spec is not None and isinstance(spec.data, dict) else None
    name = str(named.get("name", "")) if isinstance(named, dict) else ""
    sources = Sources(None, data, options.eni_config or "", script, options.script or "", name)
    deadline = Deadline(options.cluster.deadline)

    def see(state: State) -> State | int:
        return _with_cloud(options, replace(sources, state=state), spec, deadline) if options.cloud else state

    if options.cluster.named or (data is None and script is None):
        quiet = findings.for_programs(options.findings)
        state = cluster.state(options.cluster, WANTED, follow=overlays, see=see, quiet=quiet)
    elif options.cloud:
        state = see(State(options.eni_config or options.script or ""))
    else:
        return sources
    return state if isinstance(state, int) else replace(sources, state=state)


def _updated(options: ImportOptions, session: Session) -> Document | None:
    """The spec that is updated, for the ids that it has; what is wrong in it is said when it is updated."""
    from hybridc.source.reader import read

    raw = session.read(options.update) if options.update is not None and options.update != "-" else None
    return read(options.update or "", raw)[0] if raw is not None else None


def _with_cloud(options: ImportOptions, sources: Sources, spec: Document | None, deadline: Deadline) -> State | int:
    """The State of the sources, with what Alibaba Cloud says of their ids; or an exit code, when the reason is said."""
    from hybridc.importer.cloud import follow, known
    from hybridc.importer.observe import observe
    from hybridc.live.state import State

    state = sources.state or State("")
    found = known(observe(replace(sources, state=replace(state, cloud=None))).seen, spec)
    if not found.region:
        advice = "say it in a hybrid.yaml, with the ids that are known: --update hybrid.yaml"
        return cloud.failed("nothing that was seen tells the region", advice, exits.WRONG_INPUT)
    seen = cloud.read(cloud.Account(found.account, found.region), found.asked, options.endpoints, deadline, follow)
    return seen if isinstance(seen, int) else replace(state, cloud=seen)


def _no_eni_config(path: str) -> int:
    note(f"hybridc: error: {path} is neither a ConfigMap nor the JSON of eni_conf")
    note("  help: write it with: kubectl -n kube-system get cm eni-config -o yaml")
    return exits.WRONG_INPUT


def _draft(options: ImportOptions, observed: Observed, shown: Findings) -> None:
    from hybridc.importer import draft
    from hybridc.source.reader import read

    if options.update is None:
        text, raw = draft.draft(observed), None
        told = f"{len(observed.seen)} fields were seen"
    else:
        raw = shown.session.read(options.update)
        if raw is None:
            return
        current, found = read(options.update, raw)
        if shown.session.report(found, current):
            return
        text, changed = draft.update(current, observed)
        told = f"{len(observed.seen)} fields were seen, {len(changed)} of them are other ones than in {options.update}"
    _put(options, text, raw, shown)
    left = draft.placeholders(text)
    names = ", ".join(f"<{name}>" for name in left)
    note(f"{told}. " + (f"Replace {len(left)} placeholders: {names}" if left else "No placeholder is left"))


def _put(options: ImportOptions, text: str, raw: bytes | None, shown: Findings) -> None:
    """To stdout, or to the file; what cannot be written is said."""
    if options.output is None:
        document(text)
        return
    updates = options.update is not None and _same(options.update, options.output)
    try:
        files.replace(options.output, text, was=raw if updates else None)
        shown.out(f"{options.output}: written")
    except OSError as error:
        note(f"hybridc: error: cannot write {options.output}: {error.strerror or error}")
        there = os.path.isdir(os.path.dirname(options.output) or ".")
        shown.session.code = max(shown.session.code, exits.WORLD_FAILED if there else exits.WRONG_INPUT)
