"""What the schema reports of any field."""

from __future__ import annotations

PAGES = {
    "SPEC001": """\
A field that hybrid.yaml does not have.

A misspelled key would silently leave the default in place.

Fails::
    terway: {poolsize: {max: 5}}
Passes::
    terway: {poolSize: {max: 5}}

Source: the schema.
""",
    "SPEC002": """\
A required field is missing.

There is no default that would be right for every cluster.

Fails::
    metadata: {name: null}
Passes::
    metadata: {name: idc-shanghai}

Source: the schema.
""",
    "SPEC003": """\
A value of the wrong type.

A number where a string is wanted often means that quotes are missing.

Fails::
    alibabaCloud: {accountID: 1234567890123456}
Passes::
    alibabaCloud: {accountID: "1234567890123456"}

Source: the schema.
""",
    "SPEC004": """\
A value that is none of the choices.

Choices are spelled exactly: `Calico` is not `calico`.

Fails::
    cluster: {cni: {type: Calico}}
Passes::
    cluster: {cni: {type: calico}}

Source: the schema.
""",
    "SPEC005": """\
A value whose form is not the expected one.

The systems behind it would refuse it later, or take it for something else.

Fails::
    metadata: {name: IDC_Hangzhou}
Passes::
    metadata: {name: idc-hangzhou}

Source: the schema.
""",
    "SPEC006": """\
A number outside of its range.

The bounds are those of the system that gets it, and the message names them.

Fails::
    nodeInit: {budgetSeconds: 10}
Passes::
    nodeInit: {budgetSeconds: 1500}

Source: the schema.
""",
    "SPEC007": """\
A list with too few or too many entries, or with one of them twice.

An entry that stands twice is usually one that should be another.

Fails::
    cluster: {nodeCIDRs: []}
Passes::
    cluster: {nodeCIDRs: [192.168.0.0/24]}

Source: the schema.
""",
    "SPEC008": """\
A value that is null or an empty string.

A field is set or absent; an empty one is usually a template that was not filled in.

Fails::
    terway: {version: ""}
Passes::
    terway: {version: 1.16.8}

Source: the schema.
""",
    "SPEC009": """\
Fields that do not go together.

The message names them, and the field that decides.

Fails::
    nodeInit: {mode: managed, os: alinux3, join: null, oss: null}
Passes::
    nodeInit: {mode: managed, join: null, oss: null}

Source: the schema.
""",
    "SPEC010": """\
The file is not a hybrid.yaml of this version.

apiVersion and kind say which fields there are; a Kubernetes manifest, for instance, is none.

Fails::
    apiVersion: v1
Passes::
    apiVersion: hybridc.dev/v1alpha1

Source: the schema.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
