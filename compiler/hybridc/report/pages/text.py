"""What reading a file reports."""

from __future__ import annotations

PAGES = {
    "FILE001": """\
There is no such file.

A path without a file is a typing error; a file of that folder with a similar name is suggested.

Fails::
    hybridc validate hybird.yaml
Passes::
    hybridc validate hybrid.yaml

Source: hybridc.
""",
    "FILE002": """\
The path is a folder, or leads through a file.

A spec is one file; a folder may hold several, and which is meant nobody can tell.

Fails::
    hybridc validate examples/guide
Passes::
    hybridc validate examples/guide/hybrid.yaml

Source: hybridc.
""",
    "FILE003": """\
The file cannot be read.

The message says what the operating system said. The exit code is 3: the input may be fine.

Fails::
    hybridc validate hybrid.yaml      # mode 0000
Passes::
    hybridc validate hybrid.yaml      # mode 0644

Source: hybridc.
""",
    "YAML001": """\
The file is not YAML.

The place is where the parser gave up; the mistake is there or just before it.

Fails::
    podCIDRs: [10.100.0.0/16
Passes::
    podCIDRs: [10.100.0.0/16]

Source: YAML 1.2.
""",
    "YAML002": """\
A key stands twice in one mapping.

Most parsers take the last one without a word.

Fails::
    terway: {version: 1.16.8, version: 1.8.18}
Passes::
    terway: {version: 1.16.8}

Source: YAML 1.2 §3.2.1.3.
""",
    "YAML003": """\
An anchor or an alias.

A reader of a diff does not see what an alias stands for, and aliases can blow a file up.

Fails::
    securityGroups: &groups [sg-1]
Passes::
    securityGroups: [sg-1]

Source: hybridc.
""",
    "YAML004": """\
A tag.

Tags make a reader build other types than the schema knows.

Fails::
    version: !!str 1.34
Passes::
    version: "1.34"

Source: hybridc.
""",
    "YAML005": """\
A second document in the file.

One file holds one cluster, so that a finding has one place.

Fails::
    metadata: {name: idc-hangzhou}
    ---
    metadata: {name: idc-shanghai}
Passes::
    metadata: {name: idc-hangzhou}

Source: hybridc.
""",
    "YAML006": """\
The file is larger than 1 MiB.

A spec of one cluster has some hundred lines, so it is another file, or one that was made by accident.

Fails::
    nodeCIDRs: [192.168.0.0/32, 192.168.0.1/32, …]     # more than 1 MiB of them
Passes::
    nodeCIDRs: [192.168.0.0/24]

Source: hybridc.
""",
    "YAML007": """\
The file is nested deeper than 64 levels, or by keys of more than 2,000 characters together.

No spec needs that, and parsers of others crash on it. Every value is known by the keys that lead to it, so a key as
long as the file would be repeated for each of them.

Fails::
    [[[[[[[[…
Passes::
    [[at most 64 levels]]

Source: hybridc.
""",
    "YAML008": """\
The file holds more than 10,000 values.

The limit keeps the time for a spec bounded; a spec lists ranges, not pods.

Fails::
    podCIDRs: [10.100.0.1/32, 10.100.0.2/32, …]     # every pod
Passes::
    podCIDRs: [10.100.0.0/16]

Source: hybridc.
""",
    "YAML009": """\
The file is not UTF-8 text, or holds a character that YAML does not allow.

Two tools would read two different texts.

Fails::
    region: cn-hangzhou     # 杭州…, in GB 18030
Passes::
    region: cn-hangzhou     # 杭州, in UTF-8

Source: YAML 1.2 §5.
""",
    "YAML010": """\
The file holds no document.

It is empty, or holds comments only.

Fails::
    # comments only
Passes::
    hybridc init > hybrid.yaml

Source: hybridc.
""",
    "YAML011": """\
A key that is not a plain string.

JSON, and with it every tool downstream, knows keys that are strings only.

Fails::
    ? [a, b] : c
Passes::
    ab: c

Source: hybridc.
""",
    "YAML012": """\
A number that cannot be read without a loss.

Readers would round it, each in its own way. An id is a string: quote it.

Fails::
    accountID: 1e999
Passes::
    accountID: "1234567890123456"

Source: YAML 1.2 core schema.
""",
    "YAML013": """\
A text holds the character NUL.

Quoted YAML can write it (`\\0`), and nothing downstream can hold it: a shell script, a file name, an environment
variable, an argument of a program all end there.

Fails::
    hooks: {pre: "echo a\\0b"}
Passes::
    hooks: {pre: "echo ab"}

Source: POSIX, Environment Variables; bash drops it from a here-document.
""",
    "YAML014": """\
A merge conflict that nobody has resolved.

Git wrote both sides into the file. Nothing else is said of it until somebody has chosen. What hybridc wrote needs no
choice: resolve hybrid.yaml, run `hybridc build`, and add `out/`.

Fails::
    <<<<<<< HEAD
    size: {desired: 0, min: 0, max: 10}
    =======
    size: {desired: 0, min: 0, max: 20}
    >>>>>>> more-nodes
Passes::
    size: {desired: 0, min: 0, max: 20}

Source: git-merge(1), How conflicts are presented.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
