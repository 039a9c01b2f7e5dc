"""YAML, SPEC: what the reader and the schema report. Nothing of it can be ignored: there is no spec to build."""

from __future__ import annotations

from hybridc.rules.rule import ERROR, rule


@rule("SPEC001", ERROR, by_schema=True, guarded=True)
def unknown_field() -> None:
    """A field that hybrid.yaml does not have.

    A misspelled key would silently leave the default in place.

    Fails::
        terway: {poolsize: {max: 5}}
    Passes::
        terway: {poolSize: {max: 5}}

    Source: the schema.
    """


@rule("SPEC002", ERROR, by_schema=True, guarded=True)
def missing_field() -> None:
    """A required field is missing.

    There is no default that would be right for every cluster.

    Fails::
        metadata: {}
    Passes::
        metadata: {name: idc-hangzhou}

    Source: the schema.
    """


@rule("SPEC003", ERROR, by_schema=True, guarded=True)
def wrong_type() -> None:
    """A value of the wrong type.

    A number where a string is wanted often means that quotes are missing.

    Fails::
        alibabaCloud: {accountID: 1234567890123456}
    Passes::
        alibabaCloud: {accountID: "1234567890123456"}

    Source: the schema.
    """


@rule("SPEC004", ERROR, by_schema=True, guarded=True)
def no_choice() -> None:
    """A value that is none of the choices.

    Choices are spelled exactly: `Calico` is not `calico`.

    Fails::
        cluster: {cni: {type: Calico}}
    Passes::
        cluster: {cni: {type: calico}}

    Source: the schema.
    """


@rule("SPEC005", ERROR, by_schema=True, guarded=True)
def wrong_form() -> None:
    """A value whose form is not the expected one.

    The systems behind it would refuse it later, or take it for something else.

    Fails::
        metadata: {name: IDC_Hangzhou}
    Passes::
        metadata: {name: idc-hangzhou}

    Source: the schema.
    """


@rule("SPEC006", ERROR, by_schema=True, guarded=True)
def out_of_range() -> None:
    """A number outside of its range.

    The bounds are those of the system that gets it, and the message names them.

    Fails::
        nodeInit: {budgetSeconds: 10}
    Passes::
        nodeInit: {budgetSeconds: 1500}

    Source: the schema.
    """


@rule("SPEC007", ERROR, by_schema=True, guarded=True)
def wrong_count() -> None:
    """A list with too few or too many entries, or with one of them twice.

    An entry that stands twice is usually one that should be another.

    Fails::
        cluster: {nodeCIDRs: []}
    Passes::
        cluster: {nodeCIDRs: [192.168.0.0/24]}

    Source: the schema.
    """


@rule("SPEC008", ERROR, by_schema=True, guarded=True)
def empty_value() -> None:
    """A value that is null or an empty string.

    A field is set or absent; an empty one is usually a template that was not filled in.

    Fails::
        terway: {version: }
    Passes::
        terway: {version: 1.16.8}

    Source: the schema.
    """


@rule("SPEC009", ERROR, by_schema=True, guarded=True)
def condition() -> None:
    """Fields that do not go together.

    The message names them, and the field that decides.

    Fails::
        nodeInit: {mode: managed, os: alinux3}
    Passes::
        nodeInit: {mode: managed}

    Source: the schema.
    """


@rule("SPEC010", ERROR, by_schema=True, guarded=True)
def wrong_format() -> None:
    """The file is not a hybrid.yaml of this version.

    apiVersion and kind say which fields there are; a Kubernetes manifest, for instance, is none.

    Fails::
        apiVersion: v1
    Passes::
        apiVersion: hybridc.dev/v1alpha1

    Source: the schema.
    """


@rule("YAML001", ERROR, by_schema=True, guarded=True)
def syntax() -> None:
    """The file is not YAML.

    The place is where the parser gave up; the mistake is there or just before it.

    Fails::
        podCIDRs: [10.100.0.0/16
    Passes::
        podCIDRs: [10.100.0.0/16]

    Source: YAML 1.2.
    """


@rule("YAML002", ERROR, by_schema=True, guarded=True)
def key_twice() -> None:
    """A key stands twice in one mapping.

    Most parsers take the last one without a word.

    Fails::
        terway: {version: 1.16.8, version: 1.8.18}
    Passes::
        terway: {version: 1.16.8}

    Source: YAML 1.2 §3.2.1.3.
    """


@rule("YAML003", ERROR, by_schema=True, guarded=True)
def anchor() -> None:
    """An anchor or an alias.

    A reader of a diff does not see what an alias stands for, and aliases can blow a file up.

    Fails::
        securityGroups: &groups [sg-1]
    Passes::
        securityGroups: [sg-1]

    Source: hybridc.
    """


@rule("YAML004", ERROR, by_schema=True, guarded=True)
def yaml_tag() -> None:
    """A tag.

    Tags make a reader build other types than the schema knows.

    Fails::
        version: !!str 1.34
    Passes::
        version: "1.34"

    Source: hybridc.
    """


@rule("YAML005", ERROR, by_schema=True, guarded=True)
def second_document() -> None:
    """A second document in the file.

    One file holds one cluster, so that a finding has one place.

    Fails::
        a line ---, and another cluster
    Passes::
        a file for each cluster

    Source: hybridc.
    """


@rule("YAML006", ERROR, by_schema=True, guarded=True)
def large_file() -> None:
    """The file is larger than 1 MiB.

    A spec of one cluster has some hundred lines, so it is another file, or one that was made by accident.

    Fails::
        a manifest bundle
    Passes::
        a spec of some hundred lines

    Source: hybridc.
    """


@rule("YAML007", ERROR, by_schema=True, guarded=True)
def deep_file() -> None:
    """The file is nested deeper than 64 levels.

    No spec needs that, and parsers of others crash on it.

    Fails::
        [[[[[[ …
    Passes::
        at most 64 levels

    Source: hybridc.
    """


@rule("YAML008", ERROR, by_schema=True, guarded=True)
def many_values() -> None:
    """The file holds more than 10,000 values.

    The limit keeps the time for a spec bounded; a spec lists ranges, not pods.

    Fails::
        a list of every pod
    Passes::
        the ranges that pods are in

    Source: hybridc.
    """


@rule("YAML009", ERROR, by_schema=True, guarded=True)
def not_text() -> None:
    """The file is not UTF-8 text, or holds a character that YAML does not allow.

    Two tools would read two different texts.

    Fails::
        a file in GB 18030
    Passes::
        the same file in UTF-8

    Source: YAML 1.2 §5.
    """


@rule("YAML010", ERROR, by_schema=True, guarded=True)
def empty_file() -> None:
    """The file holds no document.

    It is empty, or holds comments only.

    Fails::
        # comments only
    Passes::
        hybridc init > hybrid.yaml

    Source: hybridc.
    """


@rule("YAML011", ERROR, by_schema=True, guarded=True)
def complex_key() -> None:
    """A key that is not a plain string.

    JSON, and with it every tool downstream, knows keys that are strings only.

    Fails::
        ? [a, b] : c
    Passes::
        ab: c

    Source: hybridc.
    """


@rule("YAML012", ERROR, by_schema=True, guarded=True)
def huge_number() -> None:
    """A number that cannot be read without a loss.

    Readers would round it, each in its own way. An id is a string: quote it.

    Fails::
        accountID: 1e999
    Passes::
        accountID: "1234567890123456"

    Source: YAML 1.2 core schema.
    """
