"""CHK, FILE, OUT: what ``checks.ignore``, reading a file and writing the output report."""

from __future__ import annotations

from datetime import date

from hybridc.rules.known import known
from hybridc.rules.rule import ERROR, WARNING, Findings, finding, rule
from hybridc.spec.hole import is_hole
from hybridc.spec.model import Spec


@rule("CHK001", ERROR, by_schema=True, guarded=True)
def ignore_expired() -> None:
    """An acceptance in `checks.ignore` has ended.

    Its `until` is before today. The finding that it covered is accepted no longer, so that somebody decides again.

    Fails::
        checks: {ignore: [{code: OSS018, reason: "until the review", until: 2025-01-31}]}
    Passes::
        checks: {ignore: [{code: OSS018, reason: "reviewed again", until: 2027-06-30}]}

    Source: hybridc.
    """


@rule("CHK002", WARNING, by_schema=True, guarded=True)
def ignore_without_finding() -> None:
    """An entry of `checks.ignore` covers nothing.

    The finding is gone. Left in place, the entry would hide the next one of its kind.

    Fails::
        checks: {ignore: [{code: NET018, reason: "…"}]}      # the spec has no NET018
    Passes::
        checks: {}

    Source: hybridc.
    """


@rule("CHK003", ERROR, by_schema=True, guarded=True)
def ignore_refused() -> None:
    """An entry of `checks.ignore` names what cannot be ignored, or no rule at all.

    Rules that guard secrets or objects of others, violations of the schema and proofs over the output cannot be
    accepted away. A code that no rule has is a warning.

    Fails::
        checks: {ignore: [{code: SEC001, reason: "…"}]}
    Passes::
        checks: {ignore: [{code: OSS018, reason: "…"}]}

    Source: hybridc.
    """


@rule("CHK004", WARNING, guarded=True)
def ignored_twice(spec: Spec) -> Findings:
    """Two entries of `checks.ignore` accept one code.

    Each has a reason and perhaps a last day, and nobody can tell which of them holds.

    Fails::
        checks: {ignore: [{code: OSS018, reason: "reviewed"}, {code: OSS018, reason: "reviewed again"}]}
    Passes::
        checks: {ignore: [{code: OSS018, reason: "reviewed again"}]}

    Source: hybridc.
    """
    seen: set[str] = set()
    for ignore in known(spec.ignores):
        if is_hole(ignore.code):
            continue
        if str(ignore.code) in seen:
            yield finding(ignore.code, f"{ignore.code} is accepted already", "keep one entry")
        seen.add(str(ignore.code))


@rule("CHK005", ERROR, guarded=True)
def no_such_day(spec: Spec) -> Findings:
    """`until` in `checks.ignore` is a day that no calendar has.

    It is compared as a date; nobody can say when 30 February has passed.

    Fails::
        checks: {ignore: [{code: OSS018, reason: "reviewed", until: "2027-02-30"}]}
    Passes::
        checks: {ignore: [{code: OSS018, reason: "reviewed", until: 2027-02-28}]}

    Source: the Gregorian calendar.
    """
    for ignore in known(spec.ignores):
        if is_hole(ignore.until) or ignore.until is None:
            continue
        try:
            date.fromisoformat(str(ignore.until))
        except ValueError:
            yield finding(ignore.until, f"there is no {ignore.until}", "write a day that exists, such as 2027-06-30")


@rule("FILE001", ERROR, by_schema=True, guarded=True)
def no_such_file() -> None:
    """There is no such file.

    A path without a file is a typing error; a file of that folder with a similar name is suggested.

    Fails::
        hybridc validate hybird.yaml
    Passes::
        hybridc validate hybrid.yaml

    Source: hybridc.
    """


@rule("FILE002", ERROR, by_schema=True, guarded=True)
def not_a_file() -> None:
    """The path is a folder, or leads through a file.

    A spec is one file; a folder may hold several, and which is meant nobody can tell.

    Fails::
        hybridc validate examples/guide
    Passes::
        hybridc validate examples/guide/hybrid.yaml

    Source: hybridc.
    """


@rule("FILE003", ERROR, by_schema=True, guarded=True)
def unreadable_file() -> None:
    """The file cannot be read.

    The message says what the operating system said. The exit code is 3: the input may be fine.

    Fails::
        hybridc validate hybrid.yaml      # mode 0000
    Passes::
        hybridc validate hybrid.yaml      # mode 0644

    Source: hybridc.
    """


@rule("OUT001", ERROR, by_schema=True, guarded=True)
def edited_file() -> None:
    """A person has edited a generated file.

    The build stops before it would overwrite that work. Put the change into hybrid.yaml or a pass-through;
    `--force` overwrites.

    Fails::
        an edit in out/<cluster>/kustomize/configmap-eni-config.yaml
    Passes::
        the same edit as terway.extraEniConf

    Source: hybridc.
    """


@rule("OUT002", ERROR, by_schema=True, guarded=True)
def foreign_file() -> None:
    """A file that hybridc did not write stands where it would write one.

    Nothing is overwritten that is not in the inventory of the last build.

    Fails::
        out/<cluster>/SUMMARY.md of another tool
    Passes::
        another file name

    Source: hybridc.
    """


@rule("OUT003", ERROR, by_schema=True, guarded=True)
def damaged_lock() -> None:
    """The lock file of a cluster's folder is damaged.

    It is the inventory: without it nobody knows which files are generated.

    Fails::
        a merge conflict in hybridc.lock.json
    Passes::
        git checkout -- hybridc.lock.json, then build

    Source: hybridc.
    """


@rule("OUT004", ERROR, by_schema=True, guarded=True)
def write_failed() -> None:
    """The output could not be written.

    The old folder is whole, and nothing was changed. The exit code is 3.

    Fails::
        a full disk
    Passes::
        room on the disk

    Source: hybridc.
    """


@rule("OUT005", WARNING, by_schema=True)
def foreign_file_in_the_chart() -> None:
    """A file that hybridc did not write lies in a generated chart.

    Helm renders whatever lies below `templates/`, `charts/` and `crds/`, so it is installed with the rest and no
    review of the spec shows it.

    Fails::
        out/idc-shanghai/chart/templates/mine.yaml
    Passes::
        mine/mine.yaml

    Source: Helm, chart structure.
    """
